/**
 * Speed and size of the stores alone: durable transactions of 17 resources, reads by key, first pages, on SQLite and,
 * where MONGODB_URL or MONGODB_SERVER names one, on MongoDB. Read the ratios of one run, not the figures.
 * node scripts/bench/store.ts [--patients 1000,8000] [--clients 16] [--engines sqlite,mongodb] [--sync]
 * Several sizes are a ladder on one store: each rung says how fast it was filled, and the last what was lost to size.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SearchQuery } from '../../src/search/query.ts';
import { hashParam, hashTerm } from '../../src/search/term-hash.ts';
import type { AnsweredCommand } from '../../src/storage/mongodb/connect.ts';
import { openMongoStore } from '../../src/storage/mongodb/open-mongo-store.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { measuredDatabase, startMongo, whyNoMongo } from '../../test/storage/mongodb-server.ts';
import { CODES, createData, type Data, PER_PATIENT } from './store-data.ts';

/** Resources/s of the storage study: SQLite in durable transactions of 17, the stand-in for MongoDB in bulk without any. */
const STUDIED = { sqlite: 6_100, mongodb: 8_300 } as const;

const WARM_PATIENTS = 200;

type EngineName = keyof typeof STUDIED;

interface Engine {
  readonly name: string;
  readonly store: Store;
  /** Commands of the last stretch by name: how many and how long. */
  commands(): string;
  /** Tells the bytes on disk, where they can be told. */
  close(): Promise<number | undefined>;
}

interface Rung {
  readonly resources: number;
  readonly ingested: number;
  readonly reads: number;
  readonly pages: number;
}

const { values: options } = parseArgs({
  options: {
    patients: { type: 'string', default: '1000' },
    clients: { type: 'string', default: '16' },
    engines: { type: 'string' },
    sync: { type: 'boolean', default: false },
  },
});
const sizes = options.patients.split(',').map(Number);
const clients = Number(options.clients);
const { MONGODB_URL, MONGODB_SERVER } = process.env;
const engines = (options.engines ?? (MONGODB_URL || MONGODB_SERVER ? 'sqlite,mongodb' : 'sqlite')).split(
  ',',
) as EngineName[];

const firsts = new Map<EngineName, number>();
for (const name of engines) {
  const engine = await (name === 'sqlite' ? openSqlite() : openMongo());
  console.log(engine.name);
  let bytes: number | undefined;
  try {
    const rungs = await climb(name, engine);
    const [first, last] = [rungs[0]!, rungs.at(-1)!];
    firsts.set(name, first.ingested);
    if (first !== last) console.log(describeLoss(first, last));
  } finally {
    bytes = await engine.close();
  }
  if (bytes !== undefined)
    console.log(`  ${Math.round(bytes / (sizes.at(-1)! * PER_PATIENT))} bytes a resource`);
}
const [sqlite, mongodb] = [firsts.get('sqlite'), firsts.get('mongodb')];
if (sqlite !== undefined && mongodb !== undefined) {
  console.log(`SQLite takes ${(sqlite / mongodb).toFixed(1)} times the writes of MongoDB in this run`);
}

async function climb(name: EngineName, engine: Engine): Promise<readonly Rung[]> {
  const data = createData(1);
  const rungs: Rung[] = [];
  let made = 0;
  const { store } = engine;
  // cold code would make the first rung slow and hide what size costs
  await ingest(store, createData(2), WARM_PATIENTS);
  engine.commands();
  for (const size of sizes) {
    const ingested = await ingest(store, data, size - made);
    const writes = engine.commands();
    made = size;
    // caches and the first look at the data do not belong to what is measured
    await perSecond(64, 16, async (index) => {
      await store.search(pageOf(data.patients[index % data.patients.length]!), { limit: 20, total: 'none' });
    });
    const reads = await perSecond(2_000, 16, async (index) => {
      await store.read('Patient', data.patients[index % data.patients.length]!);
    });
    const pages = await perSecond(500, 16, async (index) => {
      await store.search(pageOf(data.patients[index % data.patients.length]!), { limit: 20, total: 'none' });
    });
    const rung = { resources: made * PER_PATIENT, ingested, reads, pages };
    rungs.push(rung);
    console.log(describe(name, rung));
    if (writes !== '') console.log(`    commands while writing: ${writes}`);
  }
  return rungs;
}

/** A person's heart rates, newest first. */
function pageOf(patient: string): SearchQuery {
  const key = (code: string): number => hashParam('Observation', code);
  return {
    types: ['Observation'],
    where: {
      kind: 'all',
      of: [
        { kind: 'term', k: key('subject'), terms: [hashTerm(`Patient/${patient}`)] },
        { kind: 'term', k: key('code'), terms: [hashTerm(CODES[0]!)] },
      ],
    },
    sort: [],
  };
}

/** Resources/s. */
async function ingest(into: Store, data: Data, count: number): Promise<number> {
  let left = count;
  const started = performance.now();
  const client = async (): Promise<void> => {
    while (left-- > 0) await into.transact(data.next());
  };
  await Promise.all(Array.from({ length: clients }, client));
  return (count * PER_PATIENT * 1000) / (performance.now() - started);
}

async function perSecond(
  count: number,
  atOnce: number,
  work: (index: number) => Promise<void>,
): Promise<number> {
  let next = 0;
  const started = performance.now();
  const client = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return (count * 1000) / (performance.now() - started);
}

function describe(engine: EngineName, { resources, ingested, reads, pages }: Rung): string {
  const studied = (ingested / STUDIED[engine]).toFixed(2);
  return (
    `  ${resources} resources: ${Math.round(ingested)} written/s (${studied} of the study's), ` +
    `${Math.round(reads)} reads/s, ${Math.round(pages)} selective pages/s`
  );
}

function describeLoss(first: Rung, last: Rung): string {
  const lost = (rate: (rung: Rung) => number): string =>
    `${Math.round(100 * (1 - rate(last) / rate(first)))} %`;
  return (
    `  lost to size: writes ${lost(({ ingested }) => ingested)}, reads ${lost(({ reads }) => reads)}, ` +
    `pages ${lost(({ pages }) => pages)}`
  );
}

async function openSqlite(): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-bench-'));
  const path = join(folder, 'store.db');
  const store = await openSqliteStore({ path, now: Date.now });
  return {
    name: 'SQLite',
    store,
    commands: () => '',
    async close() {
      await store.close();
      const { size } = await stat(path);
      await rm(folder, { recursive: true });
      return size;
    },
  };
}

async function openMongo(): Promise<Engine> {
  const why = await whyNoMongo();
  if (why !== undefined) throw new Error(why);
  const server = await startMongo({ syncOnCommit: options.sync, isMeasured: true });
  const database = measuredDatabase(server);
  let counts = new Map<string, { count: number; ms: number }>();
  const onCommand = ({ name, durationMs }: AnsweredCommand): void => {
    const before = counts.get(name) ?? { count: 0, ms: 0 };
    counts.set(name, { count: before.count + 1, ms: before.ms + durationMs });
  };
  const store = await openMongoStore({
    url: server.url,
    database: database.name,
    // the stand-in reads a whole index for a hint
    useHints: !server.isStandIn,
    onCommand,
    // a machine that is busy with other work slows it down and must not end it
    waitMs: 120_000,
    searchTimeMsMax: 120_000,
  });
  const standIn = `${server.name}, a stand-in for mongod${options.sync ? '' : ' without sync'}: a lower bound for mongod`;
  return {
    name: `MongoDB (${server.isStandIn ? standIn : server.name})`,
    store,
    commands() {
      const told = [...counts].map(
        ([name, { count, ms }]) => `${name} ${count} x ${(ms / count).toFixed(1)} ms`,
      );
      counts = new Map();
      return told.join(', ');
    },
    async close() {
      await store.close();
      await database.drop();
      await server.stop();
      return undefined;
    },
  };
}
