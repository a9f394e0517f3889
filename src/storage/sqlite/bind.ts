/**
 * A predicate with everything looked up that can be: codes become terms, types become numbers, chains to few
 * targets become the references to them. What is left is what candidates are tested for.
 */
import { assertNever } from '../../fhir/types.ts';
import type { Predicate } from '../../search/query.ts';
import { namedTerms } from './dictionary.ts';
import type { OrderKey, SortValue } from './order.ts';
import { type PresenceShapes, presenceShapes } from './shapes.ts';
import type { SortNames } from './sort-names.ts';
import type { SqlCondition } from './sql-condition.ts';
import type { Hint, View } from './view.ts';

type Kept = Extract<Predicate, { kind: 'text' | 'date' | 'near' | 'id' | 'updated' }>;
type NumberPredicate = Omit<Extract<Predicate, { kind: 'number' }>, 'implied'>;

export type Bound =
  | Kept
  /** The parameter has a value. */
  | { readonly kind: 'present'; readonly k: number; readonly shapes: PresenceShapes }
  | (NumberPredicate & { readonly implied?: Bound })
  | { readonly kind: 'all'; readonly of: readonly Bound[] }
  | { readonly kind: 'any'; readonly of: readonly Bound[] }
  | { readonly kind: 'not'; readonly of: Bound }
  /** Some term of `k` is one of the hashes, which are distinct. */
  | { readonly kind: 'terms'; readonly k: number; readonly hashes: readonly number[] }
  /** The resource itself is one of these, by `hashTerm('Type/id')`. */
  | { readonly kind: 'self'; readonly hashes: readonly number[] }
  | { readonly kind: 'types'; readonly types: readonly number[] }
  /** It has this place in the order of a key; the condition, on `p.rid`, holds for all that may have. */
  | {
      readonly kind: 'place';
      readonly key: OrderKey;
      readonly value: SortValue;
      readonly sql: SqlCondition;
      readonly names: SortNames;
    }
  | { readonly kind: 'chain'; readonly k: number; readonly t: number; readonly where: Bound }
  | { readonly kind: 'has'; readonly k: number; readonly t: number; readonly where: Bound };

export const EVERYTHING: Bound = { kind: 'all', of: [] };
export const NOTHING: Bound = { kind: 'any', of: [] };

export interface BindContext {
  readonly view: View;
  /** Those of the resources that the predicate is asked of. */
  readonly types: readonly number[];
  /** Hashes of all resources of a type that satisfy a predicate, unless they would be too many to be found first. */
  readonly targets: (t: number, where: Bound) => readonly number[] | undefined;
  /** Hashes of all that these refer to through a parameter. */
  readonly referred: (t: number, where: Bound, k: number) => readonly number[] | undefined;
  /** Whether a key has terms at all. */
  readonly isUsed: (k: number) => boolean;
  /** Whether any value may be what is looked for, of whatever type. */
  readonly mayHold: (part: ValuePart) => boolean;
}

export type TextPart = Extract<Predicate, { kind: 'text' }>;
export type ValuePart = Extract<Predicate, { kind: 'text' | 'date' | 'number' }>;

/** Alternatives from which on those whose key nobody has are left out first: `_revinclude=*` names all keys. */
const MANY = 16;

export function bindPredicate(where: Predicate, context: BindContext): Bound {
  const { view } = context;
  switch (where.kind) {
    case 'all':
      return allOf(where.of.map((part) => bindPredicate(part, context)));
    case 'any': {
      const isMany = where.of.length > MANY;
      const of = where.of.filter((part) => {
        // such as what contained resources are called: hardly any are, and lists of what is left are read in order
        if (part.kind === 'text' || part.kind === 'date' || part.kind === 'number') {
          return isMany || context.mayHold(part);
        }
        return !isMany || part.kind !== 'term' || context.isUsed(part.k);
      });
      return anyOf(of.map((part) => bindPredicate(part, context)));
    }
    case 'not':
      return notOf(bindPredicate(where.of, context));
    case 'term':
      return termsBound(where.k, where.terms);
    case 'code':
    case 'system':
    case 'words':
      return termsBound(where.k, namedTerms(view.connection, where));
    case 'type': {
      const types = where.types.map((name) => view.typeId(name)).filter((t) => t !== undefined);
      return types.length === 0 ? NOTHING : { kind: 'types', types };
    }
    case 'id':
      return where.ids.length === 0 ? NOTHING : where;
    case 'chain':
      return bindChain(where, context);
    case 'has':
      return bindHas(where, context);
    case 'text':
    case 'date':
    case 'near':
    case 'updated':
      return where;
    case 'present':
      return { ...where, shapes: presenceShapes(where.k, context.types, view) };
    case 'number': {
      const { implied: term, ...range } = where;
      const implied = term && bindPredicate(term, context);
      if (implied === undefined) return range;
      return isNothing(implied) ? NOTHING : { ...range, implied };
    }
    default:
      return assertNever(where);
  }
}

export function allOf(parts: readonly Bound[]): Bound {
  const flat = parts.flatMap((part) => (part.kind === 'all' ? part.of : [part]));
  if (flat.some(isNothing)) return NOTHING;
  return flat.length === 1 ? (flat[0] as Bound) : { kind: 'all', of: flat };
}

export function anyOf(parts: readonly Bound[]): Bound {
  const flat = parts.flatMap((part) => (part.kind === 'any' ? part.of : [part]));
  if (flat.some(isEverything)) return EVERYTHING;
  if (flat.length === 1) return flat[0] as Bound;
  const merged = mergeTerms(flat);
  return merged.length === 1 ? (merged[0] as Bound) : { kind: 'any', of: merged };
}

export function notOf(part: Bound): Bound {
  if (part.kind === 'not') return part.of;
  if (isNothing(part)) return EVERYTHING;
  return isEverything(part) ? NOTHING : { kind: 'not', of: part };
}

/** The predicate without one of the parts of its AND. */
export function withoutPart(where: Bound, part: Bound): Bound {
  if (where === part) return EVERYTHING;
  return where.kind === 'all' ? allOf(where.of.filter((one) => one !== part)) : where;
}

/** The conditions of an AND, or the only one. */
export function partsOf(where: Bound): readonly Bound[] {
  return where.kind === 'all' ? where.of : [where];
}

/** What every match has, for finding versions that the index does not know yet. */
export function hintOf(where: Bound, types: readonly number[]): Hint {
  let best: readonly number[] | undefined;
  for (const part of partsOf(where)) {
    const hashes = hashesOf(part);
    if (hashes !== undefined && (best === undefined || hashes.length < best.length)) best = hashes;
  }
  return best === undefined ? { types } : { hashes: best };
}

function hashesOf(where: Bound): readonly number[] | undefined {
  if (where.kind === 'terms') return where.hashes;
  if (where.kind !== 'any') return undefined;
  const lists = where.of.map(hashesOf);
  return lists.some((list) => list === undefined) ? undefined : [...new Set((lists as number[][]).flat())];
}

export function isNothing(where: Bound): boolean {
  return where.kind === 'any' && where.of.length === 0;
}

export function isEverything(where: Bound): boolean {
  return where.kind === 'all' && where.of.length === 0;
}

/** Alternatives on terms of one key are one condition. */
function mergeTerms(parts: readonly Bound[]): Bound[] {
  const byKey = new Map<number, number[]>();
  const merged: Bound[] = [];
  for (const part of parts) {
    if (part.kind !== 'terms') {
      merged.push(part);
      continue;
    }
    const known = byKey.get(part.k);
    if (known === undefined) byKey.set(part.k, [...part.hashes]);
    else known.push(...part.hashes);
  }
  for (const [k, hashes] of byKey) merged.push(termsBound(k, hashes));
  return merged;
}

function termsBound(k: number, hashes: readonly number[]): Bound {
  if (hashes.length === 0) return NOTHING;
  return { kind: 'terms', k, hashes: hashes.length === 1 ? hashes : [...new Set(hashes)] };
}

function bindChain(where: Extract<Predicate, { kind: 'chain' }>, context: BindContext): Bound {
  const t = context.view.typeId(where.target);
  const inner = t === undefined ? NOTHING : bindPredicate(where.where, { ...context, types: [t] });
  if (t === undefined || isNothing(inner)) return NOTHING;
  const targets = context.targets(t, inner);
  if (targets === undefined) return { kind: 'chain', k: where.k, t, where: inner };
  // distinct, and the same list as long as it is remembered
  return targets.length === 0 ? NOTHING : { kind: 'terms', k: where.k, hashes: targets };
}

function bindHas(where: Extract<Predicate, { kind: 'has' }>, context: BindContext): Bound {
  const t = context.view.typeId(where.source);
  const inner = t === undefined ? NOTHING : bindPredicate(where.where, { ...context, types: [t] });
  if (t === undefined || isNothing(inner)) return NOTHING;
  const hashes = context.referred(t, inner, where.k);
  if (hashes === undefined) return { kind: 'has', k: where.k, t, where: inner };
  return hashes.length === 0 ? NOTHING : { kind: 'self', hashes };
}
