/**
 * `passerelle backup FILE`: a copy of the SQLite file, also while a server runs. `passerelle verify [--mend]`:
 * holds the search index against every resource, and repairs it.
 */
import type { Resource } from '../fhir/types.ts';
import type { Postings } from '../search/postings.ts';
import { backupSqlite } from '../storage/sqlite/backup.ts';
import type { Store } from '../storage/store.ts';
import { verifyIndex } from '../storage/verify-index.ts';
import { COMMANDS } from './help.ts';

export type Print = (line: string) => void;

/** @returns the exit code */
export async function backup(path: string, args: readonly string[], print: Print): Promise<number> {
  const [target] = args;
  if (target === undefined || args.length > 1) {
    print(`Usage: ${COMMANDS.backup.usage}`);
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
const PROGRESS_MS = 2_000;

export interface VerifyIo {
  readonly print: Print;
  /** Progress of a long run. */
  readonly tell: Print;
}

/** @returns the exit code: 1 when something differs and was not mended */
export async function verify(
  { store, extract }: IndexedStore,
  args: readonly string[],
  { print, tell }: VerifyIo,
): Promise<number> {
  const mend = args.includes('--mend');
  if (args.some((one) => one !== '--mend')) {
    print(`Usage: ${COMMANDS.verify.usage}`);
    return 2;
  }
  let shown = 0;
  const { resources } = await store.status();
  const extractAndTell = tellingProgress(extract, resources, tell);
  const { compared, different, damaged } = await verifyIndex(store, extractAndTell, {
    mend,
    onDifference({ type, id, missing, extra }) {
      if (++shown > DIFFERENCES_SHOWN) return;
      print(
        `${nameOf(type, id)}: ${missing.length} index entries are missing, ${extra.length} should not be there${listed([...missing, ...extra])}`,
      );
    },
  });
  const verdict =
    different === 0 && damaged === 0
      ? 'the index agrees with all'
      : `${different} differ${mend && damaged === 0 ? ', mended' : ''}`;
  print(`${compared} resources compared: ${verdict}.`);
  if (damaged > 0) {
    print(
      'What is stored is damaged, which nothing mends: restore the last backup, docs/durability.md tells how.',
    );
    return 1;
  }
  if (different > 0 && !mend) print('Run it again with --mend to repair the index.');
  return different > 0 && !mend ? 1 : 0;
}

function nameOf(type: string, id: string): string {
  if (type === '') return 'The store';
  return id === '' ? type : `${type}/${id}`;
}

/** Entries of postings are told by number, they may hold what is in a resource; lists by what they are of. */
function listed(entries: readonly string[]): string {
  const lists = new Set(entries.filter((one) => !/\d/.test(one)));
  return lists.size === 0 ? '' : ` (${[...lists].join(', ')})`;
}

/** Each resource is extracted once, so that counts the work. */
function tellingProgress(
  extract: IndexedStore['extract'],
  resources: number,
  tell: Print,
): IndexedStore['extract'] {
  let compared = 0;
  const startedMs = performance.now();
  let toldMs = startedMs;
  return (resource) => {
    compared++;
    if (performance.now() - toldMs > PROGRESS_MS) {
      toldMs = performance.now();
      const perSecond = Math.round((1000 * compared) / (toldMs - startedMs));
      const leftSeconds = Math.round(Math.max(0, resources - compared) / Math.max(perSecond, 1));
      tell(`${compared} of ${resources} compared, ${perSecond} a second, about ${leftSeconds} s left`);
    }
    return extract(resource);
  };
}
