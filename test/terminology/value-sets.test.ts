/** Value sets and code systems: what belongs, what does not, and what cannot be told. */
import t from 'tap';
import type { Definitions } from '../../src/definitions/definitions.ts';
import { createDefinitions, loadCoreDefinitions, withResource } from '../../src/definitions/registry.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createTerminology } from '../../src/terminology/create.ts';
import type { Membership } from '../../src/terminology/terminology.ts';

const core = loadCoreDefinitions();
const R4 = createTerminology(core);
const BASE = 'http://example.org/';

const ANIMALS = {
  resourceType: 'CodeSystem',
  url: `${BASE}animals`,
  version: '1',
  content: 'complete',
  property: [
    { code: 'legs', type: 'integer' },
    { code: 'kind-of', type: 'code', uri: 'http://hl7.org/fhir/concept-properties#parent' },
  ],
  concept: [
    {
      code: 'mammal',
      property: [{ code: 'notSelectable', valueBoolean: true }],
      concept: [
        { code: 'dog', display: 'Dog', property: [{ code: 'legs', valueInteger: 4 }] },
        { code: 'whale', display: 'Whale', concept: [{ code: 'orca', display: 'Killer whale' }] },
      ],
    },
    {
      code: 'bird',
      property: [
        { code: 'legs', valueInteger: 2 },
        { code: 'status', valueCode: 'retired' },
      ],
    },
    { code: 'bat', property: [{ code: 'kind-of', valueCode: 'mammal' }] },
  ],
};

function load(...resources: Record<string, unknown>[]): Definitions {
  return resources.reduce(
    (definitions, one) => withResource(definitions, one as Resource),
    withResource(createDefinitions([]), ANIMALS as Resource),
  );
}

function valueSet(name: string, compose: unknown): Record<string, unknown> {
  return { resourceType: 'ValueSet', url: BASE + name, name, compose };
}

/** Every code of the set by system, in order; undefined when it cannot be enumerated. */
function codesOf(definitions: Definitions, name: string): Record<string, string[]> | undefined {
  const codes = createTerminology(definitions).valueSet(BASE + name)?.codes;
  return codes && Object.fromEntries([...codes].map(([system, set]) => [system, [...set]]));
}

t.test('compositions choose the codes that the specification says', async (t) => {
  const filter = (property: string, op: string, value: string): unknown => ({
    include: [{ system: ANIMALS.url, filter: [{ property, op, value }] }],
  });
  const cases: [string, unknown, string[]][] = [
    ['all', { include: [{ system: ANIMALS.url }] }, ['mammal', 'dog', 'whale', 'orca', 'bird', 'bat']],
    [
      'listed',
      { include: [{ system: ANIMALS.url, concept: [{ code: 'dog' }, { code: 'x' }] }] },
      ['dog', 'x'],
    ],
    ['is-a', filter('concept', 'is-a', 'mammal'), ['mammal', 'dog', 'whale', 'orca', 'bat']],
    ['descendent-of', filter('concept', 'descendent-of', 'mammal'), ['dog', 'whale', 'orca', 'bat']],
    ['is-not-a', filter('concept', 'is-not-a', 'mammal'), ['bird']],
    ['generalizes', filter('concept', 'generalizes', 'orca'), ['mammal', 'whale', 'orca']],
    ['= integer', filter('legs', '=', '4'), ['dog']],
    ['= parent', filter('parent', '=', 'mammal'), ['dog', 'whale', 'bat']],
    ['in', filter('concept', 'in', 'dog,bird'), ['dog', 'bird']],
    ['not-in', filter('concept', 'not-in', 'dog,bird'), ['mammal', 'whale', 'orca', 'bat']],
    ['exists', filter('legs', 'exists', 'true'), ['dog', 'bird']],
    ['exists false', filter('legs', 'exists', 'false'), ['mammal', 'whale', 'orca', 'bat']],
    ['regex', filter('concept', 'regex', 'b[a-z]+'), ['bird', 'bat']],
    ['regex of a display', filter('display', 'regex', '.*hale'), ['whale', 'orca']],
    [
      'two filters',
      {
        include: [
          {
            system: ANIMALS.url,
            filter: [
              { property: 'concept', op: 'is-a', value: 'mammal' },
              { property: 'legs', op: '=', value: '4' },
            ],
          },
        ],
      },
      ['dog'],
    ],
    [
      'exclude',
      {
        include: [{ system: ANIMALS.url }],
        exclude: [{ system: ANIMALS.url, filter: [{ property: 'concept', op: 'is-a', value: 'whale' }] }],
      },
      ['mammal', 'dog', 'bird', 'bat'],
    ],
    [
      'no inactive codes',
      { inactive: false, include: [{ system: ANIMALS.url }] },
      ['mammal', 'dog', 'whale', 'orca', 'bat'],
    ],
    [
      'the version that is loaded',
      { include: [{ system: ANIMALS.url, version: '1', concept: [{ code: 'dog' }] }] },
      ['dog'],
    ],
  ];
  for (const [name, compose, expected] of cases) {
    t.same(codesOf(load(valueSet('v', compose)), 'v'), { [ANIMALS.url]: expected }, name);
  }
});

t.test('imports are united between includes and intersected within one', async (t) => {
  const definitions = load(
    valueSet('four', { include: [{ system: ANIMALS.url, concept: [{ code: 'dog' }, { code: 'cat' }] }] }),
    valueSet('wet', { include: [{ system: ANIMALS.url, concept: [{ code: 'orca' }, { code: 'dog' }] }] }),
    valueSet('either', { include: [{ valueSet: [`${BASE}four`] }, { valueSet: [`${BASE}wet`] }] }),
    valueSet('both', { include: [{ valueSet: [`${BASE}four`, `${BASE}wet`] }] }),
    valueSet('system-and-set', { include: [{ system: ANIMALS.url, valueSet: [`${BASE}four`] }] }),
    valueSet('nested', {
      include: [{ valueSet: [`${BASE}either`] }],
      exclude: [{ valueSet: [`${BASE}both`] }],
    }),
  );
  t.same(codesOf(definitions, 'either'), { [ANIMALS.url]: ['dog', 'cat', 'orca'] });
  t.same(codesOf(definitions, 'both'), { [ANIMALS.url]: ['dog'] });
  t.same(codesOf(definitions, 'system-and-set'), { [ANIMALS.url]: ['dog'] }, 'cat is not in the system');
  t.same(codesOf(definitions, 'nested'), { [ANIMALS.url]: ['cat', 'orca'] });
});

t.test('what is not loaded is unknown, never a refusal', async (t) => {
  const definitions = load(
    { resourceType: 'CodeSystem', url: `${BASE}part`, content: 'fragment', concept: [{ code: 'a' }] },
    { resourceType: 'CodeSystem', url: `${BASE}empty`, content: 'not-present' },
    valueSet('absent-system', { include: [{ system: `${BASE}nowhere` }] }),
    valueSet('absent-filter', {
      include: [{ system: `${BASE}nowhere`, filter: [{ property: 'x', op: '=', value: 'y' }] }],
    }),
    valueSet('absent-version', { include: [{ system: ANIMALS.url, version: '9' }] }),
    valueSet('absent-import', { include: [{ valueSet: [`${BASE}nothing`] }] }),
    valueSet('fragment', { include: [{ system: `${BASE}part` }] }),
    valueSet('not-present', { include: [{ system: `${BASE}empty` }] }),
    valueSet('minus-absent', {
      include: [{ system: ANIMALS.url, concept: [{ code: 'dog' }] }],
      exclude: [{ valueSet: [`${BASE}nothing`] }],
    }),
    valueSet('plus-absent', {
      include: [{ system: ANIMALS.url, concept: [{ code: 'dog' }] }, { system: `${BASE}nowhere` }],
    }),
    valueSet('hostile', {
      include: [{ system: ANIMALS.url, filter: [{ property: 'code', op: 'regex', value: '(a+)+b' }] }],
    }),
    { resourceType: 'ValueSet', url: `${BASE}bare`, name: 'bare' },
  );
  const terminology = createTerminology(definitions);
  const cases: [string, string | undefined, string, Membership][] = [
    ['absent-system', `${BASE}nowhere`, 'a', 'unknown'],
    ['absent-system', `${BASE}other`, 'a', 'no'],
    ['absent-system', undefined, 'a', 'unknown'],
    ['absent-filter', `${BASE}nowhere`, 'a', 'unknown'],
    ['absent-version', ANIMALS.url, 'dog', 'unknown'],
    ['absent-import', ANIMALS.url, 'dog', 'unknown'],
    ['fragment', `${BASE}part`, 'a', 'yes'],
    ['fragment', `${BASE}part`, 'b', 'unknown'],
    ['not-present', `${BASE}empty`, 'b', 'unknown'],
    ['minus-absent', ANIMALS.url, 'dog', 'unknown'],
    ['minus-absent', ANIMALS.url, 'cat', 'no'],
    ['plus-absent', ANIMALS.url, 'dog', 'yes'],
    ['plus-absent', ANIMALS.url, 'cat', 'no'],
    ['plus-absent', undefined, 'dog', 'yes'],
    ['plus-absent', undefined, 'cat', 'unknown'],
    ['hostile', ANIMALS.url, 'dog', 'unknown'],
    ['bare', ANIMALS.url, 'dog', 'unknown'],
  ];
  for (const [name, system, code, expected] of cases) {
    const set = terminology.valueSet(BASE + name);
    t.equal(set?.codes, undefined, name);
    t.equal(set?.contains(system, code), expected, `${name} ${system}#${code}`);
  }
  t.same(terminology.valueSet(`${BASE}plus-absent`)?.missing, [`${BASE}nowhere`]);
  t.equal(terminology.valueSet(`${BASE}nothing`), undefined);
  t.equal(terminology.codeExists(`${BASE}nowhere`, 'a'), 'unknown');
  t.equal(terminology.codeExists(`${BASE}part`, 'b'), 'unknown');
  t.equal(terminology.codeExists(ANIMALS.url, 'cat'), 'no');
  t.equal(terminology.codeExists(ANIMALS.url, 'orca'), 'yes');
});

t.test('value sets that import one another end, and keep what is certain', async (t) => {
  const many = Array.from({ length: 60 }, (_, i) =>
    valueSet(`m${i}`, {
      include: [{ valueSet: [`${BASE}m${i + 1}`] }, { valueSet: [`${BASE}m${(i + 2) % 60}`] }],
    }),
  );
  const definitions = load(
    valueSet('a', {
      include: [{ system: ANIMALS.url, concept: [{ code: 'dog' }] }, { valueSet: [`${BASE}b`] }],
    }),
    valueSet('b', { include: [{ valueSet: [`${BASE}a`] }] }),
    ...many,
  );
  const terminology = createTerminology(definitions);
  t.equal(terminology.valueSet(`${BASE}a`)?.contains(ANIMALS.url, 'dog'), 'yes');
  t.equal(terminology.valueSet(`${BASE}b`)?.contains(ANIMALS.url, 'dog'), 'yes');
  t.equal(terminology.valueSet(`${BASE}b`)?.contains(ANIMALS.url, 'cat'), 'unknown');
  t.equal(terminology.valueSet(`${BASE}m0`)?.contains(ANIMALS.url, 'cat'), 'unknown');
});

t.test('a system that does not tell cases apart finds codes in any case', async (t) => {
  const system = `${BASE}loose`;
  const definitions = load(
    {
      resourceType: 'CodeSystem',
      url: system,
      content: 'complete',
      caseSensitive: false,
      concept: [{ code: 'Abc' }],
    },
    valueSet('v', { include: [{ system, concept: [{ code: 'ABC' }] }] }),
  );
  const terminology = createTerminology(definitions);
  t.equal(terminology.valueSet(`${BASE}v`)?.contains(system, 'aBc'), 'yes');
  t.equal(terminology.valueSet(`${BASE}v`)?.contains(system, 'abd'), 'no');
  t.equal(terminology.codeExists(system, 'ABC'), 'yes');
  t.equal(terminology.lookup(system, 'abc')?.code, 'Abc');
  t.equal(terminology.codeExists(ANIMALS.url, 'DOG'), 'no');
});

t.test('fragments of several packages and supplements are put together', async (t) => {
  const system = `${BASE}big`;
  const part = (version: string, code: string): Record<string, unknown> => ({
    resourceType: 'CodeSystem',
    url: system,
    version,
    content: 'fragment',
    concept: [{ code, display: code }],
  });
  const terminology = createTerminology(
    load(part('1', 'a'), part('2', 'b'), {
      resourceType: 'CodeSystem',
      url: `${BASE}fr`,
      content: 'supplement',
      supplements: ANIMALS.url,
      concept: [{ code: 'dog', designation: [{ language: 'fr', value: 'Chien' }] }],
    }),
  );
  t.equal(terminology.codeExists(system, 'a'), 'yes');
  t.equal(terminology.codeExists(system, 'b'), 'yes');
  t.same(terminology.lookup(ANIMALS.url, 'dog'), {
    system: ANIMALS.url,
    code: 'dog',
    display: 'Dog',
    designations: [{ language: 'fr', value: 'Chien' }],
  });
});

t.test(
  'a fragment of a system that is known as a list adds displays, and the list stays whole',
  async (t) => {
    const system = 'urn:iso:std:iso:3166';
    const terminology = createTerminology(
      load(
        {
          resourceType: 'CodeSystem',
          url: system,
          content: 'fragment',
          concept: [{ code: 'NPL', display: 'Nepal' }],
        },
        valueSet('v', { include: [{ system }] }),
      ),
    );
    t.equal(terminology.lookup(system, 'NPL')?.display, 'Nepal');
    t.equal(terminology.codeExists(system, 'BTN'), 'yes');
    t.equal(terminology.codeExists(system, 'XYZ'), 'no');
    t.equal(terminology.valueSet(`${BASE}v`)?.codes?.get(system)?.size, 749);
    t.same(terminology.closure(system, 'NPL', 'down'), new Set(['NPL']));
  },
);

t.test('closures follow nesting and parent properties', async (t) => {
  const terminology = createTerminology(load());
  t.same([...(terminology.closure(ANIMALS.url, 'mammal', 'down') ?? [])].sort(), [
    'bat',
    'dog',
    'mammal',
    'orca',
    'whale',
  ]);
  t.same([...(terminology.closure(ANIMALS.url, 'orca', 'up') ?? [])], ['orca', 'whale', 'mammal']);
  t.equal(terminology.closure(ANIMALS.url, 'cat', 'up'), undefined);
  const cyclic = createTerminology(
    load({
      resourceType: 'CodeSystem',
      url: `${BASE}cycle`,
      content: 'complete',
      concept: [
        { code: 'a', property: [{ code: 'parent', valueCode: 'b' }] },
        { code: 'b', property: [{ code: 'parent', valueCode: 'a' }] },
      ],
    }),
  );
  t.same([...(cyclic.closure(`${BASE}cycle`, 'a', 'down') ?? [])], ['a', 'b']);
});

t.test('a new generation sees new codes, and keeps what did not change', async (t) => {
  const before = load(valueSet('v', { include: [{ system: ANIMALS.url }] }));
  const first = createTerminology(before).valueSet(`${BASE}v`);
  const unrelated = withResource(before, { resourceType: 'ValueSet', url: `${BASE}other` });
  t.equal(createTerminology(unrelated).valueSet(`${BASE}v`), first);
  const changed = withResource(before, { ...ANIMALS, concept: [{ code: 'cat' }] } as Resource);
  t.equal(createTerminology(changed).valueSet(`${BASE}v`)?.contains(ANIMALS.url, 'cat'), 'yes');
  t.equal(first?.contains(ANIMALS.url, 'cat'), 'no');
});

t.test('the value set of all codes of a system needs no resource', async (t) => {
  const definitions = load({
    resourceType: 'CodeSystem',
    url: `${BASE}s`,
    content: 'complete',
    valueSet: `${BASE}all`,
    concept: [{ code: 'x' }],
  });
  t.same(codesOf(definitions, 'all'), { [`${BASE}s`]: ['x'] });
});

t.test('an expansion without composition is taken as it is', async (t) => {
  const contains = [
    { system: BASE, code: 'top', abstract: true, contains: [{ system: BASE, code: 'a' }] },
    { system: BASE, code: 'b' },
  ];
  const definitions = load(
    { resourceType: 'ValueSet', url: `${BASE}whole`, expansion: { contains } },
    { resourceType: 'ValueSet', url: `${BASE}page`, expansion: { total: 9, contains } },
  );
  t.same(codesOf(definitions, 'whole'), { [BASE]: ['a', 'b'] });
  const page = createTerminology(definitions).valueSet(`${BASE}page`);
  t.equal(page?.contains(BASE, 'a'), 'yes');
  t.equal(page?.contains(BASE, 'c'), 'unknown');
});

t.test('R4: most value sets can be enumerated', async (t) => {
  let enumerated = 0;
  const grammars: string[] = [];
  let codes = 0;
  for (const { url } of core.entries('ValueSet')) {
    const set = R4.valueSet(url);
    if (set?.codes !== undefined) enumerated++;
    else if (set?.missing.length === 0) grammars.push(url.slice(url.lastIndexOf('/') + 1));
    for (const system of set?.codes?.values() ?? []) codes += system.size;
  }
  t.same(
    grammars.sort(),
    ['all-languages', 'mimetypes', 'timezones', 'ucum-units'],
    'decided without a list',
  );
  t.same([enumerated, codes], [1216, 33_486]);
  t.same(
    R4.valueSet('http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1')?.codes,
    new Map([['http://hl7.org/fhir/administrative-gender', new Set(['male', 'female', 'other', 'unknown'])]]),
  );
  t.equal(
    R4.valueSet('http://hl7.org/fhir/ValueSet/observation-codes')?.contains('http://loinc.org', '1234-5'),
    'unknown',
  );
});
