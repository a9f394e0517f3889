/**
 * The SQLite engine: the contract, and what is its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { checkSqliteIndex } from '../../src/storage/sqlite/check-index.ts';
import type { SqliteStoreOptions } from '../../src/storage/sqlite/settings.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import { type OpenStore, runStoreContract } from './contract/suite.ts';

const openWith =
  (more: Partial<SqliteStoreOptions>): OpenStore =>
  async (now) => {
    const folder = await mkdtemp(join(tmpdir(), 'passerelle-sqlite-'));
    const options = { path: join(folder, 'store.db'), now, ...more };
    let store = await openSqliteStore(options);
    return {
      store,
      reopen: async () => {
        await store.close();
        store = await openSqliteStore(options);
        return store;
      },
      destroy: async () => {
        await store.close();
        // whatever a test did, the index says in the end what the resources say
        const { missing, extra, behind } = checkSqliteIndex(options.path);
        t.same({ missing, extra, behind }, { missing: 0, extra: 0, behind: 0 }, 'the index is right');
        await rm(folder, { recursive: true });
      },
    };
  };

await runStoreContract(t, 'sqlite without threads', openWith({ threads: false }));
await runStoreContract(t, 'sqlite', openWith({}), ['reads', 'changes', 'paging', 'random', 'totals']);
await runStoreContract(t, 'sqlite on the reading thread', openWith({ examinedHereMax: -1 }), [
  'searches',
  'paging',
]);
// every plan on a few resources
const plans = {
  countedMax: 2,
  collectedMax: 2,
  gatheredMax: -1,
  sampledEvery: 3,
  fewRows: -1,
  triedFirst: 2,
  narrowedFrom: 0,
  listsMax: 3,
  unitedMax: 1,
  textListsMax: 3,
  chunkMin: 1,
  chunkMax: 4,
};
const searches = ['searches', 'paging', 'random'] as const;
await runStoreContract(t, 'sqlite in small steps', openWith({ threads: false, plans }), searches);
// the index ahead, behind, and half way
await runStoreContract(
  t,
  'sqlite that merges by and by',
  openWith({ threads: false, mergeVersions: 1, mergeChanges: 3, plans }),
  ['reads', 'random'],
);
// sets that are joined, kept, followed and dropped
const joined = { ...plans, probedMax: -1, targetsMax: 0, keptRowsMin: 0, referencesAtOnce: 8, changedMax: 6 };
for (const [name, more] of [
  ['sqlite that keeps sets', { mergeVersions: 1, mergeChanges: 1_000 }],
  ['sqlite that keeps sets and merges by and by', { mergeVersions: 1, mergeChanges: 3 }],
  ['sqlite that keeps sets and merges now and then', { mergeVersions: 25 }],
] as const) {
  await runStoreContract(t, name, openWith({ threads: false, ...more, plans: joined }), ['totals']);
}
await runStoreContract(
  t,
  'sqlite that reads references ahead',
  openWith({
    aheadResourcesMin: 0,
    aheadIdleMs: 0,
    mergeVersions: 5,
    examinedHereMax: -1,
    plans: { ...joined, aheadRowsMin: 1, followedMax: 12 },
  }),
  ['totals'],
);
await runStoreContract(
  t,
  'sqlite that forgets sets soon',
  openWith({
    threads: false,
    mergeVersions: 10,
    plans: { ...joined, keptSetsBytesMax: 20_000, followedMax: 12, stretchMax: 3 },
  }),
  ['random', 'totals'],
);
await runStoreContract(
  t,
  'sqlite that merges now and then',
  openWith({ threads: false, mergeVersions: 25, plans }),
  searches,
);
await runStoreContract(
  t,
  'sqlite that reads orders',
  openWith({
    threads: false,
    mergeVersions: 25,
    plans: { gatheredMax: -1, collectedMax: 0, sampledEvery: 2 },
  }),
  ['random'],
);
await runStoreContract(
  t,
  'sqlite without collecting',
  openWith({ threads: false, plans: { ...plans, collectedMax: -1, groupMax: 2 } }),
  searches,
);
