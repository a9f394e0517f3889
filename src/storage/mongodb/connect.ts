/**
 * The way to the database: connection settings, the checks without which the store refuses to start, collections
 * and their indexes, which are the same however many search parameters there are.
 */
import {
  type Collection,
  type Db,
  type Document,
  MongoAPIError,
  MongoClient,
  type MongoClientOptions,
  MongoServerError,
} from 'mongodb';
import { StoreRefusedError, StoreUnavailableError } from '../store.ts';
import type {
  BlobDocument,
  HistoryDocument,
  LockDocument,
  MetaDocument,
  ResourceDocument,
  TermDocument,
} from './documents.ts';

export interface Collections {
  readonly res: Collection<ResourceDocument>;
  readonly hist: Collection<HistoryDocument>;
  readonly term: Collection<TermDocument>;
  readonly lock: Collection<LockDocument>;
  readonly blob: Collection<BlobDocument>;
  readonly meta: Collection<MetaDocument>;
}

export interface ConnectOptions {
  /** `mongodb://` or `mongodb+srv://`; the database of its path is used unless `database` is given. */
  readonly url: string;
  readonly database?: string;
  readonly now: () => number;
  /** How long a call waits for a server before the store counts as unavailable, ms. */
  readonly waitMs: number;
  /** Greatest difference between the clocks of this process and the server, ms. */
  readonly clockSkewMsMax: number;
  readonly connectionsMax: number;
  readonly onCommand: ((command: AnsweredCommand) => void) | undefined;
}

/** One round trip. Values of documents and filters are not told. */
export interface AnsweredCommand {
  /** `find`, `insert`, `commitTransaction` and so on. */
  readonly name: string;
  readonly durationMs: number;
  readonly isOk: boolean;
}

export interface Connection {
  readonly client: MongoClient;
  readonly collections: Collections;
  /** The layout that was found. */
  readonly schema: number;
  /** Host and database, without credentials. */
  readonly location: string;
  /** How many processes have been started on this database, this one included. */
  readonly start: number;
  /** Whether the server can read as of a past cluster time; one that cannot ignores the request. */
  readonly keepsMoments: boolean;
}

/** The layout of documents and indexes; a later one migrates or refuses. */
export const SCHEMA = 4;
/** Earlier ones that can be brought to it. */
const SCHEMAS_UPGRADED: readonly number[] = [1, 2, 3];
/** MongoDB 8.0. */
const WIRE_VERSION_MIN = 25;
export const DATABASE_DEFAULT = 'passerelle';

/** Index names are what hints refer to. */
export const INDEX_K = 'k_o';
export const INDEX_SELF = 'h_o';
export const INDEX_LIST = 'l_o';
export const INDEX_TYPE_TIME = 't_c';
export const INDEX_TIME = 'c';
export const INDEX_ID = '_id_';

/**
 * @throws StoreRefusedError when the server is standalone, too old, or its clock or schema differs
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const client = createClient(options);
  if (options.onCommand !== undefined) tellCommands(client, options.onCommand);
  try {
    await client.connect();
    await checkServer(client, options);
    const db = client.db(databaseName(client, options));
    const { collections, schema } = await prepare(db);
    const { start, keepsMoments } = await nextStart(client, collections);
    const location = `${client.options.hosts.map(String).join(',') || client.options.srvHost}/${db.databaseName}`;
    return { client, collections, schema, location, start, keepsMoments };
  } catch (error) {
    await client.close();
    throw refusalOf(error);
  }
}

function createClient(options: ConnectOptions): MongoClient {
  try {
    return new MongoClient(options.url, clientOptions(options));
  } catch (error) {
    // never the address itself: it may hold a password
    throw new StoreRefusedError(
      `MONGODB_URL cannot be used: ${error instanceof Error ? error.message : 'it is no address'}. ` +
        'In a name or password write @ as %40, : as %3A, / as %2F and % as %25.',
      { cause: error },
    );
  }
}

/** What no waiting mends. */
function refusalOf(error: unknown): unknown {
  if (error instanceof MongoServerError) {
    if (WRONG_PASSWORD.has(Number(error.code))) {
      return new StoreRefusedError(
        'MongoDB refuses the user or the password in MONGODB_URL. Users of another database than the one named ' +
          'need ?authSource=, such as ?authSource=admin.',
        { cause: error },
      );
    }
    if (error.code === UNAUTHORIZED) {
      return new StoreRefusedError(
        'The user in MONGODB_URL may not use the database: give it the role readWrite there.',
        { cause: error },
      );
    }
  }
  const { syscall = '', code } = error as NodeJS.ErrnoException;
  // mongodb+srv: the name is asked for before anything is connected
  if (syscall.startsWith('query')) {
    const message = `the DNS does not tell the servers of the name in MONGODB_URL (${code})`;
    return new StoreUnavailableError(message, { cause: error });
  }
  const isName = error instanceof MongoServerError && error.code === INVALID_NAMESPACE;
  if (isName || (error instanceof MongoAPIError && /database name/i.test(error.message))) {
    return new StoreRefusedError(
      'MONGODB_URL names a database that cannot be: use letters, digits, - and _, at most 63 of them.',
      { cause: error },
    );
  }
  return error;
}

/** AuthenticationFailed, and the same of Atlas. */
const WRONG_PASSWORD: ReadonlySet<number> = new Set([18, 8000]);
const UNAUTHORIZED = 13;
const INVALID_NAMESPACE = 73;

function tellCommands(client: MongoClient, tell: (command: AnsweredCommand) => void): void {
  client.on('commandSucceeded', ({ commandName, duration }) =>
    tell({ name: commandName, durationMs: duration, isOk: true }),
  );
  client.on('commandFailed', ({ commandName, duration }) =>
    tell({ name: commandName, durationMs: duration, isOk: false }),
  );
}

function clientOptions({ waitMs, connectionsMax, onCommand }: ConnectOptions): MongoClientOptions {
  return {
    appName: 'passerelle',
    monitorCommands: onCommand !== undefined,
    serverSelectionTimeoutMS: waitMs,
    connectTimeoutMS: waitMs,
    waitQueueTimeoutMS: waitMs,
    // a connection that swallows everything is given up after this
    socketTimeoutMS: 3 * waitMs,
    heartbeatFrequencyMS: Math.min(waitMs, 5_000),
    maxPoolSize: connectionsMax,
    retryReads: true,
    retryWrites: true,
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: waitMs },
    readConcern: { level: 'majority' },
    readPreference: 'primary',
    useBigInt64: true,
    promoteBuffers: true,
    ignoreUndefined: true,
  };
}

async function checkServer(client: MongoClient, { now, clockSkewMsMax }: ConnectOptions): Promise<void> {
  const before = now();
  const hello = await client.db('admin').command({ hello: 1 });
  const after = now();
  if (hello.setName === undefined && hello.msg !== 'isdbgrid') {
    throw new StoreRefusedError(
      'This MongoDB server is standalone: transactions and change streams need a replica set. Start it with ' +
        '--replSet rs0 and run rs.initiate() once; one member is enough.',
    );
  }
  if (Number(hello.maxWireVersion) < WIRE_VERSION_MIN) {
    throw new StoreRefusedError('This MongoDB server is too old: Passerelle needs MongoDB 8.0 or later.');
  }
  const localTime = (hello.localTime as Date).getTime();
  const skewMs = localTime < before ? before - localTime : Math.max(0, localTime - after);
  if (skewMs > clockSkewMsMax) {
    throw new StoreRefusedError(
      `The clock of the MongoDB server differs by ${Math.round(skewMs / 1000)} s from the one of this machine ` +
        `(allowed: ${clockSkewMsMax / 1000} s): set both by NTP.`,
    );
  }
}

function databaseName(client: MongoClient, { url, database }: ConnectOptions): string {
  if (database !== undefined) return database;
  const path = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(url)?.[1];
  return path === undefined ? DATABASE_DEFAULT : client.options.dbName;
}

async function prepare(db: Db): Promise<Pick<Connection, 'collections' | 'schema'>> {
  const meta = db.collection<MetaDocument>('meta');
  await meta.updateOne({ _id: 'schema' }, { $setOnInsert: { value: SCHEMA } }, { upsert: true });
  const schema = (await meta.findOne({ _id: 'schema' }))?.value;
  if (schema === undefined || (schema !== SCHEMA && !SCHEMAS_UPGRADED.includes(schema))) {
    throw new StoreRefusedError(
      `The database ${db.databaseName} has schema ${schema}; this version of Passerelle reads schema ${SCHEMA}.`,
    );
  }
  const res = await collection<ResourceDocument>(db, 'res', [
    { key: { k: 1, o: -1 }, name: INDEX_K },
    { key: { h: 1, o: -1 }, name: INDEX_SELF },
    { key: { l: 1, o: -1 }, name: INDEX_LIST },
    { key: { t: 1, c: -1 }, name: INDEX_TYPE_TIME },
    { key: { c: -1 }, name: INDEX_TIME },
  ]);
  const hist = await collection<HistoryDocument>(db, 'hist', [
    { key: { t: 1, c: -1 }, name: INDEX_TYPE_TIME },
    { key: { c: -1 }, name: INDEX_TIME },
  ]);
  const term = await collection<TermDocument>(db, 'term', [
    { key: { k: 1, code: 1 }, name: 'k_code' },
    { key: { k: 1, system: 1 }, name: 'k_system' },
  ]);
  const lock = await collection<LockDocument>(db, 'lock', [
    { key: { exp: 1 }, name: 'exp', expireAfterSeconds: 0 },
  ]);
  const blob = await collection<BlobDocument>(db, 'blob', []);
  return { collections: { res, hist, term, lock, blob, meta }, schema };
}

async function collection<Schema extends Document>(
  db: Db,
  name: string,
  indexes: readonly { key: Record<string, 1 | -1>; name: string; expireAfterSeconds?: number }[],
): Promise<Collection<Schema>> {
  try {
    await db.createCollection(name, {
      storageEngine: { wiredTiger: { configString: 'block_compressor=zstd' } },
    });
  } catch (error) {
    if (!isNamespaceExists(error)) throw error;
  }
  const made = db.collection<Schema>(name);
  if (indexes.length > 0) await made.createIndexes([...indexes]);
  return made;
}

function isNamespaceExists(error: unknown): boolean {
  return (error as { code?: number }).code === 48;
}

/** Starts are counted. Reading the count again as of the moment before shows whether the server keeps moments. */
async function nextStart(
  client: MongoClient,
  { meta }: Collections,
): Promise<{ readonly start: number; readonly keepsMoments: boolean }> {
  const session = client.startSession({ snapshot: true });
  try {
    const before = await meta.findOne({ _id: 'starts' }, { session, readConcern: { level: 'snapshot' } });
    const found = await meta.findOneAndUpdate(
      { _id: 'starts' },
      { $inc: { value: 1 } },
      { upsert: true, returnDocument: 'after' },
    );
    const again = await meta.findOne({ _id: 'starts' }, { session, readConcern: { level: 'snapshot' } });
    return {
      start: Number(found?.value ?? 0),
      keepsMoments: before?.value === again?.value,
    };
  } finally {
    await session.endSession();
  }
}
