/** Rules that no definition states: Bundles, questionnaires and answers, definitions, terminology, measures. */
import t from 'tap';
import type { Resource } from '../../src/fhir/types.ts';
import { typeOfAddress } from '../../src/validation/reference-target.ts';
import { errorsOf, summarise, validator, validatorWith } from './parts.ts';

type Json = Record<string, unknown>;

const uuid = (n: number): string => `urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e${n}`;
const patient = { resourceType: 'Patient', id: 'p1', active: true };
const bundle = (type: string, entry: Json[], more: Json = {}): Json => ({
  resourceType: 'Bundle',
  type,
  entry,
  ...more,
});
const composition = (part: Json): Json => ({
  resourceType: 'Composition',
  status: 'final',
  type: { text: 'x' },
  date: '2026',
  author: [{ display: 'a' }],
  title: 't',
  ...part,
});
const document = (part: Json, ...more: Json[]): Json =>
  bundle('document', [{ fullUrl: uuid(0), resource: composition(part) }, ...more], {
    timestamp: '2026-01-01T00:00:00Z',
    identifier: { system: 'urn:ietf:rfc:3986', value: uuid(9) },
  });
const page = (relation: string): Json => ({ relation, url: 'https://h.example/fhir' });

const BUNDLES: Record<string, [Json, string[]]> = {
  'a RESTful fullUrl that fits': [
    bundle('collection', [{ fullUrl: 'https://h.example/fhir/Patient/p1', resource: patient }]),
    [],
  ],
  'a fullUrl with another id': [
    bundle('collection', [{ fullUrl: 'https://h.example/fhir/Patient/p2', resource: patient }]),
    ['bundle-rule Bundle.entry[0]'],
  ],
  'a relative fullUrl': [
    bundle('collection', [{ fullUrl: 'Patient/p1', resource: patient }]),
    ['bundle-rule Bundle.entry[0].fullUrl'],
  ],
  'no fullUrl': [bundle('collection', [{ resource: patient }]), ['bundle-rule Bundle.entry[0]']],
  'an outcome among search results': [
    bundle('searchset', [
      {
        resource: {
          resourceType: 'OperationOutcome',
          issue: [{ severity: 'warning', code: 'informational' }],
        },
      },
    ]),
    [],
  ],
  'a find without id': [
    bundle('searchset', [{ fullUrl: uuid(1), resource: { resourceType: 'Patient' } }]),
    ['bundle-rule Bundle.entry[0].resource'],
  ],
  'a patient as the outcome of a search': [
    bundle('searchset', [{ fullUrl: uuid(1), resource: patient, search: { mode: 'outcome' } }]),
    ['bundle-rule Bundle.entry[0].resource'],
  ],
  'two self links': [
    bundle('searchset', [{ fullUrl: uuid(1), resource: patient }], { link: [page('self'), page('self')] }),
    ['bundle-rule Bundle.link[1]'],
  ],
  'a page link on a collection': [
    bundle('collection', [{ fullUrl: uuid(1), resource: patient }], { link: [page('next')] }),
    ['bundle-rule Bundle.link[0].relation'],
  ],
  'a PUT to another id': [
    bundle('transaction', [{ resource: patient, request: { method: 'PUT', url: 'Patient/p2' } }]),
    ['bundle-rule Bundle.entry[0].request.url'],
  ],
  'a POST without resource': [
    bundle('transaction', [{ request: { method: 'POST', url: 'Patient' } }]),
    ['bundle-rule Bundle.entry[0].request'],
  ],
  'a message without header': [
    bundle('message', [{ fullUrl: uuid(1), resource: patient }]),
    ['invariant-failed:bdl-12 Bundle'],
  ],
  'a message whose focus is missing': [
    bundle('message', [
      {
        fullUrl: uuid(1),
        resource: {
          resourceType: 'MessageHeader',
          eventUri: 'https://e.example/e',
          source: { endpoint: 'https://s.example' },
          focus: [{ reference: uuid(2) }],
        },
      },
    ]),
    ['bundle-rule Bundle.entry[0].resource.focus[0]'],
  ],
  'a transaction without requests': [
    bundle('transaction', [{ fullUrl: uuid(1), resource: patient }]),
    ['invariant-failed:bdl-3 Bundle'],
  ],
  'a collection with a search mode': [
    bundle('collection', [{ fullUrl: uuid(1), resource: patient, search: { mode: 'match' } }]),
    ['invariant-failed:bdl-2 Bundle'],
  ],
  'a full URL twice': [
    bundle('collection', [
      { fullUrl: uuid(1), resource: patient },
      { fullUrl: uuid(1), resource: patient },
    ]),
    ['invariant-failed:bdl-7 Bundle'],
  ],
  'a document that is whole': [
    document({ subject: { reference: uuid(1) } }, { fullUrl: uuid(1), resource: patient }),
    [],
  ],
  'a document whose subject is missing': [
    document({ subject: { reference: uuid(1) } }),
    ['bundle-rule Bundle.entry[0].resource.subject'],
  ],
  'a document with an entry that nothing refers to': [
    document({}, { fullUrl: uuid(1), resource: patient }),
    ['bundle-rule Bundle.entry[1]'],
  ],
  'a reference whose target in the Bundle has a wrong type': [
    bundle('collection', [
      {
        fullUrl: uuid(0),
        resource: {
          resourceType: 'Observation',
          status: 'final',
          code: { text: 'x' },
          subject: { reference: uuid(1) },
        },
      },
      { fullUrl: uuid(1), resource: { resourceType: 'Practitioner' } },
    ]),
    ['reference-target Bundle.entry[0].resource.subject'],
  ],
};

for (const [name, [resource, expected]] of Object.entries(BUNDLES)) {
  t.test(`Bundle: ${name}`, async (t) => {
    t.same(errorsOf(resource), expected);
  });
}

const questionnaire: Json = {
  resourceType: 'Questionnaire',
  url: 'https://q.example/q',
  status: 'active',
  item: [
    { linkId: 'well', type: 'boolean', required: true },
    {
      linkId: 'symptom',
      type: 'choice',
      repeats: true,
      enableWhen: [{ question: 'well', operator: '=', answerBoolean: false }],
      answerOption: [{ valueCoding: { system: 'https://s.example', code: 'cough' } }],
    },
    {
      linkId: 'body',
      type: 'group',
      item: [
        {
          linkId: 'weight',
          type: 'decimal',
          extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/maxValue', valueDecimal: 500 }],
        },
        {
          linkId: 'note',
          type: 'string',
          maxLength: 5,
          extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/regex', valueString: '[a-z]+' }],
        },
      ],
    },
  ],
};
const answers = (...item: Json[]): Json => ({
  resourceType: 'QuestionnaireResponse',
  questionnaire: 'https://q.example/q',
  status: 'completed',
  item,
});
const well = (value: boolean): Json => ({ linkId: 'well', answer: [{ valueBoolean: value }] });
const note = (valueString: string): Json => ({
  linkId: 'body',
  item: [{ linkId: 'note', answer: [{ valueString }] }],
});

const ANSWERS: Record<string, [Json, string[]]> = {
  complete: [
    answers(
      well(false),
      { linkId: 'symptom', answer: [{ valueCoding: { system: 'https://s.example', code: 'cough' } }] },
      note('abc'),
    ),
    [],
  ],
  'a required question without answer': [answers(note('abc')), ['questionnaire-rule QuestionnaireResponse']],
  'the same while in progress': [{ ...answers(note('abc')), status: 'in-progress' }, []],
  'an answer to a question that is not enabled': [
    answers(well(true), {
      linkId: 'symptom',
      answer: [{ valueCoding: { system: 'https://s.example', code: 'cough' } }],
    }),
    ['questionnaire-rule QuestionnaireResponse.item[1]'],
  ],
  'an option that is not offered': [
    answers(well(false), {
      linkId: 'symptom',
      answer: [{ valueCoding: { system: 'https://s.example', code: 'x' } }],
    }),
    ['questionnaire-rule QuestionnaireResponse.item[1].answer[0].value.ofType(Coding)'],
  ],
  'an answer of another type': [
    answers({ linkId: 'well', answer: [{ valueString: 'yes' }] }),
    ['questionnaire-rule QuestionnaireResponse.item[0].answer[0].value.ofType(string)'],
  ],
  'two answers where one is taken': [
    answers({ linkId: 'well', answer: [{ valueBoolean: true }, { valueBoolean: false }] }),
    ['questionnaire-rule QuestionnaireResponse.item[0]'],
  ],
  'an item that does not exist': [
    answers(well(true), { linkId: 'wel', answer: [{ valueBoolean: true }] }),
    ['questionnaire-rule QuestionnaireResponse.item[1]'],
  ],
  'a group with an answer': [
    answers(well(true), { linkId: 'body', answer: [{ valueBoolean: true }] }),
    ['questionnaire-rule QuestionnaireResponse.item[1]'],
  ],
  'a value above the greatest': [
    answers(well(true), { linkId: 'body', item: [{ linkId: 'weight', answer: [{ valueDecimal: 501 }] }] }),
    ['max-value QuestionnaireResponse.item[1].item[0].answer[0].value.ofType(decimal)'],
  ],
  'a text of another form': [
    answers(well(true), note('A1')),
    ['questionnaire-rule QuestionnaireResponse.item[1].item[0].answer[0].value.ofType(string)'],
  ],
  'a text that is too long': [
    answers(well(true), note('abcdef')),
    ['max-length QuestionnaireResponse.item[1].item[0].answer[0].value.ofType(string)'],
  ],
};

t.test('answers are held to their questionnaire', async (t) => {
  const validator = validatorWith([questionnaire]);
  for (const [name, [resource, expected]] of Object.entries(ANSWERS))
    t.same(errorsOf(resource, validator), expected, name);
});

const structure = (type: string, element: Json): Json => ({
  resourceType: 'StructureDefinition',
  url: 'https://x.example/p',
  name: 'P',
  status: 'draft',
  kind: 'resource',
  abstract: false,
  type,
  baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
  derivation: 'constraint',
  differential: { element: [{ id: element.path, ...element }] },
});

const DEFINITIONS: Record<string, [Json, string[]]> = {
  'a questionnaire with a linkId twice': [
    {
      resourceType: 'Questionnaire',
      status: 'draft',
      item: [
        { linkId: 'a', type: 'display' },
        { linkId: 'a', type: 'display' },
      ],
    },
    ['invariant-failed:que-2 Questionnaire'],
  ],
  'a condition on a question that is not there': [
    {
      resourceType: 'Questionnaire',
      status: 'draft',
      item: [
        {
          linkId: 'a',
          type: 'string',
          enableWhen: [{ question: 'b', operator: 'exists', answerBoolean: true }],
        },
      ],
    },
    ['questionnaire-rule Questionnaire.item[0].enableWhen[0]'],
  ],
  'a condition on a question inside': [
    {
      resourceType: 'Questionnaire',
      status: 'draft',
      item: [
        {
          linkId: 'a',
          type: 'group',
          enableWhen: [{ question: 'c', operator: 'exists', answerBoolean: true }],
          item: [{ linkId: 'b', type: 'group', item: [{ linkId: 'c', type: 'string' }] }],
        },
      ],
    },
    ['questionnaire-rule Questionnaire.item[0].enableWhen[0]'],
  ],
  'a supplement that says it is complete': [
    {
      resourceType: 'CodeSystem',
      status: 'draft',
      content: 'complete',
      supplements: 'http://hl7.org/fhir/administrative-gender',
      concept: [{ code: 'male' }, { code: 'man' }],
    },
    ['definition-rule CodeSystem.content', 'code-unknown CodeSystem.concept[1].code'],
  ],
  'a search parameter unlike the one it is derived from': [
    {
      resourceType: 'SearchParameter',
      url: 'https://x.example/s',
      name: 'S',
      status: 'draft',
      description: 'x',
      code: 's',
      base: ['Organization', 'Location'],
      derivedFrom: 'http://hl7.org/fhir/SearchParameter/Organization-name',
      type: 'token',
      expression: 'Organization.name',
    },
    ['definition-rule SearchParameter.base[1]', 'definition-rule SearchParameter.type'],
  ],
  'a summary with subjects': [
    {
      resourceType: 'MeasureReport',
      status: 'complete',
      type: 'summary',
      measure: 'https://m.example/unknown',
      period: { start: '2026' },
      group: [{ population: [{ subjectResults: { reference: 'List/1' } }] }],
    },
    ['measure-rule MeasureReport.group[0].population[0].subjectResults'],
  ],
  'a profile of another type for an element': [
    structure('Observation', {
      path: 'Observation.value[x]',
      type: [{ code: 'Quantity', profile: ['http://hl7.org/fhir/StructureDefinition/Count'] }],
    }),
    ['definition-rule StructureDefinition.differential.element[0].type[0].profile[0]'],
  ],
  'slices told apart by an element that is not there': [
    structure('Patient', {
      path: 'Patient.identifier',
      slicing: { discriminator: [{ type: 'value', path: 'sistem' }], rules: 'open' },
    }),
    ['definition-rule StructureDefinition.differential.element[0].slicing.discriminator[0].path'],
  ],
  'filters that no concept can meet': [
    {
      resourceType: 'ValueSet',
      status: 'draft',
      compose: {
        include: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
            filter: [
              { property: 'notSelectable', op: '=', value: '1' },
              { property: 'concept', op: 'is-a', value: 'zz' },
              { property: 'notSelectable', op: 'exists', value: 'yes' },
            ],
          },
        ],
      },
    },
    [0, 1, 2].map((i) => `definition-rule ValueSet.compose.include[0].filter[${i}]`),
  ],
  'a reference with white space': [
    { resourceType: 'Patient', generalPractitioner: [{ reference: 'ht tp://h.example/Practitioner/1' }] },
    ['reference-syntax Patient.generalPractitioner[0].reference'],
  ],
  'a code system with a code twice': [
    {
      resourceType: 'CodeSystem',
      status: 'draft',
      content: 'complete',
      concept: [{ code: 'a', concept: [{ code: 'a' }] }],
    },
    ['invariant-failed:csd-1 CodeSystem'],
  ],
  'concepts where none are said to be': [
    { resourceType: 'CodeSystem', status: 'draft', content: 'not-present', concept: [{ code: 'a' }] },
    ['definition-rule CodeSystem.concept[0]'],
  ],
  'a value set over a relative system': [
    { resourceType: 'ValueSet', status: 'draft', compose: { include: [{ system: '#c' }] } },
    ['definition-rule ValueSet.compose.include[0]'],
  ],
  'a search parameter that cannot be parsed': [
    {
      resourceType: 'SearchParameter',
      url: 'https://x.example/s',
      name: 'S',
      status: 'draft',
      description: 'x',
      code: 's',
      base: ['Patient'],
      type: 'string',
      expression: 'Patient.name.where(',
    },
    ['definition-rule SearchParameter.expression'],
  ],
  'a profile of another type than its base': [
    {
      resourceType: 'StructureDefinition',
      url: 'https://x.example/p',
      name: 'P',
      status: 'draft',
      kind: 'resource',
      abstract: false,
      type: 'Observation',
      baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
      derivation: 'constraint',
      differential: { element: [{ id: 'Observation', path: 'Observation' }] },
    },
    ['definition-rule StructureDefinition.type'],
  ],
};

for (const [name, [resource, expected]] of Object.entries(DEFINITIONS)) {
  t.test(`finds ${name}`, async (t) => {
    t.same(errorsOf(resource), expected);
  });
}

t.test('a measure report is held to its measure', async (t) => {
  const code = (value: string): Json => ({ coding: [{ system: 'https://m.example', code: value }] });
  const measure = {
    resourceType: 'Measure',
    url: 'https://m.example/m',
    status: 'draft',
    group: [{ code: code('g') }],
  };
  const report = (group: string): Json => ({
    resourceType: 'MeasureReport',
    status: 'complete',
    type: 'summary',
    measure: 'https://m.example/m',
    period: { start: '2026' },
    group: [{ code: code(group) }],
  });
  const validator = validatorWith([measure]);
  t.same(errorsOf(report('g'), validator), []);
  t.same(errorsOf(report('x'), validator), ['measure-rule MeasureReport.group[0]']);
});

const capabilities = (part: Json): Json => ({
  resourceType: 'CapabilityStatement',
  status: 'draft',
  description: 'x',
  kind: 'requirements',
  date: '2026',
  fhirVersion: '4.0.1',
  format: ['json'],
  rest: [{ mode: 'server', ...part }],
});

/** What a write tolerates, and $validate does not; or what neither refuses. `severity key expression`. */
const REMARKS: Record<string, [Json, string[]]> = {
  'a stated parameter whose definition has another type': [
    capabilities({
      resource: [
        {
          type: 'Patient',
          searchParam: [
            { name: 'name', type: 'token', definition: 'http://hl7.org/fhir/SearchParameter/Patient-name' },
          ],
        },
      ],
    }),
    ['error definition-rule CapabilityStatement.rest[0].resource[0].searchParam[0].type'],
  ],
  'a search for a property that is misspelt': [
    {
      resourceType: 'SearchParameter',
      url: 'https://x.example/s',
      name: 'S',
      status: 'draft',
      description: 'x',
      code: 's',
      base: ['Patient'],
      type: 'string',
      expression: 'Patient.nmae.family',
    },
    ['error definition-rule SearchParameter.expression'],
  ],
  'a rule of a profile with a misspelt step': [
    structure('Patient', {
      path: 'Patient.name',
      constraint: [{ key: 'x-1', severity: 'error', human: 'x', expression: 'famly.exists()' }],
    }),
    ['warning definition-rule StructureDefinition.differential.element[0].constraint[0].expression'],
  ],
  'a profile that allows more than its base': [
    structure('Patient', { path: 'Patient.gender', max: '*', binding: { strength: 'example' } }),
    [
      'error definition-rule StructureDefinition.differential.element[0].max',
      'error definition-rule StructureDefinition.differential.element[0].binding.strength',
    ],
  ],
  'an element that a profile makes optional': [
    structure('Observation', { path: 'Observation.code', min: 0 }),
    ['error definition-rule StructureDefinition.differential.element[0].min'],
  ],
  'a fixed value of another type': [
    structure('Patient', { path: 'Patient.gender', fixedString: 'male' }),
    ['error definition-rule StructureDefinition.differential.element[0].fixed.ofType(string)'],
  ],
  'a rule under the key of another one': [
    structure('Patient', {
      path: 'Patient.name',
      constraint: [{ key: 'pat-1', severity: 'error', human: 'x', expression: 'true' }],
    }),
    ['error definition-rule StructureDefinition.differential.element[0].constraint[0].key'],
  ],
  'slices of what occurs once': [
    structure('Patient', {
      path: 'Patient.gender',
      slicing: { rules: 'open', discriminator: [{ type: 'value', path: '$this' }] },
    }),
    ['error definition-rule StructureDefinition.differential.element[0].slicing'],
  ],
  'a slice that nothing tells apart': [
    structure('Patient', { id: 'Patient.identifier:a', path: 'Patient.identifier', sliceName: 'a', min: 1 }),
    ['error definition-rule StructureDefinition.differential.element[0]'],
  ],
  'a profile of another kind, with a context': [
    {
      ...structure('Patient', { path: 'Patient' }),
      kind: 'complex-type',
      context: [{ type: 'element', expression: 'Patient' }],
    },
    ['error definition-rule StructureDefinition.kind', 'error definition-rule StructureDefinition.context'],
  ],
  'a type of its own without namespace': [
    {
      ...structure('Traveller', { path: 'Traveller', min: 0, max: '*' }),
      baseDefinition: 'http://hl7.org/fhir/StructureDefinition/DomainResource',
      derivation: 'specialization',
    },
    ['error definition-rule StructureDefinition.type'],
  ],
  'a composite parameter of one component': [
    {
      resourceType: 'SearchParameter',
      url: 'https://x.example/s',
      name: 'S',
      status: 'draft',
      description: 'x',
      code: 's',
      base: ['Observation'],
      type: 'composite',
      expression: 'Observation',
      component: [{ definition: 'http://hl7.org/fhir/SearchParameter/clinical-code', expression: 'code' }],
    },
    ['error definition-rule SearchParameter'],
  ],
  'a code system that miscounts, with a parent elsewhere': [
    {
      resourceType: 'CodeSystem',
      url: 'https://x.example/c',
      status: 'draft',
      content: 'complete',
      valueSet: 'http://hl7.org/fhir/ValueSet/administrative-gender',
      count: 2,
      concept: [{ code: 'a', property: [{ code: 'parent', valueCode: 'b' }] }],
    },
    [
      'error definition-rule CodeSystem.valueSet',
      'error definition-rule CodeSystem.count',
      'error code-unknown CodeSystem.concept[0].property[0].value.ofType(code)',
    ],
  ],
  'a value set of codes that cannot be': [
    {
      resourceType: 'ValueSet',
      status: 'draft',
      compose: {
        include: [
          { system: 'http://hl7.org/fhir/administrative-gender', concept: [{ code: 'boy' }] },
          {
            system: 'http://snomed.info/sct',
            concept: [{ code: 'x1' }, { code: '73211008' }, { code: '73211009' }],
          },
          {
            system: 'http://snomed.info/sct',
            filter: [
              { property: 'constraint', op: '=', value: '<< 73211009 AND' },
              { property: 'constraint', op: '=', value: '<< 73211009' },
              { property: 'concept', op: 'is-a', value: 'diabetes' },
            ],
          },
          {
            system: 'http://hl7.org/fhir/administrative-gender',
            filter: [{ property: 'code', op: 'regex', value: '[' }],
          },
        ],
      },
    },
    [
      'error code-unknown ValueSet.compose.include[0].concept[0].code',
      'error code-unknown ValueSet.compose.include[1].concept[0].code',
      'warning code-unknown ValueSet.compose.include[1].concept[1].code',
      'error definition-rule ValueSet.compose.include[2].filter[0]',
      'error definition-rule ValueSet.compose.include[2].filter[2]',
      'error definition-rule ValueSet.compose.include[3].filter[0]',
    ],
  ],
  'codes whose form or check digit is wrong': [
    {
      resourceType: 'Basic',
      code: {
        coding: [
          { system: 'http://snomed.info/sct', code: '276885007x' },
          { system: 'http://snomed.info/sct', code: '276885006' },
          { system: 'http://snomed.info/sct', code: '276885007' },
          { system: 'http://loinc.org', code: '8302-3' },
          { system: 'http://loinc.org', code: '8302-2' },
        ],
      },
    },
    [
      'error code-unknown Basic.code.coding[0].code',
      'warning code-unknown Basic.code.coding[1].code',
      'warning code-unknown Basic.code.coding[3].code',
    ],
  ],
  'a reference by search outside of a request': [
    bundle('collection', [
      {
        fullUrl: uuid(1),
        resource: {
          resourceType: 'Basic',
          code: { text: 'x' },
          subject: { reference: 'Patient?identifier=a|1' },
        },
      },
    ]),
    ['error reference-syntax Bundle.entry[0].resource.subject.reference'],
  ],
  'an extension that changes what its base fixes': [
    {
      ...structure('Extension', { path: 'Extension.url', fixedUri: 'https://x.example/p' }),
      kind: 'complex-type',
      baseDefinition: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace',
      context: [{ type: 'element', expression: 'Patient' }],
    },
    ['error definition-rule StructureDefinition.differential.element[0]'],
  ],
  'a reference that has the id of an entry of another type': [
    bundle('collection', [
      {
        fullUrl: uuid(1),
        resource: {
          resourceType: 'Patient',
          generalPractitioner: [{ reference: `Practitioner/${uuid(2).slice(9)}` }],
        },
      },
      { fullUrl: uuid(2), resource: { resourceType: 'Organization', name: 'x' } },
    ]),
    ['error reference-target Bundle.entry[0].resource.generalPractitioner[0]'],
  ],
  'a logical model with paths of another name': [
    {
      ...structure('https://x.example/Boo', { path: 'Foo', min: 0, max: '*' }),
      kind: 'logical',
      derivation: 'specialization',
      baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Element',
    },
    ['error definition-rule StructureDefinition.differential.element[0]'],
  ],
  'a logical model whose type has no namespace': [
    {
      ...structure('Boo', { path: 'Boo', min: 0, max: '*' }),
      kind: 'logical',
      derivation: 'specialization',
      baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Element',
    },
    ['error definition-rule StructureDefinition.type'],
  ],
  'a map from codes that its value set does not have': [
    {
      resourceType: 'ConceptMap',
      status: 'draft',
      sourceCanonical: 'http://hl7.org/fhir/ValueSet/administrative-gender',
      group: [
        {
          source: 'http://hl7.org/fhir/administrative-gender',
          element: [{ code: 'male' }, { code: 'man' }],
        },
      ],
    },
    [
      'error code-unknown ConceptMap.group[0].element[1].code',
      'error definition-rule ConceptMap.group[0].element[1].code',
    ],
  ],
  'a name that looks like HTML': [
    {
      resourceType: 'Patient',
      name: [{ text: 'a < b, <5, >3' }, { text: 'Rai <script>' }, { text: 'x <img src=y>' }],
    },
    ['warning markup-in-text Patient.name[1].text', 'warning markup-in-text Patient.name[2].text'],
  ],
  'a code that has a reason instead of a value': [
    {
      resourceType: 'Patient',
      _gender: {
        extension: [
          { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
        ],
      },
      _birthDate: {
        extension: [
          { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
        ],
      },
    },
    ['error binding-required Patient.gender'],
  ],
  'an address with a type that R4 does not have': [
    { resourceType: 'Patient', generalPractitioner: [{ reference: 'https://h.example/Practicioner/1' }] },
    ['warning reference-syntax Patient.generalPractitioner[0].reference'],
  ],
  'an extension that HL7 published after R4': [
    {
      resourceType: 'Patient',
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/individual-pronouns', valueString: 'x' },
        { url: 'http://hl7.org/fhir/StructureDefinition/individual-pronoun', valueString: 'x' },
      ],
    },
    ['warning extension-unknown Patient.extension[0]', 'error extension-unknown Patient.extension[1]'],
  ],
  'answers to a questionnaire that is not loaded': [
    { resourceType: 'QuestionnaireResponse', questionnaire: 'https://q.example/none', status: 'completed' },
    ['warning questionnaire-unknown QuestionnaireResponse.questionnaire'],
  ],
  'a report of a measure that is not loaded': [
    {
      resourceType: 'MeasureReport',
      status: 'complete',
      type: 'summary',
      measure: 'https://m.example/none',
      period: { start: '2026' },
    },
    ['warning measure-unknown MeasureReport.measure'],
  ],
};

for (const [name, [resource, expected]] of Object.entries(REMARKS)) {
  t.test(`strict validation remarks on ${name}`, async (t) => {
    const issues = validator.validate(resource as unknown as Resource, { strict: true });
    const found = issues.filter((one) => one.severity !== 'information');
    t.same(
      found.map((one) => `${one.severity} ${summarise([one])[0]}`),
      expected,
    );
  });
}

t.test('the type that an address is meant for is read from every form of it', async (t) => {
  const forms: [string, string | undefined][] = [
    ['Patient/1', 'Patient'],
    ['/Patient/1', 'Patient'],
    ['Patient/not an id', 'Patient'],
    ['Patient/1/_history/2', 'Patient'],
    ['Patient/1#part', 'Patient'],
    ['http://host/fhir/Patient/1', 'Patient'],
    ['Patient?identifier=x', 'Patient'],
    ['Patient/', undefined],
    ['Patient/1/2', undefined],
    ['Patient/a?b', undefined],
    ['patient/1', undefined],
    ['P/1', undefined],
    ['Pat1ent/1', undefined],
    ['Pat\u00e9nt/1', undefined],
    ['Patient', undefined],
    ['', undefined],
  ];
  t.same(
    forms.map(([address]) => [address, typeOfAddress(address)]),
    forms,
  );
});

t.test('a value has neither a reason for its absence beside it nor a component of its code', async (t) => {
  const concept = (...codes: (string | undefined)[]): Json => ({
    coding: codes.map((code) => ({
      system: 'http://example.org/codes',
      ...(code === undefined ? {} : { code }),
    })),
  });
  const observation = { resourceType: 'Observation', status: 'final', code: concept('a', 'b') };
  const reason = { text: 'unknown' };
  const value = { valueString: 'x' };
  const component = (...codes: (string | undefined)[]): Json => ({
    component: [{ code: concept('z') }, { code: concept(...codes) }],
  });
  const cases: [Json, string[]][] = [
    [{ dataAbsentReason: reason }, []],
    [{ ...value, dataAbsentReason: reason }, ['obs-6']],
    [{ ...value, ...component('c') }, []],
    [{ ...value, ...component('c', 'b') }, ['obs-7']],
    [component('b'), []],
    // the same code of another system is another code
    [
      { ...value, component: [{ code: { coding: [{ system: 'http://example.org/others', code: 'a' }] } }] },
      [],
    ],
    // codings without a code are the same where all else is
    [{ ...value, code: concept(undefined), ...component(undefined) }, ['obs-7']],
    [{ ...value, code: concept('a', undefined), ...component('c') }, []],
    [{ ...value, code: { text: 'a' }, ...component('a') }, []],
  ];
  for (const [more, expected] of cases) {
    const found = validator.validate({ ...observation, ...more } as Resource, { errorsOnly: true });
    t.same(
      found.flatMap(({ constraint }) => constraint ?? []),
      expected,
      JSON.stringify(more),
    );
  }
});
