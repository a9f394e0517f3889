/**
 * `passerelle backup FILE`: a copy of the SQLite file, also while a server runs. `passerelle verify [--mend]`:
 * holds the search index against every resource, and repairs it.
 */
import type { Resource } from '../fhir/types.ts';
import type { Postings } from '../search/postings.ts';
import { backupSqlite } from '../storage/sqlite/backup.ts';
import type { Store } from '../storage/store.ts';
import { verifyIndex } from '../storage/verify-index.ts';

export type Print = (line: string) => void;

/** @returns the exit code */
export async function backup(path: string, args: readonly string[], print: Print): Promise<number> {
  const [target] = args;
  if (target === undefined || args.length > 1) {
    print('Usage: passerelle backup FILE');
    return 2;
  }
  try {
    await backupSqlite(path, target);
  } catch (error) {
    print(`The backup failed: ${(error as Error).message}`);
    return 1;
  }
  print(`${target} is a complete copy; a server can be started on it.`);
  return 0;
}

export interface IndexedStore {
  readonly store: Store;
  readonly extract: (resource: Resource) => Postings;
}

const DIFFERENCES_SHOWN = 20;

/** @returns the exit code: 1 when something differs and was not mended */
export async function verify(
  { store, extract }: IndexedStore,
  args: readonly string[],
  print: Print,
): Promise<number> {
  const mend = args.includes('--mend');
  if (args.some((one) => one !== '--mend')) {
    print('Usage: passerelle verify [--mend]');
    return 2;
  }
  let shown = 0;
  const { compared, different } = await verifyIndex(store, extract, {
    mend,
    onDifference({ type, id, missing, extra }) {
      if (++shown > DIFFERENCES_SHOWN) return;
      print(
        `${type}/${id}: ${missing.length} index entries are missing, ${extra.length} should not be there`,
      );
    },
  });
  const verdict =
    different === 0 ? 'the index agrees with all' : `${different} differ${mend ? ', mended' : ''}`;
  print(`${compared} resources compared: ${verdict}.`);
  if (different > 0 && !mend) print('Run it again with --mend to repair the index.');
  return different > 0 && !mend ? 1 : 0;
}
