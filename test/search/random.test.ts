/** Random searches over random resources find exactly what the JSON says. */
import t from 'tap';
import { matches } from '../../src/search/match.ts';
import { resolveSearch } from '../../src/search/resolve.ts';
import { createRandom, randomResources, randomSearch } from './random-world.ts';
import { context, extract } from './world.ts';

const SEED = Number(process.env.SEARCH_SEED ?? Math.floor(Math.random() * 1e9));
const WORLDS = 60;
const SEARCHES = 60;

t.test(`matching agrees with the JSON (SEARCH_SEED=${SEED})`, async (t) => {
  const random = createRandom(SEED);
  let found = 0;
  for (let world = 0; world < WORLDS; world++) {
    const resources = randomResources(random);
    const candidates = resources.map((resource) => ({
      type: resource.resourceType,
      id: resource.id as string,
      lastUpdated: 0,
      postings: extract(resource),
    }));
    const others = (type: string) => candidates.filter((one) => one.type === type);
    for (let at = 0; at < SEARCHES; at++) {
      const { type, pairs, holds } = randomSearch(random);
      const expected = resources.filter((resource) => holds(resource, resources)).map(({ id }) => id);
      const { query } = resolveSearch(type, pairs, context);
      const actual = others(type)
        .filter((one) => matches(query.where, one, others))
        .map(({ id }) => id);
      found += expected.length;
      if (JSON.stringify(actual) !== JSON.stringify(expected)) {
        t.same(actual, expected, JSON.stringify({ type, pairs, query, resources }));
        return;
      }
    }
  }
  // searches that find nothing prove little
  t.ok(found > WORLDS * SEARCHES, `${found} found`);
});
