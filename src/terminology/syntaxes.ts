/**
 * Code systems whose codes follow a grammar instead of a list.
 * https://hl7.org/fhir/R4/terminologies-systems.html
 */

import { isUcum, UCUM_SYSTEM } from '../fhir/ucum.ts';
import { CODE_LISTS } from './code-lists.ts';
import { isLanguageTag } from './language-tag.ts';
import type { Membership } from './terminology.ts';

export type Syntax = (code: string) => Membership;

const SYNTAXES: ReadonlyMap<string, Syntax> = new Map([
  [UCUM_SYSTEM, (code) => (isUcum(code) ? 'yes' : 'no')],
  ['urn:ietf:bcp:47', (code) => (isLanguageTag(code) ? 'yes' : 'no')],
  ['urn:ietf:bcp:13', mimeType],
  ['urn:ietf:rfc:3986', (code) => (isUri(code) ? 'yes' : 'no')],
  ['urn:iso:std:iso:3166:-2', subdivision],
  ['https://www.iana.org/time-zones', (code) => (isTimeZone(code) ? 'yes' : 'no')],
]);

/** Undefined when the system has no grammar that is known here. */
export function syntaxOf(system: string): Syntax | undefined {
  return SYNTAXES.get(system);
}

/** https://www.iana.org/assignments/top-level-media-types */
const MEDIA_TYPES = 'application|audio|example|font|haptics|image|message|model|multipart|text|video';
const RESTRICTED_NAME = '[0-9a-z][0-9a-z!#$&^_.+-]{0,126}';
const TOKEN = "[0-9a-z!#$%&'*+.^_`|~-]+";
const PARAMETER = `${TOKEN}=(?:${TOKEN}|"[^"\\\\]*")`;
const MEDIA_TYPE = new RegExp(`^(${RESTRICTED_NAME})/${RESTRICTED_NAME}(?: ?; ?${PARAMETER})*$`, 'i');
const REGISTERED = new RegExp(`^(?:${MEDIA_TYPES})$`, 'i');
/** R4 takes these words where it asks for formats. https://hl7.org/fhir/R4/http.html#mime-type */
const FORMAT_WORDS = new Set(['xml', 'json', 'ttl']);
const MIME_LENGTH_MAX = 300;

/** A type outside of the registered top level may be in use, such as `chemical/x-pdb`. */
function mimeType(code: string): Membership {
  if (FORMAT_WORDS.has(code)) return 'unknown';
  if (code.length > MIME_LENGTH_MAX) return 'no';
  const top = MEDIA_TYPE.exec(code)?.[1];
  if (top === undefined) return 'no';
  return REGISTERED.test(top) ? 'yes' : 'unknown';
}

/** Absolute, and without what a URI cannot hold. */
function isUri(code: string): boolean {
  return /^[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`]+$/i.test(code);
}

/** The subdivisions themselves change too often to be listed. */
function subdivision(code: string): Membership {
  const country = /^([A-Z]{2})-[A-Z0-9]{1,3}$/.exec(code)?.[1];
  const isCountry = country !== undefined && CODE_LISTS.get('urn:iso:std:iso:3166')?.codes.has(country);
  return isCountry ? 'unknown' : 'no';
}

function isTimeZone(code: string): boolean {
  if (!/^[A-Z][A-Za-z0-9/_+-]{1,63}$/.test(code)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: code });
    return true;
  } catch {
    return false;
  }
}
