/**
 * Page positions of searches and of history: small JSON in base64url. They are signed further up; here they
 * are only checked for shape, because a wrong one must not become a wrong page.
 */
import { fail } from '../../fhir/issues.ts';
import type { Position, SortValue } from './order.ts';

export interface SearchCursor {
  /** The commit that all pages show. */
  readonly snapshot: number;
  /** The last row of the page before. */
  readonly after: Position;
  /** The accurate total, once counted. */
  readonly total: number | null;
}

export function encodeSearchCursor({ snapshot, after, total }: SearchCursor): string {
  return encode(['s', snapshot, total, after.rid, ...after.values]);
}

/** @throws FhirError 400 when it is none of this engine's for so many sort keys */
export function decodeSearchCursor(text: string, sortKeys: number): SearchCursor {
  const [kind, snapshot, total, rid, ...values] = decode(text);
  const sound =
    kind === 's' &&
    isCount(snapshot) &&
    (total === null || isCount(total)) &&
    isCount(rid) &&
    values.length === sortKeys &&
    values.every((value) => value === null || typeof value === 'number' || typeof value === 'string');
  if (!sound) throw invalid();
  return { snapshot, total, after: { values: values as SortValue[], rid } };
}

/** A position in the log of commits. */
export function encodeSeq(kind: 'h' | 'c', ...numbers: number[]): string {
  return encode([kind, ...numbers]);
}

/** @throws FhirError 400 */
export function decodeSeq(text: string, kind: 'h' | 'c', count: number): number[] {
  const [found, ...numbers] = decode(text);
  if (found !== kind || numbers.length !== count || !numbers.every(isCount)) throw invalid();
  return numbers as number[];
}

function encode(parts: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

function decode(text: string): unknown[] {
  const bytes = Buffer.from(text, 'base64url');
  // one position has one spelling
  if (bytes.toString('base64url') !== text) throw invalid();
  try {
    const parts: unknown = JSON.parse(bytes.toString('utf8'));
    if (Array.isArray(parts)) return parts;
  } catch {
    // not JSON: invalid as well
  }
  throw invalid();
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function invalid(): Error {
  return fail('bad-parameter', 'This page link is not valid; start again from the first page.');
}
