/**
 * What a total that was counted is kept under, and what it depends on: the same for both engines.
 * https://hl7.org/fhir/R4/search.html#total
 */
import type { Predicate, SearchQuery } from '../search/query.ts';

/** Characters of a query; longer ones are counted each time. */
const KEY_LENGTH_MAX = 4_000;

/** The same for queries that count the same; undefined for one that is too long to be kept. */
export function totalKey({ types, where }: SearchQuery): string | undefined {
  if (lengthOf(where) > KEY_LENGTH_MAX) return undefined;
  const key = JSON.stringify([types, where]);
  return key.length > KEY_LENGTH_MAX ? undefined : key;
}

/** Roughly the characters of the predicate, without writing them out. */
function lengthOf(where: Predicate): number {
  switch (where.kind) {
    case 'all':
    case 'any': {
      let sum = 0;
      for (const part of where.of) {
        sum += lengthOf(part);
        if (sum > KEY_LENGTH_MAX) break;
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
