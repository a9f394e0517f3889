/**
 * The contract on MongoDB.
 */
import t from 'tap';
import { openMongoStore } from '../../src/storage/mongodb/open-mongo-store.ts';
import { runStoreContract } from './contract/suite.ts';
import { freshDatabase, startMongo, whyNoMongo } from './mongodb-server.ts';

const reason = await whyNoMongo();
if (reason !== undefined) {
  t.pass(reason, { skip: reason });
} else {
  const server = await startMongo();
  t.teardown(() => server.stop());
  await runStoreContract(t, 'mongodb', async (now) => {
    const database = freshDatabase(server);
    const open = () =>
      openMongoStore({
        url: server.url,
        database: database.name,
        now,
        // the clock of the suite is not that of the server
        clockSkewMsMax: Number.POSITIVE_INFINITY,
      });
    let store = await open();
    return {
      store,
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
  });
}
