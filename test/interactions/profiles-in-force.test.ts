/**
 * A profile is in force with the answer that takes it in, and out of force with the answer that takes it away:
 * the very next request meets it, whichever way it came, on both engines. And the profiles that profiles ask of
 * the targets of references are looked at by `$validate`.
 */
import t, { type Test } from 'tap';
import { packTarball } from '../../scripts/build/iom/tarball.ts';
import { TARGETS_MAX } from '../../src/operations/reference-targets.ts';
import { startServer, type TestServer } from '../http/start.ts';
import { databaseUrl, freshDatabase, startMongo, whyNoMongo } from '../storage/mongodb-server.ts';

const BASE = 'http://example.org/in-force';
type Json = Record<string, unknown>;

const profile = (id: string, element: Json[], type = 'Patient'): Json => ({
  resourceType: 'StructureDefinition',
  id,
  url: `${BASE}/${id}`,
  name: id,
  status: 'active',
  kind: 'resource',
  abstract: false,
  type,
  baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
  derivation: 'constraint',
  differential: { element: element.map((one) => ({ id: one.path, ...one })) },
});
const named = (id: string): Json => profile(id, [{ path: 'Patient.name', min: 1 }]);
const loose = (id: string): Json => profile(id, [{ path: 'Patient' }]);
const claim = (id: string): Json => ({ resourceType: 'Patient', meta: { profile: [`${BASE}/${id}`] } });

async function writeStatus(server: TestServer, id: string): Promise<number> {
  return (await server.ask('POST Patient', { body: claim(id) })).status;
}

async function checkInForce(t: Test, server: TestServer): Promise<void> {
  const bundle = (type: string, ...entry: Json[]): Json => ({ resourceType: 'Bundle', type, entry });
  const put = (resource: Json): Json => ({
    resource,
    request: { method: 'PUT', url: `StructureDefinition/${resource.id}` },
  });
  const manifest = { name: 'example.in.force', version: '1.0.0', fhirVersions: ['4.0.1'] };
  const ways: Record<string, (id: string) => Promise<number>> = {
    'a PUT': async (id) => (await server.ask(`PUT StructureDefinition/${id}`, { body: named(id) })).status,
    'a transaction': async (id) =>
      (await server.ask('POST ', { body: bundle('transaction', put(named(id))) })).status,
    'a batch': async (id) => (await server.ask('POST ', { body: bundle('batch', put(named(id))) })).status,
    '$load-package': async (id) => {
      const files = { 'package.json': manifest, [`StructureDefinition-${id}.json`]: named(id) };
      const entries = Object.entries(files).map(([name, value]): [string, string] => [
        `package/${name}`,
        JSON.stringify(value),
      ]);
      const headers = { 'content-type': 'application/gzip' };
      return (await server.ask('POST $load-package', { body: packTarball(new Map(entries)), headers }))
        .status;
    },
  };
  for (const [name, upload] of Object.entries(ways)) {
    const id = name.replace(/[^a-z]/gi, '').toLowerCase();
    t.equal(await writeStatus(server, id), 201, `before ${name}`);
    t.match(await upload(id), /20[01]/, name);
    t.equal(await writeStatus(server, id), 422, `after ${name}`);
    const { body } = await server.ask('POST Patient/$validate', { body: claim(id) });
    const errors = body.issue.filter((one: Json) => one.severity === 'error');
    t.match(errors, [{ code: 'required', expression: ['Patient'] }], `$validate after ${name}`);
  }
  const along = { resource: claim('together'), request: { method: 'POST', url: 'Patient' } };
  const both = bundle('transaction', put(named('together')), along);
  t.equal(
    (await server.ask('POST ', { body: both })).status,
    200,
    'what is sent along is held to the old rules',
  );
  t.equal(await writeStatus(server, 'together'), 422, 'and what follows to the new ones');
  t.equal((await server.ask('PUT StructureDefinition/aput', { body: loose('aput') })).status, 200);
  t.equal(await writeStatus(server, 'aput'), 201, 'a looser version is in force');
  t.equal((await server.ask('PUT StructureDefinition/aput', { body: named('aput') })).status, 200);
  t.equal(await writeStatus(server, 'aput'), 422, 'and the stricter one again');
  t.equal((await server.ask('DELETE StructureDefinition/aput')).status, 200);
  t.equal(await writeStatus(server, 'aput'), 201, 'a deleted one is in force no more');
}

async function checkTargets(t: Test, server: TestServer): Promise<void> {
  const link = (id: string): Json[] => [
    { path: 'Patient.link.other', type: [{ code: 'Reference', targetProfile: [`${BASE}/${id}`] }] },
  ];
  await server.ask('PUT StructureDefinition/chain', {
    body: profile('chain', [{ path: 'Patient.active', min: 1 }, ...link('chain')]),
  });
  const person = (id: string, other: string, part: Json = { active: true }): Json => ({
    resourceType: 'Patient',
    id,
    ...part,
    link: [{ other: { reference: other }, type: 'seealso' }],
  });
  for (const one of [
    person('good', 'Patient/good'),
    person('bad', 'Patient/good', {}),
    person('relay', 'Patient/bad'),
  ]) {
    t.equal((await server.ask(`PUT Patient/${one.id}`, { body: one })).status, 201);
  }
  const errorsOf = async (other: string): Promise<string[]> => {
    const body = { ...person('x', other), meta: { profile: [`${BASE}/chain`] } };
    const answer = await server.ask('POST Patient/$validate', { body });
    return answer.body.issue
      .filter((one: { severity: string }) => one.severity === 'error')
      .map((one: { expression: string[] }) => one.expression[0]);
  };
  t.same(await errorsOf('Patient/good'), []);
  t.same(await errorsOf('Patient/bad'), ['Patient.link[0].other']);
  t.same(await errorsOf('Patient/relay'), ['Patient.link[0].other'], 'the target of the target counts');
  t.same(await errorsOf('Patient/none'), [], 'what is not here is not judged');
  t.same(await errorsOf('http://elsewhere.example/fhir/Patient/bad'), []);
  const claims = { ...person('claims', 'Patient/bad'), meta: { profile: [`${BASE}/chain`] } };
  t.equal(
    (await server.ask('POST Patient', { body: claims })).status,
    201,
    'a write looks at the type alone',
  );
  const steps = Array.from({ length: TARGETS_MAX + 1 }, (_, i) => `step${i}`);
  for (const [i, id] of steps.entries()) {
    const next = steps[i + 1] ?? 'bad';
    await server.ask(`PUT Patient/${id}`, { body: person(id, `Patient/${next}`) });
  }
  t.same(await errorsOf(`Patient/${steps[2]}`), ['Patient.link[0].other'], 'the hundredth is read');
  t.same(await errorsOf(`Patient/${steps[1]}`), [], 'the next one is not');
}

t.test('on SQLite', async (t) => {
  const server = await startServer(t);
  await checkInForce(t, server);
  await checkTargets(t, server);
});

const why = await whyNoMongo();
t.test('on MongoDB', why === undefined ? {} : { skip: why }, async (t) => {
  const mongo = await startMongo();
  t.teardown(() => mongo.stop());
  const database = freshDatabase(mongo);
  await t.test('the server', async (t) => {
    const server = await startServer(t, { MONGODB_URL: databaseUrl(mongo, database.name) });
    await checkInForce(t, server);
    await checkTargets(t, server);
  });
  await database.drop();
});
