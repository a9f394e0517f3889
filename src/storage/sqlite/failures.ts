/**
 * Which errors of SQLite mean that the file cannot be used now, and errors on their way between threads.
 * https://www.sqlite.org/rescode.html
 */
import { FhirError, type Issue } from '../../fhir/issues.ts';
import { ConflictError, StoreUnavailableError } from '../store.ts';

/** ABORT, BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB. */
const UNAVAILABLE: ReadonlySet<number> = new Set([4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26]);

const [READONLY, INPUT_OUTPUT, CORRUPT, NOT_A_DATABASE] = [8, 10, 11, 26];
export const DAMAGED =
  'the database is damaged: restore the last backup, or salvage it with sqlite3 .recover';
const READ_ONLY = '. Give the data folder and all files in it to the user that runs the server';

/** Without what extends it. */
function codeOf(error: Error): number | undefined {
  return 'errcode' in error ? Number(error.errcode) & 0xff : undefined;
}

function hintOf(error: Error): string {
  const code = codeOf(error);
  if (code === READONLY) return READ_ONLY;
  return code === INPUT_OUTPUT ? '. Look at the disk of the data folder: it is full, or fails' : '';
}

export function isUnavailable(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (code !== undefined) return UNAVAILABLE.has(code);
  // Node's own: the connection was closed under a statement
  return 'code' in error && error.code === 'ERR_INVALID_STATE' && /not open|finalized/.test(error.message);
}

/** Turns failures of the file or its lock into the one error that callers may retry. */
export function guard<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw asStoreError(error);
  }
}

export function asStoreError(error: unknown): unknown {
  if (!isUnavailable(error)) return error;
  const code = codeOf(error);
  const message =
    code === CORRUPT || code === NOT_A_DATABASE
      ? `${DAMAGED} (${error.message})`
      : `the database cannot be used now: ${error.message}${hintOf(error)}`;
  return new StoreUnavailableError(message, { cause: error });
}

/** An error as a message between threads. */
export type SentError =
  | { readonly kind: 'conflict'; readonly reason: ConflictError['reason']; readonly index: number }
  | { readonly kind: 'unavailable'; readonly message: string; readonly errstr?: string }
  | { readonly kind: 'issues'; readonly issues: readonly Issue[]; readonly status: number }
  | { readonly kind: 'fault'; readonly message: string; readonly stack: string };

export function sendError(error: unknown): SentError {
  if (error instanceof ConflictError) return { kind: 'conflict', reason: error.reason, index: error.index };
  if (error instanceof FhirError) return { kind: 'issues', issues: error.issues, status: error.status };
  const known = asStoreError(error);
  if (known instanceof StoreUnavailableError) {
    const { errstr } = (known.cause ?? {}) as { errstr?: string };
    return { kind: 'unavailable', message: known.message, ...(errstr !== undefined && { errstr }) };
  }
  const fault = error instanceof Error ? error : new Error(String(error));
  return { kind: 'fault', message: fault.message, stack: fault.stack ?? '' };
}

export function receiveError(sent: SentError): Error {
  switch (sent.kind) {
    case 'conflict':
      return new ConflictError(sent.reason, sent.index);
    case 'unavailable': {
      const { message, errstr } = sent;
      const cause = errstr === undefined ? {} : { cause: Object.assign(new Error(message), { errstr }) };
      return new StoreUnavailableError(message, cause);
    }
    case 'issues':
      return new FhirError(sent.issues, { status: sent.status });
    default: {
      const fault = new Error(sent.message);
      fault.stack = sent.stack;
      return fault;
    }
  }
}
