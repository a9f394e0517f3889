/** Expansion, validation of codes, subsumption, translation and lookup as functions. */
import t from 'tap';
import { entryOf } from '../../src/definitions/entry.ts';
import { createDefinitions, loadCoreDefinitions, withResource } from '../../src/definitions/registry.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createTerminology } from '../../src/terminology/create.ts';
import { type ExpandOptions, type ExpandResult, expandValueSet } from '../../src/terminology/expand.ts';
import { describeConcept } from '../../src/terminology/lookup.ts';
import { subsumes } from '../../src/terminology/subsumes.ts';
import { translate } from '../../src/terminology/translate.ts';
import { type CodeToValidate, validateCode } from '../../src/terminology/validate-code.ts';

const BASE = 'http://example.org/';
const SYSTEM = `${BASE}fitness`;

const RESOURCES: Record<string, unknown>[] = [
  {
    resourceType: 'CodeSystem',
    url: SYSTEM,
    version: '3',
    name: 'Fitness',
    content: 'complete',
    concept: [
      {
        code: 'decision',
        display: 'Decision',
        property: [{ code: 'notSelectable', valueBoolean: true }],
        concept: [
          {
            code: 'fit',
            display: 'Fit to travel',
            definition: 'May travel without conditions',
            designation: [
              { language: 'es', value: 'Apto para viajar' },
              { language: 'fr', value: 'Apte à voyager' },
            ],
          },
          { code: 'unfit', display: 'Unfit to travel' },
          { code: 'old', display: 'Fit, old form', property: [{ code: 'inactive', valueBoolean: true }] },
        ],
      },
    ],
  },
  {
    resourceType: 'CodeSystem',
    url: `${BASE}part`,
    content: 'fragment',
    concept: [{ code: 'a' }, { code: 'b' }],
  },
  {
    resourceType: 'ValueSet',
    url: `${BASE}all`,
    name: 'All',
    compose: { include: [{ system: SYSTEM }, { system: 'urn:iso:std:iso:3166', concept: [{ code: 'NP' }] }] },
  },
  {
    resourceType: 'ValueSet',
    url: `${BASE}own`,
    name: 'Own',
    compose: {
      include: [{ system: SYSTEM, concept: [{ code: 'unfit', display: 'Not now' }, { code: 'fit' }] }],
    },
  },
  {
    resourceType: 'ValueSet',
    url: `${BASE}open`,
    name: 'Open',
    compose: { include: [{ system: `${BASE}nowhere` }] },
  },
  {
    resourceType: 'ValueSet',
    url: `${BASE}units`,
    name: 'Units',
    compose: { include: [{ system: 'http://unitsofmeasure.org' }] },
  },
  {
    resourceType: 'ConceptMap',
    url: `${BASE}map`,
    sourceUri: `${BASE}all`,
    targetUri: `${BASE}us`,
    group: [
      {
        source: SYSTEM,
        target: 'urn:us',
        element: [
          { code: 'fit', target: [{ code: 'NONE', display: 'No class', equivalence: 'wider' }] },
          { code: 'unfit', target: [{ equivalence: 'unmatched' }] },
        ],
        unmapped: { mode: 'fixed', code: 'REVIEW' },
      },
      { source: SYSTEM, target: 'urn:uk', element: [], unmapped: { mode: 'provided' } },
      { source: SYSTEM, target: 'urn:ca', element: [], unmapped: { mode: 'other-map', url: `${BASE}map2` } },
    ],
  },
  {
    resourceType: 'ConceptMap',
    url: `${BASE}map2`,
    group: [
      {
        source: SYSTEM,
        target: 'urn:ca',
        element: [{ code: 'fit', target: [{ code: 'S1', equivalence: 'equivalent' }] }],
        unmapped: { mode: 'other-map', url: `${BASE}map` },
      },
    ],
  },
];

const definitions = RESOURCES.reduce(
  (all, one) => withResource(all, one as unknown as Resource),
  createDefinitions([]),
);
const terminology = createTerminology(definitions);

function expand(name: string, options?: ExpandOptions): ExpandResult {
  const entry = definitions.entry(BASE + name, 'ValueSet');
  if (entry === undefined) throw new Error(name);
  return expandValueSet(definitions, entry, options);
}

/** Codes and displays of the page, in order. */
function listOf(result: ExpandResult): string[] | string {
  if (result.kind === 'failure') return result.issue.text;
  return result.expansion.concepts.map((one) => `${one.code}=${one.display}`);
}

t.test('expansion: order, displays, pages, filters, languages', async (t) => {
  const all = [
    'decision=Decision',
    'fit=Fit to travel',
    'unfit=Unfit to travel',
    'old=Fit, old form',
    'NP=Nepal',
  ];
  const cases: [string, ExpandOptions, string[]][] = [
    ['all', {}, all],
    ['all', { count: 2, offset: 1 }, all.slice(1, 3)],
    ['all', { count: 0 }, []],
    ['all', { count: 9, offset: 99 }, []],
    ['all', { activeOnly: true }, all.filter((one) => !one.startsWith('old'))],
    ['all', { filter: 'FIT tra' }, ['fit=Fit to travel']],
    ['all', { filter: 'apte a' }, ['fit=Fit to travel']],
    ['all', { filter: 'ravel' }, []],
    ['all', { filter: 'nep' }, ['NP=Nepal']],
    ['all', { displayLanguage: 'es-419', count: 2 }, ['decision=Decision', 'fit=Apto para viajar']],
    ['all', { displayLanguage: 'fr', filter: 'np' }, ['NP=Népal']],
    ['own', { filter: 'not' }, ['unfit=Not now']],
    ['own', {}, ['unfit=Not now', 'fit=Fit to travel']],
  ];
  for (const [name, options, expected] of cases)
    t.same(listOf(expand(name, options)), expected, JSON.stringify(options));
  t.match(expand('all', { count: 1 }), {
    kind: 'expansion',
    expansion: {
      total: 5,
      offset: 0,
      versions: [`${SYSTEM}|3`],
      concepts: [{ isAbstract: true, isInactive: false }],
    },
  });
});

t.test('expansion is bounded, and says what it cannot list', async (t) => {
  t.equal(expand('all', { codesMax: 5 }).kind, 'expansion');
  t.match(expand('all', { codesMax: 4 }), {
    kind: 'failure',
    issue: { key: 'too-costly', text: /All has 5 codes, more than 4/ },
  });
  t.equal(expand('all', { codesMax: 4, count: 4 }).kind, 'expansion');
  t.match(expand('open'), {
    kind: 'failure',
    issue: { key: 'expansion-impossible', text: /nowhere would be needed/ },
  });
  t.match(expand('units'), { kind: 'failure', issue: { text: /follow a grammar/ } });
});

t.test('a value set in a request is expanded without being loaded', async (t) => {
  const entry = entryOf(
    { resourceType: 'ValueSet', compose: { include: [{ valueSet: [`${BASE}own`] }] } },
    {},
  );
  t.same(listOf(expandValueSet(definitions, entry)), ['unfit=Unfit to travel', 'fit=Fit to travel']);
});

t.test('validation of codes gives a result and words', async (t) => {
  const set = (name: string) => terminology.valueSet(BASE + name);
  const cases: [CodeToValidate, string | undefined, Record<string, unknown>][] = [
    [{ system: SYSTEM, code: 'fit' }, 'all', { result: 'yes', display: 'Fit to travel', message: undefined }],
    [{ code: 'fit' }, 'all', { result: 'yes', system: SYSTEM }],
    [
      { system: SYSTEM, code: 'fit', display: 'fit  to TRAVEL' },
      'all',
      { result: 'yes', message: undefined },
    ],
    [
      { system: SYSTEM, code: 'fit', display: 'Apto para viajar' },
      'all',
      { result: 'yes', message: undefined },
    ],
    [
      { system: SYSTEM, code: 'fit', display: 'Ready' },
      'all',
      { result: 'yes', message: /'Fit to travel', not 'Ready'/ },
    ],
    [
      { system: SYSTEM, code: 'old' },
      'own',
      { result: 'no', message: /#old is not in the value set Own \(.*own\)\.$/ },
    ],
    [{ system: SYSTEM, code: 'x' }, 'own', { result: 'no', message: /its code system does not define it/ }],
    [{ system: SYSTEM, code: 'decision' }, 'all', { result: 'no', message: /groups other codes/ }],
    [{ system: SYSTEM, code: 'decision', abstract: true }, 'all', { result: 'yes' }],
    [{ system: 'urn:other', code: 'fit' }, 'all', { result: 'no' }],
    [
      { system: `${BASE}nowhere`, code: 'fit' },
      'open',
      { result: 'unknown', message: /nowhere is not loaded/ },
    ],
    [{ system: SYSTEM, code: 'fit' }, undefined, { result: 'yes' }],
    [{ system: SYSTEM, code: 'x' }, undefined, { result: 'no', message: /not in the code system/ }],
    [{ system: `${BASE}part`, code: 'c' }, undefined, { result: 'unknown', message: /cannot be told/ }],
    [{ code: 'x' }, undefined, { result: 'unknown' }],
  ];
  for (const [asked, name, expected] of cases) {
    t.match(
      validateCode(terminology, asked, name === undefined ? undefined : set(name)),
      expected,
      JSON.stringify(asked),
    );
  }
});

t.test('subsumption', async (t) => {
  const outcome = (system: string, a: string, b: string): string => {
    const result = subsumes(terminology, system, a, b);
    return result.kind === 'outcome' ? result.outcome : result.issue.text;
  };
  t.equal(outcome(SYSTEM, 'fit', 'fit'), 'equivalent');
  t.equal(outcome(SYSTEM, 'decision', 'fit'), 'subsumes');
  t.equal(outcome(SYSTEM, 'fit', 'decision'), 'subsumed-by');
  t.equal(outcome(SYSTEM, 'fit', 'unfit'), 'not-subsumed');
  t.match(outcome(SYSTEM, 'fit', 'x'), /no code x/);
  t.match(outcome(`${BASE}nowhere`, 'a', 'b'), /not loaded/);
  t.match(outcome(`${BASE}part`, 'a', 'b'), /Only part/);
});

t.test('translation', async (t) => {
  const matches = (request: Partial<Parameters<typeof translate>[1]>) => {
    const result = translate(definitions, { system: SYSTEM, code: 'fit', ...request });
    return [result.result, ...result.matches.map((one) => `${one.equivalence} ${one.system}#${one.code}`)];
  };
  t.same(matches({ targetSystem: 'urn:us' }), [true, 'wider urn:us#NONE']);
  t.same(matches({ targetSystem: 'urn:us', code: 'unfit' }), [false, 'unmatched urn:us#undefined']);
  t.same(matches({ targetSystem: 'urn:us', code: 'other' }), [true, 'inexact urn:us#REVIEW']);
  t.same(matches({ targetSystem: 'urn:uk' }), [true, 'equal urn:uk#fit']);
  t.same(matches({ map: `${BASE}map`, targetSystem: 'urn:ca' }), [true, 'equivalent urn:ca#S1']);
  t.same(
    matches({ map: `${BASE}map2`, targetSystem: 'urn:ca', code: 'x' }),
    [false],
    'maps that hand over in a circle end',
  );
  t.same(matches({ source: `${BASE}all|1`, target: `${BASE}us`, targetSystem: 'urn:us' }), [
    true,
    'wider urn:us#NONE',
  ]);
  t.same(matches({ target: `${BASE}elsewhere` }), [false]);
  t.same(matches({ reverse: true, system: 'urn:us', code: 'NONE' }), [true, `narrower ${SYSTEM}#fit`]);
  t.match(
    translate(definitions, { system: SYSTEM, code: 'fit', map: `${BASE}no` }).message,
    /map .*no is not loaded/,
  );
  t.match(translate(definitions, { system: 'urn:x', code: 'fit' }).message, /No concept map from urn:x/);
});

t.test('lookup', async (t) => {
  t.match(describeConcept(definitions, SYSTEM, 'fit', 'fr'), {
    system: SYSTEM,
    version: '3',
    name: 'Fitness',
    display: 'Apte à voyager',
    definition: 'May travel without conditions',
    concept: { parents: new Set(['decision']) },
  });
  t.equal(describeConcept(definitions, SYSTEM, 'x'), undefined);
  t.equal(describeConcept(definitions, 'urn:iso:std:iso:3166', 'FR')?.display, 'France');
});

t.test('R4 maps translate', async (t) => {
  const core = loadCoreDefinitions();
  const found = translate(core, { system: 'http://hl7.org/fhir/administrative-gender', code: 'male' });
  t.equal(found.result, true);
  t.ok(found.matches.every((one) => one.map.startsWith('http://hl7.org/fhir/ConceptMap/')));
});
