/**
 * Hostile definitions and resources: whatever is sent is answered, with what could not be looked at said. Each
 * case would take minutes, gigabytes or the stack without its bound.
 */
import t from 'tap';
import type { Resource } from '../../src/fhir/types.ts';
import { UNDERWAY_MAX } from '../../src/validation/profile-environment.ts';
import { withRecent } from '../../src/validation/recent.ts';
import { VALIDATION_LIMITS } from '../../src/validation/validator.ts';
import { startServer } from '../http/start.ts';
import { errorsOf, summarise, validator, validatorWith } from './parts.ts';

type Json = Record<string, unknown>;
const BASE = 'https://hostile.example';

const profile = (id: string, type: string, element: Json[], more: Json = {}): Json => ({
  resourceType: 'StructureDefinition',
  id,
  url: `${BASE}/${id}`,
  name: id,
  status: 'draft',
  kind: 'resource',
  abstract: false,
  type,
  baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
  derivation: 'constraint',
  differential: { element: element.map((one) => ({ id: one.path, ...one })) },
  ...more,
});
const link = (...targets: string[]): Json => ({
  path: 'Patient.link.other',
  type: [{ code: 'Reference', targetProfile: targets.map((id) => `${BASE}/${id}`) }],
});
/** Patients in a Bundle, each linked with those that `others` names. */
function mesh(count: number, others: (i: number) => readonly number[], first: Json = {}): Json {
  const entry = Array.from({ length: count }, (_, i) => ({
    fullUrl: `https://h.example/Patient/p${i}`,
    resource: {
      resourceType: 'Patient',
      id: `p${i}`,
      active: true,
      link: others(i).map((j) => ({ other: { reference: `Patient/p${j}` }, type: 'seealso' })),
      ...(i === 0 ? { meta: { profile: [`${BASE}/a`] }, ...first } : {}),
    },
  }));
  for (const { resource } of entry) if (resource.link.length === 0) delete (resource as Json).link;
  return { resourceType: 'Bundle', type: 'collection', entry };
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const TOO_MUCH = 'validation-truncated undefined';

t.test('profiles that lead to one another along references come to an end', async (t) => {
  const cyclic = validatorWith([
    profile('a', 'Patient', [link('b', 'a')]),
    profile('b', 'Patient', [link('c', 'b')]),
    profile('c', 'Patient', [link('a', 'c')]),
  ]);
  t.same(
    errorsOf(
      mesh(30, () => upTo(30)),
      cyclic,
    ),
    [],
    'all with all, and all in order',
  );
  t.same(
    errorsOf(
      mesh(200, () => upTo(200)),
      cyclic,
    ),
    [TOO_MUCH],
    'too many are not followed',
  );
  const strict = validatorWith([profile('a', 'Patient', [{ path: 'Patient.active', min: 1 }, link('a')])]);
  const chain = (count: number): Json => mesh(count, (i) => (i + 1 < count ? [i + 1] : []));
  t.same(errorsOf(chain(UNDERWAY_MAX + 2), strict), [], 'as deep as is allowed');
  t.same(errorsOf(chain(UNDERWAY_MAX + 3), strict), [TOO_MUCH], 'and one deeper');
  const broken = chain(20) as { entry: { resource: Json }[] };
  delete broken.entry[19]?.resource.active;
  t.same(
    errorsOf(broken, strict),
    ['reference-target Bundle.entry[0].resource.link[0].other'],
    'a fault at the end of the chain counts at its beginning',
  );
});

t.test('profiles that lead to one another along types and bases come to an end', async (t) => {
  const extension = { code: 'Extension', profile: [`${BASE}/e`] };
  const round = validatorWith([
    profile(
      'n',
      'HumanName',
      [
        {
          path: 'HumanName.extension',
          slicing: { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' },
        },
        { id: 'HumanName.extension:e', path: 'HumanName.extension', sliceName: 'e', type: [extension] },
      ],
      { kind: 'complex-type' },
    ),
    profile(
      'e',
      'Extension',
      [
        { path: 'Extension.url', fixedUri: `${BASE}/e` },
        { path: 'Extension.value[x]', type: [{ code: 'HumanName', profile: [`${BASE}/n`] }] },
      ],
      { kind: 'complex-type', context: [{ type: 'element', expression: 'Element' }] },
    ),
    profile('p', 'Patient', [
      { path: 'Patient.name', type: [{ code: 'HumanName', profile: [`${BASE}/n`] }] },
    ]),
    profile('q', 'Patient', [], { baseDefinition: `${BASE}/r` }),
    profile('r', 'Patient', [], { baseDefinition: `${BASE}/q` }),
  ]);
  let name: Json = { family: 'x' };
  for (let i = 0; i < 60; i++)
    name = { family: 'x', extension: [{ url: `${BASE}/e`, valueHumanName: name }] };
  t.same(errorsOf({ resourceType: 'Patient', name: [name] }, round, [`${BASE}/p`]), []);
  const claims = { resourceType: 'Patient', meta: { profile: [`${BASE}/q`] } };
  const found = round.validate(claims as Resource).filter((one) => one.severity !== 'information');
  t.same(
    summarise(found),
    ['profile-unknown Patient.meta.profile[0]'],
    'a circle of bases can check nothing',
  );
});

const repeated = (step: string, times: number): string => Array.from({ length: times }, () => step).join('.');
const COSTLY: Record<string, string> = {
  'choices within choices': `(1|2|3|4|5|6|7|8|9)${'.select((1|2|3|4|5|6|7|8|9)'.repeat(7)}${')'.repeat(7)}.count() > 0`,
  'all with all with all':
    'descendants().select(%resource.descendants().select(%resource.descendants())).count() > 0',
  'texts that double': `'aaaaaaaaaa'.${repeated('select($this & $this)', 40)}.length() > 0`,
  'replacements that multiply': `'${'a'.repeat(50)}'.${repeated(`replaceMatches('a', '${'a'.repeat(50)}')`, 6)}.length() > 0`,
  'totals that multiply':
    "(1|2|3|4|5|6|7|8|9).aggregate($total & $total & $total & $total & $total & $total & $total & $total, 'aaaaaaaaaa').length() > 0",
};

t.test('costly expressions are given up, with a warning', async (t) => {
  const patient = {
    resourceType: 'Patient',
    name: upTo(300).map(() => ({ family: 'a', given: ['b', 'c'] })),
  };
  for (const [name, expression] of Object.entries(COSTLY)) {
    const constraint = [{ key: 'x-1', severity: 'error', human: 'x', expression }];
    const one = validatorWith([profile('x', 'Patient', [{ path: 'Patient', constraint }])]);
    const found = one.validate(patient as Resource, { profiles: [`${BASE}/x`] });
    t.same(
      summarise(found.filter((issue) => issue.severity === 'warning')),
      ['invariant-unevaluated:x-1 Patient'],
      name,
    );
  }
});

t.test('patterns run in time with the text, whatever they are', async (t) => {
  const regex = (valueString: string): Json[] => [
    { url: 'http://hl7.org/fhir/StructureDefinition/regex', valueString },
  ];
  const one = validatorWith([
    profile('x', 'Patient', [{ path: 'Patient.name.family', extension: regex('(a+)+') }]),
    profile('y', 'Patient', [{ path: 'Patient.name.family', extension: regex('(') }]),
  ]);
  const patient = (family: string): Json => ({ resourceType: 'Patient', name: [{ family }] });
  t.same(errorsOf(patient('a'.repeat(100_000)), one, [`${BASE}/x`]), []);
  t.same(errorsOf(patient(`${'a'.repeat(100_000)}!`), one, [`${BASE}/x`]), [
    'pattern-value Patient.name[0].family',
  ]);
  t.same(errorsOf(patient('a'), one, [`${BASE}/y`]), [], 'a pattern that is none refuses nothing');
});

t.test('value sets that include one another are decided, however often they do', async (t) => {
  const valueSet = (id: string, ...include: Json[]): Json => ({
    resourceType: 'ValueSet',
    id,
    url: `${BASE}/${id}`,
    status: 'active',
    compose: { include },
  });
  const bound = (id: string, name: string): Json =>
    profile(id, 'Patient', [
      { path: 'Patient.maritalStatus', binding: { strength: 'required', valueSet: `${BASE}/${name}` } },
    ]);
  const doubling = upTo(30).map((i) => {
    const next = { valueSet: [`${BASE}/d${i + 1}`] };
    return valueSet(`d${i}`, next, next);
  });
  const one = validatorWith([
    ...doubling,
    valueSet('d30', { system: BASE, concept: [{ code: 'in' }] }),
    valueSet('c1', { valueSet: [`${BASE}/c2`] }),
    valueSet('c2', { valueSet: [`${BASE}/c1`] }),
    bound('doubled', 'd0'),
    bound('circular', 'c1'),
  ]);
  const patient = (code: string): Json => ({
    resourceType: 'Patient',
    maritalStatus: { coding: [{ system: BASE, code }] },
  });
  t.same(errorsOf(patient('in'), one, [`${BASE}/doubled`]), []);
  t.same(errorsOf(patient('out'), one, [`${BASE}/doubled`]), ['binding-required Patient.maritalStatus']);
  t.same(errorsOf(patient('in'), one, [`${BASE}/circular`]), [], 'what cannot be decided is not refused');
});

t.test('resources inside resources inside resources are answered', async (t) => {
  const nest = (wrap: (inner: Json) => Json, start: Json): Json =>
    upTo(2000).reduce((inner) => wrap(inner), start);
  const contained = nest((inner) => ({ resourceType: 'Patient', contained: [inner] }), {
    resourceType: 'Patient',
  });
  t.ok(errorsOf(contained).some((one) => one.startsWith('too-deep')));
  const bundled = nest(
    (resource) => ({ resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: 'urn:x:y', resource }] }),
    { resourceType: 'Patient' },
  );
  t.ok(errorsOf(bundled).some((one) => one.startsWith('too-deep')));
  const items = nest((item) => ({ linkId: 'x', type: 'group', item: [item] }), {
    linkId: 'x',
    type: 'display',
  });
  const form = { resourceType: 'Questionnaire', status: 'draft', item: [items] };
  t.ok(errorsOf(form).some((one) => one.startsWith('too-deep')));
  t.ok(validator.validate(form as Resource, { strict: true }).some((one) => one.key === 'too-deep'));
});

t.test('no number of remarks hides an error', async (t) => {
  const many = VALIDATION_LIMITS.issuesMax + 100;
  const extension = upTo(many).map((i) => ({ url: `https://x.example/${i}`, valueString: 'x' }));
  const issues = validator.validate({
    resourceType: 'Patient',
    extension,
    gender: 'x',
  } as unknown as Resource);
  t.equal(issues.length, VALIDATION_LIMITS.issuesMax + 1);
  t.same(summarise(issues.filter((one) => one.severity === 'error')), ['binding-required Patient.gender']);
});

t.test(
  'profile checks and questions about profiles are counted, and the last one allowed is made',
  async (t) => {
    const named = profile('named', 'HumanName', [{ path: 'HumanName.family', min: 1 }], {
      kind: 'complex-type',
    });
    const type = [{ code: 'HumanName', profile: [`${BASE}/named`, `${BASE}/other`] }];
    const asking = profile('asking', 'Patient', [{ path: 'Patient.name', type }]);
    const other = profile('other', 'HumanName', [{ path: 'HumanName.text', min: 1 }], {
      kind: 'complex-type',
    });
    const meta = { profile: [`${BASE}/asking`] };
    const entry = upTo(7).map((i) => ({
      fullUrl: `https://h.example/fhir/Patient/p${i}`,
      resource: { resourceType: 'Patient', id: `p${i}`, meta, name: [{ family: 'a' }, { family: 'b' }] },
    }));
    const bundle = { resourceType: 'Bundle', type: 'collection', entry };
    const within = (limits: Json): string[] =>
      errorsOf(bundle, validatorWith([named, asking, other], limits));
    // a check for each patient and each name, and a question for each name: the first profile is met
    t.same(within({ checksMax: 21, questionsMax: 14 }), []);
    t.same(within({ checksMax: 20 }), [TOO_MUCH]);
    t.same(within({ questionsMax: 13 }), [TOO_MUCH]);
  },
);

t.test('a server refuses profiles beyond its bounds, and lives on', async (t) => {
  const { ask } = await startServer(t);
  const slices = upTo(5000).flatMap((i): Json[] => [
    { id: `Patient.identifier:s${i}`, path: 'Patient.identifier', sliceName: `s${i}` },
    { id: `Patient.identifier:s${i}.system`, path: 'Patient.identifier.system', fixedUri: `${BASE}/${i}` },
  ]);
  const slicing = { discriminator: [{ type: 'value', path: 'system' }], rules: 'open' };
  const big = profile('big', 'Patient', [{ path: 'Patient.identifier', slicing }, ...slices]);
  const refused = await ask('PUT StructureDefinition/big', { body: big });
  t.equal(refused.status, 422);
  t.match(refused.body, { resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] });
  const constraint = [
    { key: 'x-1', severity: 'error', human: 'x', expression: COSTLY['all with all with all'] },
  ];
  const costly = profile('costly', 'Patient', [{ path: 'Patient', constraint }]);
  t.equal((await ask('PUT StructureDefinition/costly', { body: costly })).status, 201);
  const name = upTo(300).map(() => ({ family: 'a', given: ['b', 'c'] }));
  const patient = { resourceType: 'Patient', meta: { profile: [`${BASE}/costly`] }, name };
  t.match((await ask('POST Patient/$validate', { body: patient })).body, {
    resourceType: 'OperationOutcome',
  });
  t.equal((await ask('GET metadata')).status, 200);
});

t.test('hostile profiles are bounded: catastrophic patterns, deep and faulty expressions', async (t) => {
  const ruled = (expression: string): Json => ({
    resourceType: 'StructureDefinition',
    url: 'https://x.example/hostile',
    name: 'Hostile',
    status: 'draft',
    kind: 'resource',
    abstract: false,
    type: 'Patient',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    derivation: 'constraint',
    differential: {
      element: [
        {
          id: 'Patient',
          path: 'Patient',
          constraint: [{ key: 'x-1', severity: 'error', human: 'x', expression }],
        },
      ],
    },
  });
  const long = { resourceType: 'Patient', name: [{ family: `${'a'.repeat(5000)}!` }] };
  const asked = ['https://x.example/hostile'];
  const catastrophic = validatorWith([ruled("name.family.matches('^(a+)+$')")]);
  t.same(errorsOf(long, catastrophic, asked), ['invariant-failed:x-1 Patient']);
  for (const expression of [
    'name.where(',
    `${'('.repeat(5000)}1${')'.repeat(5000)}`,
    'process.exit(1)',
    '`a`] };//',
  ]) {
    const issues = validatorWith([ruled(expression)]).validate(long as { resourceType: string }, {
      profiles: asked,
    });
    t.ok(
      issues.some((one) => one.key === 'invariant-unevaluated' && one.severity === 'warning'),
      expression.slice(0, 20),
    );
  }
});

t.test('whatever is given to the validator is answered', async (t) => {
  const odd: unknown[] = [
    null,
    undefined,
    1,
    'x',
    [],
    [1],
    {},
    ...[null, 1, [], {}, 'Foo', 'constructor', 'HumanName'].map((resourceType) => ({ resourceType })),
  ];
  for (const one of odd) {
    for (const strict of [true, false]) {
      const options = { strict, text: JSON.stringify(one) ?? '' };
      const issues = validator.validate(one as Resource, options);
      t.match(issues, [{ key: 'unknown-element' }], JSON.stringify(one));
      t.same(await validator.validateYielding(one as Resource, options), issues);
    }
  }
});

t.test('What is remembered of a text is never said of another one', (t) => {
  const asked: string[] = [];
  const lengthAndText = withRecent((text) => {
    asked.push(text);
    return `${text.length} ${text}`;
  });
  const long = 'x'.repeat(501);
  // all but the last two differ only where the table does not look, so that they fall on one place
  const texts = ['http://a.org/1/xy', 'http://b.org/1/xy', 'http://c.org/1/xy', '', long];
  for (const text of [...texts, ...texts, texts[2] as string, texts[2] as string])
    t.equal(lengthAndText(text), `${text.length} ${text}`);
  t.equal(asked.filter((one) => one === long).length, 2, 'a long text is not kept');
  t.ok(asked.length < 12, 'the last one is');
  t.end();
});
