/**
 * What a failed call to MongoDB means: try again, the server is away, or a fault of ours.
 * https://www.mongodb.com/docs/manual/reference/error-codes/
 */
import {
  MongoAPIError,
  MongoBulkWriteError,
  MongoClientBulkWriteError,
  MongoDriverError,
  MongoError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoServerError,
  MongoSystemError,
  MongoWriteConcernError,
} from 'mongodb';
import { StoreUnavailableError } from '../store.ts';

const DUPLICATE_KEY = 11000;
const WRITE_CONFLICT = 112;
const TIME_LIMIT = 50;
const SNAPSHOT_GONE = new Set([239, 246]);
const HISTORY_GONE = new Set([286, 280, 136]);

/**
 * What ended a call from outside: its cursor or session went with a restart or an election, it was interrupted, or
 * it took too long. Nothing is wrong with the call, and a later one may succeed.
 */
const ENDED = new Set([
  24, 43, 46, 50, 70, 94, 175, 211, 225, 237, 239, 246, 249, 251, 261, 279, 290, 365, 462, 11601,
]);

/** The server is starting, stopping, electing or out of reach of its members. */
const AWAY = new Set([
  6, 7, 64, 79, 89, 91, 133, 134, 189, 202, 262, 317, 384, 402, 9001, 10058, 10107, 11600, 11602, 13388,
  13435, 13436, 14031,
]);

const BROKEN = new Set(['EPIPE', 'ECONNRESET', 'ECONNABORTED', 'ENOTCONN', 'ERR_STREAM_DESTROYED']);

export function isDuplicateKey(error: unknown): boolean {
  return codeOf(rootOf(error)) === DUPLICATE_KEY;
}

/** Every failed part of an unordered insert was there already. */
export function isOnlyDuplicates(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError)) return isDuplicateKey(error);
  const failures = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  return (
    error.result?.getWriteConcernError() === undefined &&
    failures.length > 0 &&
    failures.every(({ code }) => code === DUPLICATE_KEY)
  );
}

export function isTimeLimit(error: unknown): boolean {
  return codeOf(error) === TIME_LIMIT;
}

/** The state of a page's moment is no longer kept. */
export function isSnapshotGone(error: unknown): boolean {
  return SNAPSHOT_GONE.has(codeOf(error));
}

/** The change stream cannot go on from a token. */
export function isHistoryGone(error: unknown): boolean {
  return HISTORY_GONE.has(codeOf(error));
}

/** The transaction was not committed and may be run again. */
export function isTransient(error: unknown): boolean {
  const root = rootOf(error);
  return (
    root instanceof MongoError &&
    (root.hasErrorLabel('TransientTransactionError') || codeOf(root) === WRITE_CONFLICT)
  );
}

/** Nobody knows yet whether the transaction was committed; the commit may be asked for again. */
export function isUnknownCommit(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false;
  if (error.hasErrorLabel('TransientTransactionError')) return false;
  return error.hasErrorLabel('UnknownTransactionCommitResult') || isUnavailable(error);
}

/** A later attempt may succeed, and whether this one had an effect has to be looked up. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof StoreUnavailableError) return true;
  const root = rootOf(error);
  if (isBrokenSocket(root)) return true;
  if (!(root instanceof MongoError)) return false;
  if (root instanceof MongoNetworkError || root instanceof MongoSystemError) return true;
  if (root.hasErrorLabel('RetryableWriteError') || root.hasErrorLabel('RetryableError')) return true;
  if (root instanceof MongoWriteConcernError) return true;
  if (root instanceof MongoBulkWriteError && root.result?.getWriteConcernError() !== undefined) return true;
  if (root instanceof MongoClientBulkWriteError && root.writeConcernErrors.length > 0) return true;
  // a storage engine that has stopped, on a full disk for instance: mongod ends, others say so until they are restarted
  if (root instanceof MongoServerError) return AWAY.has(codeOf(root)) || root.message.includes('WT_PANIC');
  return root instanceof MongoDriverError && isClosed(root);
}

/**
 * The connection was closed by the other side, by a restart, an idle limit or anything between. All that are kept open
 * may be, so that it takes more than the one further attempt that the driver makes by itself.
 */
export function isCut(error: unknown): boolean {
  const root = rootOf(error);
  if (root instanceof MongoNetworkError) return !(root instanceof MongoNetworkTimeoutError);
  return isBrokenSocket(root);
}

/** A write to a socket that is half closed reaches the caller as Node has it, and not as the driver's error. */
function isBrokenSocket(error: unknown): boolean {
  return error instanceof Error && BROKEN.has(String((error as { code?: unknown }).code));
}

/** It was given up for its time: whoever is told of it has waited as long as the driver does. */
export function hasWaited(error: unknown): boolean {
  const root = rootOf(error);
  return (
    root instanceof StoreUnavailableError ||
    root instanceof MongoWriteConcernError ||
    (root instanceof Error && /ServerSelection|Timeout/.test(root.name))
  );
}

/** A bulk write hides what it failed of, labels and all. */
function rootOf(error: unknown): unknown {
  if (error instanceof MongoClientBulkWriteError && error.cause instanceof MongoError) return error.cause;
  if (!(error instanceof MongoBulkWriteError)) return error;
  const inner: unknown = error.errorResponse;
  return inner instanceof MongoError ? inner : error;
}

/** As the contract wants it: unreachable servers under one name, everything else as it is. */
export function asStoreError(error: unknown): unknown {
  if (error instanceof StoreUnavailableError) return error;
  if (isUnavailable(error) || isTransient(error) || wasEnded(error)) {
    // a server's message may quote documents: only its name and code leave this place
    return new StoreUnavailableError(`MongoDB is not available now (${nameOf(error)})`, { cause: error });
  }
  return error;
}

export function nameOf(failure: unknown): string {
  const error = rootOf(failure);
  if (error instanceof MongoServerError) return `${error.codeName ?? error.name} ${error.code ?? ''}`.trim();
  return error instanceof Error ? error.name : 'unknown';
}

/** Not so for the writer, which has to know whether something was done. */
function wasEnded(error: unknown): boolean {
  const root = rootOf(error);
  if (root instanceof MongoServerError) return ENDED.has(codeOf(root));
  return root instanceof MongoDriverError && /StalePrimary|UnexpectedServerResponse/.test(root.name);
}

/** The client is closed or its pool is: no own class covers all of them. */
function isClosed(error: MongoError): boolean {
  if (error instanceof MongoAPIError) {
    return /NotConnected|TopologyClosed|ServerClosed|ExpiredSession|CursorExhausted|ClientClosed/.test(
      error.name,
    );
  }
  return /Pool(Closed|Cleared)|WaitQueueTimeout|OperationTimeout|ClientClosed|TopologyClosed/.test(
    error.name,
  );
}

function codeOf(error: unknown): number {
  if (error instanceof MongoClientBulkWriteError) {
    const [first] = error.writeErrors.values();
    return Number(first?.code);
  }
  if (error instanceof MongoBulkWriteError || error instanceof MongoServerError) return Number(error.code);
  return 0;
}
