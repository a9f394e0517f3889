/**
 * One server process per database: an exclusive lock on a small file beside it. The operating system gives the
 * lock back when the process dies, however it dies.
 */
import { DatabaseSync } from 'node:sqlite';
import { StoreUnavailableError } from '../store.ts';

export interface FileLock {
  release(): void;
}

/** @throws StoreUnavailableError when another process, or another store of this one, has the lock */
export function lockFile(path: string): FileLock {
  const db = new DatabaseSync(`${path}-lock`, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw new StoreUnavailableError(
      `another Passerelle uses ${path}: stop it first, or give this one a database of its own`,
      { cause: error },
    );
  }
  return {
    release: () => {
      if (!db.isOpen) return;
      db.exec('ROLLBACK');
      db.close();
    },
  };
}
