/**
 * Conditions on strings as lists of the index: equal strings of a parameter lie together in the order of rid,
 * which is the order of everything that has no date, as those have that are looked for by name.
 */
import { type Bound, partsOf, type TextPart, withoutPart } from './bind.ts';
import type { Connection } from './connection.ts';
import { indexedText, TYPE_LIST, textBounds } from './index-keys.ts';
import { indexSegment } from './index-segment.ts';
import type { Meter } from './meter.ts';
import type { Position } from './order.ts';
import type { Segment } from './stream.ts';
import { behindRid } from './unvalued.ts';
import type { View } from './view.ts';

export interface TextList {
  readonly k: number;
  readonly s: string;
}

export interface TextListSet {
  readonly lists: readonly TextList[];
  /** What is left to be tested of the whole predicate. */
  readonly rest: Bound;
  /** Under which it is known who is in the lists, where these strings are known, too. */
  readonly name: string | undefined;
}

type TextBound = Extract<Bound, { kind: 'text' }>;

/** Whether no resource of the types has a primary date, so that the order of creation is the natural one. */
export function isUndated(types: readonly number[], { connection }: View): boolean {
  const dated = 'SELECT 1 FROM ix WHERE k = ? AND h = ? AND d > 0 LIMIT 1';
  return types.every((t) => connection.row(dated, TYPE_LIST, t) === undefined);
}

/** The part of an AND that is about strings alone. */
export function textPart(where: Bound): Bound | undefined {
  return partsOf(where).find((part) => textsOf(part) !== undefined);
}

function textsOf(part: Bound): readonly TextBound[] | undefined {
  if (part.kind === 'text') return [part];
  if (part.kind !== 'any' || part.of.length === 0) return undefined;
  return part.of.every((one) => one.kind === 'text') ? part.of : undefined;
}

/** Whether the start of a string does not tell. */
export function isInside({ op }: { readonly op: TextBound['op'] }): boolean {
  return op === 'contains' || op === 'suffix';
}

/** Whether finding the strings takes a look at all of the parameter. */
export function needsAllTexts(part: Bound): boolean {
  return textsOf(part)?.some(isInside) === true;
}

/** The lists of `part`; undefined when they are more than are merged. */
export function textLists(where: Bound, part: Bound, view: View, meter: Meter): TextListSet | undefined {
  const lists: TextList[] = [];
  let exact = true;
  for (const one of textsOf(part) ?? []) {
    if (one.value === '' || (one.op !== 'exact' && one.value.includes('\u0000'))) return undefined;
    const left = view.limits.textListsMax - lists.length;
    const values = isInside(one) ? keptValues(one, view, meter) : firstValues(one, left, view, meter);
    if (values === undefined || values.length > left) return undefined;
    for (const s of values) {
      // a value that may have been cut says only that the whole may match
      exact &&= indexedText(`${s}\u{10ffff}`) !== indexedText(s);
      lists.push({ k: one.k, s });
    }
    if (!isInside(one) && indexedText(one.value) !== one.value) exact = false;
  }
  const texts = textsOf(part) ?? [];
  const name = texts.every(isInside) ? texts.map(keyOf).join() : undefined;
  return { lists, rest: exact ? withoutPart(where, part) : where, name };
}

/** The values of k from `?2` up to `?3`, each once, by one look-up each. */
const DISTINCT = `WITH RECURSIVE v(s) AS (
  SELECT min(s) FROM ixs WHERE k = ?1 AND s >= ?2 AND s < ?3
  UNION ALL SELECT (SELECT min(s) FROM ixs WHERE k = ?1 AND s > v.s AND s < ?3) FROM v WHERE v.s IS NOT NULL
  LIMIT ?4) SELECT s FROM v WHERE s IS NOT NULL`;

function firstValues(
  { k, op, value }: TextBound,
  most: number,
  { connection }: View,
  meter: Meter,
): string[] {
  if (op === 'exact') return [indexedText(value)];
  if (op === 'contains' || op === 'suffix') return [];
  const { from, to } = textBounds(op, value);
  const rows = connection.rows(DISTINCT, k, from, to, most + 1);
  meter.spend(rows.length);
  return rows.map((row) => row[0] as string);
}

const ANY_TEXT = 'SELECT 1 FROM ixs WHERE k = ? LIMIT 1';
const ANY_BETWEEN = 'SELECT 1 FROM ixs WHERE k = ? AND s >= ? AND s < ? LIMIT 1';

/** Whether the index has a string that may satisfy the condition. */
export function holdsText({ k, op, value }: TextPart, { connection }: View): boolean {
  if (op === 'contains' || op === 'suffix' || value === '') return connection.row(ANY_TEXT, k) !== undefined;
  const { from, to } = textBounds(op === 'exact' ? 'prefix' : op, value);
  return connection.row(ANY_BETWEEN, k, from, to) !== undefined;
}

interface Kept {
  /** Changes with every commit of another connection. */
  readonly version: number;
  readonly values: Map<string, readonly string[]>;
  /** Who is in the lists of some of them; undefined where it is too many. */
  readonly rids: Map<string, Uint32Array | undefined>;
}

const kept = new WeakMap<Connection, Kept>();
const KEPT_MAX = 500;

/** Whether the values are known, so that asking for them costs nothing. */
export function knowsTexts(part: Bound, { connection }: View): boolean {
  const { values } = keptOf(connection);
  return (textsOf(part) ?? []).every((one) => !isInside(one) || values.has(keyOf(one)));
}

function keptOf(connection: Connection): Kept {
  const version = connection.row('PRAGMA data_version')?.[0] as number;
  let known = kept.get(connection);
  if (known?.version !== version) {
    known = { version, values: new Map(), rids: new Map() };
    kept.set(connection, known);
  }
  return known;
}

function keyOf({ k, op, value }: TextBound): string {
  return `${k} ${op} ${value}`;
}

function keptValues(one: TextBound, view: View, meter: Meter): readonly string[] {
  const { values } = keptOf(view.connection);
  const key = keyOf(one);
  let found = values.get(key);
  if (found === undefined) {
    found = containingValues(one, view, meter);
    if (values.size >= KEPT_MAX) values.clear();
    values.set(key, found);
  }
  return found;
}

/** Values that are looked at one by one: few at first, which all of most parameters are. */
const LOOKED_AT = [200, 2_800] as const;
/** What a scan of all rows of a parameter counts as. */
const SCAN_COST = 10_000;
const LAST = '\u{10ffff}\u{10ffff}\u{10ffff}';
const SCAN =
  'SELECT DISTINCT s FROM ixs WHERE k = ? AND s > ? AND (instr(s, ?) > 0 OR instr(s, char(0)) = 0) ORDER BY s LIMIT ?';

/** Those that contain the value or end in it, one more than may be merged at most. */
function containingValues({ k, op, value }: TextBound, { connection, limits }: View, meter: Meter): string[] {
  const most = limits.textListsMax + 1;
  const contains = (s: string): boolean => {
    const end = s.indexOf('\u0000');
    // what was cut may have it further on
    if (end < 0) return true;
    const fold = s.slice(0, end);
    return op === 'suffix' ? fold.endsWith(value) : fold.includes(value);
  };
  const found: string[] = [];
  let last = '';
  for (const count of LOOKED_AT) {
    meter.spend(count);
    // what comes next after a text
    const from = last === '' ? '' : `${last}\u0000`;
    const rows = connection.rows(DISTINCT, k, from, LAST, count);
    for (const row of rows) {
      last = row[0] as string;
      if (contains(last)) found.push(last);
    }
    if (rows.length < count || found.length >= most) return found;
  }
  while (found.length < most) {
    meter.spend(SCAN_COST);
    const rows = connection.rows(SCAN, k, last, value, most);
    for (const row of rows) {
      last = row[0] as string;
      if (contains(last)) found.push(last);
    }
    if (rows.length < most) return found;
  }
  return found;
}

/** To merge so many lists takes as long as to read who is in them from memory; each further one adds to every page. */
const MERGED_MAX = 16;
const RIDS_MAX = 16_384;
const RIDS_KEPT_MAX = 32;
/** Rows of lists that are read for the price of a candidate. */
const RIDS_PER_CANDIDATE = 16;
const RIDS_OF_TEXT = 'SELECT rid FROM ixs WHERE k = ? AND s = ? LIMIT ?';

/** Who is in any of many lists, in order: found out once, until the next commit. */
function ridsOfTexts({ lists, name }: TextListSet, view: View, meter: Meter): Uint32Array | undefined {
  if (name === undefined || lists.length <= MERGED_MAX) return undefined;
  const { rids } = keptOf(view.connection);
  if (rids.has(name)) return rids.get(name);
  const all = new Set<number>();
  let read = 0;
  for (const { k, s } of lists) {
    const rows = view.connection.rows(RIDS_OF_TEXT, k, s, RIDS_MAX + 1 - read);
    read += rows.length;
    for (const [rid] of rows) all.add(rid as number);
    if (read > RIDS_MAX) break;
  }
  meter.whole.spend(Math.ceil(read / RIDS_PER_CANDIDATE));
  const found = read > RIDS_MAX ? undefined : Uint32Array.from(all).sort();
  if (rids.size >= RIDS_KEPT_MAX) rids.clear();
  rids.set(name, found);
  return found;
}

/** The lists merged in the order of rid. */
export function textSegment(
  set: TextListSet,
  types: readonly number[],
  descending: boolean,
  view: View,
  meter: Meter,
): Segment {
  const { lists, rest } = set;
  const rids = ridsOfTexts(set, view, meter);
  const start = descending ? Number.MAX_SAFE_INTEGER : -1;
  // a position with a date lies before everything without one
  const ridOf = (after: Position | undefined): number =>
    after === undefined || after.values[0] !== null ? start : after.rid;
  const one = `SELECT rid FROM ixs WHERE k = ? AND s = ? AND rid ${descending ? '<' : '>'} ?`;
  const merged = `${lists.map(() => one).join(' UNION ')} ORDER BY 1 ${descending ? 'DESC' : ''} LIMIT ?`;
  const sql = rids === undefined ? `SELECT 0 AS d, rid FROM (${merged})` : KNOWN_RIDS;
  const scan = {
    sql,
    behind: (after: Position | undefined, size: number) => {
      const from = ridOf(after);
      return rids === undefined
        ? { sql, args: lists.flatMap(({ k, s }) => [k, s, from]) }
        : { sql, args: [`[${ridsBehind(rids, from, size, descending).join()}]`] };
    },
  };
  return indexSegment(scan, rest, view, types);
}

const KNOWN_RIDS = 'SELECT 0 AS d, value AS rid FROM json_each(?) LIMIT ?';

/** The next ones in the order. */
function ridsBehind(rids: Uint32Array, from: number, size: number, descending: boolean): Uint32Array {
  const rest = behindRid(rids, from, descending);
  return descending ? rest.subarray(-size).toReversed() : rest.subarray(0, size);
}
