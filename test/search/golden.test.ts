/**
 * What each search becomes, as text that a person can review: test/search/golden.txt holds the query, how it was
 * understood, the SQL and the MongoDB commands; golden-plans.txt how SQLite carries each statement out.
 * `npm run golden` writes both anew. Hashes in them are stored by engines: when one changes, every index must be made
 * again.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createShowQuery } from '../../src/search/show-query.ts';
import type { Explanation } from '../../src/storage/store.ts';
import { startMongo, whyNoMongo } from '../storage/mongodb-server.ts';
import { commandOf, explainOnMongo, explainOnSqlite, sqlOf } from './engine-plans.ts';
import { scenarios } from './scenarios.ts';
import { parameters, resolve } from './world.ts';

const FILE = join(import.meta.dirname, 'golden.txt');
const PLANS = join(import.meta.dirname, 'golden-plans.txt');
const isUpdate = process.env.UPDATE_GOLDEN === '1';

/** Beside what the scenarios ask: sorting, and the shapes that public comparisons of servers measure. */
const more: readonly string[] = [
  'Observation?_sort=-date',
  'Observation?_sort=date,-_lastUpdated,_id',
  'Observation?_sort=status,value-quantity,value-string,-value-date',
  'Patient?_sort=family,-birthdate',
  'Patient?_sort=identifier',
  'Patient?gender=male&_sort=-email,_id',
  'Observation?_sort=patient,-date',
  'Observation?_sort=status,subject',
  'Observation?_sort=-combo-code',
  'Observation?status=final&_sort=combo-value-quantity',
  'Observation?code=http://loinc.org|8302-2,http://loinc.org|29463-7,http://loinc.org|72514-3',
  'Observation?combo-code=http://loinc.org|8480-6',
  'Patient?gender=female&family=B',
  'Encounter?participant=Practitioner/1',
  'Encounter?location=Location/1',
  'Condition?code:text=hypertensive',
  'Patient?name:text=ohn',
  'Patient?address:text=Boston',
  'Condition?_content=hypertension',
  'Provenance?target=1',
];

const resources = scenarios.flatMap((scenario) => scenario.resources);
const urls = [...new Set([...scenarios.flatMap(({ cases }) => cases.map(([url]) => url)), ...more])];
const queries = urls.map((url) => resolve(url).query);
const usual = await explainOnSqlite(resources, queries, {});
const large = await explainOnSqlite(resources, queries, {
  countedMax: 1,
  collectedMax: 0,
  gatheredMax: -1,
  fewRows: -1,
  triedFirst: 0,
});
const reason = await whyNoMongo();
if (isUpdate && reason !== undefined) throw new Error(`golden.txt has a column for MongoDB. ${reason}`);
const server = reason === undefined ? await startMongo() : undefined;
const mongo = server === undefined ? undefined : await explainOnMongo(server, resources, queries);
await server?.stop();

t.test('every search becomes what the golden file says', async (t) => {
  const show = createShowQuery(parameters);
  const isCommon = commonStatements(usual);
  const text = queries
    .map((query, at) => {
      const few = sqlLines('sqlite', usual[at] as Explanation, isCommon);
      const many = sqlLines('sqlite, much data', large[at] as Explanation, isCommon);
      const isSame = few.slice(1).join() === many.slice(1).join();
      const lines = [`    ${show(query)}`, ...few, ...(isSame ? [] : many), ...mongoLines(mongo?.[at])];
      return `${urls[at]}\n${lines.join('\n')}\n`;
    })
    .join('');
  if (isUpdate) writeFileSync(FILE, text);
  const golden = readFileSync(FILE, 'utf8');
  // servers word their plans in different ways; what they are asked is ours
  const plain = (one: string): string => (server?.isStandIn === true ? one : one.replace(/^ {8}.*\n/gm, ''));
  const expected = mongo === undefined ? golden.replace(/^ {4}mongodb:\n( {6}.*\n)*/gm, '') : golden;
  t.equal(plain(text), plain(expected));
});

t.test('no statement looks through a table or sorts what it could read in order', async (t) => {
  const plans = new Map<string, readonly string[]>();
  for (const { steps } of [...usual, ...large]) {
    for (const { statement, plan } of steps) plans.set(sqlOf(statement), plan);
  }
  const text = [...plans]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([statement, plan]) => [statement, ...plan.map((line) => `    ${line}`), ''].join('\n'))
    .join('');
  if (isUpdate) writeFileSync(PLANS, text);
  t.equal(text, readFileSync(PLANS, 'utf8'));
  for (const [statement, plan] of plans) {
    for (const line of plan) {
      // the table of types has a row for each type, a list that is given has those of a page, and what is scanned in
      // parentheses was searched before
      const isBounded = /^\s*SCAN (CONSTANT ROW|typ\b|[gpv]$|j VIRTUAL TABLE|\(subquery-\d+\))/.test(line);
      if (/\bSCAN\b/.test(line) && !isBounded) t.fail(`${line}: ${statement}`);
      // of the first commit after a position, one row of each table is compared
      const isOfTwo = statement.startsWith('SELECT ts FROM ( SELECT * FROM');
      // lists whose rows were counted before are put in order together, see merged-lists.ts
      const isOfShort = statement.startsWith('SELECT p.d, p.rid FROM json_each(?) j CROSS JOIN ix p');
      if (/TEMP B-TREE FOR ORDER BY/.test(line) && !isOfTwo && !isOfShort) t.fail(`${line}: ${statement}`);
    }
  }
});

t.test('no command looks through a collection or sorts what it could read in order', async (t) => {
  for (const [at, { steps }] of (mongo ?? []).entries()) {
    for (const { statement, plan } of steps) {
      const faults = plan.filter((line) => /^(COLLSCAN|SORT)\b/.test(line));
      t.same(faults, [], `${urls[at]} ${statement}`);
      t.ok(
        plan.some((line) => line.startsWith('IXSCAN')),
        `${urls[at]} ${plan.join()}`,
      );
    }
  }
  if (reason !== undefined) t.comment(reason);
});

/** Statements of every search, such as reading the rows of a page: they say nothing of this one. */
function commonStatements(explained: readonly Explanation[]): (statement: string) => boolean {
  const counts = new Map<string, number>();
  for (const { steps } of explained) {
    for (const { statement } of steps) counts.set(statement, (counts.get(statement) ?? 0) + 1);
  }
  return (statement) => (counts.get(statement) ?? 0) > explained.length / 2;
}

function sqlLines(
  title: string,
  { how, steps }: Explanation,
  isCommon: (statement: string) => boolean,
): string[] {
  const statements = steps.map(({ statement }) => statement).filter((statement) => !isCommon(statement));
  return [`    ${title}: ${how}`, ...statements.map((statement) => `      ${sqlOf(statement)}`)];
}

function mongoLines(explanation: Explanation | undefined): string[] {
  if (explanation === undefined) return [];
  const lines = explanation.steps.flatMap(({ statement, plan }) => [
    `      ${commandOf(statement)}`,
    ...plan
      .filter((line) => line.startsWith('IXSCAN') || /SORT|COLLSCAN/.test(line))
      .map((line) => `        ${commandOf(line)}`),
  ]);
  return ['    mongodb:', ...lines];
}
