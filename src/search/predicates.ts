/**
 * Predicates put together without needless nesting.
 */
import type { ParamKey, TermHash } from './postings.ts';
import { EVERYTHING, type Predicate } from './query.ts';

export const NOTHING: Predicate = { kind: 'any', of: [] };

export function isNothing(predicate: Predicate): boolean {
  return predicate.kind === 'any' && predicate.of.length === 0;
}

export function isEverything(predicate: Predicate): boolean {
  return predicate.kind === 'all' && predicate.of.length === 0;
}

export function allOf(members: readonly Predicate[]): Predicate {
  const flat: Predicate[] = [];
  for (const member of members) {
    if (member.kind === 'all') flat.push(...member.of);
    else flat.push(member);
  }
  if (flat.some(isNothing)) return NOTHING;
  if (flat.length === 0) return EVERYTHING;
  return flat.length === 1 ? (flat[0] as Predicate) : { kind: 'all', of: flat };
}

/** Terms of the same parameter become one member, apart from those that are found by others. */
export function anyOf(members: readonly Predicate[]): Predicate {
  const flat: Predicate[] = [];
  const terms = new Map<ParamKey, Set<TermHash>>();
  const others = new Map<string, Term>();
  const ids = new Set<string>();
  for (const member of members) {
    for (const one of member.kind === 'any' ? member.of : [member]) {
      if (isEverything(one)) return EVERYTHING;
      if (one.kind === 'id') for (const id of one.ids) ids.add(id);
      else if (one.kind === 'term' && (one.isPair === true || one.implied !== undefined)) {
        const name = `${one.k} ${one.isPair}`;
        others.set(name, joined(others.get(name), one));
      } else if (one.kind === 'term') {
        const known = terms.get(one.k) ?? new Set();
        terms.set(one.k, known);
        for (const h of one.terms) known.add(h);
      } else flat.push(one);
    }
  }
  if (ids.size > 0) flat.unshift({ kind: 'id', ids: [...ids] });
  for (const [k, hashes] of terms) flat.push({ kind: 'term', k, terms: [...hashes] });
  flat.push(...others.values());
  return flat.length === 1 ? (flat[0] as Predicate) : { kind: 'any', of: flat };
}

export function notOf(predicate: Predicate): Predicate {
  if (predicate.kind === 'not') return predicate.of;
  if (isNothing(predicate)) return EVERYTHING;
  return isEverything(predicate) ? NOTHING : { kind: 'not', of: predicate };
}

type Term = Extract<Predicate, { kind: 'term' }>;

/** One of the terms of either, found by what either implies. */
function joined(known: Term | undefined, one: Term): Term {
  if (known === undefined) return one;
  const terms = [...new Set([...known.terms, ...one.terms])];
  const implied = [known, one].flatMap((term) => term.implied ?? []);
  return { ...known, terms, ...(implied.length > 0 && { implied: anyOf(implied) }) };
}

/** Nodes of the tree, the size that limits bound. */
export function sizeOf(predicate: Predicate): number {
  switch (predicate.kind) {
    case 'all':
    case 'any':
      return predicate.of.reduce((sum, member) => sum + sizeOf(member), 1);
    case 'not':
      return 1 + sizeOf(predicate.of);
    case 'chain':
    case 'has':
      return 1 + sizeOf(predicate.where);
    default:
      return 1;
  }
}

/** Whether only resources of one type can satisfy it because of its keys. */
export function impliesType(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'all':
      return predicate.of.some(impliesType);
    case 'any':
      return predicate.of.every(impliesType);
    case 'not':
    case 'id':
    case 'updated':
    case 'type':
    // the source's key says nothing of the type that it refers to
    case 'has':
      return false;
    default:
      return true;
  }
}

/**
 * The predicate with the far side of every chain and `_has` narrowed to what `narrow` allows of its type: what must
 * not be seen must not be found by a detour either.
 */
export function narrowJoins(predicate: Predicate, narrow: (type: string) => Predicate): Predicate {
  switch (predicate.kind) {
    case 'all':
    case 'any':
      return { ...predicate, of: predicate.of.map((member) => narrowJoins(member, narrow)) };
    case 'not':
      return { ...predicate, of: narrowJoins(predicate.of, narrow) };
    case 'chain':
      return { ...predicate, where: allOf([narrow(predicate.target), narrowJoins(predicate.where, narrow)]) };
    case 'has':
      return { ...predicate, where: allOf([narrow(predicate.source), narrowJoins(predicate.where, narrow)]) };
    default:
      return predicate;
  }
}
