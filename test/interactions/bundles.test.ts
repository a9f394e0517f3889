/** batch and transaction beyond the conformance suite: links, order, identities, atomicity under concurrency. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { parseStored } from '../../src/fhir/json.ts';
import { processBundle } from '../../src/interactions/bundle.ts';
import { createInteractions } from '../../src/interactions/interactions.ts';
import type { Store, WriteCommand } from '../../src/storage/store.ts';
import { startServer } from '../http/start.ts';

const A = 'urn:uuid:05efabf0-4be2-4561-91ce-51548425acb9';
const B = 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a';

const patient = <More extends object>(value: string, more?: More) => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:test', value }],
  ...(more as More),
});
const observation = (subject: string, more: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'weight' },
  subject: { reference: subject },
  ...more,
});
const post = (resource: { resourceType: string }, more: object = {}, request: object = {}) => ({
  ...more,
  resource,
  request: { method: 'POST', url: resource.resourceType, ...request },
});
const put = (resource: { resourceType: string; id: string }, request: object = {}) => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}`, ...request },
});
const bundle = (type: string, entry: readonly object[]) => ({ resourceType: 'Bundle', type, entry });
const idOf = (entry: { response: { location: string } }) => entry.response.location.split('/').at(-3);

t.test('links to entries are rewritten wherever R4 says, and nowhere else', async (t) => {
  const { ask } = await startServer(t);
  const { status, body } = await ask('POST ', {
    body: bundle('transaction', [
      post(
        observation(A, {
          text: {
            status: 'generated',
            div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${A}</p><a href="${A}">him</a> <img alt="x" src="${A}"/></div>`,
          },
          identifier: [{ system: A, value: A }],
          meta: { profile: [A] },
          extension: [
            { url: 'http://x.org/u', valueUri: `${A}#part` },
            { url: 'http://x.org/s', valueString: A },
            { url: 'http://x.org/c', valueCanonical: A },
          ],
          contained: [{ resourceType: 'RelatedPerson', id: 'r', patient: { reference: A } }],
          performer: [
            { reference: '#r' },
            { reference: `${A}/_history/7` },
            { reference: 'Practitioner/else' },
          ],
        }),
        { fullUrl: B },
      ),
      post(patient('1'), { fullUrl: A }),
    ]),
  });
  t.equal(status, 200, JSON.stringify(body));
  const patientId = idOf(body.entry[1]);
  const stored = await ask(`GET Observation/${idOf(body.entry[0])}`);
  t.match(stored.body, {
    subject: { reference: `Patient/${patientId}` },
    identifier: [{ system: `Patient/${patientId}`, value: A }],
    meta: { profile: [A] },
    extension: [{ valueUri: `Patient/${patientId}#part` }, { valueString: A }, { valueCanonical: A }],
    contained: [{ patient: { reference: `Patient/${patientId}` } }],
    performer: [
      { reference: '#r' },
      { reference: `Patient/${patientId}/_history/1` },
      { reference: 'Practitioner/else' },
    ],
  });
  t.match(stored.body.text.div, `<p>${A}</p><a href="Patient/${patientId}">`);
  t.match(stored.body.text.div, `src="Patient/${patientId}"`);
});

t.test('relative references are resolved against the fullUrl of their own entry', async (t) => {
  const { ask } = await startServer(t);
  const { body } = await ask('POST ', {
    body: bundle('transaction', [
      post(observation('Patient/77'), { fullUrl: 'https://clinic.example/fhir/Observation/5' }),
      post(patient('1', { id: '77' }), { fullUrl: 'https://clinic.example/fhir/Patient/77' }),
      post(observation('Patient/77'), { fullUrl: 'https://other.example/fhir/Observation/5' }),
    ]),
  });
  const first = await ask(`GET Observation/${idOf(body.entry[0])}`);
  t.equal(first.body.subject.reference, `Patient/${idOf(body.entry[1])}`);
  const other = await ask(`GET Observation/${idOf(body.entry[2])}`);
  t.equal(other.body.subject.reference, 'Patient/77', 'another base is another resource');
});

t.test('deletes come first, reads last, whatever the order of entries', async (t) => {
  const { ask } = await startServer(t);
  const { body: old } = await ask('POST Patient', { body: patient('1') });
  const { status, body } = await ask('POST ', {
    body: bundle('transaction', [
      { request: { method: 'GET', url: 'Patient?identifier=urn:test|1' } },
      post(patient('1'), {}, { ifNoneExist: 'identifier=urn:test|1' }),
      { request: { method: 'DELETE', url: `Patient/${old.id}` } },
    ]),
  });
  t.equal(status, 200, JSON.stringify(body));
  t.match(body.entry[1].response.status, /^201/, 'the deleted one does not count as a match');
  t.equal(body.entry[0].resource.total, 1);
  t.equal(body.entry[0].resource.entry[0].resource.id, idOf(body.entry[1]));
});

t.test('two conditional creates with the same criteria make one resource', async (t) => {
  const { ask } = await startServer(t);
  const entry = (fullUrl: string) =>
    post(patient('1'), { fullUrl }, { ifNoneExist: 'identifier=urn:test|1' });
  const { body } = await ask('POST ', {
    body: bundle('transaction', [entry(A), entry(B), post(observation(B))]),
  });
  t.strictSame(
    body.entry.map((one: { response: { status: string } }) => one.response.status),
    ['201 Created', '200 OK', '201 Created'],
  );
  const { body: page } = await ask('GET Patient?identifier=urn:test|1');
  t.equal(page.total, 1);
  const { body: made } = await ask(`GET Observation/${idOf(body.entry[2])}`);
  t.equal(made.subject.reference, `Patient/${page.entry[0].resource.id}`);
});

t.test('a conditional reference may find what the same transaction makes', async (t) => {
  const { ask } = await startServer(t);
  const { status, body } = await ask('POST ', {
    body: bundle('transaction', [post(observation('Patient?identifier=urn:test|9')), post(patient('9'))]),
  });
  t.equal(status, 200, JSON.stringify(body));
  const { body: made } = await ask(`GET Observation/${idOf(body.entry[0])}`);
  t.equal(made.subject.reference, `Patient/${idOf(body.entry[1])}`);
});

t.test('transactions that cannot be carried out change nothing and name the entry', async (t) => {
  const { ask } = await startServer(t, { PASSERELLE_ENTRIES_MAX: '20' });
  await ask('PUT Patient/p', { body: patient('p', { id: 'p' }) });
  await ask('PUT Patient/q', { body: patient('p', { id: 'q' }) });
  const good = post(patient('good'));
  const cases: readonly (readonly [string, readonly object[], number, RegExp])[] = [
    [
      'an invalid resource',
      [good, post(patient('x', { gender: 'mann' }))],
      422,
      /entry\[1\]\.resource\.gender/,
    ],
    ['no request', [good, { resource: patient('x') }], 400, /entry\[1\]/],
    [
      'no method',
      [good, { resource: patient('x'), request: { url: 'Patient' } }],
      400,
      /entry\[1\]\.request\.method/,
    ],
    ['unknown type', [good, { request: { method: 'GET', url: 'Wibble/1' } }], 404, /entry\[1\]/],
    ['a read of nothing', [{ request: { method: 'GET', url: 'Patient/none' } }, good], 404, /entry\[0\]/],
    ['a bad search', [good, { request: { method: 'GET', url: 'Patient?birthdate=x' } }], 400, /entry\[1\]/],
    [
      'another server',
      [good, { request: { method: 'GET', url: 'https://x.org/Patient/1' } }],
      400,
      /entry\[1\]/,
    ],
    [
      'the same resource twice',
      [put(patient('p', { id: 'p' })), { request: { method: 'DELETE', url: 'Patient/p' } }],
      400,
      /entry\[[01]\]/,
    ],
    [
      'the same fullUrl twice',
      [post(patient('a'), { fullUrl: A }), post(patient('b'), { fullUrl: A })],
      400,
      /entry\[1\]\.fullUrl/,
    ],
    [
      'a nested Bundle',
      [{ resource: bundle('batch', []), request: { method: 'POST', url: '' } }],
      400,
      /entry\[0\]/,
    ],
    ['a stale version', [good, put(patient('p', { id: 'p' }), { ifMatch: 'W/"7"' })], 412, /entry\[1\]/],
    [
      'an ambiguous condition',
      [post(patient('p'), {}, { ifNoneExist: 'identifier=urn:test|p' })],
      412,
      /entry\[0\]/,
    ],
    ['an unknown parameter', [post(patient('p'), {}, { ifNoneExist: 'wibble=1' })], 400, /entry\[0\]/],
    ['an ambiguous reference', [post(observation('Patient?identifier=urn:test|p'))], 412, /entry\[0\]/],
    ['a reference to nothing', [post(observation('Patient?identifier=urn:test|none'))], 400, /entry\[0\]/],
    ['too many entries', Array.from({ length: 21 }, () => good), 413, /^$/],
    [
      'another id',
      [{ resource: patient('p', { id: 'other' }), request: { method: 'PUT', url: 'Patient/p' } }],
      400,
      /entry\[0\]\.resource\.id/,
    ],
  ];
  for (const [name, entries, status, expression] of cases) {
    const answer = await ask('POST ', { body: bundle('transaction', entries) });
    t.equal(answer.status, status, `${name}: ${answer.text.slice(0, 300)}`);
    t.match(answer.body.issue[0].expression?.[0] ?? '', expression, name);
  }
  t.equal((await ask('GET Patient?identifier=urn:test|good&_summary=count')).body.total, 0);
  t.equal((await ask('GET Patient/p')).body.meta.versionId, '1');
});

t.test('every bad entry of a transaction is reported at once', async (t) => {
  const { ask } = await startServer(t);
  const bad = post(patient('x', { gender: 'mann' }));
  const { body } = await ask('POST ', { body: bundle('transaction', [bad, post(patient('y')), bad]) });
  t.strictSame(
    body.issue.map((one: { expression: string[] }) => one.expression[0]),
    ['Bundle.entry[0].resource.gender', 'Bundle.entry[2].resource.gender'],
  );
});

t.test('a batch carries out what it can', async (t) => {
  const { ask } = await startServer(t);
  const { status, body } = await ask('POST ', {
    body: bundle('batch', [
      post(patient('1')),
      { resource: patient('2') },
      post(patient('3', { gender: 'mann' })),
      { request: { method: 'GET', url: 'Patient/none' } },
      { request: { method: 'GET', url: 'Patient?identifier=urn:test|1' } },
      { request: { method: 'DELETE', url: 'metadata' } },
    ]),
    headers: { prefer: 'return=representation' },
  });
  t.equal(status, 200);
  t.strictSame(
    body.entry.map((one: { response: { status: string } }) => one.response.status.slice(0, 3)),
    ['201', '400', '422', '404', '200', '405'],
  );
  t.equal(body.entry[0].resource.resourceType, 'Patient');
  t.equal(body.entry[2].response.outcome.resourceType, 'OperationOutcome');
  t.equal(body.entry[4].resource.total, 1);
});

t.test('concurrent transactions with one condition create one resource', async (t) => {
  const { ask } = await startServer(t);
  const one = () =>
    ask('POST ', {
      body: bundle('transaction', [
        post(patient('same'), { fullUrl: A }, { ifNoneExist: 'identifier=urn:test|same' }),
        post(observation(A)),
      ]),
    });
  const answers = await Promise.all(Array.from({ length: 20 }, one));
  t.strictSame([...new Set(answers.map(({ status }) => status))], [200]);
  t.equal((await ask('GET Patient?identifier=urn:test|same&_summary=count')).body.total, 1);
  t.equal((await ask('GET Observation?subject.identifier=urn:test|same&_summary=count')).body.total, 20);
});

t.test('an operation that changes something is for a batch, not for a transaction', async (t) => {
  const { ask } = await startServer(t);
  await ask('PUT Patient/a', { body: { resourceType: 'Patient', id: 'a' } });
  const meta = { tag: [{ system: 'urn:x', code: 'y' }] };
  const bundle = (type: string) => ({
    resourceType: 'Bundle',
    type,
    entry: [
      {
        resource: { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: meta }] },
        request: { method: 'POST', url: 'Patient/a/$meta-add' },
      },
      { resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient' } },
    ],
  });
  const refused = await ask('POST ', { body: bundle('transaction') });
  t.equal(refused.status, 400);
  t.strictSame(refused.body.issue[0].expression, ['Bundle.entry[0].request']);
  t.equal((await ask('GET Patient?_summary=count')).body.total, 1, 'nothing was written');
  const done = await ask('POST ', { body: bundle('batch') });
  t.match(done.body.entry, [{ response: { status: '200 OK' } }, { response: { status: '201 Created' } }]);
  t.strictSame((await ask('GET Patient/a')).body.meta.tag, meta.tag);
});

t.test(
  'what a transaction names is read at once, and what criteria have found is not read again',
  async (t) => {
    const { app, ask } = await startServer(t);
    const { store } = app;
    const read = t.capture(store, 'read', store.read);
    const readEach = t.capture(store, 'readEach', store.readEach);
    const reads = () => [read().length, readEach().map(({ args: [keys] }) => keys.length)];
    const many = Array.from({ length: 501 }, (_, at) => ({
      resourceType: 'Basic',
      id: `b${at}`,
      code: { text: 'x' },
    }));
    const made = await ask('POST ', {
      body: bundle(
        'transaction',
        many.map((one) => put(one)),
      ),
    });
    t.equal(made.status, 200, made.text.slice(0, 200));
    t.same(reads(), [0, [500, 1]], 'in lots of 500');
    const nobody = { ...patient('1'), id: 'nobody' };
    await ask('PUT Patient/p', { body: { ...patient('1'), id: 'p' } });
    t.same(reads(), [0, [1]], 'one by itself');
    const entries = [
      put({ ...patient('1', { active: true }), id: 'p' } as never, { url: 'Patient?identifier=urn:test|1' }),
      { request: { method: 'DELETE', url: 'Basic/b0' } },
      { request: { method: 'DELETE', url: 'Basic/none' } },
      put({ ...many[1], id: 'b1' } as never, { ifMatch: 'W/"1"' }),
      put(nobody as never, { ifNoneMatch: '*' }),
    ];
    const { status, body, text } = await ask('POST ', { body: bundle('transaction', entries) });
    t.equal(status, 200, text.slice(0, 300));
    t.same(
      body.entry.map(({ response }: { response: { status: string } }) => response.status.slice(0, 3)),
      ['200', '200', '200', '200', '201'],
    );
    t.same(reads(), [0, [4]]);
    const stale = await ask('POST ', {
      body: bundle('transaction', [put({ ...many[1], id: 'b1' } as never, { ifMatch: 'W/"1"' })]),
    });
    t.equal(stale.status, 412, 'what was read is the current version');
    const back = await ask('POST ', {
      body: bundle('transaction', [put({ ...many[0], id: 'b0' } as never)]),
    });
    t.equal(back.body.entry[0].response.etag, 'W/"3"', 'a deleted one comes back after its tombstone');
  },
);

t.test(
  'while a transaction waits for the disk, nothing of it is kept that the answer does not need',
  async (t) => {
    const { app } = await startServer(t);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const dispatcher = createInteractions([]);
    const kept = new Map<string, WeakRef<object>>();
    let isWaiting = (): void => {};
    let finish = (_: unknown): void => {};
    const waiting = new Promise<void>((resolve) => {
      isWaiting = resolve;
    });
    const store: Store = {
      ...app.context.store,
      async transact([command]) {
        const { text, postings } = command as Extract<WriteCommand, { kind: 'put' }>;
        kept.set('text', new WeakRef(text)).set('postings', new WeakRef(postings));
        isWaiting();
        return new Promise((resolve) => {
          finish = resolve as typeof finish;
        });
      },
    };
    const begin = () => {
      const text = JSON.stringify(bundle('transaction', [post(patient('1'))]));
      const resource = parseStored(text);
      const [entry] = resource.entry as [{ resource: object }];
      kept.set('entry', new WeakRef(entry)).set('resource', new WeakRef(entry.resource));
      const address = { type: '', id: '', versionId: '', compartmentType: '', operation: '' };
      const body = { kind: 'resource', resource, text } as const;
      const rest = { query: [], body, prefer: {}, baseUrl: 'http://localhost/fhir' };
      const request = { requestId: '1', method: 'POST', ...address, ...rest } as const;
      return processBundle(request, { ...app.context, store }, dispatcher);
    };
    const answer = begin();
    await waiting;
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    t.same(
      [...kept].filter(([, one]) => one.deref() !== undefined).map(([name]) => name),
      [],
    );
    finish({ results: [{ versionId: '1', lastUpdated: 0, created: true, changed: true }] });
    t.match((await answer).body, { kind: 'json', json: /"status":"201 Created"/ });
  },
);
