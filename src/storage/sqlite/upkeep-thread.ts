/**
 * The thread that looks after the file: it moves pages of the write-ahead log into the database before the log
 * grows long, and has a file checked whose last stop was not clean.
 * https://www.sqlite.org/wal.html#ckpt
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Connection, openConnection } from './connection.ts';
import { isUnavailable } from './failures.ts';
import { createFileCheck, type FileCheck } from './file-check.ts';
import type { CheckReport } from './integrity.ts';
import { holdLog, type LogTurn } from './log-turn.ts';

export interface UpkeepThreadOptions {
  readonly path: string;
  readonly walBytes: number;
  readonly walBytesMax: number;
  readonly check: boolean;
  readonly logTurn: LogTurn;
}

const EVERY_MS = 200;
/** Rounds without a write after which the log is moved, however short it is. */
const IDLE_ROUNDS = 5;
/** A page and what the log says of it. https://www.sqlite.org/walformat.html */
const FRAME_BYTES = 4096 + 24;
/** Moves while the writer goes on, before it has to wait for what came meanwhile. */
const MOVES_MAX = 3;
const CACHE_BYTES = 1024 * 1024;
/** How long the writer is kept waiting for a reader that looks at the log; the next round tries again. */
const READERS_WAIT_MS = 100;
/** How much of the log may wait for the end of the check, in lengths at which a log is begun anew. */
const CHECK_LOGS_MAX = 4;

function run(port: MessagePort, options: UpkeepThreadOptions): void {
  const { path } = options;
  const connection = openConnection({
    path,
    cacheBytes: CACHE_BYTES,
    busyTimeoutMs: READERS_WAIT_MS,
    role: 'writer',
  });
  const check = options.check
    ? createFileCheck(path, (report: CheckReport) => port.postMessage(report))
    : undefined;
  const round = createRound(connection, options, check);
  const timer = setInterval(() => {
    try {
      round();
    } catch (error) {
      // a full disk or a lock: the next round tries again
      if (!isUnavailable(error)) throw error;
    }
  }, EVERY_MS);
  port.on('message', async () => {
    clearInterval(timer);
    await check?.stop();
    connection.close();
    port.close();
  });
}

function createRound(
  connection: Connection,
  { walBytes, walBytesMax, logTurn }: UpkeepThreadOptions,
  check: FileCheck | undefined,
): () => void {
  let last = 0;
  let idleRounds = 0;
  return () => {
    const log = logOf(connection, 'NOOP');
    idleRounds = log.bytes === last ? idleRounds + 1 : 0;
    last = log.bytes;
    const isIdle = idleRounds >= IDLE_ROUNDS;
    check?.look({
      mayBegin: log.waiting <= walBytes,
      isIdle,
      mustEnd: log.waiting > CHECK_LOGS_MAX * walBytesMax,
    });
    // nothing of the log can be moved before that is over
    if (log.waiting === 0 || check?.isUnderWay() === true) return;
    if (log.waiting <= walBytes && log.bytes <= walBytesMax) {
      if (isIdle) logOf(connection, 'PASSIVE');
      return;
    }
    let moved = logOf(connection, 'PASSIVE');
    if (moved.bytes <= walBytesMax) return;
    // what came meanwhile gets less with each move, or as little as it will be
    for (let move = 1; move < MOVES_MAX && moved.waiting > walBytes; move++) {
      moved = logOf(connection, 'PASSIVE');
    }
    holdLog(logTurn, () => logOf(connection, 'RESTART'));
  };
}

interface Log {
  /** Since it was begun. */
  readonly bytes: number;
  /** Of them, those that are not in the database yet. */
  readonly waiting: number;
}

/** Moves nothing; all that no reader looks at; or all, and the next write begins the log anew. https://www.sqlite.org/pragma.html#pragma_wal_checkpoint */
function logOf(connection: Connection, mode: 'NOOP' | 'PASSIVE' | 'RESTART'): Log {
  const [, pages = 0, moved = 0] = connection.row(`PRAGMA wal_checkpoint(${mode})`) as number[];
  return { bytes: pages * FRAME_BYTES, waiting: (pages - moved) * FRAME_BYTES };
}

run(parentPort as MessagePort, workerData as UpkeepThreadOptions);
