/**
 * What each search becomes, as text that a person can review: test/search/golden.txt. `UPDATE_GOLDEN=1` writes it
 * anew. Hashes in it are stored by engines: when one changes, every index must be made again.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { scenarios } from './scenarios.ts';
import { createShow } from './show.ts';
import { parameters, resolve } from './world.ts';

const FILE = join(import.meta.dirname, 'golden.txt');

/** Beside what the scenarios ask: sorting, and the shapes that public comparisons of servers measure. */
const more: readonly string[] = [
  'Observation?_sort=-date',
  'Observation?_sort=date,-_lastUpdated,_id',
  'Observation?_sort=status,value-quantity,value-string,-value-date',
  'Patient?_sort=family,-birthdate',
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

t.test('every search becomes what the golden file says', async (t) => {
  const show = createShow(parameters);
  const urls = [...scenarios.flatMap(({ cases }) => cases.map(([url]) => url)), ...more];
  const text = [...new Set(urls)].map((url) => `${url}\n    ${show(resolve(url).query)}\n`).join('');
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(FILE, text);
  t.equal(text, readFileSync(FILE, 'utf8'));
});
