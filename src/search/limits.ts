/**
 * The bounds of one search. Each is a setting; past it a request fails with `too-costly` and names the bound.
 * https://hl7.org/fhir/R4/search.html
 */

export interface SearchLimits {
  /** Name-value pairs of one search. */
  readonly parametersMax: number;
  /** Alternatives (comma) of one parameter. */
  readonly orValuesMax: number;
  /** UTF-16 units of one parameter's value. */
  readonly valueLengthMax: number;
  /** Links of a chain, forward and reverse together. */
  readonly chainDepthMax: number;
  /** Predicates that a search may come to once chains are spread over target types. */
  readonly predicatesMax: number;
  /** Least number of characters of a `:contains` value. */
  readonly containsLengthMin: number;
  readonly sortKeysMax: number;
  /** `_include` and `_revinclude` together. */
  readonly includesMax: number;
  /** Rounds of `:iterate`. */
  readonly includeRoundsMax: number;
  /** Resources that includes may add to one page. */
  readonly includedMax: number;
  readonly elementsMax: number;
  /** Nesting of a `_filter`. */
  readonly filterDepthMax: number;
  /** Comparisons of a `_filter`. */
  readonly filterTermsMax: number;
  /** Codes that `:in`, `:not-in`, `:below` and `:above` may expand to. */
  readonly expansionCodesMax: number;
  /** Resources on a page when `_count` is absent. */
  readonly countDefault: number;
  /** Resources on a page; a larger `_count` is lowered to it. */
  readonly countMax: number;
}

export const SEARCH_LIMITS: SearchLimits = {
  parametersMax: 100,
  orValuesMax: 500,
  valueLengthMax: 32_768,
  chainDepthMax: 5,
  predicatesMax: 5_000,
  containsLengthMin: 2,
  sortKeysMax: 5,
  includesMax: 50,
  includeRoundsMax: 5,
  includedMax: 1_000,
  elementsMax: 100,
  filterDepthMax: 10,
  filterTermsMax: 50,
  expansionCodesMax: 10_000,
  countDefault: 20,
  countMax: 1_000,
};
