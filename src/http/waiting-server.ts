/**
 * What listens while a server that starts waits for its store: 503 with Retry-After to whoever asks, so that a load
 * balancer and clients know that it is coming.
 * https://hl7.org/fhir/R4/http.html#Status-Codes
 */
import { createServer } from 'node:http';
import { issue } from '../fhir/issues.ts';
import { toOperationOutcome } from '../fhir/outcome.ts';

export interface WaitingServer {
  /** Resolves once the port is free. */
  close(): Promise<void>;
}

const OUTCOME = JSON.stringify(
  toOperationOutcome([
    issue('store-unavailable', 'The server starts and waits for its store. Try again shortly.'),
  ]),
);

/** @throws as listening does, for instance when the port is in use */
export async function startWaitingServer(host: string, port: number): Promise<WaitingServer> {
  const server = createServer((request, response) => {
    // what a client sends is not read
    response.setHeader('connection', 'close');
    const [path] = (request.url ?? '').split('?');
    if (path === '/health') {
      response.setHeader('content-type', 'application/json; charset=utf-8').end('{"status":"ok"}');
      return;
    }
    response.statusCode = 503;
    response.setHeader('retry-after', '1');
    if (path === '/ready') {
      response.setHeader('content-type', 'application/json; charset=utf-8').end('{"status":"not ready"}');
      return;
    }
    response.setHeader('content-type', 'application/fhir+json; charset=utf-8').end(OUTCOME);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
