/**
 * Which references of a page to follow for `_include` and `_revinclude`.
 * https://hl7.org/fhir/R4/search.html#revinclude
 */
import type { Resource } from '../fhir/types.ts';
import type { SearchQuery } from './query.ts';
import type { IncludeRule } from './search-request.ts';

export interface IncludeStep {
  /** Keys to read with `Store.readMany`, in the order found, without repeats. */
  readonly keys: readonly { readonly type: string; readonly id: string }[];
  /** Searches whose results to add (`_revinclude`). */
  readonly queries: readonly SearchQuery[];
}

export interface IncludePlan {
  /**
   * What to fetch for one round. `resources` are those found in the round before (the page itself first);
   * from the second round on only `:iterate` rules apply.
   */
  step(resources: readonly Resource[], round: number): IncludeStep;
}

export type CreateIncludePlan = (rules: readonly IncludeRule[]) => IncludePlan;
