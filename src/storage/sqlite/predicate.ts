/**
 * A bound predicate as a function of a candidate. Everything that the postings of the candidate tell is read
 * from its bytes; chains that could not be resolved look further through the view.
 */
import { assertNever } from '../../fhir/types.ts';
import { rangeMatches } from '../../search/ranges.ts';
import { hasDate, hasTerm, hasText, isPresent, numberTest, someNumber, termsOf } from '../packed-match.ts';
import type { Bound } from './bind.ts';
import type { Candidate } from './candidate.ts';
import { type Chain, chainTargets } from './chain-targets.ts';
import { isOfTypes } from './lists.ts';
import type { Meter } from './meter.ts';
import { standsAt } from './order.ts';
import { isProbed, probeSql } from './probe.ts';
import type { View } from './view.ts';

export type Test = (candidate: Candidate) => boolean;

export interface TestContext {
  readonly view: View;
  readonly meter: Meter;
  /** A page behind the first one, never within a transaction that may be rolled back: what it finds out may be kept. */
  readonly isGoingOn?: boolean;
}

const YES: Test = () => true;
const NO: Test = () => false;

export function compileTest(where: Bound, context: TestContext): Test {
  switch (where.kind) {
    case 'all':
      return every(where.of.map((part) => compileTest(part, context)));
    case 'any':
      return some(where.of.map((part) => compileTest(part, context)));
    case 'not': {
      const test = compileTest(where.of, context);
      return (candidate) => !test(candidate);
    }
    case 'terms': {
      const hashes = new Set(where.hashes);
      return ({ sections }) => hasTerm(sections, where.k, hashes);
    }
    case 'self': {
      const hashes = new Set(where.hashes);
      return ({ h }) => hashes.has(h);
    }
    case 'types': {
      const types = new Set(where.types);
      return ({ t }) => types.has(t);
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
    case 'updated':
      return ({ ts }) => rangeMatches(where.prefix, ts, ts + 1, where.lo, where.hi);
    case 'place':
      return (candidate) => standsAt(candidate, where);
    case 'chain':
      return chainTest(where, context);
    case 'has':
      return hasTest(where, context);
    default:
      return assertNever(where);
  }
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

function textTest(where: Extract<Bound, { kind: 'text' }>): Test {
  // a zero byte ends the fold, so no fold holds one
  if (where.op !== 'exact' && where.value.includes('\u0000')) return NO;
  const value = Buffer.from(where.value);
  return ({ packed, sections }) => hasText(packed, sections, where.k, where.op, value);
}

function chainTest(where: Chain, context: TestContext): Test {
  const holds = chainTargets(where, compileTest(where.where, context), context);
  return ({ sections }) => termsOf(sections, where.k).some(holds);
}

/** What refers to a candidate is narrowed in the index as far as terms go. */
function hasTest(where: Extract<Bound, { kind: 'has' }>, context: TestContext): Test {
  const { view, meter } = context;
  const test = compileTest(where.where, context);
  const probe = probeSql(where.where, 'p');
  // where the index decides, one look-up in it is enough
  const decides = !view.hasLoose && isProbed(where.where) && isOfTypes(where.k, [where.t], view);
  if (decides) {
    const filter = probe.sql === '' ? '' : `AND ${probe.sql}`;
    const sql = `SELECT 1 FROM ix p WHERE p.k = ? AND p.h = ? ${filter} LIMIT 1`;
    return ({ h }) => {
      meter.spend(1);
      return view.connection.row(sql, where.k, h, ...probe.args) !== undefined;
    };
  }
  return ({ h }) => {
    for (const source of view.byTerm(where.k, h, probe)) {
      meter.spend(1);
      if (source.t === where.t && test(source)) return true;
    }
    return false;
  };
}
