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
    const gate = Promise.withResolvers<void>();
    const { reindex } = second.app.store;
    Object.assign(second.app.store, {
      reindex: async (entries: Parameters<typeof reindex>[0]) => {
        await gate.promise;
        await reindex(entries);
      },
    });
    while (second.app.context.indexing() === undefined) await new Promise((resolve) => setImmediate(resolve));
    const meanwhile = await second.ask('GET Patient?own=married', strict);
    t.equal(meanwhile.status, 400, 'nor while the next start indexes what is missing');
    gate.resolve();
    await second.app.idle();
    t.equal((await second.ask('GET Patient?own=married', strict)).body.total, 1);
    await second.app.close();
  },
);

const LEVEL = 'http://x.org/level';

function patientOf(n: number): { readonly [key: string]: unknown } {
  return {
    resourceType: 'Patient',
    id: `p${n}`,
    managingOrganization: { reference: 'Organization/o' },
    extension: [
      { url: LEVEL, valueInteger: n },
      { url: 'http://x.org/ward', valueString: `Ward ${'abc'[n % 3]}` },
      { url: 'http://x.org/tie', valueReference: { reference: 'Organization/o' } },
      { url: 'http://x.org/when', valueDate: `2024-01-0${n}` },
      {
        url: 'http://x.org/weight',
        valueQuantity: { value: n, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
      },
      { url: 'http://x.org/page', valueUri: `urn:x:${n}` },
      { url: 'http://x.org/mark', valueCoding: { system: 'urn:m', code: `m${n}` } },
    ],
  };
}

function parameterOf(code: string, type: string, expression: string, more: object = {}): object {
  return {
    resourceType: 'SearchParameter',
    id: `own-${code}`,
    url: `http://x.org/SearchParameter/${code}`,
    name: code,
    status: 'active',
    description: 'Made by a site',
    code,
    base: ['Patient'],
    type,
    expression,
    ...more,
  };
}

const inExtension = (name: string, type: string): string =>
  `Patient.extension.where(url = 'http://x.org/${name}').value.ofType(${type})`;

t.test('a site can add parameters of every type, change them and take them away', async (t) => {
  const { ask } = await startServer(t);
  await ask('PUT Organization/o', { body: { resourceType: 'Organization', id: 'o', name: 'Clinic' } });
  for (const n of [1, 2, 3, 4]) await ask(`PUT Patient/p${n}`, { body: patientOf(n) });
  const own = [
    parameterOf('level', 'number', inExtension('level', 'integer')),
    parameterOf('ward', 'string', inExtension('ward', 'string')),
    // no plain path: through the compiler
    parameterOf('tie', 'reference', "Patient.extension('http://x.org/tie').select(value as Reference)", {
      target: ['Organization'],
    }),
    parameterOf('when', 'date', inExtension('when', 'date')),
    parameterOf('weight', 'quantity', inExtension('weight', 'Quantity')),
    parameterOf('page', 'uri', inExtension('page', 'uri')),
    parameterOf('mark', 'token', inExtension('mark', 'Coding')),
    parameterOf('half', 'number', `${inExtension('level', 'integer')} / 2`),
  ];
  const strict = { headers: { prefer: 'handling=strict' } };
  const ids = async (search: string): Promise<string> => {
    const { status, body } = await ask(`GET ${search}`, strict);
    return status === 200
      ? (body.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id).join(' ')
      : String(status);
  };
  for (const parameter of own) {
    const { id } = parameter as { readonly id: string };
    const answer = await ask(`PUT SearchParameter/${id}`, { body: parameter });
    t.equal(answer.status, 201, answer.text.slice(0, 300));
  }
  const cases: readonly (readonly [search: string, found: string])[] = [
    ['Patient?level=2', 'p2'],
    ['Patient?level=gt2&_sort=-level', 'p4 p3'],
    ['Patient?ward=ward%20b&_sort=level', 'p1 p4'],
    ['Patient?_sort=ward,-level', 'p3 p4 p1 p2'],
    ['Patient?tie=o&level=1', 'p1'],
    ['Patient?tie.name=clin&level=1', 'p1'],
    ['Patient?level=1&_include=Patient:tie', 'p1 o'],
    ['Organization?_has:Patient:tie:level=4', 'o'],
    ['Organization?_revinclude=Patient:tie&_id=o', 'o p4 p3 p2 p1'],
    ['Patient?when=ge2024-01-03&_sort=when', 'p3 p4'],
    ['Patient?weight=2000||g', 'p2'],
    ['Patient?_sort=-weight&_count=2', 'p4 p3'],
    ['Patient?page=urn:x:3', 'p3'],
    ['Patient?mark=urn:m%7Cm4', 'p4'],
    ['Patient?_sort=-mark&_count=1', 'p4'],
    ['Patient?half=1.5', 'p3'],
    ['Patient?half:missing=true', ''],
  ];
  for (const [search, found] of cases) t.equal(await ids(search), found, search);
  const stated = (await ask('GET metadata')).body.rest[0].resource.find(
    ({ type }: { type: string }) => type === 'Patient',
  );
  const codes = stated.searchParam.map(({ name }: { name: string }) => name);
  t.ok(own.every((one) => codes.includes((one as { code: string }).code)));
  t.ok(stated.searchInclude.includes('Patient:tie'));

  const level = (more: object): Promise<Answer> =>
    ask('PUT SearchParameter/own-level', {
      body: parameterOf('level', 'number', inExtension('level', 'integer'), more),
    });
  await level({ expression: `${inExtension('level', 'integer')} + 100` });
  t.same([await ids('Patient?level=2'), await ids('Patient?level=102')], ['', 'p2'], 'another expression');
  await level({ type: 'string', expression: inExtension('ward', 'string') });
  t.equal(await ids('Patient?level=ward%20c'), 'p2', 'another type');
  await level({ status: 'retired' });
  t.equal(await ids('Patient?level=2'), '400', 'retired');
  await level({});
  t.equal(await ids('Patient?level=2'), 'p2', 'in force again');
  t.equal((await ask('DELETE SearchParameter/own-level')).status, 200);
  t.equal(await ids('Patient?level=2'), '400', 'deleted');

  for (const [expression, fault] of [
    ['Patient.name.where(family = ', /ends too early \(at 28\)/],
    ['Patient.name.foo()', /unknown function foo\(\) \(at 13\)/],
  ] as const) {
    const answer = await ask('POST SearchParameter', { body: parameterOf('bad', 'string', expression) });
    const [issue] = answer.body.issue;
    t.match(
      [answer.status, issue.details.text, issue.expression],
      [422, fault, ['SearchParameter.expression']],
    );
  }
});

t.test('while resources are indexed for a new parameter, everybody can see how far it is', async (t) => {
  const { ask, app } = await startServer(t);
  for (const n of [1, 2, 3]) await ask(`PUT Patient/p${n}`, { body: patientOf(n) });
  // a server has sockets that keep it running while the writer of a parameter waits
  const alive = setInterval(() => {}, 1000);
  t.teardown(() => clearInterval(alive));
  // the index is slow until it is let go
  let letGo = (): void => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const { reindex } = app.store;
  Object.assign(app.store, {
    reindex: async (entries: Parameters<typeof reindex>[0]) => {
      await gate;
      await reindex(entries);
    },
  });
  const body = parameterOf('level', 'number', inExtension('level', 'integer'));
  t.equal((await ask('PUT SearchParameter/own-level', { body })).status, 201);
  const strict = { headers: { prefer: 'handling=strict' } };
  const early = await ask('GET Patient?level=2', strict);
  t.match(
    [early.status, early.body.issue[0].details.text],
    [400, /'level' is still being indexed, 0 of 3 resources are done; try again later/],
  );
  const ignored = await ask('GET Patient?level=2');
  t.match(ignored.body.entry.at(-1).resource.issue[0].details.text, /still being indexed.*ignored/);
  t.equal((await ask('GET Patient?_sort=level', strict)).status, 400);
  type Stated = { documentation?: string; searchParam: { name: string }[]; type: string };
  const rest = async (): Promise<{ documentation?: string; resource: Stated[] }> =>
    (await ask('GET metadata')).body.rest[0];
  const patient = async (): Promise<Stated | undefined> =>
    (await rest()).resource.find(({ type }) => type === 'Patient');
  t.match((await rest()).documentation, /being indexed for new search parameters, 0 of 3 are done/);
  t.equal((await patient())?.documentation, 'Still being indexed: level.');
  t.notOk((await patient())?.searchParam.some(({ name }) => name === 'level'));
  letGo();
  await app.idle();
  t.equal((await ask('GET Patient?level=2', strict)).body.total, 1);
  t.same([(await rest()).documentation, (await patient())?.documentation], [undefined, undefined]);
  t.ok((await patient())?.searchParam.some(({ name }) => name === 'level'));
});

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
