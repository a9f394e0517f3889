/** Validation alone, on one core: resources per second against R4 and the profiles that they claim. */
import { performance } from 'node:perf_hooks';
import { loadBuiltDefinitions } from '../../../src/definitions/built.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createGenerations } from '../../../src/interactions/generations.ts';
import { populate } from '../../../src/seed/population.ts';

export interface ValidationSpeed {
  readonly perSecond: number;
  readonly errors: number;
  /** Resources per second of JSON.parse of the same texts. */
  readonly parsesPerSecond: number;
}

export function measureValidation(seconds: number): ValidationSpeed {
  const extraction = { base: '', timeZone: 'UTC', fullText: false };
  const { validator } = createGenerations(loadBuiltDefinitions(), extraction).current();
  const resources = [...populate({ patients: 120, seed: 4 })].flatMap((batch) => batch.resources);
  const texts = resources.map((resource) => JSON.stringify(resource));
  let errors = 0;
  for (const resource of resources) errors += validator.validate(resource, { errorsOnly: true }).length;
  const perSecond = rate(resources, seconds, (one: Resource) =>
    validator.validate(one, { errorsOnly: true }),
  );
  return { perSecond, errors, parsesPerSecond: rate(texts, seconds / 4, (text: string) => JSON.parse(text)) };
}

function rate<T>(list: readonly T[], seconds: number, act: (one: T) => unknown): number {
  const startedAt = performance.now();
  let done = 0;
  while (performance.now() - startedAt < seconds * 1000) {
    for (const one of list) act(one);
    done += list.length;
  }
  return (done / (performance.now() - startedAt)) * 1000;
}
