/**
 * The composition root: the one place that knows every part and puts them together from the configuration.
 */
import { randomBytes, randomFillSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from './config.ts';

import { loadBuiltDefinitions } from './definitions/built.ts';
import type { Definitions } from './definitions/definitions.ts';
import { loadPackages } from './definitions/load-package.ts';
import { readPackage } from './definitions/package.ts';

import { createIdGenerator } from './fhir/ids.ts';
import { FhirError, isError } from './fhir/issues.ts';
import { parseStored } from './fhir/json.ts';
import { canonicalQuantity } from './fhir/ucum.ts';
import { logFault, logUnavailable } from './http/errors.ts';
import { createHttpServer, type HttpServer } from './http/server.ts';
import type { About, DefinitionChange, InteractionContext } from './interactions/context.ts';
import { createDefinitionWatch } from './interactions/definition-watch.ts';
import { createGenerations } from './interactions/generations.ts';
import { createIndexedFor } from './interactions/indexed-for.ts';
import { createInteractions } from './interactions/interactions.ts';
import { DEFINITION_TYPES } from './interactions/package-resources.ts';
import { createReindexing } from './interactions/reindexing.ts';
import { followPackages, loadPackageBytes, restorePackages } from './interactions/stored-packages.ts';
import { watchWrites } from './interactions/writes-under-way.ts';
import { OPERATIONS } from './operations/operations.ts';
import { SEARCH_LIMITS } from './search/limits.ts';
import { createPageTokens } from './search/page-token.ts';
import { adoptEarlierLedger } from './storage/sqlite/earlier-ledger.ts';
import type { CheckReport } from './storage/sqlite/integrity.ts';
import { LOADING } from './storage/sqlite/settings.ts';
import { openSqliteStore } from './storage/sqlite/sqlite-store.ts';
import { type Store, StoreUnavailableError } from './storage/store.ts';

const GUIDE_FOLDER = join(import.meta.dirname, '..', 'build', 'guide');

/** In the data folder. */
export const SQLITE_FILE = 'passerelle.sqlite';

export interface App {
  readonly http: HttpServer;
  readonly context: InteractionContext;
  readonly store: Store;
  readonly log: Logger;
  /** Resolves when no background work is left, such as indexing for a new search parameter. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

let built: Definitions | undefined;

/** R4, the IOM package and further ones. @throws FhirError that names what is wrong in a package */
export async function loadDefinitions(packages: readonly string[]): Promise<Definitions> {
  built ??= loadBuiltDefinitions();
  const read = await Promise.all(packages.map((path) => readPackage(path)));
  const { definitions, issues } = loadPackages(built, read);
  if (issues.some(isError)) throw new FhirError(issues.filter(isError));
  return definitions;
}

/** Whether others wait for answers while it writes, or it writes millions and nobody waits. */
export type Use = 'serving' | 'loading';

/** @throws when the data folder cannot be written or the store cannot be opened */
export async function createApp(
  config: Config,
  about: About,
  log: Logger,
  use: Use = 'serving',
): Promise<App> {
  prepareData(config);
  const store = await openStore(config, use, log);
  try {
    return await compose(config, about, store, log);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Makes the data folder and the secret in it, before several processes look for them at once. */
export function prepareData(config: Config): void {
  makeFolder(config.dataFolder);
  readSecret(config);
}

/** One by one: Node's recursive way never ends where a file system refuses a folder as if its parent were missing. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(resolve(path)));
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** How long a new search parameter may keep its writer waiting. */
const REINDEX_WAIT_MS = 1000;

/** What a server needs to put a definition into force once it has seen it. */
const OTHERS_MARGIN_MS = 1_000;

/** How often servers of one store see whether others index for other search parameters. */
const OBJECTING_MS = 60_000;

async function compose(config: Config, about: About, opened: Store, log: Logger): Promise<App> {
  const { store, quiet } = watchWrites(opened);
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const base = config.baseUrl === '' ? `http://${host}:${config.port}/fhir` : config.baseUrl;
  const { timeZone, fullText } = config;
  const indexed = createIndexedFor({ timeZone, fullText });
  const extraction = { base, timeZone, fullText, canonicalQuantity };
  // read while the definitions of R4 are, by a thread that has to start first
  const readAt = Date.now();
  const stored = storedDefinitions(store);
  stored.catch(() => undefined);
  const generations = createGenerations(await loadDefinitions(config.packages), extraction, indexed);
  const onFault = (error: unknown): void => {
    if (error instanceof StoreUnavailableError) logUnavailable(log, error);
    else logFault(log, error);
  };
  const ledger = store.indexLedger;
  if (config.mongodbUrl === '') await adoptEarlierLedger(join(config.dataFolder, 'index-state.json'), ledger);
  const noted = await ledger.read();
  // asked before anything can be written
  const isEmpty = noted === undefined && (await store.status()).resources === 0;
  const reindexing = createReindexing({
    store,
    generations,
    indexed,
    ledger,
    onFault,
    onPass: (event, types, progress) =>
      log.info({ event: `indexing-${event}`, types: types.length, ...progress }, 'indexing'),
    onObjected: (types) =>
      log.warn({ event: 'indexing-objected', types: types.length }, 'other servers index otherwise'),
    quiet,
    othersSeeMs: 2 * config.definitionsPollMs + OTHERS_MARGIN_MS,
  });
  const context: InteractionContext = {
    about,
    store,
    generation: generations.current,
    newId: createIdGenerator(Date.now, randomFillSync),
    now: Date.now,
    pageTokens: createPageTokens(readSecret(config)),
    timeZone: config.timeZone,
    explainsSearches: config.searchExplain,
    indexing: () => reindexing.progress(),
    onFault: (error, requestId) => logFault(log, error, requestId),
    limits: {
      search: {
        ...SEARCH_LIMITS,
        countDefault: config.pageDefault,
        countMax: config.pageMax,
        includedMax: config.includesMax,
        orValuesMax: config.searchValuesMax,
        chainDepthMax: config.searchChainMax,
        containsLengthMin: config.searchContainsMin,
        expansionCodesMax: config.searchExpansionMax,
      },
      entriesMax: config.entriesMax,
      depthMax: config.depthMax,
      valuesMax: config.valuesMax,
      allValuesMax: config.allValuesMax,
      formBytesMax: config.formBytesMax,
      conflictRetriesMax: config.conflictRetriesMax,
      conditionalDeletesMax: config.conditionalDeletesMax,
      issuesMax: config.issuesMax,
    },
    policy: {
      strictDefinitions: config.strictDefinitions,
      ifMatchRequired: config.ifMatchRequired,
      updateCreates: config.updateCreates,
      conditionalDelete: config.conditionalDelete,
      requiredProfiles: config.requiredProfiles,
    },
    async loadPackage(bytes) {
      const { loaded, stale } = await loadPackageBytes(bytes, store, generations);
      await reindexing.request(stale);
      return loaded;
    },
    async onDefinitionChange(changes) {
      await reindexing.request(generations.apply(changes));
      // A small store is indexed before the client reads 201; a large one goes on in the background.
      await Promise.race([reindexing.idle(), setTimeout(REINDEX_WAIT_MS, undefined, { ref: false })]);
    },
  };
  await restorePackages(context, generations);
  generations.apply(await stored);
  // of what is in force now, what is not noted cannot be searched yet
  indexed.load(noted, isEmpty);
  generations.settle();
  const jobs = {
    runningMax: config.asyncRunningMax,
    jobsMax: config.asyncJobsMax,
    bytesMax: config.asyncBytesMax,
    keptMs: config.asyncKeptMs,
  };
  const options = { ...config, jobs, guideFolder: GUIDE_FOLDER };
  const http = createHttpServer(context, createInteractions(OPERATIONS), options, log);
  const catchingUp = reindexing.catchUp().catch(onFault);
  const watch = createDefinitionWatch(
    store,
    readAt,
    (changes) => void reindexing.request(generations.apply(changes), 'others'),
    async (since) => {
      await reindexing.request(await followPackages(context, generations, since), 'others');
      await reindexing.follow();
    },
  );
  // An SQLite file has one server.
  if (config.mongodbUrl !== '') watch.start(config.definitionsPollMs, onFault);
  const objectToOthers = async (when?: 'last'): Promise<void> => {
    if (config.mongodbUrl !== '') await reindexing.objectToOthers(when).catch(onFault);
  };
  const objecting = setInterval(() => void objectToOthers(), OBJECTING_MS);
  objecting.unref();
  return {
    http,
    context,
    store,
    log,
    async idle() {
      await catchingUp;
      await reindexing.idle();
    },
    async close() {
      await http.close();
      watch.stop();
      clearInterval(objecting);
      await catchingUp;
      await objectToOthers('last');
      await reindexing.stop();
      await store.close();
    },
  };
}

async function openStore(config: Config, use: Use, log: Logger): Promise<Store> {
  if (config.mongodbUrl !== '') {
    // The driver takes time and memory to load, which a server on SQLite need not spend.
    const { openMongoStore } = await import('./storage/mongodb/open-mongo-store.ts');
    return await openMongoStore({
      url: config.mongodbUrl,
      now: Date.now,
      region: config.region,
      useHints: config.mongodbHints,
      waitMs: config.mongodbWaitMs,
      connectionsMax: config.mongodbConnectionsMax,
      ordersBytesMax: config.mongodbOrdersBytesMax,
    });
  }
  const path = join(config.dataFolder, SQLITE_FILE);
  return openSqliteStore({
    path,
    now: Date.now,
    onFileCheck: (report) => logFileCheck(log, report),
    ...(use === 'loading' && LOADING),
  });
}

const FILE_CHECK_TEXTS: Readonly<Record<CheckReport['kind'], string>> = {
  begun: 'the last stop was not clean: the database is checked while it is served',
  delayed: 'the check of the database was ended before it was done, and begins again later',
  sound: 'the database is sound',
  damaged: 'the database is damaged: restore the last backup',
};

function logFileCheck(log: Logger, report: CheckReport): void {
  const pid = report.kind === 'begun' ? { checkPid: report.pid } : {};
  const level = report.kind === 'damaged' ? 'fatal' : 'info';
  log[level]({ event: `file-check-${report.kind}`, ...pid }, FILE_CHECK_TEXTS[report.kind]);
}

/** Definitions that clients have written: in force again from the start. */
async function storedDefinitions(store: Store): Promise<readonly DefinitionChange[]> {
  const changes: DefinitionChange[] = [];
  for await (const version of store.scan([...DEFINITION_TYPES])) {
    // told by whoever reads it; a server must start without it
    if (version.damaged === true) continue;
    const { type, id, versionId, json } = version;
    changes.push({ type, id, versionId, resource: parseStored(json) });
  }
  return changes;
}

const SECRET_BYTES = 32;

/** Page links outlive a restart, so what signs them does too. */
function readSecret(config: Config): Uint8Array {
  if (config.secret !== '') return Buffer.from(config.secret, 'utf8');
  const path = join(config.dataFolder, 'secret');
  try {
    writeFileSync(path, randomBytes(SECRET_BYTES).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return Buffer.from(readFileSync(path, 'utf8'), 'utf8');
}
