/** Stores on a MongoDB server that is to fail, and what is asked of them meanwhile. */
import type { MongoClient } from 'mongodb';
import type { Test } from 'tap';
import type { TcpProxy } from '../../scripts/faults/tcp-proxy.ts';
import { type MongoStoreOptions, openMongoStore } from '../../src/storage/mongodb/open-mongo-store.ts';
import {
  type Precondition,
  type Store,
  StoreUnavailableError,
  type WriteCommand,
} from '../../src/storage/store.ts';
import { put, query, remove, term } from './contract/build.ts';
import { freshDatabase, type MongoServer } from './mongodb-server.ts';

export const SEED = Number(process.env.STORE_SEED ?? Date.now() % 1_000_000);
export const WAIT_MS = 1_500;
export const PATIENT_MS = 30_000;

export interface Opened {
  readonly store: Store;
  readonly database: string;
}

export async function open(
  t: Test,
  server: MongoServer,
  options: Partial<MongoStoreOptions> = {},
): Promise<Opened> {
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

/** What failCommand does to the next commands. */
export interface FailPoint {
  readonly name: string;
  readonly commands: readonly string[] | ((isTransaction: boolean) => readonly string[]);
  readonly data: Readonly<Record<string, unknown>>;
}

export const WRITES = ['insert', 'update', 'bulkWrite', 'commitTransaction'];
export const RETRYABLE = { errorLabels: ['RetryableWriteError'] };

export const person = (id: string): WriteCommand =>
  put('Patient', id, { method: 'POST', expected: 'absent', values: { terms: { identifier: [id] } } });
export const nobody = (id: string): Precondition => ({
  query: query('Patient', term('Patient.identifier', id)),
  ids: [],
});

export type Operation = readonly [
  name: string,
  run: (store: Store, id: string) => Promise<unknown>,
  versions: readonly string[],
];

/** Each on an id of its own, and the versions that must be there in the end. */
export const OPERATIONS: readonly Operation[] = [
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

/** @param times 0 to end it, -1 for always */
export async function failNext(
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

export async function eventually(call: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await call();
      return;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  }
}

export function portOf(server: MongoServer): number {
  return Number(new URL(server.url).port || 27017);
}

/** Straight to the proxy: discovery would lead around it. */
export function urlThrough(proxy: TcpProxy): string {
  return `mongodb://127.0.0.1:${proxy.port}/?directConnection=true`;
}
