/**
 * From times to commits. Times never go back from one commit to the next, so a time is a place among them, and
 * no index on times is needed.
 */
import type { Connection } from './connection.ts';

const TIME_OF = `SELECT ts FROM (
  SELECT * FROM (SELECT seq, ts FROM res INDEXED BY res_seq WHERE seq >= ?1 ORDER BY seq LIMIT 1)
  UNION ALL SELECT * FROM (SELECT seq, ts FROM hist INDEXED BY hist_seq WHERE seq >= ?1 ORDER BY seq LIMIT 1))
  ORDER BY seq LIMIT 1`;

/** The first commit at or after a time, one past the newest when there is none. */
export function firstSince(
  { connection, snapshot }: { readonly connection: Connection; readonly snapshot: number },
  time: number,
): number {
  let low = 1;
  let high = snapshot + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const ts = connection.row(TIME_OF, middle)?.[0] as number | undefined;
    if (ts === undefined || ts >= time) high = middle;
    else low = middle + 1;
  }
  return low;
}
