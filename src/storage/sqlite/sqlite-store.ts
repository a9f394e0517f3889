/**
 * The store in one SQLite file.
 */
import { unpackPostings } from '../packed-postings.ts';
import type { Change, ResourceKey, Store, StoredVersion } from '../store.ts';
import { changesAfter, scanPages } from './changes.ts';
import { packCommand, packReindex, type WriteRequest } from './commands.ts';
import { type Connection, readTransaction } from './connection.ts';
import { decodeSeq } from './cursor.ts';
import { createTermNames } from './dictionary.ts';
import { type Engine, startEngine } from './engine.ts';
import { guard } from './failures.ts';
import { history } from './history.ts';
import { dateOfOrder } from './index-keys.ts';
import { type SearchOptions, type SearchTrace, search } from './search.ts';
import { type SqliteStoreOptions, settingsOf } from './settings.ts';
import { readCurrent, readOldVersion, readRow } from './stored.ts';

/** Changes that are read at once. */
const CHANGES_PAGE = 200;

/** @throws StoreUnavailableError when the file cannot be opened, is damaged or is in use */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const engine = guard(() => startEngine(settingsOf(options)));
  const read = async <Result>(work: (connection: Connection) => Result): Promise<Result> =>
    reading(engine, () => readTransaction(engine.reader, () => work(engine.reader)));
  const searching: SearchOptions = {
    budget: Number.POSITIVE_INFINITY,
    whenSpent: 'throw',
    limits: engine.settings.plans,
  };
  const write = async (request: WriteRequest) => {
    engine.assertUsable();
    return engine.writer.write(request);
  };
  return {
    read: (type, id) => read((connection) => readCurrent(connection, type, id)),
    readVersion: (type, id, versionId) =>
      read((connection) => readOldVersion(connection, type, id, versionId)),
    readMany: (keys) => read((connection) => readLive(connection, keys)),
    transact: async (commands, preconditions = []) => {
      const packed = commands.map(packCommand);
      return { results: await write({ kind: 'transact', commands: packed, preconditions }) };
    },
    search: (query, page) => read((connection) => search(connection, query, page, searching)),
    history: (scope, request) => read((connection) => history(connection, scope, request)),
    scan: (types) => scan(engine, types),
    changes: (after, signal) => changes(engine, after, signal),
    reindex: async (entries) => {
      await write({ kind: 'reindex', entries: entries.map(packReindex) });
    },
    readPostings: (key) => read((connection) => postingsOf(connection, key)),
    explain: (query, page) =>
      read((connection) => {
        const trace: SearchTrace = { plan: 'nothing', reads: '', sql: [], examined: 0 };
        const { rows, total } = search(connection, query, page, searching, trace);
        return { engine: 'sqlite', query, ...trace, rows: rows.length, total };
      }),
    status: () =>
      read((connection) => ({
        engine: 'sqlite',
        location: engine.settings.path,
        resources: countAll(connection),
      })),
    close: () => engine.close(),
  };
}

function reading<Result>(engine: Engine, work: () => Result): Result {
  engine.assertUsable();
  return guard(work);
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

function countAll(connection: Connection): number {
  return (connection.row('SELECT sum(live) FROM typ')?.[0] as number | null) ?? 0;
}

async function* scan(engine: Engine, types: readonly string[] | undefined): AsyncIterable<StoredVersion> {
  const pages = reading(engine, () => scanPages(engine.reader, types)[Symbol.iterator]());
  for (;;) {
    const page = reading(engine, () => pages.next());
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
    const page = reading(engine, () => changesAfter(engine.reader, from, CHANGES_PAGE));
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
    if (signal.aborted || engine.seq() > seq) done();
  });
}
