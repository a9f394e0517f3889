/**
 * Invented records for the search bench: 17 resources per patient in the mix that public comparisons of FHIR
 * servers use, with real postings from the server's own extraction.
 */
import type { Resource } from '../../src/fhir/types.ts';

export const PER_PATIENT = 17;

const LOINC = 'http://loinc.org';
const SNOMED = 'http://snomed.info/sct';
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const UCUM = 'http://unitsofmeasure.org';

type Coded = readonly [code: string, display: string];

const MEASURES: readonly (readonly [
  code: string,
  display: string,
  unit: string,
  low: number,
  high: number,
])[] = [
  ['8302-2', 'Body height', 'cm', 90, 200],
  ['29463-7', 'Body weight', 'kg', 10, 120],
  ['72514-3', 'Pain severity', '{score}', 0, 10],
  ['8867-4', 'Heart rate', '/min', 50, 120],
  ['2339-0', 'Glucose in blood', 'mg/dL', 60, 180],
  ['718-7', 'Hemoglobin in blood', 'g/dL', 8, 18],
];
const CONDITIONS: readonly Coded[] = [
  ['59621000', 'Essential hypertension'],
  ['10509002', 'Acute bronchitis'],
  ['44054006', 'Diabetes mellitus type 2'],
  ['56717001', 'Tuberculosis'],
  ['195662009', 'Acute viral pharyngitis'],
  ['72892002', 'Normal pregnancy'],
];
const PROCEDURES: readonly Coded[] = [
  ['430193006', 'Medication reconciliation'],
  ['399208008', 'Plain chest X-ray'],
  ['171207006', 'Depression screening'],
];
const MEDICATIONS: readonly Coded[] = [
  ['310965', 'Ibuprofen 200 MG Oral Tablet'],
  ['314076', 'Lisinopril 10 MG Oral Tablet'],
  ['860975', 'Metformin 500 MG Oral Tablet'],
];
const CITIES = ['Boston', 'Kathmandu', 'Mae Sot', 'Juba', 'Amman', 'Nairobi'];
const SYLLABLES = [
  'Sa',
  'Htoo',
  'Wah',
  'Smi',
  'th',
  'Tam',
  'ang',
  'Nu',
  'nez',
  'Jo',
  'hn',
  'Ki',
  'Ber',
  'Al',
  'Ya',
  'Mo',
];

export type Random = () => number;

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}

export interface Samples {
  readonly patients: string[];
  readonly families: string[];
  readonly practitioners: string[];
  readonly locations: string[];
  readonly conditionCodes: readonly string[];
  readonly procedureCodes: readonly string[];
}

export interface Population {
  /** Practitioners and locations that all patients share. */
  readonly shared: readonly Resource[];
  /** The 17 resources of one more patient. */
  next(): readonly Resource[];
  readonly samples: Samples;
}

const SAMPLES_MAX = 2_000;

export function createPopulation(seed: number, patients: number): Population {
  const random = createRandom(seed);
  const count = Math.max(5, Math.ceil(patients / 200));
  const practitioners = Array.from({ length: count }, (_, at) => `practitioner-${at}`);
  const locations = Array.from({ length: count }, (_, at) => `location-${at}`);
  const samples: Samples = {
    patients: [],
    families: [],
    practitioners,
    locations,
    conditionCodes: CONDITIONS.map(([code]) => `${SNOMED}|${code}`),
    procedureCodes: PROCEDURES.map(([code]) => `${SNOMED}|${code}`),
  };
  let made = 0;
  return {
    samples,
    shared: [
      ...practitioners.map((id) => ({
        resourceType: 'Practitioner',
        id,
        name: [{ family: nameOf(random) }],
      })),
      ...locations.map((id) => ({
        resourceType: 'Location',
        id,
        status: 'active',
        name: `Clinic ${pick(random, CITIES)}`,
      })),
    ],
    next() {
      const patient = `patient-${made++}`;
      const resources = recordOf(random, patient, samples);
      if (samples.patients.length < SAMPLES_MAX) {
        samples.patients.push(patient);
        samples.families.push(...familiesOf(resources[0] as Resource));
      }
      return resources;
    },
  };
}

function familiesOf({ name }: Resource): string[] {
  return (name as { family: string }[]).map(({ family }) => family);
}

function nameOf(random: Random): string {
  return (
    pick(random, SYLLABLES) + pick(random, SYLLABLES).toLowerCase() + pick(random, SYLLABLES).toLowerCase()
  );
}

function dayOf(random: Random): string {
  return new Date(Date.UTC(2016, 0, 1) + Math.floor(random() * 3_650) * 86_400_000)
    .toISOString()
    .slice(0, 10);
}

function coded(system: string, [code, display]: Coded): object {
  return { coding: [{ system, code, display }], text: display };
}

function recordOf(random: Random, patient: string, samples: Samples): Resource[] {
  const subject = { reference: `Patient/${patient}` };
  const at = (kind: string, index: number): { id: string; subject: typeof subject } => ({
    id: `${patient}-${kind}${index}`,
    subject,
  });
  const encounter = (index: number): object => ({ reference: `Encounter/${patient}-e${index % 2}` });
  const list: Resource[] = [patientOf(random, patient)];
  for (let index = 0; index < 2; index++) list.push(encounterOf(random, at('e', index), samples));
  for (let index = 0; index < 7; index++)
    list.push({ ...observationOf(random, at('o', index)), encounter: encounter(index) });
  for (let index = 0; index < 2; index++) list.push(pressureOf(random, at('b', index)));
  for (let index = 0; index < 2; index++) {
    const code = coded(SNOMED, pick(random, CONDITIONS));
    list.push({ resourceType: 'Condition', ...at('c', index), code, recordedDate: dayOf(random) });
  }
  for (let index = 0; index < 2; index++) {
    const medicationCodeableConcept = coded(RXNORM, pick(random, MEDICATIONS));
    const status = { status: 'active', intent: 'order', authoredOn: dayOf(random) };
    list.push({ resourceType: 'MedicationRequest', ...at('m', index), ...status, medicationCodeableConcept });
  }
  const code = coded(SNOMED, pick(random, PROCEDURES));
  list.push({
    resourceType: 'Procedure',
    ...at('p', 0),
    status: 'completed',
    code,
    performedDateTime: dayOf(random),
  });
  return list;
}

function patientOf(random: Random, id: string): Resource {
  return {
    resourceType: 'Patient',
    id,
    identifier: [{ system: 'https://example.org/mrn', value: `MRN-${id}` }],
    active: true,
    name: [{ family: nameOf(random), given: [nameOf(random)] }],
    gender: random() < 0.5 ? 'male' : 'female',
    birthDate: dayOf(random),
    address: [{ line: ['1 Main Street'], city: pick(random, CITIES), country: 'US' }],
  };
}

function encounterOf(random: Random, base: object, samples: Samples): Resource {
  const start = dayOf(random);
  return {
    resourceType: 'Encounter',
    ...base,
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    period: { start: `${start}T08:00:00Z`, end: `${start}T09:00:00Z` },
    participant: [{ individual: { reference: `Practitioner/${pick(random, samples.practitioners)}` } }],
    location: [{ location: { reference: `Location/${pick(random, samples.locations)}` } }],
  };
}

const VITAL_SIGNS = [
  { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
];

function observationOf(random: Random, base: object): Resource {
  const [code, display, unit, low, high] = pick(random, MEASURES);
  const value = Math.round((low + random() * (high - low)) * 10) / 10;
  return {
    resourceType: 'Observation',
    ...base,
    status: random() < 0.97 ? 'final' : 'amended',
    category: VITAL_SIGNS,
    code: coded(LOINC, [code, display]),
    effectiveDateTime: `${dayOf(random)}T10:00:00Z`,
    valueQuantity: { value, unit, system: UCUM, code: unit },
  };
}

function pressureOf(random: Random, base: object): Resource {
  const part = (code: string, display: string, value: number): object => ({
    code: coded(LOINC, [code, display]),
    valueQuantity: { value, unit: 'mmHg', system: UCUM, code: 'mm[Hg]' },
  });
  return {
    resourceType: 'Observation',
    ...base,
    status: 'final',
    category: VITAL_SIGNS,
    code: coded(LOINC, ['85354-9', 'Blood pressure panel']),
    effectiveDateTime: `${dayOf(random)}T10:00:00Z`,
    component: [
      part('8480-6', 'Systolic blood pressure', 90 + Math.floor(random() * 90)),
      part('8462-4', 'Diastolic blood pressure', 50 + Math.floor(random() * 60)),
    ],
  };
}
