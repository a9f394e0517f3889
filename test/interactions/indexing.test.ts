/**
 * Indexing again: a parameter that stored resources are not all indexed for is not searched, whatever changed it,
 * and the work goes on from where it was left.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { printsOf } from '../../src/interactions/index-prints.ts';
import { commit } from '../../src/interactions/write.ts';
import { watchWrites } from '../../src/interactions/writes-under-way.ts';
import { contentKey } from '../../src/search/content-words.ts';
import { ConflictError, type Store, StoreUnavailableError } from '../../src/storage/store.ts';
import { verifyIndex } from '../../src/storage/verify-index.ts';
import { startServer, type TestServer } from '../http/start.ts';

const STRICT = { headers: { prefer: 'handling=strict' } };
const TEXT = 'Patient.maritalStatus.text';
const RELATION = 'Patient.contact.relationship.text';

function parameter(expression: string, more: object = {}): object {
  return {
    resourceType: 'SearchParameter',
    id: 'own',
    url: 'http://x.org/SearchParameter/own',
    name: 'own',
    status: 'active',
    description: 'x',
    code: 'own',
    base: ['Patient'],
    type: 'string',
    expression,
    ...more,
  };
}

function person(n: number): object {
  const id = `p${n}`;
  return {
    resourceType: 'Patient',
    id,
    maritalStatus: { text: `married ${n}` },
    contact: [{ name: { text: 'x' }, relationship: [{ text: `karen ${n}` }] }],
  };
}

function tempFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function fill(server: TestServer, count: number): Promise<void> {
  const entry = Array.from({ length: count }, (_, n) => ({
    resource: person(n),
    request: { method: 'PUT', url: `Patient/p${n}` },
  }));
  const { status } = await server.ask('POST ', {
    body: { resourceType: 'Bundle', type: 'transaction', entry },
  });
  if (status !== 200) throw new Error(`filling was answered ${status}`);
}

/** Total of a strict search, or its status. */
async function found(server: TestServer, search: string): Promise<number> {
  const { status, body } = await server.ask(`GET ${search}&_total=accurate`, STRICT);
  return status === 200 ? body.total : status;
}

interface Held {
  /** Resources that were indexed again. */
  indexed: number;
  letGo(): void;
  /** Resolves when indexing is about to begin. */
  readonly reached: Promise<void>;
}

/** Indexing again waits, after `free` calls, until it is let go. */
function hold(server: TestServer, free = 0): Held {
  const [gate, reached] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { store } = server.app;
  const { reindex } = store;
  const held: Held = { indexed: 0, letGo: gate.resolve, reached: reached.promise };
  let calls = 0;
  const slow: Store['reindex'] = async (entries) => {
    if (calls++ >= free) {
      reached.resolve();
      await gate.promise;
    }
    await reindex(entries);
    held.indexed += entries.length;
  };
  Object.assign(store, { reindex: slow });
  return held;
}

async function differences(server: TestServer): Promise<number> {
  const { store, context } = server.app;
  const extract = context.generation().extract;
  const { different } = await verifyIndex(store, extract, { onDifference: () => undefined });
  return different;
}

// as long as a socket would
const alive = setInterval(() => {}, 1000);
t.teardown(() => clearInterval(alive));

t.test('a parameter that an upgrade or a package changed is not searched until it is indexed', async (t) => {
  const [folder, configured] = [tempFolder(t), tempFolder(t)];
  const env = { PASSERELLE_DATA: folder, PASSERELLE_PACKAGES: configured };
  const manifest = { name: 'x.own', version: '1.0.0', fhirVersions: ['4.0.1'], dependencies: {} };
  writeFileSync(join(configured, 'package.json'), JSON.stringify(manifest));
  const bring = (one: object): void =>
    writeFileSync(join(configured, 'SearchParameter-own.json'), JSON.stringify(one));
  bring(parameter(TEXT));
  const first = await startServer(t, env);
  await fill(first, 3);
  t.equal(await found(first, 'Patient?own=married'), 3);
  await first.app.close();

  for (const [what, changed, search, total] of [
    ['another expression', parameter(RELATION), 'Patient?own=karen', 3],
    ['another type', parameter(TEXT, { type: 'token' }), 'Patient?own=married%202', 1],
    ['as it was', parameter(TEXT), 'Patient?own=married', 3],
  ] as const) {
    bring(changed);
    const next = await startServer(t, env);
    const held = hold(next);
    t.equal(await found(next, search), 400, `${what}: not yet`);
    t.equal(await found(next, 'Patient?_id=p1&identifier:missing=true'), 1, 'others are searched');
    const stated = (await next.ask('GET metadata')).body.rest[0].resource.find(
      ({ type }: { type: string }) => type === 'Patient',
    );
    t.notOk(stated.searchParam.some(({ name }: { name: string }) => name === 'own'));
    held.letGo();
    await next.app.idle();
    t.equal(await found(next, search), total, `${what}: done`);
    t.equal(await differences(next), 0);
    await next.app.close();
  }
});

t.test('a parameter that is changed is not searched until all is indexed for what it is now', async (t) => {
  const server = await startServer(t);
  await fill(server, 3);
  const put = async (...of: Parameters<typeof parameter>): Promise<void> => {
    const { status } = await server.ask('PUT SearchParameter/own', { body: parameter(...of) });
    t.ok(status < 300);
  };
  await put(TEXT);
  t.equal(await found(server, 'Patient?own=married'), 3);
  const steps: readonly (readonly [string, () => Promise<unknown>, string, number])[] = [
    ['another expression', () => put(RELATION), 'Patient?own=karen', 3],
    ['changed and changed back', () => put(TEXT).then(() => put(RELATION)), 'Patient?own=karen', 3],
    [
      'retired and active',
      () => put(RELATION, { status: 'retired' }).then(() => put(TEXT)),
      'Patient?own=married',
      3,
    ],
    [
      'deleted and made again',
      () => server.ask('DELETE SearchParameter/own').then(() => put(TEXT)),
      'Patient?own=married',
      4,
    ],
  ];
  for (const [what, change, search, total] of steps) {
    const held = hold(server);
    const changing = change();
    await held.reached;
    t.equal(await found(server, search), 400, `${what}: not yet`);
    await changing;
    t.equal(await found(server, search), 400, `${what}: nor when all is asked for`);
    // written for what was before, or what is now
    if (total > 3) await server.ask('PUT Patient/p3', { body: person(3) });
    held.letGo();
    await server.app.idle();
    t.equal(await found(server, search), total, `${what}: done`);
    t.equal(await differences(server), 0);
  }
});

t.test('a change during a pass that is undone in it leaves no resource behind', async (t) => {
  const server = await startServer(t);
  await fill(server, 450);
  await server.ask('PUT SearchParameter/own', { body: parameter(TEXT) });
  await server.app.idle();
  // the first pass has indexed some
  const held = hold(server, 1);
  const changes = [RELATION, TEXT, RELATION].map((expression) => ({ body: parameter(expression) }));
  const [one, two, three] = changes;
  const first = server.ask('PUT SearchParameter/own', one);
  await held.reached;
  await server.ask('PUT SearchParameter/own', two);
  await server.ask('PUT Patient/p1', { body: person(1) });
  await server.ask('PUT SearchParameter/own', three);
  await first;
  t.equal(await found(server, 'Patient?own=karen'), 400);
  held.letGo();
  await server.app.idle();
  t.equal(await found(server, 'Patient?own=karen'), 450);
  t.equal(await differences(server), 0);
});

t.test('a pass goes on from where it was left', async (t) => {
  const folder = tempFolder(t);
  const first = await startServer(t, { PASSERELLE_DATA: folder });
  // 20 pages of 200, the position is noted every tenth
  for (let lot = 0; lot < 4; lot++) {
    const entry = Array.from({ length: 1_000 }, (_, n) => ({
      resource: person(lot * 1_000 + n),
      request: { method: 'PUT', url: `Patient/p${lot * 1_000 + n}` },
    }));
    await first.ask('POST ', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
  }
  const { reindex } = first.app.store;
  let [calls, indexed] = [0, 0];
  const died = Promise.withResolvers<void>();
  Object.assign(first.app.store, {
    reindex: async (entries: Parameters<typeof reindex>[0]) => {
      calls++;
      if (calls === 3) throw new StoreUnavailableError('away for a moment');
      if (calls === 14) {
        died.resolve();
        throw new Error('as if it had been killed');
      }
      await reindex(entries);
      indexed += entries.length;
    },
  });
  await first.ask('PUT SearchParameter/own', { body: parameter(TEXT) });
  await died.promise;
  t.equal(indexed, 2_400, 'what was done before the store was away is not done again');
  await first.app.close();
  const second = await startServer(t, { PASSERELLE_DATA: folder });
  const held = hold(second);
  await held.reached;
  t.equal(await found(second, 'Patient?own=married'), 400);
  const { done, total } = second.app.context.indexing() ?? {};
  t.ok(total === 4_000 && (done ?? 0) >= 2_000, `${done} of ${total}`);
  const metrics = (await second.ask('GET /metrics')).text;
  t.match(metrics, new RegExp(`^passerelle_indexing_resources ${total}$`, 'm'));
  t.match(metrics, new RegExp(`^passerelle_indexing_resources_done ${done}$`, 'm'));
  await second.ask('DELETE Patient/p3999');
  await second.ask('PUT Patient/p4000', { body: person(4_000) });
  held.letGo();
  await second.app.idle();
  t.ok(held.indexed <= 2_000, `${held.indexed} were left`);
  t.equal(await found(second, 'Patient?own=married'), 4_000);
  t.equal(await differences(second), 0);
});

t.test('contained resources are indexed for a new parameter too', async (t) => {
  const server = await startServer(t);
  const request = {
    resourceType: 'MedicationRequest',
    id: 'r',
    status: 'active',
    intent: 'order',
    subject: { display: 'x' },
    contained: [
      { resourceType: 'Medication', id: 'm', amount: { numerator: { value: 5 }, denominator: { value: 1 } } },
    ],
    medicationReference: { reference: '#m' },
  };
  const created = await server.ask('PUT MedicationRequest/r', { body: request });
  t.equal(created.status, 201, created.text.slice(0, 300));
  const own = parameter('Medication.amount.numerator', { base: ['Medication'], type: 'quantity' });
  const held = hold(server);
  const written = server.ask('PUT SearchParameter/own', { body: own });
  await held.reached;
  t.equal(await found(server, 'MedicationRequest?medication.own=5'), 400);
  held.letGo();
  await written;
  await server.app.idle();
  t.equal(await found(server, 'MedicationRequest?medication.own=5'), 1, 'through a chain');
  t.equal(await found(server, 'Medication?_contained=true&own=5'), 1, 'as what is contained');
  t.equal(await differences(server), 0);
});

t.test(
  'parameters that answer others leave nothing behind, and others wait for those that answer them',
  async (t) => {
    const server = await startServer(t);
    const subject = { reference: 'Practitioner/x' };
    await server.ask('PUT Patient/a', {
      body: { resourceType: 'Patient', id: 'a', generalPractitioner: [subject] },
    });
    const put = async (id: string, expression: string): Promise<void> => {
      const body = parameter(expression, { id, code: id, url: `http://x.org/${id}`, type: 'reference' });
      t.equal((await server.ask(`PUT SearchParameter/${id}`, { body })).status, 201);
      await server.app.idle();
      t.equal(await differences(server), 0, id);
    };
    await put('doctor', 'Patient.generalPractitioner.where(resolve() is Practitioner)');
    t.equal(await found(server, 'Patient?doctor=Practitioner/x'), 1);
    await put('any', 'Patient.generalPractitioner');
    t.equal(await found(server, 'Patient?doctor=Practitioner/x'), 1);
    await server.ask('DELETE SearchParameter/any');
    await server.app.idle();
    t.equal(await found(server, 'Patient?doctor=Practitioner/x'), 1);
    t.equal(await differences(server), 0);
  },
);

t.test('a write that was prepared for former parameters is prepared again', async (t) => {
  const server = await startServer(t);
  const { context } = server.app;
  const { indexing } = context.generation();
  const located = { kind: 'write', type: 'Patient', id: 'a', method: 'DELETE' } as const;
  const write = {
    located: { ...located, expected: 'any', isExpectedByClient: false },
    isDelete: true,
    command: { kind: 'delete', type: 'Patient', id: 'a', expected: 'any' },
    issues: [],
    preconditions: [],
  } as const;
  t.same((await commit([{ ...write, indexing }], [], context)).length, 1);
  await t.rejects(
    (async () => await commit([{ ...write, indexing: indexing - 1 }], [], context))(),
    ConflictError,
  );
});

t.test('indexing again waits for writes that are on their way', async (t) => {
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const opened = {
    transact: async () => {
      await gate.promise;
      order.push('written');
      return { results: [] };
    },
    amend: async () => {
      await gate.promise;
      throw new StoreUnavailableError('away');
    },
  } as unknown as Store;
  const { store, quiet } = watchWrites(opened);
  await quiet();
  const writes = Promise.allSettled([store.transact([]), store.amend({} as never)]);
  const waited = quiet().then(() => order.push('quiet'));
  gate.resolve();
  await Promise.all([writes, waited]);
  t.same(order, ['written', 'quiet']);
});

t.test('dates are indexed again for another time zone', async (t) => {
  const folder = tempFolder(t);
  const first = await startServer(t, { PASSERELLE_DATA: folder });
  const patient = { resourceType: 'Patient', id: 'a', birthDate: '2020-01-01' };
  await first.ask('PUT Patient/a', { body: patient });
  await first.app.close();
  const second = await startServer(t, { PASSERELLE_DATA: folder, PASSERELLE_TIME_ZONE: '+12:00' });
  t.equal(await found(second, 'Patient?birthdate=2020-01-01'), 400, 'not searched meanwhile');
  await second.app.idle();
  t.equal(await found(second, 'Patient?birthdate=2020-01-01'), 1);
  t.equal(await differences(second), 0);
});

t.test('words are indexed, left out and indexed again, as the setting says', async (t) => {
  const env = { PASSERELLE_DATA: tempFolder(t) };
  const without = { ...env, PASSERELLE_FULL_TEXT: 'false' };
  const offered = async ({ ask }: TestServer): Promise<boolean> => {
    const { body } = await ask('GET metadata');
    return JSON.stringify(body.rest).includes('_content');
  };
  const words = async ({ app }: TestServer): Promise<number> => {
    const postings = await app.store.readPostings({ type: 'Patient', id: 'p1' });
    return (postings?.terms ?? []).filter(({ k }) => k === contentKey('Patient')).length;
  };
  const first = await startServer(t, env);
  await fill(first, 3);
  t.equal(await found(first, 'Patient?_content=karen'), 3);
  t.ok((await words(first)) > 0);
  t.ok(await offered(first));
  await first.app.close();

  const second = await startServer(t, without);
  const held = hold(second);
  t.equal(await found(second, 'Patient?_content=karen'), 400, 'no longer searched');
  t.equal(await found(second, 'Patient?_text=karen'), 400, 'nor narratives');
  t.equal(await found(second, 'Patient?_filter=_content co karen'), 400, 'nor in a filter');
  t.equal(await found(second, 'Patient?name=x&address=y'), 0, 'strings are searched meanwhile');
  const lenient = await second.ask('GET Patient?_content=nothing');
  t.same([lenient.status, lenient.body.total], [200, 3], 'passed over, and told so');
  t.match(JSON.stringify(lenient.body.entry), /OperationOutcome/);
  t.notOk(await offered(second));
  held.letGo();
  await second.app.idle();
  t.equal(await words(second), 0, 'nothing is left of them');
  t.equal(await differences(second), 0);
  await second.ask('PUT Patient/p1', { body: person(1) });
  t.equal(await words(second), 0, 'nor is anything added');
  await second.app.close();

  const third = await startServer(t, env);
  const again = hold(third);
  t.equal(await found(third, 'Patient?_content=karen'), 400, 'not until all is indexed');
  t.equal(await found(third, 'Patient?name=x&address=y'), 0);
  again.letGo();
  await third.app.idle();
  t.equal(await found(third, 'Patient?_content=karen'), 3);
  t.equal(await differences(third), 0);
});

t.test('what was stored before words of family names were indexed is found by them when it is', async (t) => {
  const env = { PASSERELLE_DATA: tempFolder(t) };
  const first = await startServer(t, env);
  const patient = { resourceType: 'Patient', id: 'a', name: [{ family: 'Carreno Quinones' }] };
  const { body } = await first.ask('PUT Patient/a', { body: patient });
  await first.ask('PUT Organization/a', { body: { resourceType: 'Organization', id: 'a', name: 'Carreno' } });
  // as an earlier version has left it
  const { store, context } = first.app;
  const postings = context.generation().extract(body);
  const texts = postings.texts.filter(({ text }) => !text.startsWith('quinones'));
  t.equal(postings.texts.length - texts.length, 2, 'for family and for name');
  const key = { type: 'Patient', id: 'a', versionId: body.meta.versionId };
  await store.reindex([{ ...key, postings: { ...postings, texts } }]);
  const prints = printsOf(context.generation().definitions, 'Patient', {
    timeZone: 'UTC',
    fullText: true,
    nameParts: false,
  });
  await store.indexLedger.note({ Patient: JSON.stringify(Object.fromEntries(prints)) });
  await first.app.close();

  const second = await startServer(t, env);
  const held = hold(second);
  for (const search of ['Patient?family=quinones', 'Patient?family=carreno', 'Patient?name=quinones']) {
    t.equal(await found(second, search), 400, `${search}: not yet`);
  }
  t.equal(await found(second, 'Patient?given:missing=true'), 1, 'others are searched');
  t.equal(await found(second, 'Organization?name=carreno'), 1, 'as are those of other types');
  held.letGo();
  await second.app.idle();
  t.equal(held.indexed, 1);
  for (const search of ['Patient?family=quinones', 'Patient?family=carreno', 'Patient?name=quinones']) {
    t.equal(await found(second, search), 1, search);
  }
  t.equal(await differences(second), 0);
});

t.test(
  'a parameter that cannot be used says why, and one whose code is taken disturbs nothing',
  async (t) => {
    const server = await startServer(t);
    await server.ask('PUT Patient/p1', { body: person(1) });
    const held = hold(server);
    const put = async (more: object) =>
      (await server.ask('PUT SearchParameter/own', { body: parameter('Patient.active', more) })).status;
    t.equal(await put({ code: 'gender', type: 'token' }), 201);
    t.equal(await found(server, 'Patient?gender:missing=true'), 1, 'what R4 has is searched all the time');
    const component = [
      { definition: 'http://x.org/none', expression: 'active' },
      { definition: 'http://hl7.org/fhir/SearchParameter/individual-gender', expression: 'gender' },
    ];
    t.equal(await put({ type: 'composite', expression: 'Patient', component }), 200);
    held.letGo();
    await server.app.idle();
    const { body } = await server.ask('GET Patient?own=a', STRICT);
    t.match(
      body.issue[0].details.text,
      /^Parameter 'own': Patient has no search parameter 'own' that can be used: ./,
    );
    for (const code of ['own.code', 'own:code'])
      t.equal(await put({ code }), 422, `${code} is no name to search by`);
  },
);
