/**
 * Latency of the searches of public comparisons as the data grows: parsing, resolving, the store, includes; no HTTP.
 * Then page 1,000 against page 1, and totals that nobody has asked for before.
 * node scripts/bench/search.ts [--patients 1000,8000] [--clients 16] [--seconds 0.3] [--keep FOLDER]
 * SQLite unless MONGODB_URL names a deployment, where a database of its own is made and dropped, or MONGODB_SERVER a
 * program to start.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { loadCoreDefinitions } from '../../src/definitions/registry.ts';
import { createTypeModel } from '../../src/definitions/types.ts';
import { composeText } from '../../src/fhir/resource-text.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { canonicalQuantity } from '../../src/fhir/ucum.ts';
import { compileExpression } from '../../src/fhirpath/compile.ts';
import { createExtractor } from '../../src/search/extract.ts';
import { includePlans } from '../../src/search/include.ts';
import { SEARCH_LIMITS } from '../../src/search/limits.ts';
import { createSearchParameters } from '../../src/search/parameters.ts';
import { resolveSearch } from '../../src/search/resolve.ts';
import { openMongoStore } from '../../src/storage/mongodb/open-mongo-store.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { freshDatabase, startMongo } from '../../test/storage/mongodb-server.ts';
import { createPopulation, createRandom, PER_PATIENT, type Samples } from './search-data.ts';
import { COUNTED, FAMILIES, PAGED, SHAPES, type Shape } from './search-shapes.ts';

const { values: options } = parseArgs({
  options: {
    patients: { type: 'string', default: '1000,8000' },
    clients: { type: 'string', default: '16' },
    seconds: { type: 'string', default: '0.3' },
    keep: { type: 'string' },
  },
});
const sizes = options.patients.split(',').map(Number);
const clients = Number(options.clients);
const seconds = Number(options.seconds);

const BASE = 'http://bench.example/fhir';
const definitions = loadCoreDefinitions();
const model = createTypeModel(definitions);
const parameters = createSearchParameters(definitions, model, {
  compile: (expression, type) => compileExpression(expression, type, model),
});
const extract = createExtractor(parameters, {
  base: BASE,
  timeZone: 'UTC',
  fullText: true,
  canonicalQuantity,
});
const createPlan = includePlans(parameters, BASE);
const context = {
  parameters,
  base: BASE,
  handling: 'strict' as const,
  limits: SEARCH_LIMITS,
  canonicalQuantity,
  timeZone: 'UTC',
  now: Date.now(),
};

async function openStore(size: number): Promise<{ readonly store: Store; remove(): Promise<void> }> {
  const { MONGODB_URL, MONGODB_SERVER } = process.env;
  if (MONGODB_URL || MONGODB_SERVER) {
    const server = await startMongo({ isMeasured: true });
    const database = freshDatabase(server);
    // the stand-in reads a whole index for a hint
    const store = await openMongoStore({
      url: server.url,
      database: database.name,
      useHints: !server.isStandIn,
    });
    const remove = async (): Promise<void> => {
      await store.close();
      await database.drop();
      await server.stop();
    };
    return { store, remove };
  }
  const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'passerelle-bench-'));
  mkdirSync(folder, { recursive: true });
  const store = await openSqliteStore({ path: join(folder, `search-${size}.db`), now: Date.now });
  const remove = async (): Promise<void> => {
    await store.close();
    if (options.keep === undefined) rmSync(folder, { recursive: true });
  };
  return { store, remove };
}

async function fill(store: Store, size: number): Promise<Samples> {
  const population = createPopulation(1, size);
  const put = (resources: readonly Resource[]): Promise<unknown> =>
    store.transact(
      resources.map((resource) => ({
        kind: 'put',
        type: resource.resourceType,
        id: resource.id as string,
        method: 'PUT',
        text: composeText(resource, resource.id as string),
        postings: extract(resource),
        expected: 'any',
      })),
    );
  const { resources: before } = await store.status();
  if (before === 0) await put(population.shared);
  for (let made = 0; made < size; ) {
    const batch: Promise<unknown>[] = [];
    for (let at = 0; at < 64 && made < size; at++, made++) {
      const record = population.next();
      if (before === 0) batch.push(put(record));
    }
    await Promise.all(batch);
  }
  return population.samples;
}

async function ask(store: Store, url: string): Promise<void> {
  const [path = '', query] = url.split('?');
  if (query === undefined) {
    const [type = '', id] = path.split('/');
    if (id !== undefined && (await store.read(type, id)) === undefined)
      throw new Error(`${url} is not there`);
    return;
  }
  const request = resolveSearch(path, [...new URLSearchParams(query)], context);
  const page = await store.search(request.query, { limit: request.count, total: request.total });
  if (request.includes.length === 0) return;
  const step = createPlan(request.includes).step(
    page.rows.map(({ json }) => JSON.parse(json) as Resource),
    0,
  );
  await store.readMany(step.keys);
}

interface Measured {
  readonly p50: number;
  readonly p99: number;
  readonly errors: number;
}

async function measure(store: Store, shape: Shape, samples: Samples): Promise<Measured> {
  const random = createRandom(7);
  const times: number[] = [];
  let errors = 0;
  for (let at = 0; at < 5; at++) await ask(store, shape.url(random, samples)).catch(() => errors++);
  const until = performance.now() + seconds * 1000;
  const client = async (): Promise<void> => {
    while (performance.now() < until) {
      const url = shape.url(random, samples);
      const start = performance.now();
      try {
        await ask(store, url);
      } catch (error) {
        if (errors++ === 0) console.error(url, error);
      }
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), errors };
}

/** Pages of a search, up to the thousandth. */
const PAGES_MAX = 1_000;
const PAGE_SIZE = 5;
/** First and last pages whose median is compared. */
const COMPARED = 15;

async function measurePages(store: Store, url: string): Promise<string> {
  const [path = '', query] = url.split('?');
  const request = resolveSearch(path, [...new URLSearchParams(query)], context);
  const walk = async (): Promise<number[]> => {
    const times: number[] = [];
    let after: string | undefined;
    do {
      const start = performance.now();
      const page = await store.search(request.query, { limit: PAGE_SIZE, after, total: 'none' });
      times.push(performance.now() - start);
      after = page.next;
    } while (after !== undefined && times.length < PAGES_MAX);
    return times;
  };
  await walk();
  const times = await walk();
  const median = (some: readonly number[]): number =>
    [...some].sort((a, b) => a - b)[Math.floor(some.length / 2)] ?? 0;
  const [first, last] = [median(times.slice(0, COMPARED)), median(times.slice(-COMPARED))];
  return `${first.toFixed(2)} ms, page ${times.length} ${last.toFixed(2)} ms, ratio ${(last / first).toFixed(2)}`;
}

async function measureTotal(store: Store, url: string): Promise<string> {
  const [path = '', query] = url.split('?');
  const request = resolveSearch(path, [...new URLSearchParams(query)], context);
  const once = async (): Promise<readonly [number, number | undefined]> => {
    const start = performance.now();
    const { total } = await store.search(request.query, { limit: 0, total: 'accurate' });
    return [performance.now() - start, total?.value];
  };
  const [counted, value] = await once();
  const [known] = await once();
  return `${value} in ${counted.toFixed(1)} ms, known ${known.toFixed(2)} ms`;
}

const results = new Map<string, Measured[]>();
for (const size of sizes) {
  const { store, remove } = await openStore(size);
  const start = performance.now();
  const samples = await fill(store, size);
  const loaded = (performance.now() - start) / 1000;
  console.log(`${size * PER_PATIENT} resources, filled in ${loaded.toFixed(1)} s`);
  for (const shape of [...SHAPES, ...FAMILIES]) {
    const list = results.get(shape.name) ?? [];
    results.set(shape.name, list);
    list.push(await measure(store, shape, samples));
  }
  for (const url of PAGED) console.log(`pages  ${url.padEnd(62)} ${await measurePages(store, url)}`);
  for (const url of COUNTED) console.log(`total  ${url.padEnd(62)} ${await measureTotal(store, url)}`);
  await remove();
}

console.log(
  `p50 / p99 in ms with ${clients} clients at ${sizes.join(', ')} patients; ratio of p50 last to first`,
);
for (const [name, list] of results) {
  const [first, last] = [list[0], list.at(-1)] as [Measured, Measured];
  const shown = list.map(({ p50, p99, errors }) => {
    return `${p50.toFixed(2)}/${p99.toFixed(2)}${errors === 0 ? '' : ` ${errors} ERRORS`}`.padStart(16);
  });
  console.log(
    `${name.slice(0, 70).padEnd(70)} ${shown.join('')} ${(last.p50 / first.p50).toFixed(2).padStart(7)}`,
  );
}
