/**
 * The thread that writes. It takes what waits in its port, commits it as one group and answers; while it
 * flushes the disk the next group gathers.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { WriteResult } from '../store.ts';
import type { WriteRequest } from './commands.ts';
import { openConnection } from './connection.ts';
import { type SentError, sendError } from './failures.ts';
import { commitGroup } from './group-commit.ts';
import type { PlanLimits } from './plan-limits.ts';
import { preconditionHolds } from './search.ts';
import { createWriter } from './writer.ts';

export interface WriterThreadOptions {
  readonly path: string;
  readonly cacheBytes: number;
  readonly busyTimeoutMs: number;
  /** Most requests of one group. */
  readonly groupRequestsMax: number;
  /** Most commands of one group, unless a single request has more. */
  readonly groupCommandsMax: number;
  readonly plans: PlanLimits;
}

/** To the thread: a request with the time of its arrival, or the wish to end. */
export type WriterMessage =
  | { readonly id: number; readonly time: number; readonly request: WriteRequest }
  | 'close';

export interface WriterReply {
  readonly id: number;
  readonly results?: readonly WriteResult[];
  readonly error?: SentError;
}

/** From the thread, after each group. */
export interface WriterReport {
  readonly replies: readonly WriterReply[];
  /** The newest commit. */
  readonly seq: number;
}

type Waiting = Exclude<WriterMessage, 'close'>;

function run(port: MessagePort, options: WriterThreadOptions): void {
  const connection = openConnection({ ...options, role: 'writer' });
  let time = 0;
  const writer = createWriter({
    connection,
    now: () => time,
    holds: (precondition) => preconditionHolds(connection, precondition, options.plans),
  });
  const commit = (group: readonly Waiting[]): void => {
    time = Math.max(...group.map((one) => one.time));
    const outcomes = commitGroup(
      connection,
      writer,
      group.map((one) => one.request),
    );
    const replies = outcomes.map((outcome, index): WriterReply => {
      const { id } = group[index] as Waiting;
      return outcome.ok ? { id, results: outcome.results } : { id, error: sendError(outcome.error) };
    });
    port.postMessage({ replies, seq: writer.seq() } satisfies WriterReport);
  };
  port.on('message', (first: WriterMessage) => {
    let next: WriterMessage | undefined = first;
    while (next !== undefined) {
      const group: Waiting[] = [];
      let commands = 0;
      while (next !== undefined && next !== 'close') {
        group.push(next);
        commands +=
          next.request.kind === 'transact' ? next.request.commands.length : next.request.entries.length;
        const full = group.length >= options.groupRequestsMax || commands >= options.groupCommandsMax;
        next = full ? undefined : takeFrom(port);
      }
      if (group.length > 0) commit(group);
      if (next === 'close') {
        connection.close();
        port.close();
        return;
      }
      next = takeFrom(port);
    }
  });
}

function takeFrom(port: MessagePort): WriterMessage | undefined {
  return receiveMessageOnPort(port)?.message as WriterMessage | undefined;
}

run(parentPort as MessagePort, workerData as WriterThreadOptions);
