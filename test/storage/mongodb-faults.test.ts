/**
 * MongoDB that fails in every way it can: no write is lost or done twice, an error says that the store is
 * unavailable, and work goes on by itself once the server does. The long form is `npm run faults`.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';
import t, { type Test } from 'tap';
import { killOneOfTwo, killProcesses } from '../../scripts/faults/killed-process.ts';
import { underLoad } from '../../scripts/faults/killed-server.ts';
import { startTcpProxy, type TcpProxy } from '../../scripts/faults/tcp-proxy.ts';
import { PROCESS_COUNT } from '../../src/storage/mongodb/commit-clock.ts';
import { dateRange, paramText } from '../../src/storage/mongodb/index-keys.ts';
import { type MongoStoreOptions, openMongoStore } from '../../src/storage/mongodb/open-mongo-store.ts';
import { takeProcessNumber } from '../../src/storage/mongodb/process-number.ts';
import {
  ConflictError,
  type Precondition,
  type Store,
  StoreRefusedError,
  StoreUnavailableError,
  type WriteCommand,
} from '../../src/storage/store.ts';
import {
  all,
  date,
  has,
  keyOf,
  postingsOf,
  present,
  put,
  query,
  remove,
  term,
  text,
  type Values,
} from './contract/build.ts';
import { freshDatabase, type MongoServer, mongoFor, startMongo } from './mongodb-server.ts';

const SEED = Number(process.env.STORE_SEED ?? Date.now() % 1_000_000);
const WAIT_MS = 1_500;
const PATIENT_MS = 30_000;

interface Opened {
  readonly store: Store;
  readonly database: string;
}

async function open(t: Test, server: MongoServer, options: Partial<MongoStoreOptions> = {}): Promise<Opened> {
  const database = freshDatabase(server);
  const store = await openMongoStore({
    url: server.url,
    database: database.name,
    waitMs: WAIT_MS,
    ...options,
  });
  t.teardown(async () => {
    await store.close();
    await database.drop();
  });
  return { store, database: database.name };
}

async function checkRefusals(t: Test, server: MongoServer): Promise<void> {
  const options = { url: server.url, database: 'passerelle_refused', waitMs: WAIT_MS };
  const hour = 3_600_000;
  for (const [name, skewMs] of [
    ['ahead', hour],
    ['behind', -hour],
  ] as const) {
    const opening = openMongoStore({ ...options, now: () => Date.now() + skewMs });
    await t.rejects(
      opening,
      { name: 'StoreRefusedError', message: /clock .* 3600 s/ },
      `a clock that is ${name} [mongodb.refused]`,
    );
  }
  const refused = openMongoStore({ ...options, url: 'mongodb://127.0.0.1:1/', waitMs: 200 });
  await t.rejects(refused, StoreUnavailableError, 'nobody listens');

  const client = new MongoClient(server.url);
  t.teardown(() => client.close());
  const database = freshDatabase(server);
  t.teardown(database.drop);
  await client
    .db(database.name)
    .collection<{ _id: string }>('meta')
    .insertOne({ _id: 'schema', value: 99 } as never);
  const later = openMongoStore({ ...options, database: database.name });
  await t.rejects(
    later,
    { name: 'StoreRefusedError', message: /schema 99/ },
    'a database of a later version',
  );

  const older = await startOlder(t, portOf(server));
  await t.rejects(
    openMongoStore({ ...options, url: `mongodb://127.0.0.1:${older}/?directConnection=true` }),
    { name: 'StoreRefusedError', message: /too old: Passerelle needs MongoDB 8\.0/ },
    'MongoDB 7 [mongodb.refused]',
  );

  if (server.process === undefined) return;
  for (const [wrong, message] of [
    [{ url: 'mongodb://user:p@ss@127.0.0.1/x' }, /^MONGODB_URL cannot be used: .*write @ as %40/],
    [{ url: server.url.replace('://', '://user:hunter2@') }, /^MongoDB refuses the user or the password/],
    [{ database: 'a.b' }, /^MONGODB_URL names a database that cannot be/],
  ] as const) {
    const refused = openMongoStore({ ...options, ...wrong }).catch((error: unknown) => error);
    t.match(await refused, { name: 'StoreRefusedError', message }, `${message} [mongodb.refused]`);
    t.notMatch(String(await refused), /hunter2|p@ss/);
  }
  await t.rejects(
    openMongoStore({ ...options, url: 'mongodb+srv://nowhere.invalid/x' }),
    { name: 'StoreUnavailableError', message: /^the DNS does not tell/ },
    'a name may be known later',
  );
  const standalone = await startMongo({ standalone: true });
  t.teardown(() => standalone.stop());
  const opening = openMongoStore({ ...options, url: standalone.url });
  await t.rejects(opening, StoreRefusedError, 'a standalone server [mongodb.refused]');
  await t.rejects(
    openMongoStore({ ...options, url: standalone.url }),
    /--replSet/,
    'and it says how to mend it',
  );
}

/** A way to the server on which it says that it is MongoDB 7, whose wire protocol has the number 21. */
async function startOlder(t: Test, port: number): Promise<number> {
  const name = Buffer.from('\x10maxWireVersion\0');
  const proxy = createServer((socket) => {
    const upstream = connect(port, '127.0.0.1');
    upstream.on('data', (bytes) => {
      const at = bytes.indexOf(name);
      if (at >= 0) bytes.writeInt32LE(21, at + name.length);
      socket.write(bytes);
    });
    socket.pipe(upstream);
    for (const one of [socket, upstream]) {
      one.on('error', () => {});
      one.on('close', () => [socket, upstream].map((both) => both.destroy()));
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => proxy.close());
  return (proxy.address() as AddressInfo).port;
}

/** What failCommand does to the next commands. */
interface FailPoint {
  readonly name: string;
  readonly commands: readonly string[] | ((isTransaction: boolean) => readonly string[]);
  readonly data: Readonly<Record<string, unknown>>;
}

const WRITES = ['insert', 'update', 'bulkWrite', 'commitTransaction'];
const RETRYABLE = { errorLabels: ['RetryableWriteError'] };
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

const person = (id: string): WriteCommand =>
  put('Patient', id, { method: 'POST', expected: 'absent', values: { terms: { identifier: [id] } } });
const nobody = (id: string): Precondition => ({
  query: query('Patient', term('Patient.identifier', id)),
  ids: [],
});

type Operation = readonly [
  name: string,
  run: (store: Store, id: string) => Promise<unknown>,
  versions: readonly string[],
];

/** Each on an id of its own, and the versions that must be there in the end. */
const OPERATIONS: readonly Operation[] = [
  ['create', (store, id) => store.transact([person(id)]), ['1']],
  ['update as create', (store, id) => store.transact([put('Patient', id)]), ['1']],
  ['update', (store, id) => store.transact([put('Patient', `${id}`)]), ['1', '2']],
  ['delete', (store, id) => store.transact([remove('Patient', id)]), ['1', '2']],
  ['transaction', (store, id) => store.transact([person(id), person(`${id}x`), put('Group', id)]), ['1']],
  [
    'transaction that updates',
    (store, id) => store.transact([put('Patient', id), put('Group', id)]),
    ['1', '2'],
  ],
  ['conditional create', (store, id) => store.transact([person(id)], [nobody(id)]), ['1']],
];

async function checkUpgrade(t: Test, server: MongoServer, schema: 1 | 2 | 3): Promise<void> {
  const { store, database } = await open(t, server);
  const of = (subject: string) => ({
    values: {
      date: '2024-01-05',
      dates: { date: [['2024-01-05', '2024-01-06']] },
      terms: { subject: [`Patient/${subject}`] },
    } satisfies Values,
  });
  await store.transact([put('Patient', 'a'), put('Patient', 'b'), put('Observation', 'o', of('a'))]);
  await store.transact([put('Patient', 'a')]);
  await store.transact([put('Patient', 'c', { values: { texts: { given: ['Zara'] } } })]);
  await store.transact([remove('Patient', 'b')]);
  const found = async (from: Store, asked: Parameters<Store['search']>[0]): Promise<readonly string[]> =>
    (await from.search(asked, { limit: 9, total: 'none' })).rows
      .map(({ type, id }) => `${type}/${id}`)
      .sort();
  const asked = [
    query('', all()),
    query('Patient', has('Observation.subject', all())),
    query('Observation', date('Observation.date', 'eq', '2024-01-05', '2024-01-06')),
    query('Observation', present('Observation.date')),
    query('Patient', text('Patient.given', 'prefix', 'za')),
  ];
  const foundBy = async (from: Store) => await Promise.all(asked.map((one) => found(from, one)));
  const before = await foundBy(store);
  const everything = ['Observation/o', 'Patient/a', 'Patient/c'];
  t.same(before, [everything, ['Patient/a'], ['Observation/o'], ['Observation/o'], ['Patient/c']]);

  const client = await new MongoClient(server.url, { useBigInt64: true }).connect();
  t.teardown(() => client.close());
  const db = client.db(database);
  const written = await db.collection('res').find().sort({ _id: 1 }).toArray();
  if (schema === 1) await db.collection('term').deleteMany({ k: -1 });
  const day = dateRange(keyOf('Observation.date'), Date.parse('2024-01-05'), Date.parse('2024-01-06')).gte;
  const given = paramText(keyOf('Patient.given'));
  for (const name of ['res', 'hist']) {
    const versions = db.collection(name);
    for (const { _id, k, h, l } of await versions.find().toArray()) {
      const own = k.map((key: string) => key.replace(paramText(keyOf('Patient.name')), given));
      const keys = h === undefined ? k : [`!t${l}`, ...own, ...(l === 'Observation' ? [day] : [])];
      if (schema === 3) await versions.updateOne({ _id }, { $set: { k: own } });
      else if (schema === 2) await versions.updateOne({ _id }, { $set: { k: keys }, $unset: { l: '' } });
      else {
        const all = h === undefined ? [] : [...keys, '!l', h];
        await versions.updateOne({ _id }, { $set: { k: all }, $unset: { h: '', l: '' } });
      }
    }
  }
  await db.collection<{ _id: string }>('meta').updateOne({ _id: 'schema' }, { $set: { value: schema } });
  // as after an upgrade that was cut short
  if (schema === 2) await db.collection('res').replaceOne({ _id: written[0]!._id }, written[0]!);

  const upgraded = await openMongoStore({ url: server.url, database, waitMs: WAIT_MS });
  t.teardown(() => upgraded.close());
  t.same(await foundBy(upgraded), before, 'finds the same');
  t.equal((await upgraded.status()).resources, 3, 'tombstones are none');
  for await (const fault of upgraded.checkIndex(false)) t.same(fault, undefined, 'the index agrees');
  t.same(await db.collection('res').find().sort({ _id: 1 }).toArray(), written, 'as it is written today');
  t.notOk(await db.collection('hist').findOne({ k: '!l' }), 'older versions too');
  t.same((await db.collection<{ _id: string; value: bigint }>('meta').findOne({ _id: 'schema' }))?.value, 4);
}

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

/** @param times 0 to end it, -1 for always */
async function failNext(
  admin: MongoClient,
  { commands, data }: FailPoint,
  times: number,
  isTransaction = false,
): Promise<void> {
  await admin.db('admin').command({
    configureFailPoint: 'failCommand',
    mode: times === 0 ? 'off' : times < 0 ? 'alwaysOn' : { times },
    data: { failCommands: typeof commands === 'function' ? commands(isTransaction) : commands, ...data },
  });
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

async function checkTwoStores(t: Test, server: MongoServer): Promise<void> {
  const one = await open(t, server, { waitMs: 30_000 });
  const other = await openMongoStore({ url: server.url, database: one.database, waitMs: 30_000 });
  const third = await openMongoStore({ url: server.url, database: one.database, waitMs: 30_000 });
  t.teardown(() => Promise.all([other.close(), third.close()]));
  const stores = [other, third];

  const asked = nobody('the one');
  let created = 0;
  let refused = 0;
  await Promise.all(
    Array.from({ length: 1_000 }, async (_, client) => {
      const values = { terms: { identifier: ['the one'] } };
      const command = put('Patient', `one${client}`, { method: 'POST', expected: 'absent', values });
      try {
        await stores[client % 2]!.transact([command], [asked]);
        created++;
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        refused++;
      }
    }),
  );
  t.same(
    [created, refused],
    [1, 999],
    '1,000 conditional creates through two servers make one resource [mongodb.processes]',
  );
  const found = await one.store.search(asked.query, { limit: 10, total: 'accurate' });
  t.same(found.total, { value: 1, exact: true }, 'and it is found');

  const made = await Promise.all(
    Array.from({ length: 100 }, async (_, at) => {
      const values = { terms: { identifier: [`pair${at}`] } };
      const outcomes = await Promise.allSettled(
        [one.store, ...stores].map((store, index) =>
          store.transact(
            [put('Patient', `pair${at}-${index}`, { method: 'POST', expected: 'absent', values })],
            [nobody(`pair${at}`)],
          ),
        ),
      );
      return outcomes.filter(({ status }) => status === 'fulfilled').length;
    }),
  );
  t.same(
    made.filter((count) => count !== 1),
    [],
    'three at the same time, a hundred times: one each',
  );

  await checkOtherCriteria(t, [one.store, ...stores]);

  await one.store.transact([put('Basic', 'counter', { mark: '0' })]);
  const count = async (store: Store): Promise<void> => {
    for (;;) {
      const current = await store.read('Basic', 'counter');
      const mark = String(Number((JSON.parse(current!.json) as { note: string }).note) + 1);
      try {
        const expected = { versionId: current!.versionId };
        await store.transact([put('Basic', 'counter', { mark, expected })]);
        return;
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: 30 }, (_, client) => count(stores[client % 2]!)));
  const last = await one.store.read('Basic', 'counter');
  t.same(
    [last?.versionId, (JSON.parse(last!.json) as { note: string }).note],
    ['31', '30'],
    'no update through two servers is lost [mongodb.processes]',
  );

  await Promise.all(
    Array.from({ length: 40 }, (_, client) =>
      stores[client % 2]!.transact([
        put('Basic', 'x', { mark: `${client}` }),
        put('Basic', 'y', { mark: `${client}` }),
      ]),
    ),
  );
  for (let version = 1; version <= 40; version++) {
    const [x, y] = await Promise.all(
      ['x', 'y'].map((id) => one.store.readVersion('Basic', id, String(version))),
    );
    const notes = [x, y].map((row) => (JSON.parse(row!.json) as { note: string }).note);
    t.equal(notes[0], notes[1], `version ${version} of both is from one transaction`);
  }
}

/**
 * The same person, looked for by an identifier, by a telephone number, by a name and by the whole system of the
 * identifier, at the same moment: each would create what the others look for. Without the locks on what is posted under the others' parameters, and on the list
 * of these parameters, two or three are made in most rounds.
 */
async function checkOtherCriteria(t: Test, stores: readonly Store[]): Promise<void> {
  const made = await Promise.all(
    Array.from({ length: 60 }, async (_, at) => {
      const values = {
        terms: { identifier: [`other${at}`], phone: [`+41 ${at}`] },
        systems: { identifier: [`system${at}|`] },
        texts: { name: [`Other${at}`] },
      };
      const criteria = [
        term('Patient.identifier', `other${at}`),
        term('Patient.phone', `+41 ${at}`),
        text('Patient.name', 'prefix', `other${at}`),
        { ...term('Patient.identifier', `system${at}|`), isSystem: true } as const,
      ];
      const outcomes = await Promise.allSettled(
        criteria.map((where, index) =>
          stores[index % stores.length]!.transact(
            [put('Patient', `other${at}-${index}`, { method: 'POST', expected: 'absent', values })],
            [{ query: query('Patient', where), ids: [] }],
          ),
        ),
      );
      const refused = outcomes.filter(
        (one) => one.status === 'rejected' && !(one.reason instanceof ConflictError),
      );
      t.same(refused, [], 'nobody gives up');
      return outcomes.filter(({ status }) => status === 'fulfilled').length;
    }),
  );
  t.same(
    made.filter((count) => count !== 1),
    [],
    'one of four with different criteria, each time [mongodb.criteria]',
  );
}

/** Starts are counted, numbers are few: whoever runs keeps its own, however many have come and gone since. */
async function checkNumbers(t: Test, server: MongoServer): Promise<void> {
  const { store, database } = await open(t, server, { waitMs: 15_000 });
  const client = new MongoClient(server.url, { useBigInt64: true });
  t.teardown(() => client.close());
  const db = client.db(database);
  const openAnother = () => openMongoStore({ url: server.url, database, waitMs: 15_000 });
  const numberOf = async (one: Store, id: string): Promise<number> => {
    await one.transact([put('Basic', id)]);
    const found = await db.collection<{ _id: string; c: bigint }>('res').findOne({ _id: `Basic/${id}` });
    return Number((found!.c >> 14n) & 127n);
  };
  const starts = db.collection<{ _id: string; value: number }>('meta');
  await starts.updateOne({ _id: 'starts' }, { $inc: { value: PROCESS_COUNT - 1 } });
  const other = await openAnother();
  t.teardown(() => other.close());
  t.not(await numberOf(other, 'b'), await numberOf(store, 'a'), 'two have two numbers [mongodb.number]');

  const lock = db.collection<{ _id: string; exp?: Date; by?: string }>('lock');
  const slept = await takeProcessNumber({ lock } as never, 70);
  t.teardown(slept.stop);
  t.equal(slept.current(), 70);
  await slept.renew();
  t.equal(slept.current(), 70, 'it is kept');
  const later = new Date(Date.now() + 600_000);
  await lock.updateOne({ _id: '!process 70' }, { $set: { by: 'another', exp: later } });
  await slept.renew();
  t.equal(slept.current(), 71, 'who slept until another had its number takes the next [mongodb.number]');

  const all = Array.from({ length: PROCESS_COUNT }, (_, at) => ({
    _id: `!process ${at}`,
    exp: later,
    by: 'x',
  }));
  await lock.insertMany(all, { ordered: false }).catch(() => undefined);
  await t.rejects(
    openAnother(),
    { name: 'StoreRefusedError', message: /^128 / },
    'one too many [mongodb.number]',
  );
  await lock.updateOne({ _id: '!process 3' }, { $set: { exp: new Date(0) } });
  const last = await openAnother();
  t.teardown(() => last.close());
  t.equal(await numberOf(last, 'c'), 3, 'a number of one that is gone is free again');
}

/** Two servers of which one has a clock that is ahead, and a reader at one of them. */
async function checkFeedOfTwo(t: Test, server: MongoServer): Promise<void> {
  const { store: ahead, database } = await open(t, server, { now: () => Date.now() + 1_500, waitMs: 15_000 });
  const behind = await openMongoStore({ url: server.url, database, waitMs: 15_000 });
  t.teardown(() => behind.close());
  const written = Array.from({ length: 30 }, (_, at) => `f${at}`);
  const seen: string[] = [];
  let next = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const { version } of behind.changes(undefined, AbortSignal.timeout(60_000))) {
      seen.push(version.id);
      next.resolve();
      if (seen.length === written.length) return;
    }
  })();
  for (const [at, id] of written.entries()) {
    next = Promise.withResolvers();
    await (at % 2 === 0 ? ahead : behind).transact([put('Patient', id)]);
    // the first two are told before the others are written: what follows is not there when the reader starts
    if (at < 2) await next.promise;
  }
  await reading;
  t.same(seen, written, 'in the order of the commits [mongodb.feed]');
}

/** A reader of changes holds the only connection, a second at a time. */
async function checkWaiting(t: Test, server: MongoServer): Promise<void> {
  const { store } = await open(t, server, { connectionsMax: 1, waitMs: 300 });
  await store.transact([put('Patient', 'w')]);
  const stop = new AbortController();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { version } of store.changes(undefined, stop.signal)) seen.push(version.id);
  })().catch((error: unknown) => error);
  const outcomes = new Set<string>();
  for (let tried = 0; tried < 200 && !outcomes.has('StoreUnavailableError'); tried++) {
    const outcome = await store.read('Patient', 'w').catch((error: unknown) => error);
    outcomes.add(outcome instanceof Error ? outcome.name : 'read');
  }
  stop.abort();
  await reading;
  outcomes.delete('read');
  t.same(
    [...outcomes],
    ['StoreUnavailableError'],
    'who gets no connection in time is told so [mongodb.waiting]',
  );
  await eventually(() => store.read('Patient', 'w'));
}

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

/**
 * A disk that gets full ends a MongoDB server. Until it is started again on a disk with room, every call is told that
 * the store is unavailable; then the same store goes on, and nothing acknowledged is missing, nothing there in part.
 */
async function checkFullDisk(t: Test): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-full-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const run = promisify(execFile);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', folder]);
  } catch {
    t.pass('skipped: no small disk can be mounted here', { skip: 'needs the right to mount tmpfs' });
    return;
  }
  const small = await startMongo({ syncOnCommit: true, folder });
  t.teardown(async () => {
    await small.stop().catch(() => {});
    await run('umount', ['--lazy', folder]);
  });
  const { store } = await open(t, small);
  const pair = (at: number): WriteCommand[] =>
    ['x', 'z'].map((name) => put('Basic', `${name}${at}`, { mark: 'y'.repeat(20_000) }));
  await store.transact(pair(0));
  const { bsize, bavail } = await statfs(folder);
  const ballast = join(folder, 'ballast');
  await writeFile(ballast, Buffer.alloc(Math.max(0, bsize * bavail - 12_000_000)));

  let written = 0;
  const refused: unknown[] = [];
  while (refused.length < 3) {
    const outcome = await store.transact(pair(written + 1)).catch((error: unknown) => error);
    if (outcome instanceof Error) refused.push(outcome);
    else written++;
  }
  t.ok(written > 10, `${written} transactions until the disk was full`);
  for (const error of refused) t.type(error, StoreUnavailableError, 'a write is refused as unavailable');

  await rm(ballast);
  await small.process!.restart();
  await eventually(() => store.read('Basic', 'x0'));
  const found = async (at: number): Promise<string> => {
    const both = await store.readMany(['x', 'z'].map((name) => ({ type: 'Basic', id: `${name}${at}` })));
    return String(both.length);
  };
  const all = await Promise.all(Array.from({ length: written + 1 }, (_, at) => found(at)));
  t.same([...new Set(all)], ['2'], 'whatever was acknowledged is there');
  t.match(
    await found(written + 1),
    /^[02]$/,
    'what was refused is there as a whole or not at all [transact.unavailable]',
  );
  await t.resolves(store.transact(pair(written + 2)), 'and work goes on');
}

async function eventually(call: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await call();
      return;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  }
}

function portOf(server: MongoServer): number {
  return Number(new URL(server.url).port || 27017);
}

/** Straight to the proxy: discovery would lead around it. */
function urlThrough(proxy: TcpProxy): string {
  return `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`;
}

const server = await mongoFor(t, { syncOnCommit: true });
if (server !== undefined) {
  t.comment(`STORE_SEED=${SEED}, server: ${server.name}`);
  await t.test('refusals', (t) => checkRefusals(t, server));
  for (const schema of [1, 2, 3] as const) {
    await t.test(`a database of schema ${schema} is brought to the present one`, (t) =>
      checkUpgrade(t, server, schema),
    );
  }
  await t.test('fail points', (t) => checkFailPoints(t, server));
  await t.test('lost answers', (t) => checkLostAnswers(t, server));
  await t.test('forgotten commits', (t) => checkForgottenCommits(t, server));
  await t.test('lost history', (t) => checkLostHistory(t, server));
  await t.test('bad connections', (t) => checkConnections(t, server));
  await t.test('two servers on one database', (t) => checkTwoStores(t, server));
  await t.test('numbers of servers', (t) => checkNumbers(t, server));
  await t.test('the feed of two servers', (t) => checkFeedOfTwo(t, server));
  await t.test('no connection', (t) => checkWaiting(t, server));
  if (server.process !== undefined) await t.test('kill -9', (t) => checkKills(t, server));
  if (server.process !== undefined) await t.test('a full disk', checkFullDisk);
  if (server.process !== undefined) {
    await t.test('the feed over restarts', (t) => checkFeed(t, server));
    await t.test('the feed over connections that are cut', (t) => checkFeedIsCut(t, server));
  }
}
