/**
 * The short way through HTTP: a request to the FHIR API that needs nothing of what Fastify adds (other encodings,
 * other origins, proxies, answers later) goes from node:http to the interaction and back, with one write to the
 * socket. Everything else goes to Fastify, whose route does the same.
 * https://nodejs.org/api/http.html, https://hl7.org/fhir/R4/http.html
 */
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  RequestListener,
  Server,
  ServerResponse,
} from 'node:http';
import { ASYNC_PATH } from './async-routes.ts';
import type { Perform, Received } from './fhir-route.ts';
import type { ReplyFormat } from './negotiation.ts';
import type { Metrics } from './observation.ts';
import { FHIR_PREFIX, type HttpOptions, type Observed } from './options.ts';
import type { WireReply } from './reply.ts';
import type { NextRequestId } from './request-ids.ts';

/** A request that was answered, for the log and the metrics. */
export interface Answered {
  readonly request: Pick<Received, 'id' | 'method'> & Observed;
  readonly status: number;
  readonly ms: number;
  /** Of the body. */
  readonly bytes: number;
  readonly client: () => string;
}

export interface DirectParts {
  readonly perform: Perform;
  readonly toErrorReply: (error: unknown, request: Received) => WireReply;
  /** @throws FhirError for a request that has to wait */
  readonly gate: (client: string) => void;
  readonly nextId: NextRequestId;
  readonly metrics: Metrics;
  readonly observe: (answered: Answered) => void;
  readonly options: Pick<HttpOptions, 'bodyBytesMax' | 'urlBytesMax' | 'trustedProxies' | 'corsOrigins'>;
  readonly isClosing: () => boolean;
}

/** Takes the plain requests of a server; whoever listened before gets the others. */
export function answerDirectly(server: Server, parts: DirectParts): void {
  // behind a proxy, who asks and under which address is in headers that Fastify reads
  if (parts.options.trustedProxies.length > 0) return;
  const others = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!parts.isClosing() && isPlain(request, parts.options)) {
      take(request, response, parts);
      return;
    }
    for (const other of others) other.call(server, request, response);
  });
}

const DEFERRED = `${FHIR_PREFIX}/${ASYNC_PATH}`;
const FHIR_TYPE = /^application\/(?:fhir\+)?(?:json|xml)(?:; ?charset=utf-8)?$/i;
/** Headers that something else than the FHIR route looks at. */
const LEFT_TO_OTHERS = [
  'content-encoding',
  'transfer-encoding',
  'origin',
  'x-request-id',
  'expect',
  'upgrade',
] as const;

function isPlain({ method, url, headers }: IncomingMessage, options: DirectParts['options']): boolean {
  const address = url as string;
  if (!address.startsWith(FHIR_PREFIX) || address.length > options.urlBytesMax) return false;
  const next = address.charCodeAt(FHIR_PREFIX.length);
  if (next !== SLASH && next !== QUESTION_MARK && address.length !== FHIR_PREFIX.length) return false;
  if (address.startsWith(DEFERRED)) return false;
  for (const name of LEFT_TO_OTHERS) if (headers[name] !== undefined) return false;
  if (headers.prefer !== undefined && /respond-async/i.test(String(headers.prefer))) return false;
  const length = headers['content-length'];
  switch (method) {
    case 'GET':
      return length === undefined;
    case 'POST':
    case 'PUT':
    case 'PATCH':
    case 'DELETE':
      return length === undefined
        ? headers['content-type'] === undefined
        : hasPlainBody(length, headers, options);
    default:
      return false;
  }
}

const SLASH = 47;
const QUESTION_MARK = 63;

function hasPlainBody(
  length: string,
  { 'content-type': type }: IncomingHttpHeaders,
  { bodyBytesMax }: Pick<HttpOptions, 'bodyBytesMax'>,
): boolean {
  if (length === '0' || Number(length) > bodyBytesMax) return false;
  return type !== undefined && (type === 'application/fhir+json' || FHIR_TYPE.test(type));
}

class PlainRequest implements Received {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  body: Buffer | undefined;
  readonly host: string;
  readonly protocol = 'http';
  interaction?: string;
  type?: string;
  format?: ReplyFormat;

  constructor(id: string, { method, url, headers }: IncomingMessage) {
    this.id = id;
    this.method = method as string;
    this.url = url as string;
    this.headers = headers;
    this.host = headers.host ?? '';
  }
}

function take(incoming: IncomingMessage, response: ServerResponse, parts: DirectParts): void {
  const startedAt = performance.now();
  const { metrics } = parts;
  const request = new PlainRequest(parts.nextId(incoming), incoming);
  let isCounted = false;
  const answer = (wire: WireReply): void => {
    const bytes = send(response, request.id, wire);
    if (isCounted) metrics.inFlight--;
    isCounted = false;
    const ms = performance.now() - startedAt;
    parts.observe({ request, status: wire.status, ms, bytes, client: () => clientOf(incoming) });
  };
  const refuse = (error: unknown): void => answer(parts.toErrorReply(error, request));
  const perform = (): void => {
    parts
      .perform(request)
      .then((wire) => answer(wire as WireReply))
      .catch((error) => {
        const wire = parts.toErrorReply(error, request);
        if (!response.headersSent) answer(wire);
      });
  };
  try {
    parts.gate(clientOf(incoming));
  } catch (error) {
    refuse(error);
    return;
  }
  metrics.inFlight++;
  isCounted = true;
  if (incoming.headers['content-length'] === undefined) perform();
  else collect(incoming, request, perform, refuse);
}

function clientOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? '';
}

/** Node's parser holds the body to Content-Length, which is within the limit. */
function collect(
  incoming: IncomingMessage,
  request: PlainRequest,
  done: () => void,
  fail: (error: unknown) => void,
): void {
  let first: Buffer | undefined;
  let parts: Buffer[] | undefined;
  incoming.on('data', (part: Buffer) => {
    if (first === undefined) first = part;
    else if (parts === undefined) parts = [first, part];
    else parts.push(part);
  });
  let isDone = false;
  incoming.on('end', () => {
    isDone = true;
    request.body = parts === undefined ? first : Buffer.concat(parts);
    done();
  });
  // a client that goes away later is told nothing; its request is carried out all the same
  incoming.on('error', (error) => {
    if (!isDone) fail(error);
    isDone = true;
  });
}

/** Most answers fit, pages of 20 too; what is encoded is handed over before anybody else encodes. */
const shared = Buffer.allocUnsafeSlow(256 * 1024);
/** UTF-8 has at most so many bytes for a UTF-16 unit. */
const BYTES_PER_UNIT = 3;

/** Returns the bytes of the body. */
function send(response: ServerResponse, id: string, { status, headers, body, isBytes }: WireReply): number {
  const head: string[] = ['x-request-id', id];
  for (const name in headers) head.push(name, String(headers[name]));
  if (body === undefined || body === '') {
    if (status !== 304 && status !== 204) head.push('content-length', '0');
    response.writeHead(status, head).end();
    return 0;
  }
  if (typeof body === 'string' && isBytes) {
    head.push('content-length', String(body.length));
    response.writeHead(status, head).end(body, 'latin1');
    return body.length;
  }
  if (typeof body === 'string' && body.length * BYTES_PER_UNIT <= shared.length) {
    // bytes as a string of one byte each: Node sends it and the head in one piece, without looking at it again
    const size = shared.write(body, 0, 'utf8');
    head.push('content-length', String(size));
    response
      .writeHead(status, head)
      .end(size === body.length ? body : shared.toString('latin1', 0, size), 'latin1');
    return size;
  }
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  head.push('content-length', String(bytes.length));
  response.writeHead(status, head).end(bytes);
  return bytes.length;
}
