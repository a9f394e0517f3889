/**
 * A path as scans of indexes: a match document for each, and the index that MongoDB is told to take for it.
 */
import { INDEX_ID, INDEX_K, INDEX_LIST, INDEX_SELF, INDEX_TIME, INDEX_TYPE_TIME } from './connect.ts';
import { andOf, boundsMatch, type Match, typesMatch } from './filters.ts';
import { type KeyRange, memberOf, memberValue } from './index-keys.ts';
import { orderKeyFrom } from './order-key.ts';
import type { Path, TypeStretch } from './paths.ts';

/** One scan of an index. */
export interface Scan {
  readonly match: Match;
  /** Name of the index. */
  readonly hint: string;
}

/** Scans that a path is read with at most. */
const SCANS_MAX = 8;

/** Resources that have one of the keys, through the index. */
export function listsMatch(keys: readonly string[]): Match {
  const values = keys.map(memberValue);
  return { [memberOf(keys)]: values.length === 1 ? values[0]! : { $in: values } } as Match;
}

function rangeMatch({ gte, lt }: KeyRange): Match {
  return { k: { $elemMatch: { $gte: gte, $lt: lt } } };
}

function stretchMatch({ type, from, to }: TypeStretch): Match {
  const bounds = {
    ...(from !== undefined && { $gte: orderKeyFrom(from) }),
    ...(to !== undefined && { $lt: orderKeyFrom(to) }),
  };
  return { l: type, ...boundsMatch('o', bounds) } as Match;
}

/** The list of the types, or of all, in the order of updates. */
export function timesScan(types: readonly string[]): Scan {
  return types.length === 0
    ? { match: {}, hint: INDEX_TIME }
    : { match: typesMatch(types), hint: INDEX_TYPE_TIME };
}

/** What the path finds: no resource twice. */
export function scansOf(path: Path): readonly Scan[] {
  switch (path.kind) {
    case 'keys':
      return [{ match: listsMatch(path.keys), hint: listsHint(path.keys) }];
    case 'ranges':
      return scansOfRanges(path);
    case 'ids':
      return [{ match: { _id: { $in: [...path.ids] } }, hint: INDEX_ID }];
    case 'times': {
      const bound = {
        ...(path.gte !== undefined && { $gte: path.gte }),
        ...(path.lt !== undefined && { $lt: path.lt }),
      };
      const { match, hint } = timesScan(path.types);
      return [{ match: { ...match, ...boundsMatch('c', bound) }, hint }];
    }
  }
}

function scansOfRanges({ ranges, keys, stretches = [] }: Path & { kind: 'ranges' }): readonly Scan[] {
  const alternatives = ranges.map(rangeMatch);
  if (keys.length > 0) alternatives.unshift(listsMatch(keys));
  const scans = stretches.map((stretch) => ({ match: stretchMatch(stretch), hint: INDEX_LIST }));
  // beyond a few, one scan of several ranges is better than several scans
  const others = alternatives.length > SCANS_MAX ? [{ $or: alternatives }] : alternatives;
  scans.push(...others.map((match) => ({ match, hint: INDEX_K })));
  return scans.map(({ match, hint }, index) => {
    const before = scans.slice(0, index).map((scan) => scan.match);
    return { match: before.length === 0 ? match : andOf(match, { $nor: before }), hint };
  });
}

export function listsHint(keys: readonly string[]): string {
  return { h: INDEX_SELF, k: INDEX_K, l: INDEX_LIST }[memberOf(keys)];
}
