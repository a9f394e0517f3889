/**
 * Runs disk-full-child.ts on a small disk in memory, which the kernel lends to an unprivileged process in a
 * namespace of its own. `node scripts/faults/disk-full.ts`
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface DiskFullReport {
  readonly acknowledged: number;
  readonly refused: readonly string[];
  readonly lastRead: number;
  readonly searched: number;
  readonly after: readonly string[];
  readonly index: { readonly missing: number; readonly extra: number; readonly behind: number };
}

const run = promisify(execFile);

/** Undefined where no disk can be mounted. */
export async function fillDisk(sizeMb: number): Promise<DiskFullReport | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-full-'));
  const script = join(import.meta.dirname, 'disk-full-child.ts');
  const mount = `mount -t tmpfs -o size=${sizeMb}m tmpfs "$1"`;
  try {
    await run('unshare', ['-rm', 'sh', '-c', mount, 'sh', folder]);
  } catch {
    await rm(folder, { recursive: true });
    return undefined;
  }
  try {
    const command = `${mount} && exec "$2" "$3" "$1"`;
    const { stdout } = await run('unshare', [
      '-rm',
      'sh',
      '-c',
      command,
      'sh',
      folder,
      process.execPath,
      script,
    ]);
    return JSON.parse(stdout) as DiskFullReport;
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (import.meta.main) console.log((await fillDisk(16)) ?? 'no disk can be mounted here');
