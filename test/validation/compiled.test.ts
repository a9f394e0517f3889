/** What is compiled ahead of time, at run time, and again after a change says the same of every resource. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openArchive } from '../../src/definitions/archive.ts';
import type { DefinitionEntry } from '../../src/definitions/definitions.ts';
import { entryOf } from '../../src/definitions/entry.ts';
import { withEntries, withoutResource, withResource } from '../../src/definitions/registry.ts';
import { isError } from '../../src/fhir/issues.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createTerminology } from '../../src/terminology/create.ts';
import { compileTypes } from '../../src/validation/compiled-types.ts';
import { loadCompiledTypes } from '../../src/validation/load-types.ts';
import { createValidator, type Validator } from '../../src/validation/validator.ts';
import { parts, summarise } from './parts.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BYTES_MAX = 1_000_000;
const { definitions: core, model } = parts;

function* examples(...folders: string[]): Generator<readonly [string, Resource]> {
  for (const folder of folders) {
    for (const file of readdirSync(join(ROOT, folder))) {
      const path = join(ROOT, folder, file);
      if (!file.endsWith('.json') || statSync(path).size > BYTES_MAX) continue;
      const value = JSON.parse(readFileSync(path, 'utf8'));
      if (typeof value.resourceType === 'string') yield [file, value];
    }
  }
}

const shared = (definitions: typeof core, previous?: Validator) => ({
  ...{ definitions, model, previous, now: () => 0 },
  terminology: createTerminology(definitions),
});

t.test(
  'code built ahead of time and code compiled now find the same, warnings or not',
  { timeout: 240_000 },
  async (t) => {
    const built = loadCompiledTypes();
    t.ok(built, 'the build has made the validators');
    const archive = openArchive(join(ROOT, 'build', 'iom-archive'));
    const ahead = createValidator({ ...shared(withEntries(core, archive)), types: built });

    // the same package as uploads: one after the other, differentials only, each checked against at once
    const types = compileTypes(core, model, createTerminology(core));
    const uploads = archive.map((entry) => entry.loadOriginal());
    const isProfile = (resource: Resource) => resource.resourceType === 'StructureDefinition';
    let definitions = withEntries(
      core,
      uploads.filter((one) => !isProfile(one)).map((one) => entryOf(one, {})),
    );
    let now = createValidator({ ...shared(definitions), types });
    const folders = ['good', 'bad', 'scenarios'].map((name) => `build/iom/examples/${name}`);
    const probes = [...examples(...folders)];
    for (const [i, upload] of uploads.filter(isProfile).entries()) {
      const { snapshot, ...differential } = upload;
      definitions = withResource(definitions, differential as Resource);
      now = createValidator({ ...shared(definitions, now), types });
      now.validate((probes[i % probes.length] as (typeof probes)[0])[1]);
    }

    let count = 0;
    const different: string[] = [];
    for (const [file, resource] of examples(...folders, 'node_modules/hl7.fhir.r4.examples')) {
      count++;
      const issues = ahead.validate(resource);
      if (JSON.stringify(now.validate(resource)) !== JSON.stringify(issues)) different.push(file);
      const errors = ahead.validate(resource, { errorsOnly: true });
      if (JSON.stringify(errors) !== JSON.stringify(issues.filter(isError)))
        different.push(`errors of ${file}`);
    }
    t.ok(count > 5400, `${count} resources`);
    t.same(different, []);
  },
);

t.test('a change makes only those profiles anew that depend on it', async (t) => {
  let loads: string[] = [];
  const profile = (name: string, base: string, path: string): DefinitionEntry => {
    const entry = entryOf(
      {
        resourceType: 'StructureDefinition',
        ...{ url: `https://p.example/${name}`, name, status: 'active', kind: 'resource', abstract: false },
        ...{ type: 'Patient', baseDefinition: base, derivation: 'constraint' },
        differential: { element: [{ id: path, path, min: 1 }] },
      },
      {},
    );
    return {
      ...entry,
      load() {
        loads.push(name);
        return entry.load();
      },
    };
  };
  const parent = 'https://p.example/parent';
  const patient = 'http://hl7.org/fhir/StructureDefinition/Patient';
  const first = withEntries(core, [
    profile('parent', patient, 'Patient.gender'),
    profile('child', parent, 'Patient.name'),
    profile('stranger', patient, 'Patient.birthDate'),
  ]);
  const names = ['child', 'stranger'];
  const resource: Resource = {
    resourceType: 'Patient',
    meta: { profile: names.map((name) => `https://p.example/${name}`) },
  };
  const check = (validator: Validator): string[] => {
    loads = [];
    return [...summarise(validator.validate(resource, { errorsOnly: true })), ...loads];
  };
  const missing = (...elements: string[]) => elements.map(() => 'min-cardinality Patient');
  const before = createValidator({ ...parts, ...shared(first) });
  t.same(check(before).slice(0, 3), missing('gender', 'name', 'birthDate'));

  const unrelated = withEntries(first, [profile('new', patient, 'Patient.photo')]);
  const same = createValidator({ ...parts, ...shared(unrelated, before) });
  t.same(check(same), missing('gender', 'name', 'birthDate'), 'nothing is read again');

  const without = withoutResource(unrelated, parent);
  const changed = withEntries(without, [profile('parent', patient, 'Patient.address')]);
  const next = createValidator({ ...parts, ...shared(changed, same) });
  const [, , , ...read] = check(next);
  t.same(new Set(read), new Set(['child', 'parent']), 'what was made of the one that changed is read');
  const texts = (one: Validator) =>
    one.validate(resource, { errorsOnly: true }).map(({ text }) => text.split(' ')[0]);
  t.same(new Set(texts(next)), new Set(['Patient.address', 'Patient.name', 'Patient.birthDate']));
  t.same(new Set(texts(same)), new Set(['Patient.gender', 'Patient.name', 'Patient.birthDate']));
});
