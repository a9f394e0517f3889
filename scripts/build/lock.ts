/** A lock between processes: a file that only one of them can create, given up when its owner is gone. */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 50;
const SHOW_AFTER_MS = 1_000;
const STALE_MS = 15 * 60_000;

/**
 * Waits for the lock and returns the function that releases it.
 * @param onWait called once when it takes longer than a second
 */
export async function holdLock(path: string, onWait: () => void = () => {}): Promise<() => void> {
  mkdirSync(dirname(path), { recursive: true });
  let waitedMs = 0;
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (isStale(path)) rmSync(path, { force: true });
    else await sleep(RETRY_MS);
    waitedMs += RETRY_MS;
    if (waitedMs === SHOW_AFTER_MS) onWait();
  }
}

function isStale(path: string): boolean {
  try {
    if (Date.now() - statSync(path).mtimeMs > STALE_MS) return true;
    const pid = Number(readFileSync(path, 'utf8'));
    if (!Number.isInteger(pid) || pid <= 0) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
