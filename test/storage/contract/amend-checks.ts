/**
 * Another text for a version in place: no new version, no change of the feed, the index follows, and nothing is
 * lost when others write at the same time.
 * https://hl7.org/fhir/R4/resource-operation-meta-add.html
 */
import type { Test } from 'tap';
import { hashParam } from '../../../src/search/term-hash.ts';
import { ConflictError, type Store, type StoredVersion } from '../../../src/storage/store.ts';
import { postingsOf, put, query, remove, term } from './build.ts';
import type { OpenStore } from './suite.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

export async function checkAmendments(t: Test, open: OpenStore): Promise<void> {
  let time = START;
  const { store, destroy } = await open(() => ++time);
  t.teardown(destroy);
  await checkCurrent(t, store);
  await checkPast(t, store);
  await checkRaces(t, store);
}

async function checkCurrent(t: Test, store: Store): Promise<void> {
  const tagged = (code: string) => ({ codes: { tag: [`s|${code}`] }, date: '2020-01-01' });
  await store.transact([put('Patient', 'p', { mark: 'one', values: tagged('old') }), put('Patient', 'q')]);
  const read = await readVersion(store, 'p', '1');
  const to = read.json.replace('one', 'amended');
  const change = { type: 'Patient', id: 'p', versionId: '1', from: read.json, to };
  const postings = postingsOf('Patient', tagged('new'));
  t.equal(await store.amend({ ...change, postings }), true);
  t.same(
    await store.read('Patient', 'p'),
    { ...read, json: to },
    'the text changes and nothing else [amend.text]',
  );
  t.same(await store.readVersion('Patient', 'p', '1'), { ...read, json: to }, 'also as a version');
  const history = await store.history({ level: 'type', type: 'Patient' }, { limit: 10 });
  t.same(
    history.rows.map((row) => `${row.id}/${row.versionId}`),
    ['q/1', 'p/1'],
    'history has no more versions, in the same order [amend.silent]',
  );
  t.equal(history.rows[1]?.json, to, 'and shows the new text');
  t.same(await store.readPostings({ type: 'Patient', id: 'p' }), postings);
  t.same(await idsOf(store, 'old'), [], 'the old tag finds nothing');
  t.same(await idsOf(store, 'new'), ['p'], 'the new one does');
  t.equal(
    await store.amend({ ...change, postings }),
    false,
    'what was read before the change is stale [amend.same]',
  );
  for (const other of [{ id: 'nope' }, { versionId: '2' }, { versionId: 'x' }, { type: 'Group' }]) {
    t.equal(await store.amend({ ...change, ...other, from: to, to: read.json, postings }), false);
  }
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const { version } of store.changes(undefined, stop.signal)) {
    seen.push(`${version.id}/${version.versionId}`);
    if (seen.length === 2) {
      await store.transact([put('Patient', 'last')]);
    } else if (version.id === 'last') stop.abort();
  }
  t.same(seen, ['p/1', 'q/1', 'last/1'], 'the feed has each version once [amend.silent]');
  const keys = [hashParam('Patient', 'tag'), hashParam('Patient', 'none')];
  t.same(
    (await store.listTerms(keys, 9)).map(({ system, code }) => `${system}|${code}`).sort(),
    ['s|new', 's|old'],
    'terms that are or were in use [listTerms.clear]',
  );
  t.equal((await store.listTerms(keys, 1)).length, 1, 'no more than asked for');
  t.same(await store.listTerms([], 9), []);
}

async function checkPast(t: Test, store: Store): Promise<void> {
  await store.transact([put('Device', 'd', { mark: 'one' })]);
  await store.transact([put('Device', 'd', { mark: 'two', values: { codes: { type: ['s|two'] } } })]);
  const past = (await store.readVersion('Device', 'd', '1')) as StoredVersion;
  const to = past.json.replace('one', 'other');
  const change = { type: 'Device', id: 'd', versionId: '1', from: past.json, to };
  const postings = postingsOf('Device', { codes: { type: ['s|past'] } });
  t.equal(await store.amend({ ...change, postings }), true);
  t.same(await store.readVersion('Device', 'd', '1'), { ...past, json: to });
  t.equal(JSON.parse((await store.read('Device', 'd'))?.json ?? '{}').note, 'two', 'the current one stays');
  const found = await store.search(query('Device', term('Device.type', 's|past')), {
    limit: 9,
    total: 'none',
  });
  t.same(found.rows, [], 'a past version is not searched');
  t.equal(await store.amend({ ...change, postings }), false, 'stale');
  t.equal(await store.amend({ ...change, from: to, to: past.json, postings }), true, 'and back');
  await store.transact([remove('Device', 'd')]);
  t.equal(await store.amend({ ...change, from: '', to, versionId: '3', postings }), false, 'no tombstone');
  t.equal(await store.amend({ ...change, postings }), true, 'versions of a deleted resource');
}

/** Labels are added while others update: each label must be in the version that it was added to. */
async function checkRaces(t: Test, store: Store): Promise<void> {
  await store.transact([put('Basic', 'race', { mark: 'v' })]);
  const postings = postingsOf('Basic', {});
  const label = async (mark: string): Promise<string> => {
    for (;;) {
      const read = (await store.read('Basic', 'race')) as StoredVersion;
      const { versionId, json: from } = read;
      const to = from.replace('"note":"', `"note":"${mark},`);
      if (await store.amend({ type: 'Basic', id: 'race', versionId, from, to, postings }))
        return `${versionId} ${mark}`;
    }
  };
  const update = async (mark: string): Promise<void> => {
    const [current] = await store.readEach([{ type: 'Basic', id: 'race' }]);
    const { versionId } = current as StoredVersion;
    try {
      await store.transact([put('Basic', 'race', { mark, expected: { versionId }, current })]);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  };
  const work = Array.from({ length: 24 }, (_, index) =>
    index % 3 === 2 ? update(`u${index}`) : label(`label${index}`),
  );
  const labelled = (await Promise.all(work)).filter((one) => one !== undefined);
  const { rows } = await store.history({ level: 'instance', type: 'Basic', id: 'race' }, { limit: 99 });
  const held = rows.flatMap((row) =>
    (JSON.parse(row.json).note as string)
      .split(',')
      .filter((mark) => mark.startsWith('label'))
      .map((mark) => `${row.versionId} ${mark}`),
  );
  t.same(held.sort(), labelled.sort(), 'no label is lost or in another version [amend.same]');
}

async function readVersion(store: Store, id: string, versionId: string): Promise<StoredVersion> {
  return (await store.readVersion('Patient', id, versionId)) as StoredVersion;
}

async function idsOf(store: Store, code: string): Promise<string[]> {
  const asked = query('Patient', term('Patient.tag', `s|${code}`));
  return (await store.search(asked, { limit: 9, total: 'none' })).rows.map((row) => row.id);
}
