/**
 * The texts that term hashes are made of. Extraction and resolving meet here: what one writes the other asks for.
 * https://hl7.org/fhir/R4/search.html#token
 */
import { fold } from './fold.ts';
import type { TermHash } from './postings.ts';
import { hashTerm } from './term-hash.ts';

/** Cannot occur in FHIR strings, so no system, code or URL can imitate the forms made with it. */
const SEPARATOR = '\u0001';

/** `system|code`; system is empty for values that have none. */
export function codeForm(system: string, code: string): string {
  return `${system}|${code}`;
}

/** A value with whatever system. */
export function bareForm(value: string): string {
  return `${SEPARATOR}|${value}`;
}

/** Any value of the system. */
export function systemForm(system: string): string {
  return `${system}|${SEPARATOR}`;
}

/** Identifier.type of a value. */
export function ofTypeForm(system: string, code: string, value: string): string {
  return `${system}|${code}|${value}`;
}

/** What stands for the unit of a composite's value when no unit is asked for, and for values without one. */
export const ANY_UNIT: TermHash = 0;

/** What goes before the fold in the text posting of a composite that ends in a string. */
export function compositeTextPrefix(leading: TermHash): string {
  return `${leading.toString(36)}${SEPARATOR}`;
}

/** Unit in UCUM base units. */
export function canonicalUnitForm(unit: string): string {
  return `ucum${SEPARATOR}${unit}`;
}

/** Code or unit without its system. */
export function unitForm(unit: string): string {
  return `|${unit}`;
}

/** Reference to a resource of this server. */
export function referenceForm(type: string, id: string): string {
  return `${type}/${id}`;
}

export function hashReference(type: string, id: string): TermHash {
  return hashTerm(referenceForm(type, id));
}

const PHONE = /^[+\d()\s./\-x]+$/i;
const PHONE_FILL = /[()\s./-]+/g;

/** Phone numbers without spaces and punctuation, everything else in lower case. */
export function contactValue(value: string): string {
  return PHONE.test(value) ? value.replace(PHONE_FILL, '').toLowerCase() : value.trim().toLowerCase();
}

/** Tokens over strings are not case-sensitive. */
export function stringToken(value: string): string {
  return fold(value);
}

const LABEL_MAX = 256;

/** Display or text of a concept, for `:text`. */
export function labelOf(text: string): string {
  return fold(text.length > 4 * LABEL_MAX ? text.slice(0, 4 * LABEL_MAX) : text).slice(0, LABEL_MAX);
}
