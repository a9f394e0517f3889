/** Definitions as resources: those of packages can be read and not written; those that clients write take force. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { createDefinitionWatch } from '../../src/interactions/definition-watch.ts';
import { type Answer, startServer } from '../http/start.ts';

t.test('definitions of packages are read and searched like stored ones, and are read-only', async (t) => {
  const { ask } = await startServer(t);
  const read = await ask('GET StructureDefinition/Patient');
  t.equal(read.status, 200);
  t.equal(read.body.url, 'http://hl7.org/fhir/StructureDefinition/Patient');
  t.ok(read.body.text.div, 'as it was published, narrative included');
  const found = await ask('GET StructureDefinition?url=http://hl7.org/fhir/StructureDefinition/Patient');
  t.equal(found.body.total, 1);
  t.equal(found.body.entry[0].resource.id, 'Patient');
  const counted = await ask('GET SearchParameter?base=Patient&_summary=count');
  t.ok(counted.body.total > 10);
  t.equal((await ask('GET StructureDefinition/Patient/_history')).body.total, 1);
  t.equal((await ask('GET StructureDefinition/Patient/_history/1')).status, 200);
  for (const request of ['PUT StructureDefinition/Patient', 'DELETE StructureDefinition/Patient']) {
    t.equal((await ask(request, request.startsWith('PUT') ? { body: read.body } : {})).status, 405, request);
  }
  const copy = { ...read.body, id: undefined };
  t.equal((await ask('POST StructureDefinition', { body: copy })).status, 409);
});

t.test('pages go from stored resources on to those of packages', async (t) => {
  const { ask } = await startServer(t);
  const own = { resourceType: 'CodeSystem', status: 'active', content: 'complete', concept: [{ code: 'a' }] };
  for (let i = 0; i < 3; i++) await ask('POST CodeSystem', { body: { ...own, url: `http://x.org/cs/${i}` } });
  const { body: all } = await ask('GET CodeSystem?_summary=count');
  const ids = new Set<string>();
  let next: string | undefined = 'CodeSystem?_count=200&_total=accurate';
  let pages = 0;
  while (next !== undefined) {
    const { body }: Answer = await ask(`GET ${next}`);
    t.equal(body.total, all.total);
    for (const { resource } of body.entry) ids.add(resource.id);
    next = body.link
      .find((link: { relation: string }) => link.relation === 'next')
      ?.url.replace(/^.*\/fhir\//, '');
    pages++;
  }
  t.ok(pages > 2);
  t.equal(ids.size, all.total, 'nothing twice, nothing missing');
});

t.test(
  'a profile, a value set and a code system that are written are in force with the answer',
  async (t) => {
    const { ask } = await startServer(t);
    const url = 'http://x.org/StructureDefinition/named-patient';
    const claim = { resourceType: 'Patient', meta: { profile: [url] } };
    t.equal((await ask('POST Patient', { body: claim })).status, 201, 'an unknown profile is no error');
    const profile = {
      resourceType: 'StructureDefinition',
      url,
      name: 'NamedPatient',
      status: 'active',
      kind: 'resource',
      abstract: false,
      type: 'Patient',
      baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
      derivation: 'constraint',
      differential: { element: [{ id: 'Patient.name', path: 'Patient.name', min: 1 }] },
    };
    const created = await ask('POST StructureDefinition', { body: profile });
    t.equal(created.status, 201, created.text.slice(0, 300));
    t.equal((await ask('POST Patient', { body: claim })).status, 422, 'the profile is enforced at once');
    t.equal((await ask('POST Patient', { body: { ...claim, name: [{ text: 'x' }] } })).status, 201);
    t.ok(
      (await ask('GET metadata')).body.rest[0].resource
        .find((one: { type: string }) => one.type === 'Patient')
        .supportedProfile.includes(url),
      'and listed in the statement',
    );
    const loose = {
      ...profile,
      id: created.body.id,
      differential: { element: [{ id: 'Patient', path: 'Patient' }] },
    };
    t.equal((await ask(`PUT StructureDefinition/${created.body.id}`, { body: loose })).status, 200);
    t.equal((await ask('POST Patient', { body: claim })).status, 201, 'the new version is in force');
    await ask(`PUT StructureDefinition/${created.body.id}`, { body: { ...profile, id: created.body.id } });
    await ask(`DELETE StructureDefinition/${created.body.id}`);
    t.equal((await ask('POST Patient', { body: claim })).status, 201, 'a deleted one is not');
  },
);

t.test('a search parameter that is written finds what was stored before it and after it', async (t) => {
  const { ask } = await startServer(t);
  const coded = (code: string) => ({
    resourceType: 'Patient',
    extension: [{ url: 'http://x.org/ext', valueCode: code }],
  });
  const before = await ask('POST Patient', { body: coded('a') });
  t.equal((await ask('GET Patient?own=a', { headers: { prefer: 'handling=strict' } })).status, 400);
  const created = await ask('POST SearchParameter', {
    body: {
      resourceType: 'SearchParameter',
      url: 'http://x.org/SearchParameter/own',
      name: 'own',
      status: 'active',
      description: 'x',
      code: 'own',
      base: ['Patient'],
      type: 'token',
      expression: "Patient.extension.where(url = 'http://x.org/ext').value",
    },
  });
  t.equal(created.status, 201, created.text.slice(0, 300));
  const after = await ask('POST Patient', { body: coded('a') });
  await ask('POST Patient', { body: coded('b') });
  const { body } = await ask('GET Patient?own=a', { headers: { prefer: 'handling=strict' } });
  t.strictSame(
    body.entry.map((one: { resource: { id: string } }) => one.resource.id).sort(),
    [before.body.id, after.body.id].sort(),
  );
});

t.test(
  'definitions and their indexes are there again after a restart, and after a restart that came too soon',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'passerelle-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const parameter = {
      resourceType: 'SearchParameter',
      url: 'http://x.org/SearchParameter/own',
      name: 'own',
      status: 'active',
      description: 'x',
      code: 'own',
      base: ['Patient'],
      type: 'string',
      expression: 'Patient.maritalStatus.text',
    };
    const strict = { headers: { prefer: 'handling=strict' } };
    const first = await startServer(t, { PASSERELLE_DATA: folder });
    await first.ask('PUT Patient/a', {
      body: { resourceType: 'Patient', id: 'a', maritalStatus: { text: 'married' } },
    });
    // as if the process had died between the commit and the indexing
    Object.assign(first.app.store, { reindex: async () => Promise.reject(new Error('gone')) });
    await first.ask('POST SearchParameter', { body: parameter });
    t.equal(
      (await first.ask('GET Patient?own=married', strict)).status,
      400,
      'not searched while it would miss some',
    );
    await first.app.close();
    const second = await startServer(t, { PASSERELLE_DATA: folder });
    await second.app.idle();
    t.equal((await second.ask('GET Patient?own=married', strict)).body.total, 1);
    await second.app.close();
  },
);

t.test('definitions that another server wrote are seen', async (t) => {
  const one = await startServer(t);
  const seen: string[] = [];
  const watch = createDefinitionWatch(one.app.store, Date.now(), (changes) => {
    for (const { type, id, versionId, resource } of changes)
      seen.push(`${type}/${id}/${versionId}/${resource === undefined}`);
  });
  await watch.poll();
  t.strictSame(seen, []);
  const body = { resourceType: 'ValueSet', id: 'v', url: 'http://x.org/v', status: 'active' };
  await one.ask('PUT ValueSet/v', { body });
  await one.ask('PUT ValueSet/v', { body });
  await one.ask('DELETE ValueSet/v');
  await one.ask('POST Patient', { body: { resourceType: 'Patient' } });
  await watch.poll();
  t.strictSame(seen, ['ValueSet/v/1/false', 'ValueSet/v/2/false', 'ValueSet/v/3/true']);
});
