/** The short way through HTTP answers as Fastify's route does, and takes only what it can answer so. */
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request as send } from 'node:http';
import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import t from 'tap';
import { startServer } from './start.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const JSON_TYPE = { 'content-type': 'application/fhir+json' };
/** Leads a request to Fastify's route. */
const TO_FASTIFY = { 'x-request-id': 'by-fastify' };

async function ask(port: number, { method = 'GET', path, headers = {}, body }: Asked): Promise<Answer> {
  const sized = body === undefined ? {} : { ...JSON_TYPE, 'content-length': String(Buffer.byteLength(body)) };
  const sent = send({ port, method, path, headers: { ...sized, ...headers } });
  sent.end(body);
  const [response] = await once(sent, 'response');
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return {
    status: response.statusCode,
    headers: response.headers,
    body: Buffer.concat(parts).toString('utf8'),
  };
}

/** Without what differs from one request to the next: its id, times, and the ids of what was created. */
function comparable({ status, headers, body }: Answer) {
  const { date: _, 'x-request-id': __, 'content-length': length, ...rest } = headers;
  const hide = (text: string): string =>
    text
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21,22}/g, 'ID')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
  if ('last-modified' in rest) rest['last-modified'] = 'TIME';
  return { status, length, headers: JSON.parse(hide(JSON.stringify(rest))), body: hide(body) };
}

const patient = (text: string): string =>
  JSON.stringify({ resourceType: 'Patient', name: [{ family: 'Wah', given: ['នារី', '𝒳'], text }] });

t.test('both ways give the same answer to the byte', async (t) => {
  const { app, ask: put } = await startServer(t, { PASSERELLE_BODY_BYTES_MAX: '200000' });
  const port = Number(new URL(await app.http.listen('127.0.0.1', 0)).port);
  // at most what is encoded at once, and more
  const [long, longer] = ['é'.repeat(30_000), 'é'.repeat(90_000)];
  const bodies = { plain: 'x', scripts: 'ជំរាបសួរ 🙂', long, longer, lone: '\ud800' };
  for (const [id, text] of Object.entries(bodies)) {
    await put(`PUT Patient/${id}`, { body: { resourceType: 'Patient', id, name: [{ text }] } });
  }
  const cases: readonly Asked[] = [
    ...Object.keys(bodies).map((id) => ({ path: `/fhir/Patient/${id}` })),
    { path: '/fhir/Patient/plain', headers: { 'if-none-match': 'W/"1"' } },
    { path: '/fhir/Patient/plain?_format=xml' },
    { path: '/fhir/Patient/plain?_pretty=true' },
    { path: '/fhir/Patient/plain/_history/1' },
    { path: '/fhir/Patient/plain', method: 'HEAD' },
    { path: '/fhir/Patient/plain', headers: { accept: 'text/turtle' } },
    { path: '/fhir/Patient/plain', headers: { host: 'other.example:81' } },
    { path: '/fhir/Patient/plain', headers: { host: 'not a host' } },
    { path: '/fhir/Patient/long', headers: { 'accept-encoding': 'gzip' } },
    { path: '/fhir/Patient/nobody' },
    { path: '/fhir/Patient/%' },
    { path: '/fhir/Nothing/1' },
    { path: '/fhir/_async/unknown' },
    { path: '/fhir' },
    { path: '/fhirplace' },
    { path: '/fhir/Patient?unknown=1', headers: { prefer: 'handling=strict' } },
    { method: 'POST', path: '/fhir/Patient', body: patient('a') },
    { method: 'POST', path: '/fhir/Patient', body: patient('a'), headers: { prefer: 'return=minimal' } },
    {
      method: 'POST',
      path: '/fhir/Patient',
      body: patient('a'),
      headers: { prefer: 'return=OperationOutcome' },
    },
    { method: 'POST', path: '/fhir/Patient', body: '{"resourceType":' },
    { method: 'POST', path: '/fhir/Patient', body: '{"resourceType":"Patient","colour":"blue"}' },
    { method: 'POST', path: '/fhir/Patient', body: patient('x'.repeat(150_000)) },
    { method: 'POST', path: '/fhir/Patient', body: patient('x'.repeat(300_000)) },
    { method: 'POST', path: '/fhir/Patient', body: patient('a'), headers: { 'content-type': 'text/plain' } },
    { method: 'POST', path: '/fhir/Patient' },
    { method: 'POST', path: '/fhir/Patient', body: patient('a'), headers: { expect: '100-continue' } },
    { method: 'PUT', path: '/fhir/Patient/plain', body: patient('a'), headers: { 'if-match': 'W/"7"' } },
    { method: 'PUT', path: '/fhir/Patient/plain', body: '{"resourceType":"Basic"}' },
    { method: 'DELETE', path: '/fhir/Patient/nobody' },
    {
      method: 'PATCH',
      path: '/fhir/Patient/nobody',
      body: '[]',
      headers: { 'content-type': 'application/json-patch+json' },
    },
    { method: 'TRACE', path: '/fhir/Patient/plain' },
  ];
  for (const one of cases) {
    const direct = await ask(port, one);
    const byFastify = await ask(port, { ...one, headers: { ...one.headers, ...TO_FASTIFY } });
    const name = `${one.method ?? 'GET'} ${one.path} ${JSON.stringify(one.headers ?? {})}`;
    t.strictSame(comparable(direct), comparable(byFastify), name);
    t.match(String(direct.headers['x-request-id']), /^[0-9a-f]{12}-/, `${name} has an id of ours`);
  }
});

/** What comes, unpacked, with its length as told. */
async function take(port: number, { method = 'GET', path, headers = {}, body }: Asked): Promise<string> {
  const sent = send({ port, method, path, headers: { ...(body && JSON_TYPE), ...headers } });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const bytes = Buffer.concat(await response.toArray());
  const { 'content-encoding': coding, 'content-length': length } = response.headers;
  if (length !== undefined && Number(length) !== bytes.length)
    throw new Error(`${bytes.length} of ${length} bytes`);
  const whole = coding === 'br' ? brotliDecompressSync(bytes) : coding === 'gzip' ? gunzipSync(bytes) : bytes;
  return new TextDecoder('utf-8', { fatal: true }).decode(whole);
}

t.test('pages hold names in every script as they were written, in whatever form they leave', async (t) => {
  const { app, ask: put } = await startServer(t);
  const port = Number(new URL(await app.http.listen('127.0.0.1', 0)).port);
  const names = ['Wah', 'é', 'ÿĀ', 'ជំរាបសួរ', '🙂 𝒳', '"\\ \u0080', 'ေအာင်'.repeat(2_000)];
  for (const [index, family] of names.entries()) {
    const managingOrganization = { reference: 'Organization/o' };
    const body = { resourceType: 'Patient', id: `p${index}`, name: [{ family }], managingOrganization };
    if (index === 0)
      await put('PUT Organization/o', { body: { resourceType: 'Organization', id: 'o', name: 'Ōtautahi' } });
    await put(`PUT Patient/p${index}`, { body });
  }
  const lists: readonly (readonly [path: string, found: readonly string[]])[] = [
    ['Patient?_sort=_id', names],
    ['Patient?_sort=_id&_elements=name', names],
    ['Patient?_sort=_id&_summary=true', names],
    ['Patient?_sort=_id&_contained=both', names],
    ['Patient?_sort=_id&_include=Patient:organization&_count=3', [...names.slice(0, 3), 'Ōtautahi']],
    ['Organization?_revinclude=Patient:organization&unknown=é', ['Ōtautahi', ...names]],
    ['Patient/_history?_sort=_lastUpdated', names],
    ['Patient/p3/_history', [names[3] as string]],
    ['Patient/p4/$everything', [names[4] as string, 'Ōtautahi']],
    ['Patient?family:exact=ជំរាបសួរ', [names[3] as string]],
  ];
  const forms: Readonly<Record<string, Record<string, string>>> = {
    plain: {},
    Fastify: TO_FASTIFY,
    gzip: { 'accept-encoding': 'gzip' },
    br: { 'accept-encoding': 'br' },
  };
  const namesIn = (text: string): string[] => {
    const bundle = JSON.parse(text);
    return bundle.entry
      .map(({ resource }: { resource: Record<string, never> }) => resource)
      .filter(({ resourceType }: { resourceType: string }) => resourceType !== 'OperationOutcome')
      .map(({ name }: { name: string | [{ family: string }] }) =>
        typeof name === 'string' ? name : name[0].family,
      );
  };
  for (const [list, found] of lists) {
    const path = encodeURI(`/fhir/${list}`);
    const sorted = (text: string): string[] => namesIn(text).sort();
    const expected = [...found].sort();
    for (const [form, headers] of Object.entries(forms)) {
      t.strictSame(sorted(await take(port, { path, headers })), expected, `${list}, ${form}`);
    }
    const pretty = await take(port, { path: `${path}${list.includes('?') ? '&' : '?'}_pretty=true` });
    t.strictSame(sorted(pretty), expected, `${list}, pretty`);
    const xml = await take(port, { path, headers: { accept: 'application/fhir+xml' } });
    for (const name of found) if (!name.includes('"')) t.ok(xml.includes(`value="${name}"`), `${list}, XML`);
    const batch = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url: encodeURI(list) } }],
    };
    const answered = JSON.parse(
      await take(port, { method: 'POST', path: '/fhir', body: JSON.stringify(batch) }),
    );
    t.strictSame(sorted(JSON.stringify(answered.entry[0].resource)), expected, `${list}, in a batch`);
    const head = await ask(port, { method: 'HEAD', path });
    const plain = await take(port, { path });
    t.equal(head.headers['content-length'], String(Buffer.byteLength(plain)), `${list}, HEAD`);
  }
});

t.test('each request is counted once, also one whose client goes away', async (t) => {
  const { app } = await startServer(t, { PASSERELLE_REQUESTS_IN_FLIGHT_MAX: '3' });
  const port = Number(new URL(await app.http.listen('127.0.0.1', 0)).port);
  const { metrics } = app.http;
  for (let times = 0; times < 5; times++) {
    const socket = connect(port, '127.0.0.1');
    socket.write(
      'POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\nContent-Length: 100\r\n\r\n{"resour',
    );
    while (metrics.inFlight === 0) await new Promise(setImmediate);
    t.equal(metrics.inFlight, 1);
    socket.destroy();
    while (metrics.inFlight > 0) await new Promise(setImmediate);
  }
  t.equal(metrics.answered, 5);
  t.equal((await ask(port, { method: 'POST', path: '/fhir/Patient', body: patient('a') })).status, 201);
  t.equal((await ask(port, { path: '/fhir/Patient/nobody' })).status, 404);
  t.same([metrics.answered, metrics.inFlight], [7, 0]);
});

t.test('what one connection sends at once is answered in its order', async (t) => {
  const { app, ask: put } = await startServer(t);
  const port = Number(new URL(await app.http.listen('127.0.0.1', 0)).port);
  await put('PUT Patient/one', { body: { resourceType: 'Patient', id: 'one' } });
  const line = (path: string, close = ''): string => `GET /fhir/${path} HTTP/1.1\r\nHost: x\r\n${close}\r\n`;
  const socket = connect(port, '127.0.0.1');
  socket.write(line('metadata') + line('Patient/one') + line('Patient/two', 'Connection: close\r\n'));
  let text = '';
  for await (const part of socket) text += part;
  const found = [...text.matchAll(/"resourceType":"(\w+)"|HTTP\/1\.1 (\d+)/g)].map(
    ([, type, status]) => type ?? status,
  );
  t.same(
    found.filter((one) =>
      ['200', '404', 'CapabilityStatement', 'Patient', 'OperationOutcome'].includes(one as string),
    ),
    ['200', 'CapabilityStatement', '200', 'Patient', '404', 'OperationOutcome'],
  );
});

t.test('behind a proxy, addresses are those that it tells of', async (t) => {
  const { app, ask: put } = await startServer(t, { PASSERELLE_TRUSTED_PROXIES: '127.0.0.1' });
  const port = Number(new URL(await app.http.listen('127.0.0.1', 0)).port);
  await put('PUT Patient/one', { body: { resourceType: 'Patient', id: 'one' } });
  const headers = { 'x-forwarded-host': 'fhir.example', 'x-forwarded-proto': 'https' };
  const { headers: got } = await ask(port, {
    method: 'PUT',
    path: '/fhir/Patient/one',
    body: patient('a').replace('{', '{"id":"one",'),
    headers,
  });
  t.match(String(got['content-location']), /^https:\/\/fhir\.example\/fhir\/Patient\/one/);
});

t.test('a read after an answer is never older than it, with 32 users at random', async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const { app } = await startServer(t);
  const base = `${await app.http.listen('127.0.0.1', 0)}/fhir`;
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  /** Newest version that was answered, labels that were answered of a version, and texts that were refused. */
  const answered = new Map<string, number>();
  const labels = new Map<string, string[]>();
  const refused = new Set<string>();
  const seen = new Set<string>();
  const counts: Record<string, number> = {};
  const wrong: string[] = [];
  const note = (id: string, etag: string | null | undefined): void => {
    const v = Number(/\d+/.exec(etag ?? '')?.[0] ?? 0);
    answered.set(id, Math.max(v, answered.get(id) ?? 0));
  };
  const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(`${base}${path}`, {
      method,
      headers: { 'content-type': 'application/fhir+json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const basic = (id: string, text: string) => ({ resourceType: 'Basic', id, code: { text } });
  const read = async (id: string): Promise<number> => {
    const least = answered.get(id) ?? 0;
    const known = new Map(
      [...labels].filter(([key]) => key.startsWith(`${id} `)).map(([k, v]) => [k, [...v]]),
    );
    const response = await send('GET', `/Basic/${id}`);
    const v = Number(/\d+/.exec(response.headers.get('etag') ?? '')?.[0] ?? Number.NaN);
    const text = await response.text();
    if (response.status === 200) {
      const found = JSON.parse(text);
      seen.add(found.code.text);
      const tags = (found.meta.tag ?? []).map((one: { code: string }) => one.code);
      const lost = (known.get(`${id} ${v}`) ?? []).filter((one) => !tags.includes(one));
      if (lost.length > 0) wrong.push(`${id} ${v} lacks ${lost.join()}`);
      if (v < least || found.meta.versionId !== String(v)) wrong.push(`${id}: ${v} after ${least}`);
    } else if (response.status === 410 ? v < least : least > 0) {
      wrong.push(`${id}: ${response.status} ${v} after ${least}`);
    }
    return v;
  };
  const act = async (user: number): Promise<void> => {
    for (let step = 0; step < 12; step++) {
      const [id, other] = [`r${random(5)}`, `r${5 + random(5)}`];
      const mark = `${user}.${step}`;
      const kind = random(6);
      let response: Response;
      if (kind < 2) {
        const stale = kind === 1 ? { 'if-match': 'W/"999999"' } : {};
        response = await send('PUT', `/Basic/${id}`, basic(id, mark), stale as Record<string, string>);
        if (response.ok) note(id, response.headers.get('etag'));
      } else if (kind === 2) {
        response = await send('DELETE', `/Basic/${id}`);
        if (response.ok) note(id, response.headers.get('etag'));
      } else if (kind < 5) {
        const entry = [id, other].map((one) => ({
          resource: basic(one, mark),
          request: {
            method: 'PUT',
            url: `Basic/${one}`,
            ...(kind === 4 && one === other && { ifMatch: 'W/"999999"' }),
          },
        }));
        response = await send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
        if (response.ok) {
          const { entry: done } = (await response.json()) as { entry: { response: { etag?: string } }[] };
          for (const [at, one] of [id, other].entries()) note(one, done[at]?.response.etag);
        }
      } else {
        const meta = { tag: [{ system: 'urn:t', code: mark }] };
        const body = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: meta }] };
        response = await send('POST', `/Basic/${id}/$meta-add`, body);
        const v = /\d+/.exec(response.headers.get('etag') ?? '')?.[0];
        if (response.ok) labels.set(`${id} ${v}`, [...(labels.get(`${id} ${v}`) ?? []), mark]);
      }
      if (!response.ok) refused.add(mark);
      if (!response.bodyUsed) await response.arrayBuffer();
      const outcome = `${['put', 'stale', 'delete', 'transaction', 'rolled back', 'label'][kind]} ${response.status}`;
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      await Promise.all([read(id), read(other)]);
    }
  };
  await Promise.all(Array.from({ length: 32 }, (_, user) => act(user)));
  t.comment(`seed ${seed}`, counts);
  t.same(wrong, []);
  t.same(
    [...seen].filter((mark) => refused.has(mark)),
    [],
    'nothing of what was refused was ever read',
  );
  t.same(
    [...answered.values()].some((v) => v > 5),
    true,
  );
});
