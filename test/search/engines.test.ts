/** Both engines find what the matcher finds, for the same resources, searches and indexes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { SearchQuery } from '../../src/search/query.ts';
import type { MongoLimits } from '../../src/storage/mongodb/limits.ts';
import { openMongoStore } from '../../src/storage/mongodb/open-mongo-store.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { freshDatabase, mongoFor } from '../storage/mongodb-server.ts';
import { expectedOrder, orderCases, orderResources, RANDOM_ORDERS } from './orders.ts';
import { createRandom, randomResources, randomSearch } from './random-world.ts';
import { richOrders, richResources } from './rich-resources.ts';
import { scenarios } from './scenarios.ts';
import { fill, resolve } from './world.ts';

const SEED = Number(process.env.SEARCH_SEED ?? Math.floor(Math.random() * 1e9));

async function orderOf(store: Store, query: SearchQuery): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | undefined; ; ) {
    // pages of a few, so that paging is part of the question
    const page = await store.search(query, { limit: 7, after, total: 'accurate' });
    ids.push(...page.rows.map(({ id }) => id));
    after = page.next;
    if (after === undefined) break;
  }
  return ids;
}

async function idsOf(store: Store, query: SearchQuery): Promise<string[]> {
  return (await orderOf(store, query)).sort();
}

type OpenEmpty = () => Promise<{ readonly store: Store; destroy(): Promise<void> }>;

async function checkEngine(t: Test, open: OpenEmpty, worlds: number): Promise<void> {
  await t.test('scenario searches', async (t) => {
    for (const { resources, cases } of scenarios) {
      const { store, destroy } = await open();
      await fill(store, resources);
      for (const [url, found] of cases) {
        if (url.includes('_lastUpdated')) continue;
        const { query } = resolve(url);
        t.same(await idsOf(store, query), found === '' ? [] : found.split(' ').sort(), url);
      }
      await destroy();
    }
  });
  await t.test('orders', async (t) => {
    const { store, destroy } = await open();
    await fill(store, orderResources);
    for (const [url, ids] of orderCases) {
      t.same(await orderOf(store, resolve(url).query), ids.split(' '), url);
    }
    await destroy();
  });
  await t.test('orders', async (t) => {
    const { store, destroy } = await open();
    await fill(store, richResources);
    for (const [url, found] of richOrders) {
      t.same((await orderOf(store, resolve(url).query)).join(' '), found, url);
    }
    await destroy();
  });
  await t.test(`random searches (SEARCH_SEED=${SEED})`, async (t) => {
    const random = createRandom(SEED);
    for (let world = 0; world < worlds; world++) {
      const resources = randomResources(random);
      const { store, destroy } = await open();
      await fill(store, resources);
      for (let at = 0; at < 60; at++) {
        const { type, pairs, holds } = randomSearch(random);
        const expected = resources.filter((one) => holds(one, resources)).map(({ id }) => id as string);
        const url = `${type}?${new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value]))}`;
        const { query } = resolve(url);
        const actual = await idsOf(store, query);
        if (JSON.stringify(actual) === JSON.stringify(expected.sort())) continue;
        t.same(actual, expected, `${url} ${JSON.stringify(query)}`);
        break;
      }
      for (const order of RANDOM_ORDERS) {
        const url = `${order.type}?_sort=${order.sort}`;
        t.same(await orderOf(store, resolve(url).query), expectedOrder(resources, order), url);
      }
      await destroy();
    }
    t.pass('all agree');
  });
}

await t.test('sqlite', async (t) => {
  await checkEngine(
    t,
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'passerelle-search-'));
      const store = await openSqliteStore({
        path: join(folder, 'store.db'),
        now: () => Date.now(),
        threads: false,
      });
      return {
        store,
        destroy: async () => {
          await store.close();
          await rm(folder, { recursive: true });
        },
      };
    },
    10,
  );
});

const openMongo =
  (limits: Partial<MongoLimits>): OpenEmpty =>
  async () => {
    const database = freshDatabase(server!);
    const store = await openMongoStore({ url: server!.url, database: database.name, limits });
    return {
      store,
      destroy: async () => {
        await store.close();
        await database.drop();
      },
    };
  };

const server = await mongoFor(t);
if (server !== undefined) {
  await t.test(`mongodb (${server.name})`, async (t) => {
    await checkEngine(t, openMongo({}), 3);
  });
  await t.test('mongodb, as large databases are searched', async (t) => {
    const limits = { joinedMax: 0, surveyedMax: 1, sortedMax: 0, stretchMax: 3, batchMax: 4 };
    await checkEngine(t, openMongo(limits), 1);
  });
}
