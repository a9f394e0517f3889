/**
 * Binary in its own format: any body sent to Binary is one, and comes back as it was sent unless the client
 * asks for FHIR.
 * https://hl7.org/fhir/R4/binary.html#rest
 */

import { parseStored } from '../fhir/json.ts';
import type { Resource } from '../fhir/types.ts';
import type { Found } from '../interactions/dispatch.ts';
import type { InteractionResponse } from '../interactions/request.ts';
import { asksForFhir, readContentType } from './negotiation.ts';
import { toHeaders, type WireReply } from './reply.ts';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A package.tgz is sent as it is. */
const PACKAGE_OPERATION = '$load-package';

/** The Binary that a body which is not FHIR stands for; undefined when it is for the usual readers. */
export function readBinary(
  method: string,
  found: Found,
  bytes: Buffer | undefined,
  headers: Headers,
): Resource | undefined {
  const contentType = headers['content-type'];
  if (found.operation === PACKAGE_OPERATION && bytes !== undefined && bytes.length > 0) {
    const isPackage = typeof contentType === 'string' && readContentType(contentType) === 'other';
    return isPackage ? { resourceType: 'Binary', contentType, data: bytes.toString('base64') } : undefined;
  }
  if (found.type !== 'Binary' || bytes === undefined || bytes.length === 0) return undefined;
  if ((method !== 'POST' && method !== 'PUT') || found.operation !== '' || typeof contentType !== 'string')
    return undefined;
  if (found.row.code !== 'create' && found.row.code !== 'update') return undefined;
  if (readContentType(contentType) !== 'other') return undefined;
  const reference = headers['x-security-context'];
  return {
    resourceType: 'Binary',
    ...(found.id === '' ? {} : { id: found.id }),
    contentType: contentType.trim(),
    ...(typeof reference === 'string' ? { securityContext: { reference } } : {}),
    data: bytes.toString('base64'),
  };
}

/** Whether a read of a Binary is answered with its content. */
export function wantsContent(found: Found, accept: string | undefined, format: string | undefined): boolean {
  if (found.type !== 'Binary' || (found.row.code !== 'read' && found.row.code !== 'vread')) return false;
  return (format === undefined || format === '') && !asksForFhir(accept);
}

/** The content, never to be run as a page of this server. */
export function toContent(response: InteractionResponse): WireReply | undefined {
  if (response.status !== 200 || response.body?.kind !== 'json') return undefined;
  const { contentType, data } = parseStored(response.body.json);
  const headers = {
    ...toHeaders(response),
    'content-type':
      typeof contentType === 'string' && MIME.test(contentType) ? contentType : 'application/octet-stream',
    'content-security-policy': "default-src 'none'; sandbox",
    'content-disposition': 'attachment',
    'x-content-type-options': 'nosniff',
  };
  return { status: 200, headers, body: Buffer.from(typeof data === 'string' ? data : '', 'base64') };
}

/** What may stand in a header. */
const MIME = /^[\w.+-]{1,100}\/[\w.+-]{1,100}(?:\s*;\s*[\w-]+=[\w."+-]{1,100})*$/;
