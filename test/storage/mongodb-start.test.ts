/**
 * Starting on MongoDB: what is refused, what is brought to the present layout, and waiting where nobody answers.
 */
import { type AddressInfo, connect, createServer } from 'node:net';
import { MongoClient } from 'mongodb';
import t, { type Test } from 'tap';
import { dateRange, paramText } from '../../src/storage/mongodb/index-keys.ts';
import { openMongoStore } from '../../src/storage/mongodb/open-mongo-store.ts';
import { type Store, StoreRefusedError, StoreUnavailableError } from '../../src/storage/store.ts';
import { all, date, has, keyOf, present, put, query, remove, text, type Values } from './contract/build.ts';
import { eventually, open, portOf, SEED, WAIT_MS } from './mongodb-fault-tools.ts';
import { freshDatabase, type MongoServer, mongoFor, startMongo } from './mongodb-server.ts';

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

const server = await mongoFor(t, { syncOnCommit: true });
if (server !== undefined) {
  t.comment(`STORE_SEED=${SEED}, server: ${server.name}`);
  await t.test('refusals', (t) => checkRefusals(t, server));
  for (const schema of [1, 2, 3] as const) {
    await t.test(`a database of schema ${schema} is brought to the present one`, (t) =>
      checkUpgrade(t, server, schema),
    );
  }
  await t.test('no connection', (t) => checkWaiting(t, server));
}
