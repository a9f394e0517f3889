// The examples under our own validator: good ones and scenarios have no error, and each bad one has exactly the
// issues of its row, at the elements that the row names.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadBuiltDefinitions } from '../../src/definitions/built.ts';
import { createTypeModel } from '../../src/definitions/types.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createTerminology } from '../../src/terminology/create.ts';
import { createValidator } from '../../src/validation/validator.ts';
import { readPackage } from './read-package.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'build', 'iom', 'examples');

interface Found {
  readonly key: string;
  readonly constraint?: string;
  readonly expression?: string;
}

interface Expectation {
  readonly expect: readonly Found[];
}

interface Binding {
  readonly strength: string;
  readonly valueSet: string;
}

const definitions = loadBuiltDefinitions();
const validator = createValidator({
  definitions,
  terminology: createTerminology(definitions),
  model: createTypeModel(definitions),
});
const expectations = read('expectations.json') as Record<string, Expectation>;

for (const kind of ['good', 'scenarios']) {
  t.test(`${kind}: no error, and no rule of the guide broken`, async (t) => {
    for (const name of readdirSync(join(EXAMPLES, kind))) {
      t.strictSame(findings(read(`${kind}/${name}`)), [], name);
    }
  });
}

t.test('every profile has a good example of its name, and says so in meta.profile', async (t) => {
  const names = new Set(readdirSync(join(EXAMPLES, 'good')));
  for (const { resourceType, type, id, url } of readPackage().values()) {
    if (resourceType !== 'StructureDefinition' || type === 'Extension') continue;
    t.ok(names.has(`${id}.json`), id);
    const example = read(`good/${id}.json`) as { meta?: { profile?: string[] } };
    t.strictSame(example.meta?.profile, [url], id);
  }
});

t.test('a step of the journey may carry its SNOMED CT code as a second coding', async (t) => {
  const encounter = read('good/migration-encounter.json') as { type: { coding: unknown[] }[] };
  const [own, snomed] = encounter.type;
  const coding = [...(own?.coding ?? []), ...(snomed?.coding ?? [])];
  t.equal(coding.length, 2);
  t.strictSame(findings({ ...encounter, type: [{ coding }] }), []);
  t.strictSame(findings({ ...encounter, type: [{ coding: coding.slice(1) }] }), [
    'min-cardinality Encounter',
  ]);
});

t.test('bad: exactly the named issues at the named elements', async (t) => {
  for (const [file, { expect }] of Object.entries(expectations)) {
    const expected = expect.map(summarise);
    t.strictSame(findings(read(file)).sort(), expected.sort(), file);
  }
});

t.test('every required binding of the guide has a bad example', async (t) => {
  const bound = new Set<string>();
  for (const { differential } of readPackage().values()) {
    const { element } = (differential ?? { element: [] }) as { element: { binding?: Binding }[] };
    for (const { binding } of element) if (binding?.strength === 'required') bound.add(binding.valueSet);
  }
  t.ok(bound.size > 50);
  const broken = new Set<string>();
  for (const [file, { expect }] of Object.entries(expectations)) {
    if (!expect.some((one) => one.key === 'binding-required')) continue;
    for (const { key, text } of validator.validate(read(file) as Resource)) {
      if (key === 'binding-required') for (const url of bound) if (text.includes(url)) broken.add(url);
    }
  }
  t.strictSame(
    [...bound].filter((url) => !broken.has(url)),
    [],
  );
});

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')) as unknown;
}

/** Errors, and warnings of the guide's own rules. */
function findings(resource: unknown): string[] {
  return validator
    .validate(resource as Resource)
    .filter(({ severity, constraint }) => /error|fatal/.test(severity) || constraint?.startsWith('mhd-'))
    .map(summarise);
}

function summarise({ key, constraint, expression }: Found): string {
  return `${key}${constraint === undefined ? '' : ` ${constraint}`} ${expression}`;
}
