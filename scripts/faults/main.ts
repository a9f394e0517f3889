/**
 * npm run faults: kills, cuts and fails both engines for minutes on end and checks every promise afterwards. Exits 1
 * when one was broken, or when the control did not show the loss that it must show.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import {
  databaseUrl,
  freshDatabase,
  type MongoServer,
  startMongo,
  whyNoMongo,
} from '../../test/storage/mongodb-server.ts';
import { fillDisk } from './disk-full.ts';
import { openPlace, type Place, sqlitePlace } from './engines.ts';
import { killOneOfTwo, killProcesses } from './killed-process.ts';
import { disturb, type FaultReport, underLoad } from './killed-server.ts';
import { killService, type ServiceReport } from './killed-service.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import { killUpgrades, type UpgradeOptions } from './upgrade.ts';

const HELP = `Usage: npm run faults -- [options]

Kills, cuts and fills the storage engines under load, then checks that nothing acknowledged is lost, no transaction
is there in part, nothing is there twice, and the index says what the resources say. Controls are the same
with a protection taken away, which must be seen to lose or to tear. docs/durability.md tells more.

  --rounds N   kills of each kind (default 200 of our process or server, 30 of the MongoDB server)
  --only TEXT  only faults whose name contains the text, such as sqlite, mongodb, Bundles, control
  --seed N     repeats a run
  -h, --help   this text

MongoDB is taken from MONGODB_URL, MONGODB_SERVER or mongod on PATH (docs/mongodb.md).`;

/** Acknowledged calls between two faults. */
const CALLS_MAX = 400;

interface Options {
  readonly rounds: number | undefined;
  readonly only: string;
  readonly seed: number;
}

type Fault = readonly [name: string, run: (options: Options) => Promise<Outcome>];

interface Outcome {
  readonly summary: string;
  /** Empty when every promise was kept. */
  readonly broken: readonly string[];
}

const FAULTS: readonly Fault[] = [
  ['sqlite: kill -9 of our process', killSqlite],
  ['sqlite: kill -9 of the server during transaction Bundles', serviceOnSqlite],
  [
    'sqlite: control, Bundles answered before they are stored',
    (options) => serviceControl('waiting', options),
  ],
  ['sqlite: control, batches for transactions', (options) => serviceControl('transactions', options)],
  ['sqlite: kill -9 while a file of an earlier version is opened', (options) => upgrade(options, 'nothing')],
  ['sqlite: control, the same upgrade not in one transaction', (options) => upgrade(options, 'transaction')],
  ['sqlite: the disk is full', fullDisk],
  [
    'mongodb: kill -9 of our process',
    (options) => withServer({ syncOnCommit: true }, (server) => killMongo(server, options)),
  ],
  [
    'mongodb: kill -9 of one of two processes on one database',
    (options) => withServer({ syncOnCommit: true }, (server) => killMongoOfTwo(server, options)),
  ],
  [
    'mongodb: kill -9 of our server during transaction Bundles',
    (options) => withServer({ syncOnCommit: true }, (server) => serviceOnMongo(server, options)),
  ],
  [
    'mongodb: kill -9 of the server',
    (options) => withServer({ syncOnCommit: true }, (server) => killServer(server, options)),
  ],
  ['mongodb: control, kill -9 of a server that does not sync commits', control],
  [
    'mongodb: a bad network',
    (options) => withServer({ syncOnCommit: true }, (server) => badNetwork(server, options)),
  ],
  ['mongodb: the primary steps down', (options) => withServer({}, (server) => stepDown(server, options))],
];

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(`${HELP}\n`);
    return process.argv.slice(2).every((one) => ['-h', '--help'].includes(one)) ? 0 : 2;
  }
  process.stdout.write(`seed ${options.seed}\n`);
  const noMongo = await whyNoMongo();
  let failures = 0;
  for (const [name, run] of FAULTS) {
    if (!name.includes(options.only)) continue;
    if (noMongo !== undefined && name.startsWith('mongodb')) {
      process.stdout.write(`- ${name}: ${noMongo}\n`);
      continue;
    }
    const begun = performance.now();
    const { summary, broken } = await run(options);
    const seconds = Math.round((performance.now() - begun) / 1000);
    process.stdout.write(`${broken.length === 0 ? 'ok' : 'BROKEN'} ${name}: ${summary}, ${seconds} s\n`);
    for (const one of broken.slice(0, 20)) process.stdout.write(`    ${one}\n`);
    if (broken.length > 0) failures++;
  }
  return failures === 0 ? 0 : 1;
}

function readOptions(args: readonly string[]): Options | undefined {
  const values = new Map<string, string>();
  for (let at = 0; at < args.length; at += 2) {
    const value = args[at + 1];
    if (!['--rounds', '--only', '--seed'].includes(args[at]!) || value === undefined) return undefined;
    values.set(args[at]!, value);
  }
  const rounds = values.get('--rounds');
  return {
    rounds: rounds === undefined ? undefined : Number(rounds),
    only: values.get('--only') ?? '',
    seed: Number(values.get('--seed') ?? Date.now() % 1_000_000),
  };
}

async function killSqlite({ rounds = 200, seed }: Options): Promise<Outcome> {
  const place = await sqlitePlace();
  try {
    return outcomeOfKills(await killProcesses(place, rounds, seed));
  } finally {
    await place.remove();
  }
}

async function killMongo(server: MongoServer, { rounds = 200, seed }: Options): Promise<Outcome> {
  return await withPlace(server, async (place) => outcomeOfKills(await killProcesses(place, rounds, seed)));
}

async function killMongoOfTwo(server: MongoServer, { rounds = 100, seed }: Options): Promise<Outcome> {
  return await withPlace(server, async (place) => outcomeOfKills(await killOneOfTwo(place, rounds, seed)));
}

const UPGRADED_RESOURCES = 5_000;

async function upgrade(
  { rounds = 50, seed }: Options,
  without: NonNullable<UpgradeOptions['without']>,
): Promise<Outcome> {
  const isControl = without !== 'nothing';
  const report = await killUpgrades({
    rounds: isControl ? Math.min(rounds, 10) : rounds,
    seed,
    resources: UPGRADED_RESOURCES,
    without,
  });
  const { kills, within, broken } = report;
  const summary = `${kills} kills, ${within} before the file was open`;
  if (!isControl) return { summary, broken };
  return broken.length > 0
    ? { summary: `${summary}, ${broken.length} files broken, as they must be`, broken: [] }
    : { summary, broken: ['the control broke nothing: this check cannot see it'] };
}

async function serviceOnSqlite({ rounds = 200, seed }: Options): Promise<Outcome> {
  return outcomeOfService(await killService({ folder: await freshFolder(), rounds, seed }));
}

async function serviceOnMongo(server: MongoServer, { rounds = 200, seed }: Options): Promise<Outcome> {
  return await withPlace(server, async ({ database }) => {
    const options = {
      folder: await freshFolder(),
      rounds,
      seed,
      env: { MONGODB_URL: databaseUrl(server, database) },
    };
    return outcomeOfService(await killService(options));
  });
}

/** Shows that the check sees what it looks for. */
async function serviceControl(
  without: 'waiting' | 'transactions',
  { rounds, seed }: Options,
): Promise<Outcome> {
  const options = { folder: await freshFolder(), rounds: Math.min(rounds ?? 10, 10), seed, without };
  const report = await killService(options);
  const seen = without === 'waiting' ? report.lost : report.partial;
  const { summary } = outcomeOfService(report);
  return {
    summary: `${summary}, as it must be`,
    broken: seen > 0 ? [] : ['the control lost or tore nothing: this check cannot see it'],
  };
}

/** Removed by the last stop of the server. */
function freshFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'passerelle-faults-'));
}

function outcomeOfService(report: ServiceReport): Outcome {
  const { kills, acknowledged, open, lost, partial, indexDifferences, broken } = report;
  return {
    summary: `${kills} kills, ${acknowledged} acknowledged Bundles, ${open.done + open.undone} under way at a kill (${open.done} done, ${open.undone} not begun), ${lost} lost, ${partial} in part, ${indexDifferences.length} times verify differed`,
    broken: [...broken, ...indexDifferences],
  };
}

async function fullDisk(): Promise<Outcome> {
  const report = await fillDisk(16);
  if (report === undefined) return { summary: 'skipped: no disk can be mounted here', broken: [] };
  const { acknowledged, refused, lastRead, after, index } = report;
  const broken: string[] = [];
  if (refused.some((one) => one !== 'unavailable')) broken.push(`refused with ${refused.join(', ')}`);
  if (lastRead !== acknowledged) broken.push(`${acknowledged} acknowledged, ${lastRead} read while full`);
  if (after.some((one) => one !== 'done')) broken.push(`after room was made: ${after.join(', ')}`);
  if (index.missing + Math.abs(index.extra) + index.behind > 0) broken.push(JSON.stringify(index));
  return {
    summary: `${acknowledged} acknowledged, ${refused.length} refused, ${after.length} after`,
    broken,
  };
}

function outcomeOfKills(report: Awaited<ReturnType<typeof killProcesses>>): Outcome {
  const { kills, acknowledged, open, broken } = report;
  return { summary: `${kills} kills, ${acknowledged} acknowledged calls, ${open} open ones`, broken };
}

async function killServer(server: MongoServer, { rounds = 30, seed }: Options): Promise<Outcome> {
  const { process: own } = server;
  if (own === undefined) return { summary: 'skipped: not our server to kill', broken: [] };
  return await withPlace(server, async (place) => {
    const store = await openPlace(place, 30_000);
    const report = await underLoad(store, rounds, seed, CALLS_MAX, () => own.restart());
    await store.close();
    return outcomeOf(report);
  });
}

/** Shows that the check sees a loss: without it, "nothing lost" would mean nothing. */
async function control(options: Options): Promise<Outcome> {
  return await withServer({}, async (server) => {
    if (!server.isStandIn)
      return { summary: 'skipped: mongod always syncs what it acknowledges', broken: [] };
    const { summary, broken } = await killServer(server, { ...options, rounds: options.rounds ?? 10 });
    const lost = broken.filter((one) => one.startsWith('lost'));
    if (lost.length === 0)
      return { summary, broken: ['the control lost nothing: this check cannot see a loss'] };
    return { summary: `${summary}, ${lost.length} acknowledged calls lost, as they must be`, broken: [] };
  });
}

async function badNetwork(server: MongoServer, { rounds = 30, seed }: Options): Promise<Outcome> {
  const proxy = await startTcpProxy(Number(new URL(server.url).port || 27017));
  try {
    return await withPlace(server, async (direct) => {
      const place = { ...direct, location: `mongodb://127.0.0.1:${proxy.port}/?directConnection=true` };
      const store = await openPlace(place, 2_000);
      const report = await underLoad(store, rounds, seed, CALLS_MAX, (_, random) => disturb(proxy, random));
      await store.close();
      return outcomeOf(report);
    });
  } finally {
    await proxy.close();
  }
}

/** Needs a deployment of several members: MONGODB_URL. */
async function stepDown(server: MongoServer, { rounds = 10, seed }: Options): Promise<Outcome> {
  const client = new MongoClient(server.url);
  try {
    const { hosts } = (await client.db('admin').command({ hello: 1 })) as { hosts?: readonly string[] };
    if ((hosts?.length ?? 0) < 3) {
      return { summary: 'skipped: needs a replica set of three members in MONGODB_URL', broken: [] };
    }
    return await withPlace(server, async (place) => {
      const store = await openPlace(place, 30_000);
      const report = await underLoad(store, rounds, seed, CALLS_MAX, async () => {
        await client.db('admin').command({ replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5 });
      });
      await store.close();
      return outcomeOf(report);
    });
  } finally {
    await client.close();
  }
}

function outcomeOf({ faults, acknowledged, unavailable, slowestMs, broken }: FaultReport): Outcome {
  return {
    summary: `${faults} faults, ${acknowledged} acknowledged calls, ${unavailable} unavailable, slowest ${slowestMs} ms`,
    broken,
  };
}

async function withServer(
  options: Parameters<typeof startMongo>[0],
  work: (server: MongoServer) => Promise<Outcome>,
): Promise<Outcome> {
  const server = await startMongo(options);
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

async function withPlace(server: MongoServer, work: (place: Place) => Promise<Outcome>): Promise<Outcome> {
  const database = freshDatabase(server);
  try {
    return await work({ engine: 'mongodb', location: server.url, database: database.name });
  } finally {
    await database.drop();
  }
}

process.exitCode = await main();
