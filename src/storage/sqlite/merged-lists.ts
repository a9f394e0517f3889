/**
 * Many lists of the index read as one, in order: of lists that each have something behind a position, the next rows are
 * in those whose first ones come first. So one look into each list finds the few that a page has to read.
 */
import type { SQLInputValue } from 'node:sqlite';
import type { Connection } from './connection.ts';

/** Lists of a table whose rows are in the order of a value, then of rid. */
export interface Listed {
  readonly table: 'ix' | 'ixq';
  /** The columns of what a list is found by, beside `k`, and of its order. */
  readonly by: 'h' | 'u';
  readonly value: 'd' | 'lo';
  readonly lists: readonly { readonly k: number; readonly id: number }[];
}

/** Behind a place and up to a value, which is within. */
export interface Bounds {
  readonly after: readonly [value: number, rid: number];
  readonly last: number;
  readonly descending: boolean;
}

export interface Merged {
  /** Selects value and rid in order, each pair once; the last parameter, which is not among the args, is a limit. */
  readonly sql: string;
  readonly args: readonly SQLInputValue[];
  /** Behind which to go on where fewer rows come than were asked for; undefined where nothing is left. */
  readonly rest: readonly [value: number, rid: number] | undefined;
}

/** Undefined when no list has anything there. At most `listsMax` lists are read. */
export function mergeLists(
  listed: Listed,
  bounds: Bounds,
  size: number,
  { connection, listsMax }: { readonly connection: Connection; readonly listsMax: number },
): Merged | undefined {
  const heads = headsOf(listed, bounds, connection);
  const wanted = Math.min(size, listsMax);
  const chosen: Head[] = [];
  let distinct = 0;
  for (const head of heads) {
    const before = chosen.at(-1);
    const isNew = before === undefined || before.value !== head.value || before.rid !== head.rid;
    if ((isNew && distinct === wanted) || chosen.length === LISTS_AT_ONCE) break;
    if (isNew) distinct++;
    chosen.push(head);
  }
  const until = chosen.at(-1);
  if (until === undefined) return undefined;
  const { by, table, value } = listed;
  const { after, last, descending } = bounds;
  const [than, within, direction] = descending ? ['<', '>', 'DESC'] : ['>', '<', 'ASC'];
  // up to the first row of the last one, all that the others have is not before it
  const isPart = chosen.length < heads.length;
  const end = isPart ? `(${value}, rid) ${within}= (?, ?)` : `${value} ${within}= ?`;
  const bound = isPart ? [until.value, until.rid] : [last];
  const one = `SELECT ${value}, rid FROM ${table} WHERE k = ? AND ${by} = ? AND ${end} AND (${value}, rid) ${than} (?, ?)`;
  return {
    sql: `${chosen.map(() => one).join(' UNION ')} ORDER BY 1 ${direction}, 2 ${direction} LIMIT ?`,
    args: chosen.flatMap(({ list: { k, id } }) => [k, id, ...bound, ...after]),
    rest: isPart ? [until.value, until.rid] : undefined,
  };
}

/** SQLite joins no more in one statement; more may begin with the same row. */
const LISTS_AT_ONCE = 400;

interface Head {
  readonly list: Listed['lists'][number];
  readonly value: number;
  readonly rid: number;
}

/** The first row of each list behind the place, in order. */
function headsOf(
  { table, by, value, lists }: Listed,
  { after, last, descending }: Bounds,
  connection: Connection,
): readonly Head[] {
  const [than, within, direction] = descending ? ['<', '>', 'DESC'] : ['>', '<', 'ASC'];
  const first = (column: string): string =>
    `(SELECT ${column} FROM ${table} WHERE k = ?1 AND ${by} = j.value AND ${value} ${within}= ?2
      AND (${value}, rid) ${than} (?3, ?4) ORDER BY ${value} ${direction}, rid ${direction} LIMIT 1)`;
  const sql = `SELECT j.value, ${first(value)}, ${first('rid')} FROM json_each(?5) j`;
  const byKey = new Map<number, number[]>();
  for (const { k, id } of lists) {
    const ids = byKey.get(k);
    if (ids === undefined) byKey.set(k, [id]);
    else ids.push(id);
  }
  const heads: Head[] = [];
  for (const [k, ids] of byKey) {
    for (const row of connection.rows(sql, k, last, ...after, `[${ids.join()}]`)) {
      if (row[1] !== null)
        heads.push({ list: { k, id: row[0] as number }, value: row[1] as number, rid: row[2] as number });
    }
  }
  const sign = descending ? -1 : 1;
  return heads.sort((a, b) => sign * (a.value - b.value || a.rid - b.rid));
}
