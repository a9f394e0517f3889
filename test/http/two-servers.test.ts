/**
 * Many clients at once, and two servers on one database: one identity is one resource, and a definition or a package
 * that one server took is in force on the other, without a restart.
 */
import { Agent, request } from 'node:http';
import { MongoClient } from 'mongodb';
import t, { type Test } from 'tap';
import { databaseUrl, freshDatabase, mongoFor } from '../storage/mongodb-server.ts';
import { bornProfile, manifestOf, packFiles } from './example-package.ts';
import { startServer, type TestServer } from './start.ts';

const CREATES = 1_000;
const CONNECTIONS = 64;
const SYSTEM = 'http://example.org/case';

t.test('SQLite: 1,000 conditional creates of one person from 64 connections make one', async (t) => {
  await createAtOnce(t, [await startServer(t)]);
});

const mongo = await mongoFor(t);
if (mongo !== undefined) {
  const settingsFor = (database: string): Record<string, string> => ({
    MONGODB_URL: databaseUrl(mongo, database),
    PASSERELLE_DEFINITIONS_POLL_MS: '100',
    PASSERELLE_MONGODB_HINTS: String(!mongo.isStandIn),
    PASSERELLE_MONGODB_WAIT_MS: '60000',
  });
  const startTwo = async (t: Test): Promise<readonly [TestServer, TestServer]> => {
    const database = freshDatabase(mongo);
    t.teardown(database.drop);
    const env = settingsFor(database.name);
    return [await startServer(t, env), await startServer(t, env)];
  };

  t.test('MongoDB: the same through two servers', async (t) => {
    await createAtOnce(t, await startTwo(t));
  });

  t.test('what one server took is in force on the other', async (t) => {
    const [one, other] = await startTwo(t);
    const person = { resourceType: 'Patient', id: 'm', maritalStatus: { text: 'widowed' } };
    t.equal((await other.ask('PUT Patient/m', { body: person })).status, 201);
    const strict = { headers: { prefer: 'handling=strict' } };
    t.equal((await other.ask('GET Patient?marital=widowed', strict)).status, 400, 'not known yet');

    const written = await one.ask('POST SearchParameter', { body: parameter('own') });
    t.equal(written.status, 201);
    await eventually(async () => (await other.ask('GET Patient?own=widowed', strict)).body.total === 1);
    t.equal((await other.ask('GET Patient?own=widowed', strict)).body.total, 1, 'a search parameter');

    const headers = { 'content-type': 'application/gzip' };
    const loaded = await one.ask('POST $load-package', { body: examplePackage(), headers });
    t.equal(loaded.status, 201, 'a package');
    const claims = { resourceType: 'Patient', meta: { profile: [`${BASE}/StructureDefinition/born`] } };
    await eventually(async () => (await other.ask('POST Patient', { body: claims })).status === 422);
    t.equal((await other.ask('POST Patient', { body: claims })).status, 422, 'its profile');
    await eventually(async () => (await other.ask('GET Patient?marital=widowed', strict)).body.total === 1);
    t.equal((await other.ask('GET Patient?marital=widowed', strict)).body.total, 1, 'its search parameter');
    t.equal(
      (await other.ask('POST $load-package', { body: examplePackage(), headers })).status,
      409,
      'the other server knows that it is loaded',
    );
  });

  t.test('what one server changes no server searches until it is indexed', async (t) => {
    const [one, other] = await startTwo(t);
    const person = {
      resourceType: 'Patient',
      id: 'm',
      maritalStatus: { text: 'widowed' },
      name: [{ text: 'Wah' }],
    };
    await one.ask('PUT Patient/m', { body: person });
    const strict = { headers: { prefer: 'handling=strict' } };
    const found = async (server: TestServer, search: string): Promise<unknown> => {
      const { status, body } = await server.ask(`GET Patient?${search}`, strict);
      return status === 200 ? body.total : status;
    };
    const own = { ...parameter('own'), id: 'own' };
    t.equal((await one.ask('PUT SearchParameter/own', { body: own })).status, 201);
    await eventually(async () => (await found(other, 'own=widowed')) === 1);
    // whoever indexes again waits
    const gate = Promise.withResolvers<void>();
    let reached = false;
    for (const { app } of [one, other]) {
      const { reindex } = app.store;
      Object.assign(app.store, {
        reindex: async (entries: Parameters<typeof reindex>[0]) => {
          reached = true;
          await gate.promise;
          await reindex(entries);
        },
      });
    }
    const name = { ...own, expression: 'Patient.name.text' };
    await one.ask('PUT SearchParameter/own', { body: name });
    t.equal(await found(one, 'own=wah'), 400, 'not on the one');
    await eventually(async () => reached);
    for (const { app } of [one, other]) {
      await eventually(async () => app.context.indexing()?.total === 1);
      t.same(app.context.indexing(), { done: 0, total: 1 }, 'both tell how far the one is that is at it');
    }
    t.equal(await found(other, 'own=wah'), 400, 'nor on the other, which has seen it before any is indexed');
    t.equal(await found(other, 'own=widowed'), 400);
    t.equal((await other.ask('PUT Patient/n', { body: { ...person, id: 'n' } })).status, 201);
    gate.resolve();
    await one.app.idle();
    t.equal(await found(one, 'own=wah'), 2);
    await eventually(async () => (await found(other, 'own=wah')) === 2);
    t.equal(await found(other, 'own=wah'), 2, 'both can once it is done');
  });

  t.test(
    'a server that joins indexes again only what others have indexed for other parameters',
    async (t) => {
      const database = freshDatabase(mongo);
      t.teardown(database.drop);
      const client = await new MongoClient(mongo.url).connect();
      t.teardown(() => client.close());
      const res = client.db(database.name).collection<{ _id: string; k: readonly string[] }>('res');
      const meta = client
        .db(database.name)
        .collection<{ _id: string; types: Record<string, string> }>('meta');
      const note = async (fingerprint: string): Promise<void> => {
        await meta.updateOne({ _id: 'index' }, { $set: { 'types.Patient': fingerprint } });
      };
      const noted = async (): Promise<string | undefined> =>
        (await meta.findOne({ _id: 'index' }))?.types.Patient;

      const first = await startServer(t, settingsFor(database.name));
      await first.ask('PUT Patient/m', { body: { resourceType: 'Patient', id: 'm', gender: 'female' } });
      await first.app.idle();
      const ours = await noted();
      const keys = (await res.findOne({ _id: 'Patient/m' }))?.k;
      t.ok(ours, 'what a new database is indexed for is noted');
      // whoever indexes it again puts this right
      const strip = async (): Promise<void> => {
        await res.updateOne({ _id: 'Patient/m' }, { $set: { k: [] } });
      };
      const join = async (): Promise<void> => {
        await (await startServer(t, settingsFor(database.name))).app.idle();
      };
      await strip();
      await join();
      t.same((await res.findOne({ _id: 'Patient/m' }))?.k, [], 'the same parameters: nothing is read');
      await note('others');
      await join();
      t.same((await res.findOne({ _id: 'Patient/m' }))?.k, keys, 'others: indexed again');
      t.equal(await noted(), ours, 'and noted');

      await note('others');
      await first.app.close();
      t.equal(await noted(), '', 'a server with other parameters takes back what it does not write for');
      await strip();
      await join();
      t.same(
        (await res.findOne({ _id: 'Patient/m' }))?.k,
        keys,
        'and the next that starts looks at all [mongodb.ledger]',
      );
    },
  );
}

/** Every answer names the same person, and there is one. */
async function createAtOnce(t: Test, servers: readonly TestServer[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  t.teardown(() => agent.destroy());
  const ports = await Promise.all(
    servers.map(async ({ app }) => Number(new URL(await app.http.listen('127.0.0.1', 0)).port)),
  );
  const body = JSON.stringify({ resourceType: 'Patient', identifier: [{ system: SYSTEM, value: '77' }] });
  const answers = await Promise.all(
    Array.from({ length: CREATES }, (_, at) => createOnce(agent, ports[at % ports.length]!, body)),
  );
  const count = (status: number): number => answers.filter((answer) => answer.status === status).length;
  t.same([count(201), count(200)], [1, CREATES - 1], 'one is created, all others are told of it');
  t.equal(new Set(answers.map(({ id }) => id)).size, 1, 'all answers name the same resource');
  const found = await servers[0]!.ask(`GET Patient?identifier=${SYSTEM}|77&_total=accurate`);
  t.equal(found.body.total, 1, 'and it is found once');
}

async function createOnce(
  agent: Agent,
  port: number,
  body: string,
): Promise<{ readonly status: number; readonly id: string }> {
  return await new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        host: '127.0.0.1',
        port,
        path: '/fhir/Patient',
        method: 'POST',
        headers: {
          'content-type': 'application/fhir+json',
          'content-length': Buffer.byteLength(body),
          'if-none-exist': `identifier=${SYSTEM}|77`,
        },
      },
      (answer) => {
        answer.resume();
        const location = String(answer.headers.location ?? answer.headers['content-location'] ?? '');
        const id = /Patient\/([^/]+)/.exec(location)?.[1] ?? '';
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, id }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const BASE = 'http://example.org/two-servers';

function parameter(code: string): object {
  return {
    resourceType: 'SearchParameter',
    url: `${BASE}/SearchParameter/${code}`,
    name: code,
    status: 'active',
    description: 'Marital status',
    code,
    base: ['Patient'],
    type: 'token',
    expression: 'Patient.maritalStatus.text',
  };
}

function examplePackage(): Buffer {
  return packFiles({
    'package.json': manifestOf('example.two-servers'),
    'StructureDefinition-born.json': bornProfile(BASE),
    'SearchParameter-marital.json': { ...parameter('marital'), id: 'marital' },
  });
}

/** Until it holds, for as long as the test may run. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
