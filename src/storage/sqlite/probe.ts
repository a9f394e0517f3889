/**
 * Conditions that the index answers for a row it has at hand. Every list is in the order (date, rid), so
 * whether another term holds for the same resource is one look-up by the whole key.
 */
import { type Bound, partsOf } from './bind.ts';
import { SHAPE_LIST, TYPE_LIST } from './index-keys.ts';
import { NO_CONDITION, type SqlCondition } from './sql-condition.ts';

/** More alternatives are tested on the candidate instead. */
const HASHES_MAX = 8;
const PROBED_SHAPES_MAX = 16;
/** All that are merged: to leave out the few resources that the index has as they were. */
const SHAPES_MAX = 256;
const PARTS_MAX = 16;

/**
 * As much of the predicate as can be probed: rows that fail it cannot match. Empty when nothing can.
 */
export function probeSql(where: Bound, alias: 'p' | 'r'): SqlCondition {
  const probes = partsOf(where)
    .map((part) => sureProbe(part, alias))
    .filter((probe) => probe !== undefined);
  return joinProbes(probes.slice(0, PARTS_MAX), ' AND ') ?? NO_CONDITION;
}

/** Whether probing decides the predicate, so that nothing is left to test. */
export function isProbed(where: Bound): boolean {
  const parts = partsOf(where);
  return parts.length <= PARTS_MAX && parts.every((part) => exactProbe(part, 'p') !== undefined);
}

/** A probe that all matches pass. */
function sureProbe(where: Bound, alias: 'p' | 'r'): SqlCondition | undefined {
  if (where.kind !== 'place') return exactProbe(where, alias);
  return where.sql.sql === '' ? undefined : where.sql;
}

/** A probe that is the predicate; undefined when there is none. */
function exactProbe(where: Bound, alias: 'p' | 'r'): SqlCondition | undefined {
  switch (where.kind) {
    case 'terms': {
      const { k, hashes } = where;
      if (hashes.length > (k === SHAPE_LIST ? SHAPES_MAX : HASHES_MAX)) return undefined;
      const which = hashes.length === 1 ? '= ?' : `IN (${hashes.map(() => '?').join()})`;
      const sql = `EXISTS (SELECT 1 FROM ix q WHERE q.k = ? AND q.h ${which} AND q.d = ${alias}.d AND q.rid = ${alias}.rid)`;
      return { sql, args: [k, ...hashes] };
    }
    case 'present':
      return presentProbe(where, alias);
    case 'types': {
      if (where.types.length > HASHES_MAX) return undefined;
      return exactProbe({ kind: 'terms', k: TYPE_LIST, hashes: where.types }, alias);
    }
    case 'not': {
      const inner = exactProbe(where.of, alias);
      return inner === undefined ? undefined : { sql: `NOT (${inner.sql})`, args: inner.args };
    }
    case 'all':
    case 'any': {
      if (where.of.length === 0 || where.of.length > PARTS_MAX) return undefined;
      const probes = where.of.map((part) => exactProbe(part, alias));
      if (probes.some((probe) => probe === undefined)) return undefined;
      return joinProbes(probes as SqlCondition[], where.kind === 'all' ? ' AND ' : ' OR ');
    }
    default:
      return undefined;
  }
}

/** By its shape, or by not being of another: whichever are fewer. */
function presentProbe(
  { shapes: { having, lacking, mixed } }: Extract<Bound, { kind: 'present' }>,
  alias: 'p' | 'r',
): SqlCondition | undefined {
  if (mixed.length > 0) return undefined;
  if (having.length === 0 || lacking.length === 0) return { sql: having.length === 0 ? '0' : '1', args: [] };
  const [hashes, negated] = having.length <= lacking.length ? [having, false] : [lacking, true];
  const one: Bound = { kind: 'terms', k: SHAPE_LIST, hashes };
  return hashes.length > PROBED_SHAPES_MAX
    ? undefined
    : exactProbe(negated ? { kind: 'not', of: one } : one, alias);
}

function joinProbes(probes: readonly SqlCondition[], by: string): SqlCondition | undefined {
  if (probes.length < 2) return probes[0];
  return {
    sql: `(${probes.map((probe) => probe.sql).join(by)})`,
    args: probes.flatMap((probe) => probe.args),
  };
}
