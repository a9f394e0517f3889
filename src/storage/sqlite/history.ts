/**
 * History of a resource, of a type, of everything: versions in commit order, from the current table and the
 * table of replaced versions.
 * https://hl7.org/fhir/R4/http.html#history
 */
import type { HistoryPage, HistoryRequest, HistoryScope } from '../store.ts';
import { firstSince } from './commit-times.ts';
import type { Connection, Row } from './connection.ts';
import { decodeSeq, encodeSeq } from './cursor.ts';
import { namedRowOf, readRow, VERSION_ID, wireVersion } from './stored.ts';
import { newestSeq } from './view.ts';

/** Must be called within one read transaction. */
export function history(connection: Connection, scope: HistoryScope, request: HistoryRequest): HistoryPage {
  const bounds = boundsOf(connection, request);
  const rows = versions(connection, scope, bounds, request);
  if (rows === undefined) return { rows: [] };
  const page = rows.slice(0, request.limit);
  const last = page.at(-1);
  const total = countOf(connection, scope, request);
  return {
    rows: page.map((row) => wireVersion(namedRowOf(row, 1))),
    ...(rows.length > page.length && last !== undefined ? { next: encodeSeq('h', last[0] as number) } : {}),
    ...(total === undefined ? {} : { total }),
  };
}

/** Inclusive range of commits; `replacedFrom`: replaced by that commit or later, or not at all. */
interface Bounds {
  readonly from: number;
  readonly to: number;
  readonly replacedFrom: number;
}

function boundsOf(connection: Connection, { after, since, at, ascending }: HistoryRequest): Bounds {
  const log = { connection, snapshot: newestSeq(connection) };
  let from = 1;
  let to = log.snapshot;
  let replacedFrom = 0;
  // times never go back from commit to commit, so a time is a place among the commits
  if (since !== undefined) from = firstSince(log, since);
  if (at !== undefined) {
    to = firstSince(log, at.hi) - 1;
    replacedFrom = firstSince(log, at.lo + 1);
  }
  if (after !== undefined) {
    const [position] = decodeSeq(after, 'h', 1) as [number];
    if (ascending === true) from = Math.max(from, position + 1);
    else to = Math.min(to, position - 1);
  }
  return { from, to, replacedFrom };
}

const COLUMNS = 'y.name, r.id, p.v, p.ts, p.op, p.body';

/** One more than a page, from both tables; undefined when there is no such resource or type. */
function versions(
  connection: Connection,
  scope: HistoryScope,
  { from, to, replacedFrom }: Bounds,
  { limit, ascending }: HistoryRequest,
): Row[] | undefined {
  const direction = ascending === true ? 'ASC' : 'DESC';
  const which = scopeSql(connection, scope);
  if (which === undefined) return undefined;
  const { old, current, key, listed } = which;
  const sql = `WITH listed AS (SELECT value->>0 AS rid, value->>1 AS v FROM json_each(?6)) SELECT * FROM (
    SELECT p.seq AS seq, ${COLUMNS} FROM hist p ${old.index} CROSS JOIN res r ON r.rid = p.rid
      CROSS JOIN typ y ON y.id = p.t
      WHERE ${old.where} AND p.seq BETWEEN ?2 AND ?3 AND p.rseq >= ?4 ORDER BY ${old.order} ${direction} LIMIT ?5)
    UNION ALL SELECT * FROM (
    SELECT r.seq AS seq, ${COLUMNS.replaceAll('p.', 'r.')} FROM res r ${current.index} CROSS JOIN typ y ON y.id = r.t
      WHERE ${current.where} AND r.seq BETWEEN ?2 AND ?3 ORDER BY ${current.order} ${direction} LIMIT ?5)
    ORDER BY seq ${direction} LIMIT ?5`;
  return connection.rows(sql, key, from, to, replacedFrom, limit + 1, JSON.stringify(listed ?? []));
}

interface Half {
  readonly index: string;
  readonly where: string;
  readonly order: string;
}

interface Which {
  readonly old: Half;
  readonly current: Half;
  readonly key: number;
  /** Rows and versions. */
  readonly listed?: readonly (readonly [rid: number, v: number | null])[];
}

const LISTED = `p.rid IN (SELECT rid FROM listed)
  AND (p.rid IN (SELECT rid FROM listed WHERE v IS NULL) OR (p.rid, p.v) IN (SELECT rid, v FROM listed))`;

function scopeSql(connection: Connection, scope: HistoryScope): Which | undefined {
  switch (scope.level) {
    case 'listed':
      return {
        old: { index: 'INDEXED BY hist_v', where: `?1 = 0 AND ${LISTED}`, order: 'p.seq' },
        current: { index: '', where: `?1 = 0 AND ${LISTED.replaceAll('p.', 'r.')}`, order: 'r.seq' },
        key: 0,
        listed: scope.versions.flatMap(({ type, id, versionId }) => {
          const rid = readRow(connection, type, id)?.[6] as number | undefined;
          if (rid === undefined || (versionId !== undefined && !VERSION_ID.test(versionId))) return [];
          return [[rid, versionId === undefined ? null : Number(versionId)] as const];
        }),
      };
    case 'system':
      return {
        old: { index: 'INDEXED BY hist_seq', where: '?1 = 0', order: 'p.seq' },
        current: { index: 'INDEXED BY res_seq', where: '?1 = 0', order: 'r.seq' },
        key: 0,
      };
    case 'type': {
      const t = connection.row('SELECT id FROM typ WHERE name = ?', scope.type)?.[0] as number | undefined;
      if (t === undefined) return undefined;
      return {
        old: { index: 'INDEXED BY hist_t', where: 'p.t = ?1', order: 'p.seq' },
        current: { index: 'INDEXED BY res_t', where: 'r.t = ?1', order: 'r.seq' },
        key: t,
      };
    }
    default: {
      const rid = readRow(connection, scope.type, scope.id)?.[6] as number | undefined;
      if (rid === undefined) return undefined;
      // versions and commits of one resource have the same order
      return {
        old: { index: 'INDEXED BY hist_v', where: 'p.rid = ?1', order: 'p.v' },
        current: { index: '', where: 'r.rid = ?1', order: 'r.v' },
        key: rid,
      };
    }
  }
}

function countOf(connection: Connection, scope: HistoryScope, request: HistoryRequest): number | undefined {
  if (scope.level !== 'instance' || request.since !== undefined || request.at !== undefined) return undefined;
  const row = readRow(connection, scope.type, scope.id);
  // versions count from 1 without gaps
  return row === undefined ? 0 : (row[2] as number);
}
