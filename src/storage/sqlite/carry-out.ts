/**
 * A plan carried out until the page is full.
 */
import { readsContent } from '../../search/sort-values.ts';
import { firstIndex } from '../first-index.ts';
import type { Bindings, CollectPlan, GatherPlan, Plan } from './bindings.ts';
import type { Candidate } from './candidate.ts';
import { pageByCodes } from './code-groups.ts';
import type { Collector } from './collect.ts';
import { collectCandidates, collectWithTexts } from './collect-candidates.ts';
import type { Found, Page } from './found.ts';
import { type Hit, hitOf } from './hits.ts';
import { keptBehind } from './kept-hits.ts';
import { keepOrder } from './kept-orders.ts';
import { looseHits, matching } from './loose-hits.ts';
import { BudgetSpent, createTrial, TrialOver } from './meter.ts';
import { compareBy, comparePositions, type OrderKey, type Position, type SortValue } from './order.ts';
import { pageByPlaces, type Streamed, type StreamedPage } from './place-groups.ts';
import { choosePlan } from './plan.ts';
import { allCandidates, GroupTooLarge, type Segment, streamHits } from './stream.ts';
import { behindRid } from './unvalued.ts';

/** The plan that led to the page, and the page. */
export function carryOut(
  plan: Plan,
  bindings: Bindings,
  page: Page,
): { readonly plan: Plan; readonly found: Found } {
  if (plan.kind !== 'stream' || plan.trial === undefined || page.limit === 0) {
    return { plan, found: foundBy(plan, bindings, page) };
  }
  const { rows, otherwise } = plan.trial;
  try {
    return { plan, found: foundBy(plan, { ...bindings, meter: createTrial(bindings.meter, rows) }, page) };
  } catch (error) {
    if (!(error instanceof TrialOver)) throw error;
    return carryOut(otherwise(), bindings, page);
  }
}

function foundBy(plan: Plan, bindings: Bindings, page: Page): Found {
  switch (plan.kind) {
    case 'nothing':
      return { hits: [], more: undefined, total: 0 };
    case 'collect':
      return inOrderOfRid(plan, bindings, page) ?? collectPage(plan.collector, bindings, page);
    case 'scan':
      return page.limit === 0 ? NO_HITS : scanPage(plan.natural.segments, bindings, page);
    case 'gather':
      return page.limit === 0 ? NO_HITS : gatherPage(plan, bindings, page);
    case 'codes':
      return page.limit === 0 ? NO_HITS : pageByCodes(plan, bindings, page, searchInner);
    default:
      if (page.limit === 0) return NO_HITS;
      return bindings.sort.length === 1
        ? streamPage(plan.segments, bindings, page)
        : pageByPlaces(plan.segments, bindings, page, { stream: streamPage, search: searchInner });
  }
}

/** Rows that it costs to look at a resource for an order that no index has, and to read its text. */
const CANDIDATE_COST = 2;
const CONTENT_COST = 1;

function searchInner(bindings: Bindings, page: Page): Found {
  return carryOut(choosePlan(bindings), bindings, page).found;
}

const NEVER = (): boolean => false;
const NO_HITS: Found = { hits: [], more: undefined };

/** Rows that a collector lists cost a part of what a candidate does. */
const RIDS_PER_CANDIDATE = 16;

/** Where rid is the order, candidates are looked at in turn until the page is full. */
function inOrderOfRid(
  { collector, inOrderOfRid }: CollectPlan,
  bindings: Bindings,
  page: Page,
): Found | undefined {
  const { view, meter, test, sort, names, name, hint } = bindings;
  const { after, limit } = page;
  // by further keys it is another order
  if (inOrderOfRid === undefined || limit === 0 || sort.length > 1) return undefined;
  const rest = after === undefined ? undefined : keptBehind(name, after, bindings, 'seen');
  if (rest !== undefined) return firstOf(rest, limit);
  meter.spend(Math.ceil(collector.rows / RIDS_PER_CANDIDATE));
  const isByBirth = sort[0]?.by === 'birth';
  const late: number[] = [];
  for (const one of view.loose(hint)) {
    // a version of late has a date: rid is the order no more
    if (one.d !== 0 && !isByBirth) return undefined;
    late.push(one.rid);
  }
  const from = isByBirth || after?.values[0] === null ? after?.rid : undefined;
  const all = ascendingRids(collector, late);
  const rids = inOrderOfRid ? all.toReversed() : all;
  if (name !== undefined && rids.length > limit) keepOrder(view.connection, name, rids);
  const start = from === undefined ? 0 : rids.length - behindRid(all, from, inOrderOfRid).length;
  const hits: Hit[] = [];
  for (let at = start; at < rids.length; ) {
    const part = rids.subarray(at, at + limit + 1 - hits.length + MORE_RIDS);
    at += part.length;
    for (const candidate of view.byRids(part)) {
      meter.spend(1);
      if (!test(candidate)) continue;
      if (hits.length === limit) return { hits, more: hits.at(-1)?.position };
      hits.push(hitOf(candidate, sort, names));
    }
  }
  return { hits, more: undefined };
}

/** Candidates that are read beside those that a page shows. */
const MORE_RIDS = 4;

function ascendingRids(collector: Collector, late: readonly number[]): Uint32Array {
  const known = collector.ascending?.();
  if (known !== undefined && late.length === 0) return known;
  return Uint32Array.from(new Set([...(known ?? collector.rids()), ...late])).sort();
}

function collectPage(collector: Collector, bindings: Bindings, { after, limit }: Page): Found {
  const { view, meter, test, sort, names, name } = bindings;
  const rest = after === undefined ? undefined : keptBehind(name, after, bindings, 'seen');
  if (rest !== undefined) return firstOf(rest, limit);
  const hits: Hit[] = [];
  const isGathered = sort.some(({ by }) => by === 'gathered');
  const candidates = readsContent(sort) ? collectWithTexts : collectCandidates;
  for (const candidate of candidates(collector, view, meter, bindings.hint)) {
    if (isGathered) meter.spend(CANDIDATE_COST);
    if (!test(candidate)) continue;
    if (readsContent(sort)) meter.spend(CONTENT_COST);
    hits.push(hitOf(candidate, sort, names));
  }
  const compare = comparePositions(sort);
  hits.sort((a, b) => compare(a.position, b.position));
  if (name !== undefined && hits.length > limit) {
    keepOrder(
      view.connection,
      name,
      hits.map(({ rid }) => rid),
    );
  }
  const ahead = after === undefined ? hits : hits.filter((hit) => compare(hit.position, after) > 0);
  return { ...firstOf(ahead, limit), total: hits.length };
}

/** What is in order as of a commit stays so, wherever the index stands when the next page is asked for. */
function gatherPage(plan: GatherPlan, bindings: Bindings, page: Page): Found {
  const { snapshot, indexed, reindexed } = bindings.view;
  const [from, to] = [`|${snapshot}|${indexed}|${reindexed}`, `|${snapshot}|gathered|${reindexed}`];
  const name = bindings.name?.replace(from, to);
  return collectPage({ ...plan, rows: 0 }, { ...bindings, name }, page);
}

/** The page of hits in order. */
export function firstOf(hits: Iterable<Hit>, limit: number): Found {
  const page: Hit[] = [];
  for (const hit of hits) {
    if (page.length === limit) return { hits: page, more: page.at(-1)?.position };
    page.push(hit);
  }
  return { hits: page, more: undefined };
}

/** Merges what the index has in order with the few that it does not tell. */
function streamPage(segments: readonly Segment[], bindings: Bindings, page: StreamedPage): Streamed {
  const { after, behind, limit, isLarge = NEVER } = page;
  const [first] = bindings.sort as [OrderKey];
  const compare = comparePositions(bindings.sort);
  const isAhead = (position: Position): boolean => {
    const value = position.values[0] as SortValue;
    if (behind !== undefined) return compareBy(first, value, behind.value) > 0;
    return after === undefined || compare(position, after) > 0;
  };
  const loose = looseHits(bindings, after, isAhead);
  const progress: { behind: Position | undefined } = { behind: undefined };
  const hits: Hit[] = [];
  const takeLoose = (until: Position | undefined): void => {
    while (hits.length <= limit) {
      const next = loose.peek();
      if (next === undefined || (until !== undefined && compare(next.position, until) > 0)) return;
      hits.push(next);
      loose.drop();
    }
  };
  try {
    const firstSize = limit + 1;
    for (const hit of streamHits({ ...bindings, segments, firstSize, after, behind, isLarge, progress })) {
      takeLoose(hit.position);
      if (hits.length <= limit) hits.push(hit);
      if (hits.length > limit) break;
    }
    takeLoose(undefined);
  } catch (error) {
    if (error instanceof GroupTooLarge) {
      const { value } = error;
      // those in the group are found with it
      for (let next = loose.peek(); next !== undefined; next = loose.peek()) {
        if (compareBy(first, next.position.values[0] as SortValue, value) >= 0) break;
        hits.push(next);
        loose.drop();
      }
      if (hits.length <= limit) return { hits, more: undefined, large: { value } };
      return { hits: hits.slice(0, limit), more: hits[limit - 1]?.position };
    }
    // only where the order has one key does the end of a chunk say where to go on
    if (!(error instanceof BudgetSpent) || page.whenSpent !== 'shorten' || bindings.sort.length > 1)
      throw error;
    if (progress.behind === undefined) throw error;
    loose.uncount();
    takeLoose(progress.behind);
    if (hits.length <= limit) return { hits, more: progress.behind };
  }
  const shown = hits.slice(0, limit);
  return { hits: shown, more: hits.length > limit ? shown.at(-1)?.position : undefined, beyond: hits[limit] };
}

/** Looks at everything and keeps the first ones. */
function scanPage(segments: readonly Segment[], bindings: Bindings, { after, limit }: Page): Found {
  const { sort, names, test } = bindings;
  const compare = comparePositions(sort);
  const first: Hit[] = [];
  const offer = (candidate: Candidate): void => {
    const hit = hitOf(candidate, sort, names);
    if (after !== undefined && compare(hit.position, after) <= 0) return;
    if (first.length > limit && compare(hit.position, (first[limit] as Hit).position) >= 0) return;
    const at = firstIndex(0, first.length, (one) => compare((first[one] as Hit).position, hit.position) >= 0);
    first.splice(at, 0, hit);
    if (first.length > limit + 1) first.pop();
  };
  for (const candidate of looseMatches(bindings)) offer(candidate);
  for (const candidate of allCandidates(segments, bindings)) if (test(candidate)) offer(candidate);
  return firstOf(first, limit);
}

function* looseMatches({ view, hint, meter, test, replacedName }: Bindings): Iterable<Candidate> {
  const isMatch = (candidate: Candidate): boolean => {
    meter.spend(1);
    return test(candidate);
  };
  yield* matching(view.fresh(hint), isMatch);
  yield* view.replaced().matching(replacedName, isMatch);
}
