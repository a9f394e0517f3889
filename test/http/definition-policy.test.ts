/** Definitions are taken in when they can be used; what they lack as publications is a warning. */
import t from 'tap';
import { startServer } from './start.ts';

const profile = (more: object = {}) => ({
  resourceType: 'StructureDefinition',
  id: 'needs-gender',
  url: 'http://example.org/StructureDefinition/needs-gender',
  status: 'draft',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  derivation: 'constraint',
  differential: { element: [{ path: 'Patient' }, { path: 'Patient.gender', min: 1 }] },
  ...more,
});
const person = {
  resourceType: 'Patient',
  meta: { profile: ['http://example.org/StructureDefinition/needs-gender'] },
};

t.test(
  'a profile without a name and without element ids is stored, with warnings, and in force',
  async (t) => {
    const server = await startServer(t);
    const stored = await server.ask('PUT StructureDefinition/needs-gender', {
      body: profile(),
      headers: { prefer: 'return=OperationOutcome' },
    });
    t.equal(stored.status, 201, stored.text);
    const severities = stored.body.issue.map((one: { severity: string }) => one.severity);
    t.ok(severities.includes('warning'));
    t.notOk(severities.includes('error'));
    t.equal((await server.ask('POST Patient', { body: person })).status, 422);
    t.equal((await server.ask('POST Patient', { body: { ...person, gender: 'female' } })).status, 201);
  },
);

t.test('$validate says in full what it lacks', async (t) => {
  const server = await startServer(t);
  const { body } = await server.ask('POST StructureDefinition/$validate', { body: profile() });
  t.ok(body.issue.some((one: { severity: string }) => one.severity === 'error'));
});

t.test('what cannot be used is refused', async (t) => {
  const server = await startServer(t);
  for (const wrong of [
    { url: undefined },
    { type: undefined },
    { wibble: true },
    { status: 'wibble' },
    { differential: { element: [{ min: 1 }] } },
  ]) {
    const answer = await server.ask('PUT StructureDefinition/needs-gender', { body: profile(wrong) });
    t.equal(answer.status, 422, JSON.stringify(wrong));
  }
});

t.test('PASSERELLE_STRICT_DEFINITIONS refuses all of it', async (t) => {
  const server = await startServer(t, { PASSERELLE_STRICT_DEFINITIONS: 'true' });
  t.equal((await server.ask('PUT StructureDefinition/needs-gender', { body: profile() })).status, 422);
});

t.test('resources that are no definitions are not relaxed', async (t) => {
  const server = await startServer(t);
  const answer = await server.ask('POST Observation', {
    body: { resourceType: 'Observation', status: 'final' },
  });
  t.equal(answer.status, 422);
});
