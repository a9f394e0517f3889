/**
 * The FHIR API on HTTP: a request becomes an InteractionRequest, an InteractionResponse becomes the reply.
 * https://hl7.org/fhir/R4/http.html
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isDeferrable } from '../interactions/async-jobs.ts';
import type { InteractionContext } from '../interactions/context.ts';
import { type Dispatcher, execute, type Found, splitUrl } from '../interactions/dispatch.ts';
import { parsePrefer } from '../interactions/headers.ts';
import type { InteractionRequest, InteractionResponse, Method, QueryPair } from '../interactions/request.ts';
import { type AsyncRoutes, answerAccepted } from './async-routes.ts';
import { readBinary, toContent, wantsContent } from './binary.ts';
import { type ReadBody, readBody } from './body.ts';
import { DEFAULT_FORMAT, negotiate } from './negotiation.ts';
import { FHIR_PREFIX, type HttpOptions, type Observed } from './options.ts';
import { encodable, toWire, type WireReply } from './reply.ts';

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** A request, whoever received it. */
export interface Received extends Observed {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** A Buffer, or undefined. */
  readonly body: unknown;
  readonly host: string;
  readonly protocol: string;
}

/** Takes what may be answered later; without one everything is answered at once. */
export type Defer = (work: (signal: AbortSignal) => Promise<InteractionResponse>) => Promise<void>;

/** The answer; undefined when the request was deferred. @throws FhirError and what else went wrong */
export type Perform = (request: Received, defer?: Defer) => Promise<WireReply | undefined>;

export function createPerform(
  context: InteractionContext,
  dispatcher: Dispatcher,
  options: Pick<HttpOptions, 'compressBytesMin'>,
  baseOf: BaseFinder,
): Perform {
  return async (request, defer) => {
    const { headers } = request;
    const { path, query } = splitUrl(request.url.slice(FHIR_PREFIX.length));
    const found = dispatcher.find(
      request.method === 'HEAD' ? 'GET' : request.method,
      path,
      context.generation().definitions.isResourceType,
    );
    request.interaction = found.row.code === 'operation' ? found.operation : found.row.code;
    request.type = found.type;
    const read = readAny(request, path, found, context);
    const { body, form } = read instanceof Promise ? await read : read;
    const pairs = form.length === 0 ? query : [...query, ...form];
    const asked = lastOf(pairs, '_format');
    const isContent = wantsContent(found, headers.accept, asked);
    const format = isContent ? DEFAULT_FORMAT : negotiate(headers.accept, asked);
    request.format = format;
    const interaction = toInteraction(request, found, pairs, body, baseOf);
    if (interaction.prefer.respondAsync === true && defer !== undefined && isDeferrable(found.row.code)) {
      await defer((signal) => execute(found.row, { ...interaction, signal }, context));
      return undefined;
    }
    const response = await execute(found.row, interaction, context);
    const content = isContent ? toContent(response) : undefined;
    const wire =
      content ??
      toWire(response, {
        format,
        isPretty: lastOf(pairs, '_pretty') === 'true',
        acceptEncoding: headers['accept-encoding'],
        compressBytesMin: options.compressBytesMin,
        model: context.generation().model,
      });
    return keepPrivate(wire instanceof Promise ? await wire : wire);
  };
}

/** Health data stays out of caches, and is never taken for something else than it says. */
function keepPrivate(wire: WireReply): WireReply {
  wire.headers['cache-control'] = 'no-store';
  wire.headers['x-content-type-options'] = 'nosniff';
  return wire;
}

/** `perform` behind Fastify. */
export function createFhirRoute(
  perform: Perform,
  deferring: AsyncRoutes,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    const wire = await perform(request, async (work) => {
      const url = `${deferring.baseOf(request)}${request.url.slice(FHIR_PREFIX.length)}`;
      const bytes = (request.body as Buffer | undefined)?.length ?? 0;
      await answerAccepted(request, reply, deferring.jobs.start({ url, bytes, work }), deferring);
    });
    if (wire !== undefined) write(request, reply, wire);
  };
}

function readAny(
  request: Received,
  path: string,
  found: Found,
  context: InteractionContext,
): ReadBody | Promise<ReadBody> {
  const bytes = request.body as Buffer | undefined;
  const binary = readBinary(request.method, found, bytes, request.headers);
  if (binary !== undefined) return { body: { kind: 'resource', resource: binary }, form: [] };
  const { model } = context.generation();
  return readBody(request.method, path, bytes, request.headers['content-type'], model, context.limits);
}

function toInteraction(
  request: Received,
  found: Found,
  query: readonly QueryPair[],
  body: InteractionRequest['body'],
  baseOf: BaseFinder,
): InteractionRequest {
  const { headers } = request;
  return {
    requestId: request.id,
    method: (request.method === 'HEAD' ? 'GET' : request.method) as Method,
    type: found.type,
    id: found.id,
    versionId: found.versionId,
    compartmentType: found.compartmentType,
    operation: found.operation,
    query,
    body,
    ifMatch: headers['if-match'],
    ifNoneMatch: headers['if-none-match'],
    ifModifiedSince: headers['if-modified-since'],
    ifNoneExist: oneOf(headers['if-none-exist']),
    prefer: parsePrefer(oneOf(headers.prefer)),
    baseUrl: baseOf(request),
    explain: oneOf(headers['x-explain'])?.toLowerCase() === 'true',
  };
}

function oneOf(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' || header === undefined ? header : header.join(', ');
}

function lastOf(pairs: readonly QueryPair[], name: string): string | undefined {
  return pairs.length === 0 ? undefined : pairs.findLast(([key]) => key === name)?.[1];
}

export type BaseFinder = (request: Pick<Received, 'host' | 'protocol'>) => string;

const HOST = /^[A-Za-z0-9.-]{1,253}(?::\d{1,5})?$|^\[[0-9a-fA-F:]{2,45}\](?::\d{1,5})?$/;

/** The configured address, or the one that the request names. */
export function createBaseFinder(configured: string): BaseFinder {
  if (configured !== '') return () => configured;
  return (request) => {
    const { host } = request;
    return `${request.protocol}://${HOST.test(host) ? host : 'localhost'}${FHIR_PREFIX}`;
  };
}

function write(request: FastifyRequest, reply: FastifyReply, wire: WireReply): void {
  reply.code(wire.status).headers(wire.headers);
  const body = encodable(wire);
  if (wire.status === 304 || body === undefined) {
    reply.send();
    return;
  }
  if (request.method === 'HEAD') {
    reply.header('content-length', String(Buffer.byteLength(body)));
    reply.send('');
    return;
  }
  reply.send(body);
}
