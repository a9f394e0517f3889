/**
 * A thread as seen by the one that serves: requests go in, promises come back. The thread starts with the
 * first request, and one that died is replaced at the next.
 */
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { StoreUnavailableError } from '../store.ts';
import { receiveError, type SentError } from './failures.ts';

/** To the thread. */
export interface ThreadRequest<Request> {
  readonly id: number;
  readonly request: Request;
}

/** From the thread: several answers at once, and whatever it wants to tell. */
export interface ThreadReport<Result, Note> {
  readonly replies: readonly ThreadReply<Result>[];
  readonly note: Note;
}

export type ThreadReply<Result> =
  | { readonly id: number; readonly result: Result }
  | { readonly id: number; readonly error: SentError };

/** Asks the thread to end after what it has been asked before. */
export const CLOSE = 'close';

export interface ThreadOptions<Note> {
  readonly url: URL;
  readonly workerData: unknown;
  /** Requests that may wait; more are refused. */
  readonly waitingMax: number;
  /** What the caller is told when the thread dies before it answers. */
  readonly lost: string;
  readonly onNote?: (note: Note) => void;
}

export interface Thread<Request, Result> {
  ask(request: Request): Promise<Result>;
  /** Starts it before it is asked. */
  start(): void;
  /** Whether it has reported, so that it need not start first. */
  isUp(): boolean;
  /** Lets what waits finish, then ends the thread. */
  close(): Promise<void>;
}

interface Pending<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

export function createThread<Request, Result, Note = undefined>(
  options: ThreadOptions<Note>,
): Thread<Request, Result> {
  const pending = new Map<number, Pending<Result>>();
  let worker: Worker | undefined;
  let up: Worker | undefined;
  let closing: Promise<void> | undefined;
  let lastId = 0;
  const running = (): Worker => {
    worker ??= start(options, pending, {
      isClosing: () => closing !== undefined,
      onUp: (started) => {
        up = started;
      },
      onEnd: (ended) => {
        if (worker === ended) worker = undefined;
      },
    });
    return worker;
  };
  return {
    ask(request) {
      if (closing !== undefined) return Promise.reject(new StoreUnavailableError('the store is closed'));
      if (pending.size >= options.waitingMax) {
        const message = `${options.waitingMax} requests are waiting for the database: try again later`;
        return Promise.reject(new StoreUnavailableError(message));
      }
      const thread = running();
      return new Promise((resolve, reject) => {
        const id = ++lastId;
        pending.set(id, { resolve, reject });
        // a request keeps the process alive until it is answered
        thread.ref();
        thread.postMessage({ id, request } satisfies ThreadRequest<Request>);
      });
    },
    start: () => {
      if (closing === undefined) running();
    },
    isUp: () => up !== undefined && up === worker,
    close() {
      closing ??= endOf(worker);
      return closing;
    },
  };
}

/** What a thread makes is short-lived; without a bound it takes five times as much before it looks for what is free. */
export const THREAD_MEMORY = { maxYoungGenerationSizeMb: 12 } as const;

/** The same, for V8's half spaces: the flag of the command line, with which servers start, counts more than the bound. */
const HALF_SPACE_MB = THREAD_MEMORY.maxYoungGenerationSizeMb / 3;

interface Following {
  isClosing(): boolean;
  /** It has reported for the first time. */
  onUp(worker: Worker): void;
  onEnd(worker: Worker): void;
}

function start<Result, Note>(
  { url, workerData, lost, onNote }: ThreadOptions<Note>,
  pending: Map<number, Pending<Result>>,
  { isClosing, onUp, onEnd }: Following,
): Worker {
  // what runs keeps what it has: only threads that start from now on are told
  setFlagsFromString(`--max-semi-space-size=${HALF_SPACE_MB}`);
  const worker = new Worker(url, { workerData, execArgv: [], resourceLimits: THREAD_MEMORY });
  worker.once('message', () => onUp(worker));
  let fault: Error | undefined;
  worker.on('message', ({ replies, note }: ThreadReport<Result, Note>) => {
    onNote?.(note);
    for (const reply of replies) {
      const waiting = pending.get(reply.id);
      pending.delete(reply.id);
      if ('error' in reply) waiting?.reject(receiveError(reply.error));
      else waiting?.resolve(reply.result);
    }
    // an idle thread does not keep the process alive, one that is ending does
    if (pending.size === 0 && !isClosing()) worker.unref();
  });
  worker.on('error', (error) => {
    fault = error;
  });
  worker.on('exit', () => {
    onEnd(worker);
    const unanswered = [...pending.values()];
    pending.clear();
    for (const one of unanswered) one.reject(new StoreUnavailableError(lost, { cause: fault }));
  });
  worker.unref();
  return worker;
}

function endOf(worker: Worker | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (worker === undefined) {
      resolve();
      return;
    }
    worker.ref();
    worker.once('exit', () => resolve());
    worker.postMessage(CLOSE);
  });
}
