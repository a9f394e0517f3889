/** What the walk through R4's search page is made over: examples of R4, and resources that show one thing each. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Resource } from '../../src/fhir/types.ts';

const EXAMPLES = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));

/** Examples that R4's own searches find. */
const EXAMPLE_NAMES = [
  'AllergyIntolerance-example',
  'AllergyIntolerance-fishallergy',
  'AllergyIntolerance-nka',
  'Group-101',
  'Group-102',
  'Group-herd1',
  'ImmunizationRecommendation-example',
  'RiskAssessment-breastcancer-risk',
  'RiskAssessment-cardiac',
  'RiskAssessment-riskexample',
] as const;

export const UCUM = 'http://unitsofmeasure.org';
export const LOINC = 'http://loinc.org';
const V2 = 'http://terminology.hl7.org/CodeSystem/v2-0203';

const concept = (system: string | undefined, code: string, more: object = {}): object => ({
  coding: [{ ...(system !== undefined && { system }), code, ...more }],
});

function observation(id: string, code: string, more: object): Resource {
  return { resourceType: 'Observation', id, status: 'final', code: concept(LOINC, code), ...more };
}

const dated = (id: string, effectiveDateTime: string): Resource =>
  observation(id, 'date', { effectiveDateTime });
const during = (id: string, start?: string, end?: string): Resource =>
  observation(id, 'date', { effectivePeriod: { ...(start && { start }), ...(end && { end }) } });
const measured = (id: string, value: number, rest: object): Resource =>
  observation(id, 'mass', { valueQuantity: { value, ...rest } });
const mg = { unit: 'mg', system: UCUM, code: 'mg' };
const valued = (id: string, value: object): Resource =>
  observation(id, 'coded', { valueCodeableConcept: value });
const about = (id: string, subject: object): Resource => observation(id, 'subject', { subject });
const section = (code: string): object => ({
  code: concept(LOINC, code),
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Nothing</div>' },
});
const allergy = (id: string, status?: string): Resource => ({
  resourceType: 'AllergyIntolerance',
  id,
  patient: { reference: 'Patient/eve' },
  ...(status === undefined
    ? {
        verificationStatus: concept(
          'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification',
          'entered-in-error',
        ),
      }
    : {
        clinicalStatus: concept('http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', status),
      }),
  code: concept('http://acme.org/allergens', id),
});
const valueSet = (id: string, url: string, version?: string): Resource => ({
  resourceType: 'ValueSet',
  id,
  url,
  status: 'draft',
  ...(version && { version }),
});

const people: readonly Resource[] = [
  {
    resourceType: 'Patient',
    id: 'eve',
    meta: {
      tag: [{ system: 'http://acme.org/codes', code: 'needs-review' }],
      security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }],
      profile: ['http://hl7.org/fhir/StructureDefinition/Patient'],
      source: 'http://example.com/Organization/45',
    },
    text: {
      status: 'generated',
      div: '<div xmlns="http://www.w3.org/1999/xhtml">Bone and <b>metastases</b></div>',
    },
    identifier: [
      { system: 'http://acme.org/patient', value: '2345', type: concept(V2, 'MR') },
      { value: '446053', type: { ...concept(V2, 'PPN'), text: 'Passport of the parents' } },
      { system: 'urn:x', value: 'a|b,c$d\\e' },
    ],
    active: true,
    name: [{ family: 'Carreno Quinones', given: ['Eve', 'Mary Ann'], prefix: ['Dr'], use: 'official' }],
    telecom: [
      { system: 'phone', value: '+1 (555) 234-789', use: 'home' },
      { system: 'email', value: 'Eve@Example.org' },
    ],
    gender: 'male',
    birthDate: '1970-03-05',
    address: [{ use: 'temp', line: ['12 Rue  de l’Église'], city: 'Genève', postalCode: '1202' }],
    communication: [
      { language: concept('urn:ietf:bcp:47', 'fr') },
      { language: concept('urn:ietf:bcp:47', 'en') },
    ],
    generalPractitioner: [{ reference: 'Practitioner/joe' }, { reference: 'Practitioner/jane' }],
    managingOrganization: { reference: 'Organization/org' },
  },
  {
    resourceType: 'Patient',
    id: 'evelyn',
    name: [{ family: "O'Brien-Smith", given: ['Evelyn'] }],
    gender: 'female',
    birthDate: '1970',
    deceasedBoolean: false,
    communication: [{ language: concept('urn:ietf:bcp:47', 'nl') }],
    managingOrganization: { identifier: { system: 'urn:o', value: '7' }, display: 'by its number' },
  },
  {
    resourceType: 'Patient',
    id: 'severine',
    meta: { tag: [{ code: 'bare' }] },
    name: [{ family: 'Müller', given: ['Severine'] }],
    _birthDate: {
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
      ],
    },
    deceasedDateTime: '2020-01-01',
    communication: [{ language: concept('urn:ietf:bcp:47', 'fr') }],
  },
  { resourceType: 'Patient', id: 'twin', name: [{ family: 'Twin' }], birthDate: '1980' },
  { resourceType: 'Group', id: 'twin', type: 'person', actual: true },
  {
    resourceType: 'Practitioner',
    id: 'joe',
    name: [{ family: 'Of Both', given: ['Joe'] }],
    address: [{ state: 'CA' }],
  },
  {
    resourceType: 'Practitioner',
    id: 'jane',
    name: [{ family: 'Doe', given: ['Jane'] }],
    address: [{ state: 'MN' }],
  },
  {
    resourceType: 'Organization',
    id: 'org',
    name: 'Good Health',
    partOf: { reference: 'Organization/above' },
  },
  { resourceType: 'Organization', id: 'above', name: 'Ministry' },
];

const observations: readonly Resource[] = [
  dated('day', '2013-01-14'),
  dated('ten', '2013-01-14T10:00:00Z'),
  dated('midnight', '2013-01-14T00:00:00Z'),
  dated('next', '2013-01-15T00:00:00Z'),
  dated('month', '2013-01'),
  dated('year', '2013'),
  dated('last', '2013-01-14T23:59:59.999Z'),
  dated('west', '2013-01-14T23:00:00-05:00'),
  during('around', '2013-01-10', '2013-01-20'),
  during('from', '2013-01-21', undefined),
  during('until', undefined, '2013-01-21'),
  during('hour', '2013-01-14T12:00:00Z', '2013-01-14T13:00:00Z'),
  observation('instant', 'instant', { effectiveInstant: '2015-02-07T13:28:17Z' }),
  observation('second', 'instant', { effectiveDateTime: '2015-02-07T13:28:17Z' }),
  observation('timing', 'timing', {
    effectiveTiming: {
      repeat: {
        boundsPeriod: { start: '2013-01-31', end: '2013-03-24' },
        period: 2,
        periodUnit: 'd',
        frequency: 1,
      },
    },
  }),
  measured('q54', 5.4, mg),
  measured('q540', 5.4, mg),
  measured('q535', 5.35, mg),
  measured('q545', 5.45, mg),
  measured('qg', 0.0054, { unit: 'g', system: UCUM, code: 'g' }),
  measured('qunit', 5.4, { unit: 'mg' }),
  measured('q100', 100, mg),
  measured('q99', 99.6, mg),
  measured('qover', 5, { ...mg, comparator: '>' }),
  valued('first', concept('http://acme.org/c', 'one', { display: 'Headache behind the eyes' })),
  valued('second-of-two', {
    coding: [
      { system: 'http://acme.org/other', code: 'one' },
      { system: 'http://acme.org/c', code: 'two' },
    ],
  }),
  valued('no-system', { coding: [{ code: 'one' }], text: 'Some head cold' }),
  valued('comma', concept('http://acme.org/c', 'a,b')),
  valued('dollar', concept('http://acme.org/c', 'xx$xx')),
  valued('backslash', concept('http://acme.org/c', 'xx\\xx')),
  observation('no-value', 'coded', {}),
  about('relative', { reference: 'Patient/eve' }),
  about('absolute', { reference: 'http://localhost/fhir/Patient/eve' }),
  about('versioned', { reference: 'Patient/evelyn/_history/1' }),
  about('foreign', { reference: 'http://other.example/fhir/Patient/eve' }),
  about('logical', { identifier: { system: 'http://acme.org/mrn', value: '123456' } }),
  about('uuid', { reference: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' }),
  about('of-twin', { reference: 'Patient/twin' }),
  about('of-group', { reference: 'Group/twin' }),
  observation('pressure', '85354-9', {
    subject: { reference: 'Patient/eve' },
    component: [
      {
        code: concept(LOINC, '8480-6'),
        valueQuantity: { value: 55, unit: 'mmHg', system: UCUM, code: 'mm[Hg]' },
      },
      {
        code: concept(LOINC, '8462-4'),
        valueQuantity: { value: 90, unit: 'mmHg', system: UCUM, code: 'mm[Hg]' },
      },
    ],
  }),
  observation('potassium', '2823-3', {
    subject: { reference: 'Patient/eve' },
    valueQuantity: { value: 5.9, unit: 'mmol/L', system: UCUM, code: 'mmol/L' },
    hasMember: [{ reference: 'Observation/pressure' }],
  }),
];

const rest: readonly Resource[] = [
  {
    resourceType: 'DiagnosticReport',
    id: 'report',
    status: 'final',
    code: concept(LOINC, 'panel'),
    subject: { reference: 'Patient/eve' },
    result: [{ reference: 'Observation/potassium' }],
  },
  {
    resourceType: 'Composition',
    id: 'with-allergies',
    status: 'final',
    type: concept(LOINC, '60591-5'),
    date: '2024',
    title: 'Summary',
    author: [{ reference: 'Practitioner/joe' }],
    section: [section('48765-2'), section('10160-0')],
  },
  {
    resourceType: 'Composition',
    id: 'without',
    status: 'final',
    type: concept(LOINC, '60591-5'),
    date: '2024',
    title: 'Other',
    author: [{ reference: 'Practitioner/joe' }],
    section: [section('10160-0')],
  },
  allergy('active', 'active'),
  allergy('inactive', 'inactive'),
  allergy('unknown'),
  valueSet('vs123', 'http://acme.org/fhir/ValueSet/123', '3.0'),
  valueSet('vsabove', 'http://acme.org/fhir/ValueSet'),
  valueSet('vslike', 'http://acme.org/fhirs/ValueSet/123'),
  valueSet('vsoid', 'urn:oid:1.2.3.4.5'),
  {
    resourceType: 'QuestionnaireResponse',
    id: 'any-version',
    status: 'completed',
    questionnaire: 'http://acme.org/Questionnaire/q',
    subject: { reference: 'Patient/eve' },
  },
  ...['1.0', '1.1', '2.0'].map((version) => ({
    resourceType: 'QuestionnaireResponse',
    id: `v${version}`,
    status: 'completed',
    questionnaire: `http://acme.org/Questionnaire/q|${version}`,
  })),
  {
    resourceType: 'Questionnaire',
    id: 'q1',
    url: 'http://acme.org/Questionnaire/q',
    version: '1.0',
    status: 'draft',
  },
  {
    resourceType: 'Questionnaire',
    id: 'q2',
    url: 'http://acme.org/Questionnaire/q',
    version: '2.0',
    status: 'draft',
  },
  {
    resourceType: 'DocumentReference',
    id: 'charset',
    status: 'current',
    content: [{ attachment: { contentType: 'text/xml; charset=UTF-8', url: 'http://acme.org/1' } }],
    relatesTo: [
      { code: 'replaces', target: { reference: 'DocumentReference/plain' } },
      { code: 'appends', target: { reference: 'DocumentReference/elsewhere' } },
    ],
  },
  {
    resourceType: 'DocumentReference',
    id: 'plain',
    status: 'current',
    content: [{ attachment: { contentType: 'text/xml', url: 'http://acme.org/2' } }],
  },
  {
    resourceType: 'Location',
    id: '42',
    name: 'Hospital',
    position: { latitude: 42.256, longitude: -83.694 },
  },
  { resourceType: 'Location', id: '43', name: 'Ward', partOf: { reference: 'Location/42' } },
  {
    resourceType: 'Procedure',
    id: 'in-hospital',
    status: 'completed',
    subject: { reference: 'Patient/eve' },
    performedPeriod: { start: '2010-06-01', end: '2010-06-02' },
    location: { reference: 'Location/42' },
  },
  {
    resourceType: 'Procedure',
    id: 'in-ward',
    status: 'completed',
    subject: { reference: 'Patient/eve' },
    performedDateTime: '2012-01-01',
    location: { reference: 'Location/43' },
  },
  {
    resourceType: 'Encounter',
    id: 'outer',
    status: 'finished',
    class: { code: 'IMP' },
    subject: { reference: 'Patient/eve' },
  },
  {
    resourceType: 'Encounter',
    id: 'inner',
    status: 'finished',
    class: { code: 'IMP' },
    subject: { reference: 'Patient/eve' },
    partOf: { reference: 'Encounter/outer' },
  },
  {
    resourceType: 'ServiceRequest',
    id: 'in-outer',
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/eve' },
    encounter: { reference: 'Encounter/outer' },
  },
  {
    resourceType: 'ServiceRequest',
    id: 'in-inner',
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/eve' },
    encounter: { reference: 'Encounter/inner' },
  },
  {
    resourceType: 'AuditEvent',
    id: 'audit',
    type: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110110' },
    recorded: '2024-01-01T00:00:00Z',
    agent: [{ requestor: true, altId: 'MyUserId' }],
    source: { observer: { display: 'x' } },
    entity: [{ what: { reference: 'Observation/pressure' } }],
  },
  {
    resourceType: 'List',
    id: '42',
    status: 'current',
    mode: 'working',
    entry: [{ item: { reference: 'Patient/eve' } }, { item: { reference: 'Patient/evelyn' } }],
  },
  {
    resourceType: 'MedicationRequest',
    id: 'rx',
    status: 'active',
    intent: 'order',
    contained: [
      {
        resourceType: 'Medication',
        id: 'm1',
        ingredient: [{ itemCodeableConcept: concept('http://acme.com/medications', 'abc') }],
      },
    ],
    medicationReference: { reference: '#m1' },
    subject: { reference: 'Patient/eve' },
    requester: { reference: 'Practitioner/joe' },
  },
  {
    resourceType: 'MedicationDispense',
    id: 'dispense',
    status: 'completed',
    medicationCodeableConcept: { text: 'x' },
    subject: { reference: 'Patient/eve' },
    authorizingPrescription: [{ reference: 'MedicationRequest/rx' }],
  },
  {
    resourceType: 'Medication',
    id: 'apart',
    ingredient: [{ itemCodeableConcept: concept('http://acme.com/medications', 'abc') }],
  },
  {
    resourceType: 'Provenance',
    id: 'signed',
    target: [{ reference: 'MedicationRequest/rx' }],
    recorded: '2024-01-01T00:00:00Z',
    agent: [{ who: { reference: 'Practitioner/joe' } }],
  },
  {
    resourceType: 'Group',
    id: 'mixed',
    type: 'person',
    actual: false,
    characteristic: [
      {
        code: { coding: [{ code: 'gender' }] },
        valueCodeableConcept: { coding: [{ code: 'mixed' }] },
        exclude: false,
      },
      {
        code: { coding: [{ code: 'owner' }] },
        valueCodeableConcept: { coding: [{ code: 'Joe' }] },
        exclude: false,
      },
    ],
  },
  {
    resourceType: 'Group',
    id: 'swapped',
    type: 'person',
    actual: false,
    characteristic: [
      {
        code: { coding: [{ code: 'gender' }] },
        valueCodeableConcept: { coding: [{ code: 'Joe' }] },
        exclude: false,
      },
      {
        code: { coding: [{ code: 'owner' }] },
        valueCodeableConcept: { coding: [{ code: 'mixed' }] },
        exclude: false,
      },
    ],
  },
];

export const resources: readonly Resource[] = [
  ...EXAMPLE_NAMES.map(
    (name) => JSON.parse(readFileSync(join(EXAMPLES, `${name}.json`), 'utf8')) as Resource,
  ),
  ...people,
  ...observations,
  ...rest,
];
