/**
 * Mutations: a valid resource with one rule broken gets an issue for that rule at that place. Seeded; the
 * seed is printed when something fails.
 */
import t from 'tap';
import { createRandom, MUTATIONS, readSamples } from './mutations.ts';
import { errorsOf, parts } from './parts.ts';
import { type Json, type Place, placesOf } from './places.ts';

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const SAMPLES = readSamples();
const { model } = parts;

const PER_MUTATION = 150;

for (const [name, { apply }] of Object.entries(MUTATIONS)) {
  t.test(`finds ${name}`, async (t) => {
    const random = createRandom(SEED);
    const choose = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const missed: string[] = [];
    let done = 0;
    for (let i = 0; i < 4000 && done < PER_MUTATION; i++) {
      const resource = JSON.parse(choose(SAMPLES)) as Json;
      const places = placesOf(resource, model).filter((place) => !isInNarrative(place));
      const place = choose(places);
      const expected = apply(place, choose);
      if (expected === undefined) continue;
      done++;
      const found = errorsOf(resource);
      if (!found.some((one) => one === expected)) {
        missed.push(
          `${resource.resourceType}/${resource.id} ${place.json}: ${expected}; got ${found.slice(0, 3)}`,
        );
      }
    }
    t.ok(done > 10, `enough places: ${done}`);
    t.same(missed, [], `seed ${SEED}`);
  });
}

function isInNarrative({ ownerType }: Place): boolean {
  return ownerType === 'Narrative';
}
