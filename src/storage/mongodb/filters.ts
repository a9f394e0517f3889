/**
 * Conditions as match documents that leave the choice of an index alone: they read members that no index covers
 * (`s`, `dt`, `q`, `pr`) and test keys with `$expr`, so that whichever path was chosen is the only one there is.
 */
import type { Filter } from 'mongodb';
import { assertNever } from '../../fhir/types.ts';
import type { RangePrefix } from '../../search/query.ts';
import { firstPositionOf } from './commit-clock.ts';
import type { Condition, Plain } from './conditions.ts';
import { type ResourceDocument, resourceKey, TOMBSTONE } from './documents.ts';
import { memberOf, termKey, unlistedPair } from './index-keys.ts';
import { partsMatch, textMatch } from './text-match.ts';

export type Match = Filter<ResourceDocument>;

interface Scope {
  readonly types: readonly string[];
  /** The member that holds `Type/id`. */
  readonly key: '_id' | 'i';
}

/** What need not be tested, because whatever is looked at has it. */
export interface Implied {
  readonly isLive: boolean;
  readonly isOfTypes: boolean;
}

const NOTHING_IMPLIED: Implied = { isLive: false, isOfTypes: false };

/** Live resources of some types (none: all) for which a condition without open parts holds. */
export function filterOf(
  types: readonly string[],
  condition: Condition,
  isHistory = false,
  { isLive, isOfTypes }: Implied = NOTHING_IMPLIED,
): Match {
  const scope: Scope = { types, key: isHistory ? 'i' : '_id' };
  const parts: Match[] = isLive ? [] : [{ m: { $lt: TOMBSTONE } }];
  if (types.length > 0 && !isOfTypes) parts.push(typesMatch(types));
  parts.push(matchOf(condition, scope));
  return andOf(...parts);
}

/**
 * Everything that all of the matches hold for. Members of different names stand side by side, and nothing is nested
 * or empty, so that a planner sees every bound there is.
 */
export function andOf(...matches: readonly Match[]): Match {
  const merged: Record<string, unknown> = {};
  const others: Match[] = [];
  for (const part of matches.flatMap((match) => (isAnd(match) ? match.$and : [match]))) {
    const names = Object.keys(part);
    if (names.some((name) => name.startsWith('$') || name in merged)) others.push(part);
    else Object.assign(merged, part);
  }
  const parts = Object.keys(merged).length === 0 ? others : [merged as Match, ...others];
  return parts.length === 1 ? parts[0]! : parts.length === 0 ? {} : { $and: parts };
}

/** Of one of the types, of which there is at least one. */
export function typesMatch(types: readonly string[]): Match {
  return { t: types.length === 1 ? types[0]! : { $in: [...types] } };
}

/** Within bounds of a member, as operators; everything when there are none. */
export function boundsMatch(member: string, bounds: Readonly<Record<string, unknown>>): Match {
  return Object.keys(bounds).length === 0 ? {} : ({ [member]: bounds } as Match);
}

function isAnd(match: Match): match is Match & { $and: readonly Match[] } {
  return '$and' in match;
}

function matchOf(condition: Condition, scope: Scope): Match {
  switch (condition.kind) {
    case 'all':
      return andOf(...condition.of.map((part) => matchOf(part, scope)));
    case 'any':
      return anyMatch(condition.of, scope);
    case 'not':
      return { $nor: [matchOf(condition.of, scope)] };
    case 'keys':
      return keysMatch(condition.keys);
    case 'terms':
      return termsMatch(condition);
    case 'implied':
      return {};
    case 'until':
      return { c: { $lte: condition.position } };
    case 'open':
      throw new Error('an open condition has no filter');
    default:
      return plainMatch(condition, scope);
  }
}

function anyMatch(of: readonly Condition[], scope: Scope): Match {
  // no member of this name exists: nothing matches
  if (of.length === 0) return { none: true } as Match;
  const { matches, others } = partsMatch(of);
  const all = [...others.map((one) => matchOf(one, scope)), ...matches];
  return all.length === 1 ? all[0]! : { $or: all };
}

export function keysMatch(keys: readonly string[]): Match {
  if (memberOf(keys) === 'h') return { $expr: { $in: ['$h', [...keys]] } };
  if (keys.length === 1) return { $expr: { $in: [keys[0]!, '$k'] } };
  return { $expr: { $ne: [{ $setIntersection: ['$k', [...keys]] }, []] } };
}

/** Wherever they are: earlier layouts had all of them among the keys. */
function termsMatch({ k, hashes, isPair }: Condition & { kind: 'terms' }): Match {
  const unlisted = hashes.map((hash) => (isPair ? unlistedPair(k, hash) : termKey(k, hash)));
  return { $or: [{ x: { $in: unlisted } }, keysMatch(hashes.map((hash) => termKey(k, hash)))] };
}

function plainMatch(condition: Plain, scope: Scope): Match {
  switch (condition.kind) {
    case 'text':
      return textMatch(condition);
    case 'date':
      return {
        dt: {
          $elemMatch: { p: condition.k, ...intervalMatch(condition.prefix, condition.lo, condition.hi) },
        },
      };
    case 'number': {
      const { k, units, prefix, lo, hi } = condition;
      const unit = units.length === 0 ? {} : { u: { $in: [...units] } };
      return { q: { $elemMatch: { p: k, ...unit, ...intervalMatch(prefix, lo, hi) } } };
    }
    case 'present':
      return { pr: condition.k };
    case 'id':
      return idMatch(condition.ids, scope);
    case 'type':
      return { t: { $in: [...condition.types] } };
    case 'updated':
      return updatedMatch(condition.prefix, condition.lo, condition.hi);
    default:
      return assertNever(condition);
  }
}

/** https://hl7.org/fhir/R4/search.html#prefix, as in rangeMatches */
function intervalMatch(prefix: RangePrefix, lo: number, hi: number): object {
  const within = { l: { $gte: lo }, h: { $lte: hi } };
  switch (prefix) {
    case 'eq':
      return within;
    case 'ne':
      return { $or: [{ l: { $lt: lo } }, { h: { $gt: hi } }] };
    case 'gt':
      return { h: { $gt: hi } };
    case 'lt':
      return { l: { $lt: lo } };
    case 'ge':
      return { $or: [{ h: { $gt: hi } }, within] };
    case 'le':
      return { $or: [{ l: { $lt: lo } }, within] };
    case 'sa':
      return { l: { $gte: hi } };
    case 'eb':
      return { h: { $lte: lo } };
    case 'ap':
      return { l: { $lt: hi }, h: { $gt: lo } };
    case 'co':
      return { l: { $lte: lo }, h: { $gte: hi } };
    default:
      return assertNever(prefix);
  }
}

/** Positions of the versions whose `lastUpdated`, a whole ms, satisfies the prefix; undefined for `ne`. */
export function updatedRange(
  prefix: RangePrefix,
  lo: number,
  hi: number,
): { readonly gte?: bigint; readonly lt?: bigint } | undefined {
  switch (prefix) {
    case 'eq':
    case 'ap':
    case 'co':
      return { gte: firstPositionOf(lo), lt: firstPositionOf(hi) };
    case 'gt':
    case 'sa':
      return { gte: firstPositionOf(hi) };
    case 'ge':
      return { gte: firstPositionOf(lo) };
    case 'lt':
    case 'eb':
      return { lt: firstPositionOf(lo) };
    case 'le':
      return { lt: firstPositionOf(hi) };
    case 'ne':
      return undefined;
    default:
      return assertNever(prefix);
  }
}

function updatedMatch(prefix: RangePrefix, lo: number, hi: number): Match {
  const range = updatedRange(prefix, lo, hi);
  if (range === undefined) {
    return { $or: [{ c: { $lt: firstPositionOf(lo) } }, { c: { $gte: firstPositionOf(hi) } }] };
  }
  return {
    c: {
      ...(range.gte !== undefined && { $gte: range.gte }),
      ...(range.lt !== undefined && { $lt: range.lt }),
    },
  };
}

function idMatch(ids: readonly string[], { types, key }: Scope): Match {
  if (types.length > 0) {
    const keys = types.flatMap((type) => ids.map((id) => resourceKey(type, id)));
    return { [key]: { $in: keys } } as Match;
  }
  return { $expr: { $in: [{ $arrayElemAt: [{ $split: [`$${key}`, '/'] }, 1] }, [...ids]] } };
}
