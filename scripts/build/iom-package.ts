/**
 * Build step of the IOM package: compiles `profiles/fsh` with SUSHI and packs the definitions and examples
 * into `build/iom/iom.mhd.tgz`, whose bytes depend on the sources alone.
 * https://hl7.org/fhir/R4/packages.html
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCoreDefinitions } from '../../src/definitions/registry.ts';
import { CANONICAL_BASE, PACKAGE_DATE, PACKAGE_ID, PACKAGE_VERSION } from '../../src/fhir/canonical.ts';
import { type Examples, readExamples } from './iom/examples.ts';
import { finishDefinition } from './iom/finish.ts';
import { makeImplementationGuide } from './iom/guide-resource.ts';
import { makeServerCodes } from './iom/server-codes.ts';
import type { FhirJson } from './iom/sushi.ts';
import { packTarball } from './iom/tarball.ts';
import { translate } from './iom/translations.ts';
import type { Step, StepContext } from './step.ts';

export const iomPackage: Step = {
  name: 'iom',
  inputs: [
    'profiles',
    'src/fhir/canonical.ts',
    'src/fhir/issues.ts',
    'scripts/build/iom-package.ts',
    'scripts/build/iom',
    'node_modules/fsh-sushi/package.json',
    'build/r4-core/definitions.jsonl',
  ],
  outputs: ['iom.mhd.tgz'],
  run: buildIomPackage,
};

/** @throws with all that SUSHI found when there is an error or a warning. */
export async function buildIomPackage({ root, out, report }: StepContext): Promise<void> {
  report('reading the R4 core');
  const core = readCore(join(root, 'build', 'r4-core'));
  report('compiling FSH');
  // SUSHI takes longer to load than it takes to see that there is nothing to do
  const { compileFsh } = await import('./iom/sushi.ts');
  const compiled = await compileFsh({
    folder: join(root, 'profiles', 'fsh'),
    canonical: CANONICAL_BASE,
    version: PACKAGE_VERSION,
    placeholders: { C: CANONICAL_BASE, DATE: PACKAGE_DATE, ...readThresholds(join(root, 'profiles')) },
    core,
  });
  const faults = [...compiled.errors, ...compiled.warnings];
  if (faults.length > 0) throw new Error(`SUSHI: ${faults.length} faults\n${faults.join('\n')}`);
  report('packing');
  const examples = readExamples(join(root, 'profiles', 'examples'), CANONICAL_BASE);
  translate(compiled.resources, join(root, 'profiles', 'translations.tsv'));
  const made = [...compiled.resources, ...makeServerCodes(compiled.resources)];
  const definitions = [...made, makeImplementationGuide(made, examples)].map(finishDefinition);
  writeFileSync(join(out, 'iom.mhd.tgz'), packTarball(packageFiles(definitions, examples)));
  writeExamples(out, examples);
}

/** Numbers of rules that no published source confirms, kept apart so that a site can change them. */
function readThresholds(folder: string): Record<string, string> {
  const numbers = JSON.parse(readFileSync(join(folder, 'thresholds.json'), 'utf8')) as Record<string, number>;
  return Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, String(number)]));
}

/** As files of their own too, for tests and for people. */
function writeExamples(out: string, examples: Examples): void {
  for (const kind of ['good', 'bad', 'scenarios'] as const) {
    const folder = join(out, 'examples', kind);
    mkdirSync(folder, { recursive: true });
    for (const [name, resource] of examples[kind])
      writeFileSync(join(folder, `${name}.json`), toText(resource));
  }
  writeFileSync(join(out, 'examples', 'expectations.json'), toText(expectationsOf(examples)));
}

/** File of a bad example -> why it is bad and which issues it has. */
function expectationsOf({ table }: Examples): Record<string, unknown> {
  return Object.fromEntries(
    table.map(({ file, from, why, expect }) => [
      `bad/${file}.json`,
      { from: `good/${from}.json`, why, expect },
    ]),
  );
}

/** What SUSHI looks things up in; value sets and code systems are only named, never read. */
function readCore(folder: string): ReadonlyMap<string, FhirJson> {
  const core = new Map<string, FhirJson>();
  for (const entry of loadCoreDefinitions(folder).entries('StructureDefinition')) {
    const resource = entry.loadOriginal() as FhirJson;
    core.set(resource.id, resource);
  }
  return core;
}

function packageFiles(definitions: readonly FhirJson[], examples: Examples): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const put = (path: string, value: unknown): void => {
    files.set(path, toText(value));
  };
  put('package/package.json', {
    name: PACKAGE_ID,
    version: PACKAGE_VERSION,
    canonical: CANONICAL_BASE,
    url: CANONICAL_BASE,
    title: 'IOM Migration Health',
    description: 'Profiles, codes and rules for migration health records',
    license: 'Apache-2.0',
    type: 'IG',
    date: PACKAGE_DATE.replaceAll('-', ''),
    fhirVersions: ['4.0.1'],
    dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
    author: 'Passerelle',
    jurisdiction: 'http://unstats.un.org/unsd/methods/m49/m49.htm#001',
  });
  const index: unknown[] = [];
  for (const definition of [...definitions].sort((a, b) => compareText(fileOf(a), fileOf(b)))) {
    const path = `package/${fileOf(definition)}`;
    if (files.has(path)) throw new Error(`two definitions would be ${path}`);
    put(path, definition);
    const { resourceType, id, url, version, kind, type } = definition;
    index.push({ filename: fileOf(definition), resourceType, id, url, version, kind, type });
  }
  put('package/.index.json', { 'index-version': 1, files: index });
  for (const [name, resource] of examples.good) put(`package/example/${name}.json`, resource);
  for (const [name, resource] of examples.scenarios) put(`package/example/${name}.json`, resource);
  for (const [name, resource] of examples.bad) put(`package/other/bad/${name}.json`, resource);
  put('package/other/expectations.json', expectationsOf(examples));
  return files;
}

function toText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}

function fileOf(definition: FhirJson): string {
  return `${definition.resourceType}-${definition.id}.json`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
