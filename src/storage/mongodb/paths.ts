/**
 * Ways into the index. Each part of a condition that an index can narrow gives a path; every path finds at least
 * what its part matches, and the whole condition is checked on what it finds. The planner is ours: MongoDB is told
 * which path to take.
 */
import { latitudeBand } from '../../search/near.ts';
import { type Condition, type Plain, partsOf } from './conditions.ts';
import { INDEX_ID, INDEX_K, INDEX_TIME, INDEX_TYPE_TIME } from './connect.ts';
import { resourceKey } from './documents.ts';
import { type Match, updatedRange } from './filters.ts';
import {
  dateRange,
  type KeyRange,
  kindRange,
  LIVE_KEY,
  NARROW_DATE_MS,
  narrowNumberReach,
  numberRange,
  paramRange,
  textRange,
  typeKey,
  wideDateKey,
  wideNumberKey,
} from './index-keys.ts';

export type Path =
  /** Lists of the index, each in its order, which can be merged. */
  | { readonly kind: 'keys'; readonly keys: readonly string[]; readonly part?: Condition }
  /** Ranges of the index and some lists beside them, in no order. */
  | { readonly kind: 'ranges'; readonly ranges: readonly KeyRange[]; readonly keys: readonly string[] }
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  | {
      readonly kind: 'times';
      readonly types: readonly string[];
      readonly gte?: bigint;
      readonly lt?: bigint;
    };

const EARLIEST = -8.64e15;
const LATEST = 8.64e15;

/** Point lists that MongoDB merges in order; beyond it explodes no `$in` for a sort. */
export const MERGED_KEYS_MAX = 200;

/** Scans that a path is read with at most. */
const SCANS_MAX = 8;

/** Every resource of the types, in the order of the index. */
export function wholePath(types: readonly string[]): Path & { kind: 'keys' } {
  return { kind: 'keys', keys: types.length === 0 ? [LIVE_KEY] : types.map(typeKey) };
}

/** The paths of a condition, best guesses first: exact terms and ids before ranges. */
export function pathsOf(condition: Condition, types: readonly string[]): readonly Path[] {
  const paths = partsOf(condition).flatMap((part) => pathOf(part, types) ?? []);
  const rank: Record<Path['kind'], number> = { ids: 0, keys: 1, ranges: 2, times: 3 };
  return paths.sort((a, b) => rank[a.kind] - rank[b.kind]);
}

/** Resources that have one of the keys, through the index. */
export function listsMatch(keys: readonly string[]): Match {
  return { k: keys.length === 1 ? keys[0]! : { $in: [...keys] } } as Match;
}

export function rangeMatch({ gte, lt }: KeyRange): Match {
  return { k: { $elemMatch: { $gte: gte, $lt: lt } } };
}

/**
 * What the path finds, as match documents that each use one scan of the index of `hintOf`. No resource matches two
 * of them.
 */
export function pathMatches(path: Path): readonly Match[] {
  switch (path.kind) {
    case 'keys':
      return [listsMatch(path.keys)];
    case 'ranges': {
      const alternatives = path.ranges.map(rangeMatch);
      if (path.keys.length > 0) alternatives.unshift(listsMatch(path.keys));
      // beyond a few, one scan of several ranges is better than several scans
      if (alternatives.length > SCANS_MAX) return [{ $or: alternatives }];
      return alternatives.map((match, index) =>
        index === 0 ? match : ({ $and: [match, { $nor: alternatives.slice(0, index) }] } as Match),
      );
    }
    case 'ids':
      return [{ _id: { $in: [...path.ids] } }];
    case 'times': {
      const bound = {
        ...(path.gte !== undefined && { $gte: path.gte }),
        ...(path.lt !== undefined && { $lt: path.lt }),
      };
      const time: Match = Object.keys(bound).length === 0 ? {} : { c: bound };
      if (path.types.length === 0) return [time];
      return [{ t: path.types.length === 1 ? path.types[0]! : { $in: [...path.types] }, ...time }];
    }
  }
}

export function hintOf(path: Path): string {
  switch (path.kind) {
    case 'ids':
      return INDEX_ID;
    case 'times':
      return path.types.length === 0 ? INDEX_TIME : INDEX_TYPE_TIME;
    default:
      return INDEX_K;
  }
}

function pathOf(part: Condition, types: readonly string[]): Path | undefined {
  switch (part.kind) {
    case 'keys':
      return { kind: 'keys', keys: part.keys, part };
    case 'any':
      return unionOf(part.of.map((one) => bestOf(one, types)));
    case 'all':
      return bestOf(part, types);
    case 'not':
    case 'until':
      return undefined;
    case 'open': {
      if (part.predicate.kind !== 'near') return undefined;
      const { k, latitude, radiusM } = part.predicate;
      const band = latitudeBand(latitude, radiusM);
      return { kind: 'ranges', ranges: [numberRange(k, band.lo, band.hi)], keys: [] };
    }
    default:
      return plainPath(part, types);
  }
}

/** The path of a nested part: the first of its AND that has one. */
function bestOf(condition: Condition, types: readonly string[]): Path | undefined {
  return pathsOf(condition, types)[0];
}

/** All paths at once, when each alternative has one that is in the index of keys. */
function unionOf(paths: readonly (Path | undefined)[]): Path | undefined {
  const ranges: KeyRange[] = [];
  const keys: string[] = [];
  for (const path of paths) {
    if (path?.kind !== 'keys' && path?.kind !== 'ranges') return undefined;
    keys.push(...path.keys);
    if (path.kind === 'ranges') ranges.push(...path.ranges);
  }
  const distinct = [...new Set(keys)];
  return ranges.length === 0 ? { kind: 'keys', keys: distinct } : { kind: 'ranges', ranges, keys: distinct };
}

function plainPath(part: Plain, types: readonly string[]): Path | undefined {
  switch (part.kind) {
    case 'text':
      return { kind: 'ranges', ranges: [textRangeOf(part)], keys: [] };
    case 'date':
      return datePath(part);
    case 'number':
      return numberPath(part);
    case 'present':
      return { kind: 'ranges', ranges: [paramRange(part.k)], keys: [] };
    case 'id':
      if (types.length === 0) return undefined;
      return { kind: 'ids', ids: types.flatMap((type) => part.ids.map((id) => resourceKey(type, id))) };
    case 'type':
      return { kind: 'keys', keys: part.types.map(typeKey), part };
    case 'updated': {
      const range = updatedRange(part.prefix, part.lo, part.hi);
      return range === undefined ? undefined : { kind: 'times', types, ...range };
    }
  }
}

function textRangeOf({ k, op, value }: Plain & { kind: 'text' }): KeyRange {
  if (op === 'contains') return kindRange(k, 's');
  if (op === 'prefix') return textRange(k, value);
  const fold = value.slice(0, Math.max(0, value.indexOf('\u0000')));
  const { gte } = textRange(k, fold);
  return { gte, lt: `${gte}\u0000` };
}

/** A window over the starts; what it may miss because of its end has a key of its own. */
function datePath({ k, prefix, lo, hi }: Plain & { kind: 'date' }): Path | undefined {
  const window = (from: number, to: number, isExact: boolean): Path => ({
    kind: 'ranges',
    ranges: [dateRange(k, from, to)],
    keys: isExact ? [] : [wideDateKey(k)],
  });
  switch (prefix) {
    case 'eq':
      return window(lo, hi, true);
    case 'lt':
    case 'eb':
      return window(EARLIEST, lo, true);
    case 'le':
      return window(EARLIEST, hi, true);
    case 'sa':
      return window(hi, LATEST, true);
    case 'gt':
      return window(Math.max(hi - NARROW_DATE_MS, EARLIEST), LATEST, false);
    case 'ge':
      return window(Math.max(Math.min(lo, hi - NARROW_DATE_MS), EARLIEST), LATEST, false);
    case 'ap':
      return window(Math.max(lo - NARROW_DATE_MS, EARLIEST), hi, false);
    case 'ne':
      return undefined;
  }
}

function numberPath({ k, prefix, lo, hi }: Plain & { kind: 'number' }): Path | undefined {
  const window = (from: number, to: number, isExact: boolean): Path => ({
    kind: 'ranges',
    ranges: [numberRange(k, from, to)],
    keys: isExact ? [] : [wideNumberKey(k)],
  });
  const { NEGATIVE_INFINITY, POSITIVE_INFINITY } = Number;
  switch (prefix) {
    case 'eq':
      return window(lo, hi, true);
    case 'lt':
    case 'eb':
      return window(NEGATIVE_INFINITY, lo, true);
    case 'le':
      return window(NEGATIVE_INFINITY, hi, true);
    case 'sa':
      return window(hi, POSITIVE_INFINITY, true);
    case 'gt':
      return window(hi - narrowNumberReach(hi), POSITIVE_INFINITY, false);
    case 'ge':
      return window(Math.min(lo, hi - narrowNumberReach(hi)), POSITIVE_INFINITY, false);
    case 'ap':
      return window(lo - narrowNumberReach(lo), hi, false);
    case 'ne':
      return undefined;
  }
}
