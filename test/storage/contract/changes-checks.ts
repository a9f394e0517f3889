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
  await checkOrder(t, open);
}

/** Writers at once: what was answered before another transaction began comes before it; of others any may be first. */
async function checkOrder(t: Test, open: OpenStore): Promise<void> {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const { store, destroy } = await open(() => ++time);
  t.teardown(destroy);
  const [writers, rounds] = [12, 8];
  const live = take(store, undefined, writers * rounds * 2);
  let turn = 0;
  const done: { readonly begun: number; readonly answered: number; readonly names: readonly string[] }[] = [];
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let round = 0; round < rounds; round++) {
        const begun = turn++;
        // some write what others write, too
        const ids = [`own${writer}-${round}`, writer % 2 === 0 ? `shared${round % 2}` : `alone${writer}`];
        const { results } = await store.transact(ids.map((id) => put('Basic', id)));
        const names = ids.map((id, at) => `${id}${results[at]?.versionId}`);
        done.push({ begun, answered: turn++, names });
      }
    }),
  );
  const order = (await live).map(short);
  const again = await take(store, undefined, order.length);
  t.same(again.map(short).sort(), [...order].sort(), 'all is there again');
  const places = new Map(order.map((name, at) => [name, at]));
  t.equal(places.size, writers * rounds * 2, 'each commit once');
  const wrong: string[] = [];
  for (const one of done) {
    const last = Math.max(...one.names.map((name) => places.get(name) ?? Number.NaN));
    for (const other of done) {
      const first = Math.min(...other.names.map((name) => places.get(name) ?? Number.NaN));
      if (one.answered < other.begun && !(last < first)) wrong.push(`${other.names} before ${one.names}`);
    }
  }
  t.same(wrong, [], 'in the order of their commits');
  const versions = (id: string) =>
    order.filter((name) => name.startsWith(id)).map((name) => Number(name.slice(id.length)));
  for (const id of ['shared0', 'shared1']) {
    t.same(
      versions(id),
      Array.from({ length: versions(id).length }, (_, at) => at + 1),
      `${id} in order`,
    );
  }
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
