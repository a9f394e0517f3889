/**
 * Whether the last stop was clean, and the check of the file when it was not. A killed process loses nothing
 * in SQLite; the check is for disks that lied and memory that failed.
 * https://www.sqlite.org/pragma.html#pragma_quick_check
 */
import { StoreUnavailableError } from '../store.ts';
import type { Connection } from './connection.ts';
import { DAMAGED } from './failures.ts';

/** Marks the file as in use; returns whether the last use ended cleanly. */
export function markInUse(connection: Connection): boolean {
  const inUse = connection.row("SELECT value FROM meta WHERE name = 'in-use'")?.[0] === 1;
  if (!inUse) connection.run("INSERT OR REPLACE INTO meta VALUES ('in-use', 1)");
  return !inUse;
}

export function markClosed(connection: Connection): void {
  connection.run("INSERT OR REPLACE INTO meta VALUES ('in-use', 0)");
}

/** @throws StoreUnavailableError when the file is damaged */
export function checkIntegrity(connection: Connection): void {
  const found = connection.rows('PRAGMA quick_check(3)').map((row) => String(row[0]));
  if (found.length === 1 && found[0] === 'ok') return;
  throw new StoreUnavailableError(`${DAMAGED} (${found.join('; ')})`);
}
