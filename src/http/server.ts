/**
 * The HTTP server: Fastify with one route for the FHIR API, whose addresses the interaction table resolves
 * (so that single requests and Bundle entries obey one rule), and one each for health, readiness and metrics.
 * https://hl7.org/fhir/R4/http.html
 */
import { randomBytes } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { TypeModel } from '../definitions/type-model.ts';
import { type FhirError, fail } from '../fhir/issues.ts';
import { toOperationOutcome } from '../fhir/outcome.ts';
import { createJobs } from '../interactions/async-jobs.ts';
import type { InteractionContext } from '../interactions/context.ts';
import { type Dispatcher, methodNotAllowed } from '../interactions/dispatch.ts';
import { handBackMemory } from '../storage/hand-back.ts';
import { StoreUnavailableError } from '../storage/store.ts';
import { type AsyncRoutes, addAsyncRoutes } from './async-routes.ts';
import { answerPreflight, createCors } from './cors.ts';
import { decompress } from './decompression.ts';
import { type Answered, answerDirectly } from './direct.ts';
import { internalError, logFault, logUnavailable, RETRY_AFTER_S, toFhirError } from './errors.ts';
import { createBaseFinder, createFhirRoute, createPerform, METHODS, type Received } from './fhir-route.ts';
import { addGuideRoutes } from './guide.ts';
import { createIdleRound } from './idle-memory.ts';
import { createGate } from './load.ts';
import { DEFAULT_FORMAT, negotiate, type ReplyFormat } from './negotiation.ts';
import { createMetrics, type Metrics } from './observation.ts';
import { describeApi } from './openapi.ts';
import { FHIR_PREFIX, type HttpOptions } from './options.ts';
import { answerClientError } from './raw-errors.ts';
import type { WireReply } from './reply.ts';
import { createRequestIds, mirrorRequestId, type NextRequestId } from './request-ids.ts';
import { writeXml } from './xml/write-xml.ts';

export interface HttpServer {
  readonly fastify: FastifyInstance;
  readonly metrics: Metrics;
  /** Resolves to the address, such as `http://127.0.0.1:8080`. */
  listen(host: string, port: number): Promise<string>;
  /** Refuses new work, lets running requests finish, then closes. */
  close(): Promise<void>;
}

export function createHttpServer(
  context: InteractionContext,
  dispatcher: Dispatcher,
  options: HttpOptions,
  log: Logger,
): HttpServer {
  const metrics = createMetrics(context.about.worker, context.indexing);
  const gate = createGate(options, metrics, context.now);
  const cors = createCors(options.corsOrigins);
  const toErrorReply = (error: unknown, request: Received): WireReply => {
    const known = toFhirError(error);
    if (known === undefined || known.status === 500) logFault(log, error, request.id);
    else if (error instanceof StoreUnavailableError) logUnavailable(log, error, request.id);
    return writeError(request, known ?? internalError(request.id), context.generation().model);
  };
  const answerError: AnswerError = (error, request, reply) => {
    const { status, headers, body } = toErrorReply(error, request);
    reply.code(status).headers(headers).send(body);
  };
  const nextRequestId = createRequestIds();
  const fastify = createFastify(options, nextRequestId, answerError);
  let isClosing = false;

  const tidying = watchIdleness(metrics);

  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    mirrorRequestId(request, reply);
    cors(request, reply);
    if (request.url.length > options.urlBytesMax) {
      done(fail('too-large', 'The address is too long. Use POST to _search.'));
      return;
    }
    try {
      if (request.url.startsWith(FHIR_PREFIX)) gate(request.ip);
      metrics.inFlight++;
      markCounted(request);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    const encoding = request.headers['content-encoding'];
    if (encoding === undefined || encoding === 'identity') return done(null, payload);
    try {
      done(null, decompress(payload as never, encoding));
    } catch (error) {
      done(error as Error);
    }
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    if (wasCounted(request)) metrics.inFlight--;
    const { statusCode: status, elapsedTime: ms } = reply;
    const bytes = Number(reply.getHeader('content-length') ?? 0);
    observe({ request, status, ms, bytes, client: () => request.ip }, metrics, log);
    done();
  });
  const jobs = createJobs(options.jobs, context.now, newJobToken);
  const deferring: AsyncRoutes = {
    jobs,
    baseOf: createBaseFinder(options.baseUrl),
    methods: METHODS,
    model: () => context.generation().model,
    compressBytesMin: options.compressBytesMin,
  };
  addAsyncRoutes(fastify, deferring);
  const perform = createPerform(context, dispatcher, options, deferring.baseOf);
  const fhir = createFhirRoute(perform, deferring);
  for (const url of [FHIR_PREFIX, `${FHIR_PREFIX}/*`]) {
    fastify.route({ method: [...METHODS], url, handler: fhir, exposeHeadRoute: false });
    fastify.options(url, answerPreflight);
  }
  addOperatorRoutes(fastify, context, metrics, () => isClosing);
  addApiDescription(fastify, context, dispatcher, options.baseUrl);
  addGuideRoutes(fastify, options.guideFolder);
  fastify.setNotFoundHandler(async (request) => {
    if (request.url.startsWith(FHIR_PREFIX)) throw methodNotAllowed(METHODS);
    throw fail('unknown-path', `There is nothing here. The FHIR API is at ${FHIR_PREFIX}.`);
  });
  fastify.setErrorHandler(answerError);
  answerDirectly(fastify.server, {
    perform,
    toErrorReply,
    gate,
    nextId: nextRequestId,
    metrics,
    observe: (answered) => observe(answered, metrics, log),
    options,
    isClosing: () => isClosing,
  });
  return {
    fastify,
    metrics,
    listen: (host, port) => fastify.listen({ host, port, listenTextResolver: () => '' }),
    async close() {
      isClosing = true;
      // A connection that was busy when closing began is idle once its answer is out.
      const idle = setInterval(() => fastify.server.closeIdleConnections(), IDLE_CHECK_MS);
      const timer = setTimeout(() => fastify.server.closeAllConnections(), options.shutdownTimeoutMs);
      await fastify.close();
      await jobs.close();
      clearInterval(idle);
      clearTimeout(timer);
      clearInterval(tidying);
      metrics.close();
    },
  };
}

/** 144 bits. */
function newJobToken(): string {
  return randomBytes(18).toString('base64url');
}

const TIDY_EVERY_MS = 1000;

function watchIdleness(metrics: Metrics): NodeJS.Timeout {
  const round = createIdleRound({
    inFlight: () => metrics.inFlight,
    answered: () => metrics.answered,
    residentBytes: process.memoryUsage.rss,
    handBack: handBackMemory,
  });
  const timer = setInterval(round, TIDY_EVERY_MS);
  timer.unref();
  return timer;
}

type AnswerError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;

function createFastify(
  options: HttpOptions,
  nextRequestId: NextRequestId,
  answerError: AnswerError,
): FastifyInstance {
  const { trustedProxies } = options;
  return Fastify({
    logger: false,
    bodyLimit: options.bodyBytesMax,
    requestTimeout: options.requestTimeoutMs,
    connectionTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    genReqId: nextRequestId,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: false,
    routerOptions: { querystringParser: () => ({}), maxParamLength: options.urlBytesMax },
    http: {
      maxHeaderSize: HEADER_BYTES_MAX,
      connectionsCheckingInterval: Math.min(TIMEOUT_CHECK_MS, options.requestTimeoutMs),
    },
    clientErrorHandler: answerClientError,
    frameworkErrors: answerError,
  });
}

const KEEP_ALIVE_MS = 65_000;
const IDLE_CHECK_MS = 50;
/** How often Node looks for requests that are late. */
const TIMEOUT_CHECK_MS = 5000;
const HEADER_BYTES_MAX = 64 * 1024;

/** In the format that was asked for when that is known, else in JSON: a client must be able to read why. */
function writeError(request: Received, error: FhirError, model: TypeModel): WireReply {
  const format = formatOf(request);
  const outcome = toOperationOutcome(error.issues);
  const headers = { ...error.headers, 'content-type': format.contentType };
  if (request.method === 'HEAD') return { status: error.status, headers, body: '' };
  const body = format.format === 'xml' ? writeXml(outcome, model) : JSON.stringify(outcome);
  return { status: error.status, headers, body };
}

function formatOf(request: Received): ReplyFormat {
  const { format } = request;
  if (format !== undefined) return format;
  try {
    const asked = new URLSearchParams(request.url.split('?')[1] ?? '').get('_format');
    return negotiate(request.headers.accept, asked ?? undefined);
  } catch {
    return DEFAULT_FORMAT;
  }
}

const COUNTED = Symbol('counted');

function markCounted(request: FastifyRequest): void {
  (request as unknown as Record<symbol, boolean>)[COUNTED] = true;
}

function wasCounted(request: FastifyRequest): boolean {
  return (request as unknown as Record<symbol, boolean>)[COUNTED] === true;
}

function observe({ request, status, ms, bytes, client }: Answered, metrics: Metrics, log: Logger): void {
  const { interaction = 'other', type = '' } = request;
  const durationMs = Math.round(ms * 1000) / 1000;
  metrics.record({ interaction, type, method: request.method, status, durationMs });
  const level = status >= 500 ? 'warn' : 'info';
  if (!log.isLevelEnabled(level)) return;
  const line = { requestId: request.id, interaction, type, status, ms: durationMs, bytes, client: client() };
  log[level](line, 'request');
}

function addOperatorRoutes(
  fastify: FastifyInstance,
  context: InteractionContext,
  metrics: Metrics,
  isClosing: () => boolean,
): void {
  fastify.get('/health', async () => ({ status: 'ok' }));
  fastify.get('/ready', async (_request, reply) => {
    const isReady = !isClosing() && (await context.store.status().then(isThere, isNotThere));
    if (!isReady) reply.header('retry-after', RETRY_AFTER_S);
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready' });
  });
  fastify.get('/metrics', async (_request, reply) =>
    reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').send(metrics.text()),
  );
}

/** https://spec.openapis.org/oas/v3.1.0 */
function addApiDescription(
  fastify: FastifyInstance,
  context: InteractionContext,
  dispatcher: Dispatcher,
  baseUrl: string,
): void {
  fastify.get('/openapi.json', async (_request, reply) => {
    const { resourceTypes } = context.generation().definitions;
    const api = describeApi(dispatcher, resourceTypes, baseUrl || FHIR_PREFIX, context.about.version);
    return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(api));
  });
}

function isThere(): boolean {
  return true;
}

function isNotThere(): boolean {
  return false;
}
