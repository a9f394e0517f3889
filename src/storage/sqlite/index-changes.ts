/**
 * Changes of the index tables, gathered in any order and applied in the order of the keys, so that each page
 * is touched once. Terms, which are most of them, are kept in columns and written many at a time.
 */
import type { SQLInputValue } from 'node:sqlite';
import type { Connection } from './connection.ts';
import type { IndexRows } from './index-keys.ts';

export interface IndexChanges {
  /** How many there are. */
  size(): number;
  add(rid: number, d: number, rows: IndexRows): void;
  drop(rid: number, d: number, rows: IndexRows): void;
  /** Puts them in order; nothing may be gathered after. */
  seal(): void;
  /** Applies changes number `from` up to `to`. */
  apply(connection: Connection, from: number, to: number): void;
}

/** A change of one of the small tables. */
interface Change {
  readonly sql: string;
  readonly args: readonly (number | string)[];
}

const ADD = {
  texts: 'INSERT OR IGNORE INTO ixs VALUES (?, ?, ?)',
  dates: 'INSERT OR IGNORE INTO ixd VALUES (?, ?, ?, ?)',
  numbers: 'INSERT OR IGNORE INTO ixq VALUES (?, ?, ?, ?, ?)',
} as const;
const DROP = {
  texts: 'DELETE FROM ixs WHERE k = ? AND s = ? AND rid = ?',
  dates: 'DELETE FROM ixd WHERE k = ? AND lo = ? AND rid = ? AND hi = ?',
  numbers: 'DELETE FROM ixq WHERE k = ? AND u = ? AND lo = ? AND rid = ? AND hi = ?',
} as const;

export function createIndexChanges(): IndexChanges {
  const terms = createTermColumns();
  const texts: Change[] = [];
  const dates: Change[] = [];
  const numbers: Change[] = [];
  let others: Change[] = [];
  const gather = (sql: typeof ADD | typeof DROP, rid: number, rows: IndexRows): void => {
    for (const [k, s] of rows.texts) texts.push({ sql: sql.texts, args: [k, s, rid] });
    for (const [k, lo, hi] of rows.dates) dates.push({ sql: sql.dates, args: [k, lo, rid, hi] });
    for (const [k, u, lo, hi] of rows.numbers) numbers.push({ sql: sql.numbers, args: [k, u, lo, rid, hi] });
  };
  return {
    size: () => terms.size() + texts.length + dates.length + numbers.length,
    add(rid, d, rows) {
      for (let at = 0; at < rows.terms.length; at += 2) {
        terms.push(rows.terms[at] as number, rows.terms[at + 1] as number, d, rid, 1);
      }
      gather(ADD, rid, rows);
    },
    drop(rid, d, rows) {
      for (let at = 0; at < rows.terms.length; at += 2) {
        terms.push(rows.terms[at] as number, rows.terms[at + 1] as number, d, rid, 0);
      }
      gather(DROP, rid, rows);
    },
    seal() {
      terms.sort();
      others = [texts, dates, numbers].flatMap((changes) => changes.sort(byKey));
    },
    apply(connection, from, to) {
      const split = terms.size();
      if (from < split) terms.apply(connection, from, Math.min(to, split));
      for (let index = Math.max(from, split); index < to; index++) {
        const { sql, args } = others[index - split] as Change;
        connection.run(sql, ...args);
      }
    },
  };
}

function byKey(a: Change, b: Change): number {
  for (let index = 0; index < a.args.length; index++) {
    const x = a.args[index] as number | string;
    const y = b.args[index] as number | string;
    if (x !== y) return x < y ? -1 : 1;
  }
  // a row that is dropped and added must end up there
  return a.sql === b.sql ? 0 : a.sql.startsWith('D') ? -1 : 1;
}

/** Rows that one statement adds: half the cost of one by one. */
const ROWS_PER_INSERT = 16;
const INSERT = 'INSERT OR IGNORE INTO ix VALUES (?, ?, ?, ?)';
const INSERT_MANY = `${INSERT}${', (?, ?, ?, ?)'.repeat(ROWS_PER_INSERT - 1)}`;
const DELETE = 'DELETE FROM ix WHERE k = ? AND h = ? AND d = ? AND rid = ?';

/** Rows of `ix` by key: the keys are put in order at once, the rows of each when their turn comes. */
function createTermColumns() {
  const byKey = new Map<number, KeyColumns>();
  let inOrder: readonly KeyColumns[] = [];
  let size = 0;
  return {
    size: () => size,
    push(k: number, h: number, d: number, rid: number, isAdded: 0 | 1): void {
      let columns = byKey.get(k);
      if (columns === undefined) {
        columns = createKeyColumns(k);
        byKey.set(k, columns);
      }
      columns.push(h, d, rid, isAdded);
      size++;
    },
    sort(): void {
      inOrder = [...byKey.values()].sort((a, b) => a.k - b.k);
    },
    apply(connection: Connection, from: number, to: number): void {
      const insert = createInserter(connection);
      let start = 0;
      for (const columns of inOrder) {
        const end = start + columns.size();
        if (end > from && start < to) {
          columns.each(Math.max(from, start) - start, Math.min(to, end) - start, (h, d, rid, isAdded) => {
            if (isAdded === 1) insert.add(columns.k, h, d, rid);
            else connection.run(DELETE, columns.k, h, d, rid);
          });
        }
        start = end;
      }
      insert.flush();
    },
  };
}

interface KeyColumns {
  readonly k: number;
  size(): number;
  push(h: number, d: number, rid: number, isAdded: 0 | 1): void;
  /** Rows number `from` up to `to` in order. */
  each(from: number, to: number, visit: (h: number, d: number, rid: number, isAdded: number) => void): void;
}

const WIDTH = 3;

function createKeyColumns(k: number): KeyColumns {
  let rows = new Float64Array(WIDTH * 16);
  let added = new Uint8Array(16);
  let size = 0;
  let order: Uint32Array | undefined;
  const grow = (): void => {
    const wider = new Float64Array(rows.length * 2);
    wider.set(rows);
    rows = wider;
    const longer = new Uint8Array(added.length * 2);
    longer.set(added);
    added = longer;
  };
  const compare = (a: number, b: number): number => {
    for (let column = 0; column < WIDTH; column++) {
      const difference = (rows[a * WIDTH + column] as number) - (rows[b * WIDTH + column] as number);
      if (difference !== 0) return difference;
    }
    // a row that is dropped and added must end up there
    return (added[a] as number) - (added[b] as number);
  };
  return {
    k,
    size: () => size,
    push(h, d, rid, isAdded) {
      if (size === added.length) grow();
      rows.set([h, d, rid], size * WIDTH);
      added[size++] = isAdded;
    },
    each(from, to, visit) {
      order ??= Uint32Array.from({ length: size }, (_, index) => index).sort(compare);
      for (let index = from; index < to; index++) {
        const row = order[index] as number;
        const at = row * WIDTH;
        visit(rows[at] as number, rows[at + 1] as number, rows[at + 2] as number, added[row] as number);
      }
    },
  };
}

function createInserter(connection: Connection) {
  let waiting: SQLInputValue[] = [];
  return {
    add(...row: [k: number, h: number, d: number, rid: number]): void {
      waiting.push(...row);
      if (waiting.length < ROWS_PER_INSERT * row.length) return;
      connection.run(INSERT_MANY, ...waiting);
      waiting = [];
    },
    flush(): void {
      for (let at = 0; at < waiting.length; at += 4) connection.run(INSERT, ...waiting.slice(at, at + 4));
      waiting = [];
    },
  };
}
