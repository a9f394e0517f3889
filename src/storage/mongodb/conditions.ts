/**
 * A predicate with all that has to be looked up first looked up: terms as keys of the index, codes and systems
 * through the dictionary, chains as the keys of what they lead to. A chain that leads to more than the bound stays
 * open and is settled for each batch of candidates, see joins.ts.
 */
import type { ParamKey, TermHash } from '../../search/postings.ts';
import type { Predicate } from '../../search/query.ts';
import { isSelfKey, manyKey, termKey } from './index-keys.ts';
import type { TermDictionary } from './term-dictionary.ts';

export type Plain = Extract<
  Predicate,
  { kind: 'text' | 'date' | 'number' | 'present' | 'id' | 'type' | 'updated' }
>;
export type Open = Extract<Predicate, { kind: 'chain' | 'has' | 'near' }>;

export type Condition =
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  /** At least one of these keys is in the index for the resource. */
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  /** At least one of these terms was posted; they may have no list of their own. */
  | {
      readonly kind: 'terms';
      readonly k: ParamKey;
      readonly hashes: readonly TermHash[];
      readonly isPair: boolean;
    }
  | { readonly kind: 'open'; readonly predicate: Open }
  /** What holds for all that another part matches: a way to find it, nothing to be tested. */
  | { readonly kind: 'implied'; readonly of: Condition }
  /** Written at or before this position. */
  | { readonly kind: 'until'; readonly position: bigint }
  | Plain;

export const EVERYTHING: Condition = { kind: 'all', of: [] };
export const NOTHING: Condition = { kind: 'any', of: [] };

/** What a chain comes to: keys of the resource at hand, or undefined when there are too many. */
export type ResolveJoin = (predicate: Open) => Promise<readonly string[] | undefined>;

export async function resolve(
  where: Predicate,
  dictionary: TermDictionary,
  join: ResolveJoin,
): Promise<Condition> {
  switch (where.kind) {
    case 'all':
    case 'any': {
      const of: Condition[] = [];
      const words = where.kind === 'any' ? where.of.filter((part) => part.kind === 'words') : [];
      // full text asks for a word in the codes of every parameter: one look at the dictionary
      if (words.length > 1) of.push(keysOf(await dictionary.findWords(words)));
      for (const part of where.of) {
        if (words.length < 2 || part.kind !== 'words') of.push(await resolve(part, dictionary, join));
      }
      return where.kind === 'all' ? allOf(of) : anyOf(of);
    }
    case 'not':
      return notOf(await resolve(where.of, dictionary, join));
    case 'term':
      return await termsOf(where, dictionary, join);
    case 'code':
      return keysOf(await dictionary.findCode(where.k, where.code));
    case 'system':
      return keysOf(await dictionary.findSystem(where.k, where.system));
    case 'words':
      return keysOf(await dictionary.findWords([where]));
    case 'id':
      return where.ids.length === 0 ? NOTHING : where;
    case 'type':
      return where.types.length === 0 ? NOTHING : where;
    case 'chain':
    case 'has':
    case 'near': {
      const keys = await join(where);
      return keys === undefined ? { kind: 'open', predicate: where } : keysOf(keys);
    }
    case 'number': {
      const { implied, ...number } = where;
      if (implied === undefined) return number;
      const of = await resolve(implied, dictionary, join);
      return isNothing(of) ? NOTHING : allOf([number, { kind: 'implied', of }]);
    }
    default:
      return where;
  }
}

/** Terms by their lists, or by what leads to them. */
async function termsOf(
  { k, terms, isPair, implied }: Extract<Predicate, { kind: 'term' }>,
  dictionary: TermDictionary,
  join: ResolveJoin,
): Promise<Condition> {
  const keys = keysOf(terms.map((hash) => termKey(k, hash)));
  if (isNothing(keys) || (isPair !== true && implied === undefined)) return keys;
  const of =
    implied === undefined
      ? keysOf([...terms.map((hash) => termKey(k, hash)), manyKey(k)])
      : await resolve(implied, dictionary, join);
  return isNothing(of)
    ? NOTHING
    : allOf([
        { kind: 'terms', k, hashes: terms, isPair: isPair === true },
        { kind: 'implied', of },
      ]);
}

export function keysOf(keys: readonly string[]): Condition {
  return keys.length === 0 ? NOTHING : { kind: 'keys', keys: [...new Set(keys)] };
}

/** An AND without nested ANDs, or NOTHING as soon as one part is. */
export function allOf(parts: readonly Condition[]): Condition {
  const of = parts.flatMap((part) => (part.kind === 'all' ? part.of : [part]));
  if (of.some(isNothing)) return NOTHING;
  return of.length === 1 ? of[0]! : { kind: 'all', of };
}

/** An OR without nested ORs, whose exact parts are one list of keys, and one of resources themselves. */
export function anyOf(parts: readonly Condition[]): Condition {
  const of: Condition[] = [];
  const keys: string[] = [];
  const selves: string[] = [];
  for (const part of parts.flatMap((one) => (one.kind === 'any' ? one.of : [one]))) {
    if (isEverything(part)) return EVERYTHING;
    if (part.kind === 'keys') (part.keys.every(isSelfKey) ? selves : keys).push(...part.keys);
    else of.push(part);
  }
  if (selves.length > 0) of.unshift(keysOf(selves));
  if (keys.length > 0) of.unshift(keysOf(keys));
  return of.length === 1 ? of[0]! : { kind: 'any', of };
}

export function notOf(part: Condition): Condition {
  if (isNothing(part)) return EVERYTHING;
  if (isEverything(part)) return NOTHING;
  return part.kind === 'not' ? part.of : { kind: 'not', of: part };
}

export function isNothing(condition: Condition): boolean {
  return condition.kind === 'any' && condition.of.length === 0;
}

export function isEverything(condition: Condition): boolean {
  return condition.kind === 'all' && condition.of.length === 0;
}

/** The parts that must all hold. */
export function partsOf(condition: Condition): readonly Condition[] {
  return condition.kind === 'all' ? condition.of : [condition];
}

export function hasOpen(condition: Condition): boolean {
  return openOf(condition).length > 0;
}

/** Every open predicate within, each once. */
export function openOf(condition: Condition): readonly Open[] {
  switch (condition.kind) {
    case 'open':
      return [condition.predicate];
    case 'not':
      return openOf(condition.of);
    case 'all':
    case 'any':
      return [...new Set(condition.of.flatMap(openOf))];
    default:
      return [];
  }
}

/**
 * The condition with open predicates replaced: by what is known of them, or, without `known`, by whatever makes
 * the condition weaker, so that nothing that matches is lost.
 */
export function settle(
  condition: Condition,
  known?: ReadonlyMap<Open, Condition>,
  isNegated = false,
): Condition {
  switch (condition.kind) {
    case 'open':
      return known?.get(condition.predicate) ?? (isNegated ? NOTHING : EVERYTHING);
    case 'not':
      return notOf(settle(condition.of, known, !isNegated));
    case 'all':
      return allOf(condition.of.map((part) => settle(part, known, isNegated)));
    case 'any':
      return anyOf(condition.of.map((part) => settle(part, known, isNegated)));
    default:
      return condition;
  }
}

/** The date parameters whose bounds are bounds of the order of the index. */
export function primaryDates(condition: Condition): readonly (Plain & { kind: 'date' })[] {
  return partsOf(condition).filter((part) => part.kind === 'date' && part.primary === true) as (Plain & {
    kind: 'date';
  })[];
}
