/** Resources that are asked for in more ways than an engine may keep a list for. */
import type { Resource } from '../../src/fhir/types.ts';

const CODES = 'https://site.example/codes';
const VALUES = 'https://site.example/values';

const concept = (system: string, code: string) => ({ coding: [{ system, code }] });

/** Parts of a panel: `code=value`, a value being a code or a number of mmHg. */
function panel(
  id: string,
  patient: string,
  parts: readonly (readonly [string, string | number])[],
): Resource {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    code: concept(CODES, 'panel'),
    subject: { reference: `Patient/${patient}` },
    component: parts.map(([code, value]) => ({
      code: concept(CODES, code),
      ...(typeof value === 'string'
        ? { valueCodeableConcept: concept(VALUES, value) }
        : { valueQuantity: { value, system: 'http://unitsofmeasure.org', code: 'mm[Hg]', unit: 'mmHg' } }),
    })),
  };
}

export const richResources: readonly Resource[] = [
  {
    resourceType: 'Patient',
    id: 'amina',
    identifier: [
      {
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PPN' }] },
        system: 'https://site.example/passport',
        value: '1001',
      },
      { system: 'https://site.example/case', value: '1001' },
    ],
    name: [{ family: 'Rahimi', given: ['Amina', 'Zara'] }],
    telecom: [{ system: 'phone', value: '+41 22 1' }],
    address: [{ city: 'Geneva', state: 'GE', postalCode: '1202', country: 'CHE', line: ['Amina street'] }],
  },
  {
    resourceType: 'Patient',
    id: 'geneva',
    identifier: [{ system: 'https://site.example/case', value: '1002' }],
    name: [{ family: 'Amina', text: 'Geneva Amina' }],
    telecom: [{ system: 'email', value: '+41 22 1' }],
  },
  {
    resourceType: 'Patient',
    id: 'zara',
    identifier: [
      {
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
        system: 'https://site.example/passport',
        value: '1002',
      },
    ],
    name: [{ given: ['Zara'] }, { family: 'Bibi', given: ['Bibi'] }],
  },
  panel('few', 'amina', [
    ['smear', 'negative'],
    ['culture', 'positive'],
    ['systolic', 120],
  ]),
  panel('many', 'amina', [
    ['smear', 'positive'],
    ['culture', 'negative'],
    ['xray', 'normal'],
    ['skin', 'positive'],
    ['blood', 'negative'],
    ['clearance', 'given'],
  ]),
  panel('numbers', 'zara', [
    ['systolic', 110],
    ['second', 120],
    ['third', 130],
    ['fourth', 140],
    ['fifth', 150],
    ['sixth', 160],
  ]),
];

export const richCases: readonly (readonly [url: string, found: string])[] = [
  ['Patient?identifier=1001', 'amina'],
  ['Patient?identifier=https://site.example/case|1001', 'amina'],
  ['Patient?identifier=https://site.example/passport|1002', 'zara'],
  ['Patient?identifier=https://site.example/passport|1002,https://site.example/case|1002', 'geneva zara'],
  ['Patient?identifier=https://site.example/passport|1002,1001', 'amina zara'],
  ['Patient?identifier:not=https://site.example/passport|1002', 'amina geneva'],
  ['Patient?identifier=https://site.example/passport|', 'amina zara'],
  ['Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|PPN|1001', 'amina'],
  ['Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|PPN|1002', ''],
  ['Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|1002', 'zara'],
  ['Observation?patient.identifier=https://site.example/passport|1002', 'numbers'],
  ['Patient?_has:Observation:patient:component-code-value-concept=smear$positive', 'amina'],
  ['Patient?phone=%2B41221', 'amina'],
  ['Patient?email=%2B41221', 'geneva'],
  ['Patient?telecom=%2B41221', 'amina geneva'],
  ['Patient?phone:missing=false', 'amina'],
  ['Patient?phone:missing=true', 'geneva zara'],
  ['Patient?telecom:missing=true', 'zara'],
  ['Patient?given=amina', 'amina'],
  ['Patient?given:exact=Zara', 'amina zara'],
  ['Patient?given:contains=ar', 'amina zara'],
  ['Patient?given:missing=true', 'geneva'],
  ['Patient?given:missing=false', 'amina zara'],
  ['Patient?name:missing=false', 'amina geneva zara'],
  ['Patient?address-city=gen', 'amina'],
  ['Patient?address-city=amina', ''],
  ['Patient?address-country=che&address-state=ge&address-postalcode=1202', 'amina'],
  ['Patient?address-country:missing=true', 'geneva zara'],
  ['Patient?address:missing=true', 'geneva zara'],
  ['Observation?patient:missing=false', 'few many numbers'],
  ['Observation?component-code-value-concept=smear$positive', 'many'],
  [`Observation?component-code-value-concept=${CODES}|smear$${VALUES}|positive`, 'many'],
  [`Observation?component-code-value-concept=${CODES}|smear$${VALUES}|negative`, 'few'],
  [`Observation?component-code-value-concept=${CODES}|smear$negative`, 'few'],
  [`Observation?component-code-value-concept=culture$${VALUES}|negative`, 'many'],
  ['Observation?component-code-value-concept=culture$none', ''],
  ['Observation?component-code-value-concept=smear$given', ''],
  ['Observation?combo-code-value-concept=smear$positive,culture$positive', 'few many'],
  [`Observation?combo-code-value-concept=${CODES}|smear$${VALUES}|positive,culture$positive`, 'few many'],
  [
    `Observation?component-code-value-concept=${CODES}|skin$${VALUES}|positive,${CODES}|smear$${VALUES}|negative`,
    'few many',
  ],
  ['Observation?component-code-value-concept:missing=false', 'few many'],
  ['Observation?component-value-quantity=130', 'numbers'],
  ['Observation?component-value-quantity=131', ''],
  ['Observation?component-value-quantity=lt115', 'numbers'],
  ['Observation?component-value-quantity=gt155', 'numbers'],
  ['Observation?component-value-quantity=gt125&component-value-quantity=lt135', 'numbers'],
  ['Observation?component-code-value-quantity=systolic$120', 'few'],
  ['Observation?component-code-value-quantity=second$ge120', 'numbers'],
  ['Observation?component-value-quantity:missing=true', 'many'],
];

/** Searches in an order, and the ids in it. */
export const richOrders: readonly (readonly [url: string, found: string])[] = [
  ['Patient?_sort=given', 'amina zara geneva'],
  ['Patient?_sort=-given', 'zara amina geneva'],
  ['Patient?_sort=address-city', 'amina geneva zara'],
  ['Observation?_sort=component-value-quantity', 'numbers few many'],
  ['Observation?_sort=-component-value-quantity', 'numbers few many'],
];
