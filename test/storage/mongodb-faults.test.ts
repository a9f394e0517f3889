import { MongoClient } from 'mongodb';
import t, { type Test } from 'tap';
import { startTcpProxy } from '../../scripts/faults/tcp-proxy.ts';
import type { Store } from '../../src/storage/store.ts';
import { all, postingsOf, put, query } from './contract/build.ts';
import {
  type FailPoint,
  failNext,
  nobody,
  OPERATIONS,
  open,
  PATIENT_MS,
  person,
  portOf,
  RETRYABLE,
  SEED,
  urlThrough,
  WAIT_MS,
  WRITES,
} from './mongodb-fault-tools.ts';
import { type MongoServer, mongoFor } from './mongodb-server.ts';

const FAIL_POINTS: readonly FailPoint[] = [
  { name: 'stepped down', commands: WRITES, data: { errorCode: 10107, ...RETRYABLE } },
  { name: 'shutting down', commands: WRITES, data: { errorCode: 91, ...RETRYABLE } },
  { name: 'stepped down, without a label', commands: WRITES, data: { errorCode: 10107 } },
  { name: 'connection closed', commands: WRITES, data: { closeConnection: true } },
  {
    name: 'connection closed while reading',
    commands: ['find', 'aggregate'],
    data: { closeConnection: true },
  },
  {
    name: 'write conflict',
    commands: ['insert', 'update', 'bulkWrite'],
    data: { errorCode: 112, errorLabels: ['TransientTransactionError'] },
  },
  {
    name: 'nobody knows whether it was committed',
    commands: ['commitTransaction'],
    data: { errorCode: 64, errorLabels: ['UnknownTransactionCommitResult'] },
  },
  {
    name: 'the transaction is gone',
    commands: ['commitTransaction'],
    data: { errorCode: 251, errorLabels: ['TransientTransactionError'] },
  },
  {
    name: 'not written by a majority',
    // within a transaction only the commit has a write concern
    commands: (isTransaction) => (isTransaction ? ['commitTransaction'] : ['insert', 'update', 'bulkWrite']),
    data: { writeConcernError: { code: 91, errmsg: 'shutting down', codeName: 'ShutdownInProgress' } },
  },
];

async function checkFailPoints(t: Test, server: MongoServer): Promise<void> {
  // a server that answers that it is no primary is asked again after 500 ms, unless the URL says otherwise
  const url = `${server.url}?serverMonitoringMode=poll&minHeartbeatFrequencyMS=10`;
  // how long a machine that is busy takes to connect anew is not what is asked
  const { store } = await open(t, server, { url, waitMs: PATIENT_MS });
  const admin = new MongoClient(server.url);
  t.teardown(() => admin.close());
  const starting = {
    name: 'starting',
    commands: ['createIndexes', 'findAndModify'],
    data: { closeConnection: true },
  };
  for (const times of [1, 3]) {
    await failNext(admin, starting, times);
    await t.resolves(
      open(t, server, { url, waitMs: PATIENT_MS }),
      `connection closed while it starts, ${times} times`,
    );
    await failNext(admin, starting, 0);
  }
  await checkReads(t, store, admin);
  let count = 0;
  for (const point of FAIL_POINTS) {
    for (const times of [1, 3]) {
      for (const [name, run, expected] of OPERATIONS) {
        const isTransaction = /transaction|conditional/.test(name);
        const id = `f${count++}`;
        if (expected.length === 2) await store.transact([person(id)]);
        await failNext(admin, point, times, isTransaction);
        const title = `${point.name}, ${times} times: ${name}`;
        await t.resolves(run(store, id), title);
        await failNext(admin, point, 0);
        const found = await store.history(
          { level: 'instance', type: 'Patient', id },
          { limit: 10, ascending: true },
        );
        t.same(
          found.rows.map(({ versionId }) => versionId),
          expected,
          `${title}: once`,
        );
      }
    }
  }
  const { store: impatient } = await open(t, server, { url });
  await checkOutage(t, impatient, admin);
  await checkSlowness(t, impatient, admin);
}

/** Every connection that is kept open may be closed: a reader is not told of that. */
async function checkReads(t: Test, store: Store, admin: MongoClient): Promise<void> {
  await store.transact([person('read')]);
  const postings = postingsOf('Patient', {});
  const key = { type: 'Patient', id: 'read', versionId: '1' };
  const { json } = (await store.read('Patient', 'read'))!;
  const amended = json.replace('"note":"', '"note":"amended');
  const cut: FailPoint = {
    name: 'cut',
    commands: ['find', 'aggregate', 'count', 'update'],
    data: { closeConnection: true },
  };
  for (const [name, call] of [
    ['read', () => store.read('Patient', 'read')],
    ['search', () => store.search(query('Patient', all()), { limit: 1, total: 'accurate' })],
    ['history', () => store.history({ level: 'system' }, { limit: 1 })],
    ['scan', () => store.scan()[Symbol.asyncIterator]().next()],
    ['status', () => store.status()],
    ['amend', () => store.amend({ ...key, from: json, to: amended, postings })],
    ['reindex', () => store.reindex([{ ...key, postings }])],
  ] as const satisfies readonly (readonly [string, () => Promise<unknown>])[]) {
    for (const times of [1, 3]) {
      await failNext(admin, cut, times);
      await t.resolves(call() as Promise<unknown>, `${name}, cut ${times} times`);
      await failNext(admin, cut, 0);
    }
  }
  t.equal((await store.read('Patient', 'read'))?.json, amended, 'what was cut was done');
}

/** A search that takes too long is the client's to narrow; nothing else is. */
async function checkSlowness(t: Test, store: Store, admin: MongoClient): Promise<void> {
  const slow: FailPoint = { name: 'slow', commands: ['find', 'aggregate'], data: { errorCode: 50 } };
  await failNext(admin, slow, -1);
  const searched = store.search(query('Patient', all()), { limit: 1, total: 'none' });
  await t.rejects(searched, { name: 'FhirError', issues: [{ key: 'too-costly' }] }, 'search [search.bound]');
  for (const [name, call] of [
    ['read', () => store.read('Patient', 'out')],
    ['conditional create', () => store.transact([person('slow')], [nobody('slow')])],
    ['status', () => store.status()],
  ] as const satisfies readonly (readonly [string, () => Promise<unknown>])[]) {
    await t.rejects(call() as Promise<unknown>, { name: 'StoreUnavailableError' }, `slow: ${name}`);
  }
  await failNext(admin, slow, 0);
}

/** As long as the server fails, so does every call, in bounded time; then the same store goes on. */
async function checkOutage(t: Test, store: Store, admin: MongoClient): Promise<void> {
  const always: FailPoint = {
    name: 'away',
    commands: [...WRITES, 'find', 'aggregate'],
    data: { errorCode: 11600, ...RETRYABLE },
  };
  await store.transact([person('out')]);
  await failNext(admin, always, -1);
  const asked = query('Patient', all());
  for (const [name, call] of [
    ['create', () => store.transact([person('out1')])],
    ['update', () => store.transact([put('Patient', 'out')])],
    ['transaction', () => store.transact([person('out2'), person('out3')])],
    ['conditional create', () => store.transact([person('out4')], [nobody('out4')])],
    ['read', () => store.read('Patient', 'out')],
    ['search', () => store.search(asked, { limit: 1, total: 'none' })],
    ['history', () => store.history({ level: 'system' }, { limit: 1 })],
    ['scan', () => store.scan()[Symbol.asyncIterator]().next()],
    ['status', () => store.status()],
  ] as const satisfies readonly (readonly [string, () => Promise<unknown>])[]) {
    const begun = performance.now();
    await t.rejects(call() as Promise<unknown>, { name: 'StoreUnavailableError' }, `away: ${name}`);
    t.ok(performance.now() - begun < 20 * WAIT_MS, `away: ${name} gives up`);
  }
  await failNext(admin, always, 0);
  t.equal((await store.read('Patient', 'out'))?.versionId, '1', 'back: read');
  for (const id of ['out1', 'out2', 'out3', 'out4']) {
    t.equal(await store.read('Patient', id), undefined, `${id} was not written`);
    await t.resolves(store.transact([person(id)]), `back: create ${id}`);
  }
}

/** The write happened and its answer did not arrive: it must not happen again, and the client gets its result. */
async function checkLostAnswers(t: Test, server: MongoServer): Promise<void> {
  const proxy = await startTcpProxy(portOf(server));
  t.teardown(() => proxy.close());
  const { store } = await open(t, server, { url: urlThrough(proxy) });
  let count = 0;
  for (const [name, run, expected] of OPERATIONS) {
    const isTransaction = /transaction|conditional/.test(name);
    for (const command of isTransaction ? ['commitTransaction', 'bulkWrite'] : ['insert', 'bulkWrite']) {
      const id = `l${count++}`;
      if (expected.length === 2) await store.transact([person(id)]);
      void proxy.loseAnswer(`${command}\0`);
      const title = `${name}, answer to ${command} lost`;
      await t.resolves(run(store, id), title);
      const found = await store.history(
        { level: 'instance', type: 'Patient', id },
        { limit: 10, ascending: true },
      );
      t.same(
        found.rows.map(({ versionId }) => versionId),
        expected,
        `${title}: once`,
      );
    }
  }
}

/** It was committed, the answer was lost, and the server that is asked again has never heard of it. */
async function checkForgottenCommits(t: Test, server: MongoServer): Promise<void> {
  const proxy = await startTcpProxy(portOf(server));
  t.teardown(() => proxy.close());
  const admin = new MongoClient(server.url);
  t.teardown(() => admin.close());
  const { store } = await open(t, server, { url: urlThrough(proxy), waitMs: 10_000 });
  const forgotten = FAIL_POINTS.find(({ name }) => name === 'the transaction is gone')!;
  for (const [name, run, expected] of OPERATIONS) {
    if (!/transaction|conditional/.test(name)) continue;
    const id = `g-${name.replaceAll(' ', '-')}`;
    if (expected.length === 2) await store.transact([person(id)]);
    const lost = proxy.loseAnswer('commitTransaction\0').then(async () => {
      proxy.cut();
      await failNext(admin, forgotten, 1);
      proxy.heal();
    });
    await t.resolves(run(store, id), `${name}: known to have happened`);
    await lost;
    await failNext(admin, forgotten, 0);
    const found = await store.history(
      { level: 'instance', type: 'Patient', id },
      { limit: 10, ascending: true },
    );
    t.same(
      found.rows.map(({ versionId }) => versionId),
      expected,
      `${name}: once`,
    );
  }
}

const server = await mongoFor(t, { syncOnCommit: true });
if (server !== undefined) {
  t.comment(`STORE_SEED=${SEED}, server: ${server.name}`);
  await t.test('fail points', (t) => checkFailPoints(t, server));
  await t.test('lost answers', (t) => checkLostAnswers(t, server));
  await t.test('forgotten commits', (t) => checkForgottenCommits(t, server));
}
