/** Searches over HTTP: the Bundles that come back. */
import { pino } from 'pino';
import t from 'tap';
import { type Answer, startServer, type TestServer } from './start.ts';

const LOINC = 'http://loinc.org';

const resources = [
  { resourceType: 'Organization', id: 'iom', name: 'Clinic Mae Sot' },
  { resourceType: 'Practitioner', id: 'dr', name: [{ family: 'Nunez' }] },
  {
    resourceType: 'Patient',
    id: 'a',
    name: [{ family: 'Wah', given: ['Htoo'] }],
    gender: 'male',
    birthDate: '1984',
    managingOrganization: { reference: 'Organization/iom' },
  },
  { resourceType: 'Patient', id: 'b', name: [{ family: 'Wah', given: ['Paw'] }], gender: 'female' },
  {
    resourceType: 'Patient',
    id: 'c',
    name: [{ family: 'Win' }],
    link: [{ other: { reference: 'Patient/a' }, type: 'seealso' }],
  },
  ...['1', '2', '3', '4', '5'].map((n) => ({
    resourceType: 'Observation',
    id: `o${n}`,
    status: 'final',
    code: { coding: [{ system: LOINC, code: '29463-7' }], text: 'Body weight' },
    subject: { reference: n === '5' ? 'Patient/b' : 'Patient/a' },
    performer: [{ reference: 'Practitioner/dr' }],
    effectiveDateTime: `2026-01-0${n}`,
    valueQuantity: { value: 60 + Number(n), unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  })),
  {
    resourceType: 'MedicationRequest',
    id: 'rx',
    status: 'active',
    intent: 'order',
    contained: [
      {
        resourceType: 'Medication',
        id: 'm',
        code: { coding: [{ system: 'urn:m', code: 'inh' }] },
        status: 'active',
      },
      {
        resourceType: 'Medication',
        id: 'n',
        code: { coding: [{ system: 'urn:m', code: 'rif' }] },
        status: 'inactive',
      },
    ],
    medicationReference: { reference: '#m' },
    supportingInformation: [{ reference: '#n' }],
    subject: { reference: 'Patient/a' },
  },
];

async function filled(t: Parameters<typeof startServer>[0]): Promise<TestServer> {
  const server = await startServer(t);
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const answer = await server.ask('POST ', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
  t.equal(answer.status, 200, answer.text.slice(0, 500));
  return server;
}

interface Entry {
  readonly fullUrl: string;
  readonly resource: { readonly resourceType: string; readonly id: string };
  readonly search: { readonly mode: string };
}

/** `match o1 o2, include a`. */
function shape({ body }: Answer): string {
  const byMode = new Map<string, string[]>();
  for (const { resource, search } of (body.entry ?? []) as Entry[]) {
    const ids = byMode.get(search.mode) ?? [];
    byMode.set(search.mode, ids);
    ids.push(resource.id ?? resource.resourceType);
  }
  return [...byMode].map(([mode, ids]) => `${mode} ${ids.join(' ')}`).join(', ');
}

function link({ body }: Answer, relation: string): string | undefined {
  return body.link
    .find((one: { relation: string }) => one.relation === relation)
    ?.url.replace(/^.*\/fhir\//, '');
}

t.test('searches over HTTP', async (t) => {
  const { ask } = await filled(t);

  await t.test('return matches, what they include, and nothing twice', async (t) => {
    const cases: readonly (readonly [search: string, shape: string])[] = [
      ['Patient?family=wah&_sort=_id', 'match a b'],
      ['Observation?patient=a&_sort=-date', 'match o4 o3 o2 o1'],
      ['Observation?patient=a&_sort=date&_count=2', 'match o1 o2'],
      ['Observation?_sort=value-quantity&_count=1', 'match o1'],
      ['Observation?patient=b&_include=Observation:patient', 'match o5, include b'],
      [
        'Observation?_id=o1&_include=Observation:patient&_include:iterate=Patient:organization',
        'match o1, include a iom',
      ],
      ['Observation?_id=o1,o2&_sort=_id&_include=Observation:*', 'match o1 o2, include a dr'],
      [
        'Patient?_id=c&_include=Patient:link&_revinclude:iterate=MedicationRequest:subject',
        'match c, include a rx',
      ],
      ['Patient?_id=b&_revinclude=Observation:subject', 'match b, include o5'],
      ['Patient?_id=a,c&_include=Patient:link&_sort=_id', 'match a c'],
      ['Patient?_has:Observation:patient:date=2026-01-05', 'match b'],
      ['Patient/a/Observation?date=le2026-01-02&_sort=date', 'match o1 o2'],
      ['Patient/b/*?_sort=_id', 'match b o5'],
      ['?_type=Patient,Organization&_id=a,iom&_sort=_id', 'match a iom'],
      ['Patient?gender=male,female&_sort=-_id', 'match b a'],
      ['Patient?_sort=family,-given', 'match b a c'],
      ['Medication?_contained=true&code=inh', 'match rx'],
      ['Medication?_contained=true&_containedType=contained&code=inh', 'match m'],
      ['Medication?_contained=true&_containedType=contained&_sort=_id', 'match m n'],
      // one of them is inh, another inactive
      ['Medication?_contained=true&code=inh&status=inactive', ''],
      ['Medication?_contained=true&_containedType=contained&code:not=inh', 'match n'],
      ['Medication?_contained=true&_containedType=contained&status:not=active,inactive', ''],
      ['Medication?_contained=true&code:not=inh', 'match rx'],
      ['Medication?_contained=both&_containedType=contained&status=active', 'match m'],
      // a chain follows the reference that names it
      ['MedicationRequest?medication.code=inh', 'match rx'],
      ['MedicationRequest?medication.code=rif', ''],
      ['Patient?_filter=family eq "Wah" and not (gender eq female)', 'match a'],
    ];
    for (const [search, expected] of cases) {
      const answer = await ask(`GET ${search.replaceAll(' ', '%20').replaceAll('"', '%22')}`);
      t.equal(answer.status, 200, `${search} ${answer.status === 200 ? '' : answer.text}`);
      t.equal(shape(answer), expected, search);
    }
  });

  await t.test('count contained resources one by one', async (t) => {
    const cases: readonly (readonly [search: string, total: number])[] = [
      ['Medication?_contained=true&_total=accurate', 1],
      ['Medication?_contained=true&_containedType=contained&_total=accurate', 2],
      ['Medication?_contained=true&_containedType=contained&code:not=inh&_summary=count', 1],
      ['Medication?_contained=true&code=inh&status=inactive&_total=accurate', 0],
      ['Medication?_contained=true&code=inh&status=inactive&_count=0', 0],
      ['Medication?_contained=true&_containedType=contained', 2],
    ];
    for (const [search, total] of cases) t.equal((await ask(`GET ${search}`)).body.total, total, search);
  });

  await t.test('mean the same by GET, by POST, and by both', async (t) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const byPost = await ask('POST Observation/_search', { body: 'patient=a&_sort=date', headers });
    const byBoth = await ask('POST Observation/_search?patient=a', { body: '_sort=date', headers });
    t.equal(shape(byPost), 'match o1 o2 o3 o4');
    t.equal(shape(byBoth), 'match o1 o2 o3 o4');
    t.equal(shape(await ask('POST _search', { body: '_type=Patient&_id=a', headers })), 'match a');
  });

  await t.test('page on after a search by POST, with nothing of it in the address', async (t) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = 'family=wah&_count=1&_sort=given&_format=json&shoe=44';
    const first = await ask('POST Patient/_search', { body, headers });
    t.equal(link(first, 'self'), 'Patient?family=wah&_count=1&_sort=given&_format=json');
    const next = link(first, 'next') as string;
    t.match(next, /^Patient\?_format=json&_page=[\w-]+$/);
    const second = await ask(`GET ${next}`);
    t.same([shape(first), shape(second)], ['match a, outcome OperationOutcome', 'match b']);
    t.match(link(second, 'self'), /^Patient\?family=wah&_count=1&_sort=given&_format=json&_page=/);
    t.equal(shape(await ask(`GET ${link(second, 'self')}`)), 'match b', 'the self link works too');
    const back = await ask(`GET ${link(second, 'first')}`);
    t.same([shape(back), link(second, 'first')?.includes('wah')], ['match a', false]);
    const byForm = await ask('POST Patient/_search', { body: next.replace(/^.*\?/, ''), headers });
    t.equal(shape(byForm), 'match b', 'as a form, when it is too long for an address');
    for (const moved of [next.replace('Patient', 'Observation'), `${next}&family=win`, `${next}A`]) {
      t.equal((await ask(`GET ${moved}`)).status, 400, moved.slice(0, 30));
    }
    const inside = await ask('POST Patient/a/Observation/_search', { body: '_count=3&_sort=date', headers });
    t.equal(shape(await ask(`GET ${link(inside, 'next')}`)), 'match o4');
  });

  await t.test('page through everything once', async (t) => {
    const seen: string[] = [];
    let next: string | undefined = 'Observation?_count=2&_sort=-date&_total=accurate';
    while (next !== undefined) {
      const answer: Answer = await ask(`GET ${next}`);
      t.equal(answer.body.total, 5);
      seen.push(shape(answer));
      next = link(answer, 'next');
    }
    t.same(seen, ['match o5 o4', 'match o3 o2', 'match o1']);
  });

  await t.test('refuse a page token of another search', async (t) => {
    const next = link(await ask('GET Observation?_count=2'), 'next') as string;
    const moved = await ask(`GET ${next.replace('_count=2', '_count=3')}`);
    t.match([moved.status, moved.body.issue[0].details.text], [400, /This page link is not valid/]);
  });

  await t.test('show nobody in their page links', async (t) => {
    for (const sort of ['family', 'family,given', 'birthdate', '_id', '-_lastUpdated']) {
      const token =
        link(await ask(`GET Patient?_count=1&_sort=${sort}`), 'next')?.replace(/^.*_page=/, '') ?? '';
      const bytes = Buffer.from(token, 'base64url');
      t.ok(bytes.length > 28, sort);
      for (const shown of ['wah', 'Wah', 'htoo', '1984', '["'])
        t.equal(bytes.indexOf(shown), -1, `${sort} ${shown}`);
    }
  });

  await t.test('include the version that a reference names', async (t) => {
    const organization = { resourceType: 'Organization', id: 'old', name: 'Before' };
    await ask('PUT Organization/old', { body: organization });
    await ask('PUT Organization/old', { body: { ...organization, name: 'After' } });
    const patient = { resourceType: 'Patient', id: 'v', name: [{ family: 'Versioned' }] };
    const reference = 'Organization/old/_history/1';
    await ask('PUT Patient/v', { body: { ...patient, managingOrganization: { reference } } });
    const names = async (search: string): Promise<string[]> =>
      (await ask(`GET ${search}`)).body.entry
        .filter(({ search: { mode } }: Entry) => mode === 'include')
        .map(({ resource }: { resource: { name: string } }) => resource.name);
    t.same(await names('Patient?_id=v&_include=Patient:organization'), ['Before']);
    t.same(
      await names('?_id=v,old&_type=Patient,Organization&_include=Patient:organization'),
      ['Before'],
      'beside the present version on the same page',
    );
    const missing = { reference: 'Organization/old/_history/9' };
    await ask('PUT Patient/v', { body: { ...patient, managingOrganization: missing } });
    t.same(await names('Patient?_id=v&_include=Patient:organization'), []);
  });

  await t.test('say what they ignored, or refuse it', async (t) => {
    const lenient = await ask('GET Patient?shoe=44&family=win');
    t.equal(shape(lenient), 'match c, outcome OperationOutcome');
    t.equal(link(lenient, 'self'), 'Patient?family=win');
    t.match(lenient.body.entry[1].resource.issue[0].details.text, /'shoe'.*ignored/);
    const strict = await ask('GET Patient?shoe=44', { headers: { prefer: 'handling=strict' } });
    t.match([strict.status, strict.body.issue[0].details.text], [400, /has no search parameter 'shoe'/]);
    t.equal((await ask('GET Patient?birthdate=yesterday')).status, 400);
  });

  await t.test('count, summarise and thin out', async (t) => {
    const count = await ask('GET Observation?_summary=count&patient=a');
    t.same([count.body.total, count.body.entry], [4, undefined]);
    t.equal((await ask('GET Observation?_count=0&patient=a')).body.total, 4);
    const { resource } = (await ask('GET Observation?_id=o1&_elements=code')).body.entry[0];
    t.same(Object.keys(resource).sort(), ['code', 'id', 'meta', 'resourceType', 'status']);
    t.match(resource.meta.tag, [{ code: 'SUBSETTED' }]);
    const text = (await ask('GET Patient?_id=a&_summary=text')).body.entry[0].resource;
    t.same(Object.keys(text).sort(), ['id', 'meta', 'resourceType']);
  });
});

t.test('how a search is carried out is told to those who may ask', async (t) => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  const { ask } = await startServer(t, { PASSERELLE_SEARCH_EXPLAIN: 'true' }, log);
  const patient = { resourceType: 'Patient', id: 'a', name: [{ family: 'Wah' }], birthDate: '1984' };
  await ask('PUT Patient/a', { body: patient });
  type Remark = { code: string; details: { text: string }; diagnostics: string };
  const remarks = ({ body }: Answer): readonly Remark[] =>
    (body.entry ?? []).find(({ search }: Entry) => search.mode === 'outcome')?.resource.issue ?? [];
  const answer = await ask('GET Patient?family=wah&_sort=-birthdate&_explain');
  const [query, engine, ...steps] = remarks(answer);
  t.equal(shape(answer), 'match a, outcome OperationOutcome');
  t.equal(
    query?.diagnostics,
    'Patient: any(text Patient.family prefix "wah", text Patient.family:part prefix "wah")\n    by date Patient.birthdate down',
  );
  t.match(engine?.details.text, /^sqlite: 1 on this page, 1 in all, \d+ rows examined$/);
  t.ok(
    steps.some(({ diagnostics }) =>
      /^SELECT rid FROM ixs WHERE.*\n {2}SEARCH ixs USING PRIMARY KEY/.test(diagnostics),
    ),
    JSON.stringify(steps),
  );
  t.ok(
    steps.every(
      ({ code, details }) => code === 'informational' && /^step \d+ of \d+: .* ms$/.test(details.text),
    ),
  );
  t.equal(link(answer, 'self'), 'Patient?family=wah&_sort=-birthdate', 'it is no part of the search');
  const byHeader = await ask('GET Patient?family=wah', { headers: { 'x-explain': 'true' } });
  t.equal(remarks(byHeader)[0]?.details.text, 'query');
  const count = await ask('GET Patient?family=wah&_summary=count&_explain=true');
  t.same([count.body.total, remarks(count)[0]?.details.text], [1, 'query']);
  t.same(remarks(await ask('GET Patient?family=wah&_explain=false')), []);
  t.equal((await ask('GET Patient?_explain=perhaps')).status, 400);
  t.notOk(
    lines.some((line) => /wah|1984/i.test(line)),
    'nothing of it is logged',
  );

  const { ask: askOther } = await startServer(t);
  const off = await askOther('GET Patient?_explain', { headers: { 'x-explain': 'true' } });
  t.match(
    remarks(off).map(({ details }) => details.text),
    ["Parameter '_explain': it is switched off. It was ignored."],
  );
  const strict = await askOther('GET Patient?_explain', { headers: { prefer: 'handling=strict' } });
  t.equal(strict.status, 400);
});

t.test('the IOM parameters find what their extensions say', async (t) => {
  const { ask } = await startServer(t);
  const base = 'https://fhir.iom.int/mhd';
  const country = { coding: [{ system: 'urn:iso:std:iso:3166', code: 'MM' }] };
  const nationality = 'http://hl7.org/fhir/StructureDefinition/patient-nationality';
  const patient = {
    resourceType: 'Patient',
    id: 'p',
    name: [{ family: 'Wah' }],
    extension: [{ url: nationality, extension: [{ url: 'code', valueCodeableConcept: country }] }],
  };
  const episode = {
    resourceType: 'EpisodeOfCare',
    id: 'e',
    status: 'active',
    patient: { reference: 'Patient/p' },
    type: [{ coding: [{ system: `${base}/CodeSystem/programme-area`, code: 'H1-1' }] }],
    extension: [{ url: `${base}/StructureDefinition/planned-departure`, valueDateTime: '2026-02-03' }],
  };
  for (const resource of [patient, episode]) {
    const answer = await ask(`PUT ${resource.resourceType}/${resource.id}`, { body: resource });
    t.equal(answer.status, 201, answer.text.slice(0, 300));
  }
  const cases: readonly (readonly [search: string, shape: string])[] = [
    ['Patient?nationality=MM', 'match p'],
    ['Patient?nationality=urn:iso:std:iso:3166%7CTH', ''],
    ['EpisodeOfCare?programme=H1-1', 'match e'],
    ['EpisodeOfCare?planned-departure=2026-02&patient.nationality=MM', 'match e'],
    [
      'Patient?_has:EpisodeOfCare:patient:programme=H1-1&_revinclude=EpisodeOfCare:patient',
      'match p, include e',
    ],
  ];
  for (const [search, expected] of cases) t.equal(shape(await ask(`GET ${search}`)), expected, search);
});

t.test('the bounds of a search can be set', async (t) => {
  const { ask } = await startServer(t, {
    PASSERELLE_SEARCH_VALUES_MAX: '2',
    PASSERELLE_SEARCH_CHAIN_MAX: '1',
    PASSERELLE_SEARCH_CONTAINS_MIN: '4',
    PASSERELLE_SEARCH_EXPANSION_MAX: '8',
  });
  const cases: readonly (readonly [within: string, beyond: string])[] = [
    ['Patient?family=a,b', 'Patient?family=a,b,c'],
    ['Observation?patient.family=a', 'Observation?patient.link:Patient.family=a'],
    ['Patient?family:contains=abcd', 'Patient?family:contains=abc'],
    [
      'Observation?status:in=http://hl7.org/fhir/ValueSet/observation-status',
      'Encounter?status:in=http://hl7.org/fhir/ValueSet/encounter-status',
    ],
  ];
  for (const [within, beyond] of cases) {
    t.equal((await ask(`GET ${within}`)).status, 200, within);
    const { status, body } = await ask(`GET ${beyond}`);
    t.same([status, body.issue?.[0].code], [400, 'too-costly'], beyond);
  }
});

t.test('includes are bounded, and what is left out is said', async (t) => {
  const { ask } = await startServer(t, { PASSERELLE_INCLUDES_MAX: '3' });
  const entry = [
    ...Array.from({ length: 8 }, (_, at) => ({
      resourceType: 'Patient',
      id: `p${at}`,
      ...(at > 0 && { link: [{ other: { reference: `Patient/p${at - 1}` }, type: 'seealso' }] }),
    })),
    ...Array.from({ length: 5 }, (_, at) => ({
      resourceType: 'Observation',
      id: `o${at}`,
      status: 'final',
      code: { text: 'x' },
      subject: { reference: at < 3 ? 'Patient/p0' : 'Patient/p1' },
      performer: [{ reference: 'Patient/p2' }, { reference: 'Patient/p3' }],
    })),
  ].map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  t.equal((await ask('POST ', { body: { resourceType: 'Bundle', type: 'transaction', entry } })).status, 200);
  const cases: readonly (readonly [search: string, included: number, said: RegExp | undefined])[] = [
    ['Patient?_id=p0&_revinclude=Observation:subject', 3, undefined],
    ['Patient?_id=p1&_revinclude=Observation:subject', 2, undefined],
    ['Patient?_id=p0,p1&_revinclude=Observation:subject', 3, /more than 3; ask for fewer matches/],
    ['Observation?_id=o0&_include=Observation:*', 3, undefined],
    ['Observation?_id=o0,o3&_include=Observation:*', 3, /more than 3/],
    ['Patient?_id=p3&_include:iterate=Patient:link', 3, undefined],
    ['Patient?_id=p4&_include:iterate=Patient:link', 3, /more than 3/],
  ];
  for (const [search, included, said] of cases) {
    const { body } = await ask(`GET ${search}`);
    const entries = body.entry as Entry[];
    t.equal(entries.filter(({ search: { mode } }) => mode === 'include').length, included, search);
    const outcome = entries.find(({ search: { mode } }) => mode === 'outcome') as
      | { resource: { issue: { details: { text: string } }[] } }
      | undefined;
    const text = outcome?.resource.issue[0]?.details.text;
    if (said === undefined) t.equal(text, undefined, search);
    else t.match(text, said, search);
  }
  const { ask: askMore } = await startServer(t);
  await askMore('POST ', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
  for (const [id, included, isCut] of [
    ['p4', 4, false],
    ['p6', 5, true],
  ] as const) {
    const { body } = await askMore(`GET Patient?_id=${id}&_include:iterate=Patient:link`);
    const modes = (body.entry as Entry[]).map(({ search: { mode } }) => mode);
    t.equal(modes.filter((mode) => mode === 'include').length, included, `${id}: no more than 5 rounds`);
    t.equal(modes.includes('outcome'), isCut, `${id}: and it is said`);
  }
});
