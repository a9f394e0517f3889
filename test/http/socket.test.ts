/** What only a real socket shows: requests that are no HTTP, slow ones, shutdown, compression, metrics, logs. */
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { pino } from 'pino';
import t from 'tap';
import { createGate } from '../../src/http/load.ts';
import { startServer } from './start.ts';

const PATIENT = JSON.stringify({ resourceType: 'Patient', name: [{ family: 'Wah' }] });

/** Sends bytes and collects what comes back until the server closes. */
function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}

t.test('bytes that are no HTTP get an OperationOutcome and a closed connection', async (t) => {
  const { app } = await startServer(t);
  const port = Number(new URL(await app.http.listen('127.0.0.1', 0)).port);
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['garbage', 'GARBAGE\r\n\r\n', /^HTTP\/1\.1 400 [\s\S]*OperationOutcome/],
    [
      'long headers',
      `GET /fhir/metadata HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 [\s\S]*OperationOutcome/,
    ],
    [
      'two lengths',
      'POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
    ['no host', 'GET /fhir/metadata HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
  ];
  for (const [name, bytes, expected] of cases) t.match(await exchange(port, bytes), expected, name);
  t.match(await exchange(port, 'GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'), /200 OK/);
});

t.test('a request that does not arrive in time is answered 408', async (t) => {
  const { app } = await startServer(t, { PASSERELLE_REQUEST_TIMEOUT_MS: '200' });
  app.http.fastify.server.headersTimeout = 200;
  const port = Number(new URL(await app.http.listen('127.0.0.1', 0)).port);
  const text = await exchange(port, 'POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
  t.match(text, /^HTTP\/1\.1 408 [\s\S]*OperationOutcome/);
});

t.test('bodies may be packed, within the limit of what they unpack to', async (t) => {
  const { ask } = await startServer(t, { PASSERELLE_BODY_BYTES_MAX: '100000' });
  const send = (body: Buffer, encoding: string) =>
    ask('POST Patient', { body, headers: { 'content-encoding': encoding } });
  t.equal((await send(gzipSync(PATIENT), 'gzip')).status, 201);
  t.equal((await send(brotliCompressSync(PATIENT), 'br')).status, 201);
  const bomb = gzipSync(`{"resourceType":"Patient","x":"${'y'.repeat(5_000_000)}"}`);
  t.ok(bomb.length < 100_000);
  t.equal((await send(bomb, 'gzip')).status, 413);
  t.equal((await send(Buffer.from('not packed at all'), 'gzip')).status, 400);
  t.equal((await send(gzipSync(PATIENT).subarray(0, 20), 'gzip')).status, 400);
});

t.test('large answers are packed when the client takes it', async (t) => {
  const { app } = await startServer(t);
  const get = (headers: Record<string, string>) =>
    app.http.fastify.inject({ method: 'GET', url: '/fhir/metadata', headers });
  const packed = await get({ 'accept-encoding': 'gzip' });
  t.equal(packed.headers['content-encoding'], 'gzip');
  t.equal(JSON.parse(gunzipSync(packed.rawPayload).toString()).resourceType, 'CapabilityStatement');
  t.match(packed.headers.vary, /Accept-Encoding/);
  const plain = await get({});
  for (const again of [await get({ 'accept-encoding': 'gzip' }), await get({ 'accept-encoding': 'gzip' })]) {
    t.same(gunzipSync(again.rawPayload), plain.rawPayload, 'each time the same, packed or not');
    t.equal(again.headers.etag, plain.headers.etag);
  }
  t.equal((await get({ 'if-none-match': plain.headers.etag as string })).statusCode, 304);
  t.equal((await get({ 'accept-encoding': 'br, gzip' })).headers['content-encoding'], 'br');
  t.equal((await get({ 'accept-encoding': 'identity' })).headers['content-encoding'], undefined);
  t.equal((await get({ 'accept-encoding': 'gzip;q=0' })).headers['content-encoding'], undefined);
});

t.test('a stopping server finishes what runs, then refuses', async (t) => {
  const { app } = await startServer(t);
  const address = await app.http.listen('127.0.0.1', 0);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { store } = app;
  const read = store.read;
  let started = () => {};
  const isRunning = new Promise<void>((resolve) => {
    started = resolve;
  });
  Object.assign(store, {
    read: async (...key: Parameters<typeof read>) => {
      started();
      await held;
      return read(...key);
    },
  });
  const running = fetch(`${address}/fhir/Patient/1`);
  await isRunning;
  const closing = app.http.close();
  const ready = await app.http.fastify.inject('/ready');
  t.same([ready.statusCode, ready.headers['retry-after']], [503, '1'], 'not ready any more');
  release();
  t.equal((await running).status, 404, 'the running request got its answer');
  await closing;
  await t.rejects(fetch(`${address}/fhir/metadata`), 'no new ones');
});

t.test('load is bounded: too many requests of one client are 429, too many at once 503', async (t) => {
  const limited = await startServer(t, { PASSERELLE_REQUESTS_PER_MINUTE_MAX: '3' });
  for (let i = 0; i < 3; i++) t.equal((await limited.ask('GET metadata')).status, 200);
  const refused = await limited.ask('GET metadata');
  t.equal(refused.status, 429);
  t.match(refused.headers['retry-after'], /^(?:1?[1-9]|[12]0)$/, 'a third of a minute at most');
  t.equal(refused.body.issue[0].code, 'throttled');
  t.equal((await limited.ask('GET /health')).status, 200, 'health is not counted');
  const small = await startServer(t, { PASSERELLE_REQUESTS_IN_FLIGHT_MAX: '2' });
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => small.ask('POST Patient', { body: PATIENT })),
  );
  const statuses = answers.map(({ status }) => status);
  t.ok(statuses.includes(201) && statuses.includes(503), statuses.join());
  t.equal((await small.ask('POST Patient', { body: PATIENT })).status, 201, 'and it recovers');
});

t.test('a lagging event loop refuses new work, and tokens come back with time', async (t) => {
  const limits = { requestsInFlightMax: 10, requestsPerMinuteMax: 2, loopDelayMsMax: 100 };
  const metrics = { inFlight: 0, refused: 0, loopDelayMs: 101 };
  let now = 0;
  const gate = createGate(limits, metrics, () => now);
  t.throws(() => gate('a'), /more work/);
  metrics.loopDelayMs = 100;
  gate('a');
  gate('a');
  t.throws(() => gate('a'), /Too many/);
  gate('b');
  now = 30_000;
  gate('a');
  t.throws(() => gate('a'), /Too many/);
  t.equal(metrics.refused, 3);
});

t.test('requests have an id, origins are let in, health and metrics answer', async (t) => {
  const { ask } = await startServer(t);
  t.match((await ask('GET metadata')).headers['x-request-id'], /^[\w-]{5,}$/);
  t.equal(
    (await ask('GET metadata', { headers: { 'x-request-id': 'abc-1' } })).headers['x-request-id'],
    'abc-1',
  );
  const replaced = (await ask('GET metadata', { headers: { 'x-request-id': 'a b' } })).headers;
  t.not(replaced['x-request-id'], 'a b');
  t.equal(replaced['x-correlation-id'], 'a b');
  const cors = await ask('GET metadata', { headers: { origin: 'https://app.example' } });
  t.equal(cors.headers['access-control-allow-origin'], '*');
  const preflight = await ask('OPTIONS Patient', {
    headers: { origin: 'https://app.example', 'access-control-request-method': 'PUT' },
  });
  t.equal(preflight.status, 204);
  t.match(preflight.headers['access-control-allow-methods'], /PUT/);
  t.strictSame((await ask('GET /health')).body, { status: 'ok' });
  t.strictSame((await ask('GET /ready')).body, { status: 'ready' });
  await ask('GET Patient/none');
  t.match(
    (await ask('GET /metrics')).text,
    /passerelle_request_duration_seconds_count\{interaction="read",method="GET",status="404"\} 1\n/,
  );
});

t.test('neither log nor metrics hold anything of a patient', async (t) => {
  let text = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const { ask } = await startServer(t, {}, pino({ level: 'trace' }, sink));
  const secret = 'Zaphodsecret';
  const body = { resourceType: 'Patient', id: secret, name: [{ family: secret }] };
  await ask(`PUT Patient/${secret}`, { body });
  await ask(`GET Patient/${secret}`);
  await ask(`GET Patient?family=${secret}`);
  await ask('POST Patient/_search', {
    body: `family=${secret}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  await ask('POST Patient', { body: `{"resourceType":"Patient","name":"${secret}` });
  await ask('POST Patient', { body: { ...body, gender: secret } });
  await ask(`GET ${secret}/1`);
  await ask(`GET /${secret}`);
  await ask(`DELETE Patient/${secret}`);
  t.equal(text.trim().split('\n').length, 9, 'a line per request');
  t.notMatch(text, secret);
  t.notMatch((await ask('GET /metrics')).text, secret);
});
