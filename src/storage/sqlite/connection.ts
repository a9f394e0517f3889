/**
 * The one way to open a SQLite connection: every connection of the process gets the same settings, and each
 * setting is read back, so that a connection that would not survive a power cut is never used.
 * https://www.sqlite.org/pragma.html, https://www.sqlite.org/wal.html
 */
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';

export type Row = SQLOutputValue[];

export interface ConnectionOptions {
  readonly path: string;
  readonly role: 'writer' | 'reader';
  /** Page cache of this connection. */
  readonly cacheBytes: number;
  /** How long to wait for a lock of another connection. */
  readonly busyTimeoutMs: number;
}

/** SQL with positional arguments; statements are prepared once and kept. Rows are arrays. */
export interface Connection {
  readonly role: 'writer' | 'reader';
  /** What stands for the connection where something is remembered for it. */
  readonly memory: object;
  run(sql: string, ...args: SQLInputValue[]): void;
  row(sql: string, ...args: SQLInputValue[]): Row | undefined;
  rows(sql: string, ...args: SQLInputValue[]): Row[];
  inTransaction(): boolean;
  close(): void;
}

const STATEMENTS_MAX = 500;
const PAGE_BYTES = 4096;

export function openConnection(options: ConnectionOptions): Connection {
  const db = new DatabaseSync(options.path, {
    timeout: options.busyTimeoutMs,
    enableForeignKeyConstraints: false,
  });
  try {
    configure(db, options);
  } catch (error) {
    db.close();
    throw error;
  }
  return wrap(db, options.role);
}

/** Runs all of `work` on one state of the database. Must not be nested, and `work` must not wait. */
export function readTransaction<Result>(connection: Connection, work: () => Result): Result {
  connection.run('BEGIN');
  try {
    return work();
  } finally {
    // some failures end the transaction; to end it again would hide what failed
    if (connection.inTransaction()) connection.run('COMMIT');
  }
}

function configure(db: DatabaseSync, options: ConnectionOptions): void {
  const cacheKib = -Math.ceil(options.cacheBytes / 1024);
  if (options.role === 'writer') db.exec(`PRAGMA page_size=${PAGE_BYTES}`);
  const wanted: readonly (readonly [pragma: string, set: string | number, read: string | number])[] = [
    ['journal_mode', 'WAL', 'wal'],
    // a commit is on the disk before it is acknowledged: 2 is FULL
    ['synchronous', 'FULL', 2],
    // checkpoints run where nobody waits for them
    ['wal_autocheckpoint', 0, 0],
    ['cache_size', cacheKib, cacheKib],
    ['temp_store', 'MEMORY', 2],
    ['mmap_size', 0, 0],
    ['trusted_schema', 0, 0],
    ['query_only', options.role === 'reader' ? 1 : 0, options.role === 'reader' ? 1 : 0],
  ];
  for (const [pragma, set, read] of wanted) {
    // a mode that is set already must not take a lock
    if (pragma !== 'journal_mode' || readPragma(db, pragma) !== read) db.exec(`PRAGMA ${pragma}=${set}`);
    const found = readPragma(db, pragma);
    if (found !== read) throw new Error(`SQLite keeps ${pragma} at ${found} instead of ${read}`);
  }
}

function readPragma(db: DatabaseSync, pragma: string): SQLOutputValue | undefined {
  const row = db.prepare(`PRAGMA ${pragma}`).get();
  return row === undefined ? undefined : Object.values(row)[0];
}

/**
 * SQLite looks at the number of a bare `LIMIT ?` when it prepares a statement, and so prepares it again whenever one is
 * bound, even the same. A sum it takes as it comes. Nothing here needs a plan that changes with the length of a page.
 */
const BOUND_LIMIT = /\bLIMIT \?\d*/g;

function wrap(db: DatabaseSync, role: 'writer' | 'reader'): Connection {
  const kept = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const known = kept.get(sql);
    if (known !== undefined) return known;
    if (kept.size >= STATEMENTS_MAX) kept.clear();
    const prepared = db.prepare(sql.replaceAll(BOUND_LIMIT, '$& + 0'));
    prepared.setReturnArrays(true);
    kept.set(sql, prepared);
    return prepared;
  };
  return {
    role,
    memory: {},
    run: (sql, ...args) => {
      statement(sql).run(...args);
    },
    row: (sql, ...args) => statement(sql).get(...args) as Row | undefined,
    rows: (sql, ...args) => statement(sql).all(...args) as unknown as Row[],
    inTransaction: () => db.isTransaction,
    close: () => {
      kept.clear();
      if (db.isOpen) db.close();
    },
  };
}
