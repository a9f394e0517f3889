/**
 * Whether the last stop was clean, and the check of the file when it was not. A killed process loses nothing
 * in SQLite; the check is for disks that lied and memory that failed.
 * https://www.sqlite.org/pragma.html#pragma_quick_check
 */
import { StoreUnavailableError } from '../store.ts';
import type { Connection } from './connection.ts';
import { DAMAGED, type SentError } from './failures.ts';

/** What becomes of the check. `delayed`: it gave way to writes, or its process was ended, and begins again later. */
export type CheckReport =
  | { readonly kind: 'begun'; readonly pid: number | undefined }
  | { readonly kind: 'delayed' }
  | { readonly kind: 'sound' }
  | { readonly kind: 'damaged'; readonly error: SentError };

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
  const found = damagedParts(connection, 'quick_check');
  if (found.length === 0) return;
  throw new StoreUnavailableError(`${DAMAGED} (${found.join('; ')})`);
}

/** In SQLite's words; the longer check also holds its indexes against its tables. */
export function damagedParts(connection: Connection, check: 'quick_check' | 'integrity_check'): string[] {
  const found = connection.rows(`PRAGMA ${check}(3)`).map((row) => String(row[0]));
  return found.length === 1 && found[0] === 'ok' ? [] : found;
}
