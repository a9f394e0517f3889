/**
 * A predicate as a function of a candidate. Everything that the postings of the candidate tell is read from
 * its bytes; chains look further through the view.
 */
import { assertNever } from '../../fhir/types.ts';
import type { Predicate } from '../../search/query.ts';
import { rangeMatches } from '../../search/ranges.ts';
import { hasDate, hasTerm, hasText, isPresent, numberTest, someNumber, termsOf } from '../packed-match.ts';
import { namedTerms } from './dictionary.ts';
import type { Candidate, View } from './view.ts';

export type Test = (candidate: Candidate) => boolean;

const YES: Test = () => true;
const NO: Test = () => false;

export function compilePredicate(where: Predicate, view: View): Test {
  switch (where.kind) {
    case 'all':
      return every(where.of.map((part) => compilePredicate(part, view)));
    case 'any':
      return some(where.of.map((part) => compilePredicate(part, view)));
    case 'not': {
      const test = compilePredicate(where.of, view);
      return (candidate) => !test(candidate);
    }
    case 'term':
    case 'code':
    case 'system':
    case 'words': {
      const hashes = new Set(termHashes(where, view));
      return hashes.size === 0 ? NO : (candidate) => hasTerm(candidate.sections, where.k, hashes);
    }
    case 'text':
      return textTest(where);
    case 'date':
      return ({ sections }) => hasDate(sections, where.k, where.prefix, where.lo, where.hi);
    case 'number':
    case 'near': {
      const test = numberTest(where);
      return ({ sections }) => someNumber(sections, where.k, test);
    }
    case 'present':
      return ({ sections }) => isPresent(sections, where.k);
    case 'id': {
      const ids = new Set(where.ids);
      return ({ id }) => ids.has(id);
    }
    case 'type': {
      const types = new Set(where.types.map((name) => view.typeId(name)));
      return ({ t }) => types.has(t);
    }
    case 'updated':
      return ({ ts }) => rangeMatches(where.prefix, ts, ts + 1, where.lo, where.hi);
    case 'chain':
      return chainTest(where, view);
    case 'has':
      return hasTest(where, view);
    default:
      return assertNever(where);
  }
}

export type TermLike = Extract<Predicate, { kind: 'term' | 'code' | 'system' | 'words' }>;

/** The exact terms that a condition on terms stands for, without repeats. */
export function termHashes(where: TermLike, view: View): readonly number[] {
  if (where.kind !== 'term') return namedTerms(view.connection, where);
  return where.terms.length < 2 ? where.terms : [...new Set(where.terms)];
}

function every(tests: readonly Test[]): Test {
  if (tests.length < 2) return tests[0] ?? YES;
  return (candidate) => {
    for (const test of tests) if (!test(candidate)) return false;
    return true;
  };
}

function some(tests: readonly Test[]): Test {
  if (tests.length < 2) return tests[0] ?? NO;
  return (candidate) => {
    for (const test of tests) if (test(candidate)) return true;
    return false;
  };
}

function textTest(where: Extract<Predicate, { kind: 'text' }>): Test {
  // a zero byte ends the fold, so no fold holds one
  if (where.op !== 'exact' && where.value.includes('\u0000')) return NO;
  const value = Buffer.from(where.value);
  return ({ packed, sections }) => hasText(packed, sections, where.k, where.op, value);
}

function chainTest(where: Extract<Predicate, { kind: 'chain' }>, view: View): Test {
  const t = view.typeId(where.target);
  if (t === undefined) return NO;
  const test = compilePredicate(where.where, view);
  // many candidates refer to few targets
  const known = new Map<number, boolean>();
  return ({ sections }) => {
    for (const h of termsOf(sections, where.k)) {
      let holds = known.get(h);
      if (holds === undefined) {
        holds = view.byHash(h).some((target) => target.t === t && test(target));
        known.set(h, holds);
      }
      if (holds) return true;
    }
    return false;
  };
}

function hasTest(where: Extract<Predicate, { kind: 'has' }>, view: View): Test {
  const t = view.typeId(where.source);
  if (t === undefined) return NO;
  const test = compilePredicate(where.where, view);
  return ({ h }) => view.byTerm(where.k, h).some((source) => source.t === t && test(source));
}
