/**
 * The store in one SQLite file.
 */

import { unpackPostings } from '../packed-postings.ts';
import {
  type Change,
  ConflictError,
  type Precondition,
  type ResourceKey,
  type Store,
  type StoredVersion,
  StoreUnavailableError,
  type WriteCommand,
} from '../store.ts';
import { changesAfter, scanPages } from './changes.ts';
import { packCommand, packReindex, type WriteRequest } from './commands.ts';
import { type Connection, openConnection, readTransaction } from './connection.ts';
import { decodeSeq } from './cursor.ts';
import { createTermNames } from './dictionary.ts';
import { history } from './history.ts';
import { dateOfOrder } from './index-keys.ts';
import { migrate } from './schema.ts';
import { type SearchTrace, search, searchIds } from './search.ts';
import { readCurrent, readOldVersion, readRow } from './stored.ts';
import { createWriter, type Writer } from './writer.ts';

export interface SqliteStoreOptions {
  /** Path of the database file; it is made when missing, its folder is not. */
  readonly path: string;
  /** ms since the epoch. */
  readonly now: () => number;
  /** Page cache of each connection. */
  readonly cacheBytes?: number;
  /** How long to wait for a lock of another process. */
  readonly busyTimeoutMs?: number;
}

const DEFAULTS = { cacheBytes: 64 * 1024 * 1024, busyTimeoutMs: 5_000 };
/** Changes that are read at once. */
const CHANGES_PAGE = 200;

interface Engine {
  readonly reader: Connection;
  readonly writing: Connection;
  readonly writer: Writer;
  /** Called after each commit. */
  readonly listeners: Set<() => void>;
  readonly path: string;
  closed: boolean;
}

/** @throws StoreUnavailableError when the file cannot be opened */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const settings = { ...DEFAULTS, ...options };
  const engine = guard(() => {
    const writing = openConnection({ ...settings, role: 'writer' });
    migrate(writing);
    const holds = (precondition: Precondition): boolean => preconditionHolds(writing, precondition);
    const writer = createWriter({ connection: writing, now: options.now, holds });
    const reader = openConnection({ ...settings, role: 'reader' });
    return { reader, writing, writer, listeners: new Set<() => void>(), path: options.path, closed: false };
  });
  return storeOf(engine);
}

function storeOf(engine: Engine): Store {
  const read = <Result>(work: (connection: Connection) => Result): Promise<Result> =>
    settle(engine, () => readTransaction(engine.reader, () => work(engine.reader)));
  const write = (request: WriteRequest) => settle(engine, () => commit(engine, request));
  return {
    read: (type, id) => read((connection) => readCurrent(connection, type, id)),
    readVersion: (type, id, versionId) =>
      read((connection) => readOldVersion(connection, type, id, versionId)),
    readMany: (keys) => read((connection) => readLive(connection, keys)),
    transact: async (commands: readonly WriteCommand[], preconditions: readonly Precondition[] = []) => {
      const results = await write({ kind: 'transact', commands: commands.map(packCommand), preconditions });
      return { results };
    },
    search: (query, page) => read((connection) => search(connection, query, page)),
    history: (scope, request) => read((connection) => history(connection, scope, request)),
    scan: (types) => scan(engine, types),
    changes: (after, signal) => changes(engine, after, signal),
    reindex: async (entries) => {
      await write({ kind: 'reindex', entries: entries.map(packReindex) });
    },
    readPostings: (key) => read((connection) => postingsOf(connection, key)),
    explain: (query, page) =>
      read((connection) => {
        const trace: SearchTrace = { reads: '', examined: 0 };
        const { rows, total } = search(connection, query, page, trace);
        return { engine: 'sqlite', query, ...trace, rows: rows.length, total };
      }),
    status: () =>
      read((connection) => ({
        engine: 'sqlite',
        location: engine.path,
        resources: (connection.row('SELECT sum(live) FROM typ')?.[0] as number | null) ?? 0,
      })),
    close: async () => {
      if (engine.closed) return;
      engine.closed = true;
      for (const listener of engine.listeners) listener();
      engine.reader.close();
      engine.writing.close();
    },
  };
}

function commit(engine: Engine, request: WriteRequest) {
  engine.writing.run('BEGIN IMMEDIATE');
  try {
    const results = engine.writer.apply(request);
    engine.writing.run('COMMIT');
    for (const listener of engine.listeners) listener();
    return results;
  } catch (error) {
    engine.writing.run('ROLLBACK');
    throw error;
  }
}

function preconditionHolds(connection: Connection, { query, ids }: Precondition): boolean {
  const found = new Set(searchIds(connection, query, ids.length));
  return found.size === new Set(ids).size && ids.every((id) => found.has(id));
}

function readLive(connection: Connection, keys: readonly ResourceKey[]): StoredVersion[] {
  const found: StoredVersion[] = [];
  for (const { type, id } of keys) {
    const version = readCurrent(connection, type, id);
    if (version !== undefined && !version.deleted) found.push(version);
  }
  return found;
}

function postingsOf(connection: Connection, { type, id }: ResourceKey) {
  const rid = readRow(connection, type, id)?.[6];
  if (rid === undefined) return undefined;
  const [d, packed] = connection.row('SELECT d, terms FROM res WHERE rid = ?', rid) as [
    number,
    Uint8Array | null,
  ];
  return packed === null ? undefined : unpackPostings(packed, dateOfOrder(d), createTermNames(connection));
}

async function* scan(engine: Engine, types: readonly string[] | undefined): AsyncIterable<StoredVersion> {
  await settle(engine, () => undefined);
  const pages = scanPages(engine.reader, types)[Symbol.iterator]();
  for (;;) {
    const page = await settle(engine, () => pages.next());
    if (page.done === true) return;
    yield* page.value;
  }
}

async function* changes(
  engine: Engine,
  after: string | undefined,
  signal: AbortSignal,
): AsyncIterable<Change> {
  let seq = after === undefined ? 0 : (decodeSeq(after, 'c', 1)[0] as number);
  while (!signal.aborted) {
    const from = seq;
    const page = await settle(engine, () => changesAfter(engine.reader, from, CHANGES_PAGE));
    seq = page.seq;
    for (const change of page.changes) {
      if (signal.aborted) return;
      yield change;
    }
    if (page.changes.length === 0) await nextCommit(engine, seq, signal);
  }
}

/** Waits for a commit after `seq`, the end of the store or the signal. */
function nextCommit(engine: Engine, seq: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      engine.listeners.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    engine.listeners.add(done);
    signal.addEventListener('abort', done);
    if (signal.aborted || engine.closed || engine.writer.seq() > seq) done();
  });
}

async function settle<Result>(engine: Engine, work: () => Result): Promise<Result> {
  if (engine.closed) throw new StoreUnavailableError('the store is closed');
  return guard(work);
}

/** Turns failures of the file or its lock into the one error that callers may retry. */
function guard<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConflictError || !isSqliteError(error)) throw error;
    throw new StoreUnavailableError(`the database cannot be used now: ${error.message}`, { cause: error });
  }
}

/** BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB. https://www.sqlite.org/rescode.html */
const UNAVAILABLE: ReadonlySet<number> = new Set([5, 6, 8, 10, 11, 13, 14, 15, 26]);

function isSqliteError(error: unknown): error is Error & { readonly errcode: number } {
  return error instanceof Error && 'errcode' in error && UNAVAILABLE.has(Number(error.errcode) & 0xff);
}
