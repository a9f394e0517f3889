/**
 * The store on MongoDB: any replica set or sharded cluster of version 8.0 or later. See docs/mongodb.md.
 */
import type { ClientSession } from 'mongodb';
import type { Postings } from '../../search/postings.ts';
import type { SearchQuery } from '../../search/query.ts';
import type {
  Change,
  HistoryPage,
  HistoryRequest,
  HistoryScope,
  ReindexEntry,
  ResourceKey,
  SearchPageRequest,
  Store,
  StoredVersion,
  WriteCommand,
} from '../store.ts';
import { StoreUnavailableError } from '../store.ts';
import { readChanges } from './changes.ts';
import { createCountCache } from './choose-path.ts';
import { createCommitClock, timeOf } from './commit-clock.ts';
import { type Collections, type Connection, connect, INDEX_ID, INDEX_K } from './connect.ts';
import { historyKey, idOf, resourceKey, TOMBSTONE, VERSION_FIELDS } from './documents.ts';
import { explainCommands } from './explain.ts';
import { asStoreError } from './failures.ts';
import { readHistory } from './history.ts';
import { indexMembersOf, LIVE_KEY } from './index-keys.ts';
import { createLocks } from './locks.ts';
import { orderKey } from './order-key.ts';
import { spreadOf } from './plan-writes.ts';
import { postingsOf } from './read-postings.ts';
import { createReader, type ReadCommand, type Reader } from './reader.ts';
import { planSearch, readRows } from './search.ts';
import { type PageSettings, searchPage } from './search-page.ts';
import { createTermDictionary } from './term-dictionary.ts';
import { readVersions } from './texts.ts';
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
  /** Resources on the far side of a chain up to which they are listed first. */
  readonly joinedMax?: number;
  /** Matches up to which a search sorts them by itself. */
  readonly sortedMax?: number;
  /** Matches up to which an estimated total is counted. */
  readonly countedMax?: number;
  /** Resources that may change while somebody pages on for longer than the server keeps a moment. */
  readonly changedMax?: number;
}

interface Engine {
  readonly connection: Connection;
  readonly collections: Collections;
  readonly writer: Writer;
  readonly settings: PageSettings;
}

/**
 * Connects, checks the server, makes the collections and indexes.
 * @throws StoreRefusedError when the server is standalone, too old, or its clock is off
 * @throws StoreUnavailableError when it cannot be reached
 */
export async function openMongoStore(options: MongoStoreOptions): Promise<Store> {
  const engine = await guarded(() => createEngine(options));
  const { connection, collections, writer, settings } = engine;
  let isClosed = false;
  const call = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (isClosed) throw new StoreUnavailableError('the store is closed');
    return await guarded(work);
  };
  return {
    read: (type, id) => call(() => readCurrent(collections, type, id)),
    readVersion: (type, id, versionId) => call(() => readVersion(collections, type, id, versionId)),
    readMany: (keys) => call(() => readMany(collections, keys)),
    transact: (commands, preconditions = []) =>
      call(async () => {
        if (commands.length === 0 && preconditions.length === 0) return { results: [] };
        await writer.dictionary.add(commands.flatMap((command) => postingsOfCommand(command)));
        const [only] = commands;
        if (commands.length === 1 && preconditions.length === 0) return await writeOne(writer, only!);
        return await writeAll(writer, commands, preconditions, (query, limit, session) =>
          matchIds(engine, query, limit, session),
        );
      }),
    search: (query, page) => call(() => searchPage(settings, query, page)),
    history: (scope: HistoryScope, request: HistoryRequest): Promise<HistoryPage> =>
      call(() => readHistory(settings, scope, request)),
    scan: (types) => scan(engine, types, call),
    changes: (after, signal) => changes(engine, after, signal, () => isClosed),
    reindex: (entries) => call(() => reindex(engine, entries)),
    readPostings: (key) => call(() => readPostings(engine, key)),
    explain: (query, page) => call(() => explain(engine, query, page)),
    status: () =>
      call(async () => ({
        engine: 'mongodb',
        location: connection.location,
        resources: await collections.res.countDocuments(
          { k: LIVE_KEY },
          settings.useHints ? { hint: INDEX_K } : {},
        ),
      })),
    async close() {
      isClosed = true;
      await connection.client.close();
    },
  };
}

async function createEngine(options: MongoStoreOptions): Promise<Engine> {
  const now = options.now ?? Date.now;
  const random = options.random ?? Math.random;
  const waitMs = options.waitMs ?? 10_000;
  const connection = await connect({
    url: options.url,
    ...(options.database !== undefined && { database: options.database }),
    now,
    waitMs,
    clockSkewMsMax: options.clockSkewMsMax ?? 2_000,
    connectionsMax: options.connectionsMax ?? 64,
  });
  const { client, collections, process, keepsMoments } = connection;
  const dictionary = createTermDictionary(collections);
  const clock = createCommitClock(now, process);
  const [newest] = await collections.res
    .find({}, { projection: { c: 1 }, sort: { c: -1 }, limit: 1 })
    .toArray();
  if (newest !== undefined) clock.take(1, timeOf(newest.c));
  const elapsed = (): number => performance.now();
  return {
    connection,
    collections,
    writer: {
      client,
      collections,
      clock,
      dictionary,
      locks: createLocks(collections, process),
      region: options.region ?? '',
      attempts: () => createAttempts(waitMs, elapsed, random),
    },
    settings: {
      client,
      counts: createCountCache(elapsed),
      keepsMoments,
      changedMax: options.changedMax ?? 10_000,
      collections,
      dictionary,
      useHints: options.useHints ?? true,
      searchTimeMsMax: options.searchTimeMsMax ?? 20_000,
      joinedMax: options.joinedMax ?? 2_000,
      sortedMax: options.sortedMax ?? 5_000,
      countedMax: options.countedMax ?? 10_000,
    },
  };
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

async function readCurrent(
  collections: Collections,
  type: string,
  id: string,
): Promise<StoredVersion | undefined> {
  const _id = resourceKey(type, id);
  const found = await collections.res.findOne({ _id, sk: spreadOf(_id) }, { projection: VERSION_FIELDS });
  return found === null ? undefined : (await readVersions(collections, [found]))[0];
}

async function readVersion(
  collections: Collections,
  type: string,
  id: string,
  versionId: string,
): Promise<StoredVersion | undefined> {
  if (!/^[1-9]\d{0,8}$/.test(versionId)) return undefined;
  const key = resourceKey(type, id);
  const v = Number(versionId);
  // current first: a version on its way to history is in both
  const current = await collections.res.findOne(
    { _id: key, sk: spreadOf(key), v },
    { projection: VERSION_FIELDS },
  );
  const found =
    current ??
    (await collections.hist.findOne(
      { _id: historyKey(key, v), sk: spreadOf(key) },
      { projection: VERSION_FIELDS },
    ));
  return found === null ? undefined : (await readVersions(collections, [found]))[0];
}

async function readMany(
  collections: Collections,
  keys: readonly ResourceKey[],
): Promise<readonly StoredVersion[]> {
  const ids = keys.map(({ type, id }) => resourceKey(type, id));
  const found = await collections.res
    .find({ _id: { $in: ids }, m: { $lt: TOMBSTONE } }, { projection: VERSION_FIELDS })
    .toArray();
  const versions = await readVersions(collections, found);
  const byKey = new Map(found.map(({ _id }, index) => [_id, versions[index]!]));
  return ids.flatMap((id) => byKey.get(id) ?? []);
}

async function matchIds(
  { settings }: Engine,
  query: SearchQuery,
  limit: number,
  session: ClientSession | undefined,
): Promise<readonly string[]> {
  const plan = await planSearch(createReader(settings, session), settings.counts, settings, query);
  const { rows, hasMore } = await readRows(plan, settings.counts, settings, limit + 1, undefined);
  const ids = rows.map(({ document }) => idOf(document._id));
  return hasMore ? [...ids, ''] : ids;
}

async function* scan(
  { collections, settings }: Engine,
  types: readonly string[] | undefined,
  call: <Result>(work: () => Promise<Result>) => Promise<Result>,
): AsyncGenerator<StoredVersion> {
  const batch = 500;
  for (const type of types ?? [undefined]) {
    let from = type === undefined ? '' : `${type}/`;
    const to = type === undefined ? '\u{10ffff}' : `${type}0`;
    for (;;) {
      const found = await call(
        async () =>
          await collections.res
            .find(
              { _id: { $gt: from, $lt: to }, m: { $lt: TOMBSTONE } },
              {
                projection: VERSION_FIELDS,
                sort: { _id: 1 },
                limit: batch,
                ...(settings.useHints && { hint: INDEX_ID }),
              },
            )
            .toArray(),
      );
      yield* await call(() => readVersions(collections, found));
      if (found.length < batch) break;
      from = found.at(-1)!._id;
    }
  }
}

async function* changes(
  { connection, collections, settings }: Engine,
  after: string | undefined,
  signal: AbortSignal,
  isClosed: () => boolean,
): AsyncGenerator<Change> {
  if (isClosed()) throw new StoreUnavailableError('the store is closed');
  const feed = {
    client: connection.client,
    collections,
    useHints: settings.useHints,
    keepsMoments: settings.keepsMoments,
    awaitMs: 1_000,
  };
  try {
    yield* readChanges(feed, after, signal);
  } catch (error) {
    if (isClosed()) throw new StoreUnavailableError('the store is closed', { cause: error });
    throw asStoreError(error);
  }
}

async function reindex({ collections, writer }: Engine, entries: readonly ReindexEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await writer.dictionary.add(entries.map(({ postings }) => postings));
  const keys = entries.map(({ type, id }) => resourceKey(type, id));
  const found = await collections.res
    .find({ _id: { $in: keys } }, { projection: { _id: 1, n: 1 } })
    .toArray();
  const created = new Map(found.map(({ _id, n }) => [_id, n]));
  const operations = entries.flatMap(({ type, id, versionId, postings }) => {
    const _id = resourceKey(type, id);
    const n = created.get(_id);
    if (n === undefined) return [];
    const { k, s, dt, q, pr } = indexMembersOf(type, id, postings);
    const optional = { s, dt, q, pr };
    const present = Object.entries(optional).filter(([, value]) => value !== undefined);
    const absent = Object.entries(optional).filter(([, value]) => value === undefined);
    return {
      updateOne: {
        filter: { _id, sk: spreadOf(_id), v: Number(versionId), m: { $lt: TOMBSTONE } },
        update: {
          $set: { k, o: orderKey(postings.date, n), ...Object.fromEntries(present) },
          ...(absent.length > 0 && {
            $unset: Object.fromEntries(absent.map(([name]) => [name, '' as const])),
          }),
        },
      },
    };
  });
  if (operations.length > 0) await collections.res.bulkWrite(operations, { ordered: false });
}

async function readPostings(
  { collections, writer }: Engine,
  { type, id }: ResourceKey,
): Promise<Postings | undefined> {
  const _id = resourceKey(type, id);
  const found = await collections.res.findOne({ _id, sk: spreadOf(_id), m: { $lt: TOMBSTONE } });
  return found === null ? undefined : await postingsOf(found, writer.dictionary);
}

async function explain(
  engine: Engine,
  query: SearchQuery,
  page: SearchPageRequest,
): Promise<Record<string, unknown>> {
  const { settings, collections } = engine;
  const commands: ReadCommand[] = [];
  const reader: Reader = createReader(settings, undefined, (command) => commands.push(command));
  const plan = await planSearch(reader, settings.counts, settings, query);
  await readRows(plan, settings.counts, settings, page.limit, undefined);
  return {
    query,
    condition: plan.condition,
    commands: await explainCommands(collections, commands, settings.useHints),
  };
}
