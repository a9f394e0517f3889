/**
 * A made-up population as a stream of families. The same seed gives the same bytes, and the first families of a
 * large population are those of a small one.
 */
import type { Resource } from '../fhir/types.ts';
import { clearForTravel, recordCondition, referOn, vaccinate } from './care.ts';
import { directory } from './directory.ts';
import { createFamily, type Family, type Person } from './family.ts';
import { testForInfections } from './infections.ts';
import { openChart } from './journey.ts';
import { createCase, createPatient } from './patient.ts';
import { recordTuberculosis, screenForTuberculosis } from './tuberculosis.ts';
import { measure } from './vitals.ts';

/** What belongs together in one transaction: the directory of sites first, then a family at a time. */
export interface Batch {
  readonly resources: readonly Resource[];
  readonly patients: number;
}

export interface Population {
  readonly patients: number;
  readonly seed: number;
}

export function* populate({ patients, seed }: Population): Generator<Batch> {
  yield { resources: directory(), patients: 0 };
  let left = patients;
  for (let index = 0; left > 0; index++) {
    const family = createFamily(seed, index, left);
    left -= family.people.length;
    yield { resources: familyResources(family), patients: family.people.length };
  }
}

function familyResources(family: Family): Resource[] {
  const resources: Resource[] = [];
  for (const person of family.people) {
    resources.push(createPatient(family, person));
    addRecord(family, person, resources);
  }
  resources.push(createCase(family));
  return resources;
}

function addRecord(family: Family, person: Person, resources: Resource[]): void {
  const chart = openChart(family, person, resources);
  measure(chart);
  const { disease } = screenForTuberculosis(chart);
  if (disease !== undefined) recordTuberculosis(chart, disease);
  testForInfections(chart);
  const condition = recordCondition(chart);
  vaccinate(chart);
  clearForTravel(chart, condition);
  referOn(chart, condition);
}
