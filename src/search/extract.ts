/**
 * Resource to postings: the hot path of every write. Each expression is compiled once.
 * https://hl7.org/fhir/R4/search.html
 */
import type { Resource } from '../fhir/types.ts';
import type { SearchParameters } from './parameters.ts';
import { NO_POSTINGS, type Postings } from './postings.ts';

/** A quantity in the base units of UCUM; undefined when the unit is not UCUM's or cannot be converted. */
export type CanonicalQuantity = (
  value: number,
  ucumCode: string,
) => { readonly value: number; readonly unit: string } | undefined;

export interface ExtractOptions {
  /** Our own address, such as `https://example.org/fhir`: references to it are relative ones. */
  readonly base: string;
  /** Zone of dates without one: `UTC`, an offset such as `+05:45`, or an IANA name. */
  readonly timeZone: string;
  /** Index words for `_text` and `_content`. */
  readonly fullText: boolean;
  readonly canonicalQuantity?: CanonicalQuantity;
}

export type Extract = (resource: Resource) => Postings;

export function createExtractor(_parameters: SearchParameters, _options: ExtractOptions): Extract {
  return () => NO_POSTINGS;
}
