/**
 * A stretch of the natural order that is read from lists of the index: the conditions that can be are probed on
 * the way, and where they decide, each row is a hit.
 */
import type { SQLInputValue } from 'node:sqlite';
import type { Bound } from './bind.ts';
import { CANDIDATE } from './candidate.ts';
import type { Row } from './connection.ts';
import { HIT, indexedCandidates, indexedHits } from './hits.ts';
import type { Position } from './order.ts';
import { isProbed, probeSql } from './probe.ts';
import { shownHits } from './shown-hits.ts';
import type { ShownRows } from './shown-rows.ts';
import type { SqlCondition } from './sql-condition.ts';
import type { HitChunk, Segment } from './stream.ts';
import type { View } from './view.ts';

export interface IndexScan {
  /** Selects d and rid in order; the last parameter is the number of rows. */
  readonly sql: string;
  /** The other parameters, for rows behind a position; undefined when that lies behind all. */
  args(after: Position | undefined): readonly SQLInputValue[] | undefined;
}

/** `where` is what the lists leave to be tested; `types` too, when the lists hold others. */
export function indexSegment(
  scan: IndexScan,
  where: Bound,
  view: View,
  types: readonly number[] = [],
): Segment {
  const lists = probeSql(where, 'p');
  const probe = ofTypes(lists, types);
  const filter = filterOf(probe);
  const from = `FROM (${scan.sql}) p CROSS JOIN res r ON r.rid = p.rid ${filter}`;
  const pageSql = `SELECT ${CANDIDATE}, r.op, p.d ${from}`;
  const textSql = `SELECT ${CANDIDATE}, r.op, r.body, p.d ${from}`;
  const hitSql = `SELECT ${HIT}, p.d ${from}`;
  const endSql = `SELECT d, rid FROM (${scan.sql}) LIMIT 1 OFFSET ?`;
  const scanned = (sql: string, after: Position | undefined, size: number): Scanned => {
    const start = scan.args(after);
    if (start === undefined) return NOTHING_SCANNED;
    const args = [...start, size];
    const rows = view.connection.rows(sql, ...args, ...probe.args);
    return { rows, end: chunkEnd(rows, probe, size, () => view.connection.row(endSql, ...args, size - 1)) };
  };
  const decided = isProbed(where);
  const listSql = `SELECT p.d, p.rid FROM (${scan.sql}) p ${filterOf(lists)}`;
  const readShown = (shown: ShownRows, after: Position | undefined, size: number): HitChunk => {
    const start = scan.args(after);
    if (start === undefined) return { hits: [], end: undefined };
    const args = [...start, size];
    const rows = view.connection.rows(listSql, ...args, ...lists.args);
    const ask = (): Row | undefined => view.connection.row(endSql, ...args, size - 1);
    const last = rows.length === size ? rows[size - 1] : lists.sql === '' ? undefined : ask();
    return { hits: shownHits(rows, shown, view, types), end: last && placeOf(last) };
  };
  return {
    sql: decided ? hitSql : textSql,
    read(after, size, withTexts = false) {
      const { rows, end } = scanned(withTexts ? textSql : pageSql, after, size);
      return { candidates: indexedCandidates(rows, view, withTexts), end };
    },
    readHits: !decided
      ? undefined
      : (after, size) => {
          const { shown } = view;
          if (shown?.isWorthAsking() === true) return readShown(shown, after, size);
          const { rows, end } = scanned(hitSql, after, size);
          return { hits: indexedHits(rows, view), end };
        },
  };
}

/** The row of a resource tells its type: no look-up in the index is needed. */
function ofTypes(probe: SqlCondition, types: readonly number[]): SqlCondition {
  if (types.length === 0) return probe;
  const sql = `${probe.sql === '' ? '' : `${probe.sql} AND `}r.t IN (${types.map(() => '?').join()})`;
  return { sql, args: [...probe.args, ...types] };
}

interface Scanned {
  readonly rows: readonly Row[];
  readonly end: Position | undefined;
}

const NOTHING_SCANNED: Scanned = { rows: [], end: undefined };

/** Where the next chunk begins; undefined at the end of the lists. */
function chunkEnd(
  rows: readonly SQLInputValue[][],
  probe: SqlCondition,
  size: number,
  ask: () => SQLInputValue[] | undefined,
): Position | undefined {
  let last: SQLInputValue[] | undefined;
  if (rows.length === size) {
    const row = rows[size - 1] as SQLInputValue[];
    // the place in the index, which a newer version of the resource has left
    last = [row.at(-1) as number, row[0] as number];
  } else if (probe.sql !== '') {
    last = ask();
  }
  return last && placeOf(last);
}

/** From the columns d and rid. */
function placeOf([d, rid]: readonly SQLInputValue[]): Position {
  return { values: [d === 0 ? null : (d as number)], rid: rid as number };
}

function filterOf({ sql }: SqlCondition): string {
  return sql === '' ? '' : `WHERE ${sql}`;
}
