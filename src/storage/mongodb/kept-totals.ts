/**
 * Totals that were counted, kept in memory for as long as nothing that they could depend on has been written, by
 * whichever process. Positions are not written in their order: a version may become visible after a later one, so it
 * takes more than the newest position to know that nothing has changed.
 * https://hl7.org/fhir/R4/search.html#total
 */
import type { SearchQuery } from '../../search/query.ts';
import { createRecent } from '../recent.ts';
import { looksFurther, totalKey } from '../total-key.ts';
import { firstPositionOf } from './commit-clock.ts';
import { INDEX_TIME, INDEX_TYPE_TIME } from './connect.ts';
import type { Match } from './filters.ts';
import { IN_PLACE } from './in-place.ts';
import type { Reader } from './reader.ts';

export interface Total {
  readonly value: number;
  readonly exact: boolean;
}

export interface KeptTotals {
  /** The total of a query as `reader` sees the store: `count` is asked when none is kept that still holds. */
  of(query: SearchQuery, reader: Reader, isExact: boolean, count: () => Promise<Total>): Promise<Total>;
}

/** What there was to see when a total was counted. */
interface Marks {
  /** Positions after this one are in `seen`. */
  readonly from: bigint;
  readonly seen: ReadonlySet<bigint>;
  /** How often resources had been changed without a new version. */
  readonly inPlace: number;
}

interface Kept extends Marks {
  readonly total: Total;
}

const KEPT_MAX = 2_000;
/**
 * A position is taken before its write begins, and a write that does not end in this time is given up: MongoDB's
 * bound on transactions is 60 s. Clocks of servers may differ by what is left.
 */
export const WRITING_MS_MAX = 90_000;
/** Versions of that time; with more a total is not kept. */
const SEEN_MAX = 500;

/** `now` is the clock of positions, ms since the epoch. */
export function createKeptTotals(now: () => number): KeptTotals {
  const kept = createRecent<Kept>({ countMax: KEPT_MAX });
  return {
    async of(query, reader, isExact, count) {
      const key = totalKey(query);
      if (key === undefined) return await count();
      const known = kept.get(key);
      if (known !== undefined && (known.total.exact || !isExact) && (await holds(reader, query, known))) {
        return known.total;
      }
      // what is written while it is counted is a change to the marks
      const marks = await marksOf(reader, query, firstPositionOf(now() - WRITING_MS_MAX));
      const total = await count();
      if (marks !== undefined) kept.put(key, { ...marks, total });
      return total;
    },
  };
}

async function holds(reader: Reader, query: SearchQuery, { from, seen, inPlace }: Kept): Promise<boolean> {
  const [positions, changed] = await Promise.all([
    positionsAfter(reader, query, from, seen.size + 1),
    changesInPlace(reader),
  ]);
  return changed === inPlace && positions.every((position) => seen.has(position));
}

async function marksOf(reader: Reader, query: SearchQuery, from: bigint): Promise<Marks | undefined> {
  const inPlace = await changesInPlace(reader);
  const seen = await positionsAfter(reader, query, from, SEEN_MAX + 1);
  return seen.length > SEEN_MAX ? undefined : { from, seen: new Set(seen), inPlace };
}

/** Of what a total can depend on. */
async function positionsAfter(
  reader: Reader,
  { types, where }: SearchQuery,
  position: bigint,
  limit: number,
): Promise<readonly bigint[]> {
  const [only] = types;
  const isOfType = types.length === 1 && !looksFurther(where);
  const filter = { ...(isOfType && { t: only }), c: { $gt: position } } as Match;
  const found = await reader.find(filter, {
    projection: { _id: 0, c: 1 },
    sort: { c: -1 },
    limit,
    hint: isOfType ? INDEX_TYPE_TIME : INDEX_TIME,
  });
  return found.map(({ c }) => c);
}

async function changesInPlace(reader: Reader): Promise<number> {
  return Number((await reader.setting(IN_PLACE)) ?? 0);
}
