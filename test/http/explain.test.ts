/**
 * How a search is carried out is told for every kind of plan on both engines: the query, statements or commands with
 * their plans, and rows examined; and nothing is asked for it when nobody wants to know.
 */
import t, { type Test } from 'tap';
import { databaseUrl, freshDatabase, mongoFor } from '../storage/mongodb-server.ts';
import { startServer } from './start.ts';

interface Remark {
  readonly details: { readonly text: string };
  readonly diagnostics: string;
}

const patients = Array.from({ length: 12 }, (_, at) => ({
  resourceType: 'Patient',
  id: `p${at}`,
  name: [{ family: `Anders${at}`, given: ['Ana'] }],
  identifier: [{ system: 'urn:case', value: `${at}` }],
  birthDate: `19${60 + at}-01-01`,
}));
const observations = Array.from({ length: 40 }, (_, at) => ({
  resourceType: 'Observation',
  id: `o${at}`,
  status: at === 3 ? 'preliminary' : 'final',
  code: { coding: [{ system: 'http://loinc.org', code: `${at % 3}` }], text: 'Body weight' },
  subject: { reference: `Patient/p${at % 12}` },
  effectiveDateTime: `2024-01-${String(1 + (at % 28)).padStart(2, '0')}`,
  valueQuantity: { value: at, system: 'http://unitsofmeasure.org', code: 'kg' },
}));
const other = [
  {
    resourceType: 'List',
    id: 'l',
    status: 'current',
    mode: 'working',
    entry: [{ item: { reference: 'Patient/p1' } }],
  },
  { resourceType: 'Location', id: 'here', name: 'Here', position: { latitude: 1, longitude: 2 } },
  {
    resourceType: 'MedicationRequest',
    id: 'rx',
    status: 'active',
    intent: 'order',
    contained: [
      { resourceType: 'Medication', id: 'm', code: { coding: [{ system: 'urn:m', code: 'inh' }] } },
    ],
    medicationReference: { reference: '#m' },
    subject: { reference: 'Patient/p1' },
  },
];

/** Searches of every kind of plan, and how many are found. */
const SEARCHES: readonly (readonly [search: string, query: RegExp, found: number])[] = [
  ['Observation?_count=5', /^Observation/, 5],
  ['Observation?code=1', /Observation\.code/, 13],
  ['Observation?code=1&status=final&date=ge2024-01-10', /Observation\.date/, 7],
  ['Observation?status:not=final', /not/, 1],
  ['Observation?value-quantity:missing=true', /not/, 0],
  ['Observation?value-quantity=gt30', /value-quantity/, 9],
  ['Observation?_sort=-value-quantity&_count=3', /by number Observation\.value-quantity down/, 3],
  ['Observation?_sort=code,-date&_count=3', /by term Observation\.code/, 3],
  ['Observation?_sort=patient&_count=3', /by /, 3],
  ['Observation?_sort=_id&_count=3', /by id/, 3],
  ['Observation?_sort=-_lastUpdated&_count=3', /by updated down/, 3],
  ['Patient?name:contains=nders1', /contains/, 3],
  ['Patient?identifier=urn:case%7C3', /identifier/, 1],
  ['Patient?_id=p1,p2', /id p1/, 2],
  ['Observation?patient.name=anders3', /Patient/, 4],
  ['Patient?_has:Observation:patient:status=preliminary', /Observation/, 1],
  ['Patient?_filter=family%20co%20%22ders%22%20and%20not%20(birthdate%20lt%201965)', /not/, 7],
  ['Patient?_content=ana', /words|text|any/, 12],
  ['Patient?_list=l', /Patient/, 1],
  ['Location?near=1%7C2%7C5%7Ckm', /near/, 1],
  ['Medication?_contained=true&code=inh', /code/, 1],
  ['?_type=Patient,Location&_sort=_id&_count=4', /Patient/, 4],
  ['Patient/p1/Observation?_count=2', /Observation/, 2],
  ['Observation?code=1&_summary=count', /code/, 0],
];

async function checkExplained(t: Test, env: Record<string, string>, statement: RegExp): Promise<void> {
  const { ask } = await startServer(t, { PASSERELLE_SEARCH_EXPLAIN: 'true', ...env });
  const entry = [...patients, ...observations, ...other].map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  t.equal((await ask('POST ', { body: { resourceType: 'Bundle', type: 'transaction', entry } })).status, 200);
  const explain = async (search: string) => {
    const { body } = await ask(`GET ${search}${search.includes('?') ? '&' : '?'}_explain`);
    const modes = ((body.entry ?? []) as { search: { mode: string } }[]).map((one) => one.search.mode);
    const told = (body.entry ?? []).find(
      (one: { search: { mode: string } }) => one.search.mode === 'outcome',
    );
    return {
      found: modes.filter((mode) => mode === 'match').length,
      remarks: (told?.resource.issue ?? []) as Remark[],
    };
  };
  for (const [search, query, count] of SEARCHES) {
    const { found, remarks } = await explain(search);
    const [asked, engine, ...steps] = remarks;
    t.equal(found, count, search);
    t.match(asked?.diagnostics, query, `${search}: the query`);
    t.match(engine?.details.text, /, \d+ rows examined$/, `${search}: rows`);
    const isTold = steps.length > 0 && steps.every(({ diagnostics }) => statement.test(diagnostics));
    t.ok(isTold, `${search}: ${steps.length} steps ${isTold ? '' : JSON.stringify(remarks)}`);
  }
  const { remarks } = await explain(
    'Patient?_id=p1&_revinclude=Observation:patient&_include:iterate=Observation:subject',
  );
  const words = remarks.map(({ details }) => details.text);
  t.ok(
    words.some((text) => /^include 1 of \d: 4 found, \d+ rows examined$/.test(text)),
    words.join('\n'),
  );
  t.ok(
    words.some((text) => /^include 1 of \d, step 1 of \d+: /.test(text)),
    'with its steps',
  );
  const forward = await explain('Observation?_id=o1&_include=Observation:subject');
  t.ok(forward.remarks.some(({ details }) => details.text === 'include 1 of 1: 1 read by id'));
}

t.test('sqlite', async (t) => {
  await checkExplained(t, {}, /^(SELECT|WITH|INSERT|EXPLAIN|\S)[\s\S]*\n {2}\S/);
});

const mongo = await mongoFor(t);
if (mongo !== undefined) {
  t.test('mongodb', async (t) => {
    const database = freshDatabase(mongo);
    t.teardown(() => database.drop());
    const env = {
      MONGODB_URL: databaseUrl(mongo, database.name),
      PASSERELLE_MONGODB_HINTS: String(!mongo.isStandIn),
    };
    await checkExplained(t, env, /^(find|count) \w+ \{[\s\S]*\n {2}[A-Z_]+/);
  });
}
