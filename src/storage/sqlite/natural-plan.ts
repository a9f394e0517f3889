/**
 * The plan of a search in natural order: which lists are read, and what is done when those that come first hold little of
 * what is asked for.
 */

import { bitsOf, bitsOfLists, triedAmong } from './among.ts';
import { allOf, type Bound, partsOf } from './bind.ts';
import type { Bindings, Plan, StreamPlan } from './bindings.ts';
import { type Bits, countBits } from './bits.ts';
import { chooseCollector } from './collect.ts';
import { findFew, hasTexts } from './find-few.ts';
import { isOfTypes, type ListSet, listsOf, manyLists, sparsestList, typeLists } from './lists.ts';
import { pageNarrowing } from './narrowing.ts';
import { naturalOrder } from './natural.ts';
import { isUndated, knowsTexts, needsAllTexts, textLists, textPart, textSegment } from './text-lists.ts';
import { liveOf, type View } from './view.ts';

/** Everything is read for a set that is known and has more than one in so many of it. */
const SPARSE = 64;

export function naturalPlan(bindings: Bindings, descending: boolean, set: ListSet | undefined): Plan {
  const { where, types, view } = bindings;
  const narrow = pageNarrowing(bindings);
  const inOrder: InOrder = (of, among) => {
    const { segments, reads } = naturalOrder({
      ...bindings,
      where: typedWhere(where, of, bindings),
      set: of,
      descending,
      narrow: among ?? narrow,
      isLoose: among !== undefined,
    });
    return { kind: 'stream', segments, reads };
  };
  const known = narrow?.('none', 0);
  // to look into many lists for each page takes longer than to read the one of everything
  if (known !== undefined && set === undefined && countBits(known) * SPARSE > liveOf(types, view))
    return inOrder(typeLists(types, view));
  const isLong = set !== undefined && set.rows > view.limits.countedMax;
  const many = manyLists(where, view);
  const fewest = (isLong ? sparsestList(where, types, view, descending) : set) ?? set;
  const lists = shorter(many, fewest) ?? typeLists(types, view);
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
    const among = bitsOfLists(many.of, bindings);
    return { ...stream, trial: { rows: view.limits.triedFirst, otherwise: () => inOrder(lists, among) } };
  }
  const sized = lists.rows > view.limits.countedMax ? sizedLists(where, lists, types, view) : undefined;
  if (sized === undefined) return planOfLists(bindings, { stream, lists, inOrder }, descending);
  // of two long lists nobody knows which is shorter: the one that the index cannot look up is tried
  const other = inOrder(sized);
  const last = (): Plan => inTurns(other, stream, view.limits.triedFirst * TRIED_MORE);
  const otherwise = (): Plan => planOfLists(bindings, { stream, lists, inOrder }, descending, last);
  return { ...other, trial: { rows: view.limits.triedFirst, otherwise } };
}

/** Lists in order, all of them or what of them is among a set. */
type InOrder = (of: ListSet, among?: () => Bits) => StreamPlan;

interface Reading {
  readonly stream: StreamPlan;
  readonly lists: ListSet;
  readonly inOrder: InOrder;
}

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
  reading: Reading,
  descending: boolean,
  last: () => Plan = () => reading.stream,
): Plan {
  const { stream, lists } = reading;
  const { where, types, view } = bindings;
  // where every row is a hit, nothing fills a page sooner
  if (stream.segments.every(({ readHits }) => readHits !== undefined)) return stream;
  // what finds all candidates is these lists
  if (areAllListed(where, view)) return last();
  // without dates the order is that of rid, in which candidates are looked at in turn
  const inOrderOfRid = isUndated(types, view) ? descending : undefined;
  // nothing narrows it but the lists that are read
  if (lists.of === where && where.kind === 'number') {
    return orCollect(reading, bindings, inOrderOfRid) ?? stream;
  }
  const part = textPart(where);
  const few = part === undefined && inOrderOfRid !== undefined ? chooseCollector(where, bindings) : undefined;
  if (few !== undefined && few.rows ** 2 < LISTED_FOR_PAGE * liveOf(types, view)) {
    return { kind: 'collect', collector: few, inOrderOfRid };
  }
  if (part === undefined || inOrderOfRid === undefined) {
    const otherwise = (): Plan => orCollect(reading, bindings, inOrderOfRid) ?? last();
    return { ...stream, trial: { rows: view.limits.triedFirst, otherwise } };
  }
  const byText = (): Plan => {
    const found = textLists(where, part, view, bindings.meter);
    if (found === undefined) return orCollect(reading, bindings, descending) ?? last();
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
  { stream, lists, inOrder }: Reading,
  bindings: Bindings,
  inOrderOfRid?: boolean,
): Plan | undefined {
  const { where, view } = bindings;
  const collector =
    chooseCollector(where, bindings) ?? (hasTexts(where) ? findFew(where, bindings) : undefined);
  if (collector === undefined || collector.rows >= lists.rows) return undefined;
  const collect: Plan = { kind: 'collect', collector, inOrderOfRid };
  if (collector.rows <= view.limits.fewRows) return collect;
  if (inOrderOfRid !== undefined) {
    return { ...stream, trial: { rows: collector.rows, otherwise: () => collect } };
  }
  const among = inOrder(lists, bitsOf(collector, bindings));
  return { ...among, trial: { rows: triedAmong(collector, view), otherwise: () => collect } };
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
