/**
 * How many resources match: by the length of a list where a list holds the matches and nothing else, what has not got
 * a value by the difference of two counts, and otherwise by looking at what a path leads to.
 * https://hl7.org/fhir/R4/search.html#total
 */
import { choosePath } from './choose-path.ts';
import { allOf, anyOf, type Condition, hasOpen, isEverything, isNothing, partsOf } from './conditions.ts';
import { countOpen } from './count-open.ts';
import { isParamKey, manyKey, paramRange, termKey, typeKey } from './index-keys.ts';
import type { SearchContext } from './joins.ts';
import type { Total } from './kept-totals.ts';
import { countAlong } from './path-reads.ts';
import { filterAlong, type Path, wholePath } from './paths.ts';
import { typeInOrderOf } from './primary-dates.ts';
import { isShared } from './shared-keys.ts';

/** Without a limit all are counted. */
export async function countMatches(
  context: SearchContext,
  types: readonly string[],
  condition: Condition,
  limit: number | undefined,
): Promise<Total> {
  if (isNothing(condition)) return { value: 0, exact: true };
  if (hasOpen(condition)) {
    const value = await countOpen(context, types, condition, limit ?? Number.MAX_SAFE_INTEGER);
    return { value, exact: limit === undefined || value < limit };
  }
  const path = listOf(condition, types, context);
  if (path !== undefined) return await countTo(context, path, undefined, limit);
  const pairs = pairsOf(condition);
  if (pairs !== undefined) {
    const listed = await countTo(context, pairs.listed, undefined, limit);
    if (!listed.exact) return listed;
    const rest = limit === undefined ? undefined : limit - listed.value;
    const others = await countTo(context, pairs.many, filterAlong(pairs.many, types, condition), rest);
    return { value: listed.value + others.value, exact: others.exact };
  }
  const difference = differenceOf(condition, types, context);
  if (difference !== undefined) {
    // whatever is counted no further than a limit has no difference
    const all = await countMatches(context, types, difference.all, undefined);
    const without = await countMatches(context, types, difference.without, undefined);
    return { value: all.value - without.value, exact: true };
  }
  const chosen = (await choosePath(context, types, condition)).path;
  return await countTo(context, chosen, filterAlong(chosen, types, condition), limit);
}

/** What is left of a list by negations, where the index alone tells. */
export async function countRest(
  context: SearchContext,
  types: readonly string[],
  condition: Condition,
): Promise<number | undefined> {
  const difference = differenceOf(condition, types, context);
  if (difference === undefined || listOf(difference.without, types, context) === undefined) return undefined;
  return (await countMatches(context, types, condition, undefined)).value;
}

async function countTo(
  { reader }: SearchContext,
  path: Path,
  filter: ReturnType<typeof filterAlong> | undefined,
  limit: number | undefined,
): Promise<Total> {
  const value = await countAlong(reader, path, filter, limit === undefined ? {} : { limit });
  return { value, exact: limit === undefined || value < limit };
}

/**
 * The lists that hold the matches and nothing else, so that the index alone is counted: those of types, and of
 * parameters, which belong to one type each.
 */
function listOf(
  condition: Condition,
  types: readonly string[],
  { allTypes }: SearchContext,
): Path | undefined {
  if (isEverything(condition)) return wholePath(types, allTypes);
  switch (condition.kind) {
    case 'keys':
      return condition.keys.every(isParamKey) ? { kind: 'keys', keys: condition.keys } : undefined;
    case 'present': {
      const all = types.length === 0 ? allTypes : types;
      // the list of a type also holds what has a date from elsewhere, and keys may be those of others
      if (typeInOrderOf(condition.k, all) !== undefined || isShared(condition.k, all)) return undefined;
      return { kind: 'ranges', ranges: [paramRange(condition.k)], keys: [] };
    }
    case 'type': {
      const asked = condition.types.filter((type) => types.length === 0 || types.includes(type));
      return asked.length === 0 ? undefined : { kind: 'keys', keys: asked.map(typeKey) };
    }
    default:
      return undefined;
  }
}

/**
 * Pairs of a composite: a resource has all of them in lists of their own, or, when it has many, none of them and is in
 * the list of those that have many.
 */
function pairsOf(condition: Condition): { readonly listed: Path; readonly many: Path } | undefined {
  const parts = partsOf(condition);
  const tested = parts.filter(({ kind }) => kind !== 'implied');
  const [pairs] = tested;
  if (tested.length !== 1 || pairs?.kind !== 'terms' || !pairs.isPair) return undefined;
  const keys = pairs.hashes.map((hash) => termKey(pairs.k, hash));
  return { listed: { kind: 'keys', keys }, many: { kind: 'keys', keys: [manyKey(pairs.k)] } };
}

/** What is on a list but does not match something: all of the list, less what does. */
function differenceOf(
  condition: Condition,
  types: readonly string[],
  context: SearchContext,
): { readonly all: Condition; readonly without: Condition } | undefined {
  const parts = partsOf(condition);
  const excluded = parts.flatMap((part) => (part.kind === 'not' ? part.of : []));
  const all = allOf(parts.filter(({ kind }) => kind !== 'not'));
  if (excluded.length === 0 || listOf(all, types, context) === undefined) return undefined;
  return { all, without: allOf([all, anyOf(excluded)]) };
}
