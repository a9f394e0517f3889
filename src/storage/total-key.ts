/**
 * What a total that was counted is kept under, and what it depends on: the same for both engines.
 * https://hl7.org/fhir/R4/search.html#total
 */
import { hash } from 'node:crypto';
import type { Predicate, SearchQuery } from '../search/query.ts';

/** Characters of a query; longer ones are counted each time. A question to all types names a parameter of each. */
const QUERY_LENGTH_MAX = 64_000;
/** Longer queries are known by their digest. */
const KEY_LENGTH_MAX = 300;

/** The same for queries that count the same; undefined for one that is too long to be kept. */
export function totalKey({ types, where }: SearchQuery): string | undefined {
  if (lengthOf(where) > QUERY_LENGTH_MAX) return undefined;
  const key = JSON.stringify([types, where]);
  if (key.length > QUERY_LENGTH_MAX) return undefined;
  return key.length <= KEY_LENGTH_MAX ? key : hash('sha256', key, 'base64');
}

/** Roughly the characters of the predicate, without writing them out. */
function lengthOf(where: Predicate): number {
  switch (where.kind) {
    case 'all':
    case 'any': {
      let sum = 0;
      for (const part of where.of) {
        sum += lengthOf(part);
        if (sum > QUERY_LENGTH_MAX) break;
      }
      return sum;
    }
    case 'term':
      return 16 * where.terms.length;
    case 'id':
      return 16 * where.ids.length;
    default:
      return 1;
  }
}

/** Whether what matches can change by a version of another resource. */
export function looksFurther(where: Predicate): boolean {
  switch (where.kind) {
    case 'all':
    case 'any':
      return where.of.some(looksFurther);
    case 'not':
      return looksFurther(where.of);
    default:
      return where.kind === 'chain' || where.kind === 'has';
  }
}
