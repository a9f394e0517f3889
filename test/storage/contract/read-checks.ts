/**
 * Reads by key, postings as indexed, re-indexing, races and the closed store.
 * https://hl7.org/fhir/R4/http.html#read
 */
import type { Test } from 'tap';
import {
  ConflictError,
  type Store,
  type StoredVersion,
  StoreUnavailableError,
} from '../../../src/storage/store.ts';
import {
  all,
  jsonOf,
  nextUp,
  postingsOf,
  present,
  put,
  query,
  remove,
  term,
  text,
  type Values,
} from './build.ts';
import type { OpenStore } from './suite.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

/** Every shape of posting, with the odd values of each. */
const RICH: Values = {
  date: '1899-12-31',
  codes: { code: ['s|a', '|bare', 's|', 'ünï|cödé'] },
  terms: { identifier: ['x|1', '1'], subject: ['Patient/p'] },
  texts: { name: ['', "O'Neil \u{1F600}", 'x'.repeat(3000)] },
  dates: {
    date: [
      ['', '2020-01-01'],
      ['0001-01-01', '9999-12-31'],
    ],
  },
  numbers: {
    value: [
      ['', -0.1, 0.1],
      ['kg', 1e300, Number.POSITIVE_INFINITY],
      ['kg', 72, nextUp(72)],
    ],
  },
};

export async function checkReads(t: Test, open: OpenStore): Promise<void> {
  let time = START;
  const { store, reopen, destroy } = await open(() => ++time);
  t.teardown(destroy);
  await checkVersions(t, store);
  await checkTexts(t, store);
  await checkPostings(t, store);
  await checkReindex(t, store);
  await checkRace(t, store);
  let last = store;
  if (reopen !== undefined) {
    const before = await readAll(store);
    last = await reopen();
    t.same(await readAll(last), before, 'everything is there after a restart');
    const written = await last.transact([put('Patient', 'after-restart')]);
    t.equal(written.results[0]?.versionId, '1', 'writes go on after a restart');
  }
  await checkClosed(t, last);
}

async function checkVersions(t: Test, store: Store): Promise<void> {
  const one = (await store.transact([put('Patient', 'v', { method: 'POST', mark: 'first' })])).results[0]!;
  const two = (await store.transact([put('Patient', 'v', { mark: 'second' })])).results[0]!;
  const gone = (await store.transact([remove('Patient', 'v')])).results[0]!;
  t.ok(START < one.lastUpdated && one.lastUpdated <= two.lastUpdated && two.lastUpdated <= gone.lastUpdated);
  const first: StoredVersion = {
    type: 'Patient',
    id: 'v',
    versionId: '1',
    lastUpdated: one.lastUpdated,
    method: 'POST',
    deleted: false,
    json: jsonOf('Patient', 'v', '1', one.lastUpdated, 'first'),
  };
  const second: StoredVersion = {
    ...first,
    versionId: '2',
    lastUpdated: two.lastUpdated,
    method: 'PUT',
    json: jsonOf('Patient', 'v', '2', two.lastUpdated, 'second'),
  };
  const tombstone: StoredVersion = {
    ...first,
    versionId: '3',
    lastUpdated: gone.lastUpdated,
    method: 'DELETE',
    deleted: true,
    json: '',
  };
  t.same(await store.readVersion('Patient', 'v', '1'), first, 'the first version');
  t.same(await store.readVersion('Patient', 'v', '2'), second, 'the second version');
  t.same(await store.readVersion('Patient', 'v', '3'), tombstone, 'the tombstone as a version');
  t.same(await store.read('Patient', 'v'), tombstone, 'the tombstone is current');
  for (const versionId of ['0', '4', '01', '1.0', '-1', '', 'x', '1e0', '9007199254740993', "1'"]) {
    t.equal(await store.readVersion('Patient', 'v', versionId), undefined, `no version ${versionId}`);
  }
  t.equal(await store.read('Patient', 'nope'), undefined, 'an unknown id');
  t.equal(await store.read('Group', 'v'), undefined, 'an id of another type');
  t.equal(await store.read('Nonsense', 'v'), undefined, 'an unknown type');
  t.equal(await store.readVersion('Patient', 'nope', '1'), undefined, 'a version of an unknown id');
  await store.transact([put('Patient', 'm1'), put('Patient', 'm2'), put('Group', 'm1')]);
  const keys = ['Patient/m2', 'Patient/v', 'Patient/nope', 'Group/m1', 'Patient/m1', 'Patient/m2'];
  const many = await store.readMany(
    keys.map((key) => ({ type: key.split('/')[0] as string, id: key.split('/')[1] as string })),
  );
  t.same(
    many.map((row) => `${row.type}/${row.id}`),
    ['Patient/m2', 'Group/m1', 'Patient/m1', 'Patient/m2'],
    'many in the order of the keys, without the missing and deleted',
  );
  t.same(await store.readMany([]), [], 'none of none');
  const asked = keys.map((key) => ({ type: key.split('/')[0] as string, id: key.split('/')[1] as string }));
  const each = await Promise.all(asked.map(({ type, id }) => store.read(type, id)));
  t.same(await store.readEach(asked), each, 'each in the order of the keys, tombstones and gaps too');
  t.same(each[1], tombstone, 'of which one is a tombstone');
  t.same(await store.readEach([]), [], 'each of none');
}

async function checkTexts(t: Test, store: Store): Promise<void> {
  const marks = ['"\\\n\t', 'é 李雷 😀', '\u2028\u2029', '\u0000 nul', 'x'.repeat(100_000)];
  for (const [index, mark] of marks.entries()) {
    const result = (await store.transact([put('Patient', `text${index}`, { mark })])).results[0]!;
    const row = await store.read('Patient', `text${index}`);
    t.equal(row?.json, jsonOf('Patient', `text${index}`, '1', result.lastUpdated, mark), `text ${index}`);
  }
}

async function checkPostings(t: Test, store: Store): Promise<void> {
  const postings = postingsOf('Observation', RICH);
  await store.transact([put('Observation', 'rich', { values: RICH }), put('Observation', 'poor')]);
  const key = { type: 'Observation', id: 'rich' };
  t.same(await store.readPostings(key), postings, 'postings come back as they were written');
  t.same(
    await store.readPostings({ type: 'Observation', id: 'poor' }),
    postingsOf('Observation', {}),
    'no postings come back as none',
  );
  t.equal(await store.readPostings({ type: 'Observation', id: 'nope' }), undefined, 'none of a missing one');
  const doubled = {
    ...postings,
    terms: [...postings.terms, ...postings.terms],
    texts: [...postings.texts, ...postings.texts],
    dates: [...postings.dates, ...postings.dates],
    numbers: [...postings.numbers, ...postings.numbers],
  };
  const put2 = put('Observation', 'twice');
  if (put2.kind !== 'put') throw new Error('not a put');
  await store.transact([{ ...put2, postings: doubled }]);
  const found = await store.search(query('Observation', term('Observation.code', 's|a')), {
    limit: 10,
    total: 'accurate',
  });
  t.same(
    [found.rows.map((row) => row.id), found.total],
    [['twice', 'rich'], { value: 2, exact: true }],
    'a posting that is given twice counts once',
  );
  await store.transact([remove('Observation', 'twice'), put('Observation', 'rich', { values: RICH })]);
  t.same(await store.readPostings(key), postings, 'an update that changes nothing keeps the postings');
  await store.transact([put('Observation', 'rich', { values: { codes: { code: ['s|b'] } } })]);
  t.same(await idsOf(store, term('Observation.code', 's|a')), [], 'old postings are gone after an update');
  t.same(await idsOf(store, text('Observation.name', 'prefix', 'x')), [], 'also the strings');
  t.same(await idsOf(store, present('Observation.value')), [], 'also the numbers');
  t.same(await idsOf(store, term('Observation.code', 's|b')), ['rich'], 'and new ones are there');
  await store.transact([remove('Observation', 'rich')]);
  t.equal(await store.readPostings(key), undefined, 'a deleted resource has none');
}

async function checkReindex(t: Test, store: Store): Promise<void> {
  await store.transact([put('Device', 'd1'), put('Device', 'd2'), put('Device', 'd3')]);
  await store.transact([put('Device', 'd2'), remove('Device', 'd3')]);
  const postings = postingsOf('Device', { date: '2020-01-01', codes: { type: ['s|new'] } });
  const entry = (id: string, versionId: string) => ({ type: 'Device', id, versionId, postings });
  await store.reindex([
    entry('d1', '1'),
    entry('d2', '1'),
    entry('d3', '1'),
    entry('d3', '2'),
    entry('d9', '1'),
  ]);
  const where = term('Device.type', 's|new');
  t.same(await idsOf(store, where, 'Device'), ['d1'], 'only the current version is re-indexed');
  t.same(await store.readPostings({ type: 'Device', id: 'd1' }), postings, 'its postings are replaced');
  t.equal((await store.read('Device', 'd1'))?.versionId, '1', 'no new version');
  await store.reindex([{ ...entry('d1', '1'), postings: postingsOf('Device', {}) }]);
  t.same(await idsOf(store, where, 'Device'), [], 'and can be replaced again');
  await store.reindex([]);
}

/** Many clients at once, each creates the one person unless somebody has. */
async function checkRace(t: Test, store: Store): Promise<void> {
  const asked = query('Patient', term('Patient.identifier', 'race|1'));
  const create = async (client: number): Promise<string> => {
    for (;;) {
      const found = await store.search(asked, { limit: 2, total: 'none' });
      if (found.rows.length > 0) return (found.rows[0] as StoredVersion).id;
      const values = { terms: { identifier: ['race|1'] } };
      try {
        await store.transact(
          [put('Patient', `race${client}`, { values, expected: 'absent' })],
          [{ query: asked, ids: [] }],
        );
        return `race${client}`;
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
      }
    }
  };
  const winners = await Promise.all(Array.from({ length: 1000 }, (_, client) => create(client)));
  t.equal(new Set(winners).size, 1, '1,000 parallel conditional creates make one resource');
  t.same(await idsOf(store, asked.where, 'Patient'), [winners[0]], 'and it is found');

  const counted = async (): Promise<void> => {
    for (;;) {
      const version = (await store.read('Basic', 'counter')) as StoredVersion;
      const mark = String(Number((JSON.parse(version.json) as { note: string }).note) + 1);
      try {
        await store.transact([put('Basic', 'counter', { mark, expected: { versionId: version.versionId } })]);
        return;
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
      }
    }
  };
  await store.transact([put('Basic', 'counter', { mark: '0' })]);
  await Promise.all(Array.from({ length: 20 }, counted));
  const last = (await store.read('Basic', 'counter')) as StoredVersion;
  t.same([last.versionId, (JSON.parse(last.json) as { note: string }).note], ['21', '20'], 'no lost update');
}

async function checkClosed(t: Test, store: Store): Promise<void> {
  await store.close();
  await store.close();
  const asked = query('Patient', all());
  await t.rejects(store.read('Patient', 'v'), StoreUnavailableError, 'read of a closed store');
  await t.rejects(store.transact([put('Patient', 'z')]), StoreUnavailableError, 'write to a closed store');
  await t.rejects(store.search(asked, { limit: 1, total: 'none' }), StoreUnavailableError, 'search');
  await t.rejects(store.history({ level: 'system' }, { limit: 1 }), StoreUnavailableError, 'history');
  await t.rejects(store.scan()[Symbol.asyncIterator]().next(), StoreUnavailableError, 'scan');
}

async function idsOf(
  store: Store,
  where: Parameters<typeof query>[1],
  type = 'Observation',
): Promise<string[]> {
  const page = await store.search(query(type, where), { limit: 1000, total: 'none' });
  return page.rows.map((row) => row.id);
}

async function readAll(store: Store): Promise<unknown> {
  const history = await store.history({ level: 'system' }, { limit: 10_000 });
  const live: StoredVersion[] = [];
  for await (const version of store.scan()) live.push(version);
  live.sort((a, b) => (`${a.type}/${a.id}` < `${b.type}/${b.id}` ? -1 : 1));
  return { history: history.rows, live };
}
