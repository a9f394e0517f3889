/**
 * The writing thread as seen by the threads that serve: requests go in, promises come back. A thread that died
 * is replaced at the next request.
 */
import { Worker } from 'node:worker_threads';
import { type Precondition, StoreUnavailableError, type WriteResult } from '../store.ts';
import type { WriteRequest } from './commands.ts';
import { openConnection } from './connection.ts';
import { asStoreError, guard, receiveError } from './failures.ts';
import { commitGroup } from './group-commit.ts';
import { preconditionHolds } from './search.ts';
import { createWriter } from './writer.ts';
import type { WriterMessage, WriterReport, WriterThreadOptions } from './writer-thread.ts';

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
  /** Lets what waits finish, then ends the thread. */
  close(): Promise<void>;
}

interface Pending {
  readonly resolve: (results: readonly WriteResult[]) => void;
  readonly reject: (error: Error) => void;
}

/** A writer on the calling thread, with the same promises. */
export function createInlineWriter({ thread, now, onCommit }: WriterClientOptions): WriterClient {
  const connection = openConnection({ ...thread, role: 'writer' });
  let closed = false;
  const holds = (precondition: Precondition): boolean =>
    preconditionHolds(connection, precondition, thread.plans);
  const writer = createWriter({ connection, now, holds });
  return {
    async write(request) {
      if (closed) throw new StoreUnavailableError('the store is closed');
      const [outcome] = guard(() => commitGroup(connection, writer, [request]));
      onCommit(writer.seq());
      if (outcome?.ok === true) return outcome.results;
      throw asStoreError(outcome?.error);
    },
    async close() {
      closed = true;
      connection.close();
    },
  };
}

/** A writer on a thread of its own, which starts with the first write. */
export function createWriterClient(options: WriterClientOptions): WriterClient {
  const { now, waitingMax, onCommit, thread: workerData } = options;
  const pending = new Map<number, Pending>();
  let worker: Worker | undefined;
  let closing: Promise<void> | undefined;
  let lastId = 0;

  const start = (): Worker => {
    const thread = new Worker(new URL('./writer-thread.ts', import.meta.url), { workerData, execArgv: [] });
    let fault: Error | undefined;
    thread.on('message', ({ replies, seq }: WriterReport) => {
      onCommit(seq);
      for (const { id, results, error } of replies) {
        const waiting = pending.get(id);
        pending.delete(id);
        if (error === undefined) waiting?.resolve(results as readonly WriteResult[]);
        else waiting?.reject(receiveError(error));
      }
      if (pending.size === 0) thread.unref();
    });
    thread.on('error', (error) => {
      fault = error;
    });
    thread.on('exit', () => {
      if (worker === thread) worker = undefined;
      const lost = [...pending.values()];
      pending.clear();
      for (const one of lost) {
        one.reject(new StoreUnavailableError('the write may or may not have been done', { cause: fault }));
      }
    });
    thread.unref();
    return thread;
  };

  return {
    write(request) {
      if (closing !== undefined) return Promise.reject(new StoreUnavailableError('the store is closed'));
      if (pending.size >= waitingMax) {
        return Promise.reject(new StoreUnavailableError(`${waitingMax} writes are waiting: try again later`));
      }
      worker ??= start();
      const thread = worker;
      return new Promise((resolve, reject) => {
        const id = ++lastId;
        pending.set(id, { resolve, reject });
        // a write keeps the process alive until it is answered
        thread.ref();
        thread.postMessage({ id, time: now(), request } satisfies WriterMessage);
      });
    },
    close() {
      closing ??= new Promise((resolve) => {
        if (worker === undefined) {
          resolve();
          return;
        }
        worker.ref();
        worker.once('exit', () => resolve());
        worker.postMessage('close' satisfies WriterMessage);
      });
      return closing;
    },
  };
}
