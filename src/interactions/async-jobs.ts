/**
 * Requests that are carried out after their answer: a bounded number of jobs in memory, a few at a time, whose
 * results are kept for a while. Nothing outlives the process; what a job had committed stays committed.
 * https://hl7.org/fhir/R4/async.html
 */
import { fail } from '../fhir/issues.ts';
import { bodyText } from './body-text.ts';
import type { InteractionResponse } from './request.ts';

export interface JobLimits {
  /** Carried out at once; the others wait. */
  readonly runningMax: number;
  /** Waiting, running and kept. */
  readonly jobsMax: number;
  /** Of the bodies of requests that wait and of the results that are kept. */
  readonly bytesMax: number;
  /** How long a result is kept, ms. */
  readonly keptMs: number;
}

export type JobState =
  | { readonly kind: 'waiting'; readonly before: number }
  | { readonly kind: 'running'; readonly forMs: number }
  /** `json`: the resource that the request would have been answered with, as UTF-8. */
  | { readonly kind: 'done'; readonly type: string; readonly json: Buffer; readonly expiresAt: number }
  | { readonly kind: 'failed'; readonly error: unknown };

export interface JobOrder {
  /** As the client sent it. */
  readonly url: string;
  /** Of its body. */
  readonly bytes: number;
  /** A signal that is aborted tells that nobody wants the result any more. */
  readonly work: (signal: AbortSignal) => Promise<InteractionResponse>;
}

export interface JobView {
  readonly url: string;
  /** ms since the epoch. */
  readonly acceptedAt: number;
  readonly state: JobState;
}

export interface Jobs {
  /** The job's id, which nobody can guess. @throws FhirError `overloaded` */
  start(order: JobOrder): string;
  find(id: string): JobView | undefined;
  /** Forgets a job: one that waits never runs, one that runs stops at its next step. False when there is none. */
  cancel(id: string): boolean;
  /** Takes no more, drops what waits, and waits for what runs. */
  close(): Promise<void>;
}

interface Job {
  readonly order: JobOrder;
  readonly acceptedAt: number;
  readonly stop: AbortController;
  bytes: number;
  startedAt: number | undefined;
  endedAt: number | undefined;
  result: Extract<JobState, { kind: 'done' | 'failed' }> | undefined;
}

const SWEEP_MS = 60_000;

/** `now` in ms since the epoch; `newToken` makes ids that cannot be guessed. */
export function createJobs(limits: JobLimits, now: () => number, newToken: () => string): Jobs {
  const jobs = new Map<string, Job>();
  const running = new Set<Promise<void>>();
  let bytes = 0;
  let isClosed = false;
  const forget = (id: string, job: Job): void => {
    jobs.delete(id);
    bytes -= job.bytes;
  };
  const sweep = (): void => {
    for (const [id, job] of jobs) {
      if (job.endedAt !== undefined && now() >= job.endedAt + limits.keptMs) forget(id, job);
    }
  };
  const sweeping = setInterval(sweep, SWEEP_MS).unref();
  const run = async (id: string, job: Job): Promise<void> => {
    job.startedAt = now();
    const outcome = await carryOut(job, limits, now, bytes - job.bytes);
    if (jobs.get(id) !== job) return;
    job.endedAt = now();
    job.result = outcome;
    bytes -= job.bytes;
    job.bytes = outcome.kind === 'done' ? outcome.json.length : 0;
    bytes += job.bytes;
  };
  const runNext = (): void => {
    if (isClosed || running.size >= limits.runningMax) return;
    const next = [...jobs].find(([, job]) => job.startedAt === undefined);
    if (next === undefined) return;
    const work = run(...next).finally(() => {
      running.delete(work);
      runNext();
    });
    running.add(work);
    runNext();
  };
  return {
    start(order) {
      sweep();
      if (isClosed || jobs.size >= limits.jobsMax || bytes + order.bytes > limits.bytesMax) {
        throw fail('overloaded', 'Too many requests wait for their result. Try again later.');
      }
      const id = newToken();
      bytes += order.bytes;
      const times = { acceptedAt: now(), startedAt: undefined, endedAt: undefined };
      jobs.set(id, { order, bytes: order.bytes, stop: new AbortController(), result: undefined, ...times });
      // the answer that it was accepted goes first
      setImmediate(runNext);
      return id;
    },
    find(id) {
      sweep();
      const job = jobs.get(id);
      if (job === undefined) return undefined;
      return { url: job.order.url, acceptedAt: job.acceptedAt, state: stateOf(job, jobs.values(), now()) };
    },
    cancel(id) {
      sweep();
      const job = jobs.get(id);
      if (job === undefined) return false;
      job.stop.abort();
      forget(id, job);
      return true;
    },
    async close() {
      isClosed = true;
      clearInterval(sweeping);
      await Promise.all(running);
      jobs.clear();
    },
  };
}

async function carryOut(
  job: Job,
  { bytesMax, keptMs }: JobLimits,
  now: () => number,
  bytesOfOthers: number,
): Promise<Extract<JobState, { kind: 'done' | 'failed' }>> {
  try {
    const { body } = await job.order.work(job.stop.signal);
    const text = body === undefined ? '' : bodyText(body);
    const json = Buffer.from(text, 'utf8');
    if (bytesOfOthers + json.length > bytesMax) {
      throw fail('too-costly', 'The result is larger than what this server keeps. Ask for less at once.');
    }
    return { kind: 'done', type: typeOf(text), json, expiresAt: now() + keptMs };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

/** Every resource that the server writes begins with its type. */
function typeOf(text: string): string {
  return /^\{"resourceType":"([A-Za-z]+)"/.exec(text)?.[1] ?? '';
}

function stateOf(job: Job, all: Iterable<Job>, time: number): JobState {
  if (job.result !== undefined) return job.result;
  if (job.startedAt !== undefined) return { kind: 'running', forMs: time - job.startedAt };
  let before = 0;
  for (const other of all) {
    if (other === job) break;
    if (other.endedAt === undefined) before++;
  }
  return { kind: 'waiting', before };
}

/** Interactions whose answers may take long. */
const DEFERRABLE: ReadonlySet<string> = new Set([
  'search-type',
  'search-system',
  'search-compartment',
  'history-instance',
  'history-type',
  'history-system',
  'transaction',
  'operation',
]);

/** Whether a client that asks for an answer later gets it later; for others the wish is ignored. */
export function isDeferrable(code: string): boolean {
  return DEFERRABLE.has(code);
}
