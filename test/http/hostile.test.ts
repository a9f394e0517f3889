/**
 * Searches that mean harm or are mistakes are refused with the place, the rule and how to mend it, on both engines;
 * those that are allowed are answered, and nothing is a fault of the server.
 * https://hl7.org/fhir/R4/search.html#errors
 */
import t, { type Test } from 'tap';
import {
  HEAVY_SEARCHES,
  HOSTILE_SEARCHES,
  type HostileSearch,
} from '../../scripts/bench/hostile-searches.ts';
import { databaseUrl, freshDatabase, mongoFor } from '../storage/mongodb-server.ts';
import { type Answer, startServer, type TestServer } from './start.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

const patients = Array.from({ length: 30 }, (_, at) => ({
  resourceType: 'Patient',
  id: `p${at}`,
  name: [{ family: `Anders${at}`, given: ['Ana', `N${at}`] }],
  identifier: [{ system: 'urn:case', value: `${at}` }],
  gender: at === 7 ? 'male' : 'female',
  birthDate: '1990-01-01',
}));
const observations = Array.from({ length: 60 }, (_, at) => ({
  resourceType: 'Observation',
  id: `o${at}`,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: `${at % 7}` }] },
  subject: { reference: `Patient/p${at % 30}` },
  effectiveDateTime: `2024-01-${String(1 + (at % 28)).padStart(2, '0')}`,
  valueQuantity: { value: at, system: 'http://unitsofmeasure.org', code: 'kg' },
}));

async function fill({ ask }: TestServer): Promise<void> {
  const entry = [...patients, ...observations].map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const { status, text } = await ask('POST ', {
    body: { resourceType: 'Bundle', type: 'transaction', entry },
  });
  if (status !== 200) throw new Error(text);
}

async function send({ ask }: TestServer, { path, form }: HostileSearch): Promise<Answer> {
  if (form === undefined) return await ask(`GET ${path}`);
  return await ask(`POST ${path}`, { body: form, headers: FORM });
}

interface Issue {
  readonly severity: string;
  readonly expression?: readonly string[];
  readonly details: { readonly text: string };
}

/** What is wrong with the answer, in words; undefined when nothing is. */
function faultOf({ status, says }: HostileSearch, answer: Answer): string | undefined {
  if (answer.status !== status) return `${answer.status} instead of ${status}: ${answer.text.slice(0, 300)}`;
  if (status === 200) return answer.body.resourceType === 'Bundle' ? undefined : answer.text.slice(0, 300);
  if (answer.body?.resourceType !== 'OperationOutcome') return `no outcome: ${answer.text.slice(0, 300)}`;
  if (says === undefined) return undefined;
  const [expression, text] = says;
  const [issue] = answer.body.issue as Issue[];
  const place = issue?.expression?.join() ?? '';
  if (!place.startsWith(expression.slice(0, 200)))
    return `at '${place.slice(0, 200)}': ${issue?.details.text}`;
  const words = issue?.details.text ?? '';
  if (words.length > 1_000) return `in ${words.length} characters`;
  return text.test(words) && words.length > 20 ? undefined : words;
}

async function checkLinks(t: Test, server: TestServer, other: TestServer): Promise<void> {
  const nextOf = ({ body }: Answer): string =>
    (body.link as { relation: string; url: string }[])
      .find(({ relation }) => relation === 'next')!
      .url.replace(/^.*\/fhir\//, '');
  const next = nextOf(await server.ask('GET Patient?_sort=family&_count=3'));
  const [, token = ''] = /_page=([^&]+)/.exec(next) ?? [];
  t.equal((await server.ask(`GET ${next}`)).status, 200);
  const at = (index: number) =>
    token.slice(0, index) + (token[index] === 'A' ? 'B' : 'A') + token.slice(index + 1);
  const step = Math.max(1, Math.floor(token.length / 40));
  const places = Array.from({ length: token.length }, (_, index) => index).filter(
    (index) => index % step === 0,
  );
  const forged = [
    ...places.map((index) => next.replace(token, at(index))),
    ...places.map((index) => next.replace(token, token.slice(0, index))),
    next.replace(token, `${token}A`),
    next.replace(token, token + token),
    next.replace('_sort=family', '_sort=-family'),
    next.replace('_sort=family&', ''),
    `${next}&gender=male`,
    next.replace('Patient', 'Observation'),
    nextOf(await server.ask('GET Observation?_count=3')).replace('Observation', 'Patient'),
    nextOf(await other.ask('GET Patient?_sort=family&_count=3')),
    nextOf(await server.ask('GET Patient/_history?_count=3')).replace('/_history', ''),
  ];
  const wrong: string[] = [];
  for (const path of forged) {
    const fault = faultOf(
      { name: '', path, status: 400, says: ['http', /first page/] },
      await server.ask(`GET ${path}`),
    );
    if (fault !== undefined) wrong.push(`${path}: ${fault}`);
  }
  t.same(wrong, [], `${forged.length} forged links are refused`);
}

async function checkEngine(t: Test, env: () => Record<string, string>): Promise<void> {
  const server = await startServer(t, env());
  await fill(server);
  await t.test('searches that are refused, or mean nothing', async (t) => {
    for (const search of HOSTILE_SEARCHES)
      t.equal(faultOf(search, await send(server, search)), undefined, search.name);
  });
  await t.test('searches that are as much work as one may ask for', async (t) => {
    for (const path of HEAVY_SEARCHES) {
      const { status, text } = await server.ask(`GET ${path}`);
      t.equal(status, 200, `${path.slice(0, 80)}: ${status === 200 ? '' : text.slice(0, 400)}`);
    }
  });
  await t.test('page links', async (t) => {
    const other = await startServer(t, env());
    await fill(other);
    await checkLinks(t, server, other);
  });
}

t.test('sqlite', async (t) => await checkEngine(t, () => ({})));

const mongo = await mongoFor(t);
if (mongo !== undefined) {
  t.test('mongodb', async (t) => {
    await checkEngine(t, () => {
      const database = freshDatabase(mongo);
      t.teardown(() => database.drop());
      return {
        MONGODB_URL: databaseUrl(mongo, database.name),
        ...(mongo.isStandIn && { PASSERELLE_MONGODB_HINTS: 'false' }),
      };
    });
  });
}
