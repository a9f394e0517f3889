/** A small store on MongoDB with something of everything, for tests of what the server is asked. */
import type { SearchQuery, SortKey } from '../../src/search/query.ts';
import type { AnsweredCommand } from '../../src/storage/mongodb/connect.ts';
import type { ExplainedCommand } from '../../src/storage/mongodb/explain.ts';
import type { MongoLimits } from '../../src/storage/mongodb/limits.ts';
import { type MongoStoreOptions, openMongoStore } from '../../src/storage/mongodb/open-mongo-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { by, byAll, byDesc, byMark, remove, term } from './contract/build.ts';
import { GONE, WORLD } from './contract/dataset.ts';
import { freshDatabase, type MongoServer } from './mongodb-server.ts';

/** The ways of large databases, on a small one. */
export const TIGHT: Partial<MongoLimits> = {
  joinedMax: 0,
  surveyedMax: 1,
  sortedMax: 0,
  stretchMax: 3,
  batchMax: 4,
  triedMs: 0,
  stepMax: 3,
};

export interface SmallWorld {
  readonly store: Store;
  /** Lets its clock go on. */
  readonly wait: (ms: number) => void;
  /** The same database as another server opens it. */
  readonly openAnother: () => Promise<Store>;
  readonly destroy: () => Promise<void>;
}

export async function openWorld(
  server: MongoServer,
  limits: Partial<MongoLimits>,
  onCommand?: (command: AnsweredCommand) => void,
  more: Partial<MongoStoreOptions> = {},
): Promise<SmallWorld> {
  const database = freshDatabase(server);
  let time = Date.parse('2026-01-01T00:00:00Z');
  const opened: Store[] = [];
  const openAnother = async (): Promise<Store> => {
    const store = await openMongoStore({
      url: server.url,
      database: database.name,
      now: () => ++time,
      clockSkewMsMax: Number.POSITIVE_INFINITY,
      limits,
      onCommand,
      // hundreds of searches at once wait for connections, on a machine that is busy with other tests
      waitMs: 60_000,
      ...more,
    });
    opened.push(store);
    return store;
  };
  const store = await openAnother();
  await store.transact(WORLD);
  await store.transact(GONE.map(([type, key]) => remove(type, key)));
  return {
    store,
    openAnother,
    wait(ms) {
      time += ms;
    },
    async destroy() {
      for (const one of opened) await one.close();
      await database.drop();
    },
  };
}

export async function explained(store: Store, asked: SearchQuery): Promise<readonly ExplainedCommand[]> {
  const { commands } = await store.explain(asked, { limit: 10, total: 'none' });
  return commands as readonly ExplainedCommand[];
}

/** All that match, whatever a page may look at. */
export async function idsOf(store: Store, asked: SearchQuery): Promise<readonly string[]> {
  const { rows } = await store.search(asked, { limit: 1_000, total: 'none', forWrite: true });
  return rows.map(({ id }) => id);
}

/** What must not be in a plan. */
export function faultsOf(command: ExplainedCommand): string[] {
  const faults: string[] = [];
  for (const { stage, index, bounds } of command.stages) {
    if (stage === 'COLLSCAN' || stage === 'SORT') faults.push(stage);
    // a list of types or of everything by time is the one thing that may begin anywhere
    const first = Object.entries(bounds ?? {})[0]?.[1] ?? [];
    if (index !== undefined && index !== 'c' && first.some((bound) => bound.includes('MinKey'))) {
      faults.push(`${index} from end to end`);
    }
  }
  if (!command.stages.some(({ index }) => index !== undefined)) faults.push('no index');
  return faults;
}

/** Every kind of order, both ways. */
export const ORDERS: Readonly<Record<SortKey['by'], readonly SortKey[]>> = {
  primary: [false, true].map((descending) => ({ by: 'primary', descending })),
  updated: [false, true].map((descending) => ({ by: 'updated', descending })),
  id: [false, true].map((descending) => ({ by: 'id', descending })),
  date: [by('Observation.date', 'date'), byDesc('Observation.date', 'date')],
  number: [by('Observation.value', 'number'), byDesc('Observation.value', 'number')],
  text: [by('Observation.note', 'text'), byDesc('Observation.note', 'text')],
  term: [by('Observation.status', 'term'), byDesc('Observation.status', 'term')],
  gathered: [byMark(false), byMark(true), byAll('term', false, 'Observation.status', 'Observation.code')],
};

export const heartRate = term('Observation.code', 'loinc|hr');
