/**
 * Candidates in the order of another key: one scan of the index table that is in this order already. A resource
 * with several values has its place at the one that counts; the others are passed over. Resources without a
 * value follow in the order of their creation.
 */
import type { SQLInputValue } from 'node:sqlite';
import { assertNever } from '../../fhir/types.ts';
import type { TermNames } from '../packed-postings.ts';
import type { Bound } from './bind.ts';
import { CANDIDATE, type Candidate } from './candidate.ts';
import { unitsOf } from './collect.ts';
import { firstSince } from './commit-times.ts';
import type { Row } from './connection.ts';
import { indexedCandidates } from './hits.ts';
import { BIRTH_LIST, idList } from './index-keys.ts';
import { startRange } from './intervals.ts';
import { type OrderKey, type Position, positionOf, type SortValue } from './order.ts';
import { probeSql } from './probe.ts';
import type { Segment } from './stream.ts';
import type { View } from './view.ts';

export interface WalkOptions {
  readonly where: Bound;
  readonly key: OrderKey;
  readonly types: readonly number[];
  readonly view: View;
  readonly names: TermNames;
}

/** More branches are not merged in order. */
const BRANCHES_MAX = 64;

/** The segments of the walk; undefined when no table is in this order. */
export function walkOrder(options: WalkOptions): readonly Segment[] | undefined {
  const branches = branchesOf(options);
  if (branches === undefined || branches.length > BRANCHES_MAX) return undefined;
  const valued = branches.length === 0 ? [] : [valueSegment(branches, options)];
  const { by } = options.key;
  return by === 'id' || by === 'updated' || by === 'birth' ? valued : [...valued, unvaluedSegment(options)];
}

/** One range of a table that is in order of `value`, then of rid. */
interface Branch {
  readonly table: string;
  readonly value: string;
  readonly where: string;
  readonly args: readonly SQLInputValue[];
  /** Bounds of the value, inclusive. */
  readonly least?: number;
  readonly most?: number;
}

function branchesOf({ where, key, types, view }: WalkOptions): Branch[] | undefined {
  switch (key.by) {
    case 'id':
      return types.map((t) => ({ table: 'ixs', value: 's', where: 'k = ?', args: [idList(t)] }));
    case 'birth':
      return types.map((t) => ({
        table: 'ix',
        value: 'rid',
        where: `k = ${BIRTH_LIST} AND h = ? AND d = 0`,
        args: [t],
      }));
    case 'updated': {
      const [from, to] = commitRange(where, view);
      return types.map((t) => ({
        table: 'res INDEXED BY res_t',
        value: 'seq',
        where: 't = ?',
        args: [t],
        least: from,
        most: to - 1,
      }));
    }
    case 'text':
      return [{ table: 'ixs', value: 's', where: 'k = ?', args: [key.k] }];
    case 'date':
      return [{ table: 'ixd', value: 'lo', where: 'k = ?', args: [key.k] }];
    case 'number':
      return unitsOf(key.k, view)?.map((u) => ({
        table: 'ixq',
        value: 'lo',
        where: 'k = ? AND u = ?',
        args: [key.k, u],
      }));
    case 'primary':
    case 'term':
      return undefined;
    default:
      return assertNever(key);
  }
}

/** The commits that conditions on the time of the last update leave. */
function commitRange(where: Bound, view: View): [from: number, to: number] {
  let first = 1;
  let end = view.snapshot + 1;
  for (const part of where.kind === 'all' ? where.of : [where]) {
    if (part.kind !== 'updated') continue;
    const { from, to } = startRange(part.prefix, part.lo, part.hi);
    if (from > Number.NEGATIVE_INFINITY) first = Math.max(first, firstSince(view, from));
    if (to < Number.POSITIVE_INFINITY) end = Math.min(end, firstSince(view, to));
  }
  return [first, end];
}

function valueSegment(branches: readonly Branch[], options: WalkOptions): Segment {
  const { where, key, view, names } = options;
  const probe = probeSql(where, 'r');
  const filter = probe.sql === '' ? '' : `WHERE ${probe.sql}`;
  const pageSql = (scan: string): string =>
    `SELECT ${CANDIDATE}, r.op, p.value FROM (${scan}) p CROSS JOIN res r ON r.rid = p.rid ${filter}`;
  return {
    sql: pageSql(scanSql(branches, key.descending, true)),
    read(after, size) {
      if (after?.values[0] === null) return { candidates: [], end: undefined };
      const scan = scanSql(branches, key.descending, after !== undefined);
      const args = [
        ...branches.flatMap((branch) => [...branch.args, ...boundsOf(branch, after, key.descending)]),
        size,
      ];
      const rows = view.connection.rows(pageSql(scan), ...args, ...probe.args);
      const last = rows.length === size ? rows[size - 1] : undefined;
      const end =
        last !== undefined
          ? [last[10], last[0]]
          : probe.sql === ''
            ? undefined
            : view.connection.row(`SELECT value, rid FROM (${scan}) LIMIT 1 OFFSET ?`, ...args, size - 1);
      return {
        candidates: atTheirPlace(rows, key, view, names),
        end: end && { values: [end[0] as SortValue], rid: end[1] as number },
      };
    },
  };
}

/** One on each side, see natural.ts. */
function boundsOf(
  { least, most }: Branch,
  after: Position | undefined,
  descending: boolean,
): readonly SQLInputValue[] {
  if (least === undefined || most === undefined) {
    return after === undefined ? [] : [after.values[0] as SQLInputValue, after.rid];
  }
  const value = after?.values[0] as number | undefined;
  if (descending)
    return [least, ...(value === undefined || value > most ? [most + 1, -1] : [value, after?.rid as number])];
  return [most, ...(value === undefined || value < least ? [least, -1] : [value, after?.rid as number])];
}

function scanSql(branches: readonly Branch[], descending: boolean, bounded: boolean): string {
  const [than, direction] = descending ? ['<', 'DESC'] : ['>', 'ASC'];
  const parts = branches.map(({ value, table, where, least }) => {
    const end = least === undefined ? '' : ` AND ${value} ${descending ? '>=' : '<='} ?`;
    const bound = bounded || least !== undefined ? `${end} AND (${value}, rid) ${than} (?, ?)` : '';
    return `SELECT ${value} AS value, rid FROM ${table} WHERE ${where}${bound}`;
  });
  return `${parts.join(' UNION ')} ORDER BY 1 ${direction}, 2 ${direction} LIMIT ?`;
}

/** Of several values of a resource only one counts; at the others it is passed over. */
function atTheirPlace(rows: readonly Row[], key: OrderKey, view: View, names: TermNames): Candidate[] {
  const placed: Candidate[] = [];
  for (const row of rows) {
    for (const candidate of indexedCandidates([row], view)) {
      const repeated = placed.at(-1)?.rid === candidate.rid;
      if (!repeated && positionOf(candidate, [key], names).values[0] === row[10]) placed.push(candidate);
    }
  }
  return placed;
}

/** Those without a value, in the order of their creation. */
function unvaluedSegment({ where, key, types, view, names }: WalkOptions): Segment {
  const probe = probeSql(where, 'r');
  const filter = probe.sql === '' ? '' : `WHERE ${probe.sql}`;
  const [than, direction] = key.descending ? ['<', 'DESC'] : ['>', 'ASC'];
  const one = `SELECT rid FROM ix WHERE k = ${BIRTH_LIST} AND h = ? AND d = 0 AND rid ${than} ?`;
  const scan = `${types.map(() => one).join(' UNION ALL ')} ORDER BY 1 ${direction} LIMIT ?`;
  const pageSql = `SELECT ${CANDIDATE}, r.op FROM (${scan}) p CROSS JOIN res r ON r.rid = p.rid ${filter}`;
  const endSql = `SELECT rid FROM (${scan}) LIMIT 1 OFFSET ?`;
  const start = key.descending ? Number.MAX_SAFE_INTEGER : -1;
  return {
    sql: pageSql,
    read(after, size) {
      const from = after?.values[0] === null ? after.rid : start;
      const args = [...types.flatMap((t) => [t, from]), size];
      const rows = view.connection.rows(pageSql, ...args, ...probe.args);
      const last =
        rows.length === size
          ? rows[size - 1]?.[0]
          : probe.sql === ''
            ? undefined
            : view.connection.row(endSql, ...args, size - 1)?.[0];
      const candidates = indexedCandidates(rows, view).filter(
        (candidate) => positionOf(candidate, [key], names).values[0] === null,
      );
      return { candidates, end: last === undefined ? undefined : { values: [null], rid: last as number } };
    },
  };
}
