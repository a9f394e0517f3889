/**
 * Searches and reads of the SQLite engine: budgets, threads, totals, and versions that are kept in memory.
 */
import { constants, DatabaseSync, type SQLInputValue } from 'node:sqlite';
import t from 'tap';
import { FhirError } from '../../src/fhir/issues.ts';
import type { SearchQuery } from '../../src/search/query.ts';
import { hashTerm } from '../../src/search/term-hash.ts';
import { createSpareTime, scheduleAhead } from '../../src/storage/sqlite/ahead-schedule.ts';
import { countBits } from '../../src/storage/sqlite/bits.ts';
import { openConnection } from '../../src/storage/sqlite/connection.ts';
import { startEngine } from '../../src/storage/sqlite/engine.ts';
import { emptyBits } from '../../src/storage/sqlite/kept-sets.ts';
import { createKeptVersions, type KeptVersions } from '../../src/storage/sqlite/kept-versions.ts';
import { addRids } from '../../src/storage/sqlite/list-bits.ts';
import { costOfCounted, countedFor } from '../../src/storage/sqlite/list-lengths.ts';
import { createLongSearches } from '../../src/storage/sqlite/long-searches.ts';
import {
  BudgetSpent,
  createMeter,
  createTrial,
  type Meter,
  TrialOver,
} from '../../src/storage/sqlite/meter.ts';
import { PLAN_LIMITS } from '../../src/storage/sqlite/plan-limits.ts';
import { type ReadRequest, tracedSearch } from '../../src/storage/sqlite/reads.ts';
import { createReferencesAhead } from '../../src/storage/sqlite/references-ahead.ts';
import { searchSomewhere } from '../../src/storage/sqlite/search-somewhere.ts';
import { settingsOf } from '../../src/storage/sqlite/settings.ts';
import { createSharing } from '../../src/storage/sqlite/sharing.ts';
import { createShownRows } from '../../src/storage/sqlite/shown-rows.ts';
import { openView } from '../../src/storage/sqlite/view.ts';
import { type StoredVersion, StoreUnavailableError } from '../../src/storage/store.ts';
import {
  all,
  any,
  by,
  byDesc,
  byMark,
  chain,
  code,
  date,
  fold,
  has,
  keyOf,
  not,
  number,
  postingsOf,
  present,
  put,
  query,
  remove,
  text,
  type Values,
} from './contract/build.ts';
import { GONE, WORLD } from './contract/dataset.ts';
import { SEARCH_CASES } from './contract/search-cases.ts';

import { exactly, seededBelow, sqliteFiles, valuesOf } from './sqlite-files.ts';

const { newPath, openAt } = await sqliteFiles(t);

/** Status and first issue of a refusal. */
async function issueOf(refused: Promise<unknown>): Promise<string> {
  try {
    await refused;
    return 'done';
  } catch (error) {
    return error instanceof FhirError ? `${error.status} ${error.issues[0]?.key}` : String(error);
  }
}

t.test('a search that spends its budget ends its page early or is refused, and says so', async (t) => {
  const store = await openAt(newPath(), {
    examinedMax: 300,
    mergeVersions: 1,
    mergeChanges: 100_000,
    plans: { countedMax: 20, collectedMax: 20, chunkMin: 10, chunkMax: 50, groupMax: 50 },
  });
  t.teardown(() => store.close());
  await store.transact(
    Array.from({ length: 2000 }, (_, index) => put('Basic', `r${index}`, { values: valuesOf(index) })),
  );
  // the index follows in steps, one after each write
  for (let step = 0; step < 5; step++) await store.transact([]);
  const rare: SearchQuery = query('Basic', text('Basic.name', 'contains', 'name 19'));
  const ids: string[] = [];
  let pages = 0;
  let after: string | undefined;
  do {
    const page = await store.search(rare, {
      limit: 20,
      total: 'none',
      ...(after === undefined ? {} : { after }),
    });
    ids.push(...page.rows.map((row) => row.id));
    after = page.next;
    pages++;
  } while (after !== undefined);
  t.equal(new Set(ids).size, 111, 'all matches, over all pages');
  t.equal(ids.length, 111, 'each once');
  t.ok(pages > 6, 'although each page looked at little [search.bound]');
  const costly: readonly SearchQuery[] = [
    query('Basic', rare.where, byDesc('Basic.code', 'term')),
    query('Basic', rare.where, byDesc('Basic.code', 'term'), byDesc('Basic.value', 'number')),
  ];
  for (const asked of costly) {
    t.equal(await issueOf(store.search(asked, { limit: 5, total: 'none' })), '400 too-costly');
  }
  t.equal(
    await issueOf(store.search(rare, { limit: 5, total: 'accurate' })),
    '400 too-costly',
    'so does a total',
  );
});

t.test('so is an order that no index has, when more match than may be read for it', async (t) => {
  // a row for each text that is read
  const path = newPath();
  const options = { examinedMax: 300, mergeVersions: 1, mergeChanges: 100_000 };
  let store = await openAt(path, options);
  t.teardown(() => store.close());
  const write = async (from: number, to: number): Promise<void> => {
    const numbers = Array.from({ length: to - from }, (_, at) => from + at);
    await store.transact(numbers.map((at) => put('Basic', `r${at}`, { mark: `m${(at * 37) % 101}` })));
    await store.transact([]);
  };
  const asked = query('Basic', all(), byMark(false, 'Basic'));
  const ids = (page: { readonly rows: readonly StoredVersion[] }): string[] => page.rows.map(({ id }) => id);
  await write(0, 100);
  const first = await store.search(asked, { limit: 60, total: 'accurate' });
  t.same(first.total, { value: 100, exact: true });
  const rest = await store.search(asked, { limit: 60, total: 'none', after: first.next as string });
  const markOf = (at: number): string => `m${(at * 37) % 101}`;
  const inOrder = [...Array(100).keys()].sort((a, b) => (markOf(a) < markOf(b) ? -1 : 1));
  t.equal(rest.next, undefined);
  t.same(
    [...ids(first), ...ids(rest)],
    inOrder.map((at) => `r${at}`),
  );
  await write(100, 330);
  const onward = { limit: 60, total: 'none', after: first.next as string } as const;
  t.same(ids(await store.search(asked, onward)), ids(rest), 'as of the first page');
  const ofAll = [...Array(330).keys()].sort((a, b) => (markOf(a) < markOf(b) ? -1 : 1));
  t.same(
    ids(await store.search(asked, { limit: 60, total: 'none' })),
    ofAll.slice(0, 60).map((at) => `r${at}`),
    'the order follows what is written',
  );
  await store.close();
  store = await openAt(path, options);
  t.equal(
    await issueOf(store.search(asked, { limit: 5, total: 'none' })),
    '400 too-costly',
    '[search.bound]',
  );
});

t.test('searches that take long wait for each other, and others do not wait for them', async (t) => {
  const store = await openAt(newPath(), {
    threads: true,
    examinedHereMax: 10,
    examinedSharedMax: 4_000,
    examinedMax: 100_000,
    plans: { countedMax: 100, collectedMax: 100 },
  });
  t.teardown(() => store.close());
  await store.transact(
    Array.from({ length: 6000 }, (_, index) => put('Basic', `r${index}`, { values: valuesOf(index) })),
  );
  const done: string[] = [];
  const ask = async (name: string, asked: SearchQuery, total: 'none' | 'accurate'): Promise<unknown> => {
    const page = await store.search(asked, { limit: 30, total });
    done.push(name);
    return page.total?.value ?? page.rows.length;
  };
  // strings beyond what the index has of them are looked at one by one; so many that it takes long however the threads
  // get their turns
  const heavy = (end: string) => {
    const others = Array.from({ length: 200 }, (_, index) => `${end} never ${index} ${'long'.repeat(50)}`);
    return query('Basic', any(...[end, ...others].map((one) => text('Basic.name', 'suffix', one))));
  };
  const medium = query('Basic', code('Basic.code', '1'));
  const answers = await Promise.all([
    ...['7', '5', '3'].map((end) => ask('heavy', heavy(end), 'accurate')),
    ask('medium', medium, 'none'),
  ]);
  t.same(answers, [600, 600, 600, 30], 'all are answered');
  t.equal(done[0], 'medium', 'the one that came last and is short, first');
  const narrow = await openAt(newPath(), {
    threads: true,
    examinedHereMax: 10,
    heavyWaitingMax: 1,
    examinedSharedMax: 20,
  });
  t.teardown(() => narrow.close());
  // as many, so that the first is still under way when the last one comes
  await narrow.transact(
    Array.from({ length: 6000 }, (_, index) => put('Basic', `r${index}`, { values: valuesOf(index) })),
  );
  const outcomes = await Promise.allSettled(
    ['7', '5', '3'].map((end) => narrow.search(heavy(end), { limit: 3, total: 'accurate' })),
  );
  t.same(
    outcomes.map(({ status }) => status).sort(),
    ['fulfilled', 'rejected', 'rejected'],
    'no queue without end',
  );
  const slow = await openAt(newPath(), {
    threads: true,
    examinedHereMax: 10,
    examinedSharedMax: 20,
    searchCpuMsMax: 0,
  });
  t.teardown(() => slow.close());
  await slow.transact(
    Array.from({ length: 3000 }, (_, index) => put('Basic', `r${index}`, { values: valuesOf(index) })),
  );
  t.equal(await issueOf(slow.search(heavy('7'), { limit: 3, total: 'accurate' })), '400 too-costly');
});

t.test('a first total waits for no thread to start, unless it takes long', async (t) => {
  const path = newPath();
  const store = await openAt(path);
  await store.transact(
    Array.from({ length: 6000 }, (_, index) => put('Basic', `r${index}`, { values: valuesOf(index) })),
  );
  await store.close();
  const more = { threads: true, examinedHereMax: 10, examinedSharedMax: 400, plans: { countedMax: 100 } };
  const engine = startEngine(settingsOf({ path, now: Date.now, ...more }));
  t.teardown(() => engine.close());
  const asked: string[] = [];
  const askHeavy = (request: ReadRequest) => {
    asked.push(request.kind);
    return engine.reads.askHeavy(request);
  };
  const reads = { ...engine.reads, askHeavy, startHeavy: () => undefined };
  const shown = createShownRows(0);
  const totalOf = async (wanted: SearchQuery) =>
    (await searchSomewhere({ ...engine, reads }, shown, wanted, { limit: 0, total: 'accurate' })).page.total;
  t.same(await totalOf(query('Basic', code('Basic.code', '1'))), { value: 2000, exact: true });
  t.same([asked, reads.isHeavyUp()], [[], false], 'by the thread that many share');
  const long = query('Basic', any(code('Basic.code', '1'), text('Basic.name', 'suffix', '7')));
  t.same(await totalOf(long), { value: 2400, exact: true });
  t.same(
    [asked, reads.isHeavyUp()],
    [['search'], true],
    'what is longer than that thread may work starts one',
  );
  const next = query('Basic', code('Basic.code', '2'));
  t.same(await totalOf(next), { value: 2000, exact: true });
  t.same(asked, ['search', 'search'], 'which is asked first once it runs');
  const idsOf = async (wanted: SearchQuery) => {
    const page = { limit: 40, total: 'none' } as const;
    const found = await searchSomewhere({ ...engine, reads }, shown, wanted, page);
    return found.page.rows.map(({ id }) => id);
  };
  const every = (from: number, step: number) => Array.from({ length: 40 }, (_, at) => `r${from + at * step}`);
  t.same(
    await idsOf(query('Basic', all(), by('Basic.code', 'term'), by('Basic.value', 'number'))),
    every(0, 3),
  );
  t.same(asked.length, 3, 'so it is for orders that look for the sets that it has read ahead');
  t.same(await idsOf(query('Basic', code('Basic.code', '1'), by('Basic.value', 'number'))), every(1, 3));
  t.same(asked.length, 3, 'and not for others');
});

t.test('a list that is longer than what is left of the budget is not read', async (t) => {
  const path = newPath();
  const store = await openAt(path, { mergeVersions: 1, mergeChanges: 100_000 });
  await store.transact(
    Array.from({ length: 6000 }, (_, index) => put('Basic', `r${index}`, { values: valuesOf(index) })),
  );
  for (let step = 0; step < 12; step++) await store.transact([]);
  await store.close();
  const opened = openConnection({ path, role: 'reader', cacheBytes: 1_000_000, busyTimeoutMs: 1_000 });
  t.teardown(() => opened.close());
  let lists = 0;
  const row = (sql: string, ...args: SQLInputValue[]) => {
    if (sql.includes('group_concat')) lists++;
    return opened.row(sql, ...args);
  };
  const view = openView({ ...opened, row }, PLAN_LIMITS);
  const h = hashTerm('s|1');
  const scan = { table: 'ix', order: 'd', where: 'k = ? AND h = ?', args: [keyOf('Basic.code'), h] };
  const cost = costOfCounted(2000);
  const bits = emptyBits(view);
  const read = (meter: Meter) => () => addRids(bits, scan, { view, meter });
  t.throws(read(createMeter(cost - 1)), BudgetSpent);
  t.throws(read(createTrial(createMeter(10 * cost), cost - 1)), TrialOver);
  t.equal(lists, 0);
  t.equal(read(createTrial(createMeter(cost), cost))(), 2000);
  t.same([lists, countBits(bits)], [1, 2000]);
  for (const rows of [0, 16, 1_600, 320_000, 320_064, 3_200_000])
    t.equal(countedFor(costOfCounted(rows)), rows, 'what is paid for is what may be read');
});

t.test('criteria that would hold up the writer are refused', async (t) => {
  const store = await openAt(newPath(), { threads: true, examinedInWriteMax: 100 });
  t.teardown(() => store.close());
  await store.transact(
    Array.from({ length: 300 }, (_, index) => put('Basic', `r${index}`, { values: valuesOf(index) })),
  );
  const precondition = { query: query('Basic', text('Basic.name', 'contains', 'nobody')), ids: [] };
  t.equal(await issueOf(store.transact([put('Basic', 'x')], [precondition])), '400 too-costly');
  t.equal(await store.read('Basic', 'x'), undefined, 'and nothing is written');
});

t.test('what a page may show and is not there is not looked at', async (t) => {
  const store = await openAt(newPath(), { mergeVersions: 1 });
  t.teardown(() => store.close());
  await store.transact(WORLD);
  await store.transact(GONE.map(([type, id]) => remove(type, id)));
  const asked = query('Observation', {
    kind: 'term',
    k: keyOf('Observation.subject'),
    terms: [hashTerm('Patient/p1')],
  });
  const { returned, examined } = await store.explain(asked, { limit: 1_000, total: 'none' });
  t.ok((returned as number) > 1 && (examined as number) <= 200, `${returned} of ${examined} [search.bound]`);
  await store.transact(
    Array.from({ length: 60 }, (_, at) => put('Basic', `b${at}`, { values: { codes: { code: ['s|a'] } } })),
  );
  for (let step = 0; step < 4; step++) await store.transact([]);
  const plenty = await store.explain(query('Basic', code('Basic.code', 'a')), { limit: 10, total: 'none' });
  t.equal(plenty.examined, 11, 'nor more than shows whether there is a next page');
});

t.test('what was long is tried again after a while, and soon where the index was behind', async (t) => {
  let now = 1_000_000;
  const long = createLongSearches(() => now);
  t.ok(long.isEmpty());
  long.add('a', false);
  long.add('b', true);
  const known = (): boolean[] => ['a', 'b', 'c'].map(long.has);
  t.same(known(), [true, true, false]);
  now += 250;
  t.same(
    known(),
    [true, false, false],
    'an import that is being indexed makes searches long for a moment only',
  );
  now += 9_749;
  t.same(known(), [true, false, false]);
  now += 1;
  t.same(known(), [false, false, false]);
  t.ok(long.isEmpty());
  long.add('a', false);
  now -= 3_600_000;
  t.same(known(), [false, false, false], 'a clock that is put back does not keep it');
  for (let index = 0; index < 1_000; index++) long.add(`${index}`, false);
  t.ok(long.has('999'));
  long.add('one more', false);
  t.same(['999', 'one more'].map(long.has), [false, true], 'a thousand are remembered at most');
});

t.test('two threads share the short searches that arrive together', async (t) => {
  const turns: (() => void)[] = [];
  const sharing = createSharing((work) => turns.push(work));
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const ask = (name: string): Promise<string> => {
    const begin = (where: string) => () => {
      begun.push(`${name} ${where}`);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    };
    return sharing.short({ here: begin('here'), there: begin('there') });
  };
  const settle = async (name: string, asked: Promise<string>): Promise<void> => {
    ends.get(name)?.();
    t.equal(await asked, name);
  };
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
  const asked = names.map(ask);
  const there = ['b', 'c', 'd', 'e', 'f', 'g'].map((name) => `${name} there`);
  t.same(begun, ['a here', ...there], 'one is carried out here, as many as may be there, the others wait');
  await settle('b', asked[1] as Promise<string>);
  t.same(begun.slice(7), ['h there'], 'who is done there gets the next one');
  turns.shift()?.();
  t.same(begun.slice(8), ['i here'], 'and so does this thread in its next turn, one at a time');
  turns.shift()?.();
  t.same(begun.slice(9), ['j here']);
  t.equal(turns.length, 1);
  turns.shift()?.();
  t.equal(turns.length, 0, 'nobody waits, so no turn is asked for');
  for (const [index, name] of names.entries())
    if (name !== 'b') await settle(name, asked[index] as Promise<string>);

  begun.length = 0;
  let endLong = (): void => undefined;
  const long = sharing.long(new Promise<void>((resolve) => (endLong = resolve)));
  const later = ['k', 'l'].map(ask);
  t.same(begun, ['k here'], 'nothing short is sent after a long one');
  endLong();
  await long;
  t.same(begun, ['k here', 'l there'], 'until that is done');
  for (const [index, name] of ['k', 'l'].entries()) await settle(name, later[index] as Promise<string>);
});

t.test('searched all at once, on two threads, every case is answered as it is alone', async (t) => {
  const store = await openAt(newPath(), { threads: true });
  t.teardown(() => store.close());
  for (const command of WORLD) await store.transact([command]);
  for (const [type, id] of GONE) await store.transact([remove(type, id)]);
  const pages = await Promise.all(
    SEARCH_CASES.map(([, asked]) => store.search(asked, { limit: 100, total: 'none' })),
  );
  for (const [index, page] of pages.entries()) {
    const [name, , answer] = SEARCH_CASES[index] as (typeof SEARCH_CASES)[number];
    t.equal(page.rows.map((row) => row.id).join(' '), answer, name);
  }
});

t.test('totals are right when the index alone counts', async (t) => {
  const store = await openAt(newPath(), {
    mergeVersions: 1,
    mergeChanges: 100_000,
    plans: { countedMax: 2, collectedMax: -1 },
  });
  t.teardown(() => store.close());
  for (const command of WORLD) await store.transact([command]);
  for (const [type, id] of GONE) await store.transact([remove(type, id)]);
  for (let step = 0; step < 6; step++) await store.transact([]);
  for (const [name, asked, answer] of SEARCH_CASES) {
    const total = answer === '' ? 0 : answer.split(' ').length;
    const page = await store.search(asked, { limit: 0, total: 'accurate' });
    t.same([page.rows, page.total], [[], { value: total, exact: true }], name);
  }
});

t.test('one list is counted once', async (t) => {
  const store = await openAt(newPath(), {
    mergeVersions: 1,
    mergeChanges: 100_000,
    plans: { countedMax: 10 },
  });
  t.teardown(() => store.close());
  await store.transact(
    Array.from({ length: 1500 }, (_, index) => put('Basic', `r${index}`, { values: valuesOf(index) })),
  );
  for (let step = 0; step < 6; step++) await store.transact([]);
  const asked = query('Basic', code('Basic.code', '1'));
  const { total, examined } = await store.explain(asked, { limit: 0, total: 'accurate' });
  t.same(total, { value: 500, exact: true });
  t.equal(examined, 11 + costOfCounted(500), 'up to a bound for a plan, and to its end for the answer');
});

t.test('what lacks one of two parameters is counted once, also where nothing has the other', async (t) => {
  // the index as it is, and behind
  for (const mergeVersions of [1, 1_000_000]) {
    const store = await openAt(newPath(), { mergeVersions, mergeChanges: 100_000 });
    t.teardown(() => store.close());
    const values = (at: number): Values => ({
      codes: { code: at % 2 === 0 ? ['s|a'] : [], status: at % 3 === 0 ? ['s|b'] : [] },
      texts: { name: at % 5 === 0 ? ['x'] : [] },
    });
    await store.transact(
      Array.from({ length: 60 }, (_, at) => put('Basic', `b${at}`, { values: values(at) })),
    );
    for (let step = 0; step < 4; step++) await store.transact([]);
    const has = { code: 2, status: 3, name: 5, none: 0 } as const;
    for (const one of ['code', 'name', 'none'] as const) {
      for (const other of ['status', 'none'] as const) {
        const both = all(present(`Basic.${one}`), present(`Basic.${other}`));
        const isIn = (at: number, name: keyof typeof has) => has[name] > 0 && at % has[name] === 0;
        const value = Array.from({ length: 60 }, (_, at) => at).filter(
          (at) => !(isIn(at, one) && isIn(at, other)),
        ).length;
        const { total } = await store.search(query('Basic', not(both)), { limit: 0, total: 'accurate' });
        t.same(total, { value, exact: true }, `${one}, ${other}, ${mergeVersions} [search.total]`);
      }
    }
  }
});

t.test('a total that was counted is brought up to date, not counted again', async (t) => {
  const store = await openAt(newPath(), {
    mergeVersions: 1,
    mergeChanges: 100_000,
    plans: { countedMax: 10, collectedMax: 10 },
  });
  t.teardown(() => store.close());
  await store.transact(
    Array.from({ length: 900 }, (_, index) => put('Basic', `r${index}`, { values: valuesOf(index) })),
  );
  const asked = query('Basic', all(code('Basic.code', '1'), text('Basic.name', 'contains', 'name')));
  const ask = async () => {
    // the index follows in steps, one after each write
    for (let step = 0; step < 6; step++) await store.transact([]);
    const { total, examined } = await store.explain(asked, { limit: 1, total: 'accurate' });
    return [(total as { value: number }).value, (examined as number) > 250] as const;
  };
  t.same(await ask(), [300, true], 'counted');
  t.same(await ask(), [300, false], 'known');
  const moved = put('Basic', 'r1', { values: valuesOf(0) });
  await store.transact([
    moved,
    put('Basic', 'r0', { values: valuesOf(4) }),
    remove('Basic', 'r4'),
    put('Basic', 'new', { values: valuesOf(1) }),
  ]);
  t.same(await ask(), [300, false], 'one came, one left, one is gone, one is new');
  await store.transact([remove('Basic', 'r7'), remove('Basic', 'r2')]);
  t.same(await ask(), [299, false]);
  await store.reindex([
    { type: 'Basic', id: 'r10', versionId: '1', postings: postingsOf('Basic', valuesOf(0)) },
  ]);
  t.same(await ask(), [298, true], 'postings that were replaced are counted anew');
  await store.transact(
    Array.from({ length: 600 }, (_, index) => put('Basic', `s${index}`, { values: valuesOf(index) })),
  );
  t.same(await ask(), [498, true], 'so they are when much has changed');
});

t.test('references are read before anybody asks, in steps, whatever is written between them', async (t) => {
  const path = newPath();
  const store = await openAt(path, { mergeVersions: 1, mergeChanges: 100_000 });
  t.teardown(() => store.close());
  const subjects = new Map<string, string>();
  const people = new Map<string, string>();
  const write = async (kind: 'person' | 'observed', id: string, value: string | undefined): Promise<void> => {
    const isPerson = kind === 'person';
    const [all, type] = isPerson ? ([people, 'Patient'] as const) : ([subjects, 'Observation'] as const);
    if (value === undefined) all.delete(id);
    else all.set(id, value);
    const values: Values = isPerson
      ? { codes: { gender: [`s|${value}`] } }
      : { terms: { subject: [`Patient/${value}`] }, codes: { code: ['s|c'] } };
    await store.transact([value === undefined ? remove(type, id) : put(type, id, { values })]);
  };
  // some refer to who is not there yet
  for (let at = 0; at < 40; at++) await write('person', `p${at}`, at % 2 === 0 ? 'f' : 'm');
  for (let at = 0; at < 150; at++) await write('observed', `o${at}`, `p${(at * 7) % 50}`);
  const opened = openConnection({ path, role: 'reader', cacheBytes: 100_000, busyTimeoutMs: 1_000 });
  t.teardown(() => opened.close());
  let reads = 0;
  const connection = {
    ...opened,
    row: (...[sql, ...args]: Parameters<typeof opened.row>) => {
      if (sql.includes('group_concat(coalesce(')) reads++;
      return opened.row(sql, ...args);
    },
  };
  const limits = {
    ...PLAN_LIMITS,
    countedMax: 1,
    collectedMax: -1,
    probedMax: -1,
    targetsMax: 0,
    keptRowsMin: 0,
    changedMax: 20,
    followedMax: 80,
    // the references and a set of resources
    keptSetsBytesMax: 9_600,
    aheadRowsMin: 100,
    aheadSetsBytesMax: 0,
    referencesAtOnce: 40,
  };
  const total = (asked: SearchQuery): number | undefined => {
    const options = { budget: 10_000, whenSpent: 'throw', limits } as const;
    return tracedSearch(connection, asked, { limit: 0, total: 'accurate' }, options).page.total?.value;
  };
  const compare = (told: string): void => {
    const observed = [...subjects.values()];
    const isFemale = (id: string): boolean => people.get(id) === 'f';
    t.equal(
      total(query('Observation', chain('Observation.subject', 'Patient', code('Patient.gender', 'f')))),
      observed.filter(isFemale).length,
      `who they are about, ${told}`,
    );
    for (const other of ['a', 'b', 'c', 'd'])
      total(query('Patient', not(all(code('Patient.gender', 'f'), code('Patient.gender', other)))));
    t.equal(
      total(query('Patient', has('Observation.subject', code('Observation.code', 'c')))),
      new Set(observed.filter((id) => people.has(id))).size,
      `who is observed, ${told}`,
    );
  };
  const step = createReferencesAhead(connection, limits);
  let steps = 0;
  const readAll = async (): Promise<void> => {
    while (step() === 'more') {
      steps++;
      // what is read in one step is changed before the next
      await write('observed', `o${steps}`, `p${(steps * 11) % 50}`);
      await write('observed', `o${149 - steps}`, steps % 3 === 0 ? undefined : `p${steps % 50}`);
      await write('observed', `new${steps}`, 'p3');
      await write('person', `p${39 + steps}`, 'f');
      if (steps === 4) await reindexSome();
    }
  };
  const reindexSome = async (): Promise<void> => {
    const again = Array.from({ length: 10 }, (_, at) => `o${60 + at}`);
    const postings = postingsOf('Observation', { terms: { subject: ['Patient/none'] } });
    await store.reindex(again.map((id) => ({ type: 'Observation', id, versionId: '1', postings })));
    for (const id of again) subjects.set(id, 'none');
  };
  await readAll();
  t.ok(steps >= 4, `${steps} steps`);
  // other postings came meanwhile
  await readAll();
  t.ok(steps >= 8, `${steps} steps`);
  reads = 0;
  compare('read in steps');
  t.equal(reads, 0, 'nobody who asks reads them');
  for (let round = 0; round < 12; round++) {
    for (let at = 0; at < 3; at++)
      await write('observed', `o${(round * 17 + at) % 150}`, `p${(round * 5 + at * 3) % 50}`);
    await write('person', `p${round}`, round % 4 === 0 ? undefined : 'f');
    // one whom nobody referred to, and one who comes later
    await write('person', `q${round}`, 'f');
    await write('observed', `q${round}`, `q${round}`);
    await write('observed', `late${round}`, `late${round}`);
    if (round >= 6) await write('person', `late${round - 6}`, 'f');
    compare(`after round ${round}`);
  }
  t.equal(reads, 0, 'what was written is followed, and their lists are written anew from memory');
  for (let at = 0; at < 100; at++) await write('observed', `o${at}`, `p${at % 40}`);
  while (step() === 'more');
  t.ok(reads > 0, 'after much was written they are read again');
  reads = 0;
  compare('read again');
  t.equal(reads, 0);
  await store.reindex([
    {
      type: 'Observation',
      id: 'o20',
      versionId: '1',
      postings: postingsOf('Observation', { terms: { subject: ['Patient/none'] } }),
    },
  ]);
  while (step() === 'more');
  t.ok(reads > 0, 'so they are after postings were replaced');
});

t.test('what is read ahead waits for writes and searches to be few, and ends with the store', async (t) => {
  let seq = 10;
  let busyLooks = 0;
  let looks = 0;
  let stepped = (): void => undefined;
  let steps = 0;
  const answers: ('more' | 'later' | 'done')[] = ['more', 'done', 'done', 'later', 'done'];
  const schedule = scheduleAhead({
    idleMs: 0,
    seq: () => {
      looks++;
      return seq;
    },
    isIdle: () => busyLooks-- <= 0,
    step: async () => {
      steps++;
      stepped();
      return answers.shift() ?? 'done';
    },
  });
  const next = (): Promise<void> =>
    new Promise((resolve) => {
      stepped = resolve;
    });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  // the schedule keeps no process alive
  const alive = setInterval(() => undefined, 1_000);
  t.teardown(() => clearInterval(alive));
  await next();
  await next();
  t.equal(steps, 2, 'there was more to do');
  await turn();
  looks = 0;
  seq += 5_000;
  schedule.afterCommit();
  await next();
  t.equal(looks, 2, 'not at once after much was written');
  busyLooks = 3;
  seq++;
  schedule.afterCommit();
  await next();
  t.ok(busyLooks < 0, 'not while somebody searches');
  await next();
  t.equal(steps, 5, 'again, once the index has what was written');
  await turn();
  schedule.close();
  seq++;
  schedule.afterCommit();
  await new Promise((resolve) => setTimeout(resolve, 1));
  t.equal(steps, 5, 'not after the end');
});

t.test('a thread that serves for more than half of its time has none to spare', async (t) => {
  const spans = [
    { idle: 0, active: 500 },
    { idle: 10, active: 511 },
    { idle: 30, active: 530 },
    { idle: 30, active: 531 },
    { idle: 130, active: 531 },
  ];
  const hasSpareTime = createSpareTime(() => spans.shift() as (typeof spans)[number]);
  t.same([hasSpareTime(), hasSpareTime(), hasSpareTime(), hasSpareTime()], [false, true, false, true]);
});

t.test('texts are counted as sets, those around the length at which the index cuts them too', async (t) => {
  const plans = { countedMax: 1, collectedMax: -1, probedMax: -1, listsMax: 1, textListsMax: 1 };
  for (const lengths of [
    [3, 5, 90],
    [97, 98, 99, 100, 101, 102],
  ]) {
    const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000, plans });
    // beside the cut there may be another letter, or marks that only the exact text has
    const names = lengths.flatMap((length) =>
      ['x', 'y', 'x\u0301', 'x\u0301\u0302', 'x\u{1e8d0}'].map((end) => `${'A'.repeat(length - 1)}${end}`),
    );
    const held = Array.from({ length: 60 }, (_, at) => names[at % names.length] as string);
    await store.transact(
      held.map((name, at) =>
        put('Basic', `r${at}`, { values: { codes: { code: ['s|c'] }, texts: { name: [name] } } }),
      ),
    );
    for (let step = 0; step < 4; step++) await store.transact([]);
    for (const name of [...names, 'A', 'x']) {
      for (const [op, holds] of [
        ['exact', (one: string) => one === name],
        ['whole', (one: string) => fold(one) === fold(name)],
        ['suffix', (one: string) => fold(one).endsWith(fold(name))],
        ['contains', (one: string) => fold(one).includes(fold(name))],
      ] as const) {
        const where = all(code('Basic.code', 'c'), not(not(text('Basic.name', op, name))));
        const { total } = await store.search(query('Basic', where), { limit: 0, total: 'accurate' });
        t.equal(total?.value, held.filter(holds).length, `${op} of ${name.length} letters and ${lengths}`);
      }
    }
    await store.close();
  }
});

t.test('a long list may be counted, and costs more the longer it is', async (t) => {
  t.same([0, 1, 16, 320_000].map(costOfCounted), [0, 1, 1, 20_000]);
  t.ok(costOfCounted(5_000_000) < 100_000, 'a third of what a search may look at');
  t.ok(costOfCounted(50_000_000) > 300_000, 'not without end');
});

t.test('versions that are kept in memory are bounded, the oldest go first', async (t) => {
  const version = (id: string, chars: number): StoredVersion => ({
    type: 'Basic',
    id,
    versionId: '1',
    lastUpdated: 0,
    method: 'PUT',
    deleted: false,
    json: 'x'.repeat(chars),
  });
  const idsIn = (kept: KeptVersions): string[] =>
    ['a', 'b', 'c', 'd', 'e'].filter((id) => kept.get('Basic', id) !== undefined);
  // each counts 200 characters beside its text
  const kept = createKeptVersions(16 * 400);
  kept.keep(version('a', 200));
  kept.keep(version('a', 100));
  t.equal(kept.get('Basic', 'a')?.json.length, 100, 'the newest is kept');
  t.equal(kept.get('Group', 'a'), undefined);
  kept.keep(version('b', 201));
  t.same(idsIn(kept), ['a'], 'a text of more than a sixteenth is not');
  for (let count = 0; count < 15; count++) kept.keep(version(`f${count}`, 200));
  t.same(idsIn(kept), ['a'], 'all that fits is there');
  kept.keep(version('c', 0));
  t.same(idsIn(kept), ['c'], 'the oldest makes room');
  const none = createKeptVersions(0);
  none.keep(version('d', 0));
  t.same(idsIn(none), []);
  const finish: (() => void)[] = [];
  const change = (): Promise<void> =>
    kept.during([{ type: 'Basic', id: 'c' }], () => new Promise((resolve) => finish.push(resolve)));
  const changes = [change(), change()];
  t.same(idsIn(kept), [], 'what is being changed is forgotten');
  finish[0]?.();
  await changes[0];
  kept.keep(version('c', 0));
  t.same(idsIn(kept), [], 'and not kept while anybody changes it');
  finish[1]?.();
  await changes[1];
  kept.keep(version('c', 0));
  t.same(idsIn(kept), ['c'], 'then it is');
  await t.rejects(kept.during([{ type: 'Basic', id: 'c' }], () => Promise.reject(new Error('lost'))));
  t.same(idsIn(kept), [], 'also after a change that failed');
  kept.keep(version('c', 0));
  t.same(idsIn(kept), ['c']);
});

t.test('a read is never older than the answers before it, whatever is kept', async (t) => {
  const random = seededBelow(t);
  for (const keptCharsMax of [0, 16 * 260, 1 << 20]) {
    const store = await openAt(newPath(), { threads: true, keptCharsMax });
    /** Of each resource the newest version that was answered. */
    const answered = new Map<string, number>();
    const note = (id: string, v: number): void => {
      answered.set(id, Math.max(v, answered.get(id) ?? 0));
    };
    const wrong: string[] = [];
    const act = async (): Promise<void> => {
      for (let step = 0; step < 60; step++) {
        const id = `r${random(6)}`;
        const before = answered.get(id) ?? 0;
        if (random(3) === 0) {
          const other = `r${random(6)}`;
          const commands = random(4) === 0 ? [remove('Basic', id)] : [put('Basic', id), put('Basic', other)];
          const { results } = await store.transact(commands);
          for (const [at, one] of commands.entries()) note(one.id, Number(results[at]?.versionId || 0));
        } else {
          const found = await store.read('Basic', id);
          const v = Number(found?.versionId ?? 0);
          if (v < before) wrong.push(`${id}: version ${v} after ${before} was answered`);
          if (found && !found.deleted && !found.json.includes(`"versionId":"${v}"`)) wrong.push(found.json);
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, act));
    t.same(wrong, [], `${keptCharsMax} characters`);
    for (const [id, v] of answered) t.equal((await store.read('Basic', id))?.versionId, String(v), id);
    await store.close();
    await t.rejects(store.read('Basic', 'r0'), StoreUnavailableError, 'nothing is told after the end');
  }
});

t.test(
  'what was asked before is not prepared again, whatever it asks for and however long its pages are',
  async (t) => {
    const { prepare } = DatabaseSync.prototype;
    const watched = new WeakSet<DatabaseSync>();
    let compiled = 0;
    DatabaseSync.prototype.prepare = function (sql) {
      if (!watched.has(this)) {
        watched.add(this);
        // SQLite asks whenever it compiles something
        this.setAuthorizer(() => {
          compiled++;
          return constants.SQLITE_OK;
        });
      }
      return prepare.call(this, sql);
    };
    t.teardown(() => {
      DatabaseSync.prototype.prepare = prepare;
    });
    const store = await openAt(newPath(), {
      mergeVersions: 1,
      mergeChanges: 100_000,
      plans: { countedMax: 10 },
    });
    t.teardown(() => store.close());
    await store.transact(
      Array.from({ length: 100 }, (_, index) =>
        put('Basic', `r${index}`, {
          values: { ...valuesOf(index), dates: { when: [['2024-01-02', '2024-01-03']] } },
        }),
      ),
    );
    const asked = (index: number): readonly SearchQuery[] => [
      query('Basic', all()),
      query('Basic', code('Basic.code', String(index))),
      query('Basic', text('Basic.name', 'prefix', `name ${index}`)),
      query('Basic', number('Basic.value', 'ge', ...exactly(index))),
      query('Basic', date('Basic.when', 'ge', '2024-01-02', '2024-01-03')),
      query('Basic', code('Basic.code', String(index)), byDesc('Basic.when', 'date')),
    ];
    const ask = async (index: number): Promise<void> => {
      for (const [at, one] of asked(index).entries()) {
        // the same lists of numbers make the same statement
        const { rows, next } = await store.search(one, {
          limit: 3 + (at === 3 ? 0 : index),
          total: 'accurate',
        });
        t.ok(rows.length > 0, `${at} finds some`);
        if (next !== undefined) await store.search(one, { limit: 3, total: 'none', after: next });
      }
      await store.history({ level: 'instance', type: 'Basic', id: `r${index}` }, { limit: 1 + index });
      await store.read('Basic', `r${index}`);
    };
    await ask(1);
    t.ok(compiled > 0, 'compiling is seen');
    await ask(1);
    compiled = 0;
    await ask(1);
    await ask(2);
    t.equal(compiled, 0);
  },
);
