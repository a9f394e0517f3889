/**
 * What was written since something was found out about a search: with these resources looked at again, what is kept
 * holds at any moment.
 */
import { firstPositionOf, timeOf } from './commit-clock.ts';
import { allOf, type Condition, partsOf } from './conditions.ts';
import { IN_PLACE } from './in-place.ts';
import type { SearchContext } from './joins.ts';
import { WRITING_MS_MAX } from './kept-totals.ts';
import type { Reader } from './reader.ts';
import { timesScan } from './scans.ts';

export interface AskedMatches {
  readonly types: readonly string[];
  readonly condition: Condition;
  readonly context: SearchContext;
}

export interface Present {
  /** ms since any moment. */
  readonly elapsed: () => number;
  /** Reads the store as it is now, whatever the moment of the page. */
  readonly present: Reader;
  /** The newest position when the first page was read; absent for the first page. */
  readonly latest?: bigint | undefined;
}

/** Positions that a write which began by then may still be given are at or after this one. */
export function mayStillCome(timeMs: number): bigint {
  return firstPositionOf(timeMs - WRITING_MS_MAX);
}

/** The first position of what a page cannot know from what was found at another moment than its own. */
export function earliest(from: bigint, latest: bigint | undefined): bigint {
  if (latest === undefined) return from;
  const then = mayStillCome(timeOf(latest));
  return then < from ? then : from;
}

/** Without the moment that a page shows, which is told by what it reads. */
export function timeless(condition: Condition): Condition {
  return allOf(partsOf(condition).filter(({ kind }) => kind !== 'until'));
}

export interface Written {
  readonly key: string;
  readonly position: bigint;
}

/** What was written at a position or later, as it stands now; undefined when it is too much. */
export async function writtenSince(
  { types, context }: AskedMatches,
  reader: Reader,
  position: bigint,
): Promise<readonly Written[] | undefined> {
  const { match, hint } = timesScan(types);
  const { changedMax } = context.limits;
  const found = await reader.find(
    { ...match, c: { $gte: position } },
    { projection: { _id: 1, c: 1 }, sort: { c: -1 }, limit: changedMax + 1, hint },
  );
  return found.length > changedMax ? undefined : found.map(({ _id, c }) => ({ key: _id, position: c }));
}

/** Of the last write that a reader sees; 0 before the first one. */
export async function newestPosition({ types }: AskedMatches, reader: Reader): Promise<bigint> {
  const { match, hint } = timesScan(types);
  const [newest] = await reader.find(match, { projection: { c: 1 }, sort: { c: -1 }, limit: 1, hint });
  return newest?.c ?? 0n;
}

export async function changesInPlace(reader: Reader): Promise<number> {
  return Number((await reader.setting(IN_PLACE)) ?? 0);
}
