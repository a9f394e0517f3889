/**
 * How the thread that moves the write-ahead log into the database gets the log to itself for a moment. A log is begun
 * anew only by a write that finds all of it moved, and a writer that never rests leaves no such moment: the log would
 * grow without end, or SQLite would keep the writer waiting for the whole move.
 * https://www.sqlite.org/wal.html#avoiding_excessively_large_wal_files
 */

/** One word that both threads share: 1 while the writer is to wait. */
export type LogTurn = Int32Array<SharedArrayBuffer>;

export function createLogTurn(): LogTurn {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** The writer begins nothing while `work` goes on; what it has begun it finishes. */
export function holdLog<Result>(turn: LogTurn, work: () => Result): Result {
  Atomics.store(turn, 0, 1);
  try {
    return work();
  } finally {
    releaseLog(turn);
  }
}

export function releaseLog(turn: LogTurn): void {
  Atomics.store(turn, 0, 0);
  Atomics.notify(turn, 0);
}

/** Before a write: waits while the log is held, but no longer than `mostMs`, should whoever holds it be stuck. */
export function awaitLog(turn: LogTurn, mostMs: number): void {
  if (Atomics.load(turn, 0) === 1) Atomics.wait(turn, 0, 1, mostMs);
}
