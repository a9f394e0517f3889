/**
 * Every resource that satisfies a predicate as a set of bits by rid, made from index rows alone: conditions that no
 * list of the index decides together, such as a code and a range of values, are counted and found by joining their
 * sets, a row at a twentieth of what a candidate costs.
 */
import { assertNever } from '../../fhir/types.ts';
import { termsOf as hashesOf } from '../packed-match.ts';
import { allOf, type Bound, hintOf } from './bind.ts';
import {
  addList,
  type Bits,
  clearBit,
  countBits,
  hasBit,
  intersect,
  ridsOfBits,
  subtract,
  unite,
} from './bits.ts';
import type { Candidate } from './candidate.ts';
import { firstSince } from './commit-times.ts';
import { afterTexts, indexedText, SHAPE_LIST, TYPE_LIST } from './index-keys.ts';
import { startRange } from './intervals.ts';
import { isOfTypes } from './lists.ts';
import type { Meter } from './meter.ts';
import { compileTest } from './predicate.ts';
import { rangeSql } from './range-sql.ts';
import { hashOf, type View } from './view.ts';

export interface SetContext {
  readonly view: View;
  readonly meter: Meter;
}

export interface RidSet {
  /** Resources whose version the index tells. */
  readonly bits: Bits;
  /** The other ones. */
  readonly loose: readonly Candidate[];
}

/** Undefined when a condition needs a look at the resources. */
export function ridSet(where: Bound, types: readonly number[], context: SetContext): RidSet | undefined {
  const { view, meter } = context;
  const build: Build = { ...context, types, words: wordsOf(view) };
  const parts = where.kind === 'all' ? where.of : [where];
  const typed = parts.some((part) => impliesTypes(part, types, view))
    ? where
    : allOf([where, { kind: 'types', types }]);
  const bits = bitsOf(typed, build);
  if (bits === undefined) return undefined;
  // what the index has of these is not what is seen
  if (view.hasLoose) {
    const newer = 'SELECT rid FROM res INDEXED BY res_seq WHERE seq > ?';
    for (const [rid] of view.connection.rows(newer, view.indexed) as [number][]) clearBit(bits, rid);
  }
  const loose: Candidate[] = [];
  const test = compileTest(allOf([{ kind: 'types', types }, where]), context);
  for (const candidate of view.loose(hintOf(where, types))) {
    meter.spend(1);
    if (test(candidate)) loose.push(candidate);
  }
  return { bits, loose };
}

/** Rows of the index that are in lists of a parameter: of terms, or all of its values. */
type Listed =
  | { readonly by: 'term'; readonly k: number; readonly hashes: readonly number[] }
  | { readonly by: 'text' | 'date' | 'number'; readonly k: number };

/** Resources as the index has them; undefined when a parameter has too many units. */
export function listedBits(listed: Listed, context: SetContext): Bits | undefined {
  const build: Build = { ...context, types: [], words: wordsOf(context.view) };
  if (listed.by === 'term') return termBits(listed.k, listed.hashes, build);
  const { by, k } = listed;
  const bits = new Uint32Array(build.words);
  if (by === 'text') addRids(bits, { ...TEXTS, args: [k] }, build);
  else if (by === 'date') addRids(bits, { table: 'ixd', order: 'lo', where: 'k = ?', args: [k] }, build);
  else {
    const units = unitsOf(k, build);
    if (units === undefined) return undefined;
    for (const u of units) {
      addRids(bits, { table: 'ixq', order: 'lo', where: 'k = ? AND u = ?', args: [k, u] }, build);
    }
  }
  return bits;
}

function wordsOf({ connection }: View): number {
  const size = ((connection.row('SELECT max(rid) FROM res')?.[0] as number | null) ?? 0) + 1;
  return Math.ceil(size / 32);
}

export function sizeOfSet({ bits, loose }: RidSet): number {
  return countBits(bits) + loose.length;
}

interface Build extends SetContext {
  readonly types: readonly number[];
  readonly words: number;
}

/** Keys of strings, dates and numbers are those of one type. */
function impliesTypes(where: Bound, types: readonly number[], view: View): boolean {
  switch (where.kind) {
    case 'all':
      return where.of.some((part) => impliesTypes(part, types, view));
    case 'any':
      return where.of.every((part) => impliesTypes(part, types, view));
    case 'terms':
      return isOfTypes(where.k, types, view);
    case 'types':
    case 'present':
      return true;
    case 'text':
    case 'date':
    case 'number':
      return types.length === 1;
    default:
      return false;
  }
}

function bitsOf(where: Bound, build: Build): Bits | undefined {
  switch (where.kind) {
    case 'all': {
      // exclusions take away from what the others leave
      const negated = where.of.filter(({ kind }) => kind === 'not');
      const others = where.of.filter(({ kind }) => kind !== 'not');
      let bits = others.length === 0 ? typesBits(build) : undefined;
      for (const part of others) {
        const more = bitsOf(part, build);
        if (more === undefined) return undefined;
        if (bits === undefined) bits = more;
        else intersect(bits, more);
      }
      for (const part of negated) {
        const out = part.kind === 'not' ? bitsOf(part.of, build) : undefined;
        if (out === undefined) return undefined;
        subtract(bits as Bits, out);
      }
      return bits;
    }
    case 'any': {
      const bits = new Uint32Array(build.words);
      for (const part of where.of) {
        const more = bitsOf(part, build);
        if (more === undefined) return undefined;
        unite(bits, more);
      }
      return bits;
    }
    case 'not':
      return bitsOf({ kind: 'all', of: [where] }, build);
    case 'types':
      return termBits(TYPE_LIST, where.types, build);
    case 'terms':
      return termBits(where.k, where.hashes, build);
    case 'present':
      return where.shapes.mixed.length > 0 ? undefined : termBits(SHAPE_LIST, where.shapes.having, build);
    case 'text':
      return textBits(where, build);
    case 'date':
    case 'number':
      return rangeBits(where, build);
    case 'updated':
      return updatedBits(where, build);
    case 'chain':
      return chainBits(where, build);
    case 'has':
      return hasBits(where, build);
    case 'self':
      return selfBits(where.hashes, build);
    case 'id': {
      const names = build.types.map((t) => build.view.typeName(t));
      return selfBits(
        names.flatMap((name) => where.ids.map((id) => hashOf(name, id))),
        build,
      );
    }
    case 'near':
    case 'place':
      return undefined;
    default:
      return assertNever(where);
  }
}

const RIDS_OF_SELVES = `SELECT group_concat(r.rid) FROM json_each(?) j
  CROSS JOIN res r INDEXED BY res_h ON r.h = j.value`;

function selfBits(hashes: readonly number[], { view, meter, words }: Build): Bits {
  const bits = new Uint32Array(words);
  for (const part of inParts(hashes)) {
    meter.spend(Math.ceil(part.length / 4));
    addSelves(bits, part, view);
  }
  return bits;
}

function addSelves(bits: Bits, hashes: readonly number[], { connection }: View): void {
  addRow(bits, connection.row(RIDS_OF_SELVES, JSON.stringify(hashes)));
}

function typesBits(build: Build): Bits {
  return termBits(TYPE_LIST, build.types, build);
}

function termBits(k: number, hashes: readonly number[], build: Build): Bits {
  const bits = new Uint32Array(build.words);
  for (const h of hashes)
    addRids(bits, { table: 'ix', order: 'd', where: 'k = ? AND h = ?', args: [k, h] }, build);
  return bits;
}

const TEXTS = { table: 'ixs', order: 's', where: 'k = ?' } as const;

function textBits({ k, op, value }: Extract<Bound, { kind: 'text' }>, build: Build): Bits | undefined {
  // a longer value is cut in the index
  if (value === '' || indexedText(value) !== value || (op !== 'exact' && value.includes('\u0000')))
    return undefined;
  const bits = new Uint32Array(build.words);
  const start = op === 'whole' ? `${value}\u0000` : value;
  switch (op) {
    case 'prefix':
    case 'whole':
      if (indexedText(start) !== start) return undefined;
      addRids(
        bits,
        { ...TEXTS, args: [k], from: start, filter: 's < ?', filterArgs: [afterTexts(start)] },
        build,
      );
      return bits;
    case 'contains': {
      // a fold that was cut has no end in the index
      const cut = 'SELECT 1 FROM ixs WHERE k = ? AND instr(s, char(0)) = 0 LIMIT 1';
      if (build.view.connection.row(cut, k) !== undefined) return undefined;
      const filter = 'instr(substr(s, 1, instr(s, char(0)) - 1), ?) > 0';
      addRids(bits, { ...TEXTS, args: [k], filter, filterArgs: [value] }, build);
      return bits;
    }
    default:
      return undefined;
  }
}

function rangeBits(where: Extract<Bound, { kind: 'date' | 'number' }>, build: Build): Bits | undefined {
  const { k, prefix, lo, hi } = where;
  const bits = new Uint32Array(build.words);
  const range = rangeSql(prefix, lo, hi);
  const { from, to, endCounts } = startRange(prefix, lo, hi);
  const filter = Number.isFinite(to) ? `(${range.sql}) AND lo < ?` : `(${range.sql})`;
  const filterArgs = Number.isFinite(to) ? [...range.args, to] : range.args;
  const ends = { filter, filterArgs, ...(!endCounts && Number.isFinite(from) && { from }) };
  if (where.kind === 'date') {
    addRids(bits, { table: 'ixd', order: 'lo', where: 'k = ?', args: [k], ...ends }, build);
    return bits;
  }
  const units = where.units.length > 0 ? where.units : unitsOf(k, build);
  if (units === undefined) return undefined;
  for (const u of units) {
    addRids(bits, { table: 'ixq', order: 'lo', where: 'k = ? AND u = ?', args: [k, u], ...ends }, build);
  }
  return bits;
}

const UNITS_MAX = 50;

function unitsOf(k: number, { view }: Build): number[] | undefined {
  const rows = view.connection.rows(
    `WITH RECURSIVE v(u) AS (SELECT min(u) FROM ixq WHERE k = ?1
      UNION ALL SELECT (SELECT min(u) FROM ixq WHERE k = ?1 AND u > v.u) FROM v WHERE v.u IS NOT NULL
      LIMIT ?2) SELECT u FROM v WHERE u IS NOT NULL`,
    k,
    UNITS_MAX + 1,
  );
  return rows.length > UNITS_MAX ? undefined : rows.map((row) => row[0] as number);
}

/** Tombstones are among them: the types leave them out. */
function updatedBits(where: Extract<Bound, { kind: 'updated' }>, build: Build): Bits | undefined {
  const { view, types, words } = build;
  if (where.prefix === 'ne') return undefined;
  const { from, to } = startRange(where.prefix, where.lo, where.hi);
  const first = from === Number.NEGATIVE_INFINITY ? 1 : firstSince(view, from);
  const end = to === Number.POSITIVE_INFINITY ? view.snapshot + 1 : firstSince(view, to);
  const bits = new Uint32Array(words);
  for (const t of types) {
    const scan = {
      table: 'res INDEXED BY res_t',
      order: 'seq',
      where: 't = ?',
      args: [t],
      from: first,
      filter: 'seq < ?',
      filterArgs: [end],
    };
    addRids(bits, scan, build);
  }
  return bits;
}

/** Numbers that are looked up by one statement: a call for each costs as much as the look-up. */
const LOOKED_UP_AT_ONCE = 2_000;
const REFERRING_TO_RIDS = `SELECT group_concat(p.rid) FROM json_each(?) j CROSS JOIN res r ON r.rid = j.value
  CROSS JOIN ix p ON p.k = ? AND p.h = r.h`;
const REFERRING_TO = 'SELECT group_concat(rid) FROM ix WHERE k = ? AND h = ?';

/** References to the targets, each looked up. */
function chainBits({ k, t, where }: Extract<Bound, { kind: 'chain' }>, build: Build): Bits | undefined {
  const { view, meter } = build;
  const targets = ridSet(where, [t], build);
  if (targets === undefined) return undefined;
  const bits = new Uint32Array(build.words);
  for (const rids of inParts(ridsOfBits(targets.bits))) {
    meter.spend(rids.length);
    addRow(bits, view.connection.row(REFERRING_TO_RIDS, JSON.stringify(rids), k));
  }
  for (const { h } of targets.loose) addRow(bits, view.connection.row(REFERRING_TO, k, h));
  return bits;
}

function* inParts(numbers: Iterable<number>): Iterable<number[]> {
  let part: number[] = [];
  for (const number of numbers) {
    part.push(number);
    if (part.length === LOOKED_UP_AT_ONCE) {
      yield part;
      part = [];
    }
  }
  if (part.length > 0) yield part;
}

/** From a row with one list, which is NULL when it is empty. */
function addRow(bits: Bits, row: readonly unknown[] | undefined): void {
  if (typeof row?.[0] === 'string') addList(bits, row[0]);
}

const GROUPS = `SELECT h, group_concat(rid) FROM ix WHERE k = ? AND h > ? GROUP BY h ORDER BY h LIMIT 1000`;
const ROWS_PER_CANDIDATE = 16;

/** What the sources refer to: all references of the parameter are looked through. */
function hasBits({ k, t, where }: Extract<Bound, { kind: 'has' }>, build: Build): Bits | undefined {
  const { view, meter } = build;
  const sources = ridSet(where, [t], build);
  if (sources === undefined) return undefined;
  const bits = new Uint32Array(build.words);
  for (const source of sources.loose) {
    addSelves(bits, hashesOf(source.sections, k), view);
  }
  let last = -1;
  for (;;) {
    const groups = view.connection.rows(GROUPS, k, last) as [number, string][];
    meter.spend(groups.length);
    const found = groups.filter(([, rids]) => someOf(rids, sources.bits)).map(([h]) => h);
    addSelves(bits, found, view);
    if (groups.length < 1000) return bits;
    last = groups.at(-1)?.[0] as number;
  }
}

function someOf(rids: string, bits: Bits): boolean {
  for (const rid of rids.split(',')) if (hasBit(bits, Number(rid))) return true;
  return false;
}

interface Scan {
  readonly table: string;
  /** The column that the index is in the order of, before rid. */
  readonly order: string;
  readonly where: string;
  readonly args: readonly (number | string)[];
  /** The least value of that column. */
  readonly from?: number | string;
  readonly filter?: string;
  readonly filterArgs?: readonly (number | string)[];
}

/** Rows that are read at once. */
const AT_ONCE = 20_000;

/** One text of many numbers is read in half the time of as many rows. */
function addRids(bits: Bits, scan: Scan, { view, meter }: Build): void {
  const { table, order, where, args, filter = '1', filterArgs = [] } = scan;
  // one bound at a time: of two the database uses either
  let start = scan.from === undefined ? '1' : `${order} >= ?`;
  let startArgs: readonly (number | string)[] = scan.from === undefined ? [] : [scan.from];
  for (;;) {
    const page = `SELECT ${order} AS o, rid FROM ${table} WHERE ${where} AND ${start} AND ${filter}
      ORDER BY ${order}, rid LIMIT ?`;
    const sql = `SELECT group_concat(rid), max(o) FROM (${page})`;
    const row = view.connection.row(sql, ...args, ...startArgs, ...filterArgs, AT_ONCE);
    const [rids, last] = row as [string | null, number | string];
    if (rids === null) return;
    const { count, rid } = addList(bits, rids);
    meter.spend(Math.ceil(count / ROWS_PER_CANDIDATE));
    if (count < AT_ONCE) return;
    start = `(${order}, rid) > (?, ?)`;
    startArgs = [last, rid];
  }
}
