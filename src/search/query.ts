/**
 * The engine-neutral search query: what remains of a request once parameters are bound, values parsed and
 * chains resolved to keys. Engines translate it to SQL or a pipeline; the in-memory matcher evaluates it
 * directly; access control narrows it by ANDing predicates.
 * https://hl7.org/fhir/R4/search.html
 */
import type { ParamKey, TermHash } from './postings.ts';
import type { TypedPath } from './typed-paths.ts';

/**
 * Prefixes of R4 for ordered values, and `co` of `_filter` (the posting contains the query's value), for a posting [lo, hi) against a query [qlo, qhi), see ranges.ts. `ap` is
 * an overlap: whoever makes the query has widened its range. A resource matches when one of its postings does;
 * a resource without postings matches nothing, not even `ne`.
 * https://hl7.org/fhir/R4/search.html#prefix
 */
export type RangePrefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap' | 'co';

/** `from` and `below` compare by the first code point: it is that of `value`, a single one, or beyond; or before it. */
export type TextOp = 'prefix' | 'exact' | 'contains' | 'whole' | 'suffix' | 'from' | 'below';

export type Predicate =
  /** AND; no members means everything. */
  | { readonly kind: 'all'; readonly of: readonly Predicate[] }
  /** OR; no members means nothing. */
  | { readonly kind: 'any'; readonly of: readonly Predicate[] }
  | { readonly kind: 'not'; readonly of: Predicate }
  /** Some posting of `k` equals one of `terms`; `isSystem` as in the posting, `isPair` for its role. */
  | {
      readonly kind: 'term';
      readonly k: ParamKey;
      readonly terms: readonly TermHash[];
      readonly isSystem?: true;
      readonly isPair?: true;
      /** What every match satisfies too: the way to find postings of the role `implied`, nothing to be tested. */
      readonly implied?: Predicate;
    }
  /** Token without a system (`code`): any system, through the term dictionary. */
  | { readonly kind: 'code'; readonly k: ParamKey; readonly code: string }
  /** Token with a system only (`system|`), through the term dictionary. */
  | { readonly kind: 'system'; readonly k: ParamKey; readonly system: string }
  /**
   * Some term of `k` in the clear whose `code` has `value` at its start or after a space (`:text` of a token),
   * through the term dictionary. Labels are folded and end in a space, so a value that ends in one is whole words.
   */
  | { readonly kind: 'words'; readonly k: ParamKey; readonly value: string }
  /** `value` is folded; for `exact` it is the whole text of the posting, fold and original; `whole` is all of the fold. */
  | {
      readonly kind: 'text';
      readonly k: ParamKey;
      readonly op: TextOp;
      readonly value: string;
    }
  | {
      readonly kind: 'date';
      readonly k: ParamKey;
      /** Set when `Postings.date` is the least `lo` of this parameter. */
      readonly primary?: boolean;
      /** Whether no resource has several values. */
      readonly isSingle?: boolean;
      readonly prefix: RangePrefix;
      readonly lo: number;
      readonly hi: number;
    }
  /** `units` empty means any unit (and plain numbers). */
  | {
      readonly kind: 'number';
      readonly k: ParamKey;
      /** Whether no resource has several values, but one in several units. */
      readonly isSingle?: boolean;
      readonly units: readonly number[];
      readonly prefix: RangePrefix;
      readonly lo: number;
      readonly hi: number;
      /** What every match satisfies too, the code of a composite: a way to find them, nothing to be tested. */
      readonly implied?: Predicate;
    }
  /** A position of `k` (see NumberPosting) at most `radiusM` metres away; see near.ts. */
  | {
      readonly kind: 'near';
      readonly k: ParamKey;
      readonly latitude: number;
      readonly longitude: number;
      readonly radiusM: number;
    }
  /** The parameter has any value at all (`:missing=false`): `k` is in `Postings.present`. */
  | { readonly kind: 'present'; readonly k: ParamKey }
  | { readonly kind: 'id'; readonly ids: readonly string[] }
  /** The resource is of one of these types; made only where keys do not imply the type. */
  | { readonly kind: 'type'; readonly types: readonly string[] }
  | {
      readonly kind: 'updated';
      readonly prefix: RangePrefix;
      readonly lo: number;
      readonly hi: number;
    }
  /**
   * Forward chain: the reference parameter `k` points to a live resource of `target` that satisfies `where`:
   * it has the term `hashTerm('Type/id')` of that resource.
   */
  | { readonly kind: 'chain'; readonly k: ParamKey; readonly target: string; readonly where: Predicate }
  /** Reverse chain: a resource of `source` satisfies `where` and refers to this one through `k`. */
  | { readonly kind: 'has'; readonly source: string; readonly k: ParamKey; readonly where: Predicate };

export const EVERYTHING: Predicate = { kind: 'all', of: [] };

/**
 * One sort key. Resources without the value come last in either direction. Of several values the least counts
 * when ascending and the greatest when descending: `lo` of dates and numbers, `text` by code points (its first
 * 200 UTF-16 units), the code of terms that carry one. Equal resources follow in the order of their creation, newest first when the first
 * key descends, else oldest first.
 */
export type SortKey =
  | { readonly by: 'id'; readonly descending: boolean }
  | { readonly by: 'updated'; readonly descending: boolean }
  /** The primary clinical date: every term list is already in this order. */
  | { readonly by: 'primary'; readonly descending: boolean }
  | {
      readonly by: 'date' | 'number' | 'text' | 'term';
      readonly k: ParamKey;
      readonly descending: boolean;
      /** Whether no resource has several values, so that one that matches has its place where it matches. */
      readonly isSingle?: boolean;
    }
  /** By the values of several sources together, which no index has in order: all that matches is put in order, once. */
  | { readonly by: 'gathered'; readonly of: readonly SortSource[]; readonly descending: boolean };

/** Where values of a gathered key are. All sources of a key have the same kind of value. */
export type SortSource =
  | { readonly by: 'date' | 'number' | 'text' | 'term'; readonly k: ParamKey }
  | ContentSource;

/** Values in the resource itself, see sort-values.ts. */
export interface ContentSource {
  readonly by: 'content';
  readonly k: ParamKey;
  readonly paths: readonly TypedPath[];
  /** Where the paths begin: a resource of this type, or all of it that the resource contains. */
  readonly type: string;
  readonly isContained: boolean;
  /** Our own address, which counts for nothing in a reference. */
  readonly base: string;
  /** What everything with a value has terms of, where there is such a parameter. */
  readonly posted?: PostedContent;
}

export interface PostedContent {
  readonly k: ParamKey;
  /** Whether each value is the text that a term is the hash of, as with references. */
  readonly inTerms: boolean;
  /** The type that references among the terms are narrowed to. */
  readonly type?: string;
}

export interface SearchQuery {
  /** Resource types; several or none (all) at system level. */
  readonly types: readonly string[];
  readonly where: Predicate;
  /** Empty: the engine's natural order (primary date descending, then newest first). */
  readonly sort: readonly SortKey[];
}

/** What an empty `sort` stands for. */
export const NATURAL_SORT: readonly SortKey[] = [{ by: 'primary', descending: true }];
