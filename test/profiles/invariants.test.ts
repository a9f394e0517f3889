// The guide's invariants on fhirpath.js, an engine that is not ours: good examples satisfy all of them, and a
// bad example breaks exactly those that its row names. Anything but `true` counts as broken.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4/index.js';
import t from 'tap';
import { readPackage } from './read-package.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'build', 'iom', 'examples');
/** Number of rules in the domain specification; the others are ours: see profiles/DECISIONS.md. */
const SPECIFIED = 44;
const ADDED = ['mhd-hiv-2b', 'mhd-obs-1', 'mhd-pat-7', 'mhd-pat-8', 'mhd-tbc-6b', 'mhd-xpt-2'];
const WARNINGS = ['mhd-cul-2', 'mhd-hiv-2b', 'mhd-tbc-6b'];

interface Constraint {
  readonly key: string;
  readonly severity: string;
  readonly human: string;
  readonly expression: string;
}

interface Profile {
  readonly url: string;
  readonly snapshot: {
    readonly element: readonly { readonly path: string; readonly constraint?: readonly Constraint[] }[];
  };
}

interface Expectation {
  readonly expect: readonly { readonly constraint?: string; readonly expression: string }[];
}

const profiles = new Map<string, Profile>();
for (const definition of readPackage().values()) {
  if (definition.resourceType === 'StructureDefinition') {
    profiles.set(String(definition.url), definition as unknown as Profile);
  }
}
const constraints = new Map<string, Constraint>();
for (const profile of profiles.values()) {
  for (const { constraint } of ownConstraints(profile)) constraints.set(constraint.key, constraint);
}

t.test('all rules of the specification are there, as errors unless they are unconfirmed', async (t) => {
  t.equal(constraints.size, SPECIFIED + ADDED.length);
  t.strictSame(
    [...constraints.values()]
      .filter((one) => one.severity === 'warning')
      .map((one) => one.key)
      .sort(),
    WARNINGS,
  );
  for (const key of ADDED) t.ok(constraints.has(key), key);
  for (const { key, human } of constraints.values()) t.match(human, /^[A-Z].*\.\)?$/, `${key} is a sentence`);
});

t.test('good examples break no rule', async (t) => {
  for (const name of readdirSync(join(EXAMPLES, 'good'))) {
    t.strictSame(brokenRules(readExample(`good/${name}`)), [], name);
  }
});

t.test('bad examples break exactly the rules they name', async (t) => {
  const expectations = readExample('expectations.json') as Record<string, Expectation>;
  const broken = new Set<string>();
  for (const [file, { expect }] of Object.entries(expectations)) {
    const expected = expect.flatMap((one) => (one.constraint === undefined ? [] : [one.constraint])).sort();
    t.strictSame(brokenRules(readExample(file)).sort(), expected, file);
    if (expected.length === expect.length && expected.length === 1) broken.add(String(expected[0]));
  }
  const alone = [...constraints.keys()].filter((key) => broken.has(key)).sort();
  const inCompany = ['mhd-hiv-2', 'mhd-pat-1'];
  t.strictSame(
    [...constraints.keys()].sort().filter((key) => !alone.includes(key)),
    inCompany,
    'every rule has an example that breaks it alone, but those that another rule repeats',
  );
});

/** Parameter, base, example, values that are found in it. */
const SEARCHES: readonly (readonly [string, string, string, readonly string[]])[] = [
  ['programme', 'EpisodeOfCare', 'migration-episode', ['H1-1']],
  ['programme', 'Encounter', 'migration-encounter', ['H1-1']],
  ['programme', 'ServiceRequest', 'medevac-request', ['H3-2']],
  ['migrant-category', 'EpisodeOfCare', 'migration-episode', ['refugee']],
  ['destination', 'EpisodeOfCare', 'migration-episode', ['USA']],
  ['departure', 'EpisodeOfCare', 'migration-episode', ['THA']],
  ['planned-departure', 'EpisodeOfCare', 'migration-episode', ['2026-10-20T06:45:00+07:00']],
  ['planned-departure', 'Encounter', 'migration-encounter.pec', ['2026-10-20T06:45:00+07:00']],
  ['mhd-type', 'Encounter', 'migration-encounter', ['health-assessment']],
  ['valid-until', 'Observation', 'tb-classification', ['2026-12-20']],
  ['valid-until', 'DocumentReference', 'mhd-document-reference', ['2026-06-03']],
  ['escort', 'ServiceRequest', 'medevac-request', ['nurse']],
  ['travel-requirement', 'ServiceRequest', 'medevac-request', ['stretcher', 'oxygen']],
  ['receiving-country', 'ServiceRequest', 'referral-request', ['GHA']],
  ['nationality', 'Patient', 'migrant-patient', ['MMR']],
  ['birth-country', 'Patient', 'migrant-patient', ['MMR']],
];

t.test('own search parameters find what the examples carry', async (t) => {
  const parameters = [...readPackage().values()].filter((one) => one.resourceType === 'SearchParameter');
  t.strictSame(
    [...new Set(SEARCHES.map(([code]) => code))].sort(),
    parameters.map((one) => String(one.code)).sort(),
  );
  for (const [code, base, name, values] of SEARCHES) {
    const parameter = parameters.find((one) => one.code === code);
    t.ok((parameter?.base as string[] | undefined)?.includes(base), `${code} is for ${base}`);
    const example = readExample(`good/${name}.json`);
    const found = fhirpath.evaluate(example, String(parameter?.expression), undefined, r4) as Codes[];
    t.strictSame(
      found.map((one) =>
        typeof one === 'string' ? one : (one.code ?? one.coding?.[0]?.code ?? String(one)),
      ),
      values,
      `${code} of ${name}`,
    );
  }
});

type Codes = string | { readonly code?: string; readonly coding?: readonly { readonly code: string }[] };

function readExample(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')) as Record<string, unknown>;
}

function ownConstraints(
  profile: Profile,
): readonly { readonly path: string; readonly constraint: Constraint }[] {
  return profile.snapshot.element.flatMap(({ path, constraint }) =>
    (constraint ?? []).filter(({ key }) => key.startsWith('mhd-')).map((one) => ({ path, constraint: one })),
  );
}

function brokenRules(resource: Record<string, unknown>): string[] {
  const broken = new Set<string>();
  const claimed = (resource.meta as { profile?: string[] } | undefined)?.profile ?? [];
  for (const url of claimed) {
    const profile = profiles.get(url);
    if (profile === undefined) throw new Error(`no profile ${url}`);
    for (const { path, constraint } of ownConstraints(profile)) {
      for (const node of evaluate(resource, path, {})) {
        const result = evaluate(node, constraint.expression, { resource });
        if (result.length !== 1 || result[0] !== true) broken.add(constraint.key);
      }
    }
  }
  return [...broken];
}

function evaluate(node: unknown, expression: string, variables: Record<string, unknown>): readonly unknown[] {
  return fhirpath.evaluate(node, expression, variables, r4, { resolveInternalTypes: false }) as unknown[];
}
