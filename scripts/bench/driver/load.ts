/** Closed load: so many users, each sending its next request when the last was answered. */
import { performance } from 'node:perf_hooks';
import { type Connection, openConnection, type Reply } from './connection.ts';
import { machineCpuSeconds } from './machine.ts';

export interface Outcome {
  readonly requests: number;
  readonly errors: number;
  /** What the first error was. */
  readonly error?: string;
  readonly perSecond: number;
  readonly seconds: number;
  /** ms. */
  readonly p50: number;
  readonly p99: number;
  /** Of the bodies of answers, in the mean. */
  readonly replyBytes: number;
  /** Processors that the load generator kept busy: 0.3 is a third of one. */
  readonly generatorCores: number;
  /** The same of the server, all its threads; undefined for servers that were not started here. */
  readonly serverCores?: number;
  /** Of everything else on the machine: a database server, and whatever disturbed. */
  readonly otherCores?: number;
}

/** One user. `ask` measures a request; an answer with another status than expected is an error. */
export interface User {
  readonly base: URL;
  readonly number: number;
  ask(method: string, path: string, body?: Buffer, expected?: number): Promise<Reply>;
}

export interface LoadOptions {
  readonly base: URL;
  readonly users: number;
  readonly seconds: number;
  /** Media type sent and accepted. */
  readonly type?: string;
  readonly acceptsGzip?: boolean;
  /** Seconds of processor that the server has used so far. */
  readonly serverCpuSeconds?: () => number;
  /** Called a few times a second with what was done so far. */
  readonly onProgress?: (requests: number, seconds: number) => void;
  /** What one user does again and again; false when nothing is left to do. */
  readonly act: (user: User) => Promise<boolean | undefined>;
}

const ERROR_TEXT_MAX = 300;
const PROGRESS_MS = 250;

export async function applyLoad(options: LoadOptions): Promise<Outcome> {
  const times: number[] = [];
  const failures: string[] = [];
  let received = 0;
  const note = (reply: Reply, ms: number): void => {
    times.push(ms);
    received += reply.body.length;
  };
  const cpuBefore = process.cpuUsage();
  const serverBefore = options.serverCpuSeconds?.() ?? 0;
  const machineBefore = machineCpuSeconds();
  const startedAt = performance.now();
  const until = startedAt + options.seconds * 1000;
  const { type = 'application/fhir+json', acceptsGzip = false } = options;
  const run = async (number: number): Promise<void> => {
    const connection = openConnection(options.base, { type, acceptsGzip });
    const user = createUser(connection, options.base, number, note, failures);
    try {
      while (performance.now() < until) {
        try {
          if ((await options.act(user)) === false) break;
        } catch (error) {
          failures.push((error as Error).message);
          if (failures.length > times.length + 100) break;
        }
      }
    } finally {
      connection.close();
    }
  };
  const { onProgress } = options;
  const tell = (): void => onProgress?.(times.length, (performance.now() - startedAt) / 1000);
  const timer = onProgress === undefined ? undefined : setInterval(tell, PROGRESS_MS);
  try {
    await Promise.all(Array.from({ length: options.users }, (_, number) => run(number)));
  } finally {
    clearInterval(timer);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const server = options.serverCpuSeconds?.();
  const generatorCores = (cpu.user + cpu.system) / 1e6 / seconds;
  const serverCores = server === undefined ? undefined : (server - serverBefore) / seconds;
  const allCores = (machineCpuSeconds() - machineBefore) / seconds;
  return {
    ...percentiles(times),
    requests: times.length,
    errors: failures.length,
    ...(failures.length > 0 ? { error: failures[0] } : {}),
    perSecond: times.length / seconds,
    seconds,
    replyBytes: received / Math.max(times.length, 1),
    generatorCores,
    ...(serverCores !== undefined && {
      serverCores,
      otherCores: Math.max(0, allCores - generatorCores - serverCores),
    }),
  };
}

function percentiles(times: readonly number[]): { readonly p50: number; readonly p99: number } {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

function createUser(
  connection: Connection,
  base: URL,
  number: number,
  note: (reply: Reply, ms: number) => void,
  failures: string[],
): User {
  return {
    base,
    number,
    async ask(method, path, body, expected = 200) {
      const start = performance.now();
      const reply = await connection.request(method, path, body);
      note(reply, performance.now() - start);
      if (reply.status !== expected) {
        const text = reply.body.toString('utf8', 0, ERROR_TEXT_MAX);
        failures.push(`${method} ${path.split('?')[0]}: ${reply.status} instead of ${expected}: ${text}`);
      }
      return reply;
    },
  };
}
