/** Single writes beyond the conformance suite: settings, labels, preferences, patches, concurrency. */
import t from 'tap';
import { startServer } from '../http/start.ts';

const patient = (more: object = {}) => ({ resourceType: 'Patient', name: [{ family: 'Wah' }], ...more });
const JSON_PATCH = { 'content-type': 'application/json-patch+json' };

t.test('Prefer decides what a write answers with', async (t) => {
  const { ask } = await startServer(t);
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['', 'Patient'],
    ['return=representation', 'Patient'],
    ['return=minimal', undefined],
    ['handling=strict; return=OperationOutcome', 'OperationOutcome'],
    ['return=wibble', 'Patient'],
  ];
  for (const [prefer, type] of cases) {
    const answer = await ask('POST Patient', {
      body: patient(),
      headers: { prefer },
    });
    t.equal(answer.status, 201, prefer);
    t.equal(answer.body?.resourceType, type, prefer);
    t.match(answer.headers, { etag: 'W/"1"', location: /\/Patient\/[^/]+\/_history\/1$/ }, prefer);
  }
});

t.test('a delete answers 200 with an outcome, also for what is not there', async (t) => {
  const { ask } = await startServer(t);
  await ask('PUT Patient/a', { body: patient({ id: 'a' }) });
  for (const request of ['DELETE Patient/a', 'DELETE Patient/a', 'DELETE Patient/never']) {
    const { status, body } = await ask(request);
    t.equal(status, 200, request);
    t.match(body, { resourceType: 'OperationOutcome', issue: [{ severity: 'information' }] });
  }
  const { body } = await ask('GET Patient/a/_history');
  t.strictSame(
    body.entry.map((one: { request: { method: string } }) => one.request.method),
    ['DELETE', 'PUT'],
    'deleting twice makes one tombstone',
  );
});

t.test(
  'tags, security labels and profiles stay on update and go by patch and $meta-delete, which makes no version',
  async (t) => {
    const { ask } = await startServer(t);
    const coding = (code: string) => ({ system: 'urn:test', code });
    const meta = {
      tag: [coding('a')],
      security: [coding('R')],
      profile: ['http://hl7.org/fhir/StructureDefinition/Patient'],
    };
    await ask('PUT Patient/a', { body: patient({ id: 'a', meta }) });
    const updated = await ask('PUT Patient/a', {
      body: patient({ id: 'a', meta: { tag: [{ ...coding('a'), display: 'new' }, coding('b')] } }),
    });
    t.match(updated.body.meta, {
      tag: [{ code: 'a', display: 'new' }, { code: 'b' }],
      security: [{ code: 'R' }],
    });
    t.strictSame(updated.body.meta.profile, meta.profile);
    const patched = await ask('PATCH Patient/a', {
      body: '[{"op":"remove","path":"/meta/tag/0"}]',
      headers: JSON_PATCH,
    });
    t.strictSame(patched.body.meta.tag, [coding('b')]);
    const named = (codes: string[]) => ({
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: { security: codes.map(coding) } }],
    });
    const before = await ask('GET Patient/a');
    const less = await ask('POST Patient/a/$meta-delete', { body: named(['R']) });
    t.equal(less.body.parameter[0].valueMeta.security, undefined);
    const { security: _, ...others } = before.body.meta;
    t.strictSame((await ask('GET Patient/a')).body.meta, others, 'same version, same time');
    t.equal(less.headers.etag, before.headers.etag);
    t.equal((await ask('GET Patient?_security=urn:test|R')).body.entry, undefined, 'the index follows');
    const more = await ask('POST Patient/a/$meta-add', { body: named(['V', 'V']) });
    t.match(more.body.parameter[0], {
      name: 'return',
      valueMeta: { tag: [coding('b')], security: [coding('V')] },
    });
    t.strictSame((await ask('GET Patient/a/$meta')).body.parameter[0].valueMeta.security, [coding('V')]);
    t.equal((await ask('GET Patient/a/$meta-add')).status, 405);
    t.equal((await ask('POST Patient/a/$meta-add', { body: patient() })).status, 400);
    t.equal((await ask('GET Patient/a/_history')).body.total, 3, 'three writes, three versions');
    const stale = { body: named(['W']), headers: { 'if-match': 'W/"2"' } };
    t.equal((await ask('POST Patient/a/$meta-add', stale)).status, 412);
    const wrong = named([]);
    Object.assign(wrong.parameter[0]?.valueMeta as object, { tag: [{ system: 5 }] });
    t.equal((await ask('POST Patient/a/$meta-add', { body: wrong })).status, 422);
  },
);

t.test('versions of the past have labels of their own, and labels in use are listed', async (t) => {
  const { ask } = await startServer(t);
  const tagged = (...codes: string[]) => ({ tag: codes.map((code) => ({ system: 'urn:t', code })) });
  const named = (meta: object) => ({
    resourceType: 'Parameters',
    parameter: [{ name: 'meta', valueMeta: meta }],
  });
  const metaAt = async (path: string) => (await ask(`GET ${path}/$meta`)).body.parameter[0].valueMeta;
  await ask('PUT Patient/a', { body: patient({ id: 'a', meta: tagged('one') }) });
  await ask('PUT Patient/a', { body: patient({ id: 'a' }) });
  const added = await ask('POST Patient/a/_history/1/$meta-add', {
    body: named(tagged('past', 'a|b,c$d\\e')),
  });
  t.equal(added.headers.etag, 'W/"1"');
  const old = await ask('GET Patient/a/_history/1');
  t.strictSame(old.body.meta.tag, [...tagged('one', 'past', 'a|b,c$d\\e').tag]);
  t.equal(old.body.meta.versionId, '1');
  t.strictSame((await metaAt('Patient/a/_history/1')).tag, old.body.meta.tag);
  t.strictSame((await ask('GET Patient/a')).body.meta.tag, tagged('one').tag, 'the current version stays');
  t.equal((await ask('POST Patient/a/_history/9/$meta-add', { body: named(tagged('x')) })).status, 404);
  t.equal((await ask('GET Patient/a/_history/1/$everything')).status, 404, 'others are not for versions');
  const odd = 'a|b,c$d\\e';
  const profile = ['http://hl7.org/fhir/StructureDefinition/Basic'];
  const basic = { resourceType: 'Basic', code: { text: 'x' }, meta: { ...tagged(odd), profile } };
  const { body } = await ask('POST Basic', { body: basic });
  t.strictSame(await metaAt('Patient'), tagged('one'), 'of a type');
  t.strictSame(await metaAt('Basic'), { profile, ...tagged(odd) });
  t.strictSame(
    (await ask('GET $meta')).body.parameter[0].valueMeta,
    { profile, ...tagged(odd, 'one') },
    'of the whole system',
  );
  await ask(`POST Basic/${body.id}/$meta-delete`, { body: named(tagged(odd)) });
  t.strictSame(await metaAt('Basic'), { profile }, 'what is no longer in use is not listed');
  t.equal((await ask('POST Patient/$meta-add', { body: named({}) })).status, 404);
});

t.test('a profile that the new content does not meet is claimed no more', async (t) => {
  const { ask } = await startServer(t);
  const vitals = 'http://hl7.org/fhir/StructureDefinition/bodyweight';
  const weight = {
    resourceType: 'Observation',
    id: 'w',
    meta: { profile: [vitals, 'http://example.org/not-loaded'] },
    status: 'final',
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' },
        ],
      },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    subject: { reference: 'Patient/a' },
    effectiveDateTime: '2026-01-01',
    valueQuantity: { value: 70, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  };
  const claims = async (request: string, body: object) => (await ask(request, { body })).body.meta.profile;
  await ask('PUT Patient/a', { body: patient({ id: 'a' }) });
  await ask('PUT Observation/w', { body: weight });
  const { meta: _, ...bare } = weight;
  t.strictSame(await claims('PUT Observation/w', bare), weight.meta.profile, 'still true, and not testable');
  const { category: __, ...unlike } = bare;
  t.strictSame(await claims('PUT Observation/w', unlike), ['http://example.org/not-loaded']);
  const entry = [{ resource: bare, request: { method: 'PUT', url: 'Observation?_id=w' } }];
  await ask('POST ', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
  t.strictSame((await ask('GET Observation/w')).body.meta.profile, ['http://example.org/not-loaded']);
});

t.test('settings make writes stricter', async (t) => {
  const { ask } = await startServer(t, {
    PASSERELLE_IF_MATCH_REQUIRED: 'true',
    PASSERELLE_UPDATE_CREATES: 'false',
    PASSERELLE_REQUIRE_PROFILES: 'Group=iom.mhd,Basic=http://hl7.org/fhir/StructureDefinition/Basic',
  });
  const { body, headers } = await ask('POST Patient', { body: patient() });
  const again = { body: patient({ id: body.id }) };
  t.equal((await ask(`PUT Patient/${body.id}`, again)).status, 400);
  t.equal((await ask(`DELETE Patient/${body.id}`)).status, 400);
  t.equal((await ask(`PUT Patient/${body.id}`, { ...again, headers: { 'if-match': 'W/"9"' } })).status, 412);
  t.equal(
    (await ask(`PUT Patient/${body.id}`, { ...again, headers: { 'if-match': String(headers.etag) } })).status,
    200,
  );
  t.equal((await ask('PUT Patient/mine', { body: patient({ id: 'mine' }) })).status, 405);
  const group = { resourceType: 'Group', type: 'person', actual: true };
  const refused = await ask('POST Group', { body: group });
  t.equal(refused.status, 422);
  t.equal(refused.body.issue[0].details.coding[0].code, 'profile-mandatory');
  t.match(refused.body.issue[0].details.text, 'iom.mhd');
  const basic = { resourceType: 'Basic', code: { text: 'x' } };
  t.equal((await ask('POST Basic', { body: basic })).status, 422);
  const claimed = { ...basic, meta: { profile: ['http://hl7.org/fhir/StructureDefinition/Basic|4.0.1'] } };
  t.equal((await ask('POST Basic', { body: claimed })).status, 201);
});

t.test('a conditional delete takes one, or many up to the limit when that is allowed', async (t) => {
  const tagged = (code: string) => patient({ meta: { tag: [{ system: 'urn:test', code }] } });
  const single = await startServer(t);
  for (let i = 0; i < 2; i++) await single.ask('POST Patient', { body: tagged('x') });
  t.equal((await single.ask('DELETE Patient?_tag=urn:test|x')).status, 412);
  t.equal((await single.ask('DELETE Patient?_count=5')).status, 400, 'without criteria nothing is deleted');
  const multiple = await startServer(t, {
    PASSERELLE_CONDITIONAL_DELETE: 'multiple',
    PASSERELLE_CONDITIONAL_DELETES_MAX: '3',
  });
  for (let i = 0; i < 3; i++) await multiple.ask('POST Patient', { body: tagged('x') });
  for (let i = 0; i < 4; i++) await multiple.ask('POST Patient', { body: tagged('y') });
  t.match((await multiple.ask('DELETE Patient?_tag=urn:test|x')).body.issue[0].details.text, '3 resources');
  t.equal((await multiple.ask('GET Patient?_tag=urn:test|x&_summary=count')).body.total, 0);
  t.equal((await multiple.ask('DELETE Patient?_tag=urn:test|y')).status, 412);
  t.equal((await multiple.ask('GET Patient?_tag=urn:test|y&_summary=count')).body.total, 4);
  t.equal((await multiple.ask('DELETE Patient?_tag=urn:test|none')).status, 200);
});

t.test('of many writers that name the same version one wins', async (t) => {
  const { ask } = await startServer(t);
  await ask('PUT Patient/a', { body: patient({ id: 'a' }) });
  const write = (i: number) =>
    ask('PUT Patient/a', {
      body: patient({ id: 'a', active: i % 2 === 0 }),
      headers: { 'if-match': 'W/"1"' },
    });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => write(i)));
  const statuses = answers.map(({ status }) => status);
  t.equal(statuses.filter((status) => status === 200).length, 1);
  t.equal(statuses.filter((status) => status === 412).length, 19);
});

t.test('writers that name no version all get through, one version each', async (t) => {
  const { ask } = await startServer(t, { PASSERELLE_CONFLICT_RETRIES_MAX: '100' });
  await ask('PUT Patient/a', { body: patient({ id: 'a' }) });
  const patch = () =>
    ask('PATCH Patient/a', {
      body: '[{"op":"add","path":"/name/-","value":{"family":"x"}}]',
      headers: JSON_PATCH,
    });
  const answers = await Promise.all(Array.from({ length: 20 }, patch));
  t.strictSame([...new Set(answers.map(({ status }) => status))], [200]);
  const { body } = await ask('GET Patient/a');
  t.equal(body.meta.versionId, '21');
  t.equal(body.name.length, 21, 'no patch was lost');
});

t.test('conditional creates that race make one resource', async (t) => {
  const { ask } = await startServer(t);
  const body = patient({ identifier: [{ system: 'urn:test', value: '1' }] });
  const create = () => ask('POST Patient', { body, headers: { 'if-none-exist': 'identifier=urn:test|1' } });
  const answers = await Promise.all(Array.from({ length: 20 }, create));
  t.equal(answers.filter(({ status }) => status === 201).length, 1);
  t.equal(answers.filter(({ status }) => status === 200).length, 19);
  t.equal(new Set(answers.map((answer) => answer.body.id)).size, 1);
});

t.test('FHIRPath Patch changes what R4 says', async (t) => {
  const { ask } = await startServer(t);
  const part = (name: string, value: object) => ({ name, ...value });
  const patchOf = (parts: Record<string, object>) => ({
    resourceType: 'Parameters',
    parameter: [{ name: 'operation', part: Object.entries(parts).map(([name, value]) => part(name, value)) }],
  });
  const start = patient({
    id: 'a',
    name: [
      { use: 'official', family: 'Wah', given: ['A', 'B', 'C'], _given: [null, { id: 'b' }, null] },
      { family: 'Htoo' },
    ],
    deceasedBoolean: false,
    extension: [{ url: 'http://x.org/d', valueDecimal: 1.5 }],
  });
  const cases: readonly (readonly [string, Record<string, object>, object | number])[] = [
    [
      'add',
      {
        type: { valueCode: 'add' },
        path: { valueString: 'Patient' },
        name: { valueString: 'birthDate' },
        value: { valueDate: '1984' },
      },
      { birthDate: '1984' },
    ],
    [
      'append',
      {
        type: { valueCode: 'add' },
        path: { valueString: 'Patient.name[1]' },
        name: { valueString: 'given' },
        value: { valueString: 'X' },
      },
      { name: [{}, { given: ['X'] }] },
    ],
    [
      'add a choice',
      {
        type: { valueCode: 'add' },
        path: { valueString: 'Patient' },
        name: { valueString: 'multipleBirth' },
        value: { valueInteger: 2 },
      },
      { multipleBirthInteger: 2 },
    ],
    [
      'add a backbone',
      {
        type: { valueCode: 'add' },
        path: { valueString: 'Patient' },
        name: { valueString: 'contact' },
        value: {
          part: [
            { name: 'name', valueHumanName: { text: 'Mum' } },
            { name: 'gender', valueCode: 'female' },
          ],
        },
      },
      { contact: [{ name: { text: 'Mum' }, gender: 'female' }] },
    ],
    [
      'replace',
      {
        type: { valueCode: 'replace' },
        path: { valueString: "Patient.name.where(use = 'official').family" },
        value: { valueString: 'Paw' },
      },
      { name: [{ family: 'Paw' }, { family: 'Htoo' }] },
    ],
    [
      'replace a choice',
      {
        type: { valueCode: 'replace' },
        path: { valueString: 'Patient.deceased' },
        value: { valueDateTime: '2026-01-01' },
      },
      { deceasedBoolean: undefined, deceasedDateTime: '2026-01-01' },
    ],
    [
      'replace in a list',
      {
        type: { valueCode: 'replace' },
        path: { valueString: 'Patient.name[0].given[1]' },
        value: { valueString: 'Z' },
      },
      { name: [{ given: ['A', 'Z', 'C'], _given: undefined }, {}] },
    ],
    [
      'delete',
      { type: { valueCode: 'delete' }, path: { valueString: 'Patient.name[1]' } },
      { name: [{ use: 'official' }] },
    ],
    [
      'delete in a list',
      { type: { valueCode: 'delete' }, path: { valueString: "Patient.name[0].given.where($this = 'A')" } },
      { name: [{ given: ['B', 'C'], _given: [{ id: 'b' }, null] }, {}] },
    ],
    [
      'delete nothing',
      { type: { valueCode: 'delete' }, path: { valueString: 'Patient.photo' } },
      { id: 'a' },
    ],
    [
      'insert',
      {
        type: { valueCode: 'insert' },
        path: { valueString: 'Patient.name[0].given' },
        index: { valueInteger: 1 },
        value: { valueString: 'X' },
      },
      { name: [{ given: ['A', 'X', 'B', 'C'], _given: [null, null, { id: 'b' }, null] }, {}] },
    ],
    [
      'move',
      {
        type: { valueCode: 'move' },
        path: { valueString: 'Patient.name[0].given' },
        source: { valueInteger: 2 },
        destination: { valueInteger: 0 },
      },
      { name: [{ given: ['C', 'A', 'B'], _given: [null, null, { id: 'b' }] }, {}] },
    ],
    [
      'replace nothing',
      {
        type: { valueCode: 'replace' },
        path: { valueString: 'Patient.birthDate' },
        value: { valueDate: '1984' },
      },
      422,
    ],
    [
      'add what is there',
      {
        type: { valueCode: 'add' },
        path: { valueString: 'Patient' },
        name: { valueString: 'deceased' },
        value: { valueBoolean: true },
      },
      422,
    ],
    [
      'add an unknown element',
      {
        type: { valueCode: 'add' },
        path: { valueString: 'Patient' },
        name: { valueString: 'wibble' },
        value: { valueBoolean: true },
      },
      422,
    ],
    ['delete several', { type: { valueCode: 'delete' }, path: { valueString: 'Patient.name' } }, 422],
    [
      'insert too far',
      {
        type: { valueCode: 'insert' },
        path: { valueString: 'Patient.name' },
        index: { valueInteger: 9 },
        value: { valueHumanName: { text: 'x' } },
      },
      422,
    ],
    ['no FHIRPath', { type: { valueCode: 'delete' }, path: { valueString: 'Patient.name[' } }, 400],
    ['no type', { path: { valueString: 'Patient.name' } }, 400],
    ['unknown type', { type: { valueCode: 'spin' }, path: { valueString: 'Patient.name' } }, 400],
  ];
  for (const [name, parts, expected] of cases) {
    const put = await ask('PUT Patient/a', { body: start });
    t.match(put.status, /200|201/, put.text.slice(0, 300));
    const answer = await ask('PATCH Patient/a', { body: patchOf(parts) });
    if (typeof expected === 'number')
      t.equal(answer.status, expected, `${name}: ${answer.text.slice(0, 200)}`);
    else t.match(answer.body, expected, name);
  }
});
