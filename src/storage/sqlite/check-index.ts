/**
 * The check of every row of the index against every resource: of the postings, and of the lists that the engine keeps
 * beside them (types, ids, shapes, sizes of numbers, long intervals).
 */
import type { Sections } from '../packed-postings.ts';
import type { IndexFault, ResourceKey } from '../store.ts';
import { damagedRows, wrongCounts } from './check-rows.ts';
import type { WriteRequest } from './commands.ts';
import { type Connection, openConnection, type Row, readTransaction } from './connection.ts';
import { BIRTH_LIST, hashOf, indexRows } from './index-keys.ts';
import { hasRow, INDEX_COLUMNS, type IndexRow, kindOfRow } from './index-row.ts';
import { mergedSeq } from './merge.ts';
import { knownShapeOf } from './shapes.ts';

export interface SqliteIndexReport {
  readonly resources: number;
  /** Index rows that resources should have and have not. */
  readonly missing: number;
  /** Index rows beyond those that resources should have. */
  readonly extra: number;
  /** Versions that the index has not been told of yet; they are not compared. */
  readonly behind: number;
}

/** Reads the whole file, which nobody should be writing to. */
export function checkSqliteIndex(path: string): SqliteIndexReport {
  const connection = openConnection({
    path,
    role: 'reader',
    cacheBytes: 64 * 1024 * 1024,
    busyTimeoutMs: 5_000,
  });
  try {
    return readTransaction(connection, () => {
      const newest = (connection.row('SELECT max(seq) FROM res')?.[0] as number | null) ?? 0;
      const found = countRows(connection);
      let [resources, expected, missing, keys] = [0, 0, 0, 0];
      for (const one of compareResources(connection)) {
        resources++;
        expected += one.expected;
        missing += one.missing.length;
        keys += one.missing.filter(({ table }) => table === 'keys').length;
      }
      const extra = found - (expected - (missing - keys));
      return { resources, missing, extra, behind: newest - mergedSeq(connection) };
    });
  } finally {
    connection.close();
  }
}

type Write = (request: WriteRequest) => Promise<unknown>;

/** What is missing is named first, then what should not be there, then what is damaged. Nobody else may write meanwhile. */
export async function* checkIndex(
  connection: Connection,
  write: Write,
  mend: boolean,
): AsyncIterable<IndexFault> {
  // brings the index up to date
  await write({ kind: 'reindex', entries: [] });
  let extra = countRows(connection);
  const counted = new Map<string, number>();
  for (const { type, id, expected, missing } of compareResources(connection)) {
    counted.set(type, (counted.get(type) ?? 0) + 1);
    extra -= expected - missing.filter(({ table }) => table !== 'keys').length;
    if (missing.length === 0) continue;
    if (mend) await write({ ...MEND, keys: [{ type, id, h: hashOf(type, id) }] });
    yield { type, id, missing: missing.map(kindOfRow), extra: [] };
  }
  const wrong = [...wrongCounts(connection, counted)];
  if (mend && wrong.length > 0) await write({ ...MEND, counts: counted });
  yield* wrong;
  if (extra > 0) {
    for (const { type, id, row } of strayRows(connection)) {
      if (mend) await write({ ...MEND, drop: [row] });
      yield { type, id, missing: [], extra: [kindOfRow(row)] };
    }
  }
  yield* damagedRows(connection);
}

const MEND = { kind: 'mend', keys: [], drop: [] } as const;

const POSTING_TABLES = ['ix', 'ixs', 'ixd', 'ixq'] as const;

function countRows(connection: Connection): number {
  let sum = 0;
  for (const table of POSTING_TABLES) sum += connection.row(`SELECT count(*) FROM ${table}`)?.[0] as number;
  return sum;
}

interface Compared extends ResourceKey {
  /** Rows that the resource should have, without those of `keys`. */
  readonly expected: number;
  readonly missing: readonly IndexRow[];
}

const AT_ONCE = 1_000;
const RESOURCE = 'SELECT r.rid, y.name, r.id, r.t, r.d, r.terms, r.op FROM res r JOIN typ y ON y.id = r.t';
const LIVE = `${RESOURCE} WHERE r.rid > ? AND r.op < 2 ORDER BY r.rid LIMIT ?`;

function* compareResources(connection: Connection): Iterable<Compared> {
  const known = new Set<string>();
  let last = 0;
  for (;;) {
    const resources = connection.rows(LIVE, last, AT_ONCE);
    for (const resource of resources) {
      last = resource[0] as number;
      const [type, id, t] = resource.slice(1) as [string, string, number];
      const expected = rowsOf(connection, resource);
      const missing = expected.filter((row) => !hasRow(connection, row));
      for (const { table, values } of expected) {
        const k = values[0] as number;
        if (table !== 'ix' || k === BIRTH_LIST || known.has(`${k} ${t}`)) continue;
        known.add(`${k} ${t}`);
        const row: IndexRow = { table: 'keys', values: [k, t] };
        if (!hasRow(connection, row)) missing.push(row);
      }
      yield { type, id, expected: expected.length, missing };
    }
    if (resources.length < AT_ONCE) return;
  }
}

/** Each row that a live resource should have, once. */
function rowsOf(connection: Connection, [rid, , id, t, d, packed]: Row): IndexRow[] {
  // none is 0, so a shape that is not known counts as missing
  const shape = (type: number, sections: Sections): number => knownShapeOf(connection, type, sections) ?? 0;
  const all = indexRows(packed as Uint8Array, { t: t as number, id: id as string }, shape);
  const rows = new Map<string, IndexRow>();
  const add = (table: IndexRow['table'], ...values: unknown[]): void => {
    const row = { table, values: values as (number | string)[] };
    rows.set(nameOf(row), row);
  };
  for (let at = 0; at < all.terms.length; at += 2) add('ix', all.terms[at], all.terms[at + 1], d, rid);
  add('ix', BIRTH_LIST, t, 0, rid);
  for (const [k, s] of all.texts) add('ixs', k, s, rid);
  for (const [k, lo, hi] of all.dates) add('ixd', k, lo, rid, hi);
  for (const [k, u, lo, hi] of all.numbers) add('ixq', k, u, lo, rid, hi);
  return [...rows.values()];
}

function nameOf({ table, values }: IndexRow): string {
  return `${table}|${values.join('|')}`;
}

interface Stray extends ResourceKey {
  readonly row: IndexRow;
}

const ONE = `${RESOURCE} WHERE r.rid = ?`;
/** Resources whose rows are remembered. */
const REMEMBERED_MAX = 20_000;

/** Reads every row of the index: only when there are more than should be. */
function* strayRows(connection: Connection): Iterable<Stray> {
  const remembered = new Map<number, { readonly key: ResourceKey; readonly rows: ReadonlySet<string> }>();
  const ownerOf = (rid: number) => {
    let owner = remembered.get(rid);
    if (owner !== undefined) return owner;
    const resource = connection.row(ONE, rid);
    const rows = resource === undefined || resource[6] === 2 ? [] : rowsOf(connection, resource);
    const [type, id] = (resource?.slice(1) ?? ['', `number ${rid}`]) as [string, string];
    owner = { key: { type, id }, rows: new Set(rows.map(nameOf)) };
    if (remembered.size >= REMEMBERED_MAX) remembered.clear();
    remembered.set(rid, owner);
    return owner;
  };
  for (const table of POSTING_TABLES) {
    for (const row of allRows(connection, table)) {
      const rid = row.values[(INDEX_COLUMNS[table] as readonly string[]).indexOf('rid')] as number;
      const { key, rows } = ownerOf(rid);
      if (!rows.has(nameOf(row))) yield { ...key, row };
    }
  }
}

function* allRows(connection: Connection, table: (typeof POSTING_TABLES)[number]): Iterable<IndexRow> {
  const columns = INDEX_COLUMNS[table].join();
  const first = `SELECT ${columns} FROM ${table} ORDER BY ${columns} LIMIT ?`;
  const marks = INDEX_COLUMNS[table].map(() => '?').join();
  const next = `SELECT ${columns} FROM ${table} WHERE (${columns}) > (${marks}) ORDER BY ${columns} LIMIT ?`;
  let last: (number | string)[] | undefined;
  for (;;) {
    const rows =
      last === undefined ? connection.rows(first, AT_ONCE) : connection.rows(next, ...last, AT_ONCE);
    for (const values of rows as (number | string)[][]) yield { table, values };
    if (rows.length < AT_ONCE) return;
    last = rows.at(-1) as (number | string)[];
  }
}
