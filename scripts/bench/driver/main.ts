/**
 * `npm run bench`: every workload on SQLite and, where there is one, on MongoDB, beside a baseline in the same run.
 *   --quick             small and short
 *   --against URL       any FHIR server instead, which is filled first
 *   --engines sqlite,mongodb   --patients N   --seed S   --seconds T   --only NAME
 *   --write             puts the result into docs/performance.md and docs/performance.svg
 * MongoDB: MONGODB_URL, or MONGODB_SERVER (a program that takes the flags of mongod's stand-in).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { freshDatabase, startMongo, whyNoMongo } from '../../../test/storage/mongodb-server.ts';
import { importData, takeSamples } from './data.ts';
import { applyLoad, type Outcome } from './load.ts';
import { brokenPromises } from './parity.ts';
import { describeRun, type Report, type Row, toMarkdown, toSvg } from './report.ts';
import { foreignTarget, measureSync, startEcho, startPasserelle, type Target } from './target.ts';
import { measureValidation } from './validation.ts';
import { type Workload, workloads } from './workloads.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    against: { type: 'string' },
    engines: { type: 'string' },
    patients: { type: 'string' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});
const run = {
  patients: Number(values.patients ?? (values.quick ? 100 : 1_250)),
  seconds: Number(values.seconds ?? (values.quick ? 1 : 8)),
  seed: Number(values.seed),
};
const IMPORT_USERS = 8;
const BASELINE_SECONDS = values.quick ? 0.5 : 2;

const echo = await startEcho();
const reports: Report[] = [];
try {
  for (const target of targets()) reports.push(await bench(await target()));
} finally {
  await echo.stop();
}
if (values.against === undefined && values.only === '') reports.push(validationReport());
const syncMs = measureSync();
const text = `${describeRun(run)} An append of 1 KiB is on the disk after ${syncMs.toFixed(1)} ms (median), which every durable write has to wait for.\n\n${reports.map(toMarkdown).join('\n')}`;
console.log(text);
if (values.write) write(text);
const errors = reports.flatMap(({ rows, problems }) => [
  ...rows.filter((row) => row.errors > 0),
  ...problems,
]);
process.exitCode = errors.length === 0 ? 0 : 1;

function targets(): (() => Promise<Target>)[] {
  const { against } = values;
  if (against !== undefined) return [async () => foreignTarget(against)];
  const { MONGODB_URL, MONGODB_SERVER } = process.env;
  const engines = values.engines ?? (MONGODB_URL || MONGODB_SERVER ? 'sqlite,mongodb' : 'sqlite');
  return engines.split(',').map((engine) => {
    if (engine === 'sqlite') return () => startPasserelle({ name: 'Passerelle on SQLite' });
    if (engine === 'mongodb') return startOnMongo;
    throw new Error(`--engines takes sqlite and mongodb, not "${engine}"`);
  });
}

async function startOnMongo(): Promise<Target> {
  const why = await whyNoMongo();
  if (why !== undefined) throw new Error(why);
  const server = await startMongo({ syncOnCommit: true });
  const { name, drop } = freshDatabase(server);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  const target = await startPasserelle({
    name: `Passerelle on MongoDB (${server.name}${server.isStandIn ? ', a stand-in for mongod' : ''})`,
    env: { MONGODB_URL: url.href },
  });
  return {
    ...target,
    async stop() {
      await target.stop();
      await drop();
      await server.stop();
    },
  };
}

async function bench(target: Target): Promise<Report> {
  const facts: string[] = [];
  const rows: Row[] = [];
  const problems: string[] = [];
  try {
    if (target.own !== undefined) {
      facts.push(
        `Ready ${Math.round(target.own.startMs)} ms after the start of the process, empty; ${mebibytes(target.own.residentBytes())} resident.`,
      );
    }
    const data = importData(run.patients, run.seed);
    rows.push(await importAll(target, data));
    problems.push(...(target.own === undefined ? [] : await brokenPromises(target.base, data.counts)));
    const resources = [...data.counts.values()].reduce((sum, one) => sum + one, 0);
    const stored = target.own?.storedBytes() ?? 0;
    if (stored > 1e6)
      facts.push(
        `${(stored / resources).toFixed(0)} bytes on disk per resource, indexes included (${resources} resources).`,
      );
    for (const workload of workloads(await takeSamples(target.base))) {
      if (workload.name.includes(values.only)) rows.push(await measure(target, workload));
    }
    if (target.own !== undefined) {
      facts.push(`${mebibytes(target.own.residentBytes())} resident after all this.`);
      const again = await target.own.restart();
      facts.push(
        `Ready ${Math.round(again.own?.startMs ?? 0)} ms after the start of the process, on this data.`,
      );
      await again.stop();
    }
  } finally {
    await target.stop();
  }
  return { name: target.name, rows, facts, problems };
}

async function importAll(target: Target, data: ReturnType<typeof importData>): Promise<Row> {
  const first = await fetch(target.base, {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: data.directory as Uint8Array<ArrayBuffer>,
  });
  if (!first.ok)
    throw new Error(`the sites were refused: ${first.status} ${(await first.text()).slice(0, 500)}`);
  const bodies: Buffer[] = [];
  let resources = 0;
  const startedAt = performance.now();
  const outcome = await applyLoad({
    base: target.base,
    users: IMPORT_USERS,
    seconds: 3600,
    async act(user) {
      const batch = data.next();
      if (batch === undefined) return false;
      if (bodies.length < 64) bodies.push(batch.body);
      resources += batch.resources;
      await user.ask('POST', user.base.pathname, batch.body);
      return undefined;
    },
  });
  const perSecond = (resources / (performance.now() - startedAt)) * 1000;
  const perBundle = resources / outcome.requests;
  const baseline = await applyLoad({
    base: echo.base,
    users: IMPORT_USERS,
    seconds: BASELINE_SECONDS,
    async act(user) {
      await user.ask('POST', user.base.pathname, bodies[user.number % bodies.length]);
      return undefined;
    },
  });
  return row('import in transactions', 'resources/s', perSecond, outcome, baseline.perSecond * perBundle);
}

async function measure(target: Target, workload: Workload): Promise<Row> {
  const options = { users: workload.users, type: workload.type };
  const act = workload.act.bind(workload);
  // Compiles what is hot before the clock runs.
  await applyLoad({ ...options, base: target.base, seconds: run.seconds / 4, act });
  const outcome = await applyLoad({ ...options, base: target.base, seconds: run.seconds, act });
  const baseline = await measureBaseline(workload, outcome);
  return row(workload.name, 'req/s', outcome.perSecond, outcome, baseline.perSecond);
}

async function measureBaseline(workload: Workload, { replyBytes }: Outcome): Promise<Outcome> {
  const body = `{"resourceType":"Basic","language":"${'x'.repeat(Math.max(0, Math.round(replyBytes) - 40))}"}`;
  if (!workload.echoes) {
    await fetch(echo.base, { method: 'POST', headers: { 'content-type': 'application/fhir+json' }, body });
  }
  return await applyLoad({
    base: echo.base,
    users: workload.users,
    type: workload.type,
    seconds: BASELINE_SECONDS,
    act: workload.echoes
      ? workload.act.bind(workload)
      : async (user) => {
          await user.ask('GET', `${user.base.pathname}/Basic/1`);
          return undefined;
        },
  });
}

function row(workload: string, unit: string, perSecond: number, outcome: Outcome, baseline: number): Row {
  if (outcome.error !== undefined) console.error(`${workload}: ${outcome.error}`);
  console.error(
    `${workload}: ${Math.round(perSecond)} ${unit}, ${(perSecond / baseline).toFixed(3)} of the baseline`,
  );
  return { workload, unit, perSecond, outcome, errors: outcome.errors, baseline };
}

function validationReport(): Report {
  const { perSecond, errors: wrong, parsesPerSecond } = measureValidation(run.seconds);
  return {
    name: 'Validation alone, on one core',
    rows: [{ workload: 'validate against the IOM profiles', unit: 'resources/s', perSecond, errors: wrong }],
    facts: [`${(parsesPerSecond / perSecond).toFixed(1)} times what JSON.parse of the same text takes.`],
    problems: [],
  };
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

function write(result: string): void {
  const docs = join(import.meta.dirname, '..', '..', '..', 'docs');
  const path = join(docs, 'performance.md');
  const [start, end] = ['<!-- results: written by npm run bench -- --write -->', '<!-- results end -->'];
  const document = readFileSync(path, 'utf8');
  const [before, after] = [document.indexOf(start), document.indexOf(end)];
  if (before < 0 || after < 0) throw new Error('docs/performance.md has lost its markers');
  writeFileSync(path, `${document.slice(0, before + start.length)}\n${result}\n${document.slice(after)}`);
  writeFileSync(join(docs, 'performance.svg'), toSvg(reports));
}
