/** The CRUD mix of mock.health: ten creates, sixty reads, 25 updates (GET, then PUT) and five deletes in a hundred. */
import { pick, type Random } from '../search-data.ts';
import { locationOf } from './connection.ts';
import type { User } from './load.ts';

type Json = Record<string, unknown>;

/** Per cent of requests. */
const TYPES = [
  ['Observation', 50],
  ['Patient', 20],
  ['Condition', 15],
  ['Encounter', 10],
  ['MedicationRequest', 5],
] as const;
type MixType = (typeof TYPES)[number][0];

/** Resources of each type that are read and updated, and never deleted. */
const KEPT = 50;
/** Marks what an update changed. */
const LANGUAGES = ['en', 'fr', 'ar', 'es', 'ne'];

interface Pool {
  readonly kept: string[];
  /** Created by the mix, to be deleted by it. */
  readonly own: string[];
}

/** What one user does; resources to read are made first, by whoever comes first. */
export function crudMix(random: Random): (user: User) => Promise<undefined> {
  const pools = new Map<MixType, Pool>(TYPES.map(([type]) => [type, { kept: [], own: [] }]));
  const patients = pools.get('Patient')?.kept as string[];
  const create = async (user: User, type: MixType): Promise<string> => {
    const patient = patients.length === 0 ? '' : pick(random, patients);
    const id = patient.slice(patient.lastIndexOf('/') + 1);
    const reply = await user.ask('POST', `${user.base.pathname}/${type}`, newBody(type, id, random), 201);
    return locationOf(reply, user.base, type);
  };
  return async (user) => {
    const type = typeOf(patients.length < KEPT ? 20 : random() * 100, patients.length < KEPT);
    const { kept, own } = pools.get(type) as Pool;
    const fate = random() * 100;
    if (kept.length < KEPT) kept.push(await create(user, type));
    else if (fate < 10) own.push(await create(user, type));
    else if (fate < 70) await user.ask('GET', pick(random, kept));
    else if (fate < 95) await update(user, pick(random, kept), random);
    else {
      const path = own.pop();
      if (path === undefined) own.push(await create(user, type));
      else await user.ask('DELETE', path);
    }
    return undefined;
  };
}

function typeOf(share: number, needsPatients: boolean): MixType {
  if (needsPatients) return 'Patient';
  let left = share;
  for (const [type, weight] of TYPES) {
    left -= weight;
    if (left < 0) return type;
  }
  return 'Observation';
}

async function update(user: User, path: string, random: Random): Promise<void> {
  const { status, body } = await user.ask('GET', path);
  if (status !== 200) return;
  const resource = JSON.parse(body.toString('utf8')) as Json;
  await user.ask(
    'PUT',
    path,
    Buffer.from(JSON.stringify({ ...resource, language: pick(random, LANGUAGES) })),
  );
}

const LOINC = 'http://loinc.org';
const SCT = 'http://snomed.info/sct';
const THO = 'http://terminology.hl7.org/CodeSystem';

function newBody(type: MixType, patient: string, random: Random): Buffer {
  const subject = { reference: `Patient/${patient}` };
  const day = `202${Math.floor(random() * 5)}-0${1 + Math.floor(random() * 9)}-1${Math.floor(random() * 9)}`;
  return Buffer.from(JSON.stringify({ resourceType: type, ...contentOf(type, subject, day, random) }));
}

function contentOf(type: MixType, subject: Json, day: string, random: Random): Json {
  switch (type) {
    case 'Observation':
      return {
        status: 'final',
        code: { coding: [{ system: LOINC, code: '718-7', display: 'Hemoglobin [Mass/volume] in Blood' }] },
        subject,
        effectiveDateTime: `${day}T10:00:00Z`,
        valueQuantity: {
          value: 10 + Math.floor(random() * 60) / 10,
          unit: 'g/dL',
          system: 'http://unitsofmeasure.org',
          code: 'g/dL',
        },
      };
    case 'Patient':
      return {
        identifier: [{ system: 'http://hospital.example.org', value: `MRN-${Math.floor(random() * 1e9)}` }],
        name: [{ use: 'official', family: 'Smith', given: ['John'] }],
        gender: random() < 0.5 ? 'male' : 'female',
        birthDate: day.replace(/^20/, '19'),
        address: [{ line: ['12 Market Road'], city: 'Boston', country: 'US' }],
      };
    case 'Condition':
      return {
        clinicalStatus: { coding: [{ system: `${THO}/condition-clinical`, code: 'active' }] },
        code: { coding: [{ system: SCT, code: '38341003' }], text: 'Hypertension' },
        subject,
        onsetDateTime: day,
      };
    case 'Encounter':
      return {
        status: 'finished',
        class: { system: `${THO}/v3-ActCode`, code: 'AMB' },
        subject,
        period: { start: `${day}T08:00:00Z`, end: `${day}T09:00:00Z` },
      };
    case 'MedicationRequest':
      return {
        status: 'active',
        intent: 'order',
        medicationCodeableConcept: {
          coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '860975' }],
          text: 'Metformin 500 MG',
        },
        subject,
        authoredOn: day,
      };
  }
}
