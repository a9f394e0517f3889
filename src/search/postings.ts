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
  /** Stands for every identifier of a system, so that most resources of a type may share it. */
  readonly isSystem?: true;
  /**
   * `implied`: whoever asks for it names another term that the resource has as well (`Predicate.implied`), so that an
   * engine may keep it without a list of its own. `pair`: a composite's pair as it is written, with all systems, of
   * which a resource may have very many of one parameter.
   */
  readonly role?: 'implied' | 'pair';
}

/** `text` is `folded + '\u0000' + original` (see fold.ts): prefix scans read the fold, `:exact` all of it. */
export interface TextPosting {
  readonly k: ParamKey;
  readonly text: string;
}

/** Half-open interval [lo, hi) in whole ms since the epoch, never empty; an open end is ±8.64e15. */
export interface DatePosting {
  readonly k: ParamKey;
  readonly lo: number;
  readonly hi: number;
}

/**
 * Half-open interval [lo, hi), never empty: an exact value x is [x, the next double after x). `u` is 0 for
 * plain numbers, else a hash of the unit (below 2^52). A position is the one exception: `lo` is its latitude
 * and `hi` its longitude, and only the predicate `near` reads it.
 */
export interface NumberPosting {
  readonly k: ParamKey;
  readonly u: number;
  readonly lo: number;
  readonly hi: number;
}

export interface Postings {
  /** Primary clinical date in ms, or NO_DATE: the order of every term list. */
  readonly date: number;
  readonly terms: readonly TermPosting[];
  readonly texts: readonly TextPosting[];
  readonly dates: readonly DatePosting[];
  readonly numbers: readonly NumberPosting[];
  /**
   * Every parameter that has a value, for `:missing`: ascending, without repeats. A value may have no
   * posting (a CodeableConcept with text only), so this cannot be told from the other lists.
   */
  readonly present: readonly ParamKey[];
}

/** The primary date of a resource that has none: it comes last in either direction. */
export const NO_DATE = -8.64e15;

export const NO_POSTINGS: Postings = {
  date: NO_DATE,
  terms: [],
  texts: [],
  dates: [],
  numbers: [],
  present: [],
};
