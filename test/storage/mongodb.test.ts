/**
 * The contract on MongoDB.
 */
import t from 'tap';
import type { MongoLimits } from '../../src/storage/mongodb/limits.ts';
import { openMongoStore } from '../../src/storage/mongodb/open-mongo-store.ts';
import { all, put, query } from './contract/build.ts';
import { type OpenStore, runStoreContract } from './contract/suite.ts';
import { freshDatabase, mongoFor } from './mongodb-server.ts';

const server = await mongoFor(t);
if (server !== undefined) {
  const opener =
    (limits: Partial<MongoLimits>, useHints = true): OpenStore =>
    async (now) => {
      const database = freshDatabase(server);
      const open = () =>
        openMongoStore({
          url: server.url,
          database: database.name,
          now,
          // the clock of the suite is not that of the server
          clockSkewMsMax: Number.POSITIVE_INFINITY,
          limits,
          useHints,
          // the machine of a test may be busy with other tests
          waitMs: 60_000,
        });
      let store = await open();
      return {
        store,
        // where the server does not keep moments; where it does, chains stand still too
        chains: 'current',
        ...(server.isStandIn && { stream: 'operations' as const }),
        async reopen() {
          await store.close();
          store = await open();
          return store;
        },
        async destroy() {
          await store.close();
          await database.drop();
        },
      };
    };
  // told which index to use or choosing it itself, a server gets other filters; the stand-in is slow with hints
  await runStoreContract(t, 'mongodb', opener({}, !server.isStandIn));
  await runStoreContract(t, 'mongodb, the other way', opener({}, server.isStandIn), ['searches']);
  await t.test('texts above what a document holds come back whole [mongodb.large]', async (t) => {
    const { store, destroy } = await opener({})(Date.now);
    t.teardown(destroy);
    const marks = ['é'.repeat(2_200_000), 'x'.repeat(17_000_000)];
    await store.transact(marks.map((mark, index) => put('Binary', `large${index}`, { mark })));
    await store.transact([put('Binary', 'large0', { mark: 'small now' })]);
    const found = await Promise.all([
      store.readVersion('Binary', 'large0', '1'),
      store.readVersion('Binary', 'large0', '2'),
      store.read('Binary', 'large1'),
    ]);
    t.same(
      found.map((version) => (JSON.parse(version?.json ?? '{}') as { note?: string }).note?.length),
      [2_200_000, 'small now'.length, 17_000_000],
    );
    const page = await store.search(query('Binary', all()), { limit: 10, total: 'none' });
    t.same(
      page.rows.map(({ json }) => json.length > 17_000_000),
      [true, false],
    );
  });
  // the ways of large databases, on a small one
  const tight = {
    joinedMax: 0,
    surveyedMax: 1,
    sortedMax: 0,
    stretchMax: 20,
    batchMax: 4,
    countedMax: 5,
    distinctMax: 3,
    triedMs: 0,
    stepMax: 3,
    fewMax: 0,
  };
  await runStoreContract(t, 'mongodb with tight limits', opener(tight), ['searches', 'random']);
  const few = { ...tight, fewMax: 20, walkedMax: 30 };
  await runStoreContract(t, 'mongodb where little matches', opener(few), ['random']);
}
