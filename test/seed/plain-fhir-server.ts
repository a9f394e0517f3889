// Another FHIR server, as little as one can be: keeps resources in memory, finds all of a type, and validates nothing.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';

interface Stored {
  readonly resourceType: string;
  readonly id: string;
}

interface Entry {
  readonly resource: Stored;
  readonly request: { readonly method: string; readonly url: string };
}

export interface PlainServer {
  readonly listener: RequestListener;
  /** How often each method was asked for. */
  readonly asked: Map<string, number>;
}

export function plainServer(): PlainServer {
  const kept = new Map<string, Stored>();
  const asked = new Map<string, number>();
  const store = (type: string, id: string, resource: Stored): Stored => {
    const stored = { ...resource, resourceType: type, id };
    kept.set(`${type}/${id}`, stored);
    return stored;
  };
  const transact = ({ entry }: { readonly entry: readonly Entry[] }) => ({
    resourceType: 'Bundle',
    type: 'transaction-response',
    entry: entry.map(({ resource, request }) => {
      store(resource.resourceType, request.url.split('/')[1] ?? randomUUID(), resource);
      return { response: { status: '201' } };
    }),
  });
  const find = (type: string) => {
    const entry = [...kept.values()]
      .filter(({ resourceType }) => resourceType === type)
      .map((resource) => ({ resource }));
    return { resourceType: 'Bundle', type: 'searchset', total: entry.length, entry: entry.slice(0, 200) };
  };
  const answer = async (request: IncomingMessage): Promise<[status: number, body: object]> => {
    const { method = '', url = '' } = request;
    asked.set(method, (asked.get(method) ?? 0) + 1);
    const body = await bodyOf(request);
    const [, , type = '', id] = new URL(url, 'http://localhost').pathname.split('/');
    const path = `${type}/${id}`;
    switch (method) {
      case 'POST':
        return type === '' ? [200, transact(body as never)] : [201, store(type, randomUUID(), body as never)];
      case 'PUT':
        return [200, store(type, id ?? '', body as never)];
      case 'DELETE':
        return [kept.delete(path) ? 200 : 404, { resourceType: 'OperationOutcome' }];
      default:
        if (id === undefined) return [200, find(type)];
        return [kept.has(path) ? 200 : 404, kept.get(path) ?? { resourceType: 'OperationOutcome' }];
    }
  };
  const listener: RequestListener = async (request, response) => {
    const [status, body] = await answer(request);
    const { resourceType, id } = body as Stored;
    if (status === 201) response.setHeader('location', `/fhir/${resourceType}/${id}/_history/1`);
    response.writeHead(status, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(body));
  };
  return { listener, asked };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return parts.length === 0 ? undefined : JSON.parse(Buffer.concat(parts).toString());
}
