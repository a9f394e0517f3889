/**
 * Which thread carries out a search: the serving one while it is short, the one that many share, or that of those that
 * take long. What was long a moment ago is known.
 */
import type { SearchQuery } from '../../search/query.ts';
import type { SearchPageRequest } from '../store.ts';
import { totalKey } from '../total-key.ts';
import type { Engine } from './engine.ts';
import { guard } from './failures.ts';
import { mergedSeq } from './merge.ts';
import { BudgetSpent } from './meter.ts';
import { type ReadResult, type SearchBounds, type Searched, tracedSearch } from './reads.ts';
import type { SearchOptions } from './search.ts';
import type { ShownRows } from './shown-rows.ts';
import { unflatten } from './stored.ts';

/** Here when it is short, which most are, and alone; else on the reading thread. */
export async function searchSomewhere(
  engine: Engine,
  shown: ShownRows,
  query: SearchQuery,
  page: SearchPageRequest,
): Promise<Searched> {
  const { examinedHereMax, plans, threads } = engine.settings;
  if (!threads) {
    engine.assertUsable();
    return (await askForPage(engine, query, page, { how: 'askHeavy' })) as Searched;
  }
  const here: SearchOptions = {
    budget: examinedHereMax,
    whenSpent: 'throw',
    limits: plans,
    totals: engine.totals,
    shown,
  };
  const attempt = (): Searched | undefined => {
    try {
      return reading(engine, () => tracedSearch(engine.reader, query, page, here));
    } catch (error) {
      if (error instanceof BudgetSpent) return undefined;
      throw error;
    }
  };
  if (page.total === 'none') {
    // what was long a moment ago is not tried here again
    const long = engine.long.isEmpty() ? undefined : totalKey(query);
    if (long !== undefined && engine.long.has(long)) return searchLong(engine, query, page);
    return engine.sharing.short({
      here: async () => {
        const found = attempt();
        if (found !== undefined) return found;
        rememberLong(engine, query);
        return searchLong(engine, query, page);
      },
      there: async () => {
        const found = await searchShared(engine, query, page);
        if (found === undefined || found.trace.examined > examinedHereMax) rememberLong(engine, query);
        return found ?? searchHeavy(engine, query, page);
      },
    });
  }
  // a total may be known by now
  const found = attempt();
  if (found !== undefined) return found;
  const key = page.total === 'accurate' ? totalKey(query) : undefined;
  const counting = key === undefined ? undefined : engine.counting.get(key);
  if (counting !== undefined) {
    // somebody asked for the same total a moment ago
    await counting;
    const counted = attempt();
    if (counted !== undefined) return counted;
  }
  // a count that nobody waits behind; what it reads is kept there for the next one
  const isIdle = engine.underWay.heavy === 0 && engine.reads.isHeavyUp();
  const there = isIdle ? searchHeavy(engine, query, page) : searchLong(engine, query, page);
  if (key === undefined) return await there;
  engine.counting.set(key, there.then(noop, noop));
  try {
    return await there;
  } finally {
    engine.counting.delete(key);
  }
}

/** On the thread that many share, or, when it takes longer than others should wait, on one of its own. */
async function searchLong(engine: Engine, query: SearchQuery, page: SearchPageRequest): Promise<Searched> {
  engine.assertUsable();
  const key = totalKey(query);
  // a total takes longer than a page
  const kind = key && `${page.total === 'accurate' ? 'total' : 'page'} ${key}`;
  // that thread has read ahead what such orders look for
  if (looksForSets(query) && engine.underWay.heavy === 0 && engine.reads.isHeavyUp())
    return searchHeavy(engine, query, page);
  if (kind === undefined || !engine.heavy.has(kind)) {
    const found = await engine.sharing.long(searchShared(engine, query, page));
    const isHeavy = found === undefined || found.trace.examined > engine.settings.examinedSharedMax;
    if (kind !== undefined && isHeavy) remember(engine, 'heavy', kind);
    if (found !== undefined) return found;
  }
  return searchHeavy(engine, query, page);
}

/** Orders by codes, and of several keys, look for sets of what has a value, and has another one. */
function looksForSets({ sort }: SearchQuery): boolean {
  return sort.length > 1 || sort[0]?.by === 'term';
}

/** A thread that does not run yet takes a quarter of a second to start: so much longer a search may take here. */
const WHILE_STARTING = { times: 4, cpuMsMax: 100, startAfterMs: 50 } as const;

/**
 * On the thread that many share; undefined when it took longer than others should wait. The first search that takes
 * long starts the thread for those, and is answered here if that is sooner.
 */
async function searchShared(
  engine: Engine,
  query: SearchQuery,
  page: SearchPageRequest,
): Promise<Searched | undefined> {
  const { reads, settings, underWay } = engine;
  const { examinedMax, examinedSharedMax } = settings;
  // one at a time: others may wait behind it
  if (reads.isHeavyUp() || underWay.patient > 0) return searchThere(engine, query, page, { how: 'ask' });
  const { times, cpuMsMax, startAfterMs } = WHILE_STARTING;
  const bounds = { budget: Math.min(examinedMax, examinedSharedMax * times), cpuMsMax };
  const start = setTimeout(reads.startHeavy, startAfterMs);
  underWay.patient++;
  try {
    return await searchThere(engine, query, page, { how: 'ask', bounds });
  } finally {
    underWay.patient--;
    clearTimeout(start);
  }
}

async function searchHeavy(engine: Engine, query: SearchQuery, page: SearchPageRequest): Promise<Searched> {
  engine.assertUsable();
  engine.underWay.heavy++;
  try {
    return (await searchThere(engine, query, page, { how: 'askHeavy' })) as Searched;
  } finally {
    engine.underWay.heavy--;
  }
}

function rememberLong(engine: Engine, query: SearchQuery): void {
  const key = totalKey(query);
  if (key !== undefined) remember(engine, 'long', key);
}

/** What the index does not have yet is looked through by each search: one that is long for that is soon no longer. */
function remember(engine: Engine, kind: 'long' | 'heavy', key: string): void {
  engine[kind].add(key, guard(() => mergedSeq(engine.reader)) < engine.seq());
}

const noop = (): void => undefined;

interface Asked {
  readonly how: 'ask' | 'askHeavy';
  readonly bounds?: SearchBounds;
}

/**
 * Undefined when it took longer than others should wait. The total that a reading thread counts is kept here, where
 * the next one who asks looks first.
 */
async function searchThere(
  engine: Engine,
  query: SearchQuery,
  page: SearchPageRequest,
  asked: Asked,
): Promise<Searched | undefined> {
  const { totals, reindexed } = engine;
  const before = reindexed.times;
  const found = await askForPage(engine, query, page, asked);
  if (found === undefined) return undefined;
  const { total } = found.page;
  if (page.after === undefined && total?.exact === true && before === reindexed.times) {
    totals.keep(query, found.trace.snapshot, total.value);
  }
  return found;
}

async function askForPage(
  { reads }: Engine,
  query: SearchQuery,
  request: SearchPageRequest,
  { how, ...more }: Asked,
): Promise<Searched | undefined> {
  const found = (await reads[how]({ kind: 'search', query, page: request, ...more })) as Extract<
    ReadResult,
    { kind: 'search' | 'spent' }
  >;
  if (found.kind === 'spent') return undefined;
  return { page: { ...found.page, rows: unflatten(found.page.rows) }, trace: found.trace };
}

/** On the serving thread. */
export function reading<Result>(engine: Engine, work: () => Result): Result {
  engine.assertUsable();
  return guard(work);
}
