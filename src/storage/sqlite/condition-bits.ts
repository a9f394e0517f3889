/**
 * The resources that satisfy one condition of an index as a set of bits by rid; those of long lists are kept.
 */
import { assertNever } from '../../fhir/types.ts';
import { allOf, type Bound, partsOf } from './bind.ts';
import { type Bits, clearBit, setBit, unite } from './bits.ts';
import { firstSince } from './commit-times.ts';
import { hashOf, indexedText, SHAPE_LIST, TYPE_LIST, textBounds } from './index-keys.ts';
import { startRange } from './intervals.ts';
import { emptyBits, type Indexed, isKept, type KeptKind, keptOrMade } from './kept-sets.ts';
import { addRids, addRow, type ScanContext } from './list-bits.ts';
import { COUNTED_PER_CANDIDATE, costOfCounted } from './list-lengths.ts';
import { compileTest, type Test } from './predicate.ts';
import { rangeSql } from './range-sql.ts';
import { knownShapeOf } from './shapes.ts';
import { unitsOf } from './units.ts';
import { hasWide } from './value-lists.ts';
import type { View } from './view.ts';

export interface ConditionContext extends ScanContext {
  readonly types: readonly number[];
}

export type Condition = Extract<
  Bound,
  { kind: 'types' | 'terms' | 'present' | 'text' | 'date' | 'number' | 'updated' | 'self' | 'id' }
>;

/** More terms are one set rather than one each. */
const TERMS_APART_MAX = 8;

/** Nobody may change it. Undefined when the condition needs a look at the resources. */
export function conditionBits(where: Condition, context: ConditionContext): Bits | undefined {
  switch (where.kind) {
    case 'types':
    case 'terms': {
      const parts = apart(where);
      if (parts.length === 1) return keptBits(parts[0] as Condition, context);
      const bits = emptyBits(context.view);
      for (const part of parts) unite(bits, keptBits(part, context) as Bits);
      return bits;
    }
    case 'present':
    case 'text':
    case 'date':
    case 'number':
      return keptBits(where, context);
    case 'updated':
    case 'self':
    case 'id':
      return readBits(where, context)?.bits;
    default:
      return assertNever(where);
  }
}

function apart(where: Extract<Condition, { kind: 'types' | 'terms' }>): readonly Condition[] {
  if (where.kind === 'types') return where.types.map((t) => ({ kind: 'types', types: [t] }));
  if (where.hashes.length > TERMS_APART_MAX) return [where];
  return where.hashes.map((h) => ({ kind: 'terms', k: where.k, hashes: [h] }));
}

const KEY_LENGTH_MAX = 1_000;

function keptBits(where: Condition, context: ConditionContext): Bits | undefined {
  const { view, meter } = context;
  const kind = conditionKind(where, context);
  return kind === undefined ? readBits(where, context)?.bits : keptOrMade(kind, view, meter)?.bits;
}

/** How its set is kept; undefined when it is too long for that. */
export function conditionKind(where: Condition, context: ConditionContext): KeptKind<Read> | undefined {
  const { types, view } = context;
  const key = keyOf(where, types);
  if (key.length > KEY_LENGTH_MAX) return undefined;
  const room = emptyBits(view);
  return {
    key,
    make: () => readBits(where, context),
    bytesOf: ({ bits, rows }) =>
      rows < view.limits.keptRowsMin ? undefined : bits.byteLength + key.length * 2,
    follow: (read, versions) => ({
      ...read,
      bits: follow(where, read.bits, versions, { room, ...context }),
    }),
  };
}

function keyOf(where: Condition, types: readonly number[]): string {
  // shapes get more with time
  return JSON.stringify(where.kind === 'present' ? [where.k, types, where.shapes.having] : where);
}

/** Whether the sets of all these terms are kept, so that they are joined sooner than anything is looked up. */
export function areKept(where: Bound, view: View): boolean {
  return partsOf(where).every(
    (part) => part.kind === 'terms' && apart(part).every((one) => isKept(keyOf(one, []), view)),
  );
}

interface FollowContext extends ConditionContext {
  readonly room: Bits;
}

function follow(where: Condition, bits: Bits, versions: readonly Indexed[], context: FollowContext): Bits {
  const { room } = context;
  const test = testOf(where, context);
  const next = bits.length === room.length ? bits : room;
  if (next !== bits) next.set(bits);
  for (const { rid, now } of versions) {
    if (now !== undefined && test(now)) setBit(next, rid);
    else clearBit(next, rid);
  }
  return next;
}

/** What postings do not tell is asked of what the index made of them. */
function testOf(where: Condition, context: ConditionContext): Test {
  const { types, view } = context;
  if (where.kind === 'present') return compileTest(allOf([{ kind: 'types', types }, where]), context);
  if (where.kind !== 'terms' || where.k !== SHAPE_LIST) return compileTest(where, context);
  const shapes = new Set<number | undefined>(where.hashes);
  return ({ t, sections }) => shapes.has(knownShapeOf(view.connection, t, sections));
}

interface Read {
  readonly bits: Bits;
  readonly rows: number;
}

function readBits(where: Condition, context: ConditionContext): Read | undefined {
  switch (where.kind) {
    case 'types':
      return readLists(TYPE_LIST, where.types, context);
    case 'terms':
      return readLists(where.k, where.hashes, context);
    case 'present':
      return where.shapes.mixed.length > 0 ? undefined : readLists(SHAPE_LIST, where.shapes.having, context);
    case 'text':
      return readTexts(where, context);
    case 'date':
    case 'number':
      return readRanges(where, context);
    case 'updated':
      return readUpdated(where, context);
    case 'self':
      return readSelves(where.hashes, context);
    case 'id': {
      const names = context.types.map((t) => context.view.typeName(t));
      return readSelves(
        names.flatMap((name) => where.ids.map((id) => hashOf(name, id))),
        context,
      );
    }
    default:
      return assertNever(where);
  }
}

/** Rows of the index that are in lists of a parameter: of terms, or all of its values. */
type Listed =
  | { readonly by: 'term'; readonly k: number; readonly hashes: readonly number[] }
  | { readonly by: 'text' | 'date' | 'number'; readonly k: number };

/** Resources as the index has them; undefined when a parameter has too many units. */
export function listedBits(listed: Listed, context: ScanContext): Bits | undefined {
  const { by, k } = listed;
  switch (by) {
    case 'term':
      return readLists(k, listed.hashes, context).bits;
    case 'text':
      return readScans([{ table: 'ixs', order: 's', where: 'k = ?', args: [k] }], context).bits;
    case 'date':
      return readScans([{ table: 'ixd', order: 'lo', where: 'k = ?', args: [k] }], context).bits;
    case 'number': {
      const scans = unitsOf(k, context.view)?.map((u) => {
        return { table: 'ixq', order: 'lo', where: 'k = ? AND u = ?', args: [k, u] };
      });
      return scans && readScans(scans, context).bits;
    }
    default:
      return assertNever(by);
  }
}

type ListScan = Parameters<typeof addRids>[1];

function readScans(scans: readonly ListScan[], context: ScanContext): Read {
  const bits = emptyBits(context.view);
  return { bits, rows: addScans(bits, scans, context) };
}

/** How many rows there were. */
function addScans(bits: Bits, scans: readonly ListScan[], context: ScanContext): number {
  return scans.reduce((rows, scan) => rows + addRids(bits, scan, context), 0);
}

const LISTS = 'json_each(?) j CROSS JOIN ix p ON p.k = ? AND p.h = j.value';
const RIDS_OF_LISTS = `SELECT group_concat(p.rid) FROM ${LISTS}`;
const COUNT_LISTS = `SELECT count(*) FROM (SELECT 1 FROM ${LISTS} LIMIT ?)`;
/** Of more each list is read by itself, in stretches. */
const ROWS_AT_ONCE = 100_000;

/** Lists of many, such as those of the people whom a chain is about: few at once, for some may be long. */
const LISTS_AT_ONCE = 64;

function readLists(k: number, hashes: readonly number[], context: ScanContext): Read {
  const { view, meter } = context;
  if (hashes.length <= TERMS_APART_MAX) return readScans(scansOf(k, hashes), context);
  const bits = emptyBits(view);
  let rows = 0;
  for (let at = 0; at < hashes.length; at += LISTS_AT_ONCE) {
    const part = hashes.slice(at, at + LISTS_AT_ONCE);
    const list = `[${part.join()}]`;
    const count = view.connection.row(COUNT_LISTS, list, k, ROWS_AT_ONCE + 1)?.[0] as number;
    meter.spend(Math.ceil(part.length / COUNTED_PER_CANDIDATE));
    if (count > ROWS_AT_ONCE) {
      rows += addScans(bits, scansOf(k, part), context);
    } else {
      meter.spend(costOfCounted(rows + count) - costOfCounted(rows));
      addRow(bits, view.connection.row(RIDS_OF_LISTS, list, k));
      rows += count;
    }
  }
  return { bits, rows };
}

function scansOf(k: number, hashes: readonly number[]): readonly ListScan[] {
  return hashes.map((h) => ({ table: 'ix', order: 'd', where: 'k = ? AND h = ?', args: [k, h] }));
}

/** Hashes that are looked up by one statement: a call for each costs as much as the look-up. */
const LOOKED_UP_AT_ONCE = 2_000;
const RIDS_OF_SELVES = `SELECT group_concat(r.rid) FROM json_each(?) j
  CROSS JOIN res r INDEXED BY res_h ON r.h = j.value`;

function readSelves(hashes: readonly number[], { view, meter }: ConditionContext): Read {
  const bits = emptyBits(view);
  for (let at = 0; at < hashes.length; at += LOOKED_UP_AT_ONCE) {
    const part = hashes.slice(at, at + LOOKED_UP_AT_ONCE);
    meter.spend(Math.ceil(part.length / 4));
    addRow(bits, view.connection.row(RIDS_OF_SELVES, JSON.stringify(part)));
  }
  return { bits, rows: hashes.length };
}

function readTexts(
  { k, op, value }: Extract<Bound, { kind: 'text' }>,
  context: ConditionContext,
): Read | undefined {
  // a longer value is cut in the index
  if (value === '' || indexedText(value) !== value || (op !== 'exact' && value.includes('\u0000')))
    return undefined;
  const texts = { table: 'ixs', order: 's', where: 'k = ?', args: [k] };
  switch (op) {
    case 'exact':
      // a text that was cut could look like this one
      if (indexedText(value + LEFT_OVER) !== value + LEFT_OVER) return undefined;
      return readScans([{ table: 'ixs', order: 'rid', where: 'k = ? AND s = ?', args: [k, value] }], context);
    case 'whole':
      if (indexedText(`${value}\u0000`) !== `${value}\u0000`) return undefined;
      return readScans([{ ...texts, ...textBounds(op, value) }], context);
    case 'prefix':
    case 'from':
    case 'below':
      return readScans([{ ...texts, ...textBounds(op, value) }], context);
    case 'contains':
    case 'suffix': {
      // a fold that was cut has no end in the index
      const cut = 'SELECT 1 FROM ixs WHERE k = ? AND instr(s, char(0)) = 0 LIMIT 1';
      if (context.view.connection.row(cut, k) !== undefined) return undefined;
      const fold = 'substr(s, 1, instr(s, char(0)) - 1)';
      const filter = op === 'contains' ? `instr(${fold}, ?) > 0` : `substr(${fold}, -length(?)) = ?`;
      const filterArgs = op === 'contains' ? [value] : [value, value];
      return readScans([{ ...texts, filter, filterArgs }], context);
    }
    default:
      return assertNever(op);
  }
}

/** A text is cut at a length, or one before it. */
const LEFT_OVER = '__';

function readRanges(
  where: Extract<Bound, { kind: 'date' | 'number' }>,
  context: ConditionContext,
): Read | undefined {
  const { k, prefix, lo, hi } = where;
  const range = rangeSql(prefix, lo, hi);
  const { from, to, endCounts } = startRange(prefix, lo, hi);
  const isFromStart = !endCounts || (where.kind === 'number' && !hasWide(k, context.view));
  const bounds = {
    order: 'lo',
    filter: `(${range.sql})`,
    filterArgs: range.args,
    ...(Number.isFinite(to) && { to }),
    ...(isFromStart && Number.isFinite(from) && { from }),
  };
  if (where.kind === 'date') {
    return readScans([{ ...bounds, table: 'ixd', where: 'k = ?', args: [k] }], context);
  }
  const units = where.units.length > 0 ? where.units : unitsOf(k, context.view);
  if (units === undefined) return undefined;
  const scans = units.map((u) => ({ ...bounds, table: 'ixq', where: 'k = ? AND u = ?', args: [k, u] }));
  return readScans(scans, context);
}

/** Tombstones are among them: the types leave them out. */
function readUpdated(
  where: Extract<Bound, { kind: 'updated' }>,
  context: ConditionContext,
): Read | undefined {
  const { view, types } = context;
  if (where.prefix === 'ne') return undefined;
  const { from, to } = startRange(where.prefix, where.lo, where.hi);
  const first = from === Number.NEGATIVE_INFINITY ? 1 : firstSince(view, from);
  const end = to === Number.POSITIVE_INFINITY ? view.snapshot + 1 : firstSince(view, to);
  const scans = types.map((t) => ({
    table: 'res INDEXED BY res_t',
    order: 'seq',
    where: 't = ?',
    args: [t],
    from: first,
    to: end,
  }));
  return readScans(scans, context);
}
