/** Which references includes follow, round by round. */
import t from 'tap';
import type { Resource } from '../../src/fhir/types.ts';
import { includePlans } from '../../src/search/include.ts';
import type { IncludeRule } from '../../src/search/search-request.ts';
import { hashReference } from '../../src/search/term-forms.ts';
import { hashParam } from '../../src/search/term-hash.ts';
import { BASE, parameters, resolve } from './world.ts';

const createPlan = includePlans(parameters, BASE);

const observation: Resource = {
  resourceType: 'Observation',
  id: 'o',
  subject: { reference: 'Patient/p' },
  performer: [
    { reference: `${BASE}/Practitioner/d` },
    { reference: 'Organization/c' },
    { reference: 'https://elsewhere.example/Practitioner/x' },
    { reference: '#inside' },
    { display: 'someone' },
  ],
  hasMember: [{ reference: 'Observation/m/_history/3' }, { reference: 'Observation/m' }],
};
const response: Resource = {
  resourceType: 'QuestionnaireResponse',
  id: 'r',
  questionnaire: 'http://q.example/Questionnaire/tb|2.0',
};

function rules(...parameterList: string[]): readonly IncludeRule[] {
  return resolve(`Observation?${parameterList.join('&')}`).includes;
}

function keys(
  list: readonly IncludeRule[],
  resources: readonly Resource[] = [observation],
  round = 0,
): string {
  return createPlan(list)
    .step(resources, round)
    .keys.map(({ type, id, versionId }) => `${type}/${id}${versionId === undefined ? '' : `@${versionId}`}`)
    .join(' ');
}

t.test('an include follows the references of its parameter', async (t) => {
  t.equal(keys(rules('_include=Observation:subject')), 'Patient/p');
  t.equal(keys(rules('_include=Observation:patient')), 'Patient/p');
  t.equal(keys(rules('_include=Observation:performer')), 'Practitioner/d Organization/c');
  t.equal(keys(rules('_include=Observation:performer:Organization')), 'Organization/c');
  t.equal(keys(rules('_include=Observation:has-member')), 'Observation/m@3 Observation/m');
  t.equal(keys(rules('_include=Encounter:subject')), '');
  t.equal(keys(rules('_include=Observation:subject', '_include=Observation:patient')), 'Patient/p');
  t.equal(
    keys(rules('_include=Observation:*')).split(' ').sort().join(' '),
    'Observation/m Observation/m@3 Organization/c Patient/p Practitioner/d',
  );
  t.equal(keys(rules('_include=*')), keys(rules('_include=Observation:*')));
});

t.test('later rounds follow iterated rules only', async (t) => {
  const list = rules('_include=Observation:subject', '_include:iterate=Observation:has-member');
  t.equal(keys(list), 'Patient/p Observation/m@3 Observation/m');
  t.equal(keys(list, [observation], 1), 'Observation/m@3 Observation/m');
});

t.test('a canonical is searched for by url and version', async (t) => {
  const { queries } = createPlan(rules('_include=QuestionnaireResponse:questionnaire')).step([response], 0);
  t.same(queries, [resolve('Questionnaire?url=http://q.example/Questionnaire/tb&version=2.0').query]);
});

t.test('a reverse include searches for what refers to the page', async (t) => {
  const patients = [
    { resourceType: 'Patient', id: 'a' },
    { resourceType: 'Patient', id: 'b' },
    { resourceType: 'Device', id: 'c' },
  ];
  const terms = [hashReference('Patient', 'a'), hashReference('Patient', 'b')];
  t.same(createPlan(rules('_revinclude=Observation:patient')).step(patients, 0).queries, [
    {
      types: ['Observation'],
      where: { kind: 'term', k: hashParam('Observation', 'subject'), terms },
      sort: [],
    },
  ]);
  t.same(createPlan(rules('_revinclude=Observation:subject:Patient')).step(patients, 0).queries, [
    {
      types: ['Observation'],
      where: { kind: 'term', k: hashParam('Observation', 'subject'), terms },
      sort: [],
    },
  ]);
  t.same(createPlan(rules('_revinclude=Observation:encounter')).step(patients, 0).queries, []);
  const [all] = createPlan(rules('_revinclude=*')).step(patients, 0).queries;
  t.same(all?.types, []);
  t.equal(all?.where.kind, 'any');
});
