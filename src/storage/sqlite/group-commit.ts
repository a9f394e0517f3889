/**
 * Group commit: requests that wait together become durable together, with one flush of the disk. Each request
 * is all or nothing on its own; a conflict of one does not touch the others.
 */
import { StoreUnavailableError, type WriteResult } from '../store.ts';
import type { WriteRequest } from './commands.ts';
import type { Connection } from './connection.ts';
import { isUnavailable } from './failures.ts';
import type { Writer } from './writer.ts';

export type Outcome =
  | { readonly ok: true; readonly results: readonly WriteResult[] }
  | { readonly ok: false; readonly error: unknown };

/** Outcomes in the order of the requests; those that are `ok` are on the disk. */
export function commitGroup(
  connection: Connection,
  writer: Writer,
  requests: readonly WriteRequest[],
): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  try {
    connection.run('BEGIN IMMEDIATE');
    for (const request of requests) outcomes.push(attempt(writer, request));
    connection.run('COMMIT');
    return outcomes;
  } catch (error) {
    abandon(connection, writer);
    if (!isUnavailable(error)) throw error;
    // nothing of the group is there, whatever its parts had come to
    return requests.map(() => ({ ok: false, error }));
  }
}

/** Nothing of the group was tried. */
export function refuseGroup(requests: readonly WriteRequest[]): readonly Outcome[] {
  const error = new StoreUnavailableError('the index is too far behind; it is being brought up to date');
  return requests.map(() => ({ ok: false, error }));
}

function attempt(writer: Writer, request: WriteRequest): Outcome {
  try {
    return { ok: true, results: writer.apply(request) };
  } catch (error) {
    // a full disk or a broken file ends the whole transaction
    if (isUnavailable(error)) throw error;
    return { ok: false, error };
  }
}

function abandon(connection: Connection, writer: Writer): void {
  try {
    // SQLite has rolled back by itself after some errors
    if (connection.inTransaction()) connection.run('ROLLBACK');
    writer.reload();
  } catch (error) {
    throw new StoreUnavailableError('the database cannot be used now', { cause: error });
  }
}
