/**
 * Bringing the index up to the newest commit, in bulk and in the order of its keys. A commit only appends
 * versions; what they mean for the index follows when some thousands have gathered or nobody is waiting, and
 * readers take the versions in between from overlay.ts. A bulk is applied in small steps, each a transaction of
 * its own; readers pass over index rows of resources that are newer than `merged`, so half a bulk is harmless.
 */
import type { SQLInputValue } from 'node:sqlite';
import type { Connection, Row } from './connection.ts';
import { BIRTH_LIST, type IndexRows, indexRows, NO_ROWS, withoutRows } from './index-keys.ts';
import { newestSeq } from './view.ts';

export interface Merger {
  /** Versions that the index does not know yet. */
  behind(): number;
  /** Applies up to so many changes, in the transaction of the caller; true when it leaves a bulk half done. */
  run(changesMax: number): boolean;
  /** After a rollback of that transaction. */
  reset(): void;
}

interface Change {
  readonly sql: string;
  readonly args: readonly SQLInputValue[];
}

/** The changes from one commit to another, and how many are applied. */
interface Bulk {
  readonly to: number;
  readonly changes: readonly Change[];
  applied: number;
}

export function createMerger(connection: Connection): Merger {
  let bulk: Bulk | undefined;
  const keys = new Map<number, number>();
  return {
    behind: () => newestSeq(connection) - mergedSeq(connection),
    run(changesMax) {
      bulk ??= nextBulk(connection, keys);
      if (bulk === undefined) return false;
      const end = Math.min(bulk.changes.length, bulk.applied + changesMax);
      for (let index = bulk.applied; index < end; index++) {
        const { sql, args } = bulk.changes[index] as Change;
        connection.run(sql, ...args);
      }
      bulk.applied = end;
      if (end === bulk.changes.length) {
        setMeta(connection, 'merged', bulk.to);
        bulk = undefined;
      }
      return bulk !== undefined;
    },
    reset() {
      bulk = undefined;
      keys.clear();
    },
  };
}

export function mergedSeq(connection: Connection): number {
  return meta(connection, 'merged');
}

function meta(connection: Connection, name: string): number {
  return (connection.row('SELECT value FROM meta WHERE name = ?', name)?.[0] as number | undefined) ?? 0;
}

function setMeta(connection: Connection, name: string, value: number): void {
  connection.run('INSERT OR REPLACE INTO meta VALUES (?, ?)', name, value);
}

/**
 * A bulk that was begun is always finished first, as it was: what a later version of a resource takes back
 * could otherwise have been applied already and never be found again.
 */
function nextBulk(connection: Connection, keys: Map<number, number>): Bulk | undefined {
  const from = mergedSeq(connection);
  const begun = meta(connection, 'merging');
  const to = begun > from ? begun : newestSeq(connection);
  if (to <= from) return undefined;
  setMeta(connection, 'merging', to);
  return { to, changes: changesBetween(connection, from, to, keys), applied: 0 };
}

interface Target {
  readonly rid: number;
  readonly t: number;
  readonly id: string;
}

/** Brings the index rows of a live resource from those of its stored postings to others, at once. */
export function replaceRows(
  connection: Connection,
  { rid, t, id }: Target,
  postings: { readonly d: number; readonly packed: Uint8Array },
): void {
  const old = stateOf(connection.row('SELECT op, d, terms FROM res WHERE rid = ?', rid), t, id);
  const next = stateOf([0, postings.d, postings.packed], t, id);
  const sorter = createSorter();
  difference(sorter, rid, old, next);
  for (const { sql, args } of sorter.sorted()) connection.run(sql, ...args);
  for (const [k] of next.rows.terms) connection.run('INSERT OR IGNORE INTO keys VALUES (?, ?)', k, t);
}

const CHANGED = `SELECT rid, t, id, v, seq, op, d, terms FROM res INDEXED BY res_seq WHERE seq > ?`;
const AS_OF = 'SELECT op, d, terms FROM hist INDEXED BY hist_v WHERE rid = ? AND seq <= ? AND rseq > ?';

function changesBetween(
  connection: Connection,
  from: number,
  to: number,
  keys: Map<number, number>,
): readonly Change[] {
  const sorter = createSorter();
  for (const row of connection.rows(CHANGED, from)) {
    const [rid, t, id, v, seq, ...now] = row as [number, number, string, number, number, ...Row];
    const before = v === 1 ? undefined : connection.row(AS_OF, rid, from, from);
    const after = seq <= to ? now : connection.row(AS_OF, rid, to, to);
    const old = stateOf(before, t, id);
    const next = stateOf(after, t, id);
    for (const [k] of next.rows.terms) {
      if (keys.get(k) === t) continue;
      connection.run('INSERT OR IGNORE INTO keys VALUES (?, ?)', k, t);
      keys.set(k, t);
    }
    difference(sorter, rid, old, next);
    if (old.live && !next.live) sorter.drop(rid, 0, birthRow(t));
    if (!old.live && next.live) sorter.add(rid, 0, birthRow(t));
  }
  return sorter.sorted();
}

function difference(sorter: Sorter, rid: number, old: IndexState, next: IndexState): void {
  // another date moves every term of the resource
  const moved = old.d !== next.d;
  sorter.drop(rid, old.d, withoutRows(old.rows, next.rows, moved));
  sorter.add(rid, next.d, withoutRows(next.rows, old.rows, moved));
}

interface IndexState {
  readonly live: boolean;
  readonly d: number;
  readonly rows: IndexRows;
}

/** From the columns op, d, terms. */
function stateOf(row: readonly unknown[] | undefined, t: number, id: string): IndexState {
  if (row === undefined || row[0] === 2) return { live: false, d: 0, rows: NO_ROWS };
  return { live: true, d: row[1] as number, rows: indexRows(row[2] as Uint8Array, t, id) };
}

function birthRow(t: number): IndexRows {
  return { ...NO_ROWS, terms: [[BIRTH_LIST, t]] };
}

const ADD = {
  terms: 'INSERT OR IGNORE INTO ix VALUES (?, ?, ?, ?)',
  texts: 'INSERT OR IGNORE INTO ixs VALUES (?, ?, ?)',
  dates: 'INSERT OR IGNORE INTO ixd VALUES (?, ?, ?, ?)',
  numbers: 'INSERT OR IGNORE INTO ixq VALUES (?, ?, ?, ?, ?)',
} as const;
const DROP = {
  terms: 'DELETE FROM ix WHERE k = ? AND h = ? AND d = ? AND rid = ?',
  texts: 'DELETE FROM ixs WHERE k = ? AND s = ? AND rid = ?',
  dates: 'DELETE FROM ixd WHERE k = ? AND lo = ? AND rid = ? AND hi = ?',
  numbers: 'DELETE FROM ixq WHERE k = ? AND u = ? AND lo = ? AND rid = ? AND hi = ?',
} as const;

/** Gathers changes of rows and gives them out table by table in the order of the keys. */
type Sorter = ReturnType<typeof createSorter>;

function createSorter() {
  const tables: Record<keyof typeof ADD, Change[]> = { terms: [], texts: [], dates: [], numbers: [] };
  const gather = (sql: typeof ADD | typeof DROP, rid: number, d: number, rows: IndexRows): void => {
    for (const [k, h] of rows.terms) tables.terms.push({ sql: sql.terms, args: [k, h, d, rid] });
    for (const [k, s] of rows.texts) tables.texts.push({ sql: sql.texts, args: [k, s, rid] });
    for (const [k, lo, hi] of rows.dates) tables.dates.push({ sql: sql.dates, args: [k, lo, rid, hi] });
    for (const [k, u, lo, hi] of rows.numbers) {
      tables.numbers.push({ sql: sql.numbers, args: [k, u, lo, rid, hi] });
    }
  };
  return {
    add: (rid: number, d: number, rows: IndexRows) => gather(ADD, rid, d, rows),
    drop: (rid: number, d: number, rows: IndexRows) => gather(DROP, rid, d, rows),
    sorted: (): Change[] =>
      [tables.terms, tables.texts, tables.dates, tables.numbers].flatMap((changes) => changes.sort(byKey)),
  };
}

function byKey(a: Change, b: Change): number {
  for (let index = 0; index < a.args.length; index++) {
    const x = a.args[index] as number | string;
    const y = b.args[index] as number | string;
    if (x !== y) return x < y ? -1 : 1;
  }
  // a row that one resource drops and adds again must end up there
  return a.sql === b.sql ? 0 : a.sql.startsWith('D') ? -1 : 1;
}
