/**
 * What turns one value of a parameter into postings. Values come from stored JSON: what does not have the shape
 * that its type promises is passed over, never an error.
 */
import type { Resource } from '../fhir/types.ts';
import type { PostingsBuilder } from './postings-builder.ts';
import type { TimeZone } from './time-zone.ts';

/** Adds the postings of a value; `root` is the resource that it comes from. */
export type Emit = (value: unknown, builder: PostingsBuilder, root: Resource) => void;

/** A quantity in the base units of UCUM; undefined when the unit is not UCUM's or cannot be converted. */
export type CanonicalQuantity = (
  value: number,
  ucumCode: string,
) => { readonly value: number; readonly unit: string } | undefined;

/** What emitters need beside the value. */
export interface EmitContext {
  readonly base: string;
  readonly zone: TimeZone;
  readonly canonicalQuantity: CanonicalQuantity;
}

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The strings of a value that may be one or many. */
export function stringsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** The objects of a value that may be one or many. */
export function objectsOf(value: unknown): readonly Json[] {
  if (Array.isArray(value)) return value.filter(isObject);
  return isObject(value) ? [value] : [];
}
