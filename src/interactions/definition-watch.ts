/**
 * Sees definitions that other servers of the same database have written, by asking for their history now
 * and then.
 * https://hl7.org/fhir/R4/http.html#history
 */
import { parseStored } from '../fhir/json.ts';
import type { Store, StoredVersion } from '../storage/store.ts';
import type { DefinitionChange } from './context.ts';
import { DEFINITION_TYPES } from './package-resources.ts';

export interface DefinitionWatch {
  /** Looks once. Own writes come back too; `apply` knows their versions. */
  poll(): Promise<void>;
  /** Looks again and again until stopped. */
  start(intervalMs: number, onFault: (error: unknown) => void): void;
  stop(): void;
}

/** Clocks of several servers differ a little, so each look overlaps the one before. */
const OVERLAP_MS = 10_000;
const PAGE = 100;

/**
 * `since` in ms: what is older has been read already. `follow` looks for packages kept since, which definitions may
 * build on.
 */
export function createDefinitionWatch(
  store: Store,
  since: number,
  apply: (changes: readonly DefinitionChange[]) => void,
  follow: (since: number) => Promise<void> = async () => {},
): DefinitionWatch {
  let from = since - OVERLAP_MS;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const poll = async (): Promise<void> => {
    let newest = from;
    await follow(from);
    const changes: DefinitionChange[] = [];
    for (const type of DEFINITION_TYPES) {
      for (const version of await historySince(store, type, from)) {
        newest = Math.max(newest, version.lastUpdated - OVERLAP_MS);
        changes.push(toChange(version));
      }
    }
    from = newest;
    if (changes.length > 0) apply(changes);
  };
  return {
    poll,
    start(intervalMs, onFault) {
      const again = () => {
        if (isStopped) return;
        timer = setTimeout(() => void poll().catch(onFault).finally(again), intervalMs);
        timer.unref();
      };
      again();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** Oldest first. */
async function historySince(store: Store, type: string, since: number): Promise<readonly StoredVersion[]> {
  const found: StoredVersion[] = [];
  let after: string | undefined;
  do {
    const page = await store.history({ level: 'type', type }, { limit: PAGE, since, after, ascending: true });
    found.push(...page.rows.filter(({ damaged }) => damaged !== true));
    after = page.next;
  } while (after !== undefined);
  return found;
}

function toChange({ type, id, versionId, deleted, json }: StoredVersion): DefinitionChange {
  return { type, id, versionId, resource: deleted ? undefined : parseStored(json) };
}
