/** The API over HTTP where the conformance suite does not look: errors, headers, limits, our own choices. */
import t from 'tap';
import { startServer } from './start.ts';

const patient = (more: object = {}) => ({ resourceType: 'Patient', name: [{ family: 'Wah' }], ...more });

t.test('what a client sends wrong is answered with the status and a reason', async (t) => {
  const { ask } = await startServer(t, {
    PASSERELLE_BODY_BYTES_MAX: '2048',
    PASSERELLE_URL_BYTES_MAX: '1024',
  });
  const deep = `{"resourceType":"Patient","extension":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
  const cases: readonly (readonly [string, string, object, number, string])[] = [
    ['malformed JSON', 'POST Patient', { body: '{"resourceType":' }, 400, 'malformed-json'],
    ['an array', 'POST Patient', { body: '[]' }, 400, 'malformed-json'],
    ['no resourceType', 'POST Patient', { body: '{}' }, 400, 'malformed-json'],
    ['no body', 'POST Patient', {}, 400, 'empty-body'],
    ['not UTF-8', 'POST Patient', { body: Buffer.from([0x7b, 0xff, 0x7d]) }, 400, 'malformed-json'],
    [
      'plain text',
      'POST Patient',
      { body: 'x', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported-media-type',
    ],
    [
      'Latin-1',
      'POST Patient',
      { body: '{}', headers: { 'content-type': 'application/json; charset=latin1' } },
      415,
      'unsupported-media-type',
    ],
    [
      'FHIR R5',
      'POST Patient',
      { body: '{}', headers: { 'content-type': 'application/fhir+json; fhirVersion=5.0' } },
      415,
      'unsupported-media-type',
    ],
    [
      'a form',
      'POST Patient',
      { body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'unsupported-media-type',
    ],
    ['a search as JSON', 'POST Patient/_search', { body: '{}' }, 415, 'unsupported-media-type'],
    ['a search of everything as JSON', 'POST _search', { body: '{' }, 415, 'unsupported-media-type'],
    [
      'too large',
      'POST Patient',
      { body: JSON.stringify(patient({ x: 'y'.repeat(3000) })) },
      413,
      'too-large',
    ],
    [
      '__proto__',
      'POST Patient',
      { body: '{"resourceType":"Patient","__proto__":{}}' },
      400,
      'forbidden-key',
    ],
    ['unknown type', 'GET Wibble/1', {}, 404, 'unknown-type'],
    ['lower case', 'GET patient/1', {}, 404, 'unknown-type'],
    ['unknown property', 'POST Patient', { body: patient({ wibble: 1 }) }, 422, 'unknown-element'],
    ['another type', 'POST Patient', { body: { resourceType: 'Group' } }, 400, 'type-mismatch'],
    ['unknown path', 'GET Patient/1/2/3/4/5/6/7', {}, 404, 'unknown-path'],
    ['outside', 'GET /wibble', {}, 404, 'unknown-path'],
    ['bad escape', 'GET Patient/%E0%A4%A', {}, 404, 'unknown-path'],
    ['slash in id', 'GET Patient/a%2Fb', {}, 404, 'not-found'],
    ['wrong method', 'DELETE metadata', {}, 405, 'method-not-allowed'],
    ['wrong method on type', 'PATCH _history', {}, 405, 'method-not-allowed'],
    ['unknown operation', 'GET Patient/$wibble', {}, 404, 'unknown-operation'],
    ['format', 'GET Patient/1?_format=pdf', {}, 406, 'not-acceptable'],
    ['accept', 'GET Patient/1', { headers: { accept: 'image/png' } }, 406, 'not-acceptable'],
    ['long address', `GET Patient?x=${'y'.repeat(2000)}`, {}, 413, 'too-large'],
    [
      'encoding',
      'POST Patient',
      { body: '{}', headers: { 'content-encoding': 'zip' } },
      415,
      'unsupported-media-type',
    ],
    [
      'bad If-Match',
      'PUT Patient/1',
      { body: patient({ id: '1' }), headers: { 'if-match': 'W/"' } },
      400,
      'bad-header',
    ],
    ['invalid id', 'PUT Patient/a_b', { body: patient({ id: 'a_b' }) }, 400, 'id-invalid'],
  ];
  for (const [name, request, options, status, key] of cases) {
    const answer = await ask(request, options);
    t.equal(answer.status, status, `${name}: ${answer.text.slice(0, 200)}`);
    t.match(answer.headers['content-type'], /^application\/fhir\+json/, name);
    t.equal(answer.body.resourceType, 'OperationOutcome', name);
    t.equal(answer.body.issue[0].details.coding[0].code, key, name);
    t.notMatch(answer.text, /node_modules|\.ts:|SELECT|sqlite/, name);
  }
  const { status, body } = await ask('POST Patient', { body: deep.replace(/\s/g, '') });
  t.equal(status, 413, 'the size limit comes first');
  t.equal(body.issue[0].code, 'too-long');
});

t.test('a body nested 10,000 deep is refused before anything walks it', async (t) => {
  const { ask } = await startServer(t);
  const deep = `{"resourceType":"Patient","extension":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
  const { status, body } = await ask('POST Patient', { body: deep });
  t.equal(status, 400);
  t.equal(body.issue[0].details.coding[0].code, 'too-deep');
});

t.test('a Binary is stored and read in its own format, or as FHIR when that is asked for', async (t) => {
  const { ask, app } = await startServer(t);
  const bytes = Buffer.from([0, 1, 2, 0xff, 0xfe, 60, 115, 62]);
  const created = await ask('POST Binary', {
    body: bytes,
    headers: {
      'content-type': 'image/png',
      'x-security-context': 'Patient/1',
      accept: 'application/fhir+json',
    },
  });
  t.equal(created.status, 201, created.text);
  t.match(created.body, {
    contentType: 'image/png',
    securityContext: { reference: 'Patient/1' },
    data: bytes.toString('base64'),
  });
  const url = `/fhir/Binary/${created.body.id}`;
  for (const accept of ['image/*', '*/*', 'text/html,image/png']) {
    const { headers, rawPayload } = await app.http.fastify.inject({ url, headers: { accept } });
    t.same(rawPayload, bytes, accept);
    t.match(headers, {
      'content-type': 'image/png',
      'content-disposition': 'attachment',
      'x-content-type-options': 'nosniff',
      etag: 'W/"1"',
    });
  }
  for (const accept of ['application/fhir+json', 'application/json', 'application/fhir+xml']) {
    t.match((await app.http.fastify.inject({ url, headers: { accept } })).payload, /Binary/, accept);
  }
  t.equal(
    (await ask('GET Binary/none', { headers: { accept: 'image/png' } })).body.resourceType,
    'OperationOutcome',
  );
  const updated = await ask(`PUT Binary/${created.body.id}`, {
    body: Buffer.from('<html>'),
    headers: { 'content-type': 'text/html' },
  });
  t.equal(updated.status, 200, updated.text);
  const page = await app.http.fastify.inject({ url });
  t.match(page.headers['content-security-policy'], 'sandbox', 'a stored page cannot run');
});

t.test(
  'the OpenAPI description has every interaction and operation once, and declares what it uses',
  async (t) => {
    const { ask } = await startServer(t);
    const { status, body } = await ask('GET /openapi.json');
    t.equal(status, 200);
    t.equal(body.openapi, '3.1.0');
    const ids: string[] = [];
    for (const [path, item] of Object.entries<Record<string, { operationId: string }>>(body.paths)) {
      const declared = (item.parameters as unknown as { name: string }[]).map(({ name }) => name);
      t.strictSame(
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
        declared,
        path,
      );
      for (const [method, operation] of Object.entries(item))
        if (method !== 'parameters') ids.push(operation.operationId);
    }
    t.equal(new Set(ids).size, ids.length, 'operationIds are unique');
    for (const [, ref] of JSON.stringify(body).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const found = (ref as string).split('/').reduce((node, key) => node?.[key], body);
      t.ok(found, String(ref));
    }
    for (const id of [
      'read-get-type-id',
      'transaction-post',
      'patch-patch-type',
      'validate-type-post',
      'meta-instance-get',
    ]) {
      t.ok(ids.includes(id), id);
    }
    t.notOk(ids.includes('meta-add-instance-get'), 'what changes something has no GET');
  },
);

t.test('while a large Bundle is looked at, others have their turn', async (t) => {
  const { ask } = await startServer(t);
  const observation = (i: number) => ({
    fullUrl: `https://h.example/fhir/Observation/o${i}`,
    resource: {
      resourceType: 'Observation',
      id: `o${i}`,
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
      subject: { reference: 'Patient/1' },
      effectiveDateTime: '2026-01-02T03:04:05Z',
    },
  });
  /** Turns of the event loop that others get until the Bundle is answered. */
  const turnsDuring = async (request: string, count: number): Promise<number> => {
    const entry = Array.from({ length: count }, (_, i) => observation(i));
    // the last has no fullUrl: it is refused right after the validation
    const faulty = { resource: observation(count).resource };
    const body = JSON.stringify({ resourceType: 'Bundle', type: 'collection', entry: [...entry, faulty] });
    let turns = 0;
    let isAnswered = false;
    const turn = () => {
      turns++;
      if (!isAnswered) setImmediate(turn);
    };
    setImmediate(turn);
    const { status } = await ask(request, { body });
    isAnswered = true;
    t.equal(status, request.includes('$') ? 200 : 422, `${request} with ${count} entries`);
    return turns;
  };
  for (const request of ['POST Bundle', 'POST Bundle/$validate']) {
    await turnsDuring(request, 1);
    const few = await turnsDuring(request, 1);
    const many = await turnsDuring(request, 10_000);
    t.ok(many > few + 2, `${request}: ${few} turns with a small Bundle, ${many} with a large one`);
  }
});
