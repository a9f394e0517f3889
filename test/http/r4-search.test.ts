/**
 * R4's search page held to the letter, and what users of other servers found wrong: every statement is tried on a whole
 * server of each engine.
 */
import t, { type Test } from 'tap';
import type { Resource } from '../../src/fhir/types.ts';
import { databaseUrl, freshDatabase, mongoFor } from '../storage/mongodb-server.ts';
import { answerStatements } from './r4-search-answers.ts';
import { reported, reportedResources } from './r4-search-peers.ts';
import { resources } from './r4-search-resources.ts';
import { type Statement, statements } from './r4-search-statements.ts';
import { tableResources, tables } from './r4-search-tables.ts';
import { type Answer, startServer, type TestServer } from './start.ts';

const BASE = 'http://localhost/fhir';

interface Entry {
  readonly resource: { readonly id: string };
  readonly search: { readonly mode: 'match' | 'include' | 'outcome' };
}

/** `eve evelyn + org !`, as the statements have it. */
function shapeOf({ status, body }: Answer, isOrdered: boolean): string | number {
  if (status !== 200) return status;
  const ids = (mode: string): string => {
    const found = ((body.entry ?? []) as Entry[])
      .filter(({ search }) => search.mode === mode)
      .map(({ resource }) => resource.id);
    return (isOrdered && mode === 'match' ? found : found.sort()).join(' ');
  };
  const included = ids('include');
  const isRemarked = ((body.entry ?? []) as Entry[]).some(({ search }) => search.mode === 'outcome');
  return `${ids('match')}${included === '' ? '' : ` + ${included}`}${isRemarked ? ' !' : ''}`.trim();
}

function addressOf(search: string): string {
  return search.replaceAll(' ', '%20').replaceAll('"', '%22').replaceAll('\\', '%5C').replaceAll('|', '%7C');
}

async function load(t: Test, { ask }: TestServer, resources: readonly Resource[]): Promise<void> {
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const stored = await ask('POST ', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
  t.equal(stored.status, 200, stored.text.slice(0, 2_000));
}

async function tryAll(t: Test, { ask }: TestServer, rows: readonly Statement[]): Promise<void> {
  for (const [section, says, search, expected] of rows) {
    const answer = await ask(`GET ${addressOf(search)}`, { headers: { prefer: 'handling=strict' } });
    t.equal(shapeOf(answer, search.includes('_sort')), expected, `${section} ${says}: ${search}`);
  }
}

async function tryAnswers(t: Test, { ask }: TestServer): Promise<void> {
  for (const { section, says, request, prefer, read, expected } of answerStatements) {
    const [method = '', search = '', form] = request.split(' ');
    const answer = await ask(`${method} ${addressOf(search)}`, {
      ...(form !== undefined && { body: form }),
      headers: {
        ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(prefer !== undefined && { prefer }),
      },
    });
    t.strictSame(read(answer), expected, `${section} ${says}: ${request}`);
  }
}

/** R4: names of parameters SHALL not differ in case alone. */
async function tryNames(t: Test, { ask, app }: TestServer): Promise<void> {
  const parameter = {
    resourceType: 'SearchParameter',
    url: 'http://acme.org/SearchParameter/gender',
    name: 'gender',
    status: 'active',
    description: 'Another meaning',
    code: 'Gender',
    base: ['Patient'],
    type: 'token',
    expression: 'Patient.maritalStatus',
  };
  await ask('POST SearchParameter', { body: parameter });
  await app.idle();
  const strict = { headers: { prefer: 'handling=strict' } };
  t.equal((await ask('GET Patient?Gender=M', strict)).status, 400, '1.1 no name differs in case alone');
  t.equal((await ask('GET Patient?gender=male', strict)).body.total, 1);
}

async function walk(t: Test, server: TestServer): Promise<void> {
  await load(t, server, resources);
  const evelyn = resources.find(({ resourceType, id }) => resourceType === 'Patient' && id === 'evelyn');
  await server.ask('PUT Patient/evelyn', { body: { ...evelyn, language: 'nl' } });
  await tryAll(t, server, statements);
  await tryAnswers(t, server);
  await tryNames(t, server);
  await load(t, server, reportedResources);
  for (const status of ['ready', 'completed']) {
    const task = { resourceType: 'Task', id: 'moved', status, intent: 'order' };
    await server.ask('PUT Task/moved', { body: task });
  }
  await tryAll(t, server, reported);
  await load(t, server, tableResources);
  await tryAll(t, server, tables);
}

t.test('SQLite answers as the page says', async (t) => {
  await walk(t, await startServer(t, { PASSERELLE_BASE_URL: BASE }));
});

const mongo = await mongoFor(t);
if (mongo !== undefined) {
  t.test('MongoDB answers as the page says', async (t) => {
    const database = freshDatabase(mongo);
    t.teardown(database.drop);
    const env = {
      PASSERELLE_BASE_URL: BASE,
      MONGODB_URL: databaseUrl(mongo, database.name),
      PASSERELLE_MONGODB_HINTS: String(!mongo.isStandIn),
      PASSERELLE_MONGODB_WAIT_MS: '60000',
    };
    await walk(t, await startServer(t, env));
  });
}
