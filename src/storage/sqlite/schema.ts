/**
 * Tables and indexes, their version, and the way from one version to the next. The layout is explained in
 * docs of the room: lists of terms in the order (primary date, rid) answer filter, order and page in one scan.
 */
import { StoreRefusedError } from '../store.ts';
import type { Connection } from './connection.ts';
import { fillShapes, fillValueLists } from './fill-lists.ts';

/** `PRAGMA application_id`: marks the file as ours ("PASS"). */
const APPLICATION_ID = 0x50415353;

/** Statements and work that lead from version n to n + 1; never changed once released. */
const MIGRATIONS: readonly (readonly (string | ((connection: Connection) => void))[])[] = [
  [
    // names of resource types; `live` counts resources
    'CREATE TABLE typ(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, live INTEGER NOT NULL DEFAULT 0) STRICT',
    // current versions and tombstones; h = hashTerm('Type/id'), op = 0 POST, 1 PUT, 2 DELETE
    `CREATE TABLE res(rid INTEGER PRIMARY KEY, t INTEGER NOT NULL, h INTEGER NOT NULL, v INTEGER NOT NULL,
      seq INTEGER NOT NULL, ts INTEGER NOT NULL, op INTEGER NOT NULL, d INTEGER NOT NULL, id TEXT NOT NULL,
      terms BLOB, body TEXT) STRICT`,
    'CREATE INDEX res_h ON res(h)',
    'CREATE INDEX res_t ON res(t, seq)',
    'CREATE UNIQUE INDEX res_seq ON res(seq)',
    // superseded versions; rseq = seq of the version that replaced it
    `CREATE TABLE hist(rseq INTEGER PRIMARY KEY, rid INTEGER NOT NULL, t INTEGER NOT NULL, v INTEGER NOT NULL,
      seq INTEGER NOT NULL, ts INTEGER NOT NULL, op INTEGER NOT NULL, d INTEGER NOT NULL,
      terms BLOB, body TEXT) STRICT`,
    'CREATE UNIQUE INDEX hist_v ON hist(rid, v)',
    'CREATE INDEX hist_t ON hist(t, seq)',
    'CREATE UNIQUE INDEX hist_seq ON hist(seq)',
    `CREATE TABLE ix(k INTEGER NOT NULL, h INTEGER NOT NULL, d INTEGER NOT NULL, rid INTEGER NOT NULL,
      PRIMARY KEY(k, h, d, rid)) STRICT, WITHOUT ROWID`,
    `CREATE TABLE ixs(k INTEGER NOT NULL, s TEXT NOT NULL, rid INTEGER NOT NULL,
      PRIMARY KEY(k, s, rid)) STRICT, WITHOUT ROWID`,
    `CREATE TABLE ixd(k INTEGER NOT NULL, lo INTEGER NOT NULL, rid INTEGER NOT NULL, hi INTEGER NOT NULL,
      PRIMARY KEY(k, lo, rid, hi)) STRICT, WITHOUT ROWID`,
    `CREATE TABLE ixq(k INTEGER NOT NULL, u INTEGER NOT NULL, lo REAL NOT NULL, rid INTEGER NOT NULL,
      hi REAL NOT NULL, PRIMARY KEY(k, u, lo, rid, hi)) STRICT, WITHOUT ROWID`,
    // the types whose resources have terms of a key
    'CREATE TABLE keys(k INTEGER NOT NULL, t INTEGER NOT NULL, PRIMARY KEY(k, t)) STRICT, WITHOUT ROWID',
    // terms in the clear
    `CREATE TABLE dict(k INTEGER NOT NULL, h INTEGER NOT NULL, sys TEXT NOT NULL, code TEXT NOT NULL,
      PRIMARY KEY(k, h)) STRICT, WITHOUT ROWID`,
    'CREATE INDEX dict_code ON dict(k, code, h)',
    'CREATE INDEX dict_sys ON dict(k, sys, h)',
    'CREATE TABLE meta(name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID',
  ],
  // bodies may be shortened (short-text.ts); those that are there stay whole until they are written again
  [],
  // resources are listed by their shape (shapes.ts); NULL is the list of further ones
  [
    'CREATE TABLE IF NOT EXISTS shapes(id INTEGER PRIMARY KEY, t INTEGER NOT NULL, keys BLOB) STRICT',
    fillShapes,
  ],
  // resources are listed by the size of their numbers (value-lists.ts)
  [fillValueLists],
  // bodies have checksums (checked-text.ts); those that are there get one when they are written again
  [],
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** @throws StoreRefusedError when the file is a database of something else */
export function refuseForeign(connection: Connection): void {
  const application = Number(connection.row('PRAGMA application_id')?.[0]);
  const tables = Number(connection.row('SELECT count(*) FROM sqlite_schema')?.[0]);
  if (tables === 0 || application === APPLICATION_ID) return;
  throw new StoreRefusedError(
    'The file is a SQLite database of another program: choose another folder, PASSERELLE_DATA=./data.',
  );
}

/** Brings the file to the newest version in one transaction. Refuses files of others and of newer servers. */
export function migrate(connection: Connection): void {
  refuseForeign(connection);
  const version = Number(connection.row('PRAGMA user_version')?.[0]);
  if (version > SCHEMA_VERSION) {
    throw new StoreRefusedError(
      `The data is of a later Passerelle: it has version ${version}, this server knows up to ${SCHEMA_VERSION}. ` +
        'Start the later one, or restore a backup that this one has made.',
    );
  }
  if (version === SCHEMA_VERSION) return;
  connection.run('BEGIN IMMEDIATE');
  try {
    for (const statements of MIGRATIONS.slice(version)) {
      for (const statement of statements) {
        if (typeof statement === 'string') connection.run(statement);
        else statement(connection);
      }
    }
    connection.run(`PRAGMA application_id=${APPLICATION_ID}`);
    connection.run(`PRAGMA user_version=${SCHEMA_VERSION}`);
    connection.run('COMMIT');
  } catch (error) {
    connection.run('ROLLBACK');
    throw error;
  }
}
