/**
 * Every version in commit order from a position on, and a scan of everything that is live at one commit.
 */
import type { Change } from '../store.ts';
import { type Connection, type Row, readTransaction } from './connection.ts';
import { encodeSeq } from './cursor.ts';
import { type KeptVersion, namedRowOf, namedVersionOf } from './stored.ts';
import { newestSeq } from './view.ts';

const CHANGES = `SELECT * FROM (
  SELECT p.seq AS seq, y.name, r.id, p.v, p.ts, p.op, p.body FROM hist p INDEXED BY hist_seq
    CROSS JOIN res r ON r.rid = p.rid CROSS JOIN typ y ON y.id = p.t WHERE p.seq > ?1 ORDER BY p.seq LIMIT ?2)
  UNION ALL SELECT * FROM (
  SELECT r.seq AS seq, y.name, r.id, r.v, r.ts, r.op, r.body FROM res r INDEXED BY res_seq
    CROSS JOIN typ y ON y.id = r.t WHERE r.seq > ?1 ORDER BY r.seq LIMIT ?2)
  ORDER BY seq LIMIT ?2`;

/** At most `limit` changes after a commit. */
export function changesAfter(
  connection: Connection,
  seq: number,
  limit: number,
): { readonly changes: readonly Change[]; readonly seq: number } {
  const rows = connection.rows(CHANGES, seq, limit);
  const changes = rows.map((row) => ({
    cursor: encodeSeq('c', row[0] as number),
    version: namedVersionOf(row, 1),
  }));
  return { changes, seq: (rows.at(-1)?.[0] as number | undefined) ?? seq };
}

const PAGE = 500;
const LIVE_OF_TYPE = `SELECT r.seq, y.name, r.id, r.v, r.ts, r.op, r.body FROM res r INDEXED BY res_t
  CROSS JOIN typ y ON y.id = r.t WHERE r.t = ? AND r.seq > ? AND r.seq <= ? AND r.op < 2 ORDER BY r.seq LIMIT ?`;
const REPLACED = `SELECT p.rseq, y.name, r.id, p.v, p.ts, p.op, p.body, p.seq, p.t FROM hist p
  CROSS JOIN res r ON r.rid = p.rid CROSS JOIN typ y ON y.id = p.t
  WHERE p.rseq > ? AND p.rseq <= ? AND p.seq <= ? AND p.op < 2 ORDER BY p.rseq LIMIT ?`;

/** A page of a scan: commits up to `to` were shown as they were at commit `at`. */
interface Step {
  readonly to: number;
  readonly at: number;
}

/**
 * Everything that is live at the commit at which the scan starts, in pages that each are a short read. What is
 * replaced before its turn comes from the history afterwards.
 */
export function* scanPages(
  connection: Connection,
  types: readonly string[] | undefined,
): Iterable<KeptVersion[]> {
  const snapshot = newestSeq(connection);
  const known = new Map(connection.rows('SELECT name, id FROM typ') as [string, number][]);
  const steps = new Map<number, Step[]>();
  for (const name of new Set(types ?? known.keys())) {
    const t = known.get(name);
    if (t === undefined) continue;
    const shown: Step[] = [];
    steps.set(t, shown);
    let from = 0;
    while (from < snapshot) {
      const start = from;
      const { at, rows } = readTransaction(connection, () => ({
        at: newestSeq(connection),
        rows: connection.rows(LIVE_OF_TYPE, t, start, snapshot, PAGE),
      }));
      from = rows.length < PAGE ? snapshot : ((rows.at(-1) as Row)[0] as number);
      shown.push({ to: from, at });
      if (rows.length > 0) yield rows.map((row) => namedRowOf(row, 1));
    }
  }
  yield* replacedMeanwhile(connection, snapshot, steps);
}

function* replacedMeanwhile(
  connection: Connection,
  snapshot: number,
  steps: ReadonlyMap<number, readonly Step[]>,
): Iterable<KeptVersion[]> {
  const end = newestSeq(connection);
  let from = snapshot;
  while (from < end) {
    const rows = connection.rows(REPLACED, from, end, snapshot, PAGE);
    from = rows.length < PAGE ? end : ((rows.at(-1) as Row)[0] as number);
    const missed = rows.filter((row) => {
      const step = steps.get(row[8] as number)?.find(({ to }) => (row[7] as number) <= to);
      // replaced before the page that would have shown it was read
      return step !== undefined && (row[0] as number) <= step.at;
    });
    if (missed.length > 0) yield missed.map((row) => namedRowOf(row, 1));
  }
}
