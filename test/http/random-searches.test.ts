/**
 * Random requests over HTTP on both engines: matches, order, includes, totals and pages are those that the JSON tells;
 * the self link holds exactly what was applied and means the same, what was not is reported, and strict handling
 * refuses exactly what lenient handling reports.
 * https://hl7.org/fhir/R4/search.html#errors, https://hl7.org/fhir/R4/search.html#conformance
 */
import t, { type Test } from 'tap';
import type { Resource } from '../../src/fhir/types.ts';
import {
  expectedIncludes,
  expectedMatches,
  labelledResources,
  type RandomRequest,
  randomRequest,
} from '../search/random-requests.ts';
import { createRandom, pick, type Random } from '../search/random-world.ts';
import { BASE, fill } from '../search/world.ts';
import { databaseUrl, freshDatabase, mongoFor } from '../storage/mongodb-server.ts';
import { type Answer, startServer, type TestServer } from './start.ts';

const SEED = Number(process.env.SEARCH_SEED ?? Math.floor(Math.random() * 1e9));
const WORLDS = Number(process.env.SEARCH_WORLDS ?? 2);
const REQUESTS = Number(process.env.SEARCH_REQUESTS ?? 150);
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

type Pair = readonly [string, string];

interface Entry {
  readonly resource: Resource & { readonly issue?: readonly { readonly expression: readonly string[] }[] };
  readonly search: { readonly mode: 'match' | 'include' | 'outcome' };
}

const textOf = (pairs: readonly Pair[]): string =>
  new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value])).toString();
const namesOf = (pairs: readonly Pair[]): string =>
  pairs
    .map(([name]) => `http.${name}`)
    .sort()
    .join();

function entriesOf({ body }: Answer, mode: string): readonly Entry[] {
  return ((body.entry ?? []) as Entry[]).filter(({ search }) => search.mode === mode);
}

const keysOf = (answer: Answer, mode: string): string[] =>
  entriesOf(answer, mode).map(({ resource }) => `${resource.resourceType}/${resource.id}`);

function linkOf({ body }: Answer, relation: string): string | undefined {
  const links = body.link as { relation: string; url: string }[];
  return links
    .find((one) => one.relation === relation)
    ?.url.slice(BASE.length)
    .replace(/^\//, '');
}

/** What the answer has reported as ignored. */
function reportedBy(answer: Answer): string {
  const issues = entriesOf(answer, 'outcome').flatMap(({ resource }) => resource.issue ?? []);
  return issues
    .flatMap(({ expression }) => expression)
    .sort()
    .join();
}

interface World {
  readonly server: TestServer;
  readonly all: readonly Resource[];
  readonly random: Random;
  /** Whether later pages of a chain show the moment of the first. */
  readonly standsStill: boolean;
}

/** Everything that is wrong with what the request is answered, in words. */
async function faultsOf(
  { server, all, random, standsStill }: World,
  request: RandomRequest,
): Promise<string[]> {
  const { path, applied, ignored, empty, sort, includes, looksFurther } = request;
  const faults: string[] = [];
  const check = (name: string, actual: unknown, expected: unknown): void => {
    const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (is !== should) faults.push(`${name}: ${is} instead of ${should}`);
  };
  const pairs = [...applied, ...ignored, ...empty].sort(() => random() - 0.5);
  const order = (keys: readonly string[]): readonly string[] =>
    sort === undefined ? [...keys].sort() : keys;
  const send = (more: readonly Pair[], headers = {}): Promise<Answer> => {
    const sent = textOf([...pairs, ...more]);
    const form = path === '' ? '_search' : `${path}/_search`;
    if (random() < 0.5 || path.includes('/')) return server.ask(`GET ${path}?${sent}`, { headers });
    return server.ask(`POST ${form}`, { body: sent, headers: { ...headers, ...FORM } });
  };
  const expected = expectedMatches(request, all);
  const whole = await send([
    ['_count', '1000'],
    ['_total', 'accurate'],
  ]);
  if (whole.status !== 200) return [`${whole.status} ${whole.text}`];
  const matches = keysOf(whole, 'match');
  check('matches', order(matches), order(expected));
  check('total', whole.body.total, expected.length);
  check('includes', keysOf(whole, 'include').sort(), expectedIncludes(request, expected, all));
  check('reported', reportedBy(whole), namesOf([...ignored, ...empty]));
  const strict = await send([], { prefer: 'handling=strict' });
  check('strict', strict.status, ignored.length > 0 ? 400 : 200);
  if (strict.status === 400) check('refused for', strict.body.issue[0].expression.join(), namesOf(ignored));
  await checkSelf(server, `${path}?${textOf(pairs)}`, applied, order(matches), order, check);
  const count = await send([['_summary', 'count']]);
  check('counted', [count.body.total, entriesOf(count, 'match').length], [expected.length, 0]);
  const thin = await send([
    pick(random, [
      ['_summary', 'true'],
      ['_elements', 'id'],
      ['_summary', 'data'],
    ] as const),
    ['_count', '1000'],
  ]);
  check('thinned out', order(keysOf(thin, 'match')), order(expected));
  for (const { resource } of entriesOf(thin, 'match')) {
    const tags = ((resource.meta as { tag?: { code: string }[] } | undefined)?.tag ?? []).map(
      ({ code }) => code,
    );
    if (!tags.includes('SUBSETTED'))
      faults.push(`${resource.resourceType}/${resource.id} is thinned out and does not say so`);
  }
  if (includes.length === 0)
    await checkPages(
      { server, all, random, standsStill },
      !looksFurther || standsStill,
      send,
      order(expected),
      order,
      check,
    );
  return faults;
}

type Check = (name: string, actual: unknown, expected: unknown) => void;

async function checkSelf(
  server: TestServer,
  asked: string,
  applied: readonly Pair[],
  matches: readonly string[],
  order: (keys: readonly string[]) => readonly string[],
  check: Check,
): Promise<void> {
  const plain = await server.ask(`GET ${asked}`);
  const self = linkOf(plain, 'self') ?? '';
  const held = [...new URLSearchParams(self.slice(self.indexOf('?') + 1 || self.length))];
  check('self link', held.map((pair) => pair.join('=')).sort(), applied.map((pair) => pair.join('=')).sort());
  const again = await server.ask(`GET ${self}${self.includes('?') ? '&' : '?'}_count=1000`);
  check('self link again', order(keysOf(again, 'match')), matches);
  check('self link reports', reportedBy(again), '');
}

/** In pages of a few, while others write. */
async function checkPages(
  { server, all, random }: World,
  mayWrite: boolean,
  send: (more: readonly Pair[]) => Promise<Answer>,
  expected: readonly string[],
  order: (keys: readonly string[]) => readonly string[],
  check: Check,
): Promise<void> {
  const total = pick(random, ['none', 'estimate', 'accurate']);
  const seen: string[] = [];
  const changed = new Map<string, Resource>();
  let page = await send([
    ['_count', String(1 + Math.floor(random() * 6))],
    ['_total', total],
  ]);
  for (let pages = 1; ; pages++) {
    seen.push(...keysOf(page, 'match'));
    if (total === 'accurate') check(`total of page ${pages}`, page.body.total, expected.length);
    const next = linkOf(page, 'next');
    if (next === undefined || pages > 60) break;
    if (mayWrite && random() < 0.3) {
      const one = pick(random, all);
      changed.set(one.id as string, one);
      await fill(server.app.store, [
        { resourceType: one.resourceType, id: one.id, status: 'entered-in-error' } as Resource,
      ]);
    }
    page = await server.ask(`GET ${next}`);
    if (page.status !== 200) return check('next page', `${page.status} ${page.text}`, 200);
  }
  check('pages', order(seen), expected);
  // as it was, for the next request
  if (changed.size > 0) await fill(server.app.store, [...changed.values()]);
}

async function checkRandom(t: Test, env: () => Record<string, string>, standsStill: boolean): Promise<void> {
  const random = createRandom(SEED);
  let found = 0;
  for (let world = 0; world < WORLDS; world++) {
    const server = await startServer(t, { PASSERELLE_BASE_URL: BASE, ...env() });
    await server.app.idle();
    const all = labelledResources(random);
    await fill(server.app.store, all);
    for (let at = 0; at < REQUESTS; at++) {
      const request = randomRequest(random, all);
      found += expectedMatches(request, all).length;
      const faults = await faultsOf({ server, all, random, standsStill }, request);
      if (faults.length === 0) continue;
      const { path, applied, ignored, empty } = request;
      t.same(
        faults,
        [],
        `SEARCH_SEED=${SEED}, world ${world}, request ${at}: ${path}?${textOf([...applied, ...ignored, ...empty])}`,
      );
      return;
    }
  }
  t.ok(found > WORLDS * REQUESTS, `${found} found`);
}

t.test(`sqlite (SEARCH_SEED=${SEED})`, async (t) => await checkRandom(t, () => ({}), true));

const mongo = await mongoFor(t);
if (mongo !== undefined) {
  t.test(`mongodb (SEARCH_SEED=${SEED})`, async (t) => {
    const env = (): Record<string, string> => {
      const database = freshDatabase(mongo);
      t.teardown(() => database.drop());
      return {
        MONGODB_URL: databaseUrl(mongo, database.name),
        PASSERELLE_MONGODB_WAIT_MS: '60000',
        ...(mongo.isStandIn && { PASSERELLE_MONGODB_HINTS: 'false' }),
      };
    };
    await checkRandom(t, env, !mongo.isStandIn);
  });
}
