/** Snapshots made from differentials: equal to the published ones, and careful with what is broken. */
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import t from 'tap';
import { loadBuiltDefinitions } from '../../src/definitions/built.ts';
import { loadCoreDefinitions } from '../../src/definitions/registry.ts';
import { ensureSnapshot, generateSnapshot } from '../../src/definitions/snapshot.ts';
import { PACKAGE_ID } from '../../src/fhir/canonical.ts';

const core = loadCoreDefinitions();
const R4 = 'http://hl7.org/fhir/StructureDefinition/';
const BASE = 'http://example.org/StructureDefinition/';

/** What a validator reads of an element, in a form that can be compared. */
function factsOf(element: ElementDefinition): Record<string, unknown> {
  const facts: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(element)) {
    if (/^(fixed|pattern|min|max|defaultValue)|^(sliceName|slicing|contentReference|base)$/.test(name)) {
      facts[name] = value;
    }
  }
  facts.isModifier = element.isModifier === true;
  facts.mustSupport = element.mustSupport === true;
  facts.binding = element.binding && `${element.binding.strength} ${element.binding.valueSet}`;
  facts.constraint = (element.constraint ?? [])
    .map((one) => `${one.key} ${one.severity} ${one.expression}`)
    .sort();
  facts.type = (element.type ?? []).map((one) => [one.code, one.profile ?? [], one.targetProfile ?? []]);
  if (element.slicing !== undefined) {
    const { discriminator, rules, ordered } = element.slicing;
    facts.slicing = [discriminator, rules, ordered === true];
  }
  return facts;
}

function snapshotOf(structure: StructureDefinition): Map<string, Record<string, unknown>> {
  return new Map((structure.snapshot?.element ?? []).map((one) => [one.id as string, factsOf(one)]));
}

function published(derivation: string, isExtension: boolean): StructureDefinition[] {
  return core
    .entries('StructureDefinition')
    .filter((one) => one.derivation === derivation && (one.type === 'Extension') === isExtension)
    .map((one) => one.loadOriginal() as unknown as StructureDefinition);
}

/** HL7's snapshots that differ from what its differentials say, with the reason. */
const DIFFERENT: Readonly<Record<string, string>> = {
  bp: 'a choice within a slice is narrowed without slicing; here it is sliced by type, with the same effect',
  catalog: 'a slice of an element that is not sliced takes its place',
  cholesterol: 'the invariants of SimpleQuantity are repeated at the element',
  hdlcholesterol: 'the same',
  ldlcholesterol: 'the same',
  'elementdefinition-de': 'extensions without constraints are opened',
  'familymemberhistory-genetic': 'the published snapshot lacks elements of the base',
  'provenance-relevant-history': 'a slice does not inherit the binding of the sliced element',
};

t.test('every extension and profile of R4 gets the snapshot that HL7 published', async (t) => {
  const profiles = [...published('constraint', true), ...published('constraint', false)];
  t.equal(profiles.length, 439);
  const differing: string[] = [];
  for (const profile of profiles) {
    const { snapshot: _snapshot, ...bare } = profile;
    const made = generateSnapshot(core.structure, bare);
    t.same(made.issues, [], profile.url);
    const [ours, theirs] = [snapshotOf(made.structure), snapshotOf(profile)];
    if (profile.id !== undefined && profile.id in DIFFERENT) {
      if (!isSame(ours, theirs)) differing.push(profile.id);
      continue;
    }
    t.same([...ours], [...theirs], profile.url);
  }
  t.same(differing.sort(), Object.keys(DIFFERENT).sort(), 'each exception is still one');
});

t.test('every profile of the IOM package gets the snapshot that SUSHI makes', async (t) => {
  const built = loadBuiltDefinitions();
  const own = built.entries('StructureDefinition').filter((one) => one.source.packageId === PACKAGE_ID);
  t.ok(own.length > 60);
  for (const entry of own) {
    const profile = entry.loadOriginal() as unknown as StructureDefinition;
    const { snapshot: _snapshot, ...bare } = profile;
    const made = generateSnapshot((canonical) => built.structure(canonical), bare);
    t.same(made.issues, [], entry.url);
    t.same([...snapshotOf(made.structure)], [...snapshotOf(profile)], entry.url);
  }
});

function isSame(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  return JSON.stringify([...a]) === JSON.stringify([...b]);
}

type Part = Record<string, unknown>;

function profile(
  name: string,
  base: string,
  type: string,
  element: Part[],
  more: Part = {},
): StructureDefinition {
  return {
    resourceType: 'StructureDefinition',
    url: BASE + name,
    name,
    status: 'active',
    kind: 'resource',
    abstract: false,
    type,
    baseDefinition: base.includes(':') ? base : R4 + base,
    derivation: 'constraint',
    differential: { element },
    ...more,
  } as unknown as StructureDefinition;
}

/** Looks up the given structures before those of R4. */
function lookupOf(...structures: StructureDefinition[]) {
  const own = new Map(structures.map((one) => [one.url, one]));
  return (canonical: string): StructureDefinition | undefined =>
    own.get(canonical.split('|', 1)[0] as string) ?? core.structure(canonical);
}

function make(structure: StructureDefinition, ...others: StructureDefinition[]) {
  const { structure: made, issues } = generateSnapshot(lookupOf(...others), structure);
  const byId = new Map((made.snapshot?.element ?? []).map((one) => [one.id as string, one]));
  return { made, issues, byId, texts: issues.map((one) => one.text) };
}

t.test('slices come after what they slice, with their children, and inherit', async (t) => {
  const { byId, issues } = make(
    profile('p', 'Patient', 'Patient', [
      {
        id: 'Patient.identifier',
        path: 'Patient.identifier',
        min: 1,
        slicing: { discriminator: [{ type: 'value', path: 'system' }], rules: 'open' },
      },
      { id: 'Patient.identifier.system', path: 'Patient.identifier.system', min: 1 },
      { id: 'Patient.identifier:mrn', path: 'Patient.identifier', sliceName: 'mrn', max: '1' },
      { id: 'Patient.identifier:mrn.system', path: 'Patient.identifier.system', fixedUri: 'urn:x' },
      { id: 'Patient.identifier:mrn/old', path: 'Patient.identifier', sliceName: 'mrn/old', max: '1' },
      { id: 'Patient.identifier:case', path: 'Patient.identifier', sliceName: 'case' },
    ]),
  );
  t.same(issues, []);
  const ids = [...byId.keys()].filter((id) => /^Patient\.identifier(:[a-z/]+)?(\.(system|value))?$/.test(id));
  t.same(ids, [
    'Patient.identifier',
    'Patient.identifier.system',
    'Patient.identifier.value',
    'Patient.identifier:mrn',
    'Patient.identifier:mrn.system',
    'Patient.identifier:mrn.value',
    'Patient.identifier:mrn/old',
    'Patient.identifier:mrn/old.system',
    'Patient.identifier:mrn/old.value',
    'Patient.identifier:case',
    'Patient.identifier:case.system',
    'Patient.identifier:case.value',
  ]);
  t.equal(byId.get('Patient.identifier:mrn')?.min, 0, 'a slice may be absent');
  t.equal(byId.get('Patient.identifier:mrn.system')?.min, 1, 'children inherit');
  t.equal(byId.get('Patient.identifier:mrn/old.system')?.fixedUri, 'urn:x', 'a reslice inherits');
  t.equal(byId.get('Patient.identifier:case')?.slicing, undefined);
});

t.test('a profile of a profile builds on its snapshot, made or given', async (t) => {
  const parent = profile('parent', 'Patient', 'Patient', [
    {
      id: 'Patient.name',
      path: 'Patient.name',
      min: 1,
      constraint: [{ key: 'x-1', severity: 'error', human: 'x', expression: 'true' }],
    },
  ]);
  const child = profile('child', `${BASE}parent`, 'Patient', [
    { id: 'Patient.name', path: 'Patient.name', max: '1' },
  ]);
  const expected = { min: 1, max: '1', keys: ['ele-1', 'x-1'], source: `${BASE}parent` };
  for (const given of [parent, ensureSnapshot(core.structure, parent).structure]) {
    const name = make(child, given).byId.get('Patient.name');
    const keys = name?.constraint?.map((one) => one.key);
    t.same({ min: name?.min, max: name?.max, keys, source: name?.constraint?.at(-1)?.source }, expected);
  }
});

t.test('constraints go into datatypes, profiles of types, extensions and referred content', async (t) => {
  const coding = profile(
    'coding',
    'CodeableConcept',
    'CodeableConcept',
    [{ id: 'CodeableConcept.coding', path: 'CodeableConcept.coding', min: 1 }],
    { kind: 'complex-type' },
  );
  const { byId, issues } = make(
    profile('o', 'Observation', 'Observation', [
      {
        id: 'Observation.extension:geo',
        path: 'Observation.extension',
        sliceName: 'geo',
        type: [{ code: 'Extension', profile: [`${R4}geolocation`] }],
      },
      {
        id: 'Observation.extension:geo.extension:latitude',
        path: 'Observation.extension.extension',
        sliceName: 'latitude',
        mustSupport: true,
      },
      {
        id: 'Observation.code',
        path: 'Observation.code',
        type: [{ code: 'CodeableConcept', profile: [`${BASE}coding`] }],
      },
      { id: 'Observation.code.coding.system', path: 'Observation.code.coding.system', fixedUri: 'urn:x' },
      {
        id: 'Observation.component.referenceRange.low',
        path: 'Observation.component.referenceRange.low',
        min: 1,
      },
      { id: 'Observation.subject.identifier.value', path: 'Observation.subject.identifier.value', min: 1 },
    ]),
    coding,
  );
  t.same(issues, []);
  t.equal(byId.get('Observation.extension:geo.extension:latitude')?.mustSupport, true);
  t.equal(byId.get('Observation.extension:geo.url')?.fixedUri, `${R4}geolocation`);
  t.equal(byId.get('Observation.extension')?.slicing?.discriminator?.[0]?.path, 'url');
  t.equal(byId.get('Observation.code.coding')?.min, 1, 'from the profile of the type');
  t.equal(byId.get('Observation.code.coding.system')?.fixedUri, 'urn:x');
  t.equal(byId.get('Observation.component.referenceRange.low')?.min, 1);
  t.equal(byId.get('Observation.component.referenceRange')?.contentReference, undefined);
  t.equal(byId.get('Observation.component.referenceRange')?.type?.[0]?.code, 'BackboneElement');
  t.equal(byId.get('Observation.subject.identifier.value')?.base?.path, 'Identifier.value');
});

t.test('ids that are missing or wrong are made from paths and slice names', async (t) => {
  const { byId, issues } = make(
    profile('n', 'Patient', 'Patient', [
      { path: 'Patient' },
      {
        path: 'Patient.identifier',
        slicing: { discriminator: [{ type: 'value', path: 'system' }], rules: 'open' },
      },
      { path: 'Patient.identifier', sliceName: 'a' },
      { path: 'Patient.identifier.system', fixedUri: 'urn:a' },
      { id: 'nonsense', path: 'Patient.identifier', sliceName: 'b' },
      { path: 'Patient.identifier.system', fixedUri: 'urn:b' },
      { path: 'Patient.deceasedBoolean', min: 1 },
    ]),
  );
  t.same(issues, []);
  t.equal(byId.get('Patient.identifier:a.system')?.fixedUri, 'urn:a');
  t.equal(byId.get('Patient.identifier:b.system')?.fixedUri, 'urn:b');
  t.equal(byId.get('Patient.identifier.system')?.fixedUri, undefined);
  t.same(byId.get('Patient.deceased[x]')?.type, [{ code: 'boolean' }]);
  t.equal(byId.get('Patient.deceased[x]:deceasedBoolean')?.min, 1);
});

t.test('a fixed value of another type replaces, a logical model stands alone', async (t) => {
  const model = {
    ...profile('Form', 'Base', `${BASE}Form`, [
      { id: 'Form', path: 'Form' },
      { id: 'Form.section', path: 'Form.section', min: 0, max: '*', type: [{ code: 'BackboneElement' }] },
      { id: 'Form.section.text', path: 'Form.section.text', min: 1, max: '1', type: [{ code: 'string' }] },
    ]),
    kind: 'logical',
    derivation: 'specialization',
  } as StructureDefinition;
  const { byId, issues } = make(model);
  t.same(issues, []);
  t.same(
    [...byId.keys()].filter((id) => !/\.(id|extension|modifierExtension)$/.test(id)),
    ['Form', 'Form.section', 'Form.section.text'],
  );
});

t.test('what is broken is named with canonical and element, and gives no snapshot', async (t) => {
  const bad = (element: Part, more: Part = {}): StructureDefinition =>
    profile('bad', 'Patient', 'Patient', [{ path: 'Patient' }, element], more);
  const cases: [string, StructureDefinition, RegExp, string][] = [
    [
      'unknown element',
      bad({ id: 'Patient.nme', path: 'Patient.nme', min: 1 }),
      /no place for Patient\.nme/,
      'definition-broken',
    ],
    [
      'unknown child',
      bad({ id: 'Patient.name.first', path: 'Patient.name.first' }),
      /HumanName|name has no first/,
      'definition-broken',
    ],
    [
      'child of a primitive',
      bad({ id: 'Patient.active.x', path: 'Patient.active.x' }),
      /active has no x/,
      'definition-broken',
    ],
    [
      'other root',
      bad({ id: 'Group.name', path: 'Group.name' }),
      /does not start with Patient/,
      'definition-broken',
    ],
    [
      'other type',
      bad({ id: 'Patient.name', path: 'Patient.name', type: [{ code: 'Address' }] }),
      /type Address.*only HumanName/,
      'definition-broken',
    ],
    [
      'unknown type',
      bad({ id: 'Patient.name', path: 'Patient.name', type: [{ code: 'Nonsense' }] }),
      /type Nonsense/,
      'definition-broken',
    ],
    [
      'min above max',
      bad({ id: 'Patient.name', path: 'Patient.name', min: 3, max: '2' }),
      /at least 3 times but at most 2/,
      'definition-broken',
    ],
    [
      'no maximum',
      bad({ id: 'Patient.name', path: 'Patient.name', max: 'many' }),
      /maximum many/,
      'definition-broken',
    ],
    [
      'wrong type of base',
      bad({ path: 'Patient.name' }, { type: 'Group' }),
      /type is Group/,
      'definition-broken',
    ],
    [
      'missing base',
      bad({ path: 'Patient.name' }, { baseDefinition: `${BASE}none` }),
      /baseDefinition .*none is not loaded/,
      'definition-missing',
    ],
    [
      'based on itself',
      bad({ path: 'Patient.name' }, { baseDefinition: `${BASE}bad` }),
      /based on itself/,
      'definition-cycle',
    ],
    ['empty path parts', bad({ id: 'Patient...x', path: 'Patient...x' }), /no place/, 'definition-broken'],
  ];
  for (const [name, structure, text, key] of cases) {
    const { made, issues, texts } = make(structure, structure);
    t.equal(made.snapshot, undefined, name);
    t.match(texts[0], text, name);
    t.match(texts[0], structure.url as string, name);
    t.match(
      issues[0],
      { key, severity: 'error', source: structure.url, expression: /^StructureDefinition/ },
      name,
    );
  }
});

t.test('a cardinality that allows more than the base is narrowed, with a warning', async (t) => {
  const { byId, issues } = make(
    profile('wide', 'Observation', 'Observation', [
      { id: 'Observation.status', path: 'Observation.status', min: 0 },
      { id: 'Observation.code', path: 'Observation.code', max: '*' },
    ]),
  );
  t.same(
    issues.map((one) => one.severity),
    ['warning', 'warning'],
  );
  t.equal(byId.get('Observation.status')?.min, 1);
  t.equal(byId.get('Observation.code')?.max, '1');
});

t.test('profiles in a circle and hostile depth end', async (t) => {
  const a = profile('a', `${BASE}b`, 'Patient', [{ path: 'Patient' }]);
  const b = profile('b', `${BASE}a`, 'Patient', [{ path: 'Patient' }]);
  t.match(make(a, a, b).texts[0], /based on itself.*b -> .*a/);
  const deep = `Questionnaire${'.item'.repeat(50_000)}`;
  const bomb = profile('bomb', 'Questionnaire', 'Questionnaire', [{ id: deep, path: deep }]);
  t.match(make(bomb).texts[0], /more than 20000 elements/);
  const wide = profile('wide', 'Questionnaire', 'Questionnaire', [
    {
      path: 'Questionnaire.item',
      slicing: { discriminator: [{ type: 'value', path: 'linkId' }], rules: 'open' },
    },
    ...Array.from({ length: 5_000 }, (_, i) => ({ path: 'Questionnaire.item', sliceName: `s${i}` })),
  ]);
  t.match(make(wide).texts[0], /more than 20000 elements/);
});
