/**
 * The baseline: bare node:http that answers what it was sent, and to GET what it was sent last, whatever the
 * address. No server can do less. `node echo.ts` prints its address.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

let last = Buffer.from(`{"resourceType":"Basic","text":"${'x'.repeat(1000)}"}`);
let created = 0;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = chunks.length > 0 ? Buffer.concat(chunks) : last;
    if (chunks.length > 0) last = body;
    const isCreate = request.method === 'POST' && !(request.url as string).includes('?');
    response.statusCode = isCreate && !/^\/fhir\/?$/.test(request.url as string) ? 201 : 200;
    response.setHeader('content-type', 'application/fhir+json');
    response.setHeader('content-length', body.length);
    if (isCreate) response.setHeader('location', `${request.url}/${++created}/_history/1`);
    response.end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`);
});
