/**
 * An id for every request: the client's own when it is harmless, else a new one.
 * https://hl7.org/fhir/R4/http.html#custom
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';

const HARMLESS = /^[A-Za-z0-9\-._]{1,64}$/;

export type NextRequestId = (request: { headers: IncomingMessage['headers'] }) => string;

export function createRequestIds(): NextRequestId {
  const prefix = randomBytes(6).toString('hex');
  let count = 0;
  return ({ headers }) => {
    const given = headers['x-request-id'];
    if (typeof given === 'string' && HARMLESS.test(given)) return given;
    count++;
    return `${prefix}-${count.toString(36)}`;
  };
}

const PRINTABLE = /^[\x20-\x7e]{1,128}$/;

/** An id that we did not take over is given back beside ours. */
export function mirrorRequestId(request: FastifyRequest, reply: FastifyReply): void {
  const given = request.headers['x-request-id'];
  if (typeof given !== 'string' || given === request.id || !PRINTABLE.test(given)) return;
  reply.header('x-correlation-id', given);
}
