/** The machine that is measured on, and what processes take of it; from /proc, so on Linux only. */
import { execFileSync } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly gibibytes: number;
  readonly node: string;
  /** Processes that wanted a processor when the run began. */
  readonly loadBefore: number;
  /** Median ms of appending 1 KiB and waiting until it is on the disk: every durable write waits for that. */
  readonly syncMs: number;
  /** Version of the source. */
  readonly commit: string;
}

export interface Memory {
  readonly residentBytes: number;
  /** Heap, stacks, caches: only the process itself can give it back. */
  readonly anonymousBytes: number;
  /** Program and mapped files: the kernel drops it when others need room. */
  readonly fileBytes: number;
}

export function describeMachine(): Machine {
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    gibibytes: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    loadBefore: loadavg()[0] ?? 0,
    syncMs: measureSync(),
    commit: commitOf(import.meta.dirname),
  };
}

export function memoryOf(pid: number): Memory {
  const status = readProc(pid, 'status');
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return {
    residentBytes: bytes('VmRSS'),
    anonymousBytes: bytes('RssAnon'),
    fileBytes: bytes('RssFile') + bytes('RssShmem'),
  };
}

/** The kernel counts in hundredths of a second. */
const TICKS_PER_SECOND = 100;

export function cpuSecondsOf(pid: number): number {
  const stat = readProc(pid, 'stat');
  // The name, in brackets, may hold blanks; utime and stime are the 12th and 13th after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND;
}

/** Seconds of processor that everything on this machine has used. */
export function machineCpuSeconds(): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = readProc('', 'stat')
    .slice(0, 200)
    .split(/\s+/)
    .map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}

function readProc(pid: number | '', file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function measureSync(): number {
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

function commitOf(folder: string): string {
  try {
    const asked = ['-C', folder, 'rev-parse', '--short', 'HEAD'];
    return execFileSync('git', asked, { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return 'unknown';
  }
}
