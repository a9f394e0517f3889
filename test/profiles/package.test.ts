// The IOM package builds without a fault, to the same bytes each time, and every definition in it is whole.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { buildIomPackage } from '../../scripts/build/iom-package.ts';
import { CANONICAL_BASE, PACKAGE_ID, PACKAGE_VERSION } from '../../src/fhir/canonical.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PACKAGE = join(ROOT, 'build', 'iom', 'iom.mhd.tgz');
/** Code systems of others, of which the package holds a fragment under their own canonical. */
const FOREIGN = /^CodeSystem-(snomed|loinc|cvx|icd-10|atc|iso-3166)/;

interface Definition {
  readonly resourceType: string;
  readonly id: string;
  readonly url?: string;
  readonly version?: string;
  readonly status?: string;
  readonly description?: string;
  readonly snapshot?: { readonly element: readonly { readonly id: string }[] };
}

t.test('a second build gives the same bytes', async (t) => {
  const out = mkdtempSync(join(tmpdir(), 'iom-'));
  t.teardown(() => rmSync(out, { recursive: true }));
  await buildIomPackage({ root: ROOT, out, report: () => {} });
  t.equal(hashOf(join(out, 'iom.mhd.tgz')), hashOf(PACKAGE));
});

t.test('the package names itself and what it depends on', async (t) => {
  const files = readTarball(PACKAGE);
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
  const files = readTarball(PACKAGE);
  const seen = new Set<string>();
  for (const path of definitionFiles(files)) {
    const definition = JSON.parse(files.get(path) ?? '') as Definition;
    const file = path.slice('package/'.length);
    t.equal(file, `${definition.resourceType}-${definition.id}.json`);
    if (definition.resourceType !== 'NamingSystem') {
      t.notOk(seen.has(definition.url ?? ''), `${definition.url} is unique`);
      seen.add(definition.url ?? '');
      if (!FOREIGN.test(file)) {
        t.equal(definition.url, `${CANONICAL_BASE}/${definition.resourceType}/${definition.id}`);
      }
      t.type(definition.version, 'string');
    }
    t.match(definition.status, /^(draft|active)$/);
    t.match(definition.description, /\w/, file);
    if (definition.resourceType === 'StructureDefinition') {
      t.ok((definition.snapshot?.element.length ?? 0) > 1, `${file} has a snapshot`);
    }
  }
});

t.test('no placeholder for the canonical base is left', async (t) => {
  for (const [path, text] of readTarball(PACKAGE)) t.notOk(text.includes('{C}'), path);
});

function definitionFiles(files: ReadonlyMap<string, string>): readonly string[] {
  return [...files.keys()].filter((path) => /^package\/[A-Z][^/]*\.json$/.test(path));
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** The server's package reader is tested elsewhere; this one only needs plain ustar entries. */
function readTarball(path: string): ReadonlyMap<string, string> {
  const bytes = gunzipSync(readFileSync(path));
  const files = new Map<string, string>();
  for (let at = 0; bytes[at] !== 0; ) {
    const text = (from: number, length: number): string =>
      bytes.toString('utf8', at + from, at + from + length).replace(/\0.*$/, '');
    const size = Number.parseInt(text(124, 12), 8);
    const prefix = text(345, 155);
    files.set(
      prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`,
      bytes.toString('utf8', at + 512, at + 512 + size),
    );
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
