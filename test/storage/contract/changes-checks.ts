/**
 * The change feed in commit order, live and resumed; and scans of everything that is live.
 */
import type { Test } from 'tap';
import type { Change, Store } from '../../../src/storage/store.ts';
import { put, remove } from './build.ts';
import type { OpenStore } from './suite.ts';

export async function checkChanges(t: Test, open: OpenStore): Promise<void> {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const { store, destroy } = await open(() => ++time);
  t.teardown(destroy);
  await store.transact([put('Patient', 'a'), put('Group', 'g')]);
  await store.transact([put('Patient', 'a')]);
  await store.transact([remove('Group', 'g'), put('Patient', 'b')]);
  const names = ['a1', 'g1', 'a2', 'g2-', 'b1'];

  const first = await take(store, undefined, 5);
  t.same(first.map(short), names, 'all changes from the beginning');
  for (const [index, change] of first.entries()) {
    const rest = await take(store, change.cursor, names.length - index - 1);
    t.same(rest.map(short), names.slice(index + 1), `resumed after change ${index}`);
  }
  const again = await take(store, first[1]?.cursor, 1);
  t.same(again[0]?.version, await store.readVersion('Patient', 'a', '2'), 'a change carries its version');

  const stop = new AbortController();
  const live: string[] = [];
  const reading = (async () => {
    for await (const change of store.changes(first[4]?.cursor, stop.signal)) {
      live.push(short(change));
      if (live.length === 40) stop.abort();
    }
  })();
  const expected: string[] = [];
  for (let round = 0; round < 20; round++) {
    await store.transact([put('Patient', 'c'), put('Patient', `d${round}`)]);
    expected.push(`c${round + 1}`, `d${round}1`);
  }
  await reading;
  t.same(live, expected, 'new commits arrive live, each once, in order');

  const idle = new AbortController();
  const waiting = take(store, (await take(store, undefined, 45))[44]?.cursor, 1, idle);
  idle.abort();
  t.same(await waiting, [], 'an aborted wait ends');
  const aborted = new AbortController();
  aborted.abort();
  t.same(await take(store, undefined, 1, aborted), [], 'an aborted signal yields nothing');

  await checkScan(t, store);
}

async function checkScan(t: Test, store: Store): Promise<void> {
  const ids = async (types?: readonly string[]): Promise<string[]> => {
    const found: string[] = [];
    for await (const version of store.scan(types)) found.push(`${version.type}/${version.id}`);
    return found.sort();
  };
  await store.transact(Array.from({ length: 120 }, (_, index) => put('Device', `s${index}`)));
  const devices = Array.from({ length: 120 }, (_, index) => `Device/s${index}`).sort();
  t.same(await ids(['Device']), devices, 'a scan of one type');
  t.same(await ids(['Group']), [], 'deleted resources are in no scan');
  t.same(await ids(['Nonsense']), [], 'an unknown type has none');
  const patients = [
    'Patient/a',
    'Patient/b',
    'Patient/c',
    ...Array.from({ length: 20 }, (_, at) => `Patient/d${at}`),
  ];
  t.same(await ids(['Device', 'Patient']), [...devices, ...patients].sort(), 'a scan of two types');
  t.same(await ids(), [...devices, ...patients].sort(), 'a scan of everything');

  const seen = new Map<string, number>();
  for await (const version of store.scan(['Device'])) {
    const count = seen.size;
    seen.set(version.id, (seen.get(version.id) ?? 0) + 1);
    if (count % 10 === 0)
      await store.transact([put('Device', `s${119 - count}`), put('Device', `late${count}`)]);
  }
  const missed = devices.filter((key) => !seen.has(key.slice('Device/'.length)));
  t.same(missed, [], 'a scan misses nothing that is updated meanwhile');
  t.same(
    [...seen].filter(([, count]) => count > 1),
    [],
    'nor does it show anything twice',
  );
}

/** The first `count` changes after the cursor. */
async function take(
  store: Store,
  after: string | undefined,
  count: number,
  stop: AbortController = new AbortController(),
): Promise<Change[]> {
  const taken: Change[] = [];
  if (count === 0) return taken;
  for await (const change of store.changes(after, stop.signal)) {
    taken.push(change);
    if (taken.length === count) break;
  }
  return taken;
}

function short(change: Change): string {
  return `${change.version.id}${change.version.versionId}${change.version.deleted ? '-' : ''}`;
}
