/**
 * The plan of a search. It is chosen by bounded counts and never by the database's optimizer, so it is the same
 * for the same question however the data grows.
 */
import { NATURAL_SORT, type SearchQuery } from '../../search/query.ts';
import { eachKey } from '../packed-match.ts';
import { totalKey } from '../total-key.ts';
import { bitsOf, triedAmong } from './among.ts';
import { allOf, bindPredicate, hintOf, isNothing, type ValuePart } from './bind.ts';
import type { Bindings, CollectPlan, Plan } from './bindings.ts';
import { codesPlan } from './codes-plan.ts';
import type { Collector } from './collect.ts';
import { farSide } from './far-side.ts';
import { findFew } from './find-few.ts';
import { gatheredPlan, isValueOrder } from './gathered-walk.ts';
import { type ListSet, listsOf, typeLists } from './lists.ts';
import type { Meter } from './meter.ts';
import { narrowing } from './narrowing.ts';
import { naturalOrder } from './natural.ts';
import { naturalPlan } from './natural-plan.ts';
import type { OrderKey } from './order.ts';
import { orderParts } from './order-parts.ts';
import { compileTest } from './predicate.ts';
import type { SortNames } from './sort-names.ts';
import type { Segment } from './stream.ts';
import { holdsText } from './text-lists.ts';
import { liveOf, type View } from './view.ts';
import { walkOrder } from './walk.ts';

export function bind(
  query: SearchQuery,
  view: View,
  names: SortNames,
  meter: Meter,
  isGoingOn = false,
): Bindings {
  const typeIds =
    query.types.length === 0
      ? view.typeIds()
      : query.types.map((name) => view.typeId(name)).filter((t) => t !== undefined);
  const types = [...new Set(typeIds)];
  const context = { ...farSide(view, meter), view, types, isUsed: keyTest(view) };
  let isLeftOut = false;
  const mayHold = (part: ValuePart): boolean => {
    const may = view.mayHaveLoose(part) || holdsValue(part, view);
    isLeftOut ||= !may;
    return may;
  };
  const where = bindPredicate(query.where, { ...context, mayHold });
  // versions that were replaced may have what nothing has any more, and totals that are kept ask for these
  const tested = isLeftOut ? bindPredicate(query.where, { ...context, mayHold: () => true }) : where;
  const sort = query.sort.length === 0 ? NATURAL_SORT : query.sort;
  const test = compileTest(allOf([{ kind: 'types', types }, tested]), { view, meter, isGoingOn });
  // what is read in its natural order is read as soon as it is looked up
  const name = sort.length === 1 && sort[0]?.by === 'primary' ? undefined : nameOf(query, sort, view);
  const replacedName = nameOf(query, sort, view);
  const hint = hintOf(where, types);
  return { view, names, meter, where, sort, types, test, name, replacedName, isGoingOn, hint };
}

const HAS_VALUES = {
  date: 'SELECT 1 FROM ixd WHERE k = ? LIMIT 1',
  number: 'SELECT 1 FROM ixq WHERE k = ? LIMIT 1',
} as const;

/** Whether the index has a value that may satisfy the condition. */
function holdsValue(part: ValuePart, view: View): boolean {
  if (part.kind === 'text') return holdsText(part, view);
  return view.connection.row(HAS_VALUES[part.kind], part.k) !== undefined;
}

/** The same for searches that find the same in the same order, wherever the index stands. */
function nameOf(query: SearchQuery, sort: readonly OrderKey[], view: View): string | undefined {
  const key = totalKey(query);
  if (key === undefined) return undefined;
  return `${key}|${JSON.stringify(sort)}|${view.snapshot}|${view.indexed}|${view.reindexed}`;
}

/** Whether a key has terms at all. */
function keyTest(view: View): (k: number) => boolean {
  let loose: Set<number> | undefined;
  return (k) => {
    if (view.connection.row('SELECT 1 FROM keys WHERE k = ? LIMIT 1', k) !== undefined) return true;
    if (loose === undefined) {
      loose = new Set();
      for (const { sections } of view.loose({})) eachKey(sections, (key) => loose?.add(key));
    }
    return loose.has(k);
  };
}

export function choosePlan(bindings: Bindings): Plan {
  const { where, view, types, sort } = bindings;
  if (types.length === 0 || isNothing(where)) return { kind: 'nothing' };
  const [first] = sort as [OrderKey];
  if (bindings.few !== undefined) return collectPlan(bindings.few, first);
  const set = listsOf(where, types, view);
  if (first.by === 'primary') return naturalPlan(bindings, first.descending, set);
  const few = findFew(where, bindings);
  if (few !== undefined) {
    const collect = collectPlan(few, first);
    // where conditions on the values that it is the order of bound it, nothing else is read
    const isBounded = few.rows > view.limits.fewRows && orderParts(first, where, view) !== undefined;
    // who goes on has them put in order once
    if (isKept(bindings) && !isBounded) return collect;
    if (isBounded || isDense(few.rows * READ_KNOWN, bindings)) {
      const segments = walkAmong(few, bindings);
      const trial = { rows: triedAmong(few, view), otherwise: () => collect };
      if (segments !== undefined) return { kind: 'stream', segments, reads: `order of ${first.by}`, trial };
    }
    // where more match, a page is sooner read in order
    const segments =
      isBounded || (sort.length === 1 && isDense(few.rows, bindings))
        ? walkOrder({ ...bindings, key: first })
        : undefined;
    if (segments === undefined) return collect;
    const trial = { rows: few.rows, otherwise: () => collect };
    return { kind: 'stream', segments, reads: `order of ${first.by}`, trial };
  }
  if (isValueOrder(first)) return gatheredPlan(first, bindings, set);
  if (first.by === 'term') return codesPlan(first, view.connection) ?? scanPlan(bindings);
  const segments = walkOrder({ ...bindings, key: first, narrow: narrowing(bindings) });
  if (segments !== undefined) return { kind: 'stream', segments, reads: `order of ${first.by}` };
  return scanPlan(bindings);
}

function collectPlan(collector: Collector, { by, descending }: OrderKey): CollectPlan {
  return { kind: 'collect', collector, inOrderOfRid: by === 'birth' ? descending : undefined };
}

function isKept({ isGoingOn, name }: Bindings): boolean {
  return isGoingOn && name !== undefined;
}

/** Resources of a page, about. */
const PAGE = 20;
/** Rows that are read in order for the price of putting one in order. */
const READ_PER_COLLECTED = 3;

/** How many times as long it takes to look at one as to pass over four in an order that is read for rids alone. */
const READ_KNOWN = 8;

/** In the order of one key, passing over all that are none of the few. */
function walkAmong(few: Collector, bindings: Bindings): readonly Segment[] | undefined {
  const { sort, view } = bindings;
  const [key] = sort as [OrderKey];
  if (sort.length > 1 || few.rows <= view.limits.fewRows) return undefined;
  return walkOrder({ ...bindings, key, name: undefined, narrow: bitsOf(few, bindings) });
}

/** Whether a page of so many of all is read in order sooner than they are put in order. */
function isDense(matching: number, { types, view }: Bindings): boolean {
  const live = liveOf(types, view);
  return matching ** 2 > PAGE * READ_PER_COLLECTED * live;
}

/** What always works. */
export function scanPlan(bindings: Bindings): Plan & { kind: 'scan' } {
  const { where, view, types } = bindings;
  const set: ListSet = listsOf(where, types, view) ?? typeLists(types, view);
  return { kind: 'scan', natural: naturalOrder({ ...bindings, set, descending: true }) };
}
