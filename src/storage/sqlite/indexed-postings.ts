/**
 * The postings of a resource as its index rows have them, and the check of all index rows against all
 * resources.
 */
import type { Postings } from '../../search/postings.ts';
import { type Sections, unpackPostings } from '../packed-postings.ts';
import type { ResourceKey } from '../store.ts';
import { type Connection, openConnection, readTransaction } from './connection.ts';
import { createTermNames } from './dictionary.ts';
import { BIRTH_LIST, dateOfOrder, indexedText, indexRows } from './index-keys.ts';
import { mergedSeq } from './merge.ts';
import { knownShapeOf } from './shapes.ts';
import { readRow } from './stored.ts';

const HAS_TERM = 'SELECT 1 FROM ix WHERE k = ? AND h = ? AND d = ? AND rid = ?';
const HAS_TEXT = 'SELECT 1 FROM ixs WHERE k = ? AND s = ? AND rid = ?';
const HAS_DATE = 'SELECT 1 FROM ixd WHERE k = ? AND lo = ? AND rid = ? AND hi = ?';
const HAS_NUMBER = 'SELECT 1 FROM ixq WHERE k = ? AND u = ? AND lo = ? AND rid = ? AND hi = ?';

/** What searches would find the resource by; undefined when it is missing or deleted. */
export function indexedPostings(connection: Connection, { type, id }: ResourceKey): Postings | undefined {
  const rid = readRow(connection, type, id)?.[6] as number | undefined;
  if (rid === undefined) return undefined;
  const row = connection.row('SELECT d, terms, seq FROM res WHERE rid = ?', rid);
  const [d, packed, seq] = row as [number, Uint8Array | null, number];
  if (packed === null) return undefined;
  const postings = unpackPostings(packed, dateOfOrder(d), createTermNames(connection));
  // searches take newer versions from their packed postings
  if (seq > mergedSeq(connection)) return postings;
  const has = (sql: string, ...args: (number | string)[]): boolean =>
    connection.row(sql, ...args) !== undefined;
  return {
    ...postings,
    terms: postings.terms.filter(({ k, h }) => has(HAS_TERM, k, h, d, rid)),
    texts: postings.texts.filter(({ k, text }) => has(HAS_TEXT, k, indexedText(text), rid)),
    dates: postings.dates.filter(({ k, lo, hi }) => has(HAS_DATE, k, lo, rid, hi)),
    numbers: postings.numbers.filter(({ k, u, lo, hi }) => has(HAS_NUMBER, k, u, lo, rid, hi)),
  };
}

export interface SqliteIndexReport {
  readonly resources: number;
  /** Index rows that resources should have and have not. */
  readonly missing: number;
  /** Index rows beyond those that resources should have. */
  readonly extra: number;
  /** Versions that the index has not been told of yet; they are not compared. */
  readonly behind: number;
}

const AT_ONCE = 1_000;
const LIVE = 'SELECT rid, t, id, d, terms FROM res WHERE rid > ? AND op < 2 ORDER BY rid LIMIT ?';

/** Reads the whole file, which nobody should be writing to. */
export function checkSqliteIndex(path: string): SqliteIndexReport {
  const connection = openConnection({
    path,
    role: 'reader',
    cacheBytes: 64 * 1024 * 1024,
    busyTimeoutMs: 5_000,
  });
  try {
    return readTransaction(connection, () => compareAll(connection));
  } finally {
    connection.close();
  }
}

function compareAll(connection: Connection): SqliteIndexReport {
  const newest = (connection.row('SELECT max(seq) FROM res')?.[0] as number | null) ?? 0;
  let resources = 0;
  let expected = 0;
  let missing = 0;
  const want = (sql: string, ...args: (number | string)[]): void => {
    expected++;
    if (connection.row(sql, ...args) === undefined) missing++;
  };
  // none is 0, so a shape that is not known counts as missing
  const shape = (t: number, sections: Sections): number => knownShapeOf(connection, t, sections) ?? 0;
  let last = 0;
  for (;;) {
    const rows = connection.rows(LIVE, last, AT_ONCE) as [number, number, string, number, Uint8Array][];
    for (const [rid, t, id, d, terms] of rows) {
      last = rid;
      resources++;
      const all = indexRows(terms, { t, id }, shape);
      const pairs = new Set<string>();
      for (let at = 0; at < all.terms.length; at += 2) pairs.add(`${all.terms[at]} ${all.terms[at + 1]}`);
      for (const pair of pairs) {
        const [k, h] = pair.split(' ').map(Number) as [number, number];
        want(HAS_TERM, k, h, d, rid);
      }
      want(HAS_TERM, BIRTH_LIST, t, 0, rid);
      for (const [k, s] of distinct(all.texts)) want(HAS_TEXT, k, s, rid);
      for (const [k, lo, hi] of distinct(all.dates)) want(HAS_DATE, k, lo, rid, hi);
      for (const [k, u, lo, hi] of distinct(all.numbers)) want(HAS_NUMBER, k, u, lo, rid, hi);
    }
    if (rows.length < AT_ONCE) break;
  }
  const found = ['ix', 'ixs', 'ixd', 'ixq'].reduce(
    (sum, table) => sum + (connection.row(`SELECT count(*) FROM ${table}`)?.[0] as number),
    0,
  );
  return { resources, missing, extra: found - (expected - missing), behind: newest - mergedSeq(connection) };
}

function distinct<Key extends readonly (number | string)[]>(rows: readonly Key[]): Key[] {
  return [...new Map(rows.map((row) => [row.join('|'), row])).values()];
}
