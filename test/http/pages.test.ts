/**
 * On both engines, on MongoDB through two servers in turn: every page of filters and orders, by the `next` links, shows
 * what there was when the first page was asked for, whatever is written between two pages.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import t, { type Test } from 'tap';
import { createRandom, pick, type Random } from '../search/random-world.ts';
import { databaseUrl, freshDatabase, mongoFor } from '../storage/mongodb-server.ts';
import { watchCommands } from './mongodb-commands.ts';
import { type Answer, startServer, type TestServer } from './start.ts';

const SEED = Number(process.env.PAGES_SEED ?? Math.floor(Math.random() * 1e9));
const PATIENTS = 12;
const OBSERVATIONS = 60;
const LOINC = 'http://loinc.org';
const CODES = ['8302-2', '29463-7', '8867-4'];
const FAMILIES = ['Htoo', 'Núñez', 'Okoro', 'Wah'];

const WALKS = [
  'Observation?',
  `Observation?code=${LOINC}|8302-2`,
  `Observation?code:not=${LOINC}|8302-2&_total=accurate`,
  `Observation?code=${LOINC}|8302-2,${LOINC}|29463-7&status=final&_total=accurate`,
  'Observation?value-quantity:missing=true&_total=accurate',
  'Observation?value-quantity:missing=false&_sort=value-quantity',
  'Observation?value-quantity=gt60&_sort=-value-quantity,_id',
  'Observation?date=ge2021-03&date=lt2024',
  'Observation?date=ge2021&_sort=date,-_lastUpdated',
  'Observation?_sort=-value-quantity',
  'Observation?_sort=value-quantity,-date',
  'Observation?_sort=-date,status,_id',
  'Observation?_sort=status,-value-quantity&_total=accurate',
  'Observation?_sort=-_lastUpdated',
  'Observation?_sort=code,-date&status:not=amended',
  `Observation?code=${LOINC}|8302-2,${LOINC}|8867-4&_sort=-code`,
  'Observation?_sort=status,code,value-quantity,date,_id',
  'Observation?_sort=_id&status:not=final',
  'Observation?subject:Patient.gender=female&_sort=_lastUpdated',
  'Observation?patient.family=htoo&_include=Observation:subject',
  'Observation?code-value-quantity=8302-2$gt60&_sort=date',
  'Observation?_include=Observation:subject&_sort=-date&status=final',
  'Patient?_sort=family,-birthdate&_revinclude=Observation:subject',
  'Patient?_has:Observation:patient:status=final&_sort=birthdate',
  'Patient?birthdate:missing=true&_total=accurate',
  'Observation?_sort=subject',
  'Observation?_sort=-patient,-date&status:not=amended&_total=accurate',
  'Observation?status=final&_sort=date,-subject',
  'Observation?subject:Patient.gender=female&_sort=-subject,_id',
  'Observation?_sort=combo-code,value-quantity',
  'Patient?_sort=identifier',
  'Patient?_sort=-identifier,_id&_has:Observation:patient:status=final',
  'Patient?_has:Observation:patient:code=8302-2&_sort=-family&_revinclude=Observation:patient',
  'Observation?_filter=status ne amended and (value-quantity gt 50 or subject.gender eq male)&_sort=-date',
  'Observation?subject:Patient.family=htoo&subject:Patient.gender=male&_sort=-value-quantity',
  'Observation?_list=l1&_sort=subject',
  'Observation?_list=l1',
  '?_type=Observation,Procedure&_sort=subject',
  '?_type=Observation,Procedure&_sort=-date&_total=accurate',
  '?_type=Observation,Procedure&_sort=status,-_lastUpdated',
  '?_type=Observation,Patient&_sort=-_id',
  '?_lastUpdated=gt2020&_sort=_lastUpdated',
  'Patient?_contained=true&gender=female,male&_total=accurate',
  'Patient?_contained=true&gender=female,male&_sort=-gender',
  'Observation?_contained=both&status=final&_sort=-date',
  'Patient/p1/Observation?_sort=code',
] as const;

type Entry = {
  readonly search: { readonly mode: string };
  readonly resource: {
    readonly resourceType: string;
    readonly id: string;
    readonly meta: { versionId: string };
    /** Of an OperationOutcome. */
    readonly issue?: readonly Remark[];
  };
};
type Remark = { readonly details: { readonly text: string }; readonly diagnostics: string };

t.test(`pages stand still on SQLite while others write (PAGES_SEED=${SEED})`, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-pages-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const env = { PASSERELLE_DATA: folder };
  const server = await startServer(t, env);
  const kept = await walkWhileOthersWrite(t, [server, server], { count: 7 });
  await server.app.close();
  const again = await startServer(t, env);
  for (const { asked, matches } of kept) {
    t.same(matchesOf(await again.ask(`GET ${asked}`)), matches, `${asked}: after a restart`);
  }
});

const mongo = await mongoFor(t);
if (mongo !== undefined) {
  t.test(`pages stand still on MongoDB while others write (PAGES_SEED=${SEED})`, async (t) => {
    const database = freshDatabase(mongo);
    t.teardown(database.drop);
    const env = {
      MONGODB_URL: databaseUrl(mongo, database.name),
      PASSERELLE_SECRET: 'the same on both, so that each knows the links of the other',
      PASSERELLE_MONGODB_HINTS: String(!mongo.isStandIn),
      PASSERELLE_MONGODB_WAIT_MS: '60000',
    };
    const servers = [await startServer(t, env), await startServer(t, env)] as const;
    // the stand-in reads at no earlier moment, so chains look at the present (docs/mongodb.md)
    await walkWhileOthersWrite(t, servers, { count: 13, peopleToo: !mongo.isStandIn });
  });

  t.test('a request costs no more commands than docs/mongodb.md says', async (t) => {
    const database = freshDatabase(mongo);
    t.teardown(database.drop);
    const wire = await watchCommands(t, mongo.url);
    const server = await startServer(t, {
      MONGODB_URL: `${databaseUrl(wire, database.name)}?directConnection=true`,
      PASSERELLE_MONGODB_HINTS: String(!mongo.isStandIn),
      PASSERELLE_MONGODB_WAIT_MS: '60000',
      PASSERELLE_CONDITIONAL_DELETE: 'single',
      PASSERELLE_DEFINITIONS_POLL_MS: '600000',
    });
    const named = (id: string, active = true) => ({
      resourceType: 'Patient',
      ...(id !== '' && { id }),
      identifier: [{ system: 'urn:n', value: id }],
      active,
    });
    const ifNoneExist = { headers: { 'if-none-exist': 'identifier=urn:n|new' } };
    // codes and criteria that were never seen before are written down once
    for (const isActive of [true, false]) {
      await server.ask('PUT Patient?identifier=urn:n|before', { body: named('before', isActive) });
    }
    const fresh = { resourceType: 'Patient', identifier: [{ system: 'urn:n', value: 'new' }] };
    const patch = [{ op: 'replace', path: '/active', value: false }];
    const bundleOf = (ids: readonly string[], method: string) => ({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: ids.map((id) => ({
        ...(method !== 'DELETE' && { resource: named(id) }),
        request: { method, url: method === 'POST' ? 'Patient' : `Patient/${id}` },
      })),
    });
    const requests: readonly (readonly [
      string,
      { body?: unknown; headers?: Record<string, string> },
      number,
      string,
    ])[] = [
      ['PUT Patient/a', { body: named('a') }, 201, 'find insert'],
      ['GET Patient/a', {}, 200, 'find'],
      ['PUT Patient/a', { body: named('a', false) }, 200, 'find bulkWrite'],
      ['PUT Patient/a', { body: named('a'), headers: { 'if-match': 'W/"2"' } }, 200, 'find bulkWrite'],
      [
        'PATCH Patient/a',
        { body: JSON.stringify(patch), headers: { 'content-type': 'application/json-patch+json' } },
        200,
        'find bulkWrite',
      ],
      ['DELETE Patient/a', {}, 200, 'find bulkWrite'],
      ['PUT Patient/a', { body: named('a') }, 201, 'find bulkWrite'],
      ['POST Patient', { body: fresh }, 201, 'insert'],
      ['DELETE Patient?identifier=urn:n|new', {}, 200, 'find find bulkWrite commitTransaction'],
      ['POST Patient', { body: fresh, ...ifNoneExist }, 201, 'find find bulkWrite commitTransaction'],
      ['POST Patient', { body: fresh, ...ifNoneExist }, 200, 'find'],
      [
        'PUT Patient?identifier=urn:n|new',
        { body: { ...fresh, active: true } },
        200,
        'find find bulkWrite commitTransaction',
      ],
      [
        'PUT Patient?identifier=urn:n|new2',
        { body: named('new2') },
        201,
        'find find find bulkWrite commitTransaction',
      ],
      ['POST ', { body: bundleOf(['x', 'y'], 'POST') }, 200, 'insert commitTransaction'],
      ['POST ', { body: bundleOf(['b1', 'b2'], 'PUT') }, 200, 'find insert commitTransaction'],
      ['POST ', { body: bundleOf(['b1', 'b2'], 'PUT') }, 200, 'find insert bulkWrite commitTransaction'],
      ['POST ', { body: bundleOf(['b1', 'b2'], 'DELETE') }, 200, 'find insert bulkWrite commitTransaction'],
    ];
    for (const [request, options, status, commands] of requests) {
      wire.sent.length = 0;
      const answer = await server.ask(request, options);
      t.equal(answer.status, status, `${request}: ${answer.text}`);
      t.equal(wire.sent.join(' '), commands, `${request}: commands`);
    }
  });

  t.test('how a search is carried out is told, also when the server takes too long to tell', async (t) => {
    const database = freshDatabase(mongo);
    t.teardown(database.drop);
    const env = { MONGODB_URL: databaseUrl(mongo, database.name), PASSERELLE_SEARCH_EXPLAIN: 'true' };
    const server = await startServer(t, { ...env, PASSERELLE_MONGODB_WAIT_MS: '60000' });
    await transact(server, [patient(createRandom(1), 'p1')]);
    const told = async (url: string): Promise<readonly Remark[]> => {
      const { body } = await server.ask(`GET ${url}`);
      return (body.entry as Entry[]).find(({ search }) => search.mode === 'outcome')?.resource.issue ?? [];
    };
    const [query, engine, step] = await told('Patient?gender=female,male&_explain');
    t.match(query?.diagnostics, /^Patient: .*Patient\.gender/);
    t.match(engine, { details: { text: /^mongodb: 1 on this page, .*examined$/ }, diagnostics: '1 command' });
    t.match(step?.diagnostics, /^find res .*"hint":"k_o".*IXSCAN k_o k \["/s);
    if (mongo.process === undefined) return;
    const client = new MongoClient(mongo.url);
    t.teardown(() => client.close());
    // 50: the time for a command is over
    const data = { failCommands: ['explain'], errorCode: 50 };
    await client.db('admin').command({ configureFailPoint: 'failCommand', mode: { times: 1 }, data });
    const [, , late] = await told('Patient?gender=female,male&_explain');
    t.match(late?.diagnostics, /^find res .*\n {2}not explained: that takes too long now$/s);
  });
}

async function walkWhileOthersWrite(
  t: Test,
  servers: readonly [TestServer, TestServer],
  { count, peopleToo = true }: { readonly count: number; readonly peopleToo?: boolean },
): Promise<readonly Shown[]> {
  const random = createRandom(SEED);
  const people = Array.from({ length: PATIENTS }, (_, at) => patient(random, `p${at}`));
  const results = Array.from({ length: OBSERVATIONS }, (_, at) => observation(random, `o${at}`));
  const done = Array.from({ length: 15 }, (_, at) => procedure(random, `x${at}`));
  await transact(servers[0], [...people, ...results, ...done, list(random)]);
  const kept: Shown[] = [];
  let made = 0;
  for (const url of WALKS) {
    const whole = await servers[1].ask(`GET ${url}&_count=1000`);
    const expected = matchesOf(whole);
    const others = new Set(entriesOf(whole).filter(isIncluded).map(nameOf));
    const seen: string[] = [];
    const included = new Set<string>();
    const written = new Set<string>();
    const totals = new Set<number>();
    let pages = 0;
    const shown: Shown[] = [];
    let next: string | undefined = `${url}&_count=${count}`;
    while (next !== undefined && pages < 100) {
      const page: Answer = await (servers[pages++ % 2] as TestServer).ask(`GET ${next}`);
      if (page.status !== 200) t.fail(`${url}: ${page.text}`);
      seen.push(...matchesOf(page));
      for (const entry of entriesOf(page).filter(isIncluded)) included.add(nameOf(entry));
      if (page.body.total !== undefined) totals.add(page.body.total as number);
      if (pages > 1) shown.push({ asked: next, matches: matchesOf(page) });
      next = link(page);
      if (next === undefined) break;
      for (const one of await disturb(servers, random, { made: made++, peopleToo })) written.add(one);
    }
    t.same(seen, expected, `${url}: ${pages} pages`);
    t.ok(pages > 1 || expected.length <= count, `${url}: more than a page`);
    // what is included is as it is now: of what nobody has written nothing is missing, nor too much
    const isStill = (one: string): boolean => !written.has(one.replace(/ .*/, '')) && !/\/new/.test(one);
    t.same([...included].filter(isStill).sort(), [...others].filter(isStill).sort(), `${url}: included`);
    // any page again, in whatever order, from whichever server
    for (const { asked, matches } of [pick(random, shown), pick(random, shown)].filter(Boolean)) {
      const again = await (servers[pages++ % 2] as TestServer).ask(`GET ${asked}`);
      t.same(matchesOf(again), matches, `${url}: a page again`);
    }
    kept.push(...shown.slice(-1));
    if (url.includes('_total=accurate')) t.same([...totals], [expected.length], `${url}: total`);
  }
  return kept;
}

/** A page and what it showed. */
interface Shown {
  readonly asked: string;
  readonly matches: readonly string[];
}

/** Writes what is on this page, on pages to come, what matches now and what does not, and those that chains ask for. */
async function disturb(
  [first, second]: readonly [TestServer, TestServer],
  random: Random,
  { made, peopleToo }: { readonly made: number; readonly peopleToo: boolean },
): Promise<readonly string[]> {
  const changed: Written[] = Array.from({ length: 2 }, () =>
    observation(random, `o${Math.floor(random() * OBSERVATIONS)}`),
  );
  if (peopleToo) changed.push(patient(random, `p${Math.floor(random() * PATIENTS)}`), list(random));
  changed.push(procedure(random, `x${Math.floor(random() * 15)}`));
  await transact(second, [...changed, observation(random, `new${made}`)]);
  const gone = [`Observation/new${made - Math.floor(random() * 2)}`];
  if (random() < 0.5) gone.push(`Observation/o${Math.floor(random() * OBSERVATIONS)}`);
  if (random() < 0.5) for (const one of gone) await first.ask(`DELETE ${one}`);
  return [...changed.map(({ resourceType, id }) => `${resourceType}/${id}`), ...gone];
}

function patient(random: Random, id: string) {
  return {
    resourceType: 'Patient',
    id,
    gender: pick(random, ['female', 'male']),
    identifier: [{ system: 'urn:n', value: `n${Math.floor(random() * 30)}` }],
    name: [{ family: pick(random, FAMILIES) }],
    ...(random() < 0.7 && { birthDate: `19${60 + Math.floor(random() * 40)}-05-01` }),
  };
}

function observation(random: Random, id: string) {
  const value = 40 + Math.floor(random() * 60);
  return {
    resourceType: 'Observation',
    id,
    status: pick(random, ['final', 'final', 'amended', 'preliminary']),
    code: { coding: [{ system: LOINC, code: pick(random, CODES) }] },
    subject: { reference: `Patient/p${Math.floor(random() * PATIENTS)}` },
    ...(random() < 0.4 && {
      contained: [{ resourceType: 'Patient', id: 'c', gender: pick(random, ['female', 'male']) }],
      performer: [{ reference: '#c' }],
    }),
    ...(random() < 0.8 && {
      effectiveDateTime: `202${Math.floor(random() * 5)}-0${1 + Math.floor(random() * 9)}-11`,
    }),
    ...(random() < 0.7 && {
      valueQuantity: { value, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
    }),
  };
}

function procedure(random: Random, id: string) {
  return {
    resourceType: 'Procedure',
    id,
    status: pick(random, ['completed', 'stopped']),
    subject: { reference: `Patient/p${Math.floor(random() * PATIENTS)}` },
    performedDateTime: `202${Math.floor(random() * 5)}-0${1 + Math.floor(random() * 9)}-21`,
  };
}

function list(random: Random) {
  const members = Array.from({ length: 40 }, () => `Observation/o${Math.floor(random() * OBSERVATIONS)}`);
  const entry = [...new Set(members)].map((reference) => ({ item: { reference } }));
  return { resourceType: 'List', id: 'l1', status: 'current', mode: 'working', entry };
}

interface Written {
  readonly resourceType: string;
  readonly id: string;
}

async function transact(server: TestServer, resources: readonly Written[]) {
  const unique = [...new Map(resources.map((resource) => [resource.id, resource])).values()];
  const entry = unique.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const { status, text } = await server.ask('POST /fhir', {
    body: { resourceType: 'Bundle', type: 'transaction', entry },
  });
  if (status !== 200) throw new Error(text);
}

function entriesOf({ body }: Answer): readonly Entry[] {
  return body.entry ?? [];
}

function isIncluded({ search }: Entry): boolean {
  return search.mode === 'include';
}

/** Whole, in their order. */
function matchesOf(answer: Answer): string[] {
  return entriesOf(answer)
    .filter(({ search }) => search.mode === 'match')
    .map(({ resource }) => JSON.stringify(resource));
}

function nameOf({ resource }: Entry): string {
  return `${resource.resourceType}/${resource.id} ${resource.meta.versionId}`;
}

function link({ body }: Answer): string | undefined {
  const links = body.link as readonly { relation: string; url: string }[];
  return links.find(({ relation }) => relation === 'next')?.url.replace(/^.*\/fhir\/?/, '');
}
