/**
 * Writes on the one writing connection: versions, history, index rows and counters of a request, all inside
 * the transaction that the caller holds.
 */

import { toInstant } from '../../fhir/resource-text.ts';
import { assertNever } from '../../fhir/types.ts';
import { ConflictError, type Expected, type Precondition, type WriteResult } from '../store.ts';
import { checkedText, type RowFacts, soundText } from './checked-text.ts';
import type { PackedAmendment, PackedCommand, PackedReindex, WriteRequest } from './commands.ts';
import type { Connection } from './connection.ts';
import { noteState } from './index-ledger.ts';
import { dropRow } from './index-row.ts';
import type { NamedTerm } from './known-names.ts';
import { type Merger, replaceRows, writeRows } from './merge.ts';
import { resetOverlay } from './overlay.ts';
import { newestSeq } from './view.ts';

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

/** The row of a resource as a command finds it. */
interface Current {
  readonly rid: number;
  readonly v: number;
  readonly ts: number;
  readonly live: boolean;
}

interface State {
  readonly connection: Connection;
  readonly now: () => number;
  readonly types: Map<string, number>;
  /** Dictionary rows that are there. */
  readonly named: Map<number, Set<number>>;
  /** By how much the numbers of resources change. */
  readonly live: Map<number, number>;
  seq: number;
  rid: number;
  ts: number;
}

const OP = { POST: 0, PUT: 1, DELETE: 2 } as const;

export function createWriter({ connection, now, holds, merger }: WriterOptions): Writer {
  const state: State = {
    connection,
    now,
    types: new Map(),
    named: new Map(),
    live: new Map(),
    seq: 0,
    rid: 0,
    ts: 0,
  };
  load(state);
  const forget = (): void => {
    load(state);
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
  state: State,
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

function load(state: State): void {
  const { connection } = state;
  state.types.clear();
  for (const row of connection.rows('SELECT name, id FROM typ'))
    state.types.set(String(row[0]), Number(row[1]));
  state.named.clear();
  state.live.clear();
  state.seq = newestSeq(connection);
  state.rid = (connection.row('SELECT max(rid) FROM res')?.[0] as number | null) ?? 0;
  state.ts = (connection.row('SELECT ts FROM res WHERE seq = ?', state.seq)?.[0] as number | undefined) ?? 0;
}

function transact(
  state: State,
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
function check(state: State, commands: readonly PackedCommand[]): Map<string, Current | undefined> {
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

const FIND = 'SELECT rid, v, ts, op, id, t FROM res INDEXED BY res_h WHERE h = ?';

function find(state: State, key: { type: string; id: string; h: number }): Current | undefined {
  const t = state.types.get(key.type);
  if (t === undefined) return undefined;
  for (const [rid, v, ts, op, id, type] of state.connection.rows(FIND, key.h)) {
    if (id !== key.id || type !== t) continue;
    return { rid: rid as number, v: v as number, ts: ts as number, live: (op as number) !== OP.DELETE };
  }
  return undefined;
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
  state: State,
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
  state: State,
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

/** Told to those who remember what they found: no new version tells it. */
const REINDEXED = `INSERT INTO meta VALUES ('reindexed', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1`;

/**
 * Replaces postings in place. The index is brought up to date before, so that what it has of these versions is
 * exactly what their postings say, and again after.
 */
function reindex(state: State, entries: readonly PackedReindex[], merger: Merger): readonly WriteResult[] {
  catchUp(merger);
  state.connection.run(REINDEXED);
  for (const entry of entries) {
    const current = find(state, entry);
    if (current?.live !== true || String(current.v) !== entry.versionId) continue;
    const { d, packed, named } = entry.postings;
    replaceRows(
      state.connection,
      { rid: current.rid, t: typeId(state, entry.type), id: entry.id },
      { d, packed },
    );
    state.connection.run('UPDATE res SET d = ?, terms = ? WHERE rid = ?', d, packed, current.rid);
    addNames(state, named);
  }
  return [];
}

function catchUp(merger: Merger): void {
  while (merger.behind() > 0) merger.run(Number.MAX_SAFE_INTEGER);
}

/** Nothing that the index has is trusted: `reindex` writes only what is to change. */
function mend(
  state: State,
  { keys, drop, counts }: Extract<WriteRequest, { kind: 'mend' }>,
  merger: Merger,
): readonly WriteResult[] {
  catchUp(merger);
  state.connection.run(REINDEXED);
  for (const row of drop) dropRow(state.connection, row);
  for (const key of keys) {
    const current = find(state, key);
    if (current?.live !== true) continue;
    writeRows(state.connection, { rid: current.rid, t: typeId(state, key.type), id: key.id });
  }
  if (counts !== undefined) {
    for (const type of state.types.keys())
      state.connection.run('UPDATE typ SET live = ? WHERE name = ?', counts.get(type) ?? 0, type);
  }
  return [];
}

/** The one result tells whether the version was as expected. */
function amend(state: State, amendment: PackedAmendment, merger: Merger): readonly WriteResult[] {
  const { connection } = state;
  const { versionId, from, to } = amendment;
  const current = find(state, amendment);
  const isCurrent = current?.live === true && String(current.v) === versionId;
  const result = { versionId, lastUpdated: current?.ts ?? 0, created: false };
  if (current === undefined) return [{ ...result, changed: false }];
  const [table, args] = isCurrent
    ? (['res', [current.rid]] as const)
    : (['hist', [current.rid, Number(versionId)]] as const);
  const where = isCurrent ? 'rid = ?' : 'rid = ? AND v = ?';
  const [kept, ts, op] = connection.row(`SELECT body, ts, op FROM ${table} WHERE ${where}`, ...args) ?? [];
  const { type, id } = amendment;
  const facts: RowFacts = { type, id, versionId, lastUpdated: ts as number, op: op as RowFacts['op'] };
  if (soundText(kept, facts) !== from) return [{ ...result, changed: false }];
  connection.run(`UPDATE ${table} SET body = ? WHERE ${where}`, checkedText(to, facts), ...args);
  if (isCurrent) reindex(state, [amendment], merger);
  return [{ ...result, changed: true }];
}

/** Dictionary rows of a key that are remembered. */
const NAMES_MAX = 10_000;

function addNames(state: State, named: readonly NamedTerm[]): void {
  for (const [k, h, system, code] of named) {
    let known = state.named.get(k);
    if (known === undefined) {
      known = new Set();
      state.named.set(k, known);
    }
    if (known.has(h)) continue;
    state.connection.run('INSERT OR IGNORE INTO dict VALUES (?, ?, ?, ?)', k, h, system, code);
    // those that come again are known again soon; numbers of papers never do
    if (known.size >= NAMES_MAX) known.clear();
    known.add(h);
  }
}

function typeId(state: State, name: string): number {
  const known = state.types.get(name);
  if (known !== undefined) return known;
  const id = state.types.size + 1;
  state.connection.run('INSERT INTO typ(id, name) VALUES (?, ?)', id, name);
  state.types.set(name, id);
  return id;
}

function count(state: State, t: number, by: 1 | -1): void {
  state.live.set(t, (state.live.get(t) ?? 0) + by);
}

/** Writes what a request did to the numbers of resources. */
function flushCounts({ connection, live }: State): void {
  for (const [t, by] of live) {
    if (by !== 0) connection.run('UPDATE typ SET live = live + ? WHERE id = ?', by, t);
  }
  live.clear();
}
