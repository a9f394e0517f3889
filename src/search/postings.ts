/**
 * What a resource contributes to the search indexes, in the four physical shapes that both engines store:
 * exact terms, folded strings, date intervals and number intervals. Custom SearchParameters add postings,
 * never tables or database indexes.
 * https://hl7.org/fhir/R4/search.html
 */

/**
 * A SearchParameter of one resource type as an index key: a stable 31-bit hash of `Type.code`, the same in
 * every process and on both engines.
 */
export type ParamKey = number;

/**
 * An exact value as an integer below 2^52, so that no BigInt crosses an engine's binding: a hash of the
 * whole value (`system|code`, `Type/id`, a URI, a composite of them).
 */
export type TermHash = number;

export interface TermPosting {
  readonly k: ParamKey;
  readonly h: TermHash;
  /**
   * Token parameters of low cardinality carry system and code in the clear once, for the engine's term
   * dictionary, which answers `code` without system and `system|`. High-cardinality tokens (identifiers,
   * telecom) post a second term for the bare value instead and leave both absent.
   */
  readonly system?: string;
  readonly code?: string;
}

/** `text` is `folded + '\u0000' + original`: prefix scans read the fold, `:exact` the original. */
export interface TextPosting {
  readonly k: ParamKey;
  readonly text: string;
}

/** Half-open interval in ms since the epoch; an open end is ±8.64e15. */
export interface DatePosting {
  readonly k: ParamKey;
  readonly lo: number;
  readonly hi: number;
}

/** Closed-open interval of the implied precision; `u` is 0 for plain numbers, else a hash of the unit. */
export interface NumberPosting {
  readonly k: ParamKey;
  readonly u: number;
  readonly lo: number;
  readonly hi: number;
}

export interface Postings {
  /** Primary clinical date of the resource in ms (0 when the type has none): the order of every term list. */
  readonly date: number;
  readonly terms: readonly TermPosting[];
  readonly texts: readonly TextPosting[];
  readonly dates: readonly DatePosting[];
  readonly numbers: readonly NumberPosting[];
}

export const NO_POSTINGS: Postings = { date: 0, terms: [], texts: [], dates: [], numbers: [] };
