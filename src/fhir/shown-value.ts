/**
 * What a message may show of a value: codes, dates, numbers and addresses, which a client needs to find its fault;
 * of words, which may be a person's, only how many.
 * https://hl7.org/fhir/R4/security.html#AccessDenied
 */

/** Printable, and without the spaces that words have. */
const TOKEN = /^[\x21-\x7e]*$/;

/** At most `max` characters of a token. */
export function showText(text: string, max: number): string {
  if (!TOKEN.test(text)) return `a text of ${text.length} characters`;
  return `'${text.length > max ? `${text.slice(0, max)}…` : text}'`;
}
