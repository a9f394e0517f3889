// The IOM package builds without a fault, to the same bytes each time, and every definition in it is whole.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { compileFsh, type FhirJson } from '../../scripts/build/iom/sushi.ts';
import { buildIomPackage } from '../../scripts/build/iom-package.ts';
import { loadCoreDefinitions } from '../../src/definitions/registry.ts';
import { CANONICAL_BASE, PACKAGE_ID, PACKAGE_VERSION } from '../../src/fhir/canonical.ts';
import { PACKAGE_FILE, readFiles, readPackage } from './read-package.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Codes of the server itself: keys, not words for a person. */
const TECHNICAL = /^CodeSystem-(passerelle-issue|constraint-key)/;
/** Code systems of others, of which the package holds a fragment under their own canonical. */
const FOREIGN = /^CodeSystem-(snomed|loinc|cvx|icd-10|atc|iso-3166)/;

interface CapableResource {
  readonly type: string;
  readonly supportedProfile?: readonly string[];
  readonly searchParam?: readonly { readonly name: string; readonly definition: string }[];
  readonly operation?: readonly { readonly definition: string }[];
}

t.test('a second build gives the same bytes', async (t) => {
  const out = mkdtempSync(join(tmpdir(), 'iom-'));
  t.teardown(() => rmSync(out, { recursive: true }));
  await buildIomPackage({ root: ROOT, out, report: () => {} });
  t.equal(hashOf(join(out, 'iom.mhd.tgz')), hashOf(PACKAGE_FILE));
});

t.test('a fault in the sources is named with file and line', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fsh-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(
    join(folder, 'wrong.fsh'),
    'Profile: Wrong\nParent: Patient\nId: wrong\n* birthdate 1..1\n* name 0..0\n* name from Nothing (required)\n',
  );
  const core = new Map<string, FhirJson>();
  for (const entry of loadCoreDefinitions().entries('StructureDefinition')) {
    const definition = entry.loadOriginal() as FhirJson;
    core.set(definition.id, definition);
  }
  const { errors } = await compileFsh({
    folder,
    canonical: CANONICAL_BASE,
    version: PACKAGE_VERSION,
    placeholders: {},
    core,
  });
  t.match(errors[0], /^wrong\.fsh:4: .*birthdate/s);
  t.equal(errors.length, 2);
});

t.test('the package names itself and what it depends on', async (t) => {
  const files = readFiles();
  const { name, version, fhirVersions, dependencies } = JSON.parse(files.get('package/package.json') ?? '');
  t.strictSame(
    { name, version, fhirVersions, dependencies },
    {
      name: PACKAGE_ID,
      version: PACKAGE_VERSION,
      fhirVersions: ['4.0.1'],
      dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
    },
  );
  const { files: index } = JSON.parse(files.get('package/.index.json') ?? '');
  t.strictSame(
    index.map((one: { filename: string }) => `package/${one.filename}`),
    definitionFiles(files),
  );
});

t.test('every definition has a canonical of its own, a version, a status, a description', async (t) => {
  const seen = new Set<unknown>();
  for (const [file, definition] of readPackage()) {
    const { resourceType, id, url, version, status, description } = definition;
    t.equal(file, `${resourceType}-${id}.json`);
    t.match(status, /^(draft|active)$/, file);
    t.match(description, /\w/, file);
    if (resourceType === 'NamingSystem') continue;
    t.notOk(seen.has(url), `${url} is unique`);
    seen.add(url);
    if (!FOREIGN.test(file)) t.equal(url, `${CANONICAL_BASE}/${resourceType}/${id}`);
    t.type(version, 'string', file);
  }
});

t.test('every profile and extension has a snapshot and names its elements once', async (t) => {
  for (const [file, definition] of readPackage()) {
    if (definition.resourceType !== 'StructureDefinition') continue;
    const ids = (definition.snapshot as { element: { id: string }[] }).element.map((element) => element.id);
    t.ok(ids.length > 4, file);
    t.equal(new Set(ids).size, ids.length, `${file}: no element twice`);
  }
});

t.test('own code systems are complete and named in four languages', async (t) => {
  for (const [file, definition] of readPackage()) {
    if (definition.resourceType !== 'CodeSystem' || FOREIGN.test(file) || TECHNICAL.test(file)) continue;
    t.equal(definition.content, 'complete', file);
    t.equal(definition.language, 'en', file);
    const concepts = definition.concept as { code: string; designation?: { language: string }[] }[];
    for (const { code, designation = [] } of concepts) {
      t.strictSame(
        designation.map((one) => one.language),
        ['fr', 'es', 'ar'],
        `${file} ${code}`,
      );
    }
  }
});

t.test('whatever a definition points to is in the package or in R4', async (t) => {
  const own = new Set([...readPackage().values()].map((definition) => definition.url));
  for (const [file, definition] of readPackage()) {
    for (const canonical of canonicalsIn(definition)) t.ok(own.has(canonical), `${file}: ${canonical}`);
  }
});

t.test('capability statements name parameters, profiles and operations that exist', async (t) => {
  const own = new Set([...readPackage().values()].map((definition) => definition.url));
  const known = loadCoreDefinitions();
  for (const file of ['CapabilityStatement-mhd-server.json', 'CapabilityStatement-mhd-client.json']) {
    const statement = readPackage().get(file) as unknown as { rest: [{ resource: CapableResource[] }] };
    for (const { type, supportedProfile = [], searchParam = [], operation = [] } of statement.rest[0]
      .resource) {
      for (const { name, definition } of searchParam) {
        const parameter = known.searchParameters(type).find((one) => one.url === definition);
        t.ok(own.has(definition) || parameter?.code === name, `${type} ${name}`);
      }
      for (const { definition } of operation) {
        const isForeign = definition.startsWith('http://hl7.org/fhir/uv/');
        t.ok(isForeign || own.has(definition) || known.resource(definition), `${type} ${definition}`);
      }
      for (const url of supportedProfile) t.ok(own.has(url), url);
    }
  }
  const statement = readPackage().get('CapabilityStatement-mhd-server.json') as unknown as {
    rest: [{ resource: CapableResource[] }];
  };
  const supported = new Set(statement.rest[0].resource.flatMap((one) => one.supportedProfile ?? []));
  for (const { resourceType, type, url } of readPackage().values()) {
    if (resourceType === 'StructureDefinition' && type !== 'Extension')
      t.ok(supported.has(String(url)), `${url}`);
  }
});

t.test('no placeholder for the canonical base is left', async (t) => {
  for (const [path, text] of readFiles()) t.notMatch(text, /\{[A-Z][A-Z_]*\}/, path);
});

/** Every address under our own base that names a definition. */
function canonicalsIn(value: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (typeof value === 'string') {
    if (
      value.startsWith(`${CANONICAL_BASE}/`) &&
      !value.startsWith(`${CANONICAL_BASE}/sid/`) &&
      !/[\s'"]/.test(value)
    ) {
      found.add(value.split('|')[0] ?? '');
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const child of Object.values(value)) canonicalsIn(child, found);
  }
  return found;
}

function definitionFiles(files: ReadonlyMap<string, string>): readonly string[] {
  return [...files.keys()].filter((path) => /^package\/[A-Z][^/]*\.json$/.test(path));
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
