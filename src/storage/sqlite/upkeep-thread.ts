/**
 * The thread that looks after the file: it moves pages of the write-ahead log into the database before the log
 * grows long, and checks a file whose last stop was not clean.
 * https://www.sqlite.org/wal.html#ckpt
 */
import { statSync } from 'node:fs';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Connection, openConnection } from './connection.ts';
import { isUnavailable, type SentError, sendError } from './failures.ts';
import { checkIntegrity } from './integrity.ts';

export interface UpkeepThreadOptions {
  readonly path: string;
  readonly busyTimeoutMs: number;
  readonly walBytes: number;
  readonly walBytesMax: number;
  readonly check: boolean;
}

/** From the thread: the file is damaged. */
export interface UpkeepReport {
  readonly error: SentError;
}

const EVERY_MS = 200;
/** Rounds without a write after which the log is emptied. */
const IDLE_ROUNDS = 5;
const CACHE_BYTES = 1024 * 1024;

function run(port: MessagePort, options: UpkeepThreadOptions): void {
  const connection = openConnection({ ...options, cacheBytes: CACHE_BYTES, role: 'writer' });
  const round = createRound(connection, options);
  const timer = setInterval(() => {
    try {
      round();
    } catch (error) {
      // a full disk or a lock: the next round tries again
      if (!isUnavailable(error)) throw error;
    }
  }, EVERY_MS);
  port.on('message', () => {
    clearInterval(timer);
    connection.close();
    port.close();
  });
  if (!options.check) return;
  try {
    checkIntegrity(connection);
  } catch (error) {
    port.postMessage({ error: sendError(error) } satisfies UpkeepReport);
  }
}

function createRound(
  connection: Connection,
  { path, walBytes, walBytesMax }: UpkeepThreadOptions,
): () => void {
  let lastWrite = 0;
  let idleRounds = 0;
  let clean = false;
  return () => {
    const wal = statSync(`${path}-wal`, { throwIfNoEntry: false });
    const size = wal?.size ?? 0;
    const written = wal?.mtimeMs ?? 0;
    if (written === lastWrite) {
      idleRounds++;
    } else {
      lastWrite = written;
      idleRounds = 0;
      clean = false;
    }
    if (size > walBytesMax) connection.rows('PRAGMA wal_checkpoint(TRUNCATE)');
    else if (size > walBytes && !clean) connection.rows('PRAGMA wal_checkpoint(PASSIVE)');
    else if (size > 0 && idleRounds === IDLE_ROUNDS && !clean) clean = checkpointWhole(connection);
  };
}

/** Whether all of the log is in the database now. */
function checkpointWhole(connection: Connection): boolean {
  const [busy, pages, moved] = connection.row('PRAGMA wal_checkpoint(PASSIVE)') ?? [];
  return busy === 0 && pages === moved;
}

run(parentPort as MessagePort, workerData as UpkeepThreadOptions);
