/**
 * Copies a database into a new file, on a thread because it takes as long as the disk does.
 */
import { workerData } from 'node:worker_threads';
import { openConnection } from './connection.ts';
import { refuseForeign } from './schema.ts';

const { path, target } = workerData as { readonly path: string; readonly target: string };
const connection = openConnection({
  path,
  role: 'writer',
  cacheBytes: 8 * 1024 * 1024,
  busyTimeoutMs: 5_000,
});
try {
  refuseForeign(connection);
  // the copy is nobody's yet
  connection.run('VACUUM INTO ?', target);
} finally {
  connection.close();
}
