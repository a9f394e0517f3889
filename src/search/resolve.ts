/**
 * Query text to a SearchRequest: names bound to parameters, values to predicates. A filter is used, or
 * refused, or reported as ignored; never dropped silently.
 * https://hl7.org/fhir/R4/search.html
 */
import type { Terminology } from '../terminology/terminology.ts';
import type { CanonicalQuantity } from './extract.ts';
import type { SearchLimits } from './limits.ts';
import type { SearchParameters } from './parameters.ts';
import { EVERYTHING } from './query.ts';
import type { SearchRequest } from './search-request.ts';

export interface SearchContext {
  readonly parameters: SearchParameters;
  /** Our own address, such as `https://example.org/fhir`. */
  readonly base: string;
  /** `Prefer: handling`. https://hl7.org/fhir/R4/search.html#errors */
  readonly handling: 'strict' | 'lenient';
  readonly limits: SearchLimits;
  readonly terminology?: Terminology;
  readonly canonicalQuantity?: CanonicalQuantity;
  /** `Patient/1/Observation`: the compartment that narrows the search. */
  readonly compartment?: { readonly type: string; readonly id: string };
  /** Zone of dates without one: `UTC`, an offset such as `+05:45`, or an IANA name. */
  readonly timeZone: string;
  /** ms since the epoch: what `ap` measures the distance of dates from. */
  readonly now: number;
}

/**
 * `type` undefined: system level. Pairs are decoded name and value in the order given; `_format`, `_pretty`
 * and the page token (`_page`) may be among them.
 * @throws FhirError 400 for a value that cannot be understood, too-costly searches, and, when strict, unknown parameters
 */
export function resolveSearch(
  type: string | undefined,
  _pairs: readonly (readonly [name: string, value: string])[],
  context: SearchContext,
): SearchRequest {
  return {
    query: { types: type === undefined ? [] : [type], where: EVERYTHING, sort: [] },
    count: context.limits.countDefault,
    total: 'none',
    includes: [],
    summary: 'false',
    elements: [],
    contained: 'false',
    containedType: 'container',
    used: [],
    issues: [],
  };
}
