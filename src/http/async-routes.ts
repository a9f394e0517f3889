/**
 * What a client does after `202 Accepted`: asks how far its request is, fetches the result, or cancels it.
 * https://hl7.org/fhir/R4/async.html
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TypeModel } from '../definitions/type-model.ts';
import { fail, issue } from '../fhir/issues.ts';
import { toOperationOutcome } from '../fhir/outcome.ts';
import { toInstant } from '../fhir/resource-text.ts';
import type { Jobs, JobView } from '../interactions/async-jobs.ts';
import { methodNotAllowed } from '../interactions/dispatch.ts';
import type { ResponseBody } from '../interactions/request.ts';
import { negotiate } from './negotiation.ts';
import { FHIR_PREFIX, type Observed } from './options.ts';
import { encodable, toWire } from './reply.ts';

/** Below the base of the API. */
export const ASYNC_PATH = '_async';
/** How long a client should wait before it asks again. */
const RETRY_AFTER_S = 2;
const RESULT = 'result';

export interface AsyncRoutes {
  readonly jobs: Jobs;
  readonly baseOf: (request: { readonly host: string; readonly protocol: string }) => string;
  readonly methods: readonly string[];
  readonly model: () => TypeModel;
  readonly compressBytesMin: number;
}

export function addAsyncRoutes(fastify: FastifyInstance, routes: AsyncRoutes): void {
  const { jobs, methods } = routes;
  const url = `${FHIR_PREFIX}/${ASYNC_PATH}/:job`;
  fastify.route({
    method: [...methods],
    url,
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      observe(request, 'async-status');
      switch (request.method) {
        case 'GET':
        case 'HEAD':
          return answerStatus(request, reply, jobs, routes);
        case 'DELETE':
          if (!jobs.cancel(jobOf(request))) throw unknownJob();
          return send(request, reply, 202, outcomeOf('The request was cancelled.'), routes);
        default:
          throw methodNotAllowed(['GET', 'DELETE']);
      }
    },
  });
  fastify.route({
    method: [...methods],
    url: `${url}/${RESULT}`,
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      observe(request, 'async-result');
      if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed(['GET']);
      const { state } = findJob(request, jobs);
      if (state.kind !== 'done') throw unknownJob();
      if (/ndjson/i.test(request.headers.accept ?? '')) {
        reply.header('content-type', 'application/fhir+ndjson; charset=utf-8').headers(ALWAYS);
        return reply.send(Buffer.concat([state.json, Buffer.from('\n')]));
      }
      return send(request, reply, 200, { kind: 'json', json: state.json.toString('utf8') }, routes);
    },
  });
}

/** `202 Accepted` with the address to ask at. */
export async function answerAccepted(
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  routes: AsyncRoutes,
): Promise<void> {
  reply.header('content-location', `${routes.baseOf(request)}/${ASYNC_PATH}/${id}`);
  reply.header('preference-applied', 'respond-async');
  const text = 'The request was accepted. Ask for its status at the address in Content-Location.';
  await send(request, reply, 202, outcomeOf(text), routes);
}

async function answerStatus(
  request: FastifyRequest,
  reply: FastifyReply,
  jobs: Jobs,
  routes: AsyncRoutes,
): Promise<void> {
  const job = findJob(request, jobs);
  const { state } = job;
  switch (state.kind) {
    case 'failed':
      throw state.error;
    case 'done': {
      const location = `${routes.baseOf(request)}/${ASYNC_PATH}/${jobOf(request)}`;
      reply.header('expires', new Date(state.expiresAt).toUTCString());
      reply.header('content-type', 'application/json; charset=utf-8').headers(ALWAYS);
      return reply.send(JSON.stringify(manifestOf(job, state.type, `${location}/${RESULT}`)));
    }
    default: {
      const progress =
        state.kind === 'waiting'
          ? `waiting for ${state.before} other requests`
          : `running for ${Math.floor(state.forMs / 1000)} s`;
      reply.header('x-progress', progress).header('retry-after', String(RETRY_AFTER_S)).headers(ALWAYS);
      return reply.code(202).send();
    }
  }
}

function manifestOf(job: JobView, type: string, url: string) {
  return {
    transactionTime: toInstant(job.acceptedAt),
    request: job.url,
    requiresAccessToken: false,
    output: [{ type, url }],
    error: [],
  };
}

function outcomeOf(text: string): ResponseBody {
  return { kind: 'resource', resource: toOperationOutcome([issue('request-done', text)]) };
}

const ALWAYS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  body: ResponseBody,
  { model, compressBytesMin }: AsyncRoutes,
): Promise<void> {
  const query = new URLSearchParams(request.url.split('?')[1] ?? '');
  const wire = await toWire(
    { status, body },
    {
      format: negotiate(request.headers.accept, query.get('_format') ?? undefined),
      isPretty: query.get('_pretty') === 'true',
      acceptEncoding: request.headers['accept-encoding'],
      compressBytesMin,
      model: model(),
    },
  );
  await reply.code(wire.status).headers(wire.headers).headers(ALWAYS).send(encodable(wire));
}

function observe(request: FastifyRequest, interaction: string): void {
  (request as Observed).interaction = interaction;
}

function jobOf(request: FastifyRequest): string {
  return (request.params as { job: string }).job;
}

function findJob(request: FastifyRequest, jobs: Jobs): JobView {
  const job = jobs.find(jobOf(request));
  if (job === undefined) throw unknownJob();
  return job;
}

function unknownJob(): Error {
  const text =
    'There is no such request: it was cancelled, its result has expired, or the server was restarted.';
  return fail('unknown-path', text);
}
