/**
 * Request bodies: bytes to a resource, a patch or form parameters.
 * https://hl7.org/fhir/R4/http.html#mime-type, https://hl7.org/fhir/R4/http.html#search
 */
import { isUtf8 } from 'node:buffer';
import type { TypeModel } from '../definitions/type-model.ts';
import { fail } from '../fhir/issues.ts';
import { hasMoreValues, type JsonLimits, parseJson } from '../fhir/json.ts';
import type { Resource } from '../fhir/types.ts';
import { NO_BODY, type QueryPair, type RequestBody } from '../interactions/request.ts';
import { readContentType, type SentFormat } from './negotiation.ts';
import { readXml, readXmlInTurns } from './xml/read-xml.ts';

export interface BodyLimits extends JsonLimits {
  /** Values in one resource; in each entry of a Bundle. */
  readonly valuesMax: number;
  /** Values in one body. */
  readonly allValuesMax: number;
  readonly formBytesMax: number;
}

export interface ReadBody {
  readonly body: RequestBody;
  /** Parameters of a form, to follow those of the address. */
  readonly form: readonly QueryPair[];
}

const NOTHING: ReadBody = { body: NO_BODY, form: [] };

/** XML takes long: beyond so many bytes it is read in turns. */
const XML_AT_ONCE_BYTES = 1 << 17;

/** A promise only for long XML. @throws FhirError for what cannot be read as the Content-Type says */
export function readBody(
  method: string,
  path: string,
  bytes: Buffer | undefined,
  contentType: string | undefined,
  model: TypeModel,
  limits: BodyLimits,
): ReadBody | Promise<ReadBody> {
  if (bytes === undefined || bytes.length === 0) return NOTHING;
  const format = readContentType(contentType);
  if (format === 'xml' && !IS_SEARCH.test(path) && bytes.length > XML_AT_ONCE_BYTES)
    return readLongXml(toText(bytes), model, limits);
  const read = readFormat(format, method, path, bytes, model, limits);
  // A value takes two bytes at least.
  if (bytes.length > 2 * limits.valuesMax) checkValues(read.body, limits.valuesMax);
  return read;
}

async function readLongXml(text: string, model: TypeModel, limits: BodyLimits): Promise<ReadBody> {
  const resource = await readXmlInTurns(text, model, limits);
  const body = { kind: 'resource', resource } as const;
  checkValues(body, limits.valuesMax);
  return { body, form: [] };
}

function readFormat(
  format: SentFormat,
  method: string,
  path: string,
  bytes: Buffer,
  model: TypeModel,
  limits: BodyLimits,
): ReadBody {
  if (format !== 'form' && method === 'POST' && IS_SEARCH.test(path)) {
    throw unsupported('A search by POST is sent as application/x-www-form-urlencoded.');
  }
  switch (format) {
    case 'json':
    case 'unnamed':
      return { body: readJson(toText(bytes), method, limits), form: [] };
    case 'json-patch':
      if (method !== 'PATCH') throw unsupported('A JSON Patch is sent with PATCH.');
      return { body: { kind: 'json-patch', patch: parseJson(toText(bytes), limits) }, form: [] };
    case 'form':
      if (method !== 'POST' || !TAKES_FORM.test(path)) {
        throw unsupported('A form is for POST to _search or an operation. Send application/fhir+json.');
      }
      if (bytes.length > limits.formBytesMax) {
        throw fail('too-large', `A form may have ${limits.formBytesMax} bytes.`);
      }
      return { body: NO_BODY, form: [...new URLSearchParams(toText(bytes))] };
    case 'xml':
      return { body: { kind: 'resource', resource: readXml(toText(bytes), model, limits) }, form: [] };
    case 'other':
      throw unsupported('This server reads application/fhir+json and application/fhir+xml.');
  }
}

/** https://hl7.org/fhir/R4/http.html#search */
const IS_SEARCH = /(?:^|\/)_search\/?$/;
/** https://hl7.org/fhir/R4/http.html#summary */
const TAKES_FORM = /(?:^|\/)(?:_search|\$[a-z-]+)\/?$/;

/** What is to be validated and indexed in one go must be small enough for others not to wait. */
function checkValues(body: RequestBody, valuesMax: number): void {
  if (body.kind !== 'resource') return;
  const { resource } = body;
  const isBundle = resource.resourceType === 'Bundle' && Array.isArray(resource.entry);
  const parts: readonly unknown[] = isBundle ? (resource.entry as unknown[]) : [resource];
  if (!parts.some((part) => hasMoreValues(part, valuesMax))) return;
  throw fail('too-many-values', `A resource may have ${valuesMax} values. Split it.`);
}

function readJson(text: string, method: string, limits: BodyLimits): RequestBody {
  // only a Bundle, with or without Parameters around it, may hold more than one resource may
  const allValuesMax = text.includes('"Bundle"') ? limits.allValuesMax : limits.valuesMax;
  const value = parseJson(text, { ...limits, allValuesMax });
  if (Array.isArray(value) && method === 'PATCH') return { kind: 'json-patch', patch: value };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fail('malformed-json', 'The body must be a JSON object with a resourceType.');
  }
  const { resourceType } = value as Resource;
  if (typeof resourceType !== 'string' || !/^[A-Za-z]{1,64}$/.test(resourceType)) {
    throw fail('malformed-json', 'The body has no resourceType, such as "resourceType": "Patient".', {
      expression: 'resourceType',
    });
  }
  return { kind: 'resource', resource: value as Resource, text };
}

const BYTE_ORDER_MARK = 0xfeff;

function toText(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw fail('malformed-json', 'The body is not UTF-8.');
  const text = bytes.toString('utf8');
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
}

function unsupported(text: string): Error {
  return fail('unsupported-media-type', text, { expression: 'http.Content-Type' });
}
