/**
 * Reading candidates in the order of the search, in chunks that grow, until a page is full.
 */

import type { Candidate } from './candidate.ts';
import { type Hit, hitOf, readVersion } from './hits.ts';
import { keptBehind } from './kept-hits.ts';
import { groupName, keepOrder } from './kept-orders.ts';
import type { Meter } from './meter.ts';
import {
  comparePositions,
  LEAST_RID,
  MOST_RID,
  type OrderKey,
  type Position,
  type SortValue,
} from './order.ts';
import type { Test } from './predicate.ts';
import type { SortNames } from './sort-names.ts';
import type { View } from './view.ts';

export interface Chunk {
  /** In order, those that the index could not rule out. */
  readonly candidates: readonly Candidate[];
  /** Of the last row read; undefined at the end of the segment. */
  readonly end: Position | undefined;
}

/** A stretch of the order; segments follow one another. */
export interface Segment {
  /** For explain. */
  sql(): string;
  /**
   * Reads `size` index rows behind a position, which may lie in another segment; their texts too where it can. Where all
   * that matches is known, no more than are wanted.
   */
  read(after: Position | undefined, size: number, withTexts?: boolean, wanted?: number): Chunk;
  /** To be told where few of those that it reads match: it may find out all that do. `rows`: how many the page may take else. */
  readonly narrow?: (effort: NarrowEffort, rows: number) => void;
  /** Whether nearly all that it reads matches, so that a page needs no more than it shows. */
  readonly isSure?: () => boolean;
  /** Whether it then passes over more rows the more it is asked for. */
  readonly looksAhead?: boolean;
  /** The same where the index decides, so that every row is a hit and comes with its text; in natural order. */
  readonly readHits?: ((after: Position | undefined, size: number) => HitChunk) | undefined;
}

/** No more than to remember it, what one page is worth, what many are, or what nothing else will answer. */
export type NarrowEffort = 'none' | 'once' | 'many' | 'all';

export interface HitChunk {
  readonly hits: readonly Hit[];
  readonly end: Position | undefined;
}

/** Everything in the segments, untested. */
export function* allCandidates(
  segments: readonly Segment[],
  { view, meter }: { readonly view: View; readonly meter: Meter },
): Iterable<Candidate> {
  const { chunkMax } = view.limits;
  for (const segment of segments) {
    let from: Position | undefined;
    do {
      meter.spend(chunkMax);
      const { candidates, end } = segment.read(from, chunkMax);
      yield* candidates;
      from = end;
    } while (from !== undefined);
  }
}

export interface StreamOptions {
  readonly segments: readonly Segment[];
  readonly view: View;
  readonly sort: readonly OrderKey[];
  readonly names: SortNames;
  readonly meter: Meter;
  readonly test: Test;
  /** Under which what it finds is remembered. */
  readonly name: string | undefined;
  /** Rows of the first chunk. */
  readonly firstSize: number;
  /** Hits come after it. */
  readonly after: Position | undefined;
  /** Hits come after all that have this value of the first key, instead. */
  readonly behind?: { readonly value: SortValue } | undefined;
  /** Whether so many resources with one value of the first key are better read in another way. */
  readonly isLarge: (value: SortValue) => boolean;
  /** Kept up to date: everything up to here has been looked at. */
  readonly progress: { behind: Position | undefined };
}

/** Thrown when too many resources have the same first value to be put in order by the others. */
export class GroupTooLarge extends Error {
  readonly value: SortValue;
  constructor(value: SortValue) {
    super('too many resources have the same first value');
    this.name = 'GroupTooLarge';
    this.value = value;
  }
}

/**
 * Hits in order.
 * @throws BudgetSpent, GroupTooLarge
 */
export function streamHits(options: StreamOptions): Iterable<Hit> {
  return options.sort.length === 1 ? streamByOne(options) : streamByGroups(options);
}

function* streamByOne(options: StreamOptions): Iterable<Hit> {
  const { after, sort } = options;
  const compare = comparePositions(sort);
  for (const hit of hitsBehind(options, after)) {
    if (after === undefined || compare(hit.position, after) > 0) yield hit;
  }
}

/** Equal first values are collected, ordered by all keys, then given out. */
function* streamByGroups(options: StreamOptions): Iterable<Hit> {
  const { after, behind, sort, isLarge, firstSize } = options;
  const { connection, limits } = options.view;
  const { groupMax } = limits;
  const compare = comparePositions(sort);
  const inOrder = (group: Hit[]): Hit[] => {
    group.sort((a, b) => compare(a.position, b.position));
    const name = groupName(options.name, group[0]?.position.values[0] as SortValue);
    // what one page shows is put in order as soon as it is looked up
    if (name !== undefined && group.length > firstSize) {
      keepOrder(
        connection,
        name,
        group.map(({ rid }) => rid),
      );
    }
    return after === undefined ? group : group.filter((hit) => compare(hit.position, after) > 0);
  };
  const [before, last] = sort[0]?.descending === true ? [MOST_RID, LEAST_RID] : [LEAST_RID, MOST_RID];
  let start: Position | undefined =
    behind === undefined
      ? after && { values: after.values, rid: before }
      : { values: [behind.value], rid: last };
  if (behind === undefined && after !== undefined) {
    const [value] = after.values as [SortValue];
    const rest = keptBehind(groupName(options.name, value), after, options, 'indexed');
    if (rest !== undefined) {
      yield* rest;
      start = { values: [value], rid: last };
    }
  }
  let group: Hit[] = [];
  for (const hit of hitsBehind(options, start)) {
    if (group.length > 0 && group[0]?.position.values[0] !== hit.position.values[0]) {
      yield* inOrder(group);
      group = [];
    }
    group.push(hit);
    if (group.length === GROUP_ASKED || group.length > groupMax) {
      const value = hit.position.values[0] as SortValue;
      if (group.length > groupMax || isLarge(value)) throw new GroupTooLarge(value);
    }
  }
  yield* inOrder(group);
}

const LIKELY_MIN = 4;
/** Rows for each hit from which on more and more are read at once. */
const SPARSE = 4;
/** Rows of the first chunk at most: what a page of a thousand may show is seldom there, and would count as looked at. */
const FIRST_MAX = 200;
/** Resources with one value of the first key from which on it is asked whether there are many. */
const GROUP_ASKED = 32;

/** Rows after which finding out all that match is worth what many pages are, and whatever it takes. */
const READ_MANY = 2_000;
const READ_ALL = 8_000;

function effortAfter(rows: number, isGoingOn: boolean): NarrowEffort {
  if (rows >= READ_ALL) return 'all';
  return isGoingOn || rows >= READ_MANY ? 'many' : 'once';
}

function* hitsBehind(
  { segments, view, sort, names, meter, test, firstSize, progress }: StreamOptions,
  start: Position | undefined,
): Iterable<Hit> {
  let size = Math.min(firstSize, FIRST_MAX);
  let found = 0;
  let seen = 0;
  for (const segment of segments) {
    let from = start;
    for (;;) {
      const read = sort.length === 1 ? segment.readHits : undefined;
      const isSure = read !== undefined || (sort.length === 1 && segment.isSure?.() === true);
      const rows = isSure ? size : Math.max(size, view.limits.chunkMin);
      meter.spend(rows);
      let end: Position | undefined;
      let isAny = false;
      if (read !== undefined) {
        const chunk = read(from, rows);
        yield* chunk.hits;
        found += chunk.hits.length;
        end = chunk.end;
      } else {
        const wanted = sort.length === 1 ? Math.max(firstSize - found, LIKELY_MIN) : rows;
        const chunk = segment.read(from, rows, sort.length === 1, wanted);
        isAny = chunk.candidates.length > 0;
        for (const one of chunk.candidates) {
          if (!test(one)) continue;
          found++;
          yield { ...hitOf(one, sort, names), ...readVersion(one, view) };
        }
        end = chunk.end;
      }
      if (end === undefined) break;
      from = end;
      progress.behind = end;
      seen += rows;
      if (seen >= view.limits.triedFirst && found * SPARSE * 2 < seen)
        segment.narrow?.(effortAfter(seen, start !== undefined), (firstSize * seen) / Math.max(found, 1));
      if (
        (segment.looksAhead !== true || isAny) &&
        sort.length === 1 &&
        found < firstSize &&
        segment.isSure?.() === true
      ) {
        size = firstSize - found;
        continue;
      }
      // groups end somewhere: to read on fast would be to read too much
      if (sort.length > 1 && found * SPARSE > seen) continue;
      // as many as are likely to fill the page when it goes on as it began
      const likely = Math.ceil(((firstSize - found) * seen * 1.25) / found) + LIKELY_MIN;
      const most = Math.min(rows * 4, view.limits.chunkMax);
      size = found > 0 && found < firstSize ? Math.min(likely, most) : Math.max(rows, most);
    }
  }
}
