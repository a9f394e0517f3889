/**
 * A query against one resource in memory: subscriptions, and the oracle that both engines are tested against.
 * https://hl7.org/fhir/R4/search.html
 */
import type { Postings } from './postings.ts';
import type { Predicate } from './query.ts';

export interface Candidate {
  readonly type: string;
  readonly id: string;
  /** ms since the epoch. */
  readonly lastUpdated: number;
  readonly postings: Postings;
}

/** Everything else that chains may look at: all live resources of a type. */
export type Candidates = (type: string) => Iterable<Candidate>;

export function matches(_predicate: Predicate, _candidate: Candidate, _others: Candidates): boolean {
  return false;
}
