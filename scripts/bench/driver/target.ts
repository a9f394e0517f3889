/** The servers under load, each a process of its own on a fresh store: Passerelle, and the baseline. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const READY_WAIT_MS = 60_000;
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
  residentBytes(): number;
  /** Stops and starts again on the same data. */
  restart(): Promise<Target>;
  /** Of the data folder; 0 on MongoDB. */
  storedBytes(): number;
}

export interface StartOptions {
  readonly name: string;
  /** Further settings, such as MONGODB_URL. */
  readonly env?: Readonly<Record<string, string>>;
  /** Flags for Node, such as --cpu-prof. */
  readonly nodeFlags?: readonly string[];
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
  const args = [...(options.nodeFlags ?? []), join(ROOT, 'src', 'main.ts'), 'serve'];
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  await untilReady(`http://127.0.0.1:${port}/ready`, child);
  const startMs = performance.now() - startedAt;
  const stop = (): Promise<void> => endProcess(child);
  const own: OwnServer = {
    startMs,
    pid: child.pid as number,
    residentBytes: () => residentBytes(child.pid as number),
    storedBytes: () => folderBytes(folder),
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

/** Median ms of appending 1 KiB and waiting until it is on the disk: what every durable write has to wait for. */
export function measureSync(): number {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-bench-'));
  const file = openSync(join(folder, 'append'), 'a');
  const bytes = Buffer.alloc(1024, 'x');
  const times = Array.from({ length: 51 }, () => {
    const start = performance.now();
    writeSync(file, bytes);
    fdatasyncSync(file);
    return performance.now() - start;
  });
  closeSync(file);
  rmSync(folder, { recursive: true });
  return times.sort((a, b) => a - b)[25] as number;
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
  throw new Error('the server did not become ready within a minute');
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
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

function residentBytes(pid: number): number {
  try {
    const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kibibytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true }).reduce((sum: number, name) => {
    const entry = statSync(join(folder, String(name)));
    return sum + (entry.isFile() ? entry.blocks * 512 : 0);
  }, 0);
}
