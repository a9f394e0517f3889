/**
 * Writes on the one writing connection: versions, history, index rows and counters of a request, all inside
 * the transaction that the caller holds.
 */
import { ConflictError, type Expected, type Precondition, type WriteResult } from '../store.ts';
import type { NamedTerm, PackedCommand, PackedPostings, PackedReindex, WriteRequest } from './commands.ts';
import type { Connection } from './connection.ts';
import { BIRTH_LIST, type IndexRows, indexRows, NO_ROWS, withoutRows } from './index-keys.ts';
import { newestSeq } from './view.ts';

export interface WriterOptions {
  readonly connection: Connection;
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
  /** The type of each key; keys of several types have the last one. */
  readonly keys: Map<number, number>;
  seq: number;
  rid: number;
  ts: number;
}

const POSTINGS = 'SELECT d, terms FROM res WHERE rid = ?';
const OP = { POST: 0, PUT: 1, DELETE: 2 } as const;

export function createWriter({ connection, now, holds }: WriterOptions): Writer {
  const state: State = {
    connection,
    now,
    types: new Map(),
    named: new Map(),
    keys: new Map(),
    seq: 0,
    rid: 0,
    ts: 0,
  };
  load(state);
  return {
    apply(request) {
      connection.run('SAVEPOINT request');
      try {
        const results =
          request.kind === 'reindex' ? reindex(state, request.entries) : transact(state, request, holds);
        connection.run('RELEASE request');
        return results;
      } catch (error) {
        connection.run('ROLLBACK TO request');
        connection.run('RELEASE request');
        // conflicts are found before anything is written
        if (!(error instanceof ConflictError)) load(state);
        throw error;
      }
    },
    reload: () => load(state),
    seq: () => state.seq,
  };
}

function load(state: State): void {
  const { connection } = state;
  state.types.clear();
  for (const row of connection.rows('SELECT name, id FROM typ'))
    state.types.set(String(row[0]), Number(row[1]));
  state.named.clear();
  state.keys.clear();
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
  const body = `${command.before}"versionId":"${v}","lastUpdated":"${new Date(state.ts).toISOString()}"${command.after}`;
  const rid = before?.rid ?? ++state.rid;
  if (before === undefined) {
    connection.run(INSERT_RES, rid, t, command.h, seq, state.ts, op, d, command.id, packed, body);
    const rows = indexRows(packed, t, command.id);
    addRows(state, rows, d, rid);
    addKeys(state, rows, t);
  } else {
    replacePostings(state, { rid, t, id: command.id, live: before.live }, command.postings);
    connection.run(KEEP, seq, rid);
    connection.run(UPDATE_RES, v, seq, state.ts, op, d, packed, body, rid);
  }
  addNames(state, named);
  if (before?.live !== true) count(state, t, rid, 1);
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
  const [d, terms] = connection.row(POSTINGS, before.rid) as [number, Uint8Array];
  dropRows(state, indexRows(terms, t, command.id), d, before.rid);
  connection.run(KEEP, seq, before.rid);
  connection.run(UPDATE_RES, v, seq, state.ts, OP.DELETE, 0, null, null, before.rid);
  count(state, t, before.rid, -1);
  return {
    result: { versionId: String(v), lastUpdated: state.ts, created: false, changed: true },
    after: { rid: before.rid, v, ts: state.ts, live: false },
  };
}

function reindex(state: State, entries: readonly PackedReindex[]): readonly WriteResult[] {
  for (const entry of entries) {
    const current = find(state, entry);
    if (current?.live !== true || String(current.v) !== entry.versionId) continue;
    const t = typeId(state, entry.type);
    replacePostings(state, { rid: current.rid, t, id: entry.id, live: true }, entry.postings);
    const { d, packed, named } = entry.postings;
    state.connection.run('UPDATE res SET d = ?, terms = ? WHERE rid = ?', d, packed, current.rid);
    addNames(state, named);
  }
  return [];
}

interface Target {
  readonly rid: number;
  readonly t: number;
  readonly id: string;
  readonly live: boolean;
}

/** Brings the index rows of a resource from those of its stored postings to new ones. */
function replacePostings(state: State, { rid, t, id, live }: Target, next: PackedPostings): void {
  const added = indexRows(next.packed, t, id);
  addKeys(state, added, t);
  if (!live) {
    addRows(state, added, next.d, rid);
    return;
  }
  const [d, terms] = state.connection.row(POSTINGS, rid) as [number, Uint8Array];
  if (d === next.d && Buffer.compare(terms, next.packed) === 0) return;
  const dropped = indexRows(terms, t, id);
  const dropOnly = withoutRows(dropped, added);
  const addOnly = withoutRows(added, dropped);
  // another date moves every term of the resource
  const moved = d !== next.d;
  dropRows(state, moved ? { ...dropOnly, terms: dropped.terms } : dropOnly, d, rid);
  addRows(state, moved ? { ...addOnly, terms: added.terms } : addOnly, next.d, rid);
}

function addRows({ connection }: State, rows: IndexRows, d: number, rid: number): void {
  for (const [k, h] of rows.terms)
    connection.run('INSERT OR IGNORE INTO ix VALUES (?, ?, ?, ?)', k, h, d, rid);
  for (const [k, s] of rows.texts) connection.run('INSERT OR IGNORE INTO ixs VALUES (?, ?, ?)', k, s, rid);
  for (const [k, lo, hi] of rows.dates) {
    connection.run('INSERT OR IGNORE INTO ixd VALUES (?, ?, ?, ?)', k, lo, rid, hi);
  }
  for (const [k, u, lo, hi] of rows.numbers) {
    connection.run('INSERT OR IGNORE INTO ixq VALUES (?, ?, ?, ?, ?)', k, u, lo, rid, hi);
  }
}

function dropRows({ connection }: State, rows: IndexRows = NO_ROWS, d: number, rid: number): void {
  for (const [k, h] of rows.terms) {
    connection.run('DELETE FROM ix WHERE k = ? AND h = ? AND d = ? AND rid = ?', k, h, d, rid);
  }
  for (const [k, s] of rows.texts)
    connection.run('DELETE FROM ixs WHERE k = ? AND s = ? AND rid = ?', k, s, rid);
  for (const [k, lo, hi] of rows.dates) {
    connection.run('DELETE FROM ixd WHERE k = ? AND lo = ? AND rid = ? AND hi = ?', k, lo, rid, hi);
  }
  for (const [k, u, lo, hi] of rows.numbers) {
    connection.run(
      'DELETE FROM ixq WHERE k = ? AND u = ? AND lo = ? AND rid = ? AND hi = ?',
      k,
      u,
      lo,
      rid,
      hi,
    );
  }
}

function addKeys(state: State, rows: IndexRows, t: number): void {
  for (const [k] of rows.terms) {
    if (state.keys.get(k) === t) continue;
    state.connection.run('INSERT OR IGNORE INTO keys VALUES (?, ?)', k, t);
    state.keys.set(k, t);
  }
}

function addNames(state: State, named: readonly NamedTerm[]): void {
  for (const [k, h, system, code] of named) {
    let known = state.named.get(k);
    if (known === undefined) {
      known = new Set();
      state.named.set(k, known);
    }
    if (known.has(h)) continue;
    state.connection.run('INSERT OR IGNORE INTO dict VALUES (?, ?, ?, ?)', k, h, system, code);
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

/** A resource comes to life or ends. */
function count({ connection }: State, t: number, rid: number, by: 1 | -1): void {
  connection.run('UPDATE typ SET live = live + ? WHERE id = ?', by, t);
  if (by === 1) connection.run('INSERT OR IGNORE INTO ix VALUES (?, ?, 0, ?)', BIRTH_LIST, t, rid);
  else connection.run('DELETE FROM ix WHERE k = ? AND h = ? AND d = 0 AND rid = ?', BIRTH_LIST, t, rid);
}
