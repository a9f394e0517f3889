/**
 * Whether a code of an order has anything that matches, and how that is found: where few of those that have the code
 * match, all that do are found out as a set, so that neither a page nor the codes without anything take long.
 */
import { type Bound, isEverything, partsOf } from './bind.ts';
import type { Bindings } from './bindings.ts';
import { type Bits, countBits, intersect, ridsOfBits } from './bits.ts';
import type { CodesPlan } from './codes-plan.ts';
import type { Collector } from './collect.ts';
import { conditionBits } from './condition-bits.ts';
import type { Found, Page } from './found.ts';
import { type Group, type Search, searchGroup } from './groups.ts';
import { keepBits, keptBits } from './kept-bits.ts';
import { groupName, keepOrder, keptOrder } from './kept-orders.ts';
import { knownCollector } from './known-collector.ts';
import { countTerm } from './lists.ts';
import { createTrial, TrialOver } from './meter.ts';
import { narrowing } from './narrowing.ts';
import { positionOf, type SortValue } from './order.ts';
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
    const withMembers = (effort: NarrowEffort): Found | undefined => {
      const bits = membersOf(group, plan, bindings, effort);
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
    return (
      (isFoundOut ? withMembers('none') : undefined) ??
      tried(triedFirst * 2) ??
      (isAll || isGoingOn ? withMembers('many') : undefined) ??
      tried(READ_BEFORE) ??
      withMembers('all') ??
      asOf(undefined)
    );
  };
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
