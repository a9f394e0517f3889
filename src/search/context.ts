/**
 * Everything that resolving a search may look at.
 */
import type { Terminology } from '../terminology/terminology.ts';
import type { CompiledParameter } from './compiled-parameter.ts';
import type { CanonicalQuantity } from './emit.ts';
import type { SearchLimits } from './limits.ts';
import type { SearchParameters } from './parameters.ts';
import type { BareIds } from './search-request.ts';

/** What resolving comes upon that only the store can judge. */
export interface Findings {
  readonly bareIds: BareIds[];
  readonly followed: CompiledParameter[];
}

export interface SearchContext {
  readonly findings?: Findings;
  readonly parameters: SearchParameters;
  /** Our own address, such as `https://example.org/fhir`. */
  readonly base: string;
  /** `Prefer: handling`. https://hl7.org/fhir/R4/search.html#errors */
  readonly handling: 'strict' | 'lenient';
  readonly limits: SearchLimits;
  /** How far the indexing of parameters that are pending is. */
  readonly indexing?: { readonly done: number; readonly total: number };
  /** Whether `_explain` is answered. */
  readonly explains?: boolean;
  readonly terminology?: Terminology;
  readonly canonicalQuantity?: CanonicalQuantity;
  /** What is asked of contained resources is widened to what their container can tell. */
  readonly widens?: boolean;
  /** False when no resource of the searched types refers to one that it contains: chains need not look there. */
  readonly inside?: boolean;
  /** `Patient/1/Observation`: the compartment that narrows the search. */
  readonly compartment?: { readonly type: string; readonly id: string };
  /** Zone of dates without one: `UTC`, an offset such as `+05:45`, or an IANA name. The same as for extraction. */
  readonly timeZone: string;
  /** ms since the epoch: what `ap` measures the distance of dates from. */
  readonly now: number;
}
