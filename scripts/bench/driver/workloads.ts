/**
 * What the bench does to a server: the workloads of public comparisons, and single reads and creates. Searches fill
 * in ids and values that are in the data.
 */
import { randomUUID } from 'node:crypto';
import type { Resource } from '../../../src/fhir/types.ts';
import { populate } from '../../../src/seed/population.ts';
import { createRandom, pick, type Random, type Samples } from '../search-data.ts';
import { SEEDED_FAMILIES, SHAPES } from '../search-shapes.ts';
import { crudIteration } from './crud.ts';
import type { User } from './load.ts';
import { crudMix } from './mix.ts';

export interface Workload {
  readonly name: string;
  readonly users: number;
  readonly type?: string;
  readonly acceptsGzip?: boolean;
  /** Whether the baseline can do the same, step by step; else it answers GETs of the same size. */
  readonly echoes: boolean;
  act(user: User): Promise<boolean | undefined>;
}

const LOINC = 'http://loinc.org';
const WITH_PROFILE = 'tb-chest-xray';
export const SEARCH_USERS = 16;

export function workloads(samples: Samples): Workload[] {
  const random = createRandom(11);
  return [
    {
      name: 'read',
      users: 16,
      echoes: false,
      act: get(() => `Patient/${pick(random, samples.patients)}`),
    },
    { name: 'validated create', users: 16, echoes: true, act: createFilms() },
    {
      name: 'CRUD, 36 requests',
      users: 32,
      type: 'application/json',
      acceptsGzip: true,
      echoes: true,
      act: crudIteration,
    },
    { name: 'CRUD mix (mock.health)', users: 64, echoes: false, act: crudMix(random) },
    {
      name: 'search, 30 shapes',
      users: SEARCH_USERS,
      echoes: false,
      act: get(() => pick(random, SHAPES).url(random, samples)),
    },
    ...families(random, samples),
    {
      name: 'read mix (WSO2)',
      users: SEARCH_USERS,
      echoes: false,
      act: get(() => readMix(random, samples)),
    },
    { name: 'ingest (WSO2)', users: 16, echoes: true, act: ingest },
  ];
}

export function get(url: () => string): Workload['act'] {
  return async (user) => {
    await user.ask('GET', encodeURI(`${user.base.pathname}/${url()}`));
    return undefined;
  };
}

/** Chest films that claim their profile: the costliest of the common creates. */
function createFilms(): Workload['act'] {
  const films = [...populate({ patients: 200, seed: 99 })]
    .flatMap(({ resources }) => resources)
    .filter(({ meta }) => meta?.profile?.[0]?.endsWith(WITH_PROFILE))
    .map((resource) => Buffer.from(JSON.stringify({ ...resource, id: undefined })));
  return async (user) => {
    const body = films[user.number % films.length] as Buffer;
    await user.ask('POST', `${user.base.pathname}/Observation`, body, 201);
    return undefined;
  };
}

/** Families of one kind of search parameter each; values that the made-up data holds. */
export function families(random: Random, samples: Samples): Workload[] {
  return SEEDED_FAMILIES.map(({ name, url }) => ({
    name: `search, ${name}`,
    users: SEARCH_USERS,
    echoes: false,
    act: get(() => url(random, samples)),
  }));
}

function readMix(random: Random, samples: Samples): string {
  const id = pick(random, samples.patients);
  const fate = random() * 100;
  if (fate < 45) return `Patient/${id}`;
  if (fate < 65) return 'Patient?_count=20';
  if (fate < 85) return `Observation?patient=${id}&_count=50`;
  if (fate < 95) return `Condition?patient=${id}&_count=50`;
  return `Patient/${id}/_history?_count=10`;
}

/** A transaction of Patient, Encounter and two Observations. */
async function ingest(user: User): Promise<undefined> {
  const [patient, encounter] = [`urn:uuid:${randomUUID()}`, `urn:uuid:${randomUUID()}`];
  const post = (fullUrl: string, resource: Resource): object => ({
    fullUrl,
    resource,
    request: { method: 'POST', url: resource.resourceType },
  });
  const observation = (code: string, value: number, unit: string): object =>
    post(`urn:uuid:${randomUUID()}`, {
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: LOINC, code }] },
      subject: { reference: patient },
      encounter: { reference: encounter },
      effectiveDateTime: '2024-02-01T08:30:00+07:00',
      valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
    });
  const entry = [
    post(patient, {
      resourceType: 'Patient',
      name: [{ family: 'Wah', given: ['Htoo'] }],
      gender: 'female',
      birthDate: '1991-04',
    }),
    post(encounter, {
      resourceType: 'Encounter',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject: { reference: patient },
      period: { start: '2024-02-01T08:00:00+07:00', end: '2024-02-01T09:00:00+07:00' },
    }),
    observation('718-7', 13.2, 'g/dL'),
    observation('8867-4', 72, '/min'),
  ];
  const body = Buffer.from(JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }));
  await user.ask('POST', user.base.pathname, body);
  return undefined;
}
