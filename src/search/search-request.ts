/**
 * A search as the interaction carries it out: the query for the engine, and what happens to its page
 * afterwards (includes, summary, elements, self link).
 * https://hl7.org/fhir/R4/search.html#return
 */
import type { Issue } from '../fhir/issues.ts';
import type { CompiledParameter } from './compiled-parameter.ts';
import type { Predicate, SearchQuery } from './query.ts';

/** `_include` or `_revinclude`. https://hl7.org/fhir/R4/search.html#revinclude */
export interface IncludeRule {
  /** The type that holds the reference; `*` for any. */
  readonly source: string;
  /** Code of the reference parameter; `*` for all. */
  readonly parameter: string;
  readonly target?: string;
  readonly reverse: boolean;
  readonly iterate: boolean;
}

/** Values of a reference parameter that are ids without a type, where several types are allowed. */
export interface BareIds {
  readonly name: string;
  readonly ids: readonly string[];
  readonly targets: readonly string[];
}

export type SummaryMode = 'true' | 'text' | 'data' | 'count' | 'false';

export interface SearchRequest {
  readonly query: SearchQuery;
  /** Resources per page; 0 asks for the total alone, as `_summary=count` does. */
  readonly count: number;
  readonly total: 'none' | 'estimate' | 'accurate';
  readonly includes: readonly IncludeRule[];
  readonly summary: SummaryMode;
  readonly elements: readonly string[];
  readonly contained: 'false' | 'true' | 'both';
  readonly containedType: 'container' | 'contained';
  /**
   * What a contained resource must satisfy by itself; `query` finds its containers, and some in vain. Set when
   * contained resources are searched for.
   */
  readonly containedWhere?: Predicate;
  /** Whether to tell how the search is carried out; not a parameter of the search itself. */
  readonly explain: boolean;
  /** Parameters that were used, in the order given, for the self link. */
  readonly used: readonly (readonly [name: string, value: string])[];
  /** Ignored parameters and other remarks: an OperationOutcome entry under lenient handling. */
  readonly issues: readonly Issue[];
  /** To be refused where one of them is the id of several resources. */
  readonly bareIds?: readonly BareIds[];
  /** Reference parameters that chains follow. */
  readonly followed?: readonly CompiledParameter[];
  /** The page token (`_page`) as given, still signed; never part of `used`. See page-token.ts. */
  readonly page?: string;
}
