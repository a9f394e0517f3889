/** Closed load: so many users, each sending its next request when the last was answered. */
import { performance } from 'node:perf_hooks';
import { type Connection, openConnection, type Reply } from './connection.ts';

export interface Outcome {
  readonly requests: number;
  readonly errors: number;
  /** What the first error was. */
  readonly error?: string;
  readonly perSecond: number;
  /** ms. */
  readonly p50: number;
  readonly p99: number;
  /** Of the bodies of answers, in the mean. */
  readonly replyBytes: number;
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
  /** What one user does again and again; false when nothing is left to do. */
  readonly act: (user: User) => Promise<boolean | undefined>;
}

const ERROR_TEXT_MAX = 300;

export async function applyLoad(options: LoadOptions): Promise<Outcome> {
  const times: number[] = [];
  const failures: string[] = [];
  let received = 0;
  const note = (reply: Reply, ms: number): void => {
    times.push(ms);
    received += reply.body.length;
  };
  const startedAt = performance.now();
  const until = startedAt + options.seconds * 1000;
  const run = async (number: number): Promise<void> => {
    const connection = openConnection(options.base, options.type ?? 'application/fhir+json');
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
  await Promise.all(Array.from({ length: options.users }, (_, number) => run(number)));
  const seconds = (performance.now() - startedAt) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number): number =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return {
    requests: times.length,
    errors: failures.length,
    ...(failures.length > 0 ? { error: failures[0] } : {}),
    perSecond: times.length / seconds,
    p50: at(0.5),
    p99: at(0.99),
    replyBytes: received / Math.max(times.length, 1),
  };
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
