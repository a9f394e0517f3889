/**
 * Which format a client wants to read, and which one it sends: from `_format`, Accept and Content-Type.
 * https://hl7.org/fhir/R4/http.html#mime-type, #parameters
 */
import { fail } from '../fhir/issues.ts';

export type Format = 'json' | 'xml';

export interface ReplyFormat {
  readonly format: Format;
  /** As the client named it: clients that ask for `application/json` get that name back. */
  readonly contentType: string;
}

const FHIR_JSON: ReplyFormat = { format: 'json', contentType: 'application/fhir+json; charset=utf-8' };
const PLAIN_JSON: ReplyFormat = { format: 'json', contentType: 'application/json; charset=utf-8' };
const FHIR_XML: ReplyFormat = { format: 'xml', contentType: 'application/fhir+xml; charset=utf-8' };
const PLAIN_XML: ReplyFormat = { format: 'xml', contentType: 'application/xml; charset=utf-8' };

export const DEFAULT_FORMAT = FHIR_JSON;

/** Names in Accept and `_format`, in the order that decides between equals. */
const BY_NAME: ReadonlyMap<string, ReplyFormat> = new Map([
  ['application/fhir+json', FHIR_JSON],
  ['json', FHIR_JSON],
  ['application/json', PLAIN_JSON],
  ['application/json+fhir', FHIR_JSON],
  ['text/json', PLAIN_JSON],
  ['application/fhir+xml', FHIR_XML],
  ['xml', FHIR_XML],
  ['application/xml', PLAIN_XML],
  ['application/xml+fhir', FHIR_XML],
  ['text/xml', PLAIN_XML],
  ['application/*', FHIR_JSON],
  ['*/*', FHIR_JSON],
  // A person with a browser: there is no HTML at these addresses.
  ['html', FHIR_JSON],
  ['text/html', FHIR_JSON],
]);

/** Accept headers repeat: each is read once. */
const KNOWN = new Map<string, ReplyFormat>();
const KNOWN_MAX = 256;

/** `_format` wins over Accept. @throws FhirError `not-acceptable` */
export function negotiate(accept: string | undefined, format: string | undefined): ReplyFormat {
  if (format !== undefined && format !== '') return fromParameter(format);
  if (accept === undefined || accept === '' || accept === '*/*') return FHIR_JSON;
  const found = KNOWN.get(accept);
  if (found !== undefined) return found;
  const chosen = fromAccept(accept);
  if (KNOWN.size >= KNOWN_MAX) KNOWN.clear();
  KNOWN.set(accept, chosen);
  return chosen;
}

/** Whether the client names a format of FHIR, rather than taking what there is. */
export function asksForFhir(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((part) => /(?:json|xml)(?:\+fhir)?$/.test(mediaTypeOf(part)));
}

function fromParameter(format: string): ReplyFormat {
  // A plus sign that was not escaped arrives as a space.
  const name = mediaTypeOf(format).replace(' ', '+');
  const chosen = BY_NAME.get(name);
  if (chosen === undefined) throw notAcceptable();
  return chosen;
}

function fromAccept(accept: string): ReplyFormat {
  let best: ReplyFormat | undefined;
  let bestQuality = 0;
  for (const part of accept.split(',')) {
    const chosen = BY_NAME.get(mediaTypeOf(part));
    const quality = qualityOf(part);
    if (chosen === undefined || quality <= bestQuality || !isOurVersion(part)) continue;
    [best, bestQuality] = [chosen, quality];
  }
  if (best === undefined) throw notAcceptable();
  return best;
}

function mediaTypeOf(part: string): string {
  return (part.split(';', 1)[0] as string).trim().toLowerCase();
}

function qualityOf(part: string): number {
  const match = /;\s*q\s*=\s*([\d.]+)/i.exec(part);
  return match === null ? 1 : Number(match[1]);
}

/** https://hl7.org/fhir/R4/http.html#version-parameter */
function isOurVersion(part: string): boolean {
  const match = /;\s*fhirVersion\s*=\s*"?([\d.]+)/i.exec(part);
  return match === null || /^4\.0(?:\.1)?$/.test(match[1] as string);
}

function notAcceptable(): Error {
  const text = 'This server writes application/fhir+json and application/fhir+xml.';
  return fail('not-acceptable', text, { expression: 'http.Accept' });
}

export type SentFormat = 'json' | 'xml' | 'json-patch' | 'form' | 'other' | 'unnamed';

const SENT: ReadonlyMap<string, SentFormat> = new Map<string, SentFormat>([
  ['application/fhir+json', 'json'],
  ['application/json', 'json'],
  ['application/json+fhir', 'json'],
  ['text/json', 'json'],
  ['application/fhir+xml', 'xml'],
  ['application/xml', 'xml'],
  ['application/xml+fhir', 'xml'],
  ['text/xml', 'xml'],
  ['application/json-patch+json', 'json-patch'],
  ['application/x-www-form-urlencoded', 'form'],
]);

/** @throws FhirError `unsupported-media-type` for a charset or version that is not ours */
export function readContentType(contentType: string | undefined): SentFormat {
  if (contentType === undefined || contentType === '') return 'unnamed';
  const sent = SENT.get(contentType) ?? SENT.get(mediaTypeOf(contentType));
  if (sent === undefined) return 'other';
  if (!contentType.includes(';')) return sent;
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]?.toLowerCase();
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') {
    throw fail('unsupported-media-type', 'Bodies must be UTF-8.', { expression: 'http.Content-Type' });
  }
  if (!isOurVersion(contentType)) {
    throw fail('unsupported-media-type', 'This server speaks FHIR 4.0.', { expression: 'http.Content-Type' });
  }
  return sent;
}
