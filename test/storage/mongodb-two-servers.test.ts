/**
 * Several servers on one MongoDB: no update is lost, no two have one number, and their feeds have everything.
 */
import { MongoClient } from 'mongodb';
import t, { type Test } from 'tap';
import { PROCESS_COUNT } from '../../src/storage/mongodb/commit-clock.ts';
import { openMongoStore } from '../../src/storage/mongodb/open-mongo-store.ts';
import { takeProcessNumber } from '../../src/storage/mongodb/process-number.ts';
import { ConflictError, type Store } from '../../src/storage/store.ts';
import { put, query, term, text } from './contract/build.ts';
import { nobody, open, SEED } from './mongodb-fault-tools.ts';
import { type MongoServer, mongoFor } from './mongodb-server.ts';

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

const server = await mongoFor(t, { syncOnCommit: true });
if (server !== undefined) {
  t.comment(`STORE_SEED=${SEED}, server: ${server.name}`);
  await t.test('two servers on one database', (t) => checkTwoStores(t, server));
  await t.test('numbers of servers', (t) => checkNumbers(t, server));
  await t.test('the feed of two servers', (t) => checkFeedOfTwo(t, server));
}
