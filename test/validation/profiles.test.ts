/** Profiles: each row is a differential, resources that meet it, and resources with the issue that they get. */
import t from 'tap';
import { entryOf } from '../../src/definitions/entry.ts';
import { withEntries } from '../../src/definitions/registry.ts';
import { createValidator } from '../../src/validation/validator.ts';
import { errorsOf, parts, summarise, validatorWith } from './parts.ts';

type Json = Record<string, unknown>;

const BASE = 'https://profiles.example';
const LOINC = 'http://loinc.org';

function profile(name: string, type: string, element: Json[], more: Json = {}): Json {
  return {
    resourceType: 'StructureDefinition',
    url: `${BASE}/${name}`,
    name,
    status: 'active',
    kind: 'resource',
    abstract: false,
    type,
    baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
    derivation: 'constraint',
    differential: { element: element.map((one) => ({ id: one.id ?? one.path, ...one })) },
    ...more,
  };
}

const patient = (part: Json = {}): Json => ({ resourceType: 'Patient', ...part });
const observation = (part: Json = {}): Json => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: LOINC, code: '8310-5' }] },
  ...part,
});
const communication = (...payload: Json[]): Json => ({
  resourceType: 'Communication',
  status: 'completed',
  payload,
});
const languages = (...codes: string[]): Json[] =>
  codes.map((valueCode) => ({
    url: 'http://hl7.org/fhir/StructureDefinition/narrative-language-control',
    valueCode,
  }));
const narrated = (content: string): Json =>
  patient({
    language: 'ne',
    text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>` },
  });
const mrn = { system: 'https://mrn.example', value: '1' };
const passport = { system: 'https://passport.example', value: 'P1' };
const other = { system: 'https://other.example', value: 'x' };

interface Row {
  readonly type: string;
  readonly element: Json[];
  readonly more?: Json[];
  readonly good: Json[];
  readonly bad: [Json, string | string[]][];
}

const slicedIdentifier = (slicing: Json): Json => ({
  path: 'Patient.identifier',
  slicing: { discriminator: [{ type: 'value', path: 'system' }], rules: 'open', ...slicing },
});
const slice = (name: string, system: string, part: Json = {}): Json[] => [
  { id: `Patient.identifier:${name}`, path: 'Patient.identifier', sliceName: name, ...part },
  { id: `Patient.identifier:${name}.system`, path: 'Patient.identifier.system', min: 1, fixedUri: system },
];

const ROWS: Record<string, Row> = {
  cardinality: {
    type: 'Patient',
    element: [
      { path: 'Patient.identifier', min: 1, max: '2' },
      { path: 'Patient.photo', max: '0' },
      { path: 'Patient.contact.telecom', min: 1 },
    ],
    good: [patient({ identifier: [mrn] })],
    bad: [
      [patient(), 'min-cardinality Patient'],
      [patient({ identifier: [mrn, other, passport] }), 'max-cardinality Patient.identifier'],
      [patient({ identifier: [mrn], photo: [{ title: 'x' }] }), 'max-cardinality Patient.photo'],
      [
        patient({ identifier: [mrn], contact: [{ name: { text: 'x' } }] }),
        'min-cardinality Patient.contact[0]',
      ],
    ],
  },
  fixed: {
    type: 'Observation',
    element: [
      { path: 'Observation.status', fixedCode: 'final' },
      { path: 'Observation.code', fixedCodeableConcept: { coding: [{ system: LOINC, code: '8310-5' }] } },
    ],
    good: [observation()],
    bad: [
      [observation({ status: 'amended' }), 'fixed-value Observation.status'],
      [
        observation({ code: { coding: [{ system: LOINC, code: '8310-5' }], text: 'more' } }),
        'fixed-value Observation.code',
      ],
      [
        observation({ _status: { extension: [{ url: 'https://x.example/e', valueCode: 'x' }] } }),
        'fixed-value Observation.status',
      ],
    ],
  },
  'slices told apart by what must be among the items of a list': {
    type: 'Observation',
    element: [
      {
        path: 'Observation.component',
        slicing: {
          discriminator: [
            { type: 'value', path: 'code.coding.code' },
            { type: 'pattern', path: 'code' },
          ],
          rules: 'open',
        },
      },
      { id: 'Observation.component:s', path: 'Observation.component', sliceName: 's', min: 1, max: '1' },
      {
        id: 'Observation.component:s.code.coding',
        path: 'Observation.component.code.coding',
        slicing: { discriminator: [{ type: 'value', path: 'code' }], rules: 'open' },
      },
      {
        id: 'Observation.component:s.code.coding:c',
        path: 'Observation.component.code.coding',
        sliceName: 'c',
        min: 1,
        max: '1',
      },
      {
        id: 'Observation.component:s.code.coding:c.code',
        path: 'Observation.component.code.coding.code',
        min: 1,
        fixedCode: '8480-6',
      },
      { id: 'Observation.component:s.value[x]', path: 'Observation.component.value[x]', min: 1 },
    ],
    good: [
      observation({
        component: [
          { code: { coding: [{ code: 'x' }, { code: '8480-6' }] }, valueInteger: 1 },
          { code: { coding: [{ code: 'y' }] } },
        ],
      }),
    ],
    bad: [
      [
        observation({ component: [{ code: { coding: [{ code: 'x' }, { code: '8480-6' }] } }] }),
        'min-cardinality Observation.component[0]',
      ],
      [
        observation({ component: [{ code: { coding: [{ code: 'x' }] }, valueInteger: 1 }] }),
        'min-cardinality Observation',
      ],
    ],
  },
  'length in characters as people count them': {
    type: 'Patient',
    element: [{ path: 'Patient.name.text', maxLength: 3 }],
    good: [patient({ name: [{ text: '🙂🙂🙂' }] })],
    bad: [[patient({ name: [{ text: '🙂🙂🙂🙂' }] }), 'max-length Patient.name[0].text']],
  },
  'bindings that R5 lets a profile add': {
    type: 'Patient',
    element: [
      {
        path: 'Patient.maritalStatus',
        binding: {
          strength: 'example',
          valueSet: 'http://hl7.org/fhir/ValueSet/marital-status',
          extension: ['required', 'candidate'].map((purpose) => ({
            url: 'http://hl7.org/fhir/tools/StructureDefinition/additional-binding',
            extension: [
              { url: 'purpose', valueCode: purpose },
              {
                url: 'valueSet',
                valueCanonical: `http://hl7.org/fhir/ValueSet/${purpose === 'required' ? 'administrative-gender' : 'currencies'}`,
              },
            ],
          })),
        },
      },
    ],
    good: [
      patient({
        maritalStatus: { coding: [{ system: 'http://hl7.org/fhir/administrative-gender', code: 'other' }] },
      }),
    ],
    bad: [[patient({ maritalStatus: { text: 'x' } }), 'binding-required Patient.maritalStatus']],
  },
  'slices told apart by the variant that their content has': {
    type: 'Communication',
    element: [
      {
        path: 'Communication.payload',
        slicing: { discriminator: [{ type: 'type', path: 'content' }], rules: 'closed' },
      },
      { id: 'Communication.payload:text', path: 'Communication.payload', sliceName: 'text', max: '1' },
      {
        id: 'Communication.payload:text.contentString',
        path: 'Communication.payload.contentString',
        min: 1,
        type: [{ code: 'string' }],
      },
      { id: 'Communication.payload:file', path: 'Communication.payload', sliceName: 'file' },
      {
        id: 'Communication.payload:file.contentAttachment',
        path: 'Communication.payload.contentAttachment',
        type: [{ code: 'Attachment' }],
      },
    ],
    good: [
      communication({ contentString: 'a' }, { contentAttachment: { title: 'b' } }),
      communication({ contentAttachment: { title: 'a' } }, { contentAttachment: { title: 'b' } }),
    ],
    bad: [
      [communication({ contentString: 'a' }, { contentString: 'b' }), 'max-cardinality Communication'],
      [communication({ contentReference: { display: 'a' } }), 'slicing Communication.payload[0]'],
    ],
  },
  'sections of a narrative without languages': {
    type: 'Patient',
    element: [{ path: 'Patient.text', extension: languages('_no') }],
    good: [patient(), narrated('<p lang="en">x</p>')],
    bad: [[narrated('<div lang="en">x</div>'), 'narrative Patient.text.div']],
  },
  'a section of a narrative in the language of the resource': {
    type: 'Patient',
    element: [{ path: 'Patient.text', extension: languages('_resource', '_yes') }],
    good: [narrated('<div lang="de">x</div><div xml:lang="ne">x</div>')],
    bad: [
      [narrated('<div lang="de"><div lang="ne">x</div></div>'), 'narrative Patient.text.div'],
      [narrated('x'), ['narrative Patient.text.div', 'narrative Patient.text.div']],
    ],
  },
  'conformance to R4 itself, asked for by a rule': {
    type: 'Patient',
    element: [
      {
        path: 'Patient',
        constraint: [
          {
            key: 'ck-1',
            severity: 'error',
            human: 'x',
            expression: "conformsTo('http://hl7.org/fhir/StructureDefinition/Patient')",
          },
        ],
      },
    ],
    good: [patient({ gender: 'male' })],
    bad: [[patient({ gender: 'man' }), ['invariant-failed:ck-1 Patient', 'binding-required Patient.gender']]],
  },
  'a part that another profile describes': {
    type: 'Patient',
    element: [
      {
        path: 'Patient.contact',
        type: [
          {
            code: 'BackboneElement',
            profile: [`${BASE}/parts`],
            _profile: [
              {
                extension: [
                  {
                    url: 'http://hl7.org/fhir/StructureDefinition/elementdefinition-profile-element',
                    valueString: 'Patient.contact:reachable',
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
    more: [
      profile('parts', 'Patient', [
        {
          path: 'Patient.contact',
          slicing: { discriminator: [{ type: 'exists', path: 'telecom' }], rules: 'open' },
        },
        { id: 'Patient.contact:reachable', path: 'Patient.contact', sliceName: 'reachable' },
        { id: 'Patient.contact:reachable.telecom', path: 'Patient.contact.telecom', min: 1 },
      ]),
    ],
    good: [patient({ contact: [{ telecom: [{ system: 'phone', value: 'x' }] }] })],
    bad: [[patient({ contact: [{ name: { text: 'x' } }] }), 'min-cardinality Patient.contact[0]']],
  },
  'slices told apart by what must not be there': {
    type: 'Patient',
    element: [
      {
        path: 'Patient.telecom',
        slicing: {
          discriminator: [
            { type: 'value', path: 'system' },
            { type: 'value', path: 'use' },
          ],
          rules: 'closed',
        },
      },
      { id: 'Patient.telecom:mail', path: 'Patient.telecom', sliceName: 'mail', max: '1' },
      { id: 'Patient.telecom:mail.system', path: 'Patient.telecom.system', min: 1, fixedCode: 'email' },
      { id: 'Patient.telecom:mail.use', path: 'Patient.telecom.use', max: '0' },
    ],
    good: [patient({ telecom: [{ system: 'email', value: 'a' }] })],
    bad: [
      [patient({ telecom: [{ system: 'email', value: 'a', use: 'home' }] }), 'slicing Patient.telecom[0]'],
    ],
  },
  pattern: {
    type: 'Observation',
    element: [
      { path: 'Observation.code', patternCodeableConcept: { coding: [{ system: LOINC, code: '8310-5' }] } },
    ],
    good: [
      observation({
        code: {
          text: 't',
          coding: [{ code: 'x' }, { system: LOINC, code: '8310-5', display: 'Body temperature' }],
        },
      }),
    ],
    bad: [[observation({ code: { text: 't' } }), 'pattern-value Observation.code']],
  },
  ranges: {
    type: 'Observation',
    element: [
      { path: 'Observation.effective[x]', type: [{ code: 'dateTime' }], minValueDateTime: '2000-01-01' },
      {
        path: 'Observation.value[x]',
        type: [{ code: 'Quantity' }],
        maxValueQuantity: { value: 45, system: 'http://unitsofmeasure.org', code: 'Cel' },
      },
    ],
    good: [
      observation({
        effectiveDateTime: '2000-01-01T00:00:00Z',
        valueQuantity: { value: 45, system: 'http://unitsofmeasure.org', code: 'Cel' },
      }),
    ],
    bad: [
      [observation({ effectiveDateTime: '1999-12' }), 'min-value Observation.effective.ofType(dateTime)'],
      [
        observation({ valueQuantity: { value: 45.1, system: 'http://unitsofmeasure.org', code: 'Cel' } }),
        'max-value Observation.value.ofType(Quantity)',
      ],
    ],
  },
  lengths: {
    type: 'Patient',
    element: [
      { path: 'Patient.name.family', maxLength: 5 },
      {
        path: 'Patient.id',
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/minLength', valueInteger: 3 }],
      },
    ],
    good: [patient({ id: 'abc', name: [{ family: 'Rai' }] })],
    bad: [
      [patient({ name: [{ family: 'Tamang' }] }), 'max-length Patient.name[0].family'],
      [patient({ id: 'a' }), 'min-length Patient.id'],
    ],
  },
  types: {
    type: 'Observation',
    element: [
      { path: 'Observation.value[x]', type: [{ code: 'Quantity' }, { code: 'string' }] },
      {
        path: 'Observation.subject',
        type: [{ code: 'Reference', targetProfile: ['http://hl7.org/fhir/StructureDefinition/Patient'] }],
      },
    ],
    good: [
      observation({ valueString: 'x', subject: { reference: 'Patient/1' } }),
      observation({ subject: { display: 'x' } }),
    ],
    bad: [
      [observation({ valueBoolean: true }), 'type-not-allowed Observation.value.ofType(boolean)'],
      [observation({ subject: { reference: 'Group/1' } }), 'reference-target Observation.subject'],
    ],
  },
  'target profile': {
    type: 'Observation',
    element: [
      {
        path: 'Observation.subject',
        type: [{ code: 'Reference', targetProfile: [`${BASE}/named`] }],
      },
    ],
    more: [profile('named', 'Patient', [{ path: 'Patient.name', min: 1 }])],
    good: [
      observation({ contained: [patient({ id: 'p', name: [{ text: 'x' }] })], subject: { reference: '#p' } }),
      observation({ subject: { reference: 'Patient/elsewhere' } }),
    ],
    bad: [
      [
        observation({ contained: [patient({ id: 'p' })], subject: { reference: '#p' } }),
        'reference-target Observation.subject',
      ],
    ],
  },
  'datatype profile': {
    type: 'Patient',
    element: [{ path: 'Patient.name', type: [{ code: 'HumanName', profile: [`${BASE}/full-name`] }] }],
    more: [
      profile('full-name', 'HumanName', [{ path: 'HumanName.family', min: 1 }], { kind: 'complex-type' }),
    ],
    good: [patient({ name: [{ family: 'x' }] })],
    bad: [[patient({ name: [{ family: 'x' }, { text: 'x' }] }), 'min-cardinality Patient.name[1]']],
  },
  binding: {
    type: 'Observation',
    element: [{ path: 'Observation.method', binding: { strength: 'required', valueSet: `${BASE}/methods` } }],
    more: [
      {
        resourceType: 'CodeSystem',
        url: `${BASE}/method`,
        status: 'active',
        content: 'complete',
        concept: [{ code: 'oral' }, { code: 'ear' }],
      },
      {
        resourceType: 'ValueSet',
        url: `${BASE}/methods`,
        name: 'Methods',
        status: 'active',
        compose: { include: [{ system: `${BASE}/method`, concept: [{ code: 'oral' }] }] },
      },
    ],
    good: [
      observation({
        method: {
          coding: [
            { system: 'https://x.example', code: 'y' },
            { system: `${BASE}/method`, code: 'oral' },
          ],
        },
      }),
    ],
    bad: [
      [
        observation({ method: { coding: [{ system: `${BASE}/method`, code: 'ear' }] } }),
        'binding-required Observation.method',
      ],
      [observation({ method: { text: 'oral' } }), 'binding-required Observation.method'],
    ],
  },
  extension: {
    type: 'Patient',
    element: [
      {
        path: 'Patient.extension',
        slicing: { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' },
      },
      {
        id: 'Patient.extension:arrival',
        path: 'Patient.extension',
        sliceName: 'arrival',
        min: 1,
        max: '1',
        type: [{ code: 'Extension', profile: [`${BASE}/arrival`] }],
      },
    ],
    more: [
      profile(
        'arrival',
        'Extension',
        [
          { path: 'Extension.url', fixedUri: `${BASE}/arrival` },
          { path: 'Extension.value[x]', min: 1, type: [{ code: 'date' }] },
        ],
        { kind: 'complex-type', context: [{ type: 'element', expression: 'Patient' }] },
      ),
    ],
    good: [patient({ extension: [{ url: `${BASE}/arrival`, valueDate: '2026-01-01' }] })],
    bad: [
      [patient(), 'min-cardinality Patient'],
      [
        patient({ extension: [{ url: `${BASE}/arrival`, valueString: 'x' }] }),
        'type-not-allowed Patient.extension[0].value.ofType(string)',
      ],
      [
        patient({
          extension: [1, 2].map((day) => ({ url: `${BASE}/arrival`, valueDate: `2026-01-0${day}` })),
        }),
        'max-cardinality Patient',
      ],
    ],
  },
  'slicing by value': {
    type: 'Patient',
    element: [
      slicedIdentifier({}),
      ...slice('mrn', mrn.system, { min: 1, max: '1' }),
      { id: 'Patient.identifier:mrn.value', path: 'Patient.identifier.value', min: 1, maxLength: 3 },
    ],
    good: [patient({ identifier: [other, mrn] })],
    bad: [
      [patient({ identifier: [other] }), 'min-cardinality Patient'],
      [patient({ identifier: [mrn, mrn] }), 'max-cardinality Patient'],
      [patient({ identifier: [other, { system: mrn.system }] }), 'min-cardinality Patient.identifier[1]'],
      [patient({ identifier: [{ ...mrn, value: '1234' }] }), 'max-length Patient.identifier[0].value'],
    ],
  },
  'closed slicing': {
    type: 'Patient',
    element: [slicedIdentifier({ rules: 'closed' }), ...slice('mrn', mrn.system)],
    good: [patient({ identifier: [mrn, mrn] })],
    bad: [[patient({ identifier: [mrn, other] }), 'slicing Patient.identifier[1]']],
  },
  'ordered slicing, open at the end': {
    type: 'Patient',
    element: [
      slicedIdentifier({ rules: 'openAtEnd', ordered: true }),
      ...slice('mrn', mrn.system),
      ...slice('passport', passport.system),
    ],
    good: [patient({ identifier: [mrn, passport, other] })],
    bad: [
      [patient({ identifier: [passport, mrn] }), 'slicing Patient.identifier[1]'],
      [patient({ identifier: [mrn, other, passport] }), 'slicing Patient.identifier[2]'],
    ],
  },
  'reslicing and default': {
    type: 'Patient',
    element: [
      slicedIdentifier({}),
      ...slice('mrn', mrn.system, {
        slicing: { discriminator: [{ type: 'value', path: 'use' }], rules: 'open' },
      }),
      { id: 'Patient.identifier:mrn/old', path: 'Patient.identifier', sliceName: 'mrn/old', min: 1 },
      { id: 'Patient.identifier:mrn/old.use', path: 'Patient.identifier.use', min: 1, fixedCode: 'old' },
      { id: 'Patient.identifier:@default', path: 'Patient.identifier', sliceName: '@default', max: '0' },
    ],
    good: [patient({ identifier: [mrn, { ...mrn, use: 'old' }] })],
    bad: [
      [patient({ identifier: [mrn] }), 'min-cardinality Patient'],
      [patient({ identifier: [{ ...mrn, use: 'old' }, other] }), 'max-cardinality Patient'],
    ],
  },
  'slicing by pattern of a code': {
    type: 'Observation',
    element: [
      {
        path: 'Observation.component',
        slicing: { discriminator: [{ type: 'pattern', path: 'code' }], rules: 'open' },
      },
      { id: 'Observation.component:a', path: 'Observation.component', sliceName: 'a', min: 1 },
      {
        id: 'Observation.component:a.code',
        path: 'Observation.component.code',
        patternCodeableConcept: { coding: [{ system: LOINC, code: '8480-6' }] },
      },
      { id: 'Observation.component:a.value[x]', path: 'Observation.component.value[x]', min: 1 },
    ],
    good: [
      observation({
        component: [
          { code: { coding: [{ system: LOINC, code: '8480-6' }] }, valueInteger: 1 },
          { code: { text: 'x' } },
        ],
      }),
    ],
    bad: [
      [observation(), 'min-cardinality Observation'],
      [
        observation({ component: [{ code: { coding: [{ system: LOINC, code: '8480-6' }] } }] }),
        'min-cardinality Observation.component[0]',
      ],
    ],
  },
  'slicing by existence': {
    type: 'Patient',
    element: [
      {
        path: 'Patient.contact',
        slicing: { discriminator: [{ type: 'exists', path: 'organization' }], rules: 'closed' },
      },
      { id: 'Patient.contact:person', path: 'Patient.contact', sliceName: 'person', min: 1 },
      { id: 'Patient.contact:person.organization', path: 'Patient.contact.organization', max: '0' },
    ],
    good: [patient({ contact: [{ name: { text: 'x' } }] })],
    bad: [
      [
        patient({ contact: [{ organization: { display: 'x' } }] }),
        ['min-cardinality Patient', 'slicing Patient.contact[0]'],
      ],
    ],
  },
  'slicing by type': {
    type: 'Observation',
    element: [
      {
        path: 'Observation.value[x]',
        slicing: { discriminator: [{ type: 'type', path: '$this' }], rules: 'closed' },
      },
      {
        id: 'Observation.value[x]:valueQuantity',
        path: 'Observation.value[x]',
        sliceName: 'valueQuantity',
        min: 0,
        type: [{ code: 'Quantity' }],
      },
      { id: 'Observation.value[x]:valueQuantity.unit', path: 'Observation.value[x].unit', min: 1 },
    ],
    good: [observation(), observation({ valueQuantity: { value: 1, unit: 'x' } })],
    bad: [
      [observation({ valueQuantity: { value: 1 } }), 'min-cardinality Observation.value.ofType(Quantity)'],
    ],
  },
  'slicing by profile': {
    type: 'Bundle',
    element: [
      {
        path: 'Bundle.entry',
        slicing: { discriminator: [{ type: 'profile', path: 'resource' }], rules: 'open' },
      },
      { id: 'Bundle.entry:named', path: 'Bundle.entry', sliceName: 'named', min: 1 },
      {
        id: 'Bundle.entry:named.resource',
        path: 'Bundle.entry.resource',
        min: 1,
        type: [{ code: 'Patient', profile: [`${BASE}/named`] }],
      },
    ],
    more: [profile('named', 'Patient', [{ path: 'Patient.name', min: 1 }])],
    good: [
      {
        resourceType: 'Bundle',
        type: 'collection',
        entry: [
          {
            fullUrl: 'urn:uuid:9f0ff6d5-97a8-4bcd-9f8c-3c3a5ee3ef0a',
            resource: patient({ name: [{ text: 'x' }] }),
          },
        ],
      },
    ],
    bad: [
      [
        {
          resourceType: 'Bundle',
          type: 'collection',
          entry: [{ fullUrl: 'urn:uuid:9f0ff6d5-97a8-4bcd-9f8c-3c3a5ee3ef0a', resource: patient() }],
        },
        // the only one of its type is meant
        'min-cardinality Bundle.entry[0].resource',
      ],
      [
        {
          resourceType: 'Bundle',
          type: 'collection',
          entry: ['0a', '0b'].map((end) => ({
            fullUrl: `urn:uuid:9f0ff6d5-97a8-4bcd-9f8c-3c3a5ee3ef${end}`,
            resource: patient(),
          })),
        },
        'min-cardinality Bundle',
      ],
    ],
  },
  'a value behind data-absent-reason': {
    type: 'Patient',
    element: [
      {
        path: 'Patient.birthDate',
        min: 1,
        extension: [
          {
            url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.mustHaveValue',
            valueBoolean: true,
          },
        ],
      },
    ],
    good: [patient({ birthDate: '1980' })],
    bad: [
      [patient(), 'min-cardinality Patient'],
      [
        patient({
          _birthDate: {
            extension: [
              { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
            ],
          },
        }),
        'value-missing Patient.birthDate',
      ],
    ],
  },
};

for (const [name, row] of Object.entries(ROWS)) {
  t.test(name, async (t) => {
    const validator = validatorWith([profile('tested', row.type, row.element), ...(row.more ?? [])]);
    for (const good of row.good) t.same(errorsOf(good, validator, [`${BASE}/tested`]), []);
    for (const [bad, expected] of row.bad) {
      t.same(
        errorsOf(bad, validator, [`${BASE}/tested`]),
        [expected].flat(),
        JSON.stringify(bad).slice(0, 100),
      );
      const claiming = { ...bad, meta: { profile: [`${BASE}/tested`] } };
      t.same(errorsOf(claiming, validator), [expected].flat(), 'the same by meta.profile');
    }
  });
}

t.test('an unknown profile is a warning when claimed and an error when asked for', async (t) => {
  const validator = validatorWith([]);
  const claiming = patient({ meta: { profile: [`${BASE}/nowhere`] }, text: undefined });
  const issues = validator.validate(claiming as { resourceType: string });
  t.match(issues[1], { key: 'profile-unknown', severity: 'warning', expression: 'Patient.meta.profile[0]' });
  t.match(errorsOf(patient(), validator, [`${BASE}/nowhere`]), ['profile-unknown Patient']);
});

t.test('a profile of another type is refused', async (t) => {
  const validator = validatorWith([profile('p', 'Observation', [{ path: 'Observation.value[x]', min: 1 }])]);
  t.same(errorsOf(patient({ meta: { profile: [`${BASE}/p`] } }), validator), [
    'type-not-allowed Patient.meta.profile[0]',
  ]);
});

t.test('profiles that lead to each other come to an end', async (t) => {
  const pair = (name: string, target: string): Json =>
    profile(name, 'Patient', [
      { path: 'Patient.link', min: 1 },
      { path: 'Patient.link.other', type: [{ code: 'Reference', targetProfile: [`${BASE}/${target}`] }] },
    ]);
  const validator = validatorWith([pair('a', 'b'), pair('b', 'a')]);
  const bundle = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [0, 1].map((i) => ({
      fullUrl: `https://h.example/fhir/Patient/p${i}`,
      resource: patient({
        id: `p${i}`,
        meta: { profile: [`${BASE}/a`] },
        link: [{ type: 'seealso', other: { reference: `Patient/p${1 - i}` } }],
      }),
    })),
  };
  t.same(errorsOf(bundle, validator), []);
});

t.test('messages name the profile, and issues carry its canonical', async (t) => {
  const validator = validatorWith([profile('p', 'Patient', [{ path: 'Patient.name', min: 1 }])]);
  const issues = validator.validate(
    { resourceType: 'Patient' },
    { errorsOnly: true, profiles: [`${BASE}/p`] },
  );
  t.same(summarise(issues), ['min-cardinality Patient']);
  t.match(issues[0], {
    source: `${BASE}/p`,
    text: 'Patient.name is required: found 0, expected at least 1 (p).',
  });
});

t.test('a Bundle in slices gets the same issues as at once', async (t) => {
  const entry = (i: number): Json => ({
    fullUrl: `https://h.example/fhir/Patient/p${i}`,
    resource: patient({
      id: `p${i}`,
      ...(i % 100 === 0 ? { gender: 'x', foo: 1 } : { name: [{ text: 'x' }] }),
    }),
  });
  const named = { fullUrl: 'urn:uuid:n', resource: patient({ name: [{ text: '<b>x</b>' }] }) };
  const bundle = {
    resourceType: 'Bundle',
    type: 'document',
    entry: [
      ...Array.from({ length: 3000 }, (_, i) => entry(i)),
      { fullUrl: 'urn:uuid:x', resource: 1 },
      { fullUrl: 'urn:uuid:y', resource: { resourceType: 'Nothing', id: '<b>' } },
      { fullUrl: 'urn:uuid:z', resource: { resourceType: 'Bundle', type: 'collection', entry: [named] } },
      named,
    ],
  };
  const validator = validatorWith([]);
  const atOnce = validator.validate(bundle, { errorsOnly: true });
  t.same(await validator.validateYielding(bundle, { errorsOnly: true }), atOnce);
  t.ok(atOnce.length > 60, 'there are issues');
  // so few that all issues are shown, warnings too
  const few = { ...bundle, entry: bundle.entry.slice(-20) };
  const text = JSON.stringify(few).replace('"id":"p2999"', '"id":"p2999","id":"p2999"');
  const careful = validator.validate(few, { strict: true, text });
  t.same(await validator.validateYielding(few, { strict: true, text }), careful);
  const keys = new Set(careful.map(({ key }) => key));
  t.ok(keys.has('markup-in-text') && keys.has('duplicate-key'), 'and of texts and keys');
  t.same(
    await validator.validateYielding(patient({ gender: 'x' }) as { resourceType: string }),
    validator.validate(patient({ gender: 'x' }) as { resourceType: string }),
  );
});

t.test(
  'an extension may stand where its definition says, by path, ancestor or extension around it',
  async (t) => {
    const extension = (name: string, type: string, expression: string): Json =>
      profile(name, 'Extension', [{ path: 'Extension.url', fixedUri: `${BASE}/${name}` }], {
        kind: 'complex-type',
        context: [{ type, expression }],
      });
    const one = validatorWith([
      extension('narrated', 'element', 'DomainResource.text'),
      extension('outer', 'element', 'Patient'),
      extension('inner', 'extension', `${BASE}/outer`),
      extension('part', 'extension', `${BASE}/outer#part`),
    ]);
    const ext = (name: string, part: Json = { valueString: 'x' }): Json => ({
      url: `${BASE}/${name}`,
      ...part,
    });
    const div = '<div xmlns="http://www.w3.org/1999/xhtml">x</div>';
    const text = (name: string): Json => ({ status: 'generated', div, extension: [ext(name)] });
    t.same(errorsOf(patient({ text: text('narrated') }), one), []);
    t.same(errorsOf(patient({ text: text('outer') }), one), ['extension-context Patient.text.extension[0]']);
    const around = (inner: Json): Json => patient({ extension: [ext('outer', inner)] });
    t.same(errorsOf(around({ extension: [ext('inner')] }), one), []);
    t.same(errorsOf(around({ valueString: 'x', _valueString: { extension: [ext('inner')] } }), one), []);
    t.same(errorsOf(around({ extension: [{ url: 'part', extension: [ext('part')] }] }), one), []);
    t.same(errorsOf(patient({ extension: [ext('inner')] }), one), ['extension-context Patient.extension[0]']);
    t.same(errorsOf(around({ extension: [{ url: 'other', extension: [ext('part')] }] }), one), [
      'extension-context Patient.extension[0].extension[0].extension[0]',
    ]);
  },
);

t.test('what differs from a fixed value or a pattern is named, and no words of a person', async (t) => {
  const coding = { system: LOINC, code: '8310-5' };
  const validator = validatorWith([
    profile('p', 'Patient', [
      { path: 'Patient.name', patternHumanName: { family: 'Deng', given: ['Ayen'] } },
      { path: 'Patient.maritalStatus', fixedCodeableConcept: { coding: [coding] } },
    ]),
  ]);
  const textsOf = (part: Json): string[] =>
    validator
      .validate(patient(part) as { resourceType: string }, { errorsOnly: true, profiles: [`${BASE}/p`] })
      .map(({ text }) => text.replace(/^.*found /, ''));
  t.same(textsOf({ name: [{ family: 'Deng Lual', given: ['Ayen'] }] }), [
    'a text of 9 characters at family.',
  ]);
  t.same(textsOf({ name: [{ family: 'Deng', given: ['A', 'B'] }] }), ['none of 2 at given that has it.']);
  t.same(textsOf({ name: [{ given: ['Ayen'] }] }), ['no family.']);
  t.same(textsOf({ maritalStatus: { coding: [{ ...coding, code: 'x' }] } }), ["'x' at coding[0].code."]);
  t.same(textsOf({ maritalStatus: { coding: [coding], text: 'y' } }), ['also text.']);
  t.same(textsOf({ maritalStatus: { coding: [coding, coding] } }), ['2 entries at coding.']);
});

t.test('strict validation holds resources to what a loaded guide asks of all of their type', async (t) => {
  const guide = {
    resourceType: 'ImplementationGuide',
    url: `${BASE}/guide`,
    name: 'G',
    status: 'active',
    packageId: 'g',
    fhirVersion: ['4.0.1'],
    global: [{ type: 'Patient', profile: `${BASE}/p` }],
  };
  const validator = validatorWith([profile('p', 'Patient', [{ path: 'Patient.name', min: 1 }]), guide]);
  t.same(errorsOf(patient(), validator), []);
  const strict = validator.validate({ resourceType: 'Patient' }, { strict: true, errorsOnly: true });
  t.same(summarise(strict), ['min-cardinality Patient']);
  t.equal(strict[0]?.source, `${BASE}/p`);
});

t.test(
  'strict validation asks for the code that a profile requires, though extensions say why not',
  async (t) => {
    const validator = validatorWith([
      profile('p', 'Patient', [
        {
          path: 'Patient.language',
          binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/languages' },
        },
      ]),
    ]);
    const url = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';
    const absent = patient({ _language: { extension: [{ url, valueCode: 'unknown' }] } });
    const options = { errorsOnly: true, profiles: [`${BASE}/p`] };
    t.same(errorsOf(absent, validator, options.profiles), []);
    const strict = validator.validate(absent as { resourceType: string }, { ...options, strict: true });
    t.ok(summarise(strict).includes('binding-required Patient.language'));
  },
);

t.test('a profile that was prepared is not compiled when it is first used', async (t) => {
  const url = `${BASE}/p`;
  const definition = profile('p', 'Patient', [{ path: 'Patient.name', min: 1 }]);
  const loaded = withEntries(parts.definitions, [entryOf(definition as { resourceType: string }, {})]);
  const asked: string[] = [];
  const definitions = {
    ...loaded,
    structure: (canonical: string) => {
      asked.push(canonical);
      return loaded.structure(canonical);
    },
  };
  const validator = createValidator({ ...parts, definitions });
  validator.prepare(url);
  validator.prepare(`${BASE}/nowhere`);
  const before = asked.filter((one) => one.startsWith('http://hl7.org/fhir/')).length;
  t.same(errorsOf(patient(), validator, [url]), ['min-cardinality Patient']);
  t.equal(asked.filter((one) => one.startsWith('http://hl7.org/fhir/')).length, before);
  t.ok(before > 0, 'the base was asked for while it was prepared');
});
