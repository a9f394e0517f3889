/** What searches find: whole searches over small worlds, through parsing, resolving, extraction and matching. */
import t from 'tap';
import { CASE, family, scenarios } from './scenarios.ts';
import { createWorld } from './world.ts';

for (const { name, resources, cases } of scenarios) {
  t.test(`a search finds what the data of ${name} says`, async (t) => {
    const world = createWorld(resources);
    for (const [url, found] of cases) t.equal(world.search(url).join(' '), found, url);
  });
}

t.test('a compartment narrows a search to what belongs to its patient', async (t) => {
  const world = createWorld(family);
  const compartment = { type: 'Patient', id: 'htoo' };
  t.same(world.search('Observation?code=tb-classification', { compartment }), ['class-a', 'class-b0']);
  t.same(world.search('Patient', { compartment }), ['htoo']);
  t.same(world.search('?_type=Encounter,Observation,Group', { compartment }), [
    'case',
    'class-a',
    'class-b0',
    'bp',
    'exam',
  ]);
  t.throws(() => world.search('Organization', { compartment }), {
    message: /Organization is not part of the Patient compartment/,
  });
});

const filters: readonly (readonly [type: string, filter: string, found: string])[] = [
  ['Patient', 'family eq "Wah"', 'htoo'],
  ['Patient', 'family sw "wa" or given co "naw"', 'htoo paw'],
  ['Patient', 'gender eq female and birthdate ge 2019', 'paw'],
  // from left to right
  ['Patient', 'gender eq female or gender eq male and birthdate lt 1900', ''],
  ['Patient', 'gender eq male and birthdate lt 1900 or gender eq female', 'paw'],
  ['Patient', 'gender eq female or (gender eq male and birthdate lt 1900)', 'paw'],
  ['Patient', '(gender eq female or gender eq male) and birthdate lt 2000', 'htoo'],
  ['Patient', 'not (gender eq female)', 'htoo'],
  ['Patient', 'email pr true', 'htoo'],
  ['Patient', 'email pr false', 'paw'],
  ['Patient', 'active ne true', ''],
  ['Patient', `identifier eq ${CASE}|TH-0012345 and gender ne male`, 'paw'],
  ['Observation', 'patient re Patient/paw', 'paw-class'],
  ['Observation', 'patient.name sw "paw"', 'paw-class'],
  ['Observation', 'value-quantity gt 60 and value-quantity lt 62', 'weight'],
  ['Encounter', 'date po 2026-01-11', 'exam'],
  ['Encounter', 'date po 2026-01-13', ''],
  ['Practitioner', 'name eq "Ñuñez"', 'dr'],
  // values of a filter are never case sensitive
  ['Practitioner', 'name eq "nunez"', 'dr'],
  ['Practitioner', 'name eq "nune"', ''],
  ['Practitioner', 'name ew "ÑEZ"', 'dr'],
  ['Practitioner', 'name ew "nune"', ''],
  ['Patient', 'name ne "saw htoo wah"', 'paw'],
  [
    'Observation',
    'subject[name eq "Saw Htoo Wah" and gender eq male].birthdate lt 2000',
    'class-a class-b0 bp',
  ],
  ['Observation', 'subject[gender eq female].birthdate lt 2000', ''],
  ['Observation', 'patient[not (gender eq male)]._id pr true and code eq tb-classification', 'paw-class'],
  ['Observation', `combo-code-value-quantity eq 8480-6$gt139|http://unitsofmeasure.org|mm[Hg]`, 'bp'],
  ['Observation', 'value-quantity sa 61.4||kg', 'weight'],
  ['Observation', 'value-quantity ap 60', 'weight'],
  ['Observation', 'value-quantity ne 61.5', ''],
  ['Encounter', 'date sa 2026-01-09 and date eb 2026-01-13', 'exam'],
  ['Encounter', 'date ap 2026-01-10', 'exam'],
  ['Patient', 'gender eq male and(family eq "wah")', 'htoo'],
  ['Patient', 'name eq "Saw Htoo Wah" and _id eq htoo', 'htoo'],
];

t.test('a _filter finds what its comparisons say', async (t) => {
  const world = createWorld(family);
  for (const [type, filter, found] of filters) {
    t.equal(world.search(`${type}?_filter=${encodeURIComponent(filter)}`).join(' '), found, filter);
  }
});
