/**
 * Stores on SQLite files of a test, removed after it, values of many resources, and walks through all pages.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { nextUp } from '../../src/search/number-range.ts';
import type { SearchQuery } from '../../src/search/query.ts';
import type { SqliteStoreOptions } from '../../src/storage/sqlite/settings.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import type { Store } from '../../src/storage/store.ts';
import type { Values } from './contract/build.ts';

/** Opens stores on files in a folder of their own, on a clock that never stands still. */
export async function sqliteFiles(t: Test): Promise<SqliteFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-engine-'));
  t.teardown(() => rm(folder, { recursive: true }));
  let files = 0;
  let time = Date.parse('2026-01-01T00:00:00Z');
  return {
    folder,
    newPath: () => join(folder, `${++files}.db`),
    openAt: (path, more = {}) => openSqliteStore({ path, now: () => ++time, threads: false, ...more }),
  };
}

export interface SqliteFiles {
  readonly folder: string;
  readonly newPath: () => string;
  readonly openAt: (path: string, more?: Partial<SqliteStoreOptions>) => Promise<Store>;
}

export const valuesOf = (index: number): Values => ({
  date: `2024-01-${String((index % 28) + 1).padStart(2, '0')}`,
  codes: { code: [`s|${index % 3}`] },
  texts: { name: [`name ${index}`] },
  numbers: {
    value: [['', index, index + 1]],
    // what has the code has a pressure
    pressure: index % 3 === 1 ? [['mm', ...exactly(90 + (index % 90))]] : [],
  },
});
export const exactly = (value: number): [lo: number, hi: number] => [value, nextUp(value)];

/** Values of a resource that has one of 2^bits combinations of parameters. */
export function shapedValues(index: number, bits: number): Values {
  const names = Array.from({ length: bits }, (_, bit) => `p${bit}`);
  const has = (_: string, bit: number): boolean => ((index >> bit) & 1) === 1;
  const posted = names.filter((name, bit) => bit % 2 === 0 && has(name, bit));
  return {
    codes: Object.fromEntries(posted.map((name) => [name, [`s|${index % 3}`]])),
    bare: names.filter((name, bit) => bit % 2 === 1 && has(name, bit)),
  };
}

/** All pages of a search: the ids in order, and what each page looked at. `between` is told how many there were. */
export async function walkPages(
  store: Store,
  asked: SearchQuery,
  limit: number,
  between: (pages: number) => Promise<void> = async () => {},
): Promise<{ readonly seen: string[]; readonly examined: number[] }> {
  const seen: string[] = [];
  const examined: number[] = [];
  let after: string | undefined;
  do {
    const page = { limit, total: 'none', ...(after !== undefined && { after }) } as const;
    examined.push((await store.explain(asked, page)).examined as number);
    const found = await store.search(asked, page);
    seen.push(...found.rows.map(({ id }) => id));
    await between(examined.length);
    after = found.next;
  } while (after !== undefined);
  return { seen, examined };
}

/** Whole numbers below a bound, at random; the seed is printed. */
export function seededBelow(t: Test): (below: number) => number {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.comment(`seed ${seed}`);
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}
