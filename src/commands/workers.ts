/**
 * passerelle serve --workers N: several server processes on one port, for machines with several cores. Each is a whole
 * server on the same MongoDB database; this process only hands out connections and starts again what has died.
 * https://nodejs.org/api/cluster.html
 */
import cluster, { type Worker } from 'node:cluster';

export interface WorkersOptions {
  readonly count: number;
  /** The file that a worker runs, with the same arguments and environment as this process. */
  readonly program: string;
  readonly print: (line: string) => void;
  /** Stops all workers when aborted. */
  readonly stop: AbortSignal;
  /** How long a worker may take to finish its requests, ms. */
  readonly stopMs?: number;
  /** Wait before a dead worker is started again, ms; doubles while it keeps dying. */
  readonly restartMs?: number;
}

export const WORKERS_MAX = 64;

const RESTART_MS_MAX = 30_000;
/** A worker that has served this long did not die of its start. */
const SETTLED_MS = 60_000;

/** The N of `--workers N`, undefined without it, or what is wrong with it. */
export function readWorkers(args: readonly string[]): number | undefined | string {
  const [name, value, ...more] = args;
  if (name === undefined) return undefined;
  const count = Number(value);
  if (name !== '--workers' || more.length > 0)
    return `serve takes only --workers N, not "${args[0]}". Settings are environment variables, such as PASSERELLE_PORT=8081: passerelle --help lists them.`;
  if (value === undefined || !/^\d+$/.test(value) || count < 1 || count > WORKERS_MAX)
    return `--workers takes a number from 1 to ${WORKERS_MAX}.`;
  return count;
}

/** Resolves once all workers have ended, to 0, or to the code of a first worker that could not start. */
export async function superviseWorkers(options: WorkersOptions): Promise<number> {
  const { count, program, print, stop } = options;
  cluster.setupPrimary({ exec: program, args: process.argv.slice(2) });
  // the first alone: it makes the database, and what it cannot start with is told once
  const first = cluster.fork();
  const code = await listeningOrExit(first);
  if (code !== undefined) return code;
  const slots = [first, ...Array.from({ length: count - 1 }, () => cluster.fork())].map((worker, at) =>
    keepAlive(worker, at + 1, options),
  );
  if (!stop.aborted) print(`  workers    ${count}`);
  await Promise.all(slots);
  return 0;
}

/** Undefined once it listens, or the code it ended with. */
async function listeningOrExit(worker: Worker): Promise<number | undefined> {
  return await new Promise((resolve) => {
    worker.once('listening', () => resolve(undefined));
    worker.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Starts it again whenever it dies; resolves when it has ended because it was told to. */
async function keepAlive(started: Worker, number: number, options: WorkersOptions): Promise<void> {
  const { print, stop, stopMs = 30_000, restartMs = 1_000 } = options;
  let worker = started;
  let waitMs = restartMs;
  for (;;) {
    const begun = performance.now();
    const end = await ended(worker, stop, stopMs);
    if (stop.aborted) return;
    if (performance.now() - begun > SETTLED_MS) waitMs = restartMs;
    print(
      `Worker ${number} (process ${worker.process.pid}) ended with ${end}; another in ${waitMs / 1000} s.`,
    );
    await pause(waitMs, stop);
    if (stop.aborted) return;
    waitMs = Math.min(waitMs * 2, RESTART_MS_MAX);
    worker = cluster.fork();
  }
}

/** The code or signal of its end. */
async function ended(worker: Worker, stop: AbortSignal, stopMs: number): Promise<string> {
  if (worker.isDead()) return 'no answer';
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    worker.process.kill('SIGTERM');
    timer = setTimeout(() => worker.process.kill('SIGKILL'), stopMs);
  };
  if (stop.aborted) end();
  else stop.addEventListener('abort', end, { once: true });
  try {
    return await new Promise((resolve) => {
      worker.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
    });
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', end);
  }
}

async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    stop.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
