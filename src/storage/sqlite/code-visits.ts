/**
 * Whether a code of an order has anything that matches, and how that is found: where few of those that have the code
 * match, all that do are found out as a set, so that neither a page nor the codes without anything take long.
 */
import { type Bound, isEverything, partsOf } from './bind.ts';
import type { Bindings } from './bindings.ts';
import { type Bits, countBits, intersect, ridsOfBits } from './bits.ts';
import type { CodesPlan } from './codes-plan.ts';
import type { Collector } from './collect.ts';
import { areKept, conditionBits } from './condition-bits.ts';
import type { Found, Page } from './found.ts';
import { type Group, type Search, searchGroup } from './groups.ts';
import { TYPE_LIST } from './index-keys.ts';
import { keepBits, keptBits } from './kept-bits.ts';
import { indexedByRids } from './kept-hits.ts';
import { groupName, keepOrder, keptOrder } from './kept-orders.ts';
import { emptyBits } from './kept-sets.ts';
import { knownCollector } from './known-collector.ts';
import { addRids } from './list-bits.ts';
import { costOfCounted, countTerm, countUpTo } from './list-lengths.ts';
import { createTrial, TrialOver } from './meter.ts';
import { narrowing, withoutCodes } from './narrowing.ts';
import { positionOf, type SortValue } from './order.ts';
import { isProbed, probeSql } from './probe.ts';
import { severalOf } from './several.ts';
import type { NarrowEffort } from './stream.ts';
import type { View } from './view.ts';

export interface CodeGroup extends Group {
  /** Which of the codes, from 0; one more is what has none. */
  readonly at: number;
  readonly hashes: readonly number[];
}

type Visit = (group: CodeGroup, page: Page) => Found;

const NOTHING: Found = { hits: [], more: undefined };
/** Rows that a code is read for, before all that match are found out at any price. */
const READ_BEFORE = 3_000;

export function createCodeVisits(plan: CodesPlan, bindings: Bindings, search: Search): Visit {
  const { view, where, isGoingOn, meter } = bindings;
  const { triedFirst, collectedMax } = view.limits;
  const isLate = placesOfLate(plan, bindings);
  const isAsked = askedCodes(plan, bindings);
  const isAll = isEverything(where);
  const narrow = narrowing(bindings);
  return (group, page) => {
    if (group.value === null) return isAsked(group) ? searchGroup(group, bindings, page, search) : NOTHING;
    const rows = group.hashes.reduce((sum, h) => sum + countTerm(view, plan.key.k, h), 0);
    const name = groupName(bindings.name, group.value);
    const order = name === undefined ? undefined : keptOrder(view.connection, name);
    const isEmpty =
      order?.length === 0 || !isAsked(group) || (rows === 0 && !isListed(plan.key.k, group, view));
    if (isEmpty && !isLate(group.value)) return NOTHING;
    const asOf = (few: Collector | undefined, rest = meter): Found =>
      searchGroup({ ...group, few }, { ...bindings, meter: rest }, page, search);
    if (order !== undefined) return asOf(knownCollector(order, order.length));
    const isKnown = name !== undefined && keptBits(view.connection, name) !== undefined;
    if (isKnown || (isAll && rows <= collectedMax)) return asOf(undefined);
    const withMembers = (effort: NarrowEffort): Found | undefined =>
      withBits(membersOf(group, plan, bindings, effort));
    const withBits = (bits: Bits | undefined): Found | undefined => {
      if (bits === undefined) return undefined;
      const count = countBits(bits);
      if (count === 0 && name !== undefined) keepOrder(view.connection, name, []);
      if (count === 0 && !isLate(group.value)) return NOTHING;
      if (count <= collectedMax) return asOf(knownCollector([...ridsOfBits(bits)], count));
      if (name !== undefined) keepBits(view.connection, name, bits);
      return asOf(undefined);
    };
    const tried = (rows: number): Found | undefined => {
      try {
        return asOf(undefined, createTrial(meter, rows));
      } catch (error) {
        if (!(error instanceof TrialOver)) throw error;
        return undefined;
      }
    };
    const isFoundOut = !isAll && narrow?.('none') !== undefined;
    // who goes on has it found out anyway
    if (isAll && !isGoingOn && isMost(group, plan, bindings)) return asOf(undefined);
    return (
      (isFoundOut ? withMembers('none') : undefined) ??
      tried(triedFirst * 2) ??
      (isAll || isGoingOn ? undefined : withBits(nearlyMembers(group, plan, bindings))) ??
      (isAll ? undefined : withBits(lookedUp(group, plan, bindings))) ??
      (isAll || isGoingOn ? withMembers('many') : undefined) ??
      tried(READ_BEFORE) ??
      withMembers('all') ??
      asOf(undefined)
    );
  };
}

/** Resources that are looked at to tell how much has a code, and how many of them make it most. */
const SAMPLED = 64;
const MOST = 48;

/** What most resources have hardly narrows a search: its set is not worth reading. */
function isMost({ hashes }: CodeGroup, { key: { k } }: CodesPlan, { view, types }: Bindings): boolean {
  const terms: Bound = { kind: 'terms', k, hashes };
  if (types.length > 1 || areKept(terms, view) || !isProbed(terms)) return false;
  const probe = probeSql(terms, 'p');
  const newest = 'SELECT d, rid FROM ix WHERE k = ? AND h = ? ORDER BY d DESC, rid DESC LIMIT ?';
  const sql = `SELECT count(*) FROM (${newest}) p WHERE ${probe.sql}`;
  const [count] = view.connection.row(sql, TYPE_LIST, types[0] as number, SAMPLED, ...probe.args) as [number];
  return count >= MOST;
}

const NEWEST_RIDS = 'SELECT rid FROM ix WHERE k = ? AND h = ? ORDER BY d DESC, rid DESC LIMIT ?';

/** As `membersOf`: all that has the code, where most of the newest matches. */
function nearlyMembers(
  { hashes }: CodeGroup,
  { key: { k } }: CodesPlan,
  { view, types, meter, test }: Bindings,
): Bits | undefined {
  const [h] = hashes;
  if (h === undefined || hashes.length > 1) return undefined;
  const newest = view.connection.rows(NEWEST_RIDS, k, h, SAMPLED).map(([rid]) => rid as number);
  meter.whole.spend(newest.length);
  if (indexedByRids(newest, view).filter(test).length < MOST) return undefined;
  return conditionBits({ kind: 'terms', k, hashes }, { view, types, meter: meter.whole })?.slice();
}

/** Rows of a list for the price of looking one of them up in another list. */
const ROWS_PER_LOOK_UP = 10;

/** As `membersOf`, where what has the code is so little that the other conditions are looked up for each. */
function lookedUp(
  { hashes }: CodeGroup,
  { key: { k } }: CodesPlan,
  { where, view, meter }: Bindings,
): Bits | undefined {
  const others = withoutCodes(where);
  const lists = hashes.map((h) => ({ k, h }));
  const { probedMax } = view.limits;
  if (!isProbed(others) || areKept(others, view)) return undefined;
  const rows = countUpTo(lists, probedMax, view);
  if (rows > probedMax) return undefined;
  meter.whole.spend(costOfCounted(rows * ROWS_PER_LOOK_UP));
  const probe = probeSql(others, 'p');
  const bits = emptyBits(view);
  for (const { h } of lists) {
    const scan = { table: 'ix p', order: 'd', where: 'k = ? AND h = ?', args: [k, h] };
    addRids(bits, { ...scan, filter: probe.sql, filterArgs: probe.args }, { view, meter: meter.whole });
  }
  return bits;
}

const LISTED = 'SELECT 1 FROM ix WHERE k = ? AND h = ? LIMIT 1';

/** Counts may be of earlier. */
function isListed(k: number, { hashes }: CodeGroup, { connection }: View): boolean {
  return hashes.some((h) => connection.row(LISTED, k, h) !== undefined);
}

/** What has the code and matches, as far as the index tells, and perhaps others. */
function membersOf(
  { hashes }: CodeGroup,
  { key: { k } }: CodesPlan,
  bindings: Bindings,
  effort: NarrowEffort,
): Bits | undefined {
  const { where, view, types, meter } = bindings;
  const all = isEverything(where) ? undefined : narrowing(bindings)?.(effort);
  if (all === undefined && !isEverything(where)) return undefined;
  const bits = conditionBits({ kind: 'terms', k, hashes }, { view, types, meter: meter.whole })?.slice();
  if (bits !== undefined && all !== undefined) intersect(bits, all);
  return bits;
}

/** Whether a version that the index does not tell stands at a code. */
function placesOfLate({ key }: CodesPlan, { view, types, names }: Bindings): (code: SortValue) => boolean {
  let places: Set<SortValue> | undefined;
  return (code) => {
    if (!view.hasLoose) return false;
    if (places === undefined) {
      places = new Set();
      for (const one of view.loose({ types }))
        places.add(positionOf(one, [key], names).values[0] as SortValue);
    }
    return places.has(code);
  };
}

/**
 * Where the search is for codes of the same parameter: nothing stands behind the last of them, and before only what has
 * several codes, of which most data has none.
 */
function askedCodes(plan: CodesPlan, bindings: Bindings): (group: CodeGroup) => boolean {
  const { key, codes } = plan;
  const asked = codesOf(bindings.where, key.k);
  if (asked === undefined) return () => true;
  const known = new Set(codes.flatMap(({ hashes }) => hashes));
  if (!asked.every((h) => known.has(h))) return () => true;
  const isOne = new Set(asked);
  const last = codes.findLastIndex(({ hashes }) => hashes.some((h) => isOne.has(h)));
  const several = severalOf(key.k, [...known], bindings);
  return ({ at, hashes }) => {
    if (at > last) return false;
    if (several === undefined || hashes.some((h) => isOne.has(h))) return true;
    if (several.isEmpty) return false;
    const bits = conditionBits(
      { kind: 'terms', k: key.k, hashes },
      { ...bindings, meter: bindings.meter.whole },
    )?.slice();
    if (bits === undefined) return true;
    intersect(bits, several.bits);
    return countBits(bits) > 0;
  };
}

function codesOf(where: Bound, k: number): readonly number[] | undefined {
  for (const part of partsOf(where)) {
    if (part.kind === 'terms' && part.k === k) return part.hashes;
  }
  return undefined;
}
