/**
 * The store on MongoDB: any replica set or sharded cluster of version 8.0 or later. See docs/mongodb.md.
 */
import { FhirError } from '../../fhir/issues.ts';
import type { Postings } from '../../search/postings.ts';
import type { SearchQuery } from '../../search/query.ts';
import type {
  Change,
  Explanation,
  HistoryPage,
  HistoryRequest,
  HistoryScope,
  SearchPageRequest,
  Store,
  WriteCommand,
} from '../store.ts';
import { StoreUnavailableError } from '../store.ts';
import { amend } from './amend.ts';
import { readChanges } from './changes.ts';
import { checkIndex } from './check-index.ts';
import { createCommitClock, firstPositionOf, timeOf } from './commit-clock.ts';
import { type AnsweredCommand, type Collections, type Connection, connect, INDEX_K } from './connect.ts';
import { createCountCache } from './count-cache.ts';
import { explainCommands, stepOf } from './explain.ts';
import { asStoreError, isUnavailable } from './failures.ts';
import { createFewMatches } from './few-matches.ts';
import { createGatheredOrders } from './gathered-orders.ts';
import { readHistory } from './history.ts';
import { tellInPlace } from './in-place.ts';
import { DELETED_KEY } from './index-keys.ts';
import { createIndexLedger } from './index-ledger.ts';
import { createKeptTotals } from './kept-totals.ts';
import { MONGO_LIMITS, type MongoLimits, ORDERS_BYTES_MAX } from './limits.ts';
import { createLocks } from './locks.ts';
import { decodePosition } from './page-position.ts';
import { holdAll } from './preconditions.ts';
import { type ProcessNumber, takeProcessNumber } from './process-number.ts';
import { createReader, type ReadCommand, type Reader } from './reader.ts';
import { readCurrent, readEach, readMany, readVersion, scan } from './reads.ts';
import { readPostings, reindex } from './reindex.ts';
import { createRepeatCut } from './repeat-cut.ts';
import { countRows, planSearch, readRows } from './search.ts';
import { type PageSettings, pagingOf, searchPage } from './search-page.ts';
import { createTermDictionary } from './term-dictionary.ts';
import { upgrade } from './upgrade.ts';
import { writeAll } from './write-all.ts';
import { writeOne } from './write-one.ts';
import { createAttempts, type Writer } from './writer.ts';

export interface MongoStoreOptions {
  /** `mongodb://` or `mongodb+srv://`, with credentials if any. */
  readonly url: string;
  /** Overrides the database of the URL; `passerelle` when neither names one. */
  readonly database?: string;
  /** The clock of `lastUpdated`, ms since the epoch. */
  readonly now?: () => number;
  /** In [0, 1): spreads repeated attempts. */
  readonly random?: () => number;
  /** Written to new resources as the first part of the shard key: the zone they belong to. */
  readonly region?: string;
  /** Tell the server which index to use. Off only for servers on which a hint costs more than it saves. */
  readonly useHints?: boolean;
  /** How long a call waits for the server before it fails as unavailable, ms. */
  readonly waitMs?: number;
  readonly connectionsMax?: number;
  /** Greatest difference between the clocks of this process and the server at start, ms. */
  readonly clockSkewMsMax?: number;
  /** Time for one command of a search, ms. */
  readonly searchTimeMsMax?: number;
  /** Memory for what is put in order because no list is in that order. */
  readonly ordersBytesMax?: number;
  readonly limits?: Partial<MongoLimits>;
  /** Told of every round trip to the server. */
  readonly onCommand?: (command: AnsweredCommand) => void;
}

/** For the explanation of one command, which servers carry out for it. */
const EXPLAIN_MS_MAX = 10_000;

const WAIT_MS = 10_000;
/** Between two attempts to start. */
const RESTART_MS = 50;

interface Engine {
  readonly connection: Connection;
  readonly collections: Collections;
  readonly writer: Writer;
  readonly settings: PageSettings;
  readonly process: ProcessNumber;
  readonly state: { isClosed: boolean };
}

/**
 * Connects, checks the server, makes the collections and indexes.
 * @throws StoreRefusedError when the server is standalone, too old, or its clock is off
 * @throws StoreUnavailableError when it cannot be reached
 */
export async function openMongoStore(options: MongoStoreOptions): Promise<Store> {
  const engine = await guarded(() => startEngine(options));
  const { connection, collections, writer, settings, state } = engine;
  const once = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (state.isClosed) throw new StoreUnavailableError('the store is closed');
    return await guarded(work);
  };
  const repeated = createRepeatCut(writer.attempts);
  const call = <Result>(work: (isRepeated: boolean) => Promise<Result>): Promise<Result> =>
    once(() => repeated(work));
  return {
    read: (type, id) => call(() => readCurrent(collections, type, id)),
    readVersion: (type, id, versionId) => call(() => readVersion(collections, type, id, versionId)),
    readMany: (keys) => call(() => readMany(collections, keys)),
    readEach: (keys) => call(() => readEach(collections, keys)),
    transact: (commands, preconditions = []) =>
      once(async () => {
        if (commands.length === 0 && preconditions.length === 0) return { results: [] };
        const postings = commands.flatMap((command) => postingsOfCommand(command));
        const types = commands.map(({ type }) => type);
        await repeated(() => writer.dictionary.add(postings, types));
        const [only] = commands;
        if (commands.length === 1 && preconditions.length === 0) return await writeOne(writer, only!);
        return await writeAll(writer, commands, preconditions, (asked, session) =>
          inTime(() => holdAll(settings, asked, session)),
        );
      }),
    search: (query, page) => call(() => searchPage(settings, query, page)),
    history: (scope: HistoryScope, request: HistoryRequest): Promise<HistoryPage> =>
      call(() => readHistory(settings, scope, request)),
    scan: (types) => scan(collections, settings.useHints, types, call),
    changes: (after, signal) => changes(engine, after, signal),
    reindex: (entries) => call(() => reindex(collections, writer.dictionary, entries)),
    amend: (amendment) =>
      call(async (isRepeated) => {
        // an attempt that was cut may have changed it
        if (isRepeated) await tellInPlace(collections);
        return await amend(collections, writer.dictionary, amendment);
      }),
    listTerms: (keys, limit) => call(() => writer.dictionary.listAny(keys, limit)),
    readPostings: (key) => call(() => readPostings(collections, writer.dictionary, key)),
    checkIndex: (mend) => checkIndex(collections, settings.useHints, mend, call),
    explain: (query, page) => call(() => explain(engine, query, page)),
    status: () =>
      call(async () => ({
        engine: 'mongodb',
        location: connection.location,
        resources: await countLive(settings),
      })),
    indexLedger: createIndexLedger(collections, call),
    async close() {
      state.isClosed = true;
      engine.process.stop();
      await connection.client.close();
    },
  };
}

/** Each step may be repeated: a connection that is cut meanwhile is no reason not to start. */
async function startEngine(options: MongoStoreOptions): Promise<Engine> {
  const end = performance.now() + (options.waitMs ?? WAIT_MS);
  for (;;) {
    try {
      return await createEngine(options);
    } catch (error) {
      if (!isUnavailable(error) || performance.now() >= end) throw error;
      await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
    }
  }
}

async function createEngine(options: MongoStoreOptions): Promise<Engine> {
  const now = options.now ?? Date.now;
  const random = options.random ?? Math.random;
  const waitMs = options.waitMs ?? WAIT_MS;
  const connection = await connect({
    url: options.url,
    ...(options.database !== undefined && { database: options.database }),
    now,
    waitMs,
    clockSkewMsMax: options.clockSkewMsMax ?? 2_000,
    connectionsMax: options.connectionsMax ?? 64,
    onCommand: options.onCommand,
  });
  const { client, collections, keepsMoments } = connection;
  const dictionary = createTermDictionary(collections);
  const { process, clock } = await takePart(connection, now);
  const elapsed = (): number => performance.now();
  const state = { isClosed: false };
  return {
    connection,
    collections,
    process,
    state,
    writer: {
      client,
      collections,
      clock,
      dictionary,
      locks: createLocks(collections, process.current()),
      region: options.region ?? '',
      attempts: () => createAttempts(waitMs, elapsed, random, () => state.isClosed),
    },
    settings: {
      client,
      elapsed,
      counts: createCountCache(elapsed),
      totals: createKeptTotals(now),
      few: createFewMatches(now),
      gathered: createGatheredOrders({ now, bytesMax: options.ordersBytesMax ?? ORDERS_BYTES_MAX }),
      keepsMoments,
      newest: { position: 0n },
      limits: { ...MONGO_LIMITS, ...options.limits },
      collections,
      dictionary,
      useHints: options.useHints ?? true,
      searchTimeMsMax: options.searchTimeMsMax ?? 20_000,
    },
  };
}

/** A number of its own, and a clock that is not behind what was written before. */
async function takePart(connection: Connection, now: () => number) {
  const { client, collections, start } = connection;
  try {
    await upgrade(connection);
    // only what a server whose clock is ahead has written can be in the way
    const [newest] = await collections.res
      .find({ c: { $gte: firstPositionOf(now()) } }, { projection: { c: 1 }, sort: { c: -1 }, limit: 1 })
      .toArray();
    const process = await takeProcessNumber(collections, start);
    const clock = createCommitClock(now, process.current);
    if (newest !== undefined) clock.take(1, timeOf(newest.c));
    return { process, clock };
  } catch (error) {
    await client.close();
    throw error;
  }
}

/** The server knows how many documents there are; only tombstones are counted. */
async function countLive({ collections: { res }, useHints }: PageSettings): Promise<number> {
  const [all, deleted] = await Promise.all([
    res.estimatedDocumentCount(),
    res.countDocuments({ k: DELETED_KEY }, useHints ? { hint: INDEX_K } : {}),
  ]);
  return Math.max(0, all - deleted);
}

async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asStoreError(error);
  }
}

function postingsOfCommand(command: WriteCommand): Postings[] {
  return command.kind === 'put' ? [command.postings] : [];
}

/** What a write depends on was found in time a moment ago: that it takes too long now is no fault of the client's. */
async function inTime<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    throw new StoreUnavailableError('a precondition takes too long to look up now', { cause: error });
  }
}

async function* changes(
  { connection, collections, settings, writer, state }: Engine,
  after: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Change> {
  const isClosed = (): boolean => state.isClosed;
  if (isClosed()) throw new StoreUnavailableError('the store is closed');
  const feed = {
    client: connection.client,
    collections,
    useHints: settings.useHints,
    keepsMoments: settings.keepsMoments,
    awaitMs: 1_000,
    attempts: writer.attempts,
    isClosed,
  };
  try {
    yield* readChanges(feed, after, signal);
  } catch (error) {
    if (isClosed()) throw new StoreUnavailableError('the store is closed', { cause: error });
    throw asStoreError(error);
  }
}

async function explain(engine: Engine, query: SearchQuery, page: SearchPageRequest): Promise<Explanation> {
  const { settings, collections } = engine;
  const commands: ReadCommand[] = [];
  const reader: Reader = createReader(settings, undefined, (command) => commands.push(command));
  const { counts, limits } = settings;
  const from = page.after === undefined ? undefined : decodePosition(page.after);
  const plan = await planSearch(reader, counts, limits, query, pagingOf(settings, reader, from?.latest));
  const { rows, hasMore } = await readRows(plan, page.limit, from?.place);
  const isCounted = page.total !== 'none' && (hasMore || page.limit === 0);
  const total = isCounted ? await countRows(plan, page.total === 'accurate') : undefined;
  const explained = await explainCommands(collections, commands, {
    useHints: settings.useHints,
    timeMsMax: EXPLAIN_MS_MAX,
  });
  const steps = explained.map(stepOf);
  return {
    engine: 'mongodb',
    how: steps.length === 1 ? '1 command' : `${steps.length} commands`,
    examined: steps.reduce((sum, { examined }) => sum + (examined ?? 0), 0),
    returned: rows.length,
    total,
    steps,
    commands: explained,
  };
}
