/** What the bench does to a server: the workloads of public comparisons, and single reads and creates. */
import { populate } from '../../../src/seed/population.ts';
import { createRandom, pick, type Random, type Samples } from '../search-data.ts';
import { SHAPES } from '../search-shapes.ts';
import { locationOf } from './connection.ts';
import { crudIteration } from './crud.ts';
import type { User } from './load.ts';

export interface Workload {
  readonly name: string;
  readonly users: number;
  readonly type?: string;
  /** Whether the baseline can do the same, step by step; else it answers GETs of the same size. */
  readonly echoes: boolean;
  act(user: User): Promise<boolean | undefined>;
}

const LOINC = 'http://loinc.org';
const WITH_PROFILE = 'tb-chest-xray';

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
    { name: 'CRUD, 36 requests', users: 32, type: 'application/json', echoes: true, act: crudIteration },
    { name: 'CRUD mix', users: 64, echoes: false, act: crudMix(random, samples) },
    {
      name: 'search, 30 shapes',
      users: 16,
      echoes: false,
      act: get(() => pick(random, SHAPES).url(random, samples)),
    },
    ...families(random, samples),
    { name: 'read mix (WSO2)', users: 16, echoes: false, act: get(() => readMix(random, samples)) },
  ];
}

function get(url: () => string): Workload['act'] {
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

/** Per cent of each kind of request, as mock.health sends them. */
function crudMix(random: Random, samples: Samples): Workload['act'] {
  const mine: string[] = [];
  return async (user) => {
    const root = user.base.pathname;
    const fate = random() * 100;
    if (fate < 60) {
      await user.ask('GET', `${root}/Patient/${pick(random, samples.patients)}`);
    } else if (fate < 85) {
      const path = `${root}/Patient/${pick(random, samples.patients)}`;
      const { body } = await user.ask('GET', path);
      await user.ask('PUT', path, body);
    } else if (fate < 95 || mine.length === 0) {
      const reply = await user.ask(
        'POST',
        `${root}/Condition`,
        conditionOf(pick(random, samples.patients)),
        201,
      );
      mine.push(locationOf(reply, user.base));
    } else {
      await user.ask('DELETE', mine.pop() as string);
    }
    return undefined;
  };
}

function conditionOf(patient: string): Buffer {
  return Buffer.from(
    JSON.stringify({
      resourceType: 'Condition',
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
      },
      code: { coding: [{ system: 'http://snomed.info/sct', code: '38341003' }], text: 'Hypertension' },
      subject: { reference: `Patient/${patient}` },
      onsetDateTime: '2019-04',
    }),
  );
}

/** Families of one kind of search parameter each; values that the made-up data holds. */
function families(random: Random, samples: Samples): Workload[] {
  const patient = (): string => pick(random, samples.patients);
  const month = (): string => `2023-${String(1 + Math.floor(random() * 12)).padStart(2, '0')}`;
  const shapes: Readonly<Record<string, () => string>> = {
    string: () => `Patient?name=${pick(random, samples.families).slice(0, 4)}`,
    date: () => `Observation?date=ge${month()}-01&date=lt${month()}-28`,
    reference: () => `Observation?subject=Patient/${patient()}`,
    token: () => `Observation?code=${LOINC}|24648-8&status=final`,
    quantity: () =>
      `Observation?code=${LOINC}|29463-7&value-quantity=gt${60 + Math.floor(random() * 25)}|http://unitsofmeasure.org|kg`,
    composite: () =>
      `Observation?component-code-value-quantity=${LOINC}|8480-6$gt${130 + Math.floor(random() * 30)}`,
    mixed: () =>
      `Encounter?participant=Practitioner/${pick(random, samples.practitioners)}&date=ge2023-06&status=finished&_sort=-date&_include=Encounter:patient`,
  };
  return Object.entries(shapes).map(([name, url]) => ({
    name: `search, ${name}`,
    users: 16,
    echoes: false,
    act: get(url),
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
