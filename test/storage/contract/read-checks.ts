/**
 * Reads by key, postings as indexed, re-indexing, races and the closed store.
 * https://hl7.org/fhir/R4/http.html#read
 */
import type { Test } from 'tap';
import { ConflictError, type Store, type StoredVersion } from '../../../src/storage/store.ts';
import {
  id,
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
  await checkMany(t, store);
  await checkAnswered(t, store);
  let last = store;
  if (reopen !== undefined) {
    const before = await readAll(store);
    last = await reopen();
    t.same(await readAll(last), before, 'everything is there after a restart');
    const written = await last.transact([put('Patient', 'after-restart')]);
    t.equal(written.results[0]?.versionId, '1', 'writes go on after a restart');
  }
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
  t.same(
    await store.readVersion('Patient', 'v', '1'),
    first,
    'the first version [version.method] [readVersion.number]',
  );
  t.same(
    await store.readVersion('Patient', 'v', '2'),
    second,
    'the second version [version.method] [readVersion.number]',
  );
  t.same(
    await store.readVersion('Patient', 'v', '3'),
    tombstone,
    'the tombstone as a version [version.number]',
  );
  t.same(await store.read('Patient', 'v'), tombstone, 'the tombstone is current [read.current]');
  for (const versionId of ['0', '4', '01', '1.0', '-1', '', 'x', '1e0', '9007199254740993', "1'"]) {
    t.equal(
      await store.readVersion('Patient', 'v', versionId),
      undefined,
      `no version ${versionId} [readVersion.number]`,
    );
  }
  t.equal(await store.read('Patient', 'nope'), undefined, 'an unknown id [read.current]');
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
    'many in the order of the keys, without the missing and deleted [readMany.live]',
  );
  t.same(await store.readMany([]), [], 'none of none');
  const asked = keys.map((key) => ({ type: key.split('/')[0] as string, id: key.split('/')[1] as string }));
  const each = await Promise.all(asked.map(({ type, id }) => store.read(type, id)));
  t.same(
    await store.readEach(asked),
    each,
    'each in the order of the keys, tombstones and gaps too [readEach.read]',
  );
  t.same(each[1], tombstone, 'of which one is a tombstone');
  t.same(await store.readEach([]), [], 'each of none');
}

async function checkTexts(t: Test, store: Store): Promise<void> {
  const marks = ['"\\\n\t', 'é 李雷 😀', '\u2028\u2029', '\u0000 nul', 'x'.repeat(100_000)];
  for (const [index, mark] of marks.entries()) {
    const result = (await store.transact([put('Patient', `text${index}`, { mark })])).results[0]!;
    const row = await store.read('Patient', `text${index}`);
    t.equal(
      row?.json,
      jsonOf('Patient', `text${index}`, '1', result.lastUpdated, mark),
      `text ${index} [version.text]`,
    );
  }
}

async function checkPostings(t: Test, store: Store): Promise<void> {
  const postings = postingsOf('Observation', RICH);
  await store.transact([put('Observation', 'rich', { values: RICH }), put('Observation', 'poor')]);
  const key = { type: 'Observation', id: 'rich' };
  t.same(
    await store.readPostings(key),
    postings,
    'postings come back as they were written [readPostings.written]',
  );
  t.same(
    await store.readPostings({ type: 'Observation', id: 'poor' }),
    postingsOf('Observation', {}),
    'no postings come back as none [readPostings.written]',
  );
  t.equal(
    await store.readPostings({ type: 'Observation', id: 'nope' }),
    undefined,
    'none of a missing one [readPostings.written]',
  );
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
  t.equal(await store.readPostings(key), undefined, 'a deleted resource has none [readPostings.written]');
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
  t.same(
    await idsOf(store, where, 'Device'),
    ['d1'],
    'only the current version is re-indexed [reindex.current]',
  );
  t.same(
    await store.readPostings({ type: 'Device', id: 'd1' }),
    postings,
    'its postings are replaced [reindex.current]',
  );
  t.equal((await store.read('Device', 'd1'))?.versionId, '1', 'no new version [reindex.silent]');
  await store.reindex([{ ...entry('d1', '1'), postings: postingsOf('Device', {}) }]);
  t.same(await idsOf(store, where, 'Device'), [], 'and can be replaced again');
  await store.reindex([]);
}

async function checkMany(t: Test, store: Store): Promise<void> {
  const keys = Array.from({ length: 1_200 }, (_, at) => ({ type: 'Device', id: `many${at}` }));
  const commands = keys.slice(0, 1_000).map(({ type, id }) => put(type, id, { mark: id }));
  const { results } = await store.transact(commands);
  t.same(
    [results.length, new Set(results.map(({ versionId }) => versionId))],
    [1_000, new Set(['1'])],
    'a thousand commands [transact.many]',
  );
  const last = put('Device', 'many999', { expected: 'absent' });
  await t.rejects(store.transact([...commands, last]), /expected 1000/, 'of which one fails');
  await store.transact([remove('Device', 'many7')]);
  const backwards = keys.toReversed();
  const each = await store.readEach(backwards);
  t.same(
    each.map((one) => `${one?.id} ${one?.versionId} ${one?.deleted}`),
    backwards.map(({ id }, at) =>
      at < 200 ? 'undefined undefined undefined' : id === 'many7' ? 'many7 2 true' : `${id} 1 false`,
    ),
    'more than are read at once, none of them written again [readEach.read] [transact.whole]',
  );
  t.same(
    await store.readMany(backwards),
    each.filter((one) => one !== undefined && !one.deleted),
    'those that are live [readMany.live]',
  );
}

/** Whoever got an answer sees at least that version, by every way to it, whoever else writes. */
async function checkAnswered(t: Test, store: Store): Promise<void> {
  const key = { type: 'Basic', id: 'answered' };
  const older: string[] = [];
  let newest = Number((await store.transact([put(key.type, key.id)])).results[0]!.versionId);
  const expect = (way: string, row: StoredVersion | undefined, least: number): void => {
    if (!(Number(row?.versionId) >= least)) older.push(`${way}: ${row?.versionId} instead of ${least}`);
  };
  await Promise.all(
    Array.from({ length: 16 }, async (_, client) => {
      for (let round = 0; round < 6; round++) {
        if (client < 4) {
          const { results } = await store.transact([put(key.type, key.id)]);
          newest = Math.max(newest, Number(results[0]!.versionId));
        }
        const least = newest;
        expect('read', await store.read(key.type, key.id), least);
        expect('readEach', (await store.readEach([key]))[0], least);
        expect('readVersion', await store.readVersion(key.type, key.id, String(least)), least);
        const found = await store.search(query('Basic', id(key.id)), { limit: 1, total: 'none' });
        expect('search', found.rows[0], least);
        const { rows } = await store.history({ level: 'instance', ...key }, { limit: 1 });
        expect('history', rows[0], least);
      }
    }),
  );
  t.same(older, [], 'nothing is older than what was answered [read.answered]');
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
  t.equal(new Set(winners).size, 1, '1,000 parallel conditional creates make one resource [transact.race]');
  t.same(await idsOf(store, asked.where, 'Patient'), [winners[0]], 'and it is found');

  const counted = async (_: unknown, index: number): Promise<void> => {
    for (;;) {
      const [version] = await store.readEach([{ type: 'Basic', id: 'counter' }]);
      const { versionId, json } = version as StoredVersion;
      const mark = String(Number((JSON.parse(json) as { note: string }).note) + 1);
      const current = index % 2 === 0 ? version : undefined;
      try {
        await store.transact([put('Basic', 'counter', { mark, expected: { versionId }, current })]);
        return;
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
      }
    }
  };
  await store.transact([put('Basic', 'counter', { mark: '0' })]);
  await Promise.all(Array.from({ length: 20 }, counted));
  const last = (await store.read('Basic', 'counter')) as StoredVersion;
  t.same(
    [last.versionId, (JSON.parse(last.json) as { note: string }).note],
    ['21', '20'],
    'no lost update [transact.race]',
  );
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
