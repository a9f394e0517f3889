/**
 * The searches of public comparisons: the 30 shapes of mock.health, and families of one kind of parameter each, as
 * functions that fill in sampled ids and values.
 */
import { pick, type Random, type Samples } from './search-data.ts';

export interface Shape {
  readonly name: string;
  /** `Type?query`, `Type/id` or `metadata`. */
  url(random: Random, samples: Samples): string;
}

const LOINC = 'http://loinc.org';

function fixed(url: string): Shape {
  return { name: url, url: () => url };
}

function sampled(name: string, url: Shape['url']): Shape {
  return { name, url };
}

export const SHAPES: readonly Shape[] = [
  fixed('metadata'),
  fixed('Observation?_count=10'),
  fixed('Observation?_count=1&_total=accurate'),
  fixed(`Observation?code=${LOINC}|8480-6&_count=1&_total=accurate`),
  fixed(`Observation?combo-code=${LOINC}|8480-6&_count=1&_total=accurate`),
  fixed('Patient?gender=male&_count=5&_total=accurate'),
  fixed('Patient?family=S&_count=5'),
  fixed('Patient?given=A&_count=5'),
  fixed('Patient?gender=female&family=B&_count=5'),
  fixed(`Observation?code=${LOINC}|8302-2,${LOINC}|29463-7,${LOINC}|72514-3&_count=5&_total=accurate`),
  fixed('Observation?date=ge2020-01-01&_count=5'),
  sampled('Patient/{id}', (random, { patients }) => `Patient/${pick(random, patients)}`),
  sampled('Patient?family={family}', (random, { families }) => `Patient?family=${pick(random, families)}`),
  sampled(
    'Observation?patient=&_count=20',
    (random, { patients }) => `Observation?patient=Patient/${pick(random, patients)}&_count=20`,
  ),
  sampled(
    'Condition?patient=',
    (random, { patients }) => `Condition?patient=Patient/${pick(random, patients)}`,
  ),
  sampled(
    'Condition?code=',
    (random, { conditionCodes }) => `Condition?code=${pick(random, conditionCodes)}`,
  ),
  sampled(
    'Procedure?code=',
    (random, { procedureCodes }) => `Procedure?code=${pick(random, procedureCodes)}`,
  ),
  sampled(
    'Encounter?patient=&_count=10',
    (random, { patients }) => `Encounter?patient=Patient/${pick(random, patients)}&_count=10`,
  ),
  sampled(
    'MedicationRequest?patient=',
    (random, { patients }) => `MedicationRequest?patient=Patient/${pick(random, patients)}`,
  ),
  sampled(
    'Encounter?participant=',
    (random, { practitioners }) => `Encounter?participant=Practitioner/${pick(random, practitioners)}`,
  ),
  sampled(
    'Encounter?location=',
    (random, { locations }) => `Encounter?location=Location/${pick(random, locations)}`,
  ),
  sampled(
    'Observation?patient=&_sort=-date',
    (random, { patients }) => `Observation?patient=Patient/${pick(random, patients)}&_sort=-date`,
  ),
  sampled('Patient?_id=', (random, { patients }) => `Patient?_id=${pick(random, patients)}`),
  fixed('Patient?_content=Smith&_count=5'),
  fixed('Observation?_content=blood&_count=5'),
  fixed('Condition?_content=hypertension&_count=5'),
  fixed('Patient?name:text=ohn&_count=5'),
  fixed('Patient?address:text=Boston&_count=5'),
  fixed('Patient?_text=Smith&_count=5'),
  fixed('Condition?code:text=hypertensive&_count=5'),
];

export const FAMILIES: readonly Shape[] = [
  sampled('string', (random, { families }) => `Patient?name=${pick(random, families).slice(0, 5)}`),
  sampled('date', (random) => {
    const year = 2016 + Math.floor(random() * 9);
    const month = String(1 + Math.floor(random() * 12)).padStart(2, '0');
    return `Observation?date=ge${year}-${month}-01&date=lt${year}-${month}-15`;
  }),
  sampled('reference', (random, { patients }) => `Observation?subject=Patient/${pick(random, patients)}`),
  fixed(`Observation?code=${LOINC}|2339-0&status=amended`),
  sampled(
    'quantity',
    (random) => `Observation?code=${LOINC}|29463-7&value-quantity=gt${100 + Math.floor(random() * 19)}||kg`,
  ),
  sampled(
    'composite',
    (random) =>
      `Observation?component-code-value-quantity=${LOINC}|8480-6$gt${150 + Math.floor(random() * 29)}`,
  ),
  sampled('mixed', (random, { practitioners }) => {
    return `Encounter?participant=Practitioner/${pick(random, practitioners)}&date=ge2020&status=finished&_sort=-date&_include=Encounter:patient`;
  }),
  sampled(
    'chain',
    (random, { families }) => `Observation?patient.family=${pick(random, families)}&code=${LOINC}|29463-7`,
  ),
  sampled('has', () => `Patient?_has:Condition:patient:code=http://snomed.info/sct|56717001&gender=female`),
];

/** The same kinds over the families that `passerelle seed` makes. */
export const SEEDED_FAMILIES: readonly Shape[] = [
  sampled('string', (random, { families }) => `Patient?name=${pick(random, families).slice(0, 4)}`),
  sampled('date', (random) => `Observation?date=ge${monthOf(random)}-01&date=lt${monthOf(random)}-28`),
  sampled('reference', (random, { patients }) => `Observation?subject=Patient/${pick(random, patients)}`),
  sampled('token', () => `Observation?code=${LOINC}|24648-8&status=final`),
  sampled(
    'quantity',
    (random) =>
      `Observation?code=${LOINC}|29463-7&value-quantity=gt${60 + Math.floor(random() * 25)}|http://unitsofmeasure.org|kg`,
  ),
  sampled(
    'composite',
    (random) =>
      `Observation?component-code-value-quantity=${LOINC}|8480-6$gt${130 + Math.floor(random() * 30)}`,
  ),
  sampled('mixed', (random, { practitioners }) => {
    return `Encounter?participant=Practitioner/${pick(random, practitioners)}&date=ge2023-06&status=finished&_sort=-date&_include=Encounter:patient`;
  }),
];

function monthOf(random: Random): string {
  return `2023-${String(1 + Math.floor(random() * 12)).padStart(2, '0')}`;
}

/** Searches that are paged through: every kind of filter, every kind of order. */
export const PAGED: readonly string[] = [
  'Observation',
  `Observation?code=${LOINC}|8302-2`,
  `Observation?code:not=${LOINC}|8302-2`,
  'Observation?date=ge2020-01-01&_sort=-date',
  'Observation?date=ge2020-01-01&_sort=date',
  'Observation?value-quantity:missing=true',
  'Observation?subject:Patient.gender=female',
  'Observation?_sort=-_lastUpdated',
  'Observation?_lastUpdated=gt2020&_sort=_lastUpdated',
  'Observation?_sort=code,-date',
  'Patient?name=a',
  'Patient?_sort=family',
  'Patient?_sort=-birthdate',
  'Patient?_has:Observation:patient:status=final',
];

/** Searches that are counted for the first time. */
export const COUNTED: readonly string[] = [
  'Observation?status=final',
  'Observation?status:not=final',
  `Observation?status=final&code=${LOINC}|8302-2`,
  `Observation?code:not=${LOINC}|8302-2`,
  'Observation?date=2024',
  'Observation?date=ge2023-01-01',
  `Observation?code=${LOINC}|8302-2&value-quantity=gt100`,
  'Observation?value-quantity:missing=true',
  'Observation?subject:Patient.gender=female',
  'Observation?_lastUpdated=gt2020',
  'Patient?name=a',
  'Patient?name:contains=an',
  'Patient?_has:Observation:patient:status=final',
];

const FILTERS: Readonly<Record<string, readonly string[]>> = {
  Patient: [
    '',
    'gender=female',
    'birthdate=ge1990',
    'name=a',
    'name:contains=an',
    '_has:Immunization:patient:status=completed',
    'organization:Organization.name=a',
    'gender:not=female',
    '_lastUpdated=gt2020',
  ],
  Observation: [
    '',
    `code=${LOINC}|8302-2`,
    'status=final',
    'date=ge2020',
    'subject:Patient.gender=female',
    'subject:Patient.name=a',
    'value-quantity:missing=true',
    'value-quantity=gt100',
    `code:not=${LOINC}|8302-2`,
  ],
  Encounter: ['', 'status=finished', 'date=ge2020', 'subject:Patient.gender=female'],
};

const ORDERS: Readonly<Record<string, readonly string[]>> = {
  Patient: [
    '',
    '_id',
    '-_lastUpdated',
    'birthdate',
    '-birthdate',
    'family',
    '-family',
    'gender',
    'family,given',
    'family,-birthdate',
    '-family,given',
    'gender,family',
    'gender,-birthdate',
    'birthdate,family',
    'family,given,-birthdate',
    'gender,family,birthdate',
    'family,_lastUpdated',
    'family,_id',
  ],
  Observation: [
    '',
    'date',
    '-date',
    '-_lastUpdated',
    'code',
    'code,-date',
    'code,date',
    'status,code,-date',
    'value-quantity',
    '-value-quantity,date',
    'code,value-quantity',
    'date,code',
  ],
  Encounter: ['', '-date', 'date,status', 'status,-date', 'class,date', '_lastUpdated,status'],
};

/** Every filter with every order: what is paged through in scripts/bench/pages.ts. */
export function pagedSearches(): readonly string[] {
  return Object.keys(FILTERS).flatMap((type) =>
    (FILTERS[type] ?? []).flatMap((filter) =>
      (ORDERS[type] ?? []).map((order) => {
        const parts = [filter, order === '' ? '' : `_sort=${order}`].filter((part) => part !== '');
        return parts.length === 0 ? type : `${type}?${parts.join('&')}`;
      }),
    ),
  );
}
