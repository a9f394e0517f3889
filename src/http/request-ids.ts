/** An id for every request: the client's own when it is harmless, else a new one. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const HARMLESS = /^[A-Za-z0-9\-._]{1,64}$/;

export function createRequestIds(): (request: { headers: IncomingMessage['headers'] }) => string {
  const prefix = randomBytes(6).toString('hex');
  let count = 0;
  return ({ headers }) => {
    const given = headers['x-request-id'];
    if (typeof given === 'string' && HARMLESS.test(given)) return given;
    count++;
    return `${prefix}-${count.toString(36)}`;
  };
}
