/**
 * The writer as seen by the thread that serves: on a thread of its own, or on this one.
 */
import { type Precondition, StoreUnavailableError, type WriteResult } from '../store.ts';
import type { WriteRequest } from './commands.ts';
import { openConnection } from './connection.ts';
import { asStoreError, guard } from './failures.ts';
import { commitGroup, refuseGroup } from './group-commit.ts';
import { createMerger } from './merge.ts';
import { scheduleMerges } from './merge-schedule.ts';
import { preconditionHolds, type SearchOptions } from './search.ts';
import { createThread } from './thread-client.ts';
import { createWriter } from './writer.ts';
import type { WriterNote, WriterThreadOptions } from './writer-thread.ts';

export interface WriterClientOptions {
  readonly thread: WriterThreadOptions;
  /** ms since the epoch. */
  readonly now: () => number;
  /** Requests that may wait; more are refused. */
  readonly waitingMax: number;
  /** Called after each group with the newest commit. */
  readonly onCommit: (seq: number) => void;
}

export interface WriterClient {
  /** Resolves once the request is on the disk. */
  write(request: WriteRequest): Promise<readonly WriteResult[]>;
  /** Lets what waits finish. */
  close(): Promise<void>;
}

export function createThreadWriter({ thread, now, waitingMax, onCommit }: WriterClientOptions): WriterClient {
  const writing = createThread<TimedRequest, readonly WriteResult[], WriterNote>({
    url: new URL('./writer-thread.ts', import.meta.url),
    workerData: thread,
    waitingMax,
    lost: 'the writer stopped: the write may or may not have been done',
    onNote: ({ seq }) => onCommit(seq),
  });
  return {
    write: (request) => writing.ask({ time: now(), request }),
    close: () => writing.close(),
  };
}

/** A request with the time of its arrival, in ms since the epoch. */
export interface TimedRequest {
  readonly time: number;
  readonly request: WriteRequest;
}

export function createInlineWriter({ thread, now, onCommit }: WriterClientOptions): WriterClient {
  const connection = openConnection({ ...thread, role: 'writer' });
  const { plans: limits, examinedInWriteMax: budget } = thread;
  const searching: SearchOptions = { budget, whenSpent: 'refuse', limits };
  let closed = false;
  const holds = (precondition: Precondition): boolean =>
    preconditionHolds(connection, precondition, searching);
  const merger = createMerger(connection);
  const writer = createWriter({ connection, merger, now, holds });
  const merging = scheduleMerges(connection, merger, { ...thread, mergeIdleMs: Number.POSITIVE_INFINITY });
  // what a stop left behind
  if (merger.behind() > 0) merging.finish();
  return {
    async write(request) {
      if (closed) throw new StoreUnavailableError('the store is closed');
      const [outcome] = guard(() =>
        merging.hasRoom() ? commitGroup(connection, writer, [request]) : refuseGroup([request]),
      );
      onCommit(writer.seq());
      merging.afterGroup(0);
      if (outcome?.ok === true) return outcome.results;
      throw asStoreError(outcome?.error);
    },
    async close() {
      if (closed) return;
      closed = true;
      try {
        merging.finish();
      } finally {
        connection.close();
      }
    },
  };
}
