/** Orders by parameters of which the index keeps digests, or that others answer: what each search finds, in order. */
import type { Resource } from '../../src/fhir/types.ts';

const person = (id: string, rest: Readonly<Record<string, unknown>>): Resource => ({
  resourceType: 'Patient',
  id,
  ...rest,
});

const seen = (id: string, subject: unknown, rest: Readonly<Record<string, unknown>> = {}): Resource => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ code: 'x' }] },
  ...(subject === undefined
    ? {}
    : { subject: typeof subject === 'string' ? { reference: subject } : subject }),
  ...rest,
});

const coded = (...codes: string[]): unknown => ({ coding: codes.map((code) => ({ code })) });

export const orderResources: readonly Resource[] = [
  person('a', {
    identifier: [{ system: 'urn:b', value: 'M-2' }, { value: 'Z-9' }],
    telecom: [
      { system: 'email', value: 'Zoe@example.org' },
      { system: 'phone', value: '+66 81 2' },
    ],
    managingOrganization: { reference: 'https://clinic.example/fhir/Organization/2' },
    name: [{ family: 'Zwart' }],
  }),
  person('b', {
    identifier: [{ system: 'urn:a', value: 'N-1' }],
    telecom: [{ system: 'email', value: 'adam@example.org' }],
    managingOrganization: { reference: 'Organization/10' },
    name: [{ family: 'Aung' }],
  }),
  person('c', {
    identifier: [{ system: 'urn:c' }],
    telecom: [{ system: 'phone', value: '(+66) 81-1' }],
    managingOrganization: { identifier: { value: 'x' } },
  }),
  person('d', {
    identifier: [{ value: 'm-0' }],
    managingOrganization: { reference: 'http://other.example/1' },
  }),
  seen('o1', 'Patient/b', { code: coded('m'), component: [{ code: coded('a') }] }),
  seen('o2', 'Group/z', { code: coded('c'), valueQuantity: { value: 2 } }),
  seen('o3', 'Patient/a/_history/3', { code: coded('b'), component: [{ valueQuantity: { value: 1 } }] }),
  seen('o4', undefined, { code: { text: 'nothing' } }),
  seen('o5', 'Patient/a', { code: coded('z', 'd'), valueQuantity: { value: 3 } }),
  seen('o6', { identifier: { value: 'x' } }, { code: coded('e') }),
  {
    resourceType: 'CarePlan',
    id: 'q1',
    status: 'draft',
    intent: 'plan',
    instantiatesCanonical: ['http://b.example/q|1'],
  },
  {
    resourceType: 'CarePlan',
    id: 'q2',
    status: 'draft',
    intent: 'plan',
    instantiatesCanonical: ['http://a.example/q'],
  },
  { resourceType: 'CarePlan', id: 'q3', status: 'draft', intent: 'plan' },
  {
    resourceType: 'List',
    id: 'l1',
    status: 'current',
    mode: 'working',
    entry: [{ item: { reference: 'Patient/c' } }, { item: { reference: 'Patient/a' } }],
  },
  {
    resourceType: 'List',
    id: 'l2',
    status: 'current',
    mode: 'working',
    entry: [{ item: { reference: 'Patient/b' } }],
  },
  {
    resourceType: 'MedicationRequest',
    id: 'r1',
    contained: [
      {
        resourceType: 'Medication',
        id: 'm',
        code: coded('b'),
        manufacturer: { reference: 'Organization/9' },
        identifier: [{ value: '3' }],
      },
    ],
  },
  {
    resourceType: 'MedicationRequest',
    id: 'r2',
    identifier: [{ value: '9' }],
    contained: [
      { resourceType: 'Organization', id: 'o', identifier: [{ value: '0' }] },
      {
        resourceType: 'Medication',
        id: 'm',
        code: coded('a'),
        manufacturer: { reference: 'Organization/7' },
        identifier: [{ value: '1' }],
      },
    ],
  },
  {
    resourceType: 'Medication',
    id: 's',
    code: coded('aa'),
    manufacturer: { reference: 'Organization/8' },
    identifier: [{ value: '2' }],
  },
];

export const orderCases: readonly (readonly [url: string, ids: string])[] = [
  // references by what they refer to, however it is written; what has none comes last
  ['Observation?_sort=subject', 'o2 o3 o5 o1 o4 o6'],
  ['Observation?_sort=-subject', 'o1 o5 o3 o2 o6 o4'],
  ['Observation?_sort=patient', 'o3 o5 o1 o2 o4 o6'],
  ['Observation?_sort=-patient', 'o1 o5 o3 o6 o4 o2'],
  ['Observation?_sort=patient,code', 'o3 o5 o1 o2 o6 o4'],
  ['Observation?_sort=-patient,-_id', 'o1 o5 o3 o6 o4 o2'],
  ['Observation?_sort=status,-subject', 'o1 o3 o5 o2 o4 o6'],
  ['Observation?patient=a&_sort=-subject,code', 'o3 o5'],
  ['Patient?_sort=organization', 'b a d c'],
  ['CarePlan?_sort=instantiates-canonical', 'q2 q1 q3'],
  ['CarePlan?_sort=-instantiates-canonical', 'q1 q2 q3'],
  // of several values one counts
  ['List?_sort=item', 'l1 l2'],
  ['List?_sort=-item', 'l1 l2'],
  // identifiers by value, case included, whatever their system
  ['Patient?_sort=identifier', 'a b d c'],
  ['Patient?_sort=-identifier', 'd a b c'],
  ['Patient?identifier:missing=false&_sort=identifier', 'a b d c'],
  // addresses as they are searched
  ['Patient?_sort=email', 'b a c d'],
  ['Patient?_sort=-email', 'a b d c'],
  ['Patient?_sort=phone', 'c a b d'],
  ['Patient?_sort=telecom', 'c a b d'],
  ['Patient?_sort=phonetic', 'b a c d'],
  // several parameters together
  ['Observation?_sort=combo-code', 'o1 o3 o2 o5 o6 o4'],
  ['Observation?_sort=-combo-code', 'o5 o1 o6 o2 o3 o4'],
  ['Observation?_sort=combo-value-quantity', 'o3 o2 o5 o1 o4 o6'],
  ['Observation?_sort=-combo-value-quantity', 'o5 o2 o3 o6 o4 o1'],
  // what is contained by what it is itself
  ['Medication?_contained=true&_sort=code', 'r2 r1'],
  ['Medication?_contained=true&_sort=-code', 'r1 r2'],
  ['Medication?_sort=code&_contained=both', 'r2 s r1'],
  ['Medication?_sort=-code&_contained=both', 'r1 s r2'],
  ['Medication?_contained=true&_sort=manufacturer', 'r2 r1'],
  ['Medication?_contained=true&_sort=-identifier', 'r1 r2'],
  ['Medication?_contained=both&_sort=manufacturer', 'r2 s r1'],
  ['Medication?_contained=both&_sort=-identifier,code', 'r1 s r2'],
  // several types that share the parameter
  ['?_type=Observation,MedicationRequest&_sort=-subject', 'o1 o5 o3 o2 r2 r1 o6 o4'],
  ['?_type=Patient,Medication&_sort=identifier', 's a b d c'],
  ['?_type=Patient,Medication&_sort=-identifier,_id', 'd a b s c'],
  ['?_type=Observation,Medication&_sort=code', 's o3 o2 o5 o6 o1 o4'],
];

export interface RandomOrder {
  readonly type: string;
  readonly sort: string;
  readonly valuesOf: (resource: Resource) => readonly string[];
}

interface Coded {
  readonly coding?: readonly { readonly code?: string }[];
}

type Json = Readonly<Record<string, unknown>>;

const codesOf = (concept: unknown): readonly string[] =>
  ((concept as Coded | undefined)?.coding ?? []).flatMap(({ code }) => code ?? []);

const subjectOf = ({ subject }: Resource): readonly string[] => {
  const reference = (subject as { readonly reference?: string } | undefined)?.reference;
  return reference === undefined ? [] : [reference.slice(reference.indexOf('Patient/'))];
};

const identifiersOf = ({ identifier }: Resource): readonly string[] =>
  ((identifier ?? []) as readonly { readonly value?: string }[]).flatMap(({ value }) => value ?? []);

const comboOf = ({ code, component }: Resource): readonly string[] => [
  ...codesOf(code),
  ...((component ?? []) as readonly Json[]).flatMap((one) => codesOf(one.code)),
];

const doctorsOf = ({ generalPractitioner }: Resource): readonly string[] =>
  ((generalPractitioner ?? []) as readonly { readonly reference: string }[])
    .map(({ reference }) => reference)
    .filter((reference) => !reference.startsWith('#'));

/** Asked of random worlds, with the values as the JSON has them. */
export const RANDOM_ORDERS: readonly RandomOrder[] = [
  { type: 'Observation', sort: 'subject', valuesOf: subjectOf },
  { type: 'Observation', sort: '-patient', valuesOf: subjectOf },
  { type: 'Observation', sort: 'combo-code', valuesOf: comboOf },
  { type: 'Observation', sort: '-combo-code', valuesOf: comboOf },
  { type: 'Patient', sort: 'identifier', valuesOf: identifiersOf },
  { type: 'Patient', sort: '-identifier', valuesOf: identifiersOf },
  { type: 'Patient', sort: '-general-practitioner', valuesOf: doctorsOf },
];

export function expectedOrder(resources: readonly Resource[], order: RandomOrder): string[] {
  const descending = order.sort.startsWith('-');
  const placed = resources
    .filter(({ resourceType }) => resourceType === order.type)
    .map((resource, at) => {
      const values = [...order.valuesOf(resource)].sort();
      return { id: resource.id as string, value: descending ? values.at(-1) : values[0], at };
    });
  placed.sort((a, b) => {
    if (a.value !== b.value) {
      if (a.value === undefined) return 1;
      if (b.value === undefined) return -1;
      return a.value < b.value === descending ? 1 : -1;
    }
    return descending ? b.at - a.at : a.at - b.at;
  });
  return placed.map(({ id }) => id);
}
