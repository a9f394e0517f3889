/**
 * The request headers that decide about versions, and their response twins.
 * https://hl7.org/fhir/R4/http.html#versioning, #prefer, #cread
 */
import { fail } from '../fhir/issues.ts';
import type { Preferences } from './request.ts';

export function toEtag(versionId: string): string {
  return `W/"${versionId}"`;
}

/**
 * Version ids of an If-Match or If-None-Match header; `*` stands for any version. R4 uses weak tags; strong
 * ones and bare ids, which clients send, mean the same.
 * @throws FhirError `bad-header`
 */
export function parseEtags(header: 'If-Match' | 'If-None-Match', text: string): readonly string[] | '*' {
  if (text.trim() === '*') return '*';
  const ids: string[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(?:(?:W\/)?"([A-Za-z0-9\-.]{1,64})"|([A-Za-z0-9\-.]{1,64}))\s*$/.exec(part);
    if (match === null) {
      throw fail('bad-header', `${header} must hold a version such as W/"3".`, {
        expression: `http.${header}`,
      });
    }
    ids.push((match[1] ?? match[2]) as string);
  }
  return ids;
}

/**
 * An HTTP date in ms; undefined for text that is none, which HTTP tells receivers to ignore.
 * https://www.rfc-editor.org/rfc/rfc9110#name-if-modified-since
 */
export function parseHttpDate(text: string): number | undefined {
  const ms = /GMT\s*$|^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

const NO_PREFERENCES: Preferences = {};
const RETURNS: readonly NonNullable<Preferences['return']>[] = [
  'minimal',
  'representation',
  'OperationOutcome',
];

/** Unknown preferences are ignored, as HTTP wants. */
export function parsePrefer(text: string | undefined): Preferences {
  if (text === undefined || text === '') return NO_PREFERENCES;
  const preferences: { -readonly [K in keyof Preferences]: Preferences[K] } = {};
  for (const part of text.split(/[,;]/)) {
    const [name, value] = part.split('=').map((word) => word.trim().replaceAll('"', ''));
    const lower = name?.toLowerCase();
    if (lower === 'return')
      preferences.return = RETURNS.find((one) => one.toLowerCase() === value?.toLowerCase());
    else if (lower === 'handling' && (value === 'strict' || value === 'lenient'))
      preferences.handling = value;
    else if (lower === 'respond-async') preferences.respondAsync = true;
  }
  return preferences;
}
