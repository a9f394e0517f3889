/**
 * The command line: `serve` (default) and the commands of commands/help.ts. Failures that a person can mend are
 * told in a sentence, without a stack.
 */
import cluster from 'node:cluster';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Logger, pino } from 'pino';
import { type App, createApp, loadDefinitions, prepareData, SQLITE_FILE } from './app.ts';
import { openPatiently } from './commands/await-store.ts';
import { describeCommand, isCommand, listCommands, wantsHelp } from './commands/help.ts';
import { backup, verify } from './commands/maintenance.ts';
import { readSeedOptions, seed } from './commands/seed.ts';
import { runValidate } from './commands/validate.ts';
import { describeApp } from './commands/welcome.ts';
import { readWorkers, superviseWorkers } from './commands/workers.ts';
import { type Config, ConfigError, describeSettings, readConfig } from './config.ts';
import { FhirError } from './fhir/issues.ts';
import { logFault } from './http/errors.ts';
import { collectSoon } from './storage/hand-back.ts';
import { StoreRefusedError, StoreUnavailableError } from './storage/store.ts';

const HELP = `Passerelle, a FHIR R4 server for migration health

${listCommands()}
  passerelle COMMAND --help         more about a command
  passerelle --version              the version

Settings are environment variables:

`;

const SETTINGS_HINT =
  'Settings are environment variables, such as PASSERELLE_PORT=8081: passerelle --help lists them.';
const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/;

const [command = 'serve', ...rest] = process.argv.slice(2);
process.exitCode = await run(command, rest);
// its channel to the process that started it would keep a worker alive
if (cluster.isWorker) process.exit();

async function run(name: string, args: readonly string[]): Promise<number> {
  const asked = name === 'help' ? (args[0] ?? '') : name;
  if (isCommand(asked) && (name === 'help' || wantsHelp(args))) {
    console.log(describeCommand(asked));
    return 0;
  }
  switch (name) {
    case 'serve':
      return serve(args);
    case 'validate':
      return validate(args);
    case 'seed':
      return seedPopulation(args);
    case 'backup':
      return backupStore(args);
    case 'verify':
      return verifyStore(args);
    case '--help':
    case '-h':
    case 'help':
      console.log(HELP + describeSettings());
      return 0;
    case '--version':
    case '-v':
      console.log(readVersion());
      return 0;
    default:
      console.error(
        name.startsWith('-')
          ? `There is no option "${name}". ${SETTINGS_HINT}`
          : `There is no command "${name}". Try passerelle --help.`,
      );
      return 2;
  }
}

async function serve(args: readonly string[]): Promise<number> {
  const workers = readWorkers(args);
  if (typeof workers === 'string') {
    console.error(workers);
    return 2;
  }
  if (workers !== undefined && cluster.isPrimary) return serveWithWorkers(workers);
  const startedAt = Date.now();
  const worker = cluster.worker?.id;
  let config: Config;
  let app: App;
  try {
    config = readConfig(process.env);
    refuseOpenNetwork(config);
    const log = createLog(config.logLevel);
    const about = { version: readVersion(), startedAt, worker };
    const { host, port, mongodbUrl, mongodbStartWaitMs } = config;
    app = await openPatiently(() => createApp(config, about, log), {
      host,
      port,
      // a file that cannot be opened does not come by waiting
      waitMs: mongodbUrl === '' ? 0 : mongodbStartWaitMs,
      elapsed: () => performance.now(),
      tell: (worker ?? 1) === 1 ? console.error : () => {},
    });
    const address = await app.http.listen(config.host, config.port);
    if (config.logLevel !== 'silent' && (worker ?? 1) === 1)
      console.log(await describeApp(app, config, address, Date.now() - startedAt));
  } catch (error) {
    return tellFailure(error);
  }
  collectSoon();
  const { log } = app;
  // One request's bug must not take the others with it; it is for the operator to see.
  process.on('unhandledRejection', (reason) => logFault(log, reason));
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await app.close();
  return 0;
}

async function serveWithWorkers(count: number): Promise<number> {
  try {
    const config = readConfig(process.env);
    if (config.mongodbUrl === '') {
      console.error(
        '--workers needs MongoDB, because an SQLite file has one server. Set MONGODB_URL, or leave --workers out.',
      );
      return 2;
    }
    prepareData(config);
  } catch (error) {
    return tellFailure(error);
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  return await superviseWorkers({
    count,
    program: fileURLToPath(import.meta.url),
    print: console.error,
    stop: stop.signal,
  });
}

async function validate(args: readonly string[]): Promise<number> {
  try {
    const { packages } = readConfig(process.env);
    const io = { print: console.log, progress: console.error, stdin: process.stdin };
    return await runValidate(args, (more) => loadDefinitions([...packages, ...more]), io);
  } catch (error) {
    return tellFailure(error);
  }
}

async function backupStore(args: readonly string[]): Promise<number> {
  try {
    const { dataFolder, mongodbUrl } = readConfig(process.env);
    if (mongodbUrl === '') return await backup(join(dataFolder, SQLITE_FILE), args, console.log);
    console.error('A backup of MongoDB is made with its own tools, such as mongodump: docs/mongodb.md.');
    return 2;
  } catch (error) {
    return tellFailure(error);
  }
}

async function verifyStore(args: readonly string[]): Promise<number> {
  try {
    const about = { version: readVersion(), startedAt: Date.now() };
    const app = await createApp(readConfig(process.env), about, createLog('silent'));
    try {
      await app.idle();
      const { extract } = app.context.generation();
      return await verify({ store: app.store, extract }, args, { print: console.log, tell: console.error });
    } finally {
      await app.close();
    }
  } catch (error) {
    return tellFailure(error);
  }
}

async function seedPopulation(args: readonly string[]): Promise<number> {
  const options = readSeedOptions(args);
  if (typeof options === 'string') {
    console.error(options);
    return 2;
  }
  // The first signal ends it well, the second at once.
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    const isWhole = await seed(options, {
      openStore: () => {
        const config = readConfig(process.env);
        const about = { version: readVersion(), startedAt: Date.now() };
        return createApp(config, about, createLog('silent'), 'loading');
      },
      print: (text) => process.stderr.write(text),
      isTerminal: process.stderr.isTTY === true,
      now: Date.now,
      wait: setTimeout,
      signal: stop.signal,
    });
    return isWhole ? 0 : 130;
  } catch (error) {
    return tellFailure(error);
  }
}

/** Lines leave in blocks, at least every second: a system call per line would cost a fifth of a read. */
function createLog(level: string): Logger {
  const destination = pino.destination({ sync: false, minLength: 15_000, periodicFlush: 1000 });
  return pino({ level, base: null }, destination);
}

/** Health data does not leave this machine by accident. */
function refuseOpenNetwork(config: Config): void {
  if (LOOPBACK.test(config.host) || config.insecureOpenNetwork) return;
  throw new ConfigError([
    `PASSERELLE_HOST=${config.host} would let anyone on the network read and write health data, because there is no access control.`,
    'Listen on 127.0.0.1, or set PASSERELLE_INSECURE_OPEN_NETWORK=true on a closed test network.',
  ]);
}

/** @throws what a person cannot mend, with its stack */
function tellFailure(error: unknown): number {
  const sentence = explainFailure(error);
  if (sentence === undefined) throw error;
  console.error(sentence);
  return 1;
}

function explainFailure(error: unknown): string | undefined {
  if (error instanceof ConfigError) return error.problems.join('\n');
  if (error instanceof FhirError) return error.issues.map((one) => one.text).join('\n');
  if (error instanceof StoreRefusedError) return error.message;
  if (error instanceof StoreUnavailableError) return `The store cannot be opened: ${error.message}`;
  if (error instanceof TypeError && error.message === 'fetch failed') {
    const { message = '', code = '' } = (error.cause ?? {}) as NodeJS.ErrnoException;
    return `The server cannot be reached: ${message || code}.`;
  }
  const { code, syscall, path, port } = error as NodeJS.ErrnoException & { port?: number };
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use. Stop the other program, or choose another port: PASSERELLE_PORT=8081.`;
    case 'EADDRNOTAVAIL':
      return 'This machine does not have the address in PASSERELLE_HOST.';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return syscall === 'listen'
        ? `Port ${port} needs more rights. Choose one above 1023: PASSERELLE_PORT=8080.`
        : `The data folder cannot be written (${path ?? 'PASSERELLE_DATA'}). Give it to this user, or choose another: PASSERELLE_DATA=./data.`;
    case 'ENOENT':
      return syscall === 'mkdir'
        ? `The data folder cannot be made (${path}). Choose another: PASSERELLE_DATA=./data.`
        : undefined;
    case 'ENOTDIR':
    case 'EEXIST':
      return `PASSERELLE_DATA must be a folder (${path ?? ''}).`;
    case 'ENOSPC':
      return 'The disk is full.';
    default:
      return undefined;
  }
}

function readVersion(): string {
  const text = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
