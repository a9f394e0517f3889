/**
 * The engines that faults are tried on: how to open a store in another process, and where its data is.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMongoStore } from '../../src/storage/mongodb/open-mongo-store.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import type { Store } from '../../src/storage/store.ts';

/** What is written is looked for on machines that are busy, or stopped for a while. */
const SEARCH_MS_MAX = 180_000;

export type EngineName = 'sqlite' | 'mongodb';

/** Where a store keeps its data: a file of SQLite, or a server and a database. */
export interface Place {
  readonly engine: EngineName;
  readonly location: string;
  readonly database: string;
}

export async function openPlace({ engine, location, database }: Place, waitMs = 10_000): Promise<Store> {
  if (engine === 'sqlite') return await openSqliteStore({ path: location, now: Date.now });
  return await openMongoStore({ url: location, database, waitMs, searchTimeMsMax: SEARCH_MS_MAX });
}

export async function sqlitePlace(): Promise<Place & { remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-faults-'));
  return {
    engine: 'sqlite',
    location: join(folder, 'passerelle.sqlite'),
    database: '',
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
