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
    // of a file that this user cannot write, the line above takes no lock, and says nothing
    db.exec('PRAGMA user_version=1');
  } catch (error) {
    db.close();
    throw new StoreUnavailableError(explain(path, error as Error & { errcode?: number }), { cause: error });
  }
  return {
    release: () => {
      if (!db.isOpen) return;
      db.exec('ROLLBACK');
      db.close();
    },
  };
}

const BUSY = 5;

function explain(path: string, { errcode = 0, message }: Error & { errcode?: number }): string {
  return (errcode & 0xff) === BUSY
    ? `another Passerelle uses ${path}: stop it first, or give this one a database of its own`
    : `${path}-lock cannot be locked (${message}): this user must be able to write it and its folder, which must have room`;
}
