/** All workloads on one server: fill it, see that it did its work, measure it, look at its memory and its disk. */
import { performance } from 'node:perf_hooks';
import { createRandom } from '../search-data.ts';
import { SHAPES } from '../search-shapes.ts';
import { type ImportData, importData, meanBytes, takeSamples } from './data.ts';
import { applyLoad, type Outcome } from './load.ts';
import type { Memory } from './machine.ts';
import type { BenchOptions } from './options.ts';
import { brokenPromises } from './parity.ts';
import type { Report, Row } from './parts.ts';
import { cellsOf } from './report.ts';
import { folderBytes, type Target } from './target.ts';
import type { Terminal } from './terminal.ts';
import { type Workload, workloads } from './workloads.ts';

export interface Rig {
  readonly options: BenchOptions;
  readonly terminal: Terminal;
  readonly echo: Target;
}

export const IMPORT_USERS = 8;
const BASELINE_SECONDS = 2;
const SAMPLE_PATIENTS = 200;

export async function measureTarget(started: Target, engine: Report['engine'], rig: Rig): Promise<Report> {
  const { options, terminal } = rig;
  let target = started;
  terminal.title(target.name);
  const data = importData(options.patients, options.seed);
  const rows = [await importAll(target, data, rig)];
  const problems = target.own === undefined ? [] : await brokenPromises(target.base, data.counts);
  for (const problem of problems) terminal.note(`Broken: ${problem}`);
  const resources = [...data.counts.values()].reduce((sum, one) => sum + one, 0);
  const { own } = target;
  let storedBytes = 0;
  if (own !== undefined) {
    // The end of a server writes its log into the database file, so that the file is all there is.
    await own.stop();
    storedBytes = engine === 'mongodb' ? 0 : folderBytes(own.folder);
    target = await own.restart();
  }
  const memoryReady = target.own?.memory();
  const samples = await takeSamples(target.base);
  try {
    for (const workload of workloads(samples)) {
      if (!isWanted(workload.name, options.only)) continue;
      rows.push(await measure(target, workload, rig));
    }
    const emptyShapes = target.own === undefined ? [] : await shapesWithoutHits(target.base, samples);
    const memoryAfter = target.own?.memory();
    const facts =
      own === undefined || target.own === undefined
        ? {}
        : {
            process: {
              readyEmptyMs: own.startMs,
              readyOnDataMs: target.own.startMs,
              memoryReady: memoryReady as Memory,
              memoryAfter: memoryAfter as Memory,
              storedBytes,
              jsonBytes: meanBytes(SAMPLE_PATIENTS, options.seed),
            },
          };
    return {
      kind: 'workloads',
      name: target.name,
      engine,
      rows,
      problems,
      resources,
      emptyShapes,
      ...facts,
    };
  } finally {
    await target.own?.stop();
  }
}

export function isWanted(name: string, only: readonly string[]): boolean {
  return only.length === 0 || only.some((one) => name.includes(one));
}

async function importAll(target: Target, data: ImportData, rig: Rig): Promise<Row> {
  const bodies: Buffer[] = [];
  const { outcome, perSecond, perBundle } = await importFamilies(target, data, rig, (body) => {
    if (bodies.length < 64) bodies.push(body);
  });
  const { echo } = rig;
  const baseline = await applyLoad({
    base: echo.base,
    users: IMPORT_USERS,
    seconds: BASELINE_SECONDS,
    async act(user) {
      await user.ask('POST', user.base.pathname, bodies[user.number % bodies.length]);
      return undefined;
    },
  });
  return finish(
    {
      workload: 'import in transactions',
      unit: 'resources/s',
      perSecond,
      outcome,
      errors: outcome.errors,
      baseline: baseline.perSecond * perBundle,
    },
    rig,
  );
}

/** The sites, then a transaction a family, from 8 users. */
export async function importFamilies(
  target: Target,
  data: ImportData,
  { terminal }: Rig,
  onBody: (body: Buffer) => void = () => {},
): Promise<{ readonly outcome: Outcome; readonly perSecond: number; readonly perBundle: number }> {
  const first = await fetch(target.base, {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: data.directory as Uint8Array<ArrayBuffer>,
  });
  if (!first.ok)
    throw new Error(`the sites were refused: ${first.status} ${(await first.text()).slice(0, 500)}`);
  await first.arrayBuffer();
  let resources = 0;
  const startedAt = performance.now();
  const outcome = await applyLoad({
    base: target.base,
    users: IMPORT_USERS,
    seconds: 3600,
    ...(target.own !== undefined && { serverCpuSeconds: target.own.cpuSeconds }),
    onProgress: (_, seconds) => {
      const left = (data.patientsLeft() / Math.max(data.patientsGiven(), 1)) * seconds;
      terminal.progress('import', left, `${Math.round(resources / seconds)} resources/s`);
    },
    async act(user) {
      const batch = data.next();
      if (batch === undefined) return false;
      onBody(batch.body);
      await user.ask('POST', user.base.pathname, batch.body);
      resources += batch.resources;
      return undefined;
    },
  });
  const perSecond = (resources / (performance.now() - startedAt)) * 1000;
  return { outcome, perSecond, perBundle: resources / outcome.requests };
}

async function measure(target: Target, workload: Workload, rig: Rig): Promise<Row> {
  const { seconds } = rig.options;
  const load = {
    base: target.base,
    users: workload.users,
    type: workload.type,
    acceptsGzip: workload.acceptsGzip,
    act: workload.act.bind(workload),
    ...(target.own !== undefined && { serverCpuSeconds: target.own.cpuSeconds }),
  };
  rig.terminal.progress(workload.name, seconds * 1.25 + BASELINE_SECONDS, 'warming up');
  // Compiles what is hot before the clock runs.
  await applyLoad({ ...load, seconds: seconds / 4 });
  const outcome = await applyLoad({
    ...load,
    seconds,
    onProgress: (requests, passed) =>
      rig.terminal.progress(
        workload.name,
        seconds - passed + BASELINE_SECONDS,
        `${Math.round(requests / passed)} req/s`,
      ),
  });
  const baseline = await measureBaseline(workload, outcome, rig);
  return finish(
    {
      workload: workload.name,
      unit: 'req/s',
      perSecond: outcome.perSecond,
      outcome,
      errors: outcome.errors,
      baseline,
    },
    rig,
  );
}

async function measureBaseline(
  workload: Workload,
  { replyBytes }: Outcome,
  { echo, options }: Rig,
): Promise<number> {
  const body = `{"resourceType":"Basic","language":"${'x'.repeat(Math.max(0, Math.round(replyBytes) - 40))}"}`;
  if (!workload.echoes) {
    await fetch(echo.base, { method: 'POST', headers: { 'content-type': 'application/fhir+json' }, body });
  }
  const outcome = await applyLoad({
    base: echo.base,
    users: workload.users,
    type: workload.type,
    seconds: options.quick ? 0.5 : BASELINE_SECONDS,
    act: workload.echoes
      ? workload.act.bind(workload)
      : async (user) => {
          await user.ask('GET', `${user.base.pathname}/Basic/1`);
          return undefined;
        },
  });
  return outcome.perSecond;
}

function finish(row: Row, { terminal }: Rig): Row {
  terminal.row(cellsOf(row));
  if (row.outcome?.error !== undefined) terminal.note(`  ${row.outcome.error.slice(0, 200)}`);
  return row;
}

/** Names of the shapes that find nothing; a server that refuses a shape counts as an error of the workload. */
async function shapesWithoutHits(
  base: URL,
  samples: Awaited<ReturnType<typeof takeSamples>>,
): Promise<string[]> {
  const random = createRandom(5);
  const empty: string[] = [];
  for (const shape of SHAPES) {
    let found = false;
    for (let tries = 0; tries < 20 && !found; tries++) {
      const response = await fetch(encodeURI(`${base}/${shape.url(random, samples)}`), {
        headers: { accept: 'application/fhir+json' },
      });
      const text = await response.text();
      found = !response.ok || !text.includes('"Bundle"') || text.includes('"fullUrl"');
    }
    if (!found) empty.push(shape.name);
  }
  return empty;
}

/** How long a run is likely to take, in seconds. */
export function estimateSeconds(
  { seconds, patients, quick }: BenchOptions,
  engine: Report['engine'],
): number {
  const patientsPerSecond = engine === 'sqlite' ? 200 : 30;
  const baseline = quick ? 0.5 : BASELINE_SECONDS;
  return 14 * (seconds * 1.25 + baseline) + patients / patientsPerSecond;
}
