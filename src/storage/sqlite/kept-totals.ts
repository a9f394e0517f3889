/**
 * Totals that were counted, kept in memory: asked for again, a total is brought up to date from the versions
 * that were committed since, so what it costs depends on the writes in between and not on the number of matches.
 * https://hl7.org/fhir/R4/search.html#total
 */
import type { SearchQuery } from '../../search/query.ts';
import { createRecent } from '../recent.ts';
import { looksFurther, totalKey } from '../total-key.ts';
import { CANDIDATE, candidateOf } from './candidate.ts';
import type { Meter } from './meter.ts';
import type { Test } from './predicate.ts';
import { REPLACED, type View } from './view.ts';

export interface KeptTotals {
  /** The total as of the view; undefined when it has to be counted. */
  current(query: SearchQuery, view: View, test: Test, meter: Meter): number | undefined;
  keep(query: SearchQuery, seq: number, total: number): void;
  /** After postings were replaced without a new version. */
  clear(): void;
}

const KEPT_MAX = 2_000;
/** Versions since the count; after more it is counted anew. */
const VERSIONS_MAX = 500;

interface Kept {
  readonly seq: number;
  readonly total: number;
}

export function createKeptTotals(): KeptTotals {
  const kept = createRecent<Kept>({ countMax: KEPT_MAX });
  return {
    current(query, view, test, meter) {
      const key = totalKey(query);
      const known = key === undefined ? undefined : kept.get(key);
      if (key === undefined || known === undefined) return undefined;
      const since = view.snapshot - known.seq;
      if (since < 0 || since > VERSIONS_MAX || (since > 0 && looksFurther(query.where))) return undefined;
      const total = since === 0 ? known.total : known.total + changeSince(known.seq, view, test, meter);
      kept.put(key, { seq: view.snapshot, total });
      return total;
    },
    keep(query, seq, total) {
      const key = totalKey(query);
      if (key !== undefined) kept.put(key, { seq, total });
    },
    clear: () => kept.clear(),
  };
}

const WRITTEN = `SELECT ${CANDIDATE} FROM res r INDEXED BY res_seq WHERE r.seq > ? AND r.seq <= ? AND r.op < 2`;

/** Matches that came since the commit `seq`, less those that went. */
function changeSince(seq: number, { connection, snapshot }: View, test: Test, meter: Meter): number {
  let change = 0;
  for (const row of connection.rows(WRITTEN, seq, snapshot)) {
    meter.spend(1);
    if (test(candidateOf(row))) change++;
  }
  for (const row of connection.rows(REPLACED, seq, seq)) {
    meter.spend(1);
    if (test(candidateOf(row))) change--;
  }
  return change;
}
