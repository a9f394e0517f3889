/**
 * Bringing the index up to the newest commit, in bulk and in the order of its keys. A commit only appends
 * versions; what they mean for the index follows when some thousands have gathered or nobody is waiting, and
 * readers take the versions in between from overlay.ts. A bulk is applied in small steps, each a transaction of
 * its own; readers pass over index rows of resources that are newer than `merged`, so half a bulk is harmless.
 */
import type { Sections } from '../packed-postings.ts';
import type { Connection, Row } from './connection.ts';
import { createIndexChanges, type IndexChanges } from './index-changes.ts';
import { BIRTH_LIST, type IndexRows, indexRows, NO_ROWS, withoutRows } from './index-keys.ts';
import { resetShapes, shapeOf } from './shapes.ts';
import { newestSeq } from './view.ts';

export interface Merger {
  /** Versions that the index does not know yet. */
  behind(): number;
  /** Applies up to so many changes, in the transaction of the caller; true when it leaves a bulk half done. */
  run(changesMax: number): boolean;
  /** After a rollback of that transaction. */
  reset(): void;
}

/** The way of the index from one commit to another. */
interface Bulk {
  readonly from: number;
  readonly to: number;
  readonly changes: IndexChanges;
  /** Versions up to here have been looked at; undefined once all have. */
  gathered: number | undefined;
  applied: number;
}

/** A version that is looked at costs about as much as so many changes. */
const CHANGES_PER_VERSION = 8;

export function createMerger(connection: Connection): Merger {
  let bulk: Bulk | undefined;
  const keys = new Map<number, number>();
  return {
    behind: () => newestSeq(connection) - mergedSeq(connection),
    run(changesMax) {
      bulk ??= nextBulk(connection);
      if (bulk === undefined) return false;
      if (bulk.gathered !== undefined) {
        gather(connection, bulk, keys, Math.ceil(changesMax / CHANGES_PER_VERSION));
        return true;
      }
      const end = Math.min(bulk.changes.size(), bulk.applied + changesMax);
      bulk.changes.apply(connection, bulk.applied, end);
      bulk.applied = end;
      if (end === bulk.changes.size()) {
        setMeta(connection, 'merged', bulk.to);
        bulk = undefined;
      }
      return bulk !== undefined;
    },
    reset() {
      bulk = undefined;
      keys.clear();
      resetShapes(connection);
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
function nextBulk(connection: Connection): Bulk | undefined {
  const from = mergedSeq(connection);
  const begun = meta(connection, 'merging');
  const to = begun > from ? begun : newestSeq(connection);
  if (to <= from) return undefined;
  setMeta(connection, 'merging', to);
  return { from, to, changes: createIndexChanges(), gathered: from, applied: 0 };
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
  const stateOf = stateReader(connection);
  const old = stateOf(connection.row('SELECT op, d, terms FROM res WHERE rid = ?', rid), t, id);
  const next = stateOf([0, postings.d, postings.packed], t, id);
  const changes = createIndexChanges();
  difference(changes, rid, old, next);
  changes.seal();
  changes.apply(connection, 0, changes.size());
  addKeys(connection, next.rows, t, new Map());
}

/** Writes all index rows of a live resource, whether they are there or not. */
export function writeRows(connection: Connection, { rid, t, id }: Target): void {
  const row = connection.row('SELECT op, d, terms FROM res WHERE rid = ?', rid);
  const { d, rows } = stateReader(connection)(row, t, id);
  const changes = createIndexChanges();
  changes.add(rid, d, rows);
  changes.add(rid, 0, birthRow(t));
  changes.seal();
  changes.apply(connection, 0, changes.size());
  addKeys(connection, rows, t, new Map());
}

const CHANGED = `SELECT rid, t, id, v, seq, op, d, terms FROM res INDEXED BY res_seq WHERE seq > ?
  ORDER BY seq LIMIT ?`;
const AS_OF = 'SELECT op, d, terms FROM hist INDEXED BY hist_v WHERE rid = ? AND seq <= ? AND rseq > ?';

/**
 * Looks at the next versions. Those that are replaced while this goes on move ahead in the order of commits, so
 * it goes on to the newest commit; looking at a resource twice does no harm.
 */
function gather(connection: Connection, bulk: Bulk, keys: Map<number, number>, versionsMax: number): void {
  const { from, to, changes } = bulk;
  const stateOf = stateReader(connection);
  const rows = connection.rows(CHANGED, bulk.gathered as number, versionsMax);
  for (const row of rows) {
    const [rid, t, id, v, seq, ...now] = row as [number, number, string, number, number, ...Row];
    const old = stateOf(v === 1 ? undefined : connection.row(AS_OF, rid, from, from), t, id);
    const next = stateOf(seq <= to ? now : v === 1 ? undefined : connection.row(AS_OF, rid, to, to), t, id);
    addKeys(connection, next.rows, t, keys);
    difference(changes, rid, old, next);
    if (old.live && !next.live) changes.drop(rid, 0, birthRow(t));
    if (!old.live && next.live) changes.add(rid, 0, birthRow(t));
  }
  bulk.gathered = rows.at(-1)?.[4] as number | undefined;
  if (rows.length < versionsMax) {
    bulk.gathered = undefined;
    changes.seal();
  }
}

function addKeys(connection: Connection, { terms }: IndexRows, t: number, keys: Map<number, number>): void {
  for (let at = 0; at < terms.length; at += 2) {
    const k = terms[at] as number;
    if (keys.get(k) === t) continue;
    connection.run('INSERT OR IGNORE INTO keys VALUES (?, ?)', k, t);
    keys.set(k, t);
  }
}

function difference(changes: IndexChanges, rid: number, old: IndexState, next: IndexState): void {
  // another date moves every term of the resource
  const moved = old.d !== next.d;
  changes.drop(rid, old.d, withoutRows(old.rows, next.rows, moved));
  changes.add(rid, next.d, withoutRows(next.rows, old.rows, moved));
}

interface IndexState {
  readonly live: boolean;
  readonly d: number;
  readonly rows: IndexRows;
}

/** From the columns op, d, terms. */
function stateReader(connection: Connection) {
  const shape = (t: number, sections: Sections): number => shapeOf(connection, t, sections);
  return (row: readonly unknown[] | undefined, t: number, id: string): IndexState => {
    if (row === undefined || row[0] === 2) return { live: false, d: 0, rows: NO_ROWS };
    return { live: true, d: row[1] as number, rows: indexRows(row[2] as Uint8Array, { t, id }, shape) };
  };
}

function birthRow(t: number): IndexRows {
  return { ...NO_ROWS, terms: [BIRTH_LIST, t] };
}
