/**
 * MongoDB killed, full, cut off and without its past: nothing that was answered is gone.
 */
import { MongoClient } from 'mongodb';
import t, { type Test } from 'tap';
import { killOneOfTwo, killProcesses } from '../../scripts/faults/killed-process.ts';
import { underLoad } from '../../scripts/faults/killed-server.ts';
import { startTcpProxy, type TcpProxy } from '../../scripts/faults/tcp-proxy.ts';
import { StoreUnavailableError } from '../../src/storage/store.ts';
import { put } from './contract/build.ts';
import {
  eventually,
  type FailPoint,
  failNext,
  open,
  person,
  portOf,
  SEED,
  urlThrough,
} from './mongodb-fault-tools.ts';
import { freshDatabase, type MongoServer, mongoFor, startMongo } from './mongodb-server.ts';

/** With every commit synced nothing acknowledged may be missing; without, the check must see the loss. */
async function checkKills(t: Test, server: MongoServer): Promise<void> {
  const { store } = await open(t, server, { waitMs: 15_000 });
  const { broken, acknowledged } = await underLoad(store, 3, SEED, 60, () => server.process!.restart());
  t.same(broken, [], `the server, 3 times: ${acknowledged} calls (seed ${SEED})`);

  const place = { engine: 'mongodb', location: server.url, database: freshDatabase(server).name } as const;
  const report = await killProcesses(place, 4, SEED);
  t.same(
    report.broken,
    [],
    `our process, 4 times: ${report.acknowledged} calls (seed ${SEED}) [transact.durable]`,
  );

  const shared = { ...place, database: freshDatabase(server).name };
  const two = await killOneOfTwo(shared, 2, SEED);
  t.same(
    two.broken,
    [],
    `one of two processes, ${two.kills} times: ${two.acknowledged} calls (seed ${SEED})`,
  );

  // mongod syncs whatever it acknowledges
  if (!server.isStandIn) return;
  const careless = await startMongo();
  t.teardown(() => careless.stop());
  let lost = 0;
  for (let round = 0; round < 10 && lost === 0; round++) {
    const other = await open(t, careless, { waitMs: 15_000 });
    const control = await underLoad(other.store, 1, SEED + round, 60, () => careless.process!.restart());
    lost = control.broken.filter((one) => one.startsWith('lost')).length;
  }
  t.ok(lost > 0, 'the control: without synced commits the check sees a loss');
}

/** A reader that follows the feed sees every commit once and in order, whatever happens to the server meanwhile. */
async function checkFeed(t: Test, server: MongoServer): Promise<void> {
  const { store } = await open(t, server, { waitMs: 15_000 });
  const written = Array.from({ length: 30 }, (_, round) => [`a${round}`, `b${round}`]);
  const stop = new AbortController();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { version } of store.changes(undefined, stop.signal)) {
      seen.push(version.id);
      if (seen.length === 2 * written.length) return;
    }
  })();
  for (const [round, ids] of written.entries()) {
    await store.transact(ids.map((id) => put('Patient', id)));
    if (round === 10 || round === 20) await server.process!.restart();
  }
  await reading;
  stop.abort();
  t.same(seen, written.flat());
}

/** Cut more often than the driver tries by itself, before anything was told and while the stream is read. */
async function checkFeedIsCut(t: Test, server: MongoServer): Promise<void> {
  const { store } = await open(t, server, { waitMs: 15_000 });
  const admin = new MongoClient(server.url);
  t.teardown(() => admin.close());
  const cut = (commands: string[]): FailPoint => ({ name: 'cut', commands, data: { closeConnection: true } });
  await store.transact([put('Patient', 'c1')]);
  await failNext(admin, cut(['find']), 3);
  const seen: string[] = [];
  for await (const { version } of store.changes(undefined, AbortSignal.timeout(60_000))) {
    seen.push(version.id);
    if (version.id === 'c1') {
      await failNext(admin, cut(['aggregate', 'getMore']), 4);
      void store.transact([put('Patient', 'c2')]);
    }
    if (version.id === 'c2') break;
  }
  t.same(seen, ['c1', 'c2']);
}

/**
 * The oplog no longer holds what a reader has to go on from (286): at its start, or while it reads. What was written
 * is told all the same. Without the way back over positions both end with the error.
 */
async function checkLostHistory(t: Test, server: MongoServer): Promise<void> {
  const failed = Promise.withResolvers<void>();
  const { store } = await open(t, server, {
    onCommand({ name, isOk }) {
      if (name === 'getMore' && !isOk) failed.resolve();
    },
  });
  const admin = new MongoClient(server.url);
  t.teardown(() => admin.close());
  const gone = (command: string): FailPoint => ({
    name: 'history lost',
    commands: [command],
    data: { errorCode: 286 },
  });
  const stop = new AbortController();
  t.teardown(() => stop.abort());
  const seen: string[] = [];
  let cursor = '';
  const read = async (after: string | undefined, until: string): Promise<void> => {
    for await (const change of store.changes(after, stop.signal)) {
      seen.push(change.version.id);
      cursor = change.cursor;
      if (change.version.id === until) return;
    }
  };
  await store.transact([put('Patient', 'h1')]);
  const reading = read(undefined, 'h2');
  while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await store.transact([put('Patient', 'h2')]);
  await reading;

  await store.transact([put('Patient', 'h3')]);
  await failNext(admin, gone('aggregate'), 1);
  await read(cursor, 'h3');
  t.ok(seen.includes('h3'), 'a token that is too old [mongodb.oplog]');

  await failNext(admin, gone('getMore'), 1);
  const going = read(cursor, 'h4');
  await Promise.race([failed.promise, going]);
  await store.transact([put('Patient', 'h4')]);
  await going;
  t.ok(seen.includes('h4'), 'a reader that is too slow [mongodb.oplog]');
  await failNext(admin, gone('getMore'), 0);
}

async function checkConnections(t: Test, server: MongoServer): Promise<void> {
  const proxy = await startTcpProxy(portOf(server));
  t.teardown(() => proxy.close());
  const { store } = await open(t, server, { url: urlThrough(proxy), waitMs: 600 });
  await store.transact([person('c')]);
  let count = 0;
  const outage = async (name: string, begin: () => void): Promise<void> => {
    begin();
    const id = `c${count++}`;
    await t.rejects(store.read('Patient', 'c'), StoreUnavailableError, `${name}: read`);
    await t.rejects(store.transact([person(id)]), StoreUnavailableError, `${name}: create`);
    await t.rejects(
      store.transact([person(`${id}a`), person(`${id}b`)]),
      StoreUnavailableError,
      `${name}: bundle`,
    );
    proxy.heal();
    await eventually(() => store.read('Patient', 'c'));
    await t.resolves(store.transact([person(`${id}c`), person(`${id}d`)]), `${name}: healed`);
  };
  await outage('cut', () => proxy.cut());
  await outage('black hole', () => proxy.blackHole());
  proxy.delay(30);
  await t.resolves(store.transact([person('slow1'), person('slow2')]), 'a slow connection is only slow');
  proxy.heal();
  await eventually(() => store.read('Patient', 'c'));

  await checkCuts(t, server, proxy);
}

/** Clients that never stop, and a connection that is cut again and again. */
async function checkCuts(t: Test, server: MongoServer, proxy: TcpProxy): Promise<void> {
  const { store } = await open(t, server, { url: urlThrough(proxy) });
  const report = await underLoad(store, 6, SEED, 40, async () => {
    proxy.cut();
    proxy.heal();
  });
  t.same(report.broken, [], `cut again and again: ${report.acknowledged} calls (seed ${SEED})`);
}

const server = await mongoFor(t, { syncOnCommit: true });
if (server !== undefined) {
  t.comment(`STORE_SEED=${SEED}, server: ${server.name}`);
  await t.test('lost history', (t) => checkLostHistory(t, server));
  await t.test('bad connections', (t) => checkConnections(t, server));
  if (server.process !== undefined) await t.test('kill -9', (t) => checkKills(t, server));
  if (server.process !== undefined) {
    await t.test('the feed over restarts', (t) => checkFeed(t, server));
    await t.test('the feed over connections that are cut', (t) => checkFeedIsCut(t, server));
  }
}
