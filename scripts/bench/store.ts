/**
 * Speed and size of the SQLite store alone: durable transactions of 17 resources, reads by key, first pages.
 * `node scripts/bench/store.ts [patients] [clients]`. Read the ratios between runs on one machine, not the figures.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SearchQuery } from '../../src/search/query.ts';
import { hashParam, hashTerm } from '../../src/search/term-hash.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { CODES, createData, PER_PATIENT } from './store-data.ts';

const patients = Number(process.argv[2] ?? 1_000);
const clients = Number(process.argv[3] ?? 16);
const folder = await mkdtemp(join(tmpdir(), 'passerelle-bench-'));
const path = join(folder, 'store.db');
try {
  const store = await openSqliteStore({ path, now: Date.now });
  const data = createData(1);
  const halves = [await ingest(store, patients / 2), await ingest(store, patients / 2)] as const;
  const reads = await perSecond(2_000, async (index) => {
    await store.read('Patient', data.patients[index % data.patients.length] as string);
  });
  const common: SearchQuery = {
    types: ['Observation'],
    where: { kind: 'term', k: hashParam('Observation', 'code'), terms: [hashTerm(CODES[0] as string)] },
    sort: [],
  };
  const pages = await perSecond(500, async () => {
    await store.search(common, { limit: 50, total: 'none' });
  });
  await store.close();
  const resources = patients * PER_PATIENT;
  console.log({
    resources,
    'resources/s, first and second half': halves.map((one) => Math.round(one)),
    'reads/s': Math.round(reads),
    'pages of 50/s': Math.round(pages),
    'bytes/resource': Math.round((await stat(path)).size / resources),
  });

  async function ingest(into: Store, count: number): Promise<number> {
    let left = count;
    const started = performance.now();
    const client = async (): Promise<void> => {
      while (left-- > 0) await into.transact(data.next());
    };
    await Promise.all(Array.from({ length: clients }, client));
    return (count * PER_PATIENT * 1000) / (performance.now() - started);
  }
} finally {
  await rm(folder, { recursive: true });
}

async function perSecond(count: number, work: (index: number) => Promise<void>): Promise<number> {
  const started = performance.now();
  for (let index = 0; index < count; index++) await work(index);
  return (count * 1000) / (performance.now() - started);
}
