/** Packages: read within bounds, loaded whole or not at all. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { packTarball } from '../../scripts/build/iom/tarball.ts';
import { loadPackage, loadPackages } from '../../src/definitions/load-package.ts';
import {
  type FhirPackage,
  PACKAGE_LIMITS,
  type PackageLimits,
  readPackage,
} from '../../src/definitions/package.ts';
import { loadCoreDefinitions, withResource } from '../../src/definitions/registry.ts';
import type { FhirError } from '../../src/fhir/issues.ts';
import type { Resource } from '../../src/fhir/types.ts';

const core = loadCoreDefinitions();
const BASE = 'http://example.org/fhir';
const R4 = 'http://hl7.org/fhir/StructureDefinition';

function archive(files: Record<string, unknown>): Buffer {
  const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
  return packTarball(new Map(Object.entries(files).map(([path, value]) => [path, text(value)])));
}

const MANIFEST = {
  name: 'test.ig',
  version: '1.2.3',
  fhirVersions: ['4.0.1'],
  dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
};
const CODES = {
  resourceType: 'CodeSystem',
  url: `${BASE}/CodeSystem/c`,
  version: '1',
  content: 'complete',
  concept: [{ code: 'a' }],
};

async function refusal(source: string | Uint8Array, limits?: PackageLimits): Promise<string> {
  try {
    await readPackage(source, limits);
    return 'nothing was refused';
  } catch (error) {
    const [issue] = (error as FhirError).issues;
    t.equal(issue?.key, 'package-unreadable');
    return issue?.text ?? '';
  }
}

function packageOf(
  resources: readonly Record<string, unknown>[],
  more: Partial<FhirPackage> = {},
): FhirPackage {
  const files = resources.map((resource, i) => ({
    name: `${resource.resourceType}-${i}.json`,
    resource: JSON.parse(JSON.stringify(resource)) as Resource,
  }));
  return { id: 'test.ig', version: '1.2.3', fhirVersions: ['4.0.1'], dependencies: {}, files, ...more };
}

type Part = Record<string, unknown>;
function profile(name: string, more: Part = {}): Part {
  return {
    resourceType: 'StructureDefinition',
    url: `${BASE}/StructureDefinition/${name}`,
    version: '1',
    kind: 'resource',
    type: 'Patient',
    baseDefinition: `${R4}/Patient`,
    derivation: 'constraint',
    differential: { element: [{ id: 'Patient.name', path: 'Patient.name', min: 1 }] },
    ...more,
  };
}

t.test('an archive and a folder give the same package', async (t) => {
  const longName = `CodeSystem-${'x'.repeat(120)}.json`;
  const files = {
    'package/package.json': MANIFEST,
    'package/.index.json': { files: [] },
    'package/CodeSystem-c.json': `\uFEFF${JSON.stringify(CODES)}`,
    'package/example/Patient-1.json': { resourceType: 'Patient' },
    'package/other.json': { some: 'thing' },
  };
  const expected: FhirPackage = {
    id: 'test.ig',
    version: '1.2.3',
    fhirVersions: ['4.0.1'],
    dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
    files: [{ name: 'CodeSystem-c.json', resource: CODES as unknown as Resource }],
  };
  t.same(await readPackage(archive(files)), expected);
  const folder = t.testdir();
  mkdirSync(join(folder, 'package', 'example'), { recursive: true });
  for (const [path, value] of Object.entries(files)) {
    writeFileSync(join(folder, path), typeof value === 'string' ? value : JSON.stringify(value));
  }
  t.same(await readPackage(folder), expected);
  t.same(await readPackage(join(folder, 'package')), expected);
  writeFileSync(join(folder, 'p.tgz'), archive(files));
  t.same(await readPackage(join(folder, 'p.tgz')), expected);
  const bare = t.testdir({ mine: { [longName]: JSON.stringify(CODES) } });
  t.match(await readPackage(join(bare, 'mine')), {
    id: 'mine',
    version: '0.0.0',
    files: [{ name: longName }],
  });
});

t.test('what is no package, or beyond the limits, is refused with its reason', async (t) => {
  const good = archive({ 'package/package.json': MANIFEST, 'package/CodeSystem-c.json': CODES });
  const limits = (more: Partial<PackageLimits>): PackageLimits => ({ ...PACKAGE_LIMITS, ...more });
  const deep = `{"resourceType":"X","a":${'['.repeat(99)}${']'.repeat(99)}}`;
  const tooDeep = `{"resourceType":"X","a":${'['.repeat(100)}${']'.repeat(100)}}`;
  t.match(await refusal(join(t.testdir(), 'absent.tgz')), /no package at/);
  t.match(await refusal(Buffer.from('nonsense')), /not a gzip archive/);
  t.match(await refusal(gzipSync('x'.repeat(2_000))), /not a tar archive/);
  t.match(await refusal(gzipSync(Buffer.alloc(0))), /no package\/\*\.json/);
  t.match(await refusal(good.subarray(0, good.length - 9)), /not a gzip archive/);
  t.match(await refusal(archive({ 'package/CodeSystem-c.json': CODES })), /no package\/package\.json/);
  t.match(
    await refusal(archive({ 'package/package.json': { version: '1' } })),
    /package\.json: there is no name/,
  );
  t.match(
    await refusal(archive({ 'package/package.json': MANIFEST, 'package/x.json': '{' })),
    /x\.json is not JSON/,
  );
  t.match(
    await refusal(archive({ 'package/package.json': MANIFEST, 'package/x.json': '[]' })),
    /not a JSON object/,
  );
  t.match(
    await refusal(archive({ 'package/package.json': MANIFEST, 'package/../../x': 'y' })),
    /name "package\/\.\.\/\.\.\/x"/,
  );
  t.match(await refusal(archive({ '/etc/x': 'y' })), /name "\/etc\/x"/);
  t.match(
    await refusal(archive({ 'package/package.json': MANIFEST, 'package/d.json': tooDeep })),
    /deeper than 100/,
  );
  t.equal(
    (await readPackage(archive({ 'package/package.json': MANIFEST, 'package/d.json': deep }))).files.length,
    1,
  );
  t.match(await refusal(good, limits({ archiveBytesMax: good.length - 1 })), /larger than/);
  t.match(await refusal(good, limits({ unpackedBytesMax: 1_000 })), /unpacks to more than 1000/);
  t.match(await refusal(good, limits({ entriesMax: 1 })), /more than 1 entries/);
  t.match(await refusal(good, limits({ fileBytesMax: 60 })), /larger than 60 bytes/);
  t.ok(await readPackage(good, limits({ archiveBytesMax: good.length, entriesMax: 2 })), 'at the limits');
});

t.test('a package is loaded whole, beside what was there', async (t) => {
  const { definitions, issues } = loadPackage(core, packageOf([CODES, profile('p')]));
  t.same(issues, []);
  t.same(definitions.packages, [
    { packageId: 'hl7.fhir.r4.core', packageVersion: '4.0.1' },
    { packageId: 'test.ig', packageVersion: '1.2.3' },
  ]);
  t.ok(definitions.structure(`${BASE}/StructureDefinition/p|1`)?.snapshot, 'a snapshot has been made');
  t.same(definitions.sourceOf(CODES.url), { packageId: 'test.ig', packageVersion: '1.2.3' });
  t.equal(core.codeSystem(CODES.url), undefined);
});

t.test('definitions of a package may come in any order', async (t) => {
  const child = profile('child', { baseDefinition: `${BASE}/StructureDefinition/parent` });
  const { definitions, issues } = loadPackage(core, packageOf([child, profile('parent')]));
  t.same(issues, []);
  const name = definitions
    .structure(`${BASE}/StructureDefinition/child`)
    ?.snapshot?.element?.find((one) => one.id === 'Patient.name');
  t.equal(name?.min, 1);
});

t.test('packages are loaded in the order of their dependencies', async (t) => {
  const first = packageOf([profile('parent')], { id: 'a' });
  const second = packageOf([profile('child', { baseDefinition: `${BASE}/StructureDefinition/parent` })], {
    id: 'b',
    dependencies: { a: '1', 'hl7.fhir.r4.core': '4.0.1' },
  });
  t.same(loadPackages(core, [second, first]).issues, []);
  const alone = loadPackages(core, [second]);
  t.equal(alone.definitions, core);
  t.same(
    alone.issues.map((one) => [one.key, one.severity]),
    [
      ['package-dependency', 'warning'],
      ['definition-missing', 'error'],
    ],
  );
  t.match(alone.issues[0]?.text, /b#1\.2\.3 depends on a#1/);
});

t.test('one fault refuses the package, naming file, canonical and element', async (t) => {
  const url = `${BASE}/StructureDefinition/p`;
  const snapshot = (...paths: string[]): Part => ({
    snapshot: { element: paths.map((path) => ({ id: path, path })) },
  });
  const cases: [string, Part[], string, RegExp, string][] = [
    [
      'unknown element',
      [profile('p', { differential: { element: [{ path: 'Patient.nme' }] } })],
      'definition-broken',
      /Patient\.nme/,
      'StructureDefinition.differential.element[0]',
    ],
    [
      'missing parent',
      [profile('p', { baseDefinition: `${BASE}/none` })],
      'definition-missing',
      /none is not loaded/,
      'StructureDefinition.baseDefinition',
    ],
    [
      'missing parent, own snapshot',
      [profile('p', { baseDefinition: `${BASE}/none`, ...snapshot('Patient') })],
      'definition-missing',
      /none is not loaded/,
      'StructureDefinition.baseDefinition',
    ],
    [
      'cyclic base',
      [
        profile('p', { baseDefinition: `${BASE}/StructureDefinition/q` }),
        profile('q', { baseDefinition: url }),
      ],
      'definition-cycle',
      /p -> .*q -> .*p/,
      'StructureDefinition.baseDefinition',
    ],
    [
      'cyclic base, own snapshots',
      [
        profile('p', { baseDefinition: `${BASE}/StructureDefinition/q`, ...snapshot('Patient') }),
        profile('q', { baseDefinition: url, ...snapshot('Patient') }),
      ],
      'definition-cycle',
      /based on itself/,
      'StructureDefinition.baseDefinition',
    ],
    ['no kind', [profile('p', { kind: 'thing' })], 'definition-broken', /kind/, 'StructureDefinition.kind'],
    [
      'no type',
      [profile('p', { type: undefined })],
      'definition-broken',
      /no type/,
      'StructureDefinition.type',
    ],
    [
      'elements are no list',
      [profile('p', { differential: { element: 'x' } })],
      'definition-broken',
      /not a list/,
      'StructureDefinition.differential.element',
    ],
    [
      'an element without path',
      [profile('p', { snapshot: { element: [{ id: 'x' }] } })],
      'definition-broken',
      /without a path/,
      'StructureDefinition.snapshot.element[0]',
    ],
    [
      'snapshot of another type',
      [profile('p', snapshot('Group'))],
      'definition-broken',
      /does not start at Patient/,
      'StructureDefinition.snapshot.element[0]',
    ],
    [
      'an element out of place',
      [profile('p', snapshot('Patient', 'Patient.name.given'))],
      'definition-broken',
      /without its parent Patient\.name/,
      'StructureDefinition.snapshot.element[1]',
    ],
  ];
  for (const [name, resources, key, text, expression] of cases) {
    const { definitions, issues } = loadPackage(core, packageOf([CODES, ...resources]));
    t.equal(definitions, core, `${name}: nothing is loaded`);
    t.match(issues[0], { key, severity: 'error', source: url, expression }, name);
    t.match(issues[0]?.text, text, name);
    t.match(issues[0]?.text, /^StructureDefinition-1\.json: http/, `${name}: the file is named`);
  }
});

t.test('JSON that has not the shape of its type is named by element', async (t) => {
  const element = { path: 'Patient.name' };
  const cases: [Part, string, string][] = [
    [profile('p', { abstract: 'no' }), 'StructureDefinition.abstract', 'is not a boolean'],
    [profile('p', { context: {} }), 'StructureDefinition.context', 'is not a list'],
    [profile('p', { differential: [] }), 'StructureDefinition.differential', 'is not an object'],
    [
      profile('p', { differential: { element: [element, null] } }),
      'StructureDefinition.differential.element[1]',
      'is not an object',
    ],
    [
      profile('p', { differential: { element: [{ ...element, min: '1' }] } }),
      'StructureDefinition.differential.element[0].min',
      'is not a number',
    ],
    [
      profile('p', { differential: { element: [{ ...element, type: 'HumanName' }] } }),
      'StructureDefinition.differential.element[0].type',
      'is not a list',
    ],
    [
      { ...CODES, concept: [{ code: 'a', concept: [{ code: 7 }] }] },
      'CodeSystem.concept[0].concept[0].code',
      'is not a string',
    ],
    [
      { resourceType: 'ValueSet', url: BASE, contained: [{ resourceType: 'Patient', name: {} }] },
      'ValueSet.contained[0].name',
      'is not a list',
    ],
  ];
  for (const [resource, expression, text] of cases) {
    const { definitions, issues } = loadPackage(core, packageOf([resource]));
    t.equal(definitions, core);
    t.match(issues, [{ key: 'definition-broken', expression, text: new RegExp(`${text}\\.$`) }], expression);
  }
  const fine = {
    ...CODES,
    description: 'x',
    _description: { id: 'a' },
    unknown: 7,
    jurisdiction: [{ coding: [] }],
  };
  t.same(loadPackage(core, packageOf([fine])).issues, []);
});

t.test('canonicals are defined once', async (t) => {
  const loaded = loadPackage(core, packageOf([CODES], { id: 'first' })).definitions;
  const twin = { ...CODES, concept: [{ code: 'b' }] };
  const refused = (pack: FhirPackage, definitions = core): string => {
    const result = loadPackage(definitions, pack);
    t.equal(result.definitions, definitions);
    t.equal(result.issues[0]?.key, 'definition-conflict');
    return result.issues[0]?.text ?? '';
  };
  t.match(
    refused(packageOf([CODES, twin])),
    /CodeSystem-1\.json: CodeSystem .*c\|1 is defined in CodeSystem-0\.json/,
  );
  t.match(refused(packageOf([twin]), loaded), /is defined in first already/);
  t.match(
    refused(packageOf([twin]), withResource(core, CODES as unknown as Resource)),
    /a resource of this server/,
  );
  t.match(refused(packageOf([profile('x', { url: `${R4}/Patient`, version: '9' })])), /defined in R4 itself/);
  t.match(refused(packageOf([], { id: 'first' }), loaded), /first#1\.2\.3 .* is loaded already/);
  const same = loadPackage(loaded, packageOf([{ ...CODES, id: 'other', text: { div: 'x' } }]));
  t.same(same.issues, [], 'the same definition in two packages is no conflict');
  t.equal(same.definitions.sourceOf(CODES.url)?.packageId, 'first');
  t.same(loadPackage(loaded, packageOf([{ ...twin, version: '2' }])).issues, [], 'nor is another version');
});

t.test('packages for other FHIR versions and definitions without url are refused', async (t) => {
  t.match(loadPackage(core, packageOf([], { fhirVersions: ['5.0.0'] })).issues, [
    { key: 'package-unreadable', text: /for FHIR 5\.0\.0; this server speaks R4/ },
  ]);
  t.match(loadPackage(core, packageOf([{ resourceType: 'ValueSet' }])).issues, [
    { key: 'definition-broken', expression: 'ValueSet.url', text: /^ValueSet-0\.json/ },
  ]);
  t.same(
    loadPackage(core, packageOf([{ resourceType: 'Patient', id: 'x' }])).issues,
    [],
    'an example is no definition',
  );
});
