/**
 * Writes on the one writing connection: versions, history, index rows and counters of a request, all inside
 * the transaction that the caller holds.
 */

import { toInstant } from '../../fhir/resource-text.ts';
import { assertNever } from '../../fhir/types.ts';
import { ConflictError, type Expected, type Precondition, type WriteResult } from '../store.ts';
import { checkedText } from './checked-text.ts';
import type { PackedCommand, WriteRequest } from './commands.ts';
import type { Connection } from './connection.ts';
import { noteState } from './index-ledger.ts';
import type { Merger } from './merge.ts';
import { resetOverlay } from './overlay.ts';
import { amend, mend, reindex } from './write-in-place.ts';
import {
  addNames,
  type Current,
  count,
  createState,
  find,
  flushCounts,
  loadState,
  OP,
  typeId,
  type WriterState,
} from './writer-state.ts';

export interface WriterOptions {
  readonly connection: Connection;
  readonly merger: Merger;
  /** ms since the epoch. */
  readonly now: () => number;
  /** Whether the query matches exactly the ids, in the transaction as it stands. */
  readonly holds: (precondition: Precondition) => boolean;
}

export interface Writer {
  /**
   * Carries out a request; nothing of it is left when it throws.
   * @throws ConflictError
   */
  apply(request: WriteRequest): readonly WriteResult[];
  /** After a rollback of the transaction around `apply`: forgets what was not committed. */
  reload(): void;
  /** The newest commit. */
  seq(): number;
}

export function createWriter({ connection, now, holds, merger }: WriterOptions): Writer {
  const state = createState(connection, now);
  const forget = (): void => {
    loadState(state);
    merger.reset();
    resetOverlay(connection);
  };
  return {
    apply(request) {
      connection.run('SAVEPOINT request');
      try {
        const results = carryOut(state, request, merger, holds);
        flushCounts(state);
        connection.run('RELEASE request');
        return results;
      } catch (error) {
        // SQLite has rolled back everything by itself after some errors
        if (connection.inTransaction()) {
          connection.run('ROLLBACK TO request');
          connection.run('RELEASE request');
        }
        // conflicts are found before anything is written
        if (!(error instanceof ConflictError)) forget();
        throw error;
      }
    },
    reload: forget,
    seq: () => state.seq,
  };
}

function carryOut(
  state: WriterState,
  request: WriteRequest,
  merger: Merger,
  holds: (precondition: Precondition) => boolean,
): readonly WriteResult[] {
  switch (request.kind) {
    case 'reindex':
      return reindex(state, request.entries, merger);
    case 'note':
      noteState(state.connection, request.state);
      return [];
    case 'amend':
      return amend(state, request.amendment, merger);
    case 'mend':
      return mend(state, request, merger);
    case 'transact':
      return transact(state, request, holds);
    default:
      return assertNever(request);
  }
}

function transact(
  state: WriterState,
  request: Extract<WriteRequest, { kind: 'transact' }>,
  holds: (precondition: Precondition) => boolean,
): readonly WriteResult[] {
  const found = check(state, request.commands);
  for (const [index, precondition] of request.preconditions.entries()) {
    if (!holds(precondition)) throw new ConflictError('precondition', index);
  }
  // a clock that was set back must not make later versions look older
  state.ts = Math.max(state.ts, Math.floor(state.now()));
  const current = found;
  return request.commands.map((command) => {
    const before = current.get(`${command.type}/${command.id}`);
    const { result, after } =
      command.kind === 'put' ? put(state, command, before) : remove(state, command, before);
    if (after !== undefined) current.set(`${command.type}/${command.id}`, after);
    return result;
  });
}

/** Walks through the commands without writing; returns the rows they start from. */
function check(state: WriterState, commands: readonly PackedCommand[]): Map<string, Current | undefined> {
  const found = new Map<string, Current | undefined>();
  const simulated = new Map<string, { readonly v: number; readonly live: boolean } | undefined>();
  for (const [index, command] of commands.entries()) {
    const key = `${command.type}/${command.id}`;
    if (!found.has(key)) {
      const current = find(state, command);
      found.set(key, current);
      simulated.set(key, current);
    }
    const before = simulated.get(key);
    if (!meets(command.expected, before)) throw new ConflictError('expected', index);
    if (command.kind === 'put') simulated.set(key, { v: (before?.v ?? 0) + 1, live: true });
    else if (before?.live === true) simulated.set(key, { v: before.v + 1, live: false });
  }
  return found;
}

function meets(
  expected: Expected,
  current: { readonly v: number; readonly live: boolean } | undefined,
): boolean {
  if (expected === 'any') return true;
  if (expected === 'absent') return current?.live !== true;
  return current !== undefined && String(current.v) === expected.versionId;
}

interface Written {
  readonly result: WriteResult;
  readonly after: Current | undefined;
}

const INSERT_RES = `INSERT INTO res(rid, t, h, v, seq, ts, op, d, id, terms, body)
  VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?)`;
const UPDATE_RES = `UPDATE res SET v = ?, seq = ?, ts = ?, op = ?, d = ?, terms = ?, body = ? WHERE rid = ?`;
const KEEP = `INSERT INTO hist(rseq, rid, t, v, seq, ts, op, d, terms, body)
  SELECT ?, rid, t, v, seq, ts, op, d, terms, body FROM res WHERE rid = ?`;

function put(
  state: WriterState,
  command: Extract<PackedCommand, { kind: 'put' }>,
  before: Current | undefined,
): Written {
  const { connection } = state;
  const { d, packed, named } = command.postings;
  const t = typeId(state, command.type);
  const seq = ++state.seq;
  const v = (before?.v ?? 0) + 1;
  const op = OP[command.method];
  const text = `${command.before}"versionId":"${v}","lastUpdated":"${toInstant(state.ts)}"${command.after}`;
  const { type, id } = command;
  const body = checkedText(text, { type, id, versionId: String(v), lastUpdated: state.ts, op });
  const rid = before?.rid ?? ++state.rid;
  if (before === undefined) {
    connection.run(INSERT_RES, rid, t, command.h, seq, state.ts, op, d, command.id, packed, body);
  } else {
    connection.run(KEEP, seq, rid);
    connection.run(UPDATE_RES, v, seq, state.ts, op, d, packed, body, rid);
  }
  addNames(state, named);
  if (before?.live !== true) count(state, t, 1);
  return {
    result: { versionId: String(v), lastUpdated: state.ts, created: before?.live !== true, changed: true },
    after: { rid, v, ts: state.ts, live: true },
  };
}

function remove(
  state: WriterState,
  command: Extract<PackedCommand, { kind: 'delete' }>,
  before: Current | undefined,
): Written {
  if (before?.live !== true) {
    const versionId = before === undefined ? '' : String(before.v);
    const lastUpdated = before?.ts ?? state.ts;
    return { result: { versionId, lastUpdated, created: false, changed: false }, after: before };
  }
  const { connection } = state;
  const t = typeId(state, command.type);
  const seq = ++state.seq;
  const v = before.v + 1;
  connection.run(KEEP, seq, before.rid);
  const { type, id } = command;
  const facts = { type, id, versionId: String(v), lastUpdated: state.ts, op: OP.DELETE };
  connection.run(UPDATE_RES, v, seq, state.ts, OP.DELETE, 0, null, checkedText('', facts), before.rid);
  count(state, t, -1);
  return {
    result: { versionId: String(v), lastUpdated: state.ts, created: false, changed: true },
    after: { rid: before.rid, v, ts: state.ts, live: false },
  };
}
