/** How both engines carry out the searches of the golden file, as lines without anything that varies. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Resource } from '../../src/fhir/types.ts';
import { SUB_KEYS, subKey } from '../../src/search/compiled-parameter.ts';
import { contentKey, narrativeKey } from '../../src/search/content-words.ts';
import type { SearchQuery } from '../../src/search/query.ts';
import { paramText } from '../../src/storage/mongodb/index-keys.ts';
import { openMongoStore } from '../../src/storage/mongodb/open-mongo-store.ts';
import type { PlanLimits } from '../../src/storage/sqlite/plan-limits.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import type { Explanation, Store } from '../../src/storage/store.ts';
import { freshDatabase, type MongoServer } from '../storage/mongodb-server.ts';
import { fill, parameters } from './world.ts';

/** The plans that a few resources show, or with low limits those of much data. */
export async function explainOnSqlite(
  resources: readonly Resource[],
  queries: readonly SearchQuery[],
  plans: Partial<PlanLimits>,
): Promise<readonly Explanation[]> {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-golden-'));
  const path = join(folder, 'store.db');
  const store = await openSqliteStore({ path, now: () => NOW, threads: false, plans });
  const explained = await explainAll(store, resources, queries);
  await rm(folder, { recursive: true });
  return explained;
}

export async function explainOnMongo(
  server: MongoServer,
  resources: readonly Resource[],
  queries: readonly SearchQuery[],
): Promise<readonly Explanation[]> {
  const database = freshDatabase(server);
  const store = await openMongoStore({
    url: server.url,
    database: database.name,
    now: () => NOW,
    clockSkewMsMax: Number.POSITIVE_INFINITY,
  });
  const explained = await explainAll(store, resources, queries);
  await database.drop();
  return explained;
}

const NOW = Date.parse('2026-01-31T12:00:00Z');

async function explainAll(
  store: Store,
  resources: readonly Resource[],
  queries: readonly SearchQuery[],
): Promise<readonly Explanation[]> {
  await fill(store, resources);
  const explained: Explanation[] = [];
  for (const query of queries) explained.push(await store.explain(query, { limit: 20, total: 'none' }));
  await store.close();
  return explained;
}

/** SQL on one line, the columns of a candidate or a hit in one word. */
export function sqlOf(statement: string): string {
  return statement
    .replace(/\s+/g, ' ')
    .replace(/r\.rid, r\.t, r\.h, r\.v, r\.seq, r\.ts, r\.d, r\.id, r\.terms/, 'CANDIDATE')
    .replace(/r\.rid, r\.seq, r\.t, r\.id, r\.v, r\.ts, r\.op, r\.body/, 'HIT')
    .trim();
}

let names: Map<string, string> | undefined;

const STATEMENT_MAX = 500;

/** A command of MongoDB or a line of its plan, keys by the names of parameters, long lists cut. */
export function commandOf(statement: string): string {
  names ??= keyNames();
  const shown = statement
    .replace(/"([-_A-Za-z0-9]{6})(?=[-_A-Za-z0-9])/g, (all, key: string) => {
      const name = names?.get(key);
      return name === undefined ? all : `"<${name}>`;
    })
    .replaceAll('\u{10ffff}', '~')
    .replace(/[^\P{C}\u{10ffff}]/gu, '·');
  return shown.length > STATEMENT_MAX ? `${shown.slice(0, STATEMENT_MAX)}…${shown.length}` : shown;
}

function keyNames(): Map<string, string> {
  const byKey = new Map<string, string>();
  for (const type of parameters.definitions.resourceTypes) {
    byKey.set(paramText(contentKey(type)), `${type}._content`);
    byKey.set(paramText(narrativeKey(type)), `${type}._text`);
    for (const parameter of [...parameters.of(type), ...parameters.of(`#${type}`)]) {
      const name = `${parameter.base}.${parameter.code}`;
      byKey.set(paramText(parameter.k), name);
      for (const sub of SUB_KEYS) byKey.set(paramText(subKey(parameter, sub)), `${name}:${sub}`);
    }
  }
  return byKey;
}
