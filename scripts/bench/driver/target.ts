/** The servers under load, each a process of its own on a fresh store: Passerelle, and the baseline. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { whenInterrupted } from './interrupted.ts';
import { cpuSecondsOf, type Memory, memoryOf } from './machine.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const READY_WAIT_MS = 300_000;
const POLL_MS = 10;

export interface Target {
  readonly name: string;
  readonly base: URL;
  /** Undefined for servers that were not started here. */
  readonly own?: OwnServer;
  stop(): Promise<void>;
}

export interface OwnServer {
  /** From the start of the process to the first good answer of /ready. */
  readonly startMs: number;
  readonly pid: number;
  memory(): Memory;
  /** Seconds of processor that all its threads have used. */
  cpuSeconds(): number;
  /** Stops and starts again on the same data. */
  restart(): Promise<Target>;
  /** SIGKILL; resolves once the process is gone. */
  kill(): Promise<void>;
  readonly folder: string;
  /** Leaves the data where it is. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly name: string;
  /** Further settings, such as MONGODB_URL. */
  readonly env?: Readonly<Record<string, string>>;
  /** Flags for Node, such as --cpu-prof. */
  readonly nodeFlags?: readonly string[];
  /** Where what the server logs is added to; it is dropped without. */
  readonly logFile?: string;
}

export function foreignTarget(address: string): Target {
  return { name: address, base: new URL(address), stop: async () => {} };
}

export async function startPasserelle(
  options: StartOptions,
  folder = mkdtempSync(join(tmpdir(), 'passerelle-bench-')),
): Promise<Target> {
  const port = await freePort();
  const { MONGODB_URL: _, ...inherited } = process.env;
  const env = {
    ...inherited,
    PASSERELLE_PORT: String(port),
    PASSERELLE_DATA: folder,
    PASSERELLE_LOG_LEVEL: 'warn',
    ...options.env,
  };
  const args = [...(options.nodeFlags ?? []), join(ROOT, 'bin', 'passerelle.mjs'), 'serve'];
  const startedAt = performance.now();
  const log = options.logFile === undefined ? 'ignore' : openSync(options.logFile, 'a');
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', log, 'inherit'] });
  child.once(
    'exit',
    whenInterrupted(() => endProcess(child)),
  );
  if (typeof log === 'number') closeSync(log);
  await untilReady(`http://127.0.0.1:${port}/ready`, child);
  const startMs = performance.now() - startedAt;
  const stop = (): Promise<void> => endProcess(child);
  const own: OwnServer = {
    startMs,
    pid: child.pid as number,
    memory: () => memoryOf(child.pid as number),
    cpuSeconds: () => cpuSecondsOf(child.pid as number),
    folder,
    stop,
    kill: () => endProcess(child, 'SIGKILL'),
    async restart() {
      await stop();
      return await startPasserelle(options, folder);
    },
  };
  return {
    name: options.name,
    base: new URL(`http://127.0.0.1:${port}/fhir`),
    own,
    async stop() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a command such as `verify` to its end. */
export async function runPasserelle(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
  onOutput?: (text: string) => void,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const { MONGODB_URL: _, ...inherited } = process.env;
  const child = spawn(process.execPath, [join(ROOT, 'src', 'main.ts'), ...args], {
    env: { ...inherited, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (part: Buffer): void => {
    output += part.toString();
    onOutput?.(part.toString());
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

export async function startEcho(): Promise<Target> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'echo.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout as NonNullable<typeof child.stdout>, 'data')) as [Buffer];
  return { name: 'echo', base: new URL(line.toString().trim()), stop: () => endProcess(child) };
}

async function untilReady(address: string, child: ChildProcess): Promise<void> {
  const until = performance.now() + READY_WAIT_MS;
  while (performance.now() < until) {
    if (child.exitCode !== null) throw new Error(`the server ended with code ${child.exitCode}`);
    try {
      if ((await fetch(address)).ok) return;
    } catch {
      // Not listening yet.
    }
    await sleep(POLL_MS);
  }
  child.kill('SIGKILL');
  throw new Error('the server did not become ready within five minutes');
}

async function endProcess(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** On the disk, as the file system counts. */
export function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true }).reduce((sum: number, name) => {
    const entry = statSync(join(folder, String(name)));
    return sum + (entry.isFile() ? entry.blocks * 512 : 0);
  }, 0);
}
