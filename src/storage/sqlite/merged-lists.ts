/**
 * Many lists of the index read as one, in order. Where they have few rows all of these are put in order by one
 * statement; of longer lists that each have something behind a position, the next rows are in those whose first ones
 * come first, so one look into each list finds the few that a page has to read.
 */
import type { SQLInputValue } from 'node:sqlite';
import type { Connection } from './connection.ts';
import { comparePlaces, type Place } from './known-places.ts';
import type { List } from './list-lengths.ts';
import type { SqlCondition } from './sql-condition.ts';

export interface Listed {
  readonly lists: readonly List[];
  /** Whether all their rows are few enough to be put in order for each page. */
  readonly areShort: boolean;
  /** What rows of `p` pass, where they are short. */
  readonly probe: SqlCondition;
}

/** Behind a place and up to a value, which is within. */
export interface Bounds {
  readonly after: Place;
  readonly last: number;
  readonly descending: boolean;
}

export interface Merged {
  /** Selects d and rid in order, each pair once; the last parameter, which is not among the args, is a limit. */
  readonly sql: string;
  readonly args: readonly SQLInputValue[];
  /** Behind which to go on where fewer rows come than were asked for; undefined where nothing is left. */
  readonly rest: Place | undefined;
}

/** For explain: what the places are read from, and then the places. */
export const PLACES = 'SELECT value ->> 0 AS d, value ->> 1 AS rid FROM json_each(?) LIMIT ?';

/** Undefined when no list has anything there. */
export function mergeLists(
  listed: Listed,
  bounds: Bounds,
  size: number,
  connection: Connection,
): Merged | undefined {
  const read = listed.areShort ? readShort : readLong;
  const part: Place[] = [];
  let from: Place | undefined = bounds.after;
  while (from !== undefined && part.length < size) {
    const { places, end } = read(listed, { ...bounds, after: from }, size - part.length, connection);
    for (const place of inOrder(places, end, bounds.descending)) part.push(place);
    from = end;
  }
  const shown = part.slice(0, size);
  const last = shown.at(-1);
  if (last === undefined) return undefined;
  const isPart = from !== undefined || shown.length < part.length;
  return { sql: PLACES, args: [JSON.stringify(shown)], rest: isPart ? last : undefined };
}

interface Found {
  readonly places: Place[];
  /** Up to where nothing is missing; undefined where nothing is at all. */
  readonly end: Place | undefined;
}

function nearer(one: Place | undefined, other: Place, descending: boolean): Place {
  if (one === undefined) return other;
  const isNearer = comparePlaces(other, one) < 0;
  return isNearer === descending ? one : other;
}

function readShort(
  { lists, probe }: Listed,
  { after, last, descending }: Bounds,
  size: number,
  connection: Connection,
): Found {
  const { bound, order } = directed(descending);
  const filter = probe.sql === '' ? '' : `AND ${probe.sql}`;
  const sql = `SELECT p.d, p.rid FROM json_each(?) j
    CROSS JOIN ix p ON p.k = ? AND p.h = j.value AND ${bound('p.', '?', '?', '?')} ${filter}
    ORDER BY ${order('p.')} LIMIT ?`;
  const places: Place[] = [];
  let end: Place | undefined;
  for (const [k, hashes] of byKey(lists)) {
    const args = [`[${hashes.join()}]`, k, last, ...after, ...probe.args, size];
    const rows = connection.rows(sql, ...args) as unknown as Place[];
    for (const place of rows) places.push(place);
    if (rows.length === size) end = nearer(end, rows.at(-1) as Place, descending);
  }
  return { places, end };
}

/** Lists that are read behind their first rows: those of a page, most of whose rows are in few of them. */
const READ_MAX = 64;
/** Rows that are read of each beyond its share. */
const MORE_ROWS = 8;

function readLong({ lists }: Listed, bounds: Bounds, size: number, connection: Connection): Found {
  const { after, last, descending } = bounds;
  const heads = headsOf(lists, bounds, connection);
  const chosen: Head[] = [];
  let distinct = 0;
  for (const head of heads) {
    const isNew = chosen.length === 0 || comparePlaces(head.place, (chosen.at(-1) as Head).place) !== 0;
    if (isNew && distinct === Math.min(size, READ_MAX)) break;
    if (isNew) distinct++;
    chosen.push(head);
  }
  const until = chosen.at(-1)?.place;
  if (until === undefined) return { places: [], end: undefined };
  const isPart = chosen.length < heads.length;
  const { bound, order } = directed(descending);
  const most = 2 * Math.ceil(size / chosen.length) + MORE_ROWS;
  const sql = `SELECT (SELECT group_concat(d || ' ' || rid) FROM (SELECT d, rid FROM ix
    WHERE k = ?1 AND h = j.value AND ${bound('', '?2', '?3', '?4')} ORDER BY ${order('')} LIMIT ?5)) FROM json_each(?6) j`;
  const places: Place[] = [];
  // up to the first row of the last one, all that the others have is not before it
  let end: Place | undefined = isPart ? until : undefined;
  for (const [k, hashes] of byKey(chosen.map(({ list }) => list))) {
    const rows = connection.rows(sql, k, isPart ? until[0] : last, ...after, most, `[${hashes.join()}]`);
    for (const [text] of rows) {
      const own = placesOf(text as string);
      for (const place of own) places.push(place);
      if (own.length === most) end = nearer(end, own.at(-1) as Place, descending);
    }
  }
  return { places, end };
}

interface Head {
  readonly list: List;
  readonly place: Place;
}

/** The first row of each list behind the place, in order. */
function headsOf(
  lists: readonly List[],
  { after, last, descending }: Bounds,
  connection: Connection,
): readonly Head[] {
  const { bound, order } = directed(descending);
  const sql = `SELECT j.value, (SELECT d || ' ' || rid FROM ix WHERE k = ?1 AND h = j.value
    AND ${bound('', '?2', '?3', '?4')} ORDER BY ${order('')} LIMIT 1) FROM json_each(?5) j`;
  const heads: Head[] = [];
  for (const [k, hashes] of byKey(lists)) {
    for (const [h, text] of connection.rows(sql, k, last, ...after, `[${hashes.join()}]`)) {
      if (text !== null) heads.push({ list: { k, h: h as number }, place: placeOf(text as string) });
    }
  }
  const sign = descending ? -1 : 1;
  return heads.sort((a, b) => sign * comparePlaces(a.place, b.place));
}

/** The one bound on each side, see natural.ts, and the order. */
function directed(descending: boolean) {
  const [than, within, direction] = descending ? ['<', '>', ' DESC'] : ['>', '<', ''];
  return {
    bound: (of: string, last: string, d: string, rid: string): string =>
      `${of}d ${within}= ${last} AND (${of}d, ${of}rid) ${than} (${d}, ${rid})`,
    order: (of: string): string => `${of}d${direction}, ${of}rid${direction}`,
  };
}

function byKey(lists: readonly List[]): Map<number, number[]> {
  const hashes = new Map<number, number[]>();
  for (const { k, h } of lists) {
    const known = hashes.get(k);
    if (known === undefined) hashes.set(k, [h]);
    else known.push(h);
  }
  return hashes;
}

function placesOf(text: string): Place[] {
  return text.split(',').map(placeOf);
}

function placeOf(text: string): Place {
  const at = text.indexOf(' ');
  return [Number(text.slice(0, at)), Number(text.slice(at + 1))];
}

/** Up to where nothing is missing, each once: a resource may be in several lists. */
function inOrder(places: readonly Place[], end: Place | undefined, descending: boolean): readonly Place[] {
  const sign = descending ? -1 : 1;
  const known = end === undefined ? [...places] : places.filter((one) => sign * comparePlaces(one, end) <= 0);
  known.sort((a, b) => sign * comparePlaces(a, b));
  return known.filter((place, at) => at === 0 || comparePlaces(place, known[at - 1] as Place) !== 0);
}
