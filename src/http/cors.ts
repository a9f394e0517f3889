/**
 * Calls from web pages of other origins.
 * https://fetch.spec.whatwg.org/#http-cors-protocol
 */
import type { FastifyReply, FastifyRequest } from 'fastify';

const EXPOSED = 'Content-Location, ETag, Last-Modified, Location, Retry-After, X-Request-Id';
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const HEADERS =
  'Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Exist, If-None-Match, Prefer, X-Request-Id';
const PREFLIGHT_SECONDS = '86400';

export type Cors = (request: FastifyRequest, reply: FastifyReply) => void;

/** `*` among the origins lets all in. Requests without Origin are left alone. */
export function createCors(origins: readonly string[]): Cors {
  const allowsAll = origins.includes('*');
  const allowed = new Set(origins);
  return (request, reply) => {
    const { origin } = request.headers;
    if (origin === undefined || (!allowsAll && !allowed.has(origin))) return;
    reply.header('access-control-allow-origin', allowsAll ? '*' : origin);
    reply.header('access-control-expose-headers', EXPOSED);
    if (!allowsAll) reply.header('vary', 'Origin');
  };
}

export async function answerPreflight(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.code(204).header('allow', `${METHODS}, OPTIONS`);
  if (request.headers['access-control-request-method'] !== undefined) {
    reply.header('access-control-allow-methods', METHODS);
    reply.header('access-control-allow-headers', HEADERS);
    reply.header('access-control-max-age', PREFLIGHT_SECONDS);
  }
  reply.send();
}
