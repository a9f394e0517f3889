/** _summary and _elements: what is left of a resource. */
import t from 'tap';
import type { Resource } from '../../src/fhir/types.ts';
import { createProjection } from '../../src/search/project.ts';
import type { SummaryMode } from '../../src/search/search-request.ts';
import { model } from './world.ts';

const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };
const patient: Resource = {
  resourceType: 'Patient',
  id: 'p',
  meta: { versionId: '2', tag: [{ code: 'x' }] },
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Ram</div>' },
  extension: [{ url: 'http://x', valueString: 'y' }],
  identifier: [{ system: 'urn:a', value: '1' }],
  active: true,
  name: [{ family: 'Tamang', given: ['Ram'] }, { text: 'R. T.' }],
  gender: 'male',
  _birthDate: {
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
  },
  maritalStatus: { text: 'single' },
  contact: [{ name: { text: 'Sita' } }],
  link: [{ other: { reference: 'Patient/q' }, type: 'seealso' }],
} as Resource;
const observation: Resource = {
  resourceType: 'Observation',
  id: 'o',
  status: 'final',
  code: { text: 'Weight' },
  valueQuantity: { value: 61.5 },
  note: [{ text: 'boots' }],
  component: [{ code: { text: 'part' }, dataAbsentReason: { text: 'none' }, valueString: 'v' }],
};

const meta = { versionId: '2', tag: [{ code: 'x' }, SUBSETTED] };
const onlyTag = { tag: [SUBSETTED] };
const { text, identifier, active, name, gender, _birthDate, link } = patient;

const cases: readonly (readonly [
  what: string,
  summary: SummaryMode,
  elements: string[],
  from: Resource,
  to: object,
])[] = [
  [
    'summary=true keeps the elements marked as summary',
    'true',
    [],
    patient,
    { resourceType: 'Patient', id: 'p', meta, identifier, active, name, gender, _birthDate, link },
  ],
  [
    'summary=text keeps text and what is mandatory',
    'text',
    [],
    patient,
    { resourceType: 'Patient', id: 'p', meta, text },
  ],
  [
    'summary=text keeps mandatory elements',
    'text',
    [],
    observation,
    { resourceType: 'Observation', id: 'o', meta: onlyTag, status: 'final', code: { text: 'Weight' } },
  ],
  [
    'summary=true thins backbone elements',
    'true',
    [],
    observation,
    {
      resourceType: 'Observation',
      id: 'o',
      meta: onlyTag,
      status: 'final',
      code: { text: 'Weight' },
      valueQuantity: { value: 61.5 },
      component: [{ code: { text: 'part' }, valueString: 'v' }],
    },
  ],
  [
    'elements keeps what is named, what is mandatory and what modifies',
    'false',
    ['gender'],
    patient,
    // link is a modifier element in R4
    { resourceType: 'Patient', id: 'p', meta, active, gender, link },
  ],
  [
    'elements may name inner elements, and the type',
    'false',
    ['Patient.name.family', 'birthDate'],
    patient,
    { resourceType: 'Patient', id: 'p', meta, active, name: [{ family: 'Tamang' }], _birthDate, link },
  ],
  [
    'elements names a choice by its element or by its property',
    'false',
    ['value', 'component.valueString'],
    observation,
    {
      resourceType: 'Observation',
      id: 'o',
      meta: onlyTag,
      status: 'final',
      code: { text: 'Weight' },
      valueQuantity: { value: 61.5 },
      component: [{ code: { text: 'part' }, valueString: 'v' }],
    },
  ],
];

t.test('a projection keeps what was asked for and says that something is missing', async (t) => {
  for (const [what, summary, elements, from, to] of cases) {
    t.same(createProjection(summary, elements, model)?.(from), to, what);
  }
});

t.test('summary=data drops the narrative only', async (t) => {
  const { text: _text, ...rest } = patient;
  t.same(createProjection('data', [], model)?.(patient), { ...rest, meta });
});

t.test('nothing is projected, nor tagged twice, when nothing is asked for', async (t) => {
  t.equal(createProjection('false', [], model), undefined);
  t.equal(createProjection('count', [], model), undefined);
  const once = createProjection('true', [], model)?.(observation) as Resource;
  t.same(createProjection('true', [], model)?.(once), once);
});

t.test('the stored resource is left as it was', async (t) => {
  const before = structuredClone(patient);
  createProjection('true', [], model)?.(patient);
  t.same(patient, before);
});
