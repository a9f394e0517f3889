/**
 * Candidates in the order of another key: one scan of the index table that is in this order already. A resource
 * with several values has its place at the one that counts; the others are passed over. Resources without a
 * value follow in the order of their creation.
 */
import type { SQLInputValue } from 'node:sqlite';
import { type Bound, isEverything, partsOf } from './bind.ts';
import { type Bits, ridsBehind, subtract } from './bits.ts';
import { CANDIDATE, type Candidate } from './candidate.ts';
import type { Row } from './connection.ts';
import { indexedCandidates } from './hits.ts';
import { BIRTH_LIST } from './index-keys.ts';
import { keepBits, keptBits } from './kept-bits.ts';
import { indexedByRids } from './kept-hits.ts';
import { type Ordering, readKnown, type Scan, valuedBits } from './known-order.ts';
import { listedSegment } from './listed-segment.ts';
import { type OrderKey, type Position, positionOf, type SortValue } from './order.ts';
import { type Branch, branchesOf } from './order-branches.ts';
import { orderParts } from './order-parts.ts';
import { probeSql } from './probe.ts';
import type { SortNames } from './sort-names.ts';
import type { NarrowEffort, Segment } from './stream.ts';
import { behindRid, ridsWithout } from './unvalued.ts';
import type { View } from './view.ts';

export interface WalkOptions extends Ordering {
  readonly where: Bound;
  /** Whether who reads on will go on, page after page. */
  readonly isGoingOn?: boolean;
  /** Everything that matches, where it is worth while to know it; see `Segment.narrow`. */
  readonly narrow?: ((effort: NarrowEffort) => Bits | undefined) | undefined;
}

/** More branches are not merged in order: SQLite joins up to 500. */
const BRANCHES_MAX = 400;

/** The segments of the walk; undefined when no table is in this order. */
export function walkOrder(options: WalkOptions): readonly Segment[] | undefined {
  const branches = branchesOf(options);
  if (branches === undefined || branches.length > BRANCHES_MAX) return undefined;
  const valued = branches.length === 0 ? [] : valueSegments(branches, options);
  return isAlwaysValued(options) ? valued : [...valued, unvaluedSegment(options)];
}

/** Whether all that match have a value of the key. */
function isAlwaysValued({ where, key }: WalkOptions): boolean {
  if (!('k' in key)) return key.by !== 'primary' && key.by !== 'gathered';
  return partsOf(where).some(
    (part) => (part.kind === 'date' || part.kind === 'number' || part.kind === 'text') && part.k === key.k,
  );
}

function valueSegments(branches: readonly Branch[], options: WalkOptions): readonly Segment[] {
  const { key, where, view } = options;
  const parts = orderParts(key, where, view);
  if (parts === undefined) return [valueSegment(branches, options)];
  return parts.map((part) => {
    const { from, to, within } = part;
    const bounded = branches.map((branch) => ({ ...branch, from, to }));
    const listed = within && listedSegment(part, within, options);
    return listed ?? valueSegment(bounded, { ...options, where: part.where });
  });
}

function valueSegment(branches: readonly Branch[], options: WalkOptions): Segment {
  const { where, key, view, names } = options;
  const probe = probeSql(where, 'r');
  const filter = probe.sql === '' ? '' : `WHERE ${probe.sql}`;
  const pageSql = (scan: string): string =>
    `SELECT ${CANDIDATE}, r.op, p.value FROM (${scan}) p CROSS JOIN res r ON r.rid = p.rid ${filter}`;
  const scanBehind = (after: Position | undefined): Scan => ({
    sql: scanSql(branches, key.descending, after !== undefined),
    args: branches.flatMap((branch) => [...branch.args, ...boundsOf(branch, after, key.descending)]),
  });
  let bits: Bits | undefined;
  return {
    // for explain: nobody else needs it on each page
    sql: () => pageSql(scanSql(branches, key.descending, true)),
    narrow: (effort) => {
      bits ??= options.narrow?.(effort);
    },
    isSure: () => {
      bits ??= options.narrow?.('none');
      return bits !== undefined;
    },
    looksAhead: true,
    read(after, size, _, wanted) {
      if (after?.values[0] === null) return { candidates: [], end: undefined };
      bits ??= options.narrow?.('none');
      if (bits !== undefined) {
        const name = options.name && `${options.name}|${branches[0]?.from}`;
        const isValued = isAlwaysValued(options);
        return readKnown({ ...options, bits, isValued, name, scan: scanBehind }, after, size, wanted);
      }
      const { sql: scan, args: bounds } = scanBehind(after);
      const args = [...bounds, size];
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
function boundsOf({ from, to }: Branch, after: Position | undefined, descending: boolean): SQLInputValue[] {
  if (from === undefined || to === undefined) {
    return after === undefined ? [] : [after.values[0] as SQLInputValue, after.rid];
  }
  const value = after?.values[0] as number | undefined;
  const rid = after?.rid as number;
  if (descending) return [from, ...(value === undefined || value >= to ? [to, -1] : [value, rid])];
  return [to, ...(value === undefined || value < from ? [from, -1] : [value, rid])];
}

function scanSql(branches: readonly Branch[], descending: boolean, bounded: boolean): string {
  const [than, direction] = descending ? ['<', 'DESC'] : ['>', 'ASC'];
  const parts = branches.map(({ value, table, where, from }) => {
    const end = from === undefined ? '' : ` AND ${value} ${descending ? '>=' : '<'} ?`;
    const bound = bounded || from !== undefined ? `${end} AND (${value}, rid) ${than} (?, ?)` : '';
    return `SELECT ${value} AS value, rid FROM ${table} WHERE ${where}${bound}`;
  });
  return `${parts.join(' UNION ')} ORDER BY 1 ${direction}, 2 ${direction} LIMIT ?`;
}

/** Of several values of a resource only one counts; at the others it is passed over. */
function atTheirPlace(rows: readonly Row[], key: OrderKey, view: View, names: SortNames): Candidate[] {
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
function unvaluedSegment(options: WalkOptions): Segment {
  const { where, key, types, view, names, meter, narrow } = options;
  let bits: Bits | undefined;
  let none: Bits | undefined;
  let few: Uint32Array | 'many' | undefined;
  const evenMany = !isEverything(where) || options.isGoingOn === true;
  const hasNone = (candidate: Candidate): boolean => positionOf(candidate, [key], names).values[0] === null;
  const probe = probeSql(where, 'r');
  const filter = probe.sql === '' ? '' : `WHERE ${probe.sql}`;
  const [than, direction] = key.descending ? ['<', 'DESC'] : ['>', 'ASC'];
  const one = `SELECT rid FROM ix WHERE k = ${BIRTH_LIST} AND h = ? AND d = 0 AND rid ${than} ?`;
  const scan = `${types.map(() => one).join(' UNION ALL ')} ORDER BY 1 ${direction} LIMIT ?`;
  const pageSql = `SELECT ${CANDIDATE}, r.op FROM (${scan}) p CROSS JOIN res r ON r.rid = p.rid ${filter}`;
  const endSql = `SELECT rid FROM (${scan}) LIMIT 1 OFFSET ?`;
  const start = key.descending ? Number.MAX_SAFE_INTEGER : -1;
  return {
    sql: () => pageSql,
    narrow: (effort) => {
      bits ??= narrow?.(effort);
    },
    isSure: () => {
      bits ??= options.narrow?.('none');
      return bits !== undefined;
    },
    read(after, size) {
      const from = after?.values[0] === null ? after.rid : start;
      bits ??= narrow?.('none');
      if (bits !== undefined) {
        none ??= withoutValue(bits, options);
        const rids = ridsBehind(none, from, size, key.descending);
        const found = indexedByRids(rids, view);
        const end = rids.length < size ? undefined : { values: [null], rid: rids.at(-1) as number };
        return { candidates: found.filter(hasNone), end };
      }
      few ??= ridsWithout({ key, types, view, meter, evenMany }) ?? 'many';
      if (few !== 'many') {
        const rest = behindRid(few, from, key.descending);
        const part = key.descending ? rest.subarray(-size).toReversed() : rest.subarray(0, size);
        const found = indexedByRids(part, view);
        const end = rest.length > size ? { values: [null], rid: part.at(-1) as number } : undefined;
        return { candidates: found.filter(hasNone), end };
      }
      const args = [...types.flatMap((t) => [t, from]), size];
      const rows = view.connection.rows(pageSql, ...args, ...probe.args);
      const last =
        rows.length === size
          ? rows[size - 1]?.[0]
          : probe.sql === ''
            ? undefined
            : view.connection.row(endSql, ...args, size - 1)?.[0];
      const candidates = indexedCandidates(rows, view).filter(hasNone);
      return { candidates, end: last === undefined ? undefined : { values: [null], rid: last as number } };
    },
  };
}

/** What of the set has no value, and perhaps others. */
function withoutValue(bits: Bits, { name, ...options }: WalkOptions): Bits {
  const { connection } = options.view;
  const key = name && `${name}|without`;
  const known = key === undefined ? undefined : keptBits(connection, key);
  if (known !== undefined) return known;
  const valued = valuedBits(options);
  if (valued === undefined) return bits;
  const none = bits.slice();
  subtract(none, valued);
  if (key !== undefined) keepBits(connection, key, none);
  return none;
}
