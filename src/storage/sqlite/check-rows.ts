/**
 * The check of what is stored beside the live texts and their index: older versions, tombstones, the numbers of
 * resources, and the form of the file itself.
 */
import type { IndexFault } from '../store.ts';
import type { Connection, Row } from './connection.ts';
import { damagedParts } from './integrity.ts';
import { namedRowOf, wholeVersion } from './stored.ts';

/** Nothing mends them. */
export function* damagedRows(connection: Connection): Iterable<IndexFault> {
  if (damagedParts(connection, 'integrity_check').length > 0) yield fileFault();
  for (const [sql, what] of [
    [OLD, 'stored text of an older version'],
    [GONE, 'stored mark of a deletion'],
  ] as const) {
    for (const row of eachRow(connection, sql)) {
      const { type, id, damaged } = wholeVersion(namedRowOf(row, 1));
      if (damaged === true) yield { type, id, missing: [what], extra: [], isDamage: true };
    }
  }
}

function fileFault(): IndexFault {
  return { type: '', id: '', missing: ['parts of the database file'], extra: [], isDamage: true };
}

/** Types of which there are more or fewer than their number says, by the numbers of live rows. */
export function* wrongCounts(
  connection: Connection,
  counted: ReadonlyMap<string, number>,
): Iterable<IndexFault> {
  for (const [type, live] of connection.rows('SELECT name, live FROM typ') as [string, number][]) {
    const difference = live - (counted.get(type) ?? 0);
    if (difference === 0) continue;
    const [missing, extra] = difference < 0 ? [[COUNT], []] : [[], [COUNT]];
    yield { type, id: '', missing, extra };
  }
}

const COUNT = 'number of resources';
/** In the order of their first column, and after a value of it. */
const OLD = `SELECT p.rseq, y.name, r.id, p.v, p.ts, p.op, p.body FROM hist p CROSS JOIN res r ON r.rid = p.rid
  CROSS JOIN typ y ON y.id = p.t WHERE p.rseq > ? ORDER BY p.rseq LIMIT ?`;
const GONE = `SELECT r.rid, y.name, r.id, r.v, r.ts, r.op, r.body FROM res r CROSS JOIN typ y ON y.id = r.t
  WHERE r.rid > ? AND r.op NOT IN (0, 1) ORDER BY r.rid LIMIT ?`;
const AT_ONCE = 1_000;

function* eachRow(connection: Connection, sql: string): Iterable<Row> {
  let last = 0;
  for (;;) {
    const rows = connection.rows(sql, last, AT_ONCE);
    yield* rows;
    if (rows.length < AT_ONCE) return;
    last = (rows.at(-1) as Row)[0] as number;
  }
}
