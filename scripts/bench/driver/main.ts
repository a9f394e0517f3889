/** `npm run bench`: what it does is told by --help, in options.ts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { whyNoMongo } from '../../../test/storage/mongodb-server.ts';
import { ladderChart, shareChart } from './charts.ts';
import { goalsOf, verdictOf } from './goals.ts';
import { measureRung, RUNG_SECONDS, type RungPlace } from './ladder.ts';
import { describeMachine } from './machine.ts';
import { estimateSeconds, isWanted, measureTarget, type Rig } from './measure.ts';
import { type MongoPlace, openMongoPlace } from './mongo.ts';
import { type BenchOptions, HELP, RUNG, readOptions } from './options.ts';
import { isSame, type Options, type Part, type Parts, readParts, writeParts } from './parts.ts';
import { speedOf } from './readme.ts';
import { toMarkdown } from './report.ts';
import { foreignTarget, startEcho, startPasserelle, type Target } from './target.ts';
import { createTerminal } from './terminal.ts';
import { measureValidation } from './validation.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const DOCS = join(ROOT, 'docs');
const STATE = join(ROOT, 'build', 'bench', 'parts.json');
const DATA = join(ROOT, 'build', 'bench', 'data');

/** One part to be measured. */
interface Job {
  readonly name: string;
  readonly seconds: number;
  run(rig: Rig): Promise<Part['result']>;
}

const MARKERS = {
  results: ['<!-- results: written by npm run bench -- --write -->', '<!-- results end -->'],
  speed: ['<!-- speed: written by npm run bench -- --write -->', '<!-- speed end -->'],
} as const;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    console.log(HELP);
    return 0;
  }
  if (typeof options === 'string') {
    console.error(`${options} Try npm run bench -- --help.`);
    return 2;
  }
  if (options.render) {
    writePage({});
    return 0;
  }
  const parts = await measureAll(options, await jobsOf(options));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(parts, undefined, 1)}\n`);
  if (options.write) writePage(parts);
  showGoals(parts);
  return Object.values(parts).some(hasErrors) ? 1 : 0;
}

async function jobsOf(options: BenchOptions): Promise<Job[]> {
  const hasMongo = (await whyNoMongo()) === undefined;
  const preset =
    options.against === undefined && hasMongo ? (['sqlite', 'mongodb'] as const) : ['sqlite' as const];
  const engines = options.engines ?? preset;
  if (engines.includes('mongodb') && !hasMongo) throw new Error((await whyNoMongo()) ?? '');
  if (options.mode === 'ladder') return ladderJobs(options, engines);
  const jobs: Job[] = engines.map((engine) => ({
    name: `workloads/${engine}`,
    seconds: estimateSeconds(options, engine),
    run: (rig) =>
      engine === 'sqlite'
        ? withTarget(startPasserelle({ name: 'Passerelle on SQLite' }), (target) =>
            measureTarget(target, engine, rig),
          )
        : withMongo(({ name, env }) =>
            withTarget(startPasserelle({ name: `Passerelle on MongoDB (${name})`, env }), (target) =>
              measureTarget(target, engine, rig),
            ),
          ),
  }));
  if (options.against !== undefined) return [peerJob(options, options.against)];
  if (isWanted('validation', options.only)) {
    jobs.push({ name: 'validation', seconds: options.seconds * 2, run: async (rig) => validation(rig) });
  }
  return jobs;
}

/** Alone with `--engines none`, else beside Passerelle on SQLite. */
function peerJob(options: BenchOptions, against: string): Job {
  const { peer, engines } = options;
  const target = { ...foreignTarget(against), ...(peer !== undefined && { name: peer }) };
  const isAlone = engines?.length === 0;
  return {
    name: `peer/${target.name}`,
    seconds: estimateSeconds(options, 'foreign') + (isAlone ? 0 : estimateSeconds(options, 'sqlite')),
    async run(rig) {
      if (isAlone) return await measureTarget(target, 'foreign', rig);
      const own = await withTarget(startPasserelle({ name: 'Passerelle on SQLite' }), (one) =>
        measureTarget(one, 'sqlite', rig),
      );
      return { kind: 'beside', own, peer: await measureTarget(target, 'foreign', rig) };
    },
  };
}

function ladderJobs(options: BenchOptions, engines: readonly ('sqlite' | 'mongodb')[]): Job[] {
  return engines.flatMap((engine) => {
    const rungs = options.rungs ?? (engine === 'sqlite' ? [RUNG, 8 * RUNG, 64 * RUNG] : [RUNG, 8 * RUNG]);
    return rungs.map((patients) => {
      const place: RungPlace = { engine, patients, dataFolder: options.data ?? DATA };
      return {
        name: `ladder/${engine}/${patients}`,
        seconds: RUNG_SECONDS + (engine === 'mongodb' ? patients / 50 : 0),
        run: (rig: Rig) =>
          engine === 'sqlite'
            ? measureRung(place, rig)
            : withMongo(({ env }) => measureRung({ ...place, env }, rig)),
      };
    });
  });
}

async function measureAll(options: BenchOptions, jobs: readonly Job[]): Promise<Parts> {
  const machine = describeMachine();
  const asked: Options = { seed: options.seed, patients: options.patients, seconds: options.seconds };
  const kept = options.resume ? readParts(STATE) : {};
  const terminal = createTerminal({
    print: (text) => process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    totalSeconds: jobs.reduce((sum, { seconds }) => sum + seconds, 0),
    now: Date.now,
  });
  const { cores, processor, node, loadBefore, syncMs } = machine;
  terminal.note(
    `${cores} x ${processor}, Node ${node}, seed ${options.seed}, ${loadBefore.toFixed(1)} busy processes before, 1 KiB on the disk after ${syncMs.toFixed(1)} ms`,
  );
  const echo = await startEcho();
  const parts: Record<string, Part> = {};
  try {
    for (const { name, run } of jobs) {
      const before = kept[name];
      if (isSame(before, machine, asked)) {
        terminal.note(`${name}: kept from ${before.when}`);
        parts[name] = before;
        continue;
      }
      const result = await run({ options, terminal, echo });
      parts[name] = { when: new Date().toISOString(), machine, options: asked, result };
      // Parts of a run of some workloads are no answer to --resume.
      if (options.only.length === 0) writeParts(STATE, { [name]: parts[name] });
    }
  } finally {
    await echo.stop();
  }
  return parts;
}

async function withTarget<Result>(
  starting: Promise<Target>,
  work: (target: Target) => Promise<Result>,
): Promise<Result> {
  const target = await starting;
  try {
    return await work(target);
  } finally {
    await target.stop();
  }
}

async function withMongo<Result>(work: (place: MongoPlace) => Promise<Result>): Promise<Result> {
  const place = await openMongoPlace();
  try {
    return await work(place);
  } finally {
    await place.close();
  }
}

function validation({ options, terminal }: Rig): Part['result'] {
  terminal.progress('validation', options.seconds * 1.25);
  const { perSecond, errors, parsesPerSecond } = measureValidation(options.seconds);
  terminal.note(
    `\nvalidation alone: ${Math.round(perSecond).toLocaleString('en-US')} resources/s on one core`,
  );
  return {
    kind: 'validation',
    name: 'Validation alone, on one core',
    perSecond,
    errors,
    parsesPerSecond,
  };
}

function hasErrors({ result }: Part): boolean {
  switch (result.kind) {
    case 'workloads':
      // A peer may refuse what it does not know; that is part of the result.
      return (
        result.engine !== 'foreign' &&
        (result.problems.length > 0 || result.rows.some(({ errors }) => errors > 0))
      );
    case 'beside':
      return result.own.rows.some(({ errors }) => errors > 0);
    case 'validation':
      return result.errors > 0;
    case 'rung':
      return [...result.loads, ...result.shapes].some(({ errors }) => errors > 0);
  }
}

function showGoals(parts: Parts): void {
  const measured = goalsOf(parts).filter(({ isMet }) => isMet !== undefined);
  if (measured.length === 0) return;
  console.log(`\n${'goal'.padEnd(50)} ${'target'.padStart(26)} ${'measured'.padStart(22)}`);
  for (const goal of measured) {
    const verdict = verdictOf(goal).replaceAll('*', '');
    console.log(
      `${goal.what.padEnd(50)} ${goal.target.padStart(26)} ${(goal.measured ?? '').padStart(22)}  ${verdict}`,
    );
  }
}

function writePage(found: Parts): void {
  const json = join(DOCS, 'performance.json');
  writeParts(json, found);
  const parts = readParts(json);
  writeBetween(join(DOCS, 'performance.md'), MARKERS.results, toMarkdown(parts));
  writeBetween(join(ROOT, 'README.md'), MARKERS.speed, speedOf(parts));
  writeFileSync(join(DOCS, 'performance.svg'), shareChart(parts));
  writeFileSync(join(DOCS, 'performance-ladder.svg'), ladderChart(parts));
}

function writeBetween(page: string, [start, end]: readonly [string, string], text: string): void {
  const document = readFileSync(page, 'utf8');
  const [before, after] = [document.indexOf(start), document.indexOf(end)];
  if (before < 0 || after < 0) throw new Error(`${page} has lost its markers`);
  writeFileSync(page, `${document.slice(0, before + start.length)}\n${text}${document.slice(after)}`);
}
