/**
 * Ways into the index. Each part of a condition that an index can narrow gives a path; every path finds at least
 * what its part matches, and the whole condition is checked on what it finds. The planner is ours: MongoDB is told
 * which path to take.
 */
import { assertNever } from '../../fhir/types.ts';
import { latitudeBand } from '../../search/near.ts';
import type { ParamKey } from '../../search/postings.ts';
import { type Condition, type Plain, partsOf } from './conditions.ts';
import { resourceKey } from './documents.ts';
import { filterOf, type Implied, type Match, updatedRange } from './filters.ts';
import {
  dateRange,
  isSelfKey,
  isTypeKey,
  type KeyRange,
  kindRange,
  manyKey,
  memberValue,
  narrowNumberReach,
  numberRange,
  paramRange,
  textRange,
  typeKey,
  wideDateKey,
  wideNumberKey,
} from './index-keys.ts';
import { compareTexts } from './order.ts';
import { NARROW_DATE_MS, typeInOrderOf } from './primary-dates.ts';
import { stringsOwnerOf, widerOf } from './shared-keys.ts';

/** Some of the list of a type, which is in the order of its primary date: dates in [from, to), ms. */
export interface TypeStretch {
  readonly type: string;
  readonly from?: number;
  readonly to?: number;
}

export type Path =
  /** Lists of the index, each in its order, which can be merged. */
  | { readonly kind: 'keys'; readonly keys: readonly string[]; readonly part?: Condition }
  /** Ranges of the index, some lists and stretches of the lists of types beside them, in no order. */
  | {
      readonly kind: 'ranges';
      readonly ranges: readonly KeyRange[];
      readonly keys: readonly string[];
      readonly stretches?: readonly TypeStretch[];
    }
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  | {
      readonly kind: 'times';
      readonly types: readonly string[];
      readonly gte?: bigint;
      readonly lt?: bigint;
    };

/** The types that are searched: those that were named, if any, and those that this comes to. */
export interface Searched {
  readonly types: readonly string[];
  readonly all: readonly string[];
}

export function searchedBy(types: readonly string[], allTypes: readonly string[]): Searched {
  return { types, all: types.length === 0 ? allTypes : types };
}

type Ranged = Plain & { kind: 'date' | 'number' };

const EARLIEST = -8.64e15;
const LATEST = 8.64e15;

/** Point lists that MongoDB merges in order; beyond it explodes no `$in` for a sort. */
export const MERGED_KEYS_MAX = 200;

/** Every resource of the types, in the order of the index; `all` are those that are meant when none is named. */
export function wholePath(types: readonly string[], all: readonly string[]): Path & { kind: 'keys' } {
  return { kind: 'keys', keys: (types.length === 0 ? all : types).map(typeKey) };
}

/** The paths of a condition, best guesses first: exact terms and ids before ranges. */
export function pathsOf(condition: Condition, searched: Searched): readonly Path[] {
  const parts = partsOf(condition);
  const joint = jointPaths(parts, searched);
  const others = parts.filter((part) => !joint.some(({ of }) => of.includes(part)));
  const paths = [...joint.map(({ path }) => path), ...others.flatMap((part) => pathsOfPart(part, searched))];
  const rank: Record<Path['kind'], number> = { ids: 0, keys: 1, ranges: 2, times: 3 };
  return paths.sort((a, b) => rank[a.kind] - rank[b.kind]);
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

/** Of alternatives, also the way by what they imply: which is shorter shows when they are counted. */
function pathsOfPart(part: Condition, searched: Searched): readonly Path[] {
  if (part.kind === 'implied') return partsOf(part.of).flatMap((one) => pathsOfPart(one, searched));
  const path = pathOf(part, searched) ?? [];
  if (part.kind !== 'any' || !part.of.some((one) => impliedIn(one) !== undefined)) return [path].flat();
  return [path, unionOf(part.of.map((one) => bestOf(impliedIn(one) ?? one, searched))) ?? []].flat();
}

function impliedIn(condition: Condition): Condition | undefined {
  return partsOf(condition).find(({ kind }) => kind === 'implied');
}

function pathOf(part: Condition, searched: Searched): Path | undefined {
  switch (part.kind) {
    case 'keys':
      return { kind: 'keys', keys: part.keys, part };
    case 'any':
      return unionOf(part.of.map((one) => bestOf(one, searched)));
    case 'all':
      return bestOf(part, searched);
    case 'implied':
      return bestOf(part.of, searched);
    case 'not':
    case 'terms':
    case 'until':
      return undefined;
    case 'open': {
      if (part.predicate.kind !== 'near') return undefined;
      const { k, latitude, radiusM } = part.predicate;
      const band = latitudeBand(latitude, radiusM);
      return { kind: 'ranges', ranges: [numberRange(k, band.lo, band.hi)], keys: [] };
    }
    default:
      return plainPath(part, searched);
  }
}

/** The path of a nested part: the first of its AND that has one, and none that is implied by another. */
function bestOf(condition: Condition, searched: Searched): Path | undefined {
  const parts = partsOf(condition);
  const own = parts.filter(({ kind }) => kind !== 'implied');
  return pathsOf(own.length === 0 ? condition : { kind: 'all', of: own }, searched)[0];
}

/** All paths at once, when each alternative has one that is in the index of keys or of types. */
function unionOf(paths: readonly (Path | undefined)[]): Path | undefined {
  const ranges: KeyRange[] = [];
  const stretches: TypeStretch[] = [];
  const keys = new Set<string>();
  for (const path of paths) {
    if (path?.kind !== 'keys' && path?.kind !== 'ranges') return undefined;
    if (path.keys.some(isSelfKey)) return undefined;
    for (const key of path.keys) keys.add(key);
    if (path.kind === 'keys') continue;
    ranges.push(...path.ranges);
    stretches.push(...(path.stretches ?? []));
  }
  const types = [...keys].filter(isTypeKey);
  const areOneKind = types.length === 0 || types.length === keys.size;
  if (ranges.length === 0 && stretches.length === 0 && areOneKind) return { kind: 'keys', keys: [...keys] };
  return {
    kind: 'ranges',
    ranges: joined(ranges),
    keys: [...keys].filter((key) => !isTypeKey(key)),
    stretches: [...types.map((key) => ({ type: memberValue(key) })), ...stretches],
  };
}

/** Without what is in another one: hundreds of alternatives may all mean the whole of a parameter. */
function joined(ranges: readonly KeyRange[]): readonly KeyRange[] {
  const found: KeyRange[] = [];
  for (const range of ranges.toSorted((a, b) => compareTexts(a.gte, b.gte))) {
    const last = found.at(-1);
    if (last === undefined || compareTexts(last.lt, range.gte) < 0) found.push(range);
    else if (compareTexts(last.lt, range.lt) < 0) found[found.length - 1] = { gte: last.gte, lt: range.lt };
  }
  return found;
}

function plainPath(part: Plain, searched: Searched): Path | undefined {
  switch (part.kind) {
    case 'text':
      return { kind: 'ranges', ranges: [textRangeOf(part, stringsOwnerOf(part.k, searched.all))], keys: [] };
    case 'date':
    case 'number':
      return windowPath([part], searched);
    case 'present': {
      const type = typeInOrderOf(part.k, searched.all);
      const stretches = type === undefined ? [] : [{ type, from: EARLIEST + 1 }];
      const wider = widerOf(part.k, searched.all);
      const ranges = [part.k, ...(wider === undefined ? [] : [wider])].map(paramRange);
      return { kind: 'ranges', ranges, keys: [], stretches };
    }
    case 'id': {
      const { types } = searched;
      if (types.length === 0) return undefined;
      return { kind: 'ids', ids: types.flatMap((type) => part.ids.map((id) => resourceKey(type, id))) };
    }
    case 'type':
      return { kind: 'keys', keys: part.types.map(typeKey), part };
    case 'updated': {
      const range = updatedRange(part.prefix, part.lo, part.hi);
      return range === undefined ? undefined : { kind: 'times', types: searched.types, ...range };
    }
  }
}

function textRangeOf({ op, value }: Plain & { kind: 'text' }, k: ParamKey): KeyRange {
  if (op === 'contains' || op === 'suffix') return kindRange(k, 's');
  if (op === 'prefix' || op === 'whole') return textRange(k, value);
  if (op === 'from') return { gte: textRange(k, value).gte, lt: textRange(k, '').lt };
  if (op === 'below') return { gte: textRange(k, '').gte, lt: textRange(k, value).gte };
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

/** Dates of a parameter that start in [from, to): those that have a key, and those that their place tells. */
function startsPath(
  k: number,
  from: number,
  to: number,
  { all }: Pick<Searched, 'all'>,
): Path & { kind: 'ranges' } {
  const type = typeInOrderOf(k, all);
  const until = to >= LATEST ? {} : { to };
  const stretches = type === undefined ? [] : [{ type, from: Math.max(from, EARLIEST + 1), ...until }];
  return { kind: 'ranges', ranges: [dateRange(k, from, to)], keys: [], stretches };
}

/**
 * The intersection of all windows over one parameter. What has several or wide intervals is found by a key of its
 * own: of such a resource each condition may mean another interval.
 */
function windowPath(parts: readonly Ranged[], searched: Searched): Path | undefined {
  const windows = parts.flatMap((part) => windowOf(part) ?? []);
  const [first] = windows;
  if (first === undefined) return undefined;
  const from = Math.max(...windows.map((window) => window.from));
  const to = Math.min(...windows.map((window) => window.to));
  const isExact = windows.length === 1 && first.isExact;
  const { k, kind } = parts[0]!;
  const wide = isExact ? [] : [kind === 'date' ? wideDateKey(k) : wideNumberKey(k)];
  // of many numbers the least and the greatest have keys, which tell whether one is below or above a bound
  const isWithin = kind === 'number' && isExact && parts.some(({ prefix }) => prefix === 'eq');
  const keys = isWithin ? [manyKey(k)] : wide;
  if (from >= to) return { kind: 'ranges', ranges: [], keys };
  if (kind === 'date') return { ...startsPath(k, from, to, searched), keys };
  return { kind: 'ranges', ranges: [numberRange(k, from, to)], keys };
}

/** The windows that several conditions on one parameter make together. */
function jointPaths(
  parts: readonly Condition[],
  searched: Searched,
): readonly { readonly path: Path; readonly of: readonly Condition[] }[] {
  const byParameter = new Map<string, Ranged[]>();
  for (const part of parts) {
    if (part.kind !== 'date' && part.kind !== 'number') continue;
    const name = `${part.kind} ${part.k}`;
    byParameter.set(name, [...(byParameter.get(name) ?? []), part]);
  }
  return [...byParameter.values()].flatMap((of) => {
    const path = of.length < 2 ? undefined : windowPath(of, searched);
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
    case 'co':
      return { from: since(lo), to: hi, isExact: false };
    case 'ne':
      return undefined;
    default:
      return assertNever(prefix);
  }
}
