/**
 * The bounds of one search. Each is a setting; past it a request fails with `too-costly` and names the bound.
 * https://hl7.org/fhir/R4/search.html
 */

/** What each bound counts. */
export const LIMIT_MEANINGS = {
  parametersMax: 'name-value pairs of one search',
  orValuesMax: 'alternatives, between commas, of one parameter',
  valueLengthMax: "characters of one parameter's value",
  chainDepthMax: 'links of a chain, dots and `_has` together; also how deep `:below` follows places',
  predicatesMax:
    'conditions that a search may come to once chains, or ids without a type, are spread over target types',
  containsLengthMin: 'least letters or digits of a `:contains` value',
  sortKeysMax: 'keys of `_sort`',
  includesMax: '`_include` and `_revinclude` together',
  includeRoundsMax: 'rounds of `:iterate`',
  includedMax: 'resources that includes may add to one page',
  elementsMax: 'names in `_elements`',
  filterDepthMax: 'nesting of a `_filter`',
  filterTermsMax: 'comparisons of a `_filter`',
  expansionCodesMax: 'codes that `:in`, `:not-in`, `:below` and `:above` may expand to',
  countDefault: 'resources on a page without `_count`',
  countMax: 'resources on a page; a larger `_count` is lowered to it',
} as const;

export type SearchLimits = Readonly<Record<keyof typeof LIMIT_MEANINGS, number>>;

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
