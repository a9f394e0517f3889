/**
 * Bounded counts of paths, remembered for a while. A wrong one costs time, never a result.
 */
import { countAlong } from './path-reads.ts';
import type { Path } from './paths.ts';
import type { Reader } from './reader.ts';

const REMEMBERED_MS = 60_000;
const REMEMBERED_MAX = 10_000;
const NAME_LENGTH_MAX = 1_000;

export interface CountCache {
  count(reader: Reader, path: Path, limit: number): Promise<number>;
  /** Whether something that is named was found to be too long a moment ago. */
  isLong(name: string): boolean;
  tellLong(name: string): void;
}

/** `now` in ms of any clock that goes on. */
export function createCountCache(now: () => number): CountCache {
  const remembered = new Map<string, { readonly count: number; readonly until: number }>();
  const remember = (name: string, count: number): void => {
    if (remembered.size >= REMEMBERED_MAX) remembered.clear();
    if (name.length < NAME_LENGTH_MAX) remembered.set(name, { count, until: now() + REMEMBERED_MS });
  };
  const isKnown = (name: string): boolean => (remembered.get(name)?.until ?? 0) > now();
  const underway = new Map<string, Promise<number>>();
  return {
    async count(reader, path, limit) {
      const name = `${limit} ${JSON.stringify(path, (key, value) => (key === 'part' ? undefined : typeof value === 'bigint' ? String(value) : value))}`;
      const before = remembered.get(name);
      if (before !== undefined && isKnown(name)) return before.count;
      // many who ask for the same at once wait for one count
      const other = underway.get(name);
      if (other !== undefined) return await other.catch(() => survey(reader, path, limit));
      const counting = survey(reader, path, limit).finally(() => underway.delete(name));
      underway.set(name, counting);
      const count = await counting;
      remember(name, count);
      return count;
    },
    isLong: (name) => isKnown(`long ${name}`),
    tellLong: (name) => remember(`long ${name}`, Number.POSITIVE_INFINITY),
  };
}

function survey(reader: Reader, path: Path, limit: number): Promise<number> {
  return countAlong(reader, path, undefined, { limit, isSurvey: true });
}
