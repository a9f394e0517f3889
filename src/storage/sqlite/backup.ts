/**
 * A copy of the database while it is in use: compact, complete as of one moment, a file like any other.
 * https://www.sqlite.org/lang_vacuum.html#vacuuminto
 */
import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';

/**
 * Safe while another process serves the file.
 * @throws Error when there is no database, the target exists or its folder does not
 */
export async function backupSqlite(path: string, target: string): Promise<void> {
  if (!existsSync(path)) throw new Error(`there is no database at ${path}`);
  if (existsSync(target)) throw new Error(`${target} exists: name a new file for the backup`);
  if (!existsSync(dirname(target))) throw new Error(`there is no folder ${dirname(target)}: make it first`);
  const partial = `${target}.partial`;
  await rm(partial, { force: true });
  try {
    await copyInThread(path, partial);
    await flush(partial);
    await rename(partial, target);
    await flush(dirname(target));
  } finally {
    await rm(partial, { force: true });
  }
}

function copyInThread(path: string, target: string): Promise<void> {
  const worker = new Worker(new URL('./backup-thread.ts', import.meta.url), {
    workerData: { path, target },
    execArgv: [],
  });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', (status) =>
      status === 0 ? resolve() : reject(new Error(`the backup stopped with status ${status}`)),
    );
  });
}

/** Onto the disk itself; a folder, so that the new name is there as well. */
async function flush(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
