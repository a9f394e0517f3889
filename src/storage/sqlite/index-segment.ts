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
  /** For explain: a statement that reads rows. */
  readonly sql: string;
  /** How so many rows behind a position are read; undefined when that lies behind all. */
  behind(after: Position | undefined, size: number): ScanPart | undefined;
}

export interface ScanPart {
  /** Selects d and rid in order; the last parameter, which is not among the args, is the number of rows. */
  readonly sql: string;
  readonly args: readonly SQLInputValue[];
  /** Behind which to go on where fewer rows come; undefined where these are all there are. */
  readonly rest?: readonly [d: number, rid: number] | undefined;
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
  const textColumns = `${CANDIDATE}, r.op, r.body, p.d`;
  const pageOf = (columns: string, sql: string): string =>
    `SELECT ${columns} FROM (${sql}) p CROSS JOIN res r ON r.rid = p.rid ${filter}`;
  const endOf = ({ sql, args, rest }: ScanPart, size: number): Place | undefined => {
    const last = view.connection.row(`SELECT d, rid FROM (${sql}) LIMIT 1 OFFSET ?`, ...args, size, size - 1);
    return (last as Place | undefined) ?? rest;
  };
  const scanned = (columns: string, after: Position | undefined, size: number): Scanned => {
    const part = scan.behind(after, size);
    if (part === undefined) return NOTHING_SCANNED;
    const rows = view.connection.rows(pageOf(columns, part.sql), ...part.args, size, ...probe.args);
    const row = rows.length === size ? (rows[size - 1] as Row) : undefined;
    // the place in the index, which a newer version of the resource has left
    const last = row && ([row.at(-1), row[0]] as unknown as Place);
    const end = last ?? (probe.sql === '' ? part.rest : endOf(part, size));
    return { rows, end: end && positionAt(end) };
  };
  const decided = isProbed(where);
  const readShown = (shown: ShownRows, after: Position | undefined, size: number): HitChunk => {
    const part = scan.behind(after, size);
    if (part === undefined) return { hits: [], end: undefined };
    const sql = `SELECT p.d, p.rid FROM (${part.sql}) p ${filterOf(lists)}`;
    const rows = view.connection.rows(sql, ...part.args, size, ...lists.args);
    const last = rows.length === size ? (rows[size - 1] as unknown as Place) : undefined;
    const end = last ?? (lists.sql === '' ? part.rest : endOf(part, size));
    return { hits: shownHits(rows, shown, view, types), end: end && positionAt(end) };
  };
  return {
    // for explain: nobody else needs it on each page
    get sql() {
      return pageOf(decided ? HIT_COLUMNS : textColumns, scan.sql);
    },
    read(after, size, withTexts = false) {
      const { rows, end } = scanned(withTexts ? textColumns : `${CANDIDATE}, r.op, p.d`, after, size);
      return { candidates: indexedCandidates(rows, view, withTexts), end };
    },
    readHits: !decided
      ? undefined
      : (after, size) => {
          const { shown } = view;
          if (shown?.isWorthAsking() === true) return readShown(shown, after, size);
          const { rows, end } = scanned(HIT_COLUMNS, after, size);
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

const HIT_COLUMNS = `${HIT}, p.d`;
const NOTHING_SCANNED: Scanned = { rows: [], end: undefined };

type Place = readonly [d: number, rid: number];

function positionAt([d, rid]: Place): Position {
  return { values: [d === 0 ? null : d], rid };
}

function filterOf({ sql }: SqlCondition): string {
  return sql === '' ? '' : `WHERE ${sql}`;
}
