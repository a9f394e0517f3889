/**
 * The store in one SQLite file.
 */

import { assertNever } from '../../fhir/types.ts';
import type { Change, ResourceKey, Store, StoredVersion } from '../store.ts';
import { changesAfter } from './changes.ts';
import { checkIndex } from './check-index.ts';
import { packAmendment, packCommand, packReindex, type WriteRequest } from './commands.ts';
import { type Connection, readTransaction } from './connection.ts';
import { decodeSeq } from './cursor.ts';
import { listTerms } from './dictionary.ts';
import { type Engine, startEngine } from './engine.ts';
import { guard } from './failures.ts';
import { history } from './history.ts';
import { createIndexLedger } from './index-ledger.ts';
import { indexedPostings } from './indexed-postings.ts';
import { createKeptVersions } from './kept-versions.ts';
import { createKnownNames } from './known-names.ts';
import type { ReadResult } from './reads.ts';
import { reading, searchSomewhere } from './search-somewhere.ts';
import { type SqliteStoreOptions, settingsOf } from './settings.ts';
import { createShownRows } from './shown-rows.ts';
import { readCurrent, readOldVersion, unflatten, wholeVersion, wireVersion } from './stored.ts';
import { liveIn } from './view.ts';

/** Terms in the clear that are remembered: about 3 MB. */
const NAMES_MAX = 50_000;

/** Changes that are read at once. */
const CHANGES_PAGE = 200;

/** @throws StoreUnavailableError when the file cannot be opened, is damaged or is in use */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const engine = guard(() => startEngine(settingsOf(options)));
  const read = async <Result>(work: (connection: Connection) => Result): Promise<Result> =>
    reading(engine, () => readTransaction(engine.reader, () => work(engine.reader)));
  const names = createKnownNames(NAMES_MAX);
  const kept = createKeptVersions(engine.settings.keptCharsMax);
  const shown = createShownRows(engine.settings.shownBytesMax);
  // one statement sees one state by itself, without BEGIN and COMMIT around it
  const readOne = (type: string, id: string): StoredVersion | undefined => {
    engine.assertUsable();
    const known = kept.get(type, id);
    if (known !== undefined) return known;
    const version = guard(() => readCurrent(engine.reader, type, id));
    if (version !== undefined && version.damaged !== true) kept.keep(version);
    return version;
  };
  const write = (request: WriteRequest) =>
    kept.during(keysOf(request), async () => {
      engine.assertUsable();
      return engine.writer.write(request);
    });
  return {
    read: async (type, id) => readOne(type, id),
    readVersion: (type, id, versionId) =>
      read((connection) => readOldVersion(connection, type, id, versionId)),
    readMany: (keys) => read((connection) => readLive(connection, keys)),
    readEach: async (keys) => {
      const [only] = keys;
      if (only !== undefined && keys.length === 1) return [readOne(only.type, only.id)];
      return await read((connection) =>
        keys.map(({ type, id }) => kept.get(type, id) ?? readCurrent(connection, type, id)),
      );
    },
    // nothing that waits for the disk keeps what was packed
    transact: async (commands, preconditions = []) => {
      const packed = commands.map((command) => packCommand(command, names));
      const named = packed.flatMap((command) => (command.kind === 'put' ? command.postings.named : []));
      return write({ kind: 'transact', commands: packed, preconditions }).then((results) => {
        names.add(named);
        return { results };
      });
    },
    search: async (query, request) => {
      const { page } = await searchSomewhere(engine, shown, query, request);
      return guard(() => ({ ...page, rows: page.rows.map(wireVersion) }));
    },
    history: (scope, request) => read((connection) => history(connection, scope, request)),
    scan: (types) => scan(engine, types),
    changes: (after, signal) => changes(engine, after, signal),
    reindex: async (entries) => {
      await inPlace(engine, () => write({ kind: 'reindex', entries: entries.map(packReindex) }));
    },
    amend: async (amendment) => {
      const [result] = await inPlace(engine, () =>
        write({ kind: 'amend', amendment: packAmendment(amendment) }),
      );
      return result?.changed === true;
    },
    listTerms: (keys, limit) => read((connection) => listTerms(connection, keys, limit)),
    readPostings: (key) => read((connection) => indexedPostings(connection, key)),
    checkIndex: (mend) => checkIndex(engine.reader, (request) => inPlace(engine, () => write(request)), mend),
    explain: async (query, page) => {
      engine.assertUsable();
      const answer = await engine.reads.askHeavy({ kind: 'explain', query, page });
      return (answer as Extract<ReadResult, { kind: 'explain' }>).explanation;
    },
    status: () =>
      read((connection) => ({
        engine: 'sqlite',
        location: engine.settings.path,
        resources: liveIn(connection),
      })),
    indexLedger: createIndexLedger(read, (state) => write({ kind: 'note', state })),
    close: () => engine.close(),
  };
}

/** What a request may change. */
function keysOf(request: WriteRequest): readonly ResourceKey[] {
  switch (request.kind) {
    case 'transact':
      return request.commands;
    case 'amend':
      return [request.amendment];
    case 'reindex':
    case 'mend':
    case 'note':
      // postings only
      return [];
    default:
      return assertNever(request);
  }
}

/** Other postings without a new version: what was counted, or is being counted meanwhile, may not be kept. */
async function inPlace<Result>({ reindexed, totals }: Engine, work: () => Promise<Result>): Promise<Result> {
  reindexed.times++;
  try {
    return await work();
  } finally {
    reindexed.times++;
    totals.clear();
  }
}

function readLive(connection: Connection, keys: readonly ResourceKey[]): StoredVersion[] {
  const found: StoredVersion[] = [];
  for (const { type, id } of keys) {
    const version = readCurrent(connection, type, id);
    if (version !== undefined && !version.deleted) found.push(version);
  }
  return found;
}

let lastScan = 0;

async function* scan(engine: Engine, types: readonly string[] | undefined): AsyncIterable<StoredVersion> {
  const id = ++lastScan;
  let open = true;
  try {
    while (open) {
      engine.assertUsable();
      const page = (await engine.reads.ask({ kind: 'scan', scan: id, types })) as Extract<
        ReadResult,
        { kind: 'scan' }
      >;
      open = page.rows !== undefined;
      if (page.rows !== undefined) for (const row of unflatten(page.rows)) yield wholeVersion(row);
    }
  } finally {
    // a caller that stops early; a store that was closed has forgotten the scan
    if (open) await engine.reads.ask({ kind: 'leave', scan: id }).catch(() => undefined);
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
