/**
 * The postings of a resource as its index rows have them.
 */
import type { Postings } from '../../search/postings.ts';
import { unpackPostings } from '../packed-postings.ts';
import type { ResourceKey } from '../store.ts';
import type { Connection } from './connection.ts';
import { createTermNames } from './dictionary.ts';
import { dateOfOrder, indexedText } from './index-keys.ts';
import { mergedSeq } from './merge.ts';
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
