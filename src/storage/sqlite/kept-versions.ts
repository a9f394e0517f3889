/**
 * Current versions that were read lately, so that what is asked for again and again costs no look into the file. Only this
 * process writes the file (file-lock.ts), so it knows every change: what a write names is forgotten before the
 * write leaves for the writing thread, and is kept again only by reads that begin after its answer has come.
 */
import type { ResourceKey, StoredVersion } from '../store.ts';

export interface KeptVersions {
  get(type: string, id: string): StoredVersion | undefined;
  /** To be called in the turn of the event loop in which the version was read. */
  keep(version: StoredVersion): void;
  /** Keeps nothing of these while `work` is under way, which must not throw before it gives a promise. */
  during<Result>(keys: readonly ResourceKey[], work: () => Promise<Result>): Promise<Result>;
}

/** `charsMax`: of all texts together; 0 keeps nothing. The oldest go first. */
export function createKeptVersions(charsMax: number): KeptVersions {
  const kept = new Map<string, StoredVersion>();
  /** How many writes are under way. */
  const changing = new Map<string, number>();
  let chars = 0;
  const forget = (key: string): void => {
    const version = kept.get(key);
    if (version === undefined) return;
    kept.delete(key);
    chars -= sizeOf(version);
  };
  return {
    get: (type, id) => kept.get(`${type}/${id}`),
    keep(version) {
      const key = `${version.type}/${version.id}`;
      const size = sizeOf(version);
      // one long text must not drive out all others
      if (changing.has(key) || size > charsMax / 16) return;
      forget(key);
      kept.set(key, version);
      chars += size;
      while (chars > charsMax) forget(kept.keys().next().value as string);
    },
    // not an async function, which would keep what `work` needs only to begin
    during(keys, work) {
      const names = keys.map(({ type, id }) => `${type}/${id}`);
      for (const name of names) {
        changing.set(name, (changing.get(name) ?? 0) + 1);
        forget(name);
      }
      return work().finally(() => {
        for (const name of names) {
          const others = (changing.get(name) as number) - 1;
          if (others === 0) changing.delete(name);
          else changing.set(name, others);
        }
      });
    },
  };
}

/** What an entry takes beside its text counts too, so that the number of short ones is bounded. */
const ENTRY_CHARS = 200;

function sizeOf({ json }: StoredVersion): number {
  return json.length + ENTRY_CHARS;
}
