/** Random and half-right requests: none of them makes the server fail, and every refusal says why. */
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { startServer, type TestServer } from './start.ts';

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const numRuns = Number(process.env.FUZZ_RUNS ?? 300);
console.log(`# seed ${seed}: FUZZ_SEED=${seed} repeats this run`);

const TYPES = [
  'Patient',
  'Observation',
  'Bundle',
  'Parameters',
  'StructureDefinition',
  'Wibble',
  'patient',
  '',
];
const ODD = [
  '',
  ' ',
  '\u0000',
  '__proto__',
  'constructor',
  '../..',
  '%',
  '%2F',
  '\ud800',
  "'; DROP TABLE res; --",
  '{"$gt":""}',
  'a|b|c',
  '$',
  '\\',
  '\\,',
  '9'.repeat(400),
  '-1',
  '1e999',
  'NaN',
  'ge',
  'null',
  'ก',
  '🙂',
  '<x/>',
  '\r\nX: y',
];

const oddText = fc.oneof(fc.constantFrom(...ODD), fc.string({ unit: 'binary', maxLength: 30 }));
const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  oddText,
  fc.constantFrom(null, true, 0, -0, 1.5, 1e300, Number.MAX_SAFE_INTEGER, [], {}, [[]], [null], { a: {} }),
  fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text)),
);

const patient = {
  resourceType: 'Patient',
  id: 'a',
  meta: { profile: ['http://x.org/p'], tag: [{ system: 'urn:x', code: 'y' }] },
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
  identifier: [{ system: 'urn:x', value: '1', period: { start: '2020-01-01' } }],
  name: [{ family: 'Wah', given: ['A', 'B'], _given: [null, { id: 'x' }] }],
  birthDate: '1984',
  multipleBirthInteger: 2,
  contact: [{ name: { text: 'x' }, relationship: [{ coding: [{ code: 'x' }] }] }],
  generalPractitioner: [{ reference: 'Practitioner/1' }],
};
const observation = {
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
  subject: { reference: 'Patient/a' },
  effectiveDateTime: '2026-01-01T12:00:00Z',
  valueQuantity: { value: 70.5, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  component: [{ code: { text: 'x' }, valueCodeableConcept: { text: 'y' } }],
};
const parameter = {
  resourceType: 'SearchParameter',
  url: 'http://x.org/SearchParameter/fuzz',
  name: 'fuzz',
  status: 'active',
  description: 'x',
  code: 'fuzz',
  base: ['Patient'],
  type: 'token',
  expression: 'Patient.name.family',
};
const profile = {
  resourceType: 'StructureDefinition',
  url: 'http://x.org/p',
  name: 'P',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  derivation: 'constraint',
  differential: { element: [{ id: 'Patient.name', path: 'Patient.name', min: 1 }] },
};
const entry = (method: string, url: string, resource?: object) => ({
  fullUrl: 'urn:uuid:1',
  resource,
  request: { method, url },
});
const bundle = (type: string) => ({
  resourceType: 'Bundle',
  type,
  entry: [
    entry('POST', 'Patient', patient),
    entry('GET', 'Patient?name=x'),
    entry('PUT', 'Observation/o', { ...observation, id: 'o' }),
    entry('DELETE', 'Patient/zz'),
  ],
});
const patch = {
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'add' },
        { name: 'path', valueString: 'Patient.name[0]' },
        { name: 'name', valueString: 'given' },
        { name: 'value', valueString: 'x' },
      ],
    },
  ],
};

/** Puts an odd value, nothing, or a copy of another part at some places of a good body. */
function mutate(body: unknown, changes: readonly (readonly [place: number, value: unknown])[]): unknown {
  const copy = structuredClone(body);
  const places: [Record<string, unknown>, string][] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key]);
      walk((node as Record<string, unknown>)[key]);
    }
  };
  walk(copy);
  for (const [place, value] of changes) {
    const [holder, key] = places[place % places.length] as [Record<string, unknown>, string];
    if (value === undefined) delete holder[key];
    else holder[key] = value;
  }
  return copy;
}

const changes = fc.array(fc.tuple(fc.nat(), fc.oneof(oddValue, fc.constant(undefined))), { maxLength: 4 });

function check(name: string, property: (server: TestServer) => fc.IAsyncProperty<unknown>): void {
  t.test(name, async (t: Test) => {
    const server = timed(await startServer(t));
    await server.ask('PUT Patient/a', { body: { ...patient, meta: undefined, name: [{ family: 'Wah' }] } });
    await fc.assert(property(server), { seed, numRuns });
    t.equal((await server.ask('GET metadata')).status, 200, 'and it still serves');
  });
}

/** Longest that a small request may keep the processor, ms. */
const BUSY_MS_MAX = 200;

/** The server, whose every answer must be quick: in CPU time, so that a busy machine does not count. */
function timed({ app, ask }: TestServer): TestServer {
  const spentMs = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  return {
    app,
    async ask(request, options) {
      // A collection of garbage may fall into one attempt, not into all.
      for (let attempts = 1; ; attempts++) {
        const before = spentMs();
        const answer = await ask(request, options);
        const busyMs = spentMs() - before;
        if (busyMs <= BUSY_MS_MAX) return answer;
        if (attempts === 4) throw new Error(`${request} kept the processor for ${Math.round(busyMs)} ms`);
      }
    },
  };
}

/** @throws when the answer is a failure of the server, or a refusal without a reason */
function judge(answer: Awaited<ReturnType<TestServer['ask']>>, method: string): void {
  if (answer.status >= 500 && answer.status !== 501)
    throw new Error(`${answer.status}: ${answer.text.slice(0, 500)}`);
  if (answer.status < 400 || method === 'HEAD') return;
  const isOutcome =
    answer.body?.resourceType === 'OperationOutcome' || answer.text.includes('<OperationOutcome');
  if (!isOutcome) throw new Error(`${answer.status} without a reason: ${answer.text.slice(0, 300)}`);
  if (/node_modules|\.ts:\d|at Object\.|SQLITE/.test(answer.text))
    throw new Error(`it tells too much: ${answer.text.slice(0, 500)}`);
}

const encode = (text: string) => encodeURIComponent(text.toWellFormed());

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

check('random addresses, headers and bodies', ({ ask }) => {
  const segment = fc.oneof(
    fc.constantFrom(
      ...TYPES,
      'a',
      '_history',
      '_search',
      '$validate',
      '$meta',
      '$everything',
      '*',
      'metadata',
    ),
    oddText.map(encode),
  );
  const path = fc.array(segment, { maxLength: 5 }).map((parts) => parts.join('/'));
  const pair = fc.tuple(
    fc.constantFrom(
      'name',
      'birthdate',
      '_id',
      '_count',
      '_sort',
      '_include',
      '_revinclude',
      '_has:Observation:patient:code',
      '_filter',
      '_elements',
      '_summary',
      '_page',
      '_format',
      '_since',
      '_at',
      '_total',
      'code',
      'value-quantity',
      'general-practitioner.name',
      'mode',
      'profile',
    ),
    fc.constantFrom('', ':exact', ':missing', ':not', ':in', ':wibble'),
    oddText,
  );
  const query = fc
    .array(pair, { maxLength: 3 })
    .map((pairs) => pairs.map(([name, modifier, value]) => `${name}${modifier}=${encode(value)}`).join('&'));
  const header = fc.oneof(
    fc.constantFrom(
      'W/"1"',
      '*',
      'application/json',
      'application/fhir+xml',
      'text/plain',
      'application/json-patch+json',
      'application/x-www-form-urlencoded',
      'gzip',
      'return=minimal',
    ),
    fc.string({ unit: 'grapheme-ascii', maxLength: 20 }).map((text) => text.trim()),
  );
  const headers = fc.dictionary(
    fc.constantFrom(
      'accept',
      'content-type',
      'if-match',
      'if-none-match',
      'if-modified-since',
      'if-none-exist',
      'prefer',
      'accept-encoding',
      'x-request-id',
    ),
    header,
    { maxKeys: 4 },
  );
  const body = fc.option(
    fc.oneof(
      oddText,
      fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
      fc.constant(JSON.stringify(patient)),
    ),
    { nil: undefined },
  );
  return fc.asyncProperty(
    fc.constantFrom(...METHODS),
    path,
    query,
    headers,
    body,
    async (method, path, query, headers, body) => {
      judge(await ask(`${method} ${path}?${query}`, { body, headers }), method);
    },
  );
});

check('bodies that are almost right', ({ ask }) => {
  const target = fc.constantFrom(
    ['POST Patient', patient],
    ['PUT Patient/a', patient],
    ['POST Observation', observation],
    [
      'POST Patient/$validate',
      {
        resourceType: 'Parameters',
        parameter: [
          { name: 'resource', resource: patient },
          { name: 'profile', valueUri: 'http://x.org/p' },
        ],
      },
    ],
    ['POST ', bundle('batch')],
    ['POST ', bundle('transaction')],
    ['PATCH Patient/a', patch],
    ['POST SearchParameter', parameter],
    ['POST StructureDefinition', profile],
    [
      'POST Patient/a/$meta-add',
      { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: patient.meta }] },
    ],
  );
  return fc.asyncProperty(target, changes, async ([request, body], changes) => {
    judge(await ask(request as string, { body: mutate(body, changes) }), 'POST');
  });
});

check('JSON Patches that are almost right', ({ ask }) => {
  const pointer = fc.oneof(
    fc.constantFrom(
      '/name',
      '/name/0',
      '/name/-',
      '/name/0/given',
      '/active',
      '/id',
      '/resourceType',
      '/meta',
      '',
    ),
    oddText,
  );
  const operation = fc.record(
    {
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'spin'),
      path: pointer,
      from: pointer,
      value: oddValue,
    },
    { requiredKeys: [] },
  );
  return fc.asyncProperty(fc.array(operation, { maxLength: 4 }), async (operations) => {
    const headers = { 'content-type': 'application/json-patch+json' };
    judge(await ask('PATCH Patient/a', { body: JSON.stringify(operations), headers }), 'PATCH');
  });
});

check('XML that is almost right', ({ ask }) => {
  const piece = fc.oneof(
    fc.constantFrom(
      '<name>',
      '</name>',
      '<family value="x"/>',
      '<gender value="male"/>',
      '<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">',
      '</div></text>',
      '<contained><Patient>',
      '</Patient></contained>',
      '<extension url="http://x.org/e">',
      '</extension>',
      '&lt;',
      '&nbsp;',
      '<![CDATA[x]]>',
      '<!-- x -->',
      '<?x y?>',
      '<!DOCTYPE x>',
      '<birthDate value="1984"/>',
      '<multipleBirthInteger value="x"/>',
    ),
    oddText,
  );
  return fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
    const body = `<Patient xmlns="http://hl7.org/fhir">${pieces.join('')}</Patient>`;
    judge(await ask('POST Patient', { body, headers: { 'content-type': 'application/fhir+xml' } }), 'POST');
  });
});
