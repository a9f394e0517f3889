/**
 * The plan of a search. It is chosen by bounded counts and never by the database's optimizer, so it is the same
 * for the same question however the data grows.
 */
import { NATURAL_SORT, type SearchQuery } from '../../search/query.ts';
import { eachKey } from '../packed-match.ts';
import { totalKey } from '../total-key.ts';
import { allOf, type Bound, bindPredicate, hintOf, isNothing, partsOf, type ValuePart } from './bind.ts';
import type { Bindings, CollectPlan, Plan, StreamPlan } from './bindings.ts';
import { type Bits, setBit } from './bits.ts';
import { codesPlan } from './codes-plan.ts';
import { type Collector, chooseCollector } from './collect.ts';
import { farSide } from './far-side.ts';
import { findFew, hasTexts } from './find-few.ts';
import { gatheredPlan, isValueOrder } from './gathered-walk.ts';
import { emptyBits } from './kept-sets.ts';
import {
  COUNTED_PER_CANDIDATE,
  isOfTypes,
  type ListSet,
  listsOf,
  manyLists,
  sparsestList,
  typeLists,
} from './lists.ts';
import type { Meter } from './meter.ts';
import { affordableNarrowing, narrowing } from './narrowing.ts';
import { naturalOrder } from './natural.ts';
import type { OrderKey } from './order.ts';
import { orderParts } from './order-parts.ts';
import { compileTest } from './predicate.ts';
import type { SortNames } from './sort-names.ts';
import type { Segment } from './stream.ts';
import {
  holdsText,
  isUndated,
  knowsTexts,
  needsAllTexts,
  textLists,
  textPart,
  textSegment,
} from './text-lists.ts';
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
      const rows = Math.max(view.limits.fewRows, Math.ceil(few.rows / READ_KNOWN));
      const trial = { rows, otherwise: () => collect };
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
  const { sort, view, meter } = bindings;
  const [key] = sort as [OrderKey];
  if (sort.length > 1 || few.rows <= view.limits.fewRows) return undefined;
  let bits: Bits | undefined;
  const narrow = (): Bits => {
    if (bits === undefined) {
      meter.spend(Math.ceil(few.rows / COUNTED_PER_CANDIDATE));
      bits = emptyBits(view);
      for (const rid of few.ascending?.() ?? few.rids()) setBit(bits, rid);
    }
    return bits;
  };
  return walkOrder({ ...bindings, key, name: undefined, narrow });
}

/** Whether a page of so many of all is read in order sooner than they are put in order. */
function isDense(matching: number, { types, view }: Bindings): boolean {
  const live = liveOf(types, view);
  return matching ** 2 > PAGE * READ_PER_COLLECTED * live;
}

function naturalPlan(bindings: Bindings, descending: boolean, set: ListSet | undefined): Plan {
  const { where, types, view } = bindings;
  const isLong = set !== undefined && set.rows > view.limits.countedMax;
  const many = manyLists(where, view);
  const fewest = (isLong ? sparsestList(where, types, view, descending) : set) ?? set;
  const lists = shorter(many, fewest) ?? typeLists(types, view);
  const narrow = affordableNarrowing({ ...bindings, name: bindings.replacedName });
  const inOrder = (of: ListSet): StreamPlan => {
    const { segments, reads } = naturalOrder({
      ...bindings,
      where: typedWhere(where, of, bindings),
      set: of,
      descending,
      narrow,
    });
    return { kind: 'stream', segments, reads };
  };
  const stream = inOrder(lists);
  // most negations leave out little: one list of everything is read faster than many lists of the others
  if (lists.of.kind === 'not' && !lists.exact && lists.rows > view.limits.countedMax) {
    return {
      ...inOrder(typeLists(types, view)),
      trial: { rows: view.limits.triedFirst, otherwise: () => stream },
    };
  }
  if (lists.rows <= view.limits.fewRows) return stream;
  if (many !== undefined && many.isCounted !== true && many !== lists) {
    // to look into each of them takes as long as to look at so many of the others
    const rows = Math.max(view.limits.triedFirst, Math.ceil(many.lists.length / LOOKED_INTO));
    return { ...stream, trial: { rows, otherwise: () => inOrder(many) } };
  }
  const sized = lists.rows > view.limits.countedMax ? sizedLists(where, lists, types, view) : undefined;
  if (sized === undefined) return planOfLists(bindings, stream, lists, descending);
  // of two long lists nobody knows which is shorter: the one that the index cannot look up is tried
  const other = inOrder(sized);
  const last = (): Plan => inTurns(other, stream, view.limits.triedFirst * TRIED_MORE);
  const otherwise = (): Plan => planOfLists(bindings, stream, lists, descending, last);
  return { ...other, trial: { rows: view.limits.triedFirst, otherwise } };
}

/** Lists that are looked into in the time that a resource is looked at. */
const LOOKED_INTO = 4;

/** Lists of many terms, where their rows are known to be the fewest. */
function shorter(many: ListSet | undefined, others: ListSet | undefined): ListSet | undefined {
  if (many?.isCounted !== true) return others;
  return others === undefined || many.rows < others.rows || others.rows > many.lists.length ? many : others;
}

/** How many times as long the next attempt is, and the longest one. */
const TRIED_MORE = 4;
const TRIED_MAX = 8_192;

/** Each a little further: who finds enough soon ends it, whichever it is. */
function inTurns(one: StreamPlan, other: StreamPlan, rows: number): Plan {
  if (rows > TRIED_MAX) return other;
  const next = (): Plan => inTurns(one, other, rows * TRIED_MORE);
  return { ...one, trial: { rows, otherwise: () => ({ ...other, trial: { rows, otherwise: next } }) } };
}

/** The lists of a condition on a number, when the others of an AND were chosen. */
function sizedLists(
  where: Bound,
  chosen: ListSet,
  types: readonly number[],
  view: View,
): ListSet | undefined {
  if (where.kind !== 'all' || isSized(chosen.of)) return undefined;
  for (const part of where.of) {
    const set = isSized(part) ? listsOf(withoutImplied(part), types, view) : undefined;
    if (set !== undefined) return set;
  }
  return undefined;
}

/** A number in one unit, or in several that stand for the same, such as a code as it is written and in base units. */
function isSized(part: Bound): boolean {
  return part.kind === 'number' || (part.kind === 'any' && part.of.length > 0 && part.of.every(isSized));
}

function withoutImplied(part: Bound): Bound {
  if (part.kind === 'any') return { ...part, of: part.of.map(withoutImplied) };
  return part.kind === 'number' ? { ...part, implied: undefined } : part;
}

/** Resources of a page, times what looking at one costs beside listing one: up to where few are sooner listed and looked up. */
const LISTED_FOR_PAGE = 300;

/** `last` is what remains when nothing finds all candidates. */
function planOfLists(
  bindings: Bindings,
  stream: StreamPlan,
  lists: ListSet,
  descending: boolean,
  last: () => Plan = () => stream,
): Plan {
  const { where, types, view } = bindings;
  // where every row is a hit, nothing fills a page sooner
  if (stream.segments.every(({ readHits }) => readHits !== undefined)) return stream;
  // what finds all candidates is these lists
  if (areAllListed(where, view)) return last();
  // without dates the order is that of rid, in which candidates are looked at in turn
  const inOrderOfRid = isUndated(types, view) ? descending : undefined;
  // nothing narrows it but the lists that are read
  if (lists.of === where && where.kind === 'number') {
    return orCollect(stream, lists, bindings, inOrderOfRid) ?? stream;
  }
  const part = textPart(where);
  const few = part === undefined && inOrderOfRid !== undefined ? chooseCollector(where, bindings) : undefined;
  if (few !== undefined && few.rows ** 2 < LISTED_FOR_PAGE * liveOf(types, view)) {
    return { kind: 'collect', collector: few, inOrderOfRid };
  }
  if (part === undefined || inOrderOfRid === undefined) {
    const otherwise = (): Plan => orCollect(stream, lists, bindings, inOrderOfRid) ?? last();
    return { ...stream, trial: { rows: view.limits.triedFirst, otherwise } };
  }
  const byText = (): Plan => {
    const found = textLists(where, part, view, bindings.meter);
    if (found === undefined) return orCollect(stream, lists, bindings, descending) ?? last();
    const reads = `ixs(${found.lists.length} values)`;
    if (found.lists.length === 0) return { kind: 'stream', segments: [], reads };
    const segment = textSegment(found, types, descending, view, bindings.meter);
    return { kind: 'stream', segments: [segment], reads };
  };
  if (!needsAllTexts(part) || knowsTexts(part, view)) return byText();
  return { ...stream, trial: { rows: view.limits.triedFirst, otherwise: byText } };
}

/** Whether each condition is about terms or whether there are any, whose lists have been compared. */
function areAllListed(where: Bound, { limits }: View): boolean {
  return partsOf(where).every((part) => {
    const one = part.kind === 'not' ? part.of : part;
    if (one.kind === 'terms') return one.hashes.length <= limits.sizesMax;
    return one.kind === 'types' || one.kind === 'present';
  });
}

/** Reads in order as long as that may be less than collecting all candidates; undefined when nothing finds these. */
function orCollect(
  stream: StreamPlan,
  lists: ListSet,
  bindings: Bindings,
  inOrderOfRid?: boolean,
): Plan | undefined {
  const { where, view } = bindings;
  const collector =
    chooseCollector(where, bindings) ?? (hasTexts(where) ? findFew(where, bindings) : undefined);
  if (collector === undefined || collector.rows >= lists.rows) return undefined;
  const collect: Plan = { kind: 'collect', collector, inOrderOfRid };
  if (collector.rows <= view.limits.fewRows) return collect;
  return { ...stream, trial: { rows: collector.rows, otherwise: () => collect } };
}

/** What always works. */
export function scanPlan(bindings: Bindings): Plan & { kind: 'scan' } {
  const { where, view, types } = bindings;
  const set: ListSet = listsOf(where, types, view) ?? typeLists(types, view);
  return { kind: 'scan', natural: naturalOrder({ ...bindings, set, descending: true }) };
}

/** The predicate with the types, unless the lists hold no others. */
export function typedWhere(
  where: Bound,
  { lists }: ListSet,
  { types, view }: Pick<Bindings, 'types' | 'view'>,
): Bound {
  const keys = [...new Set(lists.map(({ k }) => k))];
  return keys.every((k) => isOfTypes(k, types, view)) ? where : allOf([where, { kind: 'types', types }]);
}
