/**
 * The thread that writes. It takes what waits in its port, commits it as one group and answers; while it
 * flushes the disk the next group gathers.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { assertNever } from '../../fhir/types.ts';
import { handBackMemory } from '../hand-back.ts';
import type { WriteResult } from '../store.ts';
import type { WriteRequest } from './commands.ts';
import { openConnection } from './connection.ts';
import { sendError } from './failures.ts';
import { commitGroup, refuseGroup } from './group-commit.ts';
import { awaitLog, type LogTurn } from './log-turn.ts';
import { createMerger } from './merge.ts';
import { type MergeOptions, scheduleMerges } from './merge-schedule.ts';
import type { PlanLimits } from './plan-limits.ts';
import { preconditionHolds, type SearchOptions } from './search.ts';
import type { CLOSE, ThreadReply, ThreadReport, ThreadRequest } from './thread-client.ts';
import { createWriter } from './writer.ts';

export interface WriterThreadOptions extends MergeOptions {
  readonly path: string;
  readonly cacheBytes: number;
  readonly busyTimeoutMs: number;
  /** Most requests of one group. */
  readonly groupRequestsMax: number;
  /** Most commands of one group, unless a single request has more. */
  readonly groupCommandsMax: number;
  readonly plans: PlanLimits;
  readonly examinedInWriteMax: number;
  readonly logTurn: LogTurn;
}

/** Told after each group. */
export interface WriterNote {
  /** The newest commit. */
  readonly seq: number;
}

/** Without a write for so long, after so many, memory is handed back. */
const TIDY_IDLE_MS = 5_000;
const TIDY_AFTER = 1_000;

/** The log is held for as long as it takes to move what came during one move. */
const LOG_WAIT_MS = 2_000;

type Asked = ThreadRequest<{ readonly time: number; readonly request: WriteRequest }>;
type Message = Asked | typeof CLOSE;

function run(port: MessagePort, options: WriterThreadOptions): void {
  const connection = openConnection({ ...options, role: 'writer' });
  const { plans: limits, examinedInWriteMax: budget } = options;
  const searching: SearchOptions = { budget, whenSpent: 'refuse', limits };
  let time = 0;
  let requestsSince = 0;
  let tidy: NodeJS.Timeout | undefined;
  const merger = createMerger(connection);
  const awaitTurn = (): void => awaitLog(options.logTurn, LOG_WAIT_MS);
  const merging = scheduleMerges(connection, merger, options, awaitTurn);
  const writer = createWriter({
    connection,
    merger,
    now: () => time,
    holds: (precondition) => preconditionHolds(connection, precondition, searching),
  });
  const commit = (group: readonly Asked[]): void => {
    awaitTurn();
    time = Math.max(...group.map((one) => one.request.time));
    const requests = group.map((one) => one.request.request);
    const outcomes = merging.hasRoom() ? commitGroup(connection, writer, requests) : refuseGroup(requests);
    const replies = outcomes.map((outcome, index): ThreadReply<readonly WriteResult[]> => {
      const { id } = group[index] as Asked;
      return outcome.ok ? { id, result: outcome.results } : { id, error: sendError(outcome.error) };
    });
    const note: WriterNote = { seq: writer.seq() };
    port.postMessage({ replies, note } satisfies ThreadReport<readonly WriteResult[], WriterNote>);
    merging.afterGroup(group.reduce((sum, one) => sum + sizeOf(one.request.request), 0));
    requestsSince += group.length;
    tidy?.refresh();
    tidy ??= setTimeout(() => {
      if (requestsSince < TIDY_AFTER) return;
      requestsSince = 0;
      handBackMemory();
    }, TIDY_IDLE_MS).unref();
  };
  port.on('message', (first: Message) => {
    let next: Message | undefined = first;
    while (next !== undefined) {
      const group: Asked[] = [];
      let commands = 0;
      while (next !== undefined && next !== 'close') {
        group.push(next);
        commands += sizeOf(next.request.request);
        const full = group.length >= options.groupRequestsMax || commands >= options.groupCommandsMax;
        next = full ? undefined : takeFrom(port);
      }
      if (group.length > 0) commit(group);
      if (next === 'close') {
        merging.finish();
        connection.close();
        port.close();
        return;
      }
      next = takeFrom(port);
    }
  });
}

function sizeOf(request: WriteRequest): number {
  switch (request.kind) {
    case 'transact':
      return request.commands.length;
    case 'reindex':
      return request.entries.length;
    case 'amend':
    case 'note':
      return 1;
    case 'mend':
      return request.keys.length + request.drop.length;
    default:
      return assertNever(request);
  }
}

function takeFrom(port: MessagePort): Message | undefined {
  return receiveMessageOnPort(port)?.message as Message | undefined;
}

run(parentPort as MessagePort, workerData as WriterThreadOptions);
