/**
 * What the writing connection knows without asking: numbers of types and commits, and which terms in the clear are
 * there. It follows the transaction at hand, and is read anew after one that was rolled back.
 */

import type { Connection } from './connection.ts';
import type { NamedTerm } from './known-names.ts';
import { newestSeq } from './view.ts';

/** The row of a resource as a command finds it. */
export interface Current {
  readonly rid: number;
  readonly v: number;
  readonly ts: number;
  readonly live: boolean;
}

export interface WriterState {
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

/** As a row tells how it came. */
export const OP = { POST: 0, PUT: 1, DELETE: 2 } as const;

export function createState(connection: Connection, now: () => number): WriterState {
  const state: WriterState = {
    connection,
    now,
    types: new Map(),
    named: new Map(),
    live: new Map(),
    seq: 0,
    rid: 0,
    ts: 0,
  };
  loadState(state);
  return state;
}

export function loadState(state: WriterState): void {
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

const FIND = 'SELECT rid, v, ts, op, id, t FROM res INDEXED BY res_h WHERE h = ?';

export function find(state: WriterState, key: { type: string; id: string; h: number }): Current | undefined {
  const t = state.types.get(key.type);
  if (t === undefined) return undefined;
  for (const [rid, v, ts, op, id, type] of state.connection.rows(FIND, key.h)) {
    if (id !== key.id || type !== t) continue;
    return { rid: rid as number, v: v as number, ts: ts as number, live: (op as number) !== OP.DELETE };
  }
  return undefined;
}

/** Dictionary rows of a key that are remembered. */
const NAMES_MAX = 10_000;

export function addNames(state: WriterState, named: readonly NamedTerm[]): void {
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

export function typeId(state: WriterState, name: string): number {
  const known = state.types.get(name);
  if (known !== undefined) return known;
  const id = state.types.size + 1;
  state.connection.run('INSERT INTO typ(id, name) VALUES (?, ?)', id, name);
  state.types.set(name, id);
  return id;
}

export function count(state: WriterState, t: number, by: 1 | -1): void {
  state.live.set(t, (state.live.get(t) ?? 0) + by);
}

/** Writes what a request did to the numbers of resources. */
export function flushCounts({ connection, live }: WriterState): void {
  for (const [t, by] of live) {
    if (by !== 0) connection.run('UPDATE typ SET live = live + ? WHERE id = ?', by, t);
  }
  live.clear();
}
