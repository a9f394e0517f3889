// The instruments of the bench: they count what happened, and notice when a server does not do its work.
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { locationOf, openConnection } from '../../scripts/bench/driver/connection.ts';
import { crudIteration } from '../../scripts/bench/driver/crud.ts';
import { importData, takeSamples } from '../../scripts/bench/driver/data.ts';
import { applyLoad } from '../../scripts/bench/driver/load.ts';
import { brokenPromises } from '../../scripts/bench/driver/parity.ts';
import { type Report, toMarkdown, toSvg } from '../../scripts/bench/driver/report.ts';
import { workloads } from '../../scripts/bench/driver/workloads.ts';
import { startServer } from '../http/start.ts';

async function serve(t: Test, listener: RequestListener): Promise<URL> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`);
}

t.test('a connection reads bodies with a length, in chunks, in pieces, and none', async (t) => {
  const base = await serve(t, (request, response) => {
    const kind = request.url?.slice(1);
    if (kind === 'none') return response.writeHead(204).end();
    if (kind === 'length') return response.end('ü'.repeat(3));
    response.write('a'.repeat(70_000));
    setImmediate(() => response.end('b'));
    return undefined;
  });
  const connection = openConnection(base, 'application/json');
  t.teardown(() => connection.close());
  const [length, chunks, none] = [
    await connection.request('GET', '/length'),
    await connection.request('POST', '/chunks', Buffer.from('x')),
    await connection.request('DELETE', '/none'),
  ];
  t.same([length.status, length.body.toString()], [200, 'üüü']);
  t.same([chunks.body.length, chunks.body.at(-1)], [70_001, 'b'.charCodeAt(0)]);
  t.same([none.status, none.body.length], [204, 0]);
});

t.test('a connection that breaks is an error, and the next request opens another', async (t) => {
  let count = 0;
  const base = await serve(t, (request, response) => {
    if (count++ === 0) request.socket.destroy();
    else response.end('well');
  });
  const connection = openConnection(base, 'application/json');
  t.teardown(() => connection.close());
  await t.rejects(connection.request('GET', '/'), /closed the connection/);
  t.equal((await connection.request('GET', '/')).body.toString(), 'well');
});

t.test('load counts requests, and every status that was not expected as an error', async (t) => {
  let count = 0;
  const base = await serve(t, (_request, response) => {
    response.statusCode = ++count % 5 === 0 ? 500 : 200;
    response.end('1234');
  });
  let left = 50;
  const outcome = await applyLoad({
    base,
    users: 4,
    seconds: 60,
    async act(user) {
      if (left-- <= 0) return false;
      await user.ask('GET', '/x?secret');
      return undefined;
    },
  });
  t.same([outcome.requests, outcome.errors, outcome.replyBytes], [50, 10, 4]);
  t.equal(outcome.error, 'GET /x: 500 instead of 200: 1234');
});

t.test('Passerelle passes every workload without an error, and keeps its promises', async (t) => {
  const server = await startServer(t);
  const base = new URL(`${await server.app.http.listen('127.0.0.1', 0)}/fhir`);
  const data = importData(40, 3);
  const post = (body: Buffer) =>
    fetch(base, {
      method: 'POST',
      headers: { 'content-type': 'application/fhir+json' },
      body: body as Uint8Array<ArrayBuffer>,
    });
  t.equal((await post(data.directory)).status, 200);
  for (let next = data.next(); next !== undefined; next = data.next()) {
    t.equal((await post(next.body)).status, 200);
  }
  t.same(await brokenPromises(base, data.counts), []);
  t.match(await brokenPromises(base, new Map([['Patient', 41]])), ['41 Patient were sent, 40 are there']);
  for (const { name, users, type, act } of workloads(await takeSamples(base))) {
    let left = 3 * users;
    const outcome = await applyLoad({
      base,
      users: 4,
      seconds: 60,
      type,
      act: async (user) => (left-- > 0 && act !== crudIteration ? act(user) : false),
    });
    t.equal(outcome.error, undefined, name);
  }
  let isFirst = true;
  const crud = await applyLoad({
    base,
    users: 1,
    seconds: 60,
    type: 'application/json',
    act: async (user) => {
      if (!isFirst) return false;
      isFirst = false;
      return crudIteration(user);
    },
  });
  t.same([crud.requests, crud.errors, crud.error], [36, 0, undefined]);
});

t.test('Location is read with and without a host', async (t) => {
  const reply = (location: string) => ({
    status: 201,
    head: `HTTP/1.1 201 Created\r\nlocation: ${location}\r\nx: y`,
    body: Buffer.alloc(0),
  });
  const base = new URL('http://h:1/fhir');
  t.equal(locationOf(reply('http://h:1/fhir/Patient/1/_history/2'), base), '/fhir/Patient/1');
  t.equal(locationOf(reply('/fhir/Patient/1'), base), '/fhir/Patient/1');
});

t.test('the report shows rates, errors, ratios and broken promises', async (t) => {
  const report: Report = {
    name: 'A <server>',
    rows: [
      { workload: 'read', unit: 'req/s', perSecond: 500, errors: 2, baseline: 1000 },
      { workload: 'validate', unit: 'resources/s', perSecond: 1234.4, errors: 0 },
    ],
    facts: ['A fact.'],
    problems: ['lost one'],
  };
  const text = toMarkdown(report);
  t.match(text, '| read | 500 req/s |  |  | 2 | 0.500 |\n| validate | 1,234 resources/s |  |  | 0 |  |');
  t.match(text, '- A fact.\n- **Broken: lost one**');
  const svg = toSvg([report]);
  t.match(svg, 'A &lt;server&gt;');
  t.match(svg, '0.50 (500 req/s)');
  t.notMatch(svg, 'validate');
});
