/**
 * The running parts behind a SQLite store: the lock, the connection that reads on the serving thread, the
 * thread that writes and the one that looks after the file.
 */
import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { StoreUnavailableError } from '../store.ts';
import { type AheadSchedule, createSpareTime, scheduleAhead } from './ahead-schedule.ts';
import { type Connection, openConnection } from './connection.ts';
import { guard, receiveError } from './failures.ts';
import { type FileLock, lockFile } from './file-lock.ts';
import { type CheckReport, checkIntegrity, markClosed, markInUse } from './integrity.ts';
import { createKeptTotals, type KeptTotals } from './kept-totals.ts';
import { createLogTurn, type LogTurn, releaseLog } from './log-turn.ts';
import { createLongSearches, type LongSearches } from './long-searches.ts';
import { mergedSeq } from './merge.ts';
import type { ReaderThreadOptions } from './reader-thread.ts';
import { createReads, type ReadRequest, type ReadResult } from './reads.ts';
import { migrate } from './schema.ts';
import type { SearchOptions } from './search.ts';
import type { Settings } from './settings.ts';
import { createSharing, type Sharing } from './sharing.ts';
import { createThread } from './thread-client.ts';
import type { UpkeepThreadOptions } from './upkeep-thread.ts';
import { liveIn, newestSeq } from './view.ts';
import { createInlineWriter, createThreadWriter, type WriterClient } from './writer-client.ts';
import type { WriterThreadOptions } from './writer-thread.ts';

export interface Engine {
  readonly settings: Settings;
  readonly reader: Connection;
  readonly writer: WriterClient;
  readonly reads: Reads;
  readonly totals: KeptTotals;
  /** Searches that were too long for the serving thread, by `totalKey`. */
  readonly long: LongSearches;
  /** Those that were too long for the thread that many share, too. */
  readonly heavy: LongSearches;
  readonly sharing: Sharing;
  /** Searches on the thread of those that take long, and those on the shared one that may take longer until it runs. */
  readonly underWay: { heavy: number; patient: number };
  /** Totals that the reading thread is counting, by `totalKey`. */
  readonly counting: Map<string, Promise<void>>;
  /** How often postings were replaced without a new version. */
  readonly reindexed: { times: number };
  /** Called after each commit, and at the end. */
  readonly listeners: Set<() => void>;
  /** The newest commit that is known here. */
  seq(): number;
  /** @throws StoreUnavailableError when closed or damaged */
  assertUsable(): void;
  close(): Promise<void>;
}

/** @throws StoreUnavailableError */
export function startEngine(settings: Settings): Engine {
  const lock = lockFile(settings.path);
  try {
    return startParts(settings, lock, prepareFile(settings));
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Migrates, and checks a small file at once; returns whether a check is still due. */
function prepareFile(settings: Settings): boolean {
  const connection = openConnection({ ...settings, role: 'writer' });
  try {
    migrate(connection);
    if (markInUse(connection)) return false;
    if (statSync(settings.path).size > settings.checkFirstBytesMax) return true;
    checkIntegrity(connection);
    return false;
  } finally {
    connection.close();
  }
}

function startParts(settings: Settings, lock: FileLock, check: boolean): Engine {
  const listeners = new Set<() => void>();
  const reader = openConnection({ ...settings, cacheBytes: settings.readCacheBytes, role: 'reader' });
  const opened = newestSeq(reader);
  let seq = opened;
  let closing: Promise<void> | undefined;
  let damage: Error | undefined;
  let isChecked = !check;
  let ahead: AheadSchedule | undefined;
  const notify = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const logTurn = createLogTurn();
  const upkeep = createUpkeep(settings, logTurn, (report) => {
    if (report.kind === 'sound') isChecked = true;
    if (report.kind === 'damaged') {
      damage = receiveError(report.error);
      notify();
    }
    settings.onFileCheck(report);
  });
  if (check) upkeep.start(true);
  const createWriting = settings.threads ? createThreadWriter : createInlineWriter;
  const writer = createWriting({
    thread: { ...writerOptions(settings), logTurn },
    now: settings.now,
    waitingMax: settings.writesWaitingMax,
    onCommit: (newest) => {
      // a store that is hardly written to needs nobody to look after it
      if (newest - opened >= UPKEEP_AFTER) upkeep.start(false);
      seq = newest;
      ahead?.afterCommit();
      notify();
    },
  });
  // what a stop left for the index is done as soon as the writer runs; an empty write starts it
  if (mergedSeq(reader) < opened)
    writer.write({ kind: 'transact', commands: [], preconditions: [] }).catch(() => undefined);
  const totals = createKeptTotals();
  const reads = createReading(settings, reader, totals);
  const underWay = { heavy: 0, patient: 0 };
  if (settings.threads) {
    const hasSpareTime = createSpareTime();
    ahead = scheduleAhead({
      idleMs: settings.aheadIdleMs,
      seq: () => seq,
      isIdle: () => hasSpareTime() && underWay.heavy === 0,
      step: async () => {
        if (liveIn(reader) < settings.aheadResourcesMin) return 'done';
        return ((await reads.askHeavy({ kind: 'ahead' })) as AheadResult).left;
      },
    });
  }
  const stop = async (): Promise<void> => {
    ahead?.close();
    notify();
    await writer.close();
    await reads.close();
    await upkeep.stop();
    reader.close();
    if (damage === undefined) closeFile(settings, isChecked);
    lock.release();
  };
  return {
    settings,
    reader,
    writer,
    reads,
    totals,
    long: createLongSearches(settings.now),
    heavy: createLongSearches(settings.now),
    sharing: createSharing(),
    underWay,
    counting: new Map(),
    reindexed: { times: 0 },
    listeners,
    seq: () => seq,
    assertUsable: () => {
      if (closing !== undefined) throw new StoreUnavailableError('the store is closed');
      if (damage !== undefined) throw damage;
    },
    close: () => {
      closing ??= stop();
      return closing;
    },
  };
}

type AheadResult = Extract<ReadResult, { kind: 'ahead' }>;

function writerOptions(settings: Settings): Omit<WriterThreadOptions, 'logTurn'> {
  // only what can be sent to a thread
  const { now: _, onFileCheck: __, ...options } = settings;
  return options;
}

export interface Reads {
  /** On the thread that many share; a search that looks at too much there is answered by `spent`. */
  ask(request: ReadRequest): Promise<ReadResult>;
  /** On the thread of those that take long, however long the others take. */
  askHeavy(request: ReadRequest): Promise<ReadResult>;
  /** That thread starts when it is first asked, or by this. */
  startHeavy(): void;
  /** Whether it runs, so that it answers at once. */
  isHeavyUp(): boolean;
  close(): Promise<void>;
}

function createReading(settings: Settings, reader: Connection, totals: KeptTotals): Reads {
  const { path, readCacheBytes, busyTimeoutMs, examinedMax, plans, readsWaitingMax, searchCpuMsMax } =
    settings;
  const { shownBytesMax } = settings;
  const heavy: SearchOptions = {
    budget: examinedMax,
    cpuMsMax: searchCpuMsMax,
    whenSpent: 'shorten',
    limits: plans,
  };
  if (!settings.threads) {
    const read = createReads(reader, { ...heavy, totals }, shownBytesMax);
    const ask = async (request: ReadRequest) => guard(() => read(request));
    const noop = (): void => undefined;
    return { ask, askHeavy: ask, startHeavy: noop, isHeavyUp: () => true, close: async () => undefined };
  }
  // long reads pass over more than any cache holds; the kernel keeps the pages
  const thread = (searching: SearchOptions, waitingMax: number, memory: Memory) =>
    createThread<ReadRequest, ReadResult>({
      url: new URL('./reader-thread.ts', import.meta.url),
      workerData: { path, busyTimeoutMs, searching, ...memory } satisfies ReaderThreadOptions,
      waitingMax,
      lost: 'the reader stopped before it answered',
    });
  const budget = Math.min(examinedMax, settings.examinedSharedMax);
  const shared = thread({ budget, whenSpent: 'throw', limits: plans }, readsWaitingMax, {
    cacheBytes: readCacheBytes / 2,
    shownBytesMax,
  });
  const long = thread(heavy, settings.heavyWaitingMax, {
    cacheBytes: readCacheBytes / 4,
    shownBytesMax: shownBytesMax / 4,
  });
  return {
    ask: shared.ask,
    askHeavy: long.ask,
    startHeavy: long.start,
    isHeavyUp: long.isUp,
    close: async () => {
      await Promise.all([shared.close(), long.close()]);
    },
  };
}

type Memory = Pick<ReaderThreadOptions, 'cacheBytes' | 'shownBytesMax'>;

/** Versions written before the thread that looks after the file is started. */
const UPKEEP_AFTER = 500;

function createUpkeep(settings: Settings, logTurn: LogTurn, onCheck: (report: CheckReport) => void) {
  const { path, walBytes, walBytesMax } = settings;
  let worker: Worker | undefined;
  let ended: Promise<unknown> | undefined;
  return {
    start(check: boolean): void {
      if (worker !== undefined) return;
      const workerData: UpkeepThreadOptions = { path, walBytes, walBytesMax, check, logTurn };
      worker = new Worker(new URL('./upkeep-thread.ts', import.meta.url), { workerData, execArgv: [] });
      ended = new Promise((resolve) => worker?.once('exit', resolve)).then(() => releaseLog(logTurn));
      worker.on('message', onCheck);
      // without it the log grows until the next start; serving goes on
      worker.on('error', () => undefined);
      worker.unref();
    },
    async stop(): Promise<void> {
      worker?.ref();
      worker?.postMessage('close');
      await ended;
    },
  };
}

/**
 * The last connection moves the whole log into the database and removes it. A file whose check was due and is not done
 * stays one that was not closed, so that the next start begins it again.
 */
function closeFile(settings: Settings, isChecked: boolean): void {
  const connection = openConnection({ ...settings, role: 'writer' });
  try {
    if (isChecked) markClosed(connection);
    // only a connection that has looked into the file moves the log
    else newestSeq(connection);
  } finally {
    connection.close();
  }
}
