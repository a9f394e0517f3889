/**
 * Ways into the index. Each part of a condition that an index can narrow gives a path; every path finds at least
 * what its part matches, and the whole condition is checked on what it finds. The planner is ours: MongoDB is told
 * which path to take.
 */
import { assertNever } from '../../fhir/types.ts';
import { latitudeBand } from '../../search/near.ts';
import { type Condition, type Plain, partsOf } from './conditions.ts';
import { INDEX_ID, INDEX_K, INDEX_SELF, INDEX_TIME, INDEX_TYPE_TIME } from './connect.ts';
import { resourceKey } from './documents.ts';
import { andOf, filterOf, type Implied, type Match, updatedRange } from './filters.ts';
import {
  dateRange,
  isSelfKey,
  type KeyRange,
  kindRange,
  memberOf,
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

type Ranged = Plain & { kind: 'date' | 'number' };

const EARLIEST = -8.64e15;
const LATEST = 8.64e15;

/** Point lists that MongoDB merges in order; beyond it explodes no `$in` for a sort. */
export const MERGED_KEYS_MAX = 200;

/** Scans that a path is read with at most. */
const SCANS_MAX = 8;

/** Every resource of the types, in the order of the index; `all` are those that are meant when none is named. */
export function wholePath(types: readonly string[], all: readonly string[]): Path & { kind: 'keys' } {
  return { kind: 'keys', keys: (types.length === 0 ? all : types).map(typeKey) };
}

/** The paths of a condition, best guesses first: exact terms and ids before ranges. */
export function pathsOf(condition: Condition, types: readonly string[]): readonly Path[] {
  const parts = partsOf(condition);
  const joint = jointPaths(parts);
  const others = parts.filter((part) => !joint.some(({ of }) => of.includes(part)));
  const paths = [...joint.map(({ path }) => path), ...others.flatMap((part) => pathsOfPart(part, types))];
  const rank: Record<Path['kind'], number> = { ids: 0, keys: 1, ranges: 2, times: 3 };
  return paths.sort((a, b) => rank[a.kind] - rank[b.kind]);
}

/** Resources that have one of the keys, through the index. */
export function listsMatch(keys: readonly string[]): Match {
  return { [memberOf(keys)]: keys.length === 1 ? keys[0]! : { $in: [...keys] } } as Match;
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
        index === 0 ? match : andOf(match, { $nor: [...alternatives.slice(0, index)] }),
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

/** `filterOf` without what a path sees to: only live resources are in the index of keys, each in the list of its type. */
export function filterAlong(path: Path, types: readonly string[], condition: Condition): Match {
  return filterOf(types, condition, false, impliedBy(path, types));
}

function impliedBy(path: Path, types: readonly string[]): Implied {
  if (path.kind === 'ids' || path.kind === 'times') return { isLive: false, isOfTypes: false };
  const ofTypes = new Set(types.map(typeKey));
  return { isLive: true, isOfTypes: path.kind === 'keys' && path.keys.every((key) => ofTypes.has(key)) };
}

export function hintOf(path: Path): string {
  switch (path.kind) {
    case 'ids':
      return INDEX_ID;
    case 'times':
      return path.types.length === 0 ? INDEX_TIME : INDEX_TYPE_TIME;
    case 'keys':
      return listsHint(path.keys);
    case 'ranges':
      return INDEX_K;
  }
}

export function listsHint(keys: readonly string[]): string {
  return memberOf(keys) === 'h' ? INDEX_SELF : INDEX_K;
}

/** Of alternatives, also the way by what they imply: which is shorter shows when they are counted. */
function pathsOfPart(part: Condition, types: readonly string[]): readonly Path[] {
  const path = pathOf(part, types) ?? [];
  if (part.kind !== 'any' || !part.of.some((one) => impliedIn(one) !== undefined)) return [path].flat();
  return [path, unionOf(part.of.map((one) => bestOf(impliedIn(one) ?? one, types))) ?? []].flat();
}

function impliedIn(condition: Condition): Condition | undefined {
  return partsOf(condition).find(({ kind }) => kind === 'implied');
}

function pathOf(part: Condition, types: readonly string[]): Path | undefined {
  switch (part.kind) {
    case 'keys':
      return { kind: 'keys', keys: part.keys, part };
    case 'any':
      return unionOf(part.of.map((one) => bestOf(one, types)));
    case 'all':
      return bestOf(part, types);
    case 'implied':
      return bestOf(part.of, types);
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

/** The path of a nested part: the first of its AND that has one, and none that is implied by another. */
function bestOf(condition: Condition, types: readonly string[]): Path | undefined {
  const parts = partsOf(condition);
  const own = parts.filter(({ kind }) => kind !== 'implied');
  return pathsOf(own.length === 0 ? condition : { kind: 'all', of: own }, types)[0];
}

/** All paths at once, when each alternative has one that is in the index of keys. */
function unionOf(paths: readonly (Path | undefined)[]): Path | undefined {
  const ranges: KeyRange[] = [];
  const keys: string[] = [];
  for (const path of paths) {
    if (path?.kind !== 'keys' && path?.kind !== 'ranges') return undefined;
    if (path.keys.some(isSelfKey)) return undefined;
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
    case 'number':
      return windowPath([part]);
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
  if (op === 'contains' || op === 'suffix') return kindRange(k, 's');
  if (op === 'prefix' || op === 'whole') return textRange(k, value);
  const fold = value.slice(0, Math.max(0, value.indexOf('\u0000')));
  const { gte } = textRange(k, fold);
  return { gte, lt: `${gte}\u0000` };
}

/** Where the lower ends of intervals lie that can match: all of them, or those of narrow and single ones. */
interface Window {
  readonly from: number;
  readonly to: number;
  readonly isExact: boolean;
}

/**
 * The intersection of all windows over one parameter. What has several or wide intervals is found by a key of its
 * own: of such a resource each condition may mean another interval.
 */
function windowPath(parts: readonly Ranged[]): Path | undefined {
  const windows = parts.flatMap((part) => windowOf(part) ?? []);
  const [first] = windows;
  if (first === undefined) return undefined;
  const from = Math.max(...windows.map((window) => window.from));
  const to = Math.min(...windows.map((window) => window.to));
  const isExact = windows.length === 1 && first.isExact;
  const { k, kind } = parts[0]!;
  const wide = kind === 'date' ? wideDateKey(k) : wideNumberKey(k);
  const range = kind === 'date' ? dateRange(k, from, to) : numberRange(k, from, to);
  return { kind: 'ranges', ranges: from < to ? [range] : [], keys: isExact ? [] : [wide] };
}

/** The windows that several conditions on one parameter make together. */
function jointPaths(
  parts: readonly Condition[],
): readonly { readonly path: Path; readonly of: readonly Condition[] }[] {
  const byParameter = new Map<string, Ranged[]>();
  for (const part of parts) {
    if (part.kind !== 'date' && part.kind !== 'number') continue;
    const name = `${part.kind} ${part.k}`;
    byParameter.set(name, [...(byParameter.get(name) ?? []), part]);
  }
  return [...byParameter.values()].flatMap((of) => {
    const path = of.length < 2 ? undefined : windowPath(of);
    return path === undefined ? [] : [{ path, of }];
  });
}

function windowOf(part: Ranged): Window | undefined {
  const { kind, prefix, lo, hi } = part;
  const [first, last] = kind === 'date' ? [EARLIEST, LATEST] : [-Infinity, Infinity];
  // how far below a bound on its end a narrow interval may start
  const reach = (bound: number): number => (kind === 'date' ? NARROW_DATE_MS : narrowNumberReach(bound));
  const since = (bound: number): number => Math.max(bound - reach(bound), first);
  switch (prefix) {
    case 'eq':
      return { from: lo, to: hi, isExact: true };
    case 'lt':
    case 'eb':
      return { from: first, to: lo, isExact: true };
    case 'le':
      return { from: first, to: hi, isExact: true };
    case 'sa':
      return { from: hi, to: last, isExact: true };
    case 'gt':
      return { from: since(hi), to: last, isExact: false };
    case 'ge':
      return { from: Math.min(lo, since(hi)), to: last, isExact: false };
    case 'ap':
      return { from: since(lo), to: hi, isExact: false };
    case 'ne':
      return undefined;
    default:
      return assertNever(prefix);
  }
}
