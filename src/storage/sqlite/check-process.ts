/**
 * A process that checks the file while it is served: SQLite's check is one statement, which nothing ends but the end
 * of its process. It takes what the server leaves of the processor and the disk, and ends when the server does,
 * however that ends.
 * https://www.sqlite.org/pragma.html#pragma_quick_check
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { openConnection } from './connection.ts';
import { sendError } from './failures.ts';
import { type CheckReport, checkIntegrity } from './integrity.ts';

const CACHE_BYTES = 1024 * 1024;
const BUSY_TIMEOUT_MS = 5_000;

/** Beside the check itself, which hears nothing until it is done. */
function watch(path: string | undefined): void {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  const worker = new Worker(new URL(import.meta.url), { workerData: path });
  worker.once('message', (report: CheckReport) => process.send?.(report, () => process.exit()));
}

function check(path: string): CheckReport {
  const connection = openConnection({
    path,
    role: 'reader',
    cacheBytes: CACHE_BYTES,
    busyTimeoutMs: BUSY_TIMEOUT_MS,
  });
  try {
    checkIntegrity(connection);
    return { kind: 'sound' };
  } catch (error) {
    return { kind: 'damaged', error: sendError(error) };
  } finally {
    connection.close();
  }
}

if (isMainThread) watch(process.argv[2]);
else parentPort?.postMessage(check(workerData));
