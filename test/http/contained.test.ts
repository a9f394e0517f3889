/** Searches for contained resources find what the data says, page by page and counted, on both engines. */
import t, { type Test } from 'tap';
import { createRandom } from '../search/random-world.ts';
import { databaseUrl, freshDatabase, mongoFor } from '../storage/mongodb-server.ts';
import { containedSearch, containedWorld } from './contained-world.ts';
import { type Answer, startServer, type TestServer } from './start.ts';

const SEED = Number(process.env.CONTAINED_SEED ?? Math.floor(Math.random() * 1e9));
const SEARCHES = 150;

interface Found {
  readonly addresses: readonly string[];
  readonly total: number;
}

async function walkPages({ ask }: TestServer, search: string): Promise<Found> {
  const addresses: string[] = [];
  let next: string | undefined = search.replaceAll(' ', '%20').replaceAll('|', '%7C');
  let total = -1;
  while (next !== undefined) {
    const { status, body, text }: Answer = await ask(`GET ${next}`, {
      headers: { prefer: 'handling=strict' },
    });
    if (status !== 200) throw new Error(`${search} was answered ${status}: ${text}`);
    for (const { fullUrl } of body.entry ?? []) addresses.push(fullUrl.replace(/^.*\/fhir\//, ''));
    total = body.total;
    next = body.link
      .find(({ relation }: { relation: string }) => relation === 'next')
      ?.url.replace(/^.*\/fhir\//, '');
  }
  return { addresses: addresses.sort(), total };
}

async function compare(t: Test, server: TestServer): Promise<void> {
  const random = createRandom(SEED);
  const world = containedWorld(random);
  const entry = world.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const stored = await server.ask('POST ', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
  t.equal(stored.status, 200, stored.text.slice(0, 2_000));
  for (let n = 0; n < SEARCHES; n++) {
    const { search, found } = containedSearch(random, world);
    const actual = await walkPages(server, `${search}&_total=accurate&_count=${1 + (n % 5)}`);
    t.strictSame(actual, { addresses: found, total: found.length }, search);
  }
}

t.test(`SQLite (CONTAINED_SEED=${SEED})`, async (t) => {
  await compare(t, await startServer(t));
});

const mongo = await mongoFor(t);
if (mongo !== undefined) {
  t.test(`MongoDB (CONTAINED_SEED=${SEED})`, async (t) => {
    const database = freshDatabase(mongo);
    t.teardown(database.drop);
    const env = {
      MONGODB_URL: databaseUrl(mongo, database.name),
      PASSERELLE_MONGODB_HINTS: String(!mongo.isStandIn),
      PASSERELLE_MONGODB_WAIT_MS: '60000',
    };
    await compare(t, await startServer(t, env));
  });
}
