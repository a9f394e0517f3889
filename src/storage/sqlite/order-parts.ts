/**
 * Where in an order the places are of what satisfies conditions on the values that it is the order of: the rest need
 * not be read.
 * https://hl7.org/fhir/R4/search.html#prefix
 */
import { allOf, type Bound, partsOf } from './bind.ts';
import { longList, wideList } from './index-keys.ts';
import { SHORT_MS, SPAN_CLASSES, spanOfClass, startRange } from './intervals.ts';
import type { List } from './list-lengths.ts';
import type { OrderKey } from './order.ts';
import { hasWide } from './value-lists.ts';
import type { View } from './view.ts';

/** Values in [from, to), and what those that are asked for satisfy there. */
export interface OrderPart {
  readonly from: number;
  readonly to: number;
  readonly where: Bound;
  /** A list of the index that holds all of them there. */
  readonly within?: List;
}

/** One after the other in the order; undefined when it is all of it. */
export function orderParts(key: OrderKey, where: Bound, view: View): readonly OrderPart[] | undefined {
  switch (key.by) {
    case 'date':
      return dateParts(key, where, view);
    case 'number':
      return key.isSingle === true ? numberParts(key, where, view) : undefined;
    default:
      return undefined;
  }
}

interface Key {
  readonly k: number;
  readonly descending: boolean;
}

interface Starts {
  readonly from: number;
  readonly to: number;
}

/**
 * Of several dates only one is the place; those of a resource are close to each other, unless it is in a list of long
 * intervals.
 */
function dateParts(key: Key, where: Bound, view: View): readonly OrderPart[] | undefined {
  let from = LEAST;
  let to = MOST;
  for (const part of partsOf(where)) {
    if (part.kind !== 'date' || part.k !== key.k) continue;
    const starts = startRange(part.prefix, part.lo, part.hi);
    from = Math.max(from, starts.from);
    to = Math.min(to, starts.to);
  }
  if (from === LEAST && to === MOST) return undefined;
  const { descending } = key;
  // the least of several dates is none that comes after one that matches
  const main = {
    from: Math.max(LEAST, from - SHORT_MS),
    to: descending ? Math.min(MOST, to + SHORT_MS) : to,
    where,
  };
  const classes: number[] = [];
  for (let spanClass = 1; spanClass <= SPAN_CLASSES; spanClass++) {
    if (view.connection.row(IN_LIST, longList(key.k), spanClass) !== undefined) classes.push(spanClass);
  }
  if (classes.length === 0) return [main];
  const span = spanOfClass(classes.at(-1) as number);
  const long = allOf([where, { kind: 'terms', k: longList(key.k), hashes: classes }]);
  const below = { from: Math.max(LEAST, from - span), to: main.from, where: long };
  const above = { from: main.to, to: Math.min(MOST, to + span), where: long };
  return inOrder([below, main, above], descending);
}

const LEAST = Number.MIN_SAFE_INTEGER;
const MOST = Number.MAX_SAFE_INTEGER;
const IN_LIST = 'SELECT 1 FROM ix WHERE k = ? AND h = ? LIMIT 1';

/** The place of a resource is its only value, which begins where all conditions let it. */
function numberParts(key: Key, where: Bound, view: View): readonly OrderPart[] | undefined {
  let starts: readonly Starts[] = [EVERYWHERE];
  let endCounts = false;
  for (const part of partsOf(where)) {
    const asked = startsOf(part, key.k);
    if (asked === undefined) continue;
    starts = both(starts, asked.starts);
    endCounts ||= asked.endCounts;
  }
  if (starts[0]?.from === EVERYWHERE.from && starts[0].to === EVERYWHERE.to) return undefined;
  const main = starts.map((one) => ({ ...one, where }));
  const areWide = endCounts && hasWide(key.k, view);
  return inOrder(areWide ? withWide(main, key, where) : main, key.descending);
}

/** And what begins anywhere else and reaches into one of them. */
function withWide(main: readonly OrderPart[], { k }: Key, where: Bound): readonly OrderPart[] {
  const within = { k: wideList(k), h: 0 };
  const wide = { where: allOf([where, { kind: 'terms', k: within.k, hashes: [within.h] }]), within };
  const parts: OrderPart[] = [];
  let last = EVERYWHERE.from;
  for (const one of main) {
    parts.push({ from: last, to: one.from, ...wide }, one);
    last = one.to;
  }
  return [...parts, { from: last, to: EVERYWHERE.to, ...wide }];
}

const EVERYWHERE: Starts = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/** Where values of the parameter begin that satisfy a condition, apart from each other; undefined when it is about others. */
function startsOf(
  part: Bound,
  k: number,
): { readonly starts: readonly Starts[]; readonly endCounts: boolean } | undefined {
  const ranges: { from: number; to: number; endCounts: boolean }[] = [];
  for (const one of part.kind === 'any' ? part.of : [part]) {
    if (one.kind !== 'number' || one.k !== k) return undefined;
    ranges.push({ ...startRange(one.prefix, one.lo, one.hi) });
  }
  const starts: { from: number; to: number }[] = [];
  for (const { from, to } of ranges.sort((a, b) => a.from - b.from)) {
    const last = starts.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else starts.push({ from, to });
  }
  return { starts, endCounts: ranges.some((one) => one.endCounts) };
}

function both(some: readonly Starts[], others: readonly Starts[]): readonly Starts[] {
  return some
    .flatMap((one) =>
      others.map((other) => ({ from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) })),
    )
    .filter(({ from, to }) => from < to);
}

function inOrder(parts: readonly OrderPart[], descending: boolean): readonly OrderPart[] {
  return (descending ? parts.toReversed() : parts).filter(({ from, to }) => from < to);
}
