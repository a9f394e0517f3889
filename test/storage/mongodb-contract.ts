/** The contract's way to stores on MongoDB. */
import type { MongoLimits } from '../../src/storage/mongodb/limits.ts';
import { openMongoStore } from '../../src/storage/mongodb/open-mongo-store.ts';
import type { OpenStore } from './contract/suite.ts';
import { freshDatabase, type MongoServer } from './mongodb-server.ts';

/** Opens stores of the contract, each on a database of its own. */
export const opener =
  (server: MongoServer, limits: Partial<MongoLimits>, useHints = true): OpenStore =>
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
