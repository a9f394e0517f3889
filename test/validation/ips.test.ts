/**
 * The International Patient Summary 2.0: HL7's own examples are accepted, whole and with every profile that
 * they claim, and each is refused once the profile it claims is broken.
 * https://hl7.org/fhir/uv/ips/
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { isError } from '../../src/fhir/issues.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { LATER_EXTENSIONS } from '../../src/validation/later-extensions.ts';
import { errorsOf, parts, summarise, validatorWith } from './parts.ts';

const MODULES = join(import.meta.dirname, '..', '..', 'node_modules');

function readFolder(...path: string[]): Resource[] {
  const folder = join(MODULES, ...path);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json') && file !== 'package.json' && !file.startsWith('.'))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Resource)
    .filter((resource) => typeof resource.resourceType === 'string');
}

interface Structure extends Resource {
  readonly snapshot?: {
    readonly element: readonly {
      readonly path: string;
      readonly min: number;
      readonly sliceName?: string;
      readonly base?: { readonly min: number };
    }[];
  };
}
interface Section {
  code?: unknown;
  entry?: { reference: string }[];
}
interface Composition {
  type: unknown;
  section: Section[];
  subject: { reference: string };
}
interface Bundle {
  type: string;
  identifier?: unknown;
  entry: { fullUrl: string; resource: Resource }[];
}

/** What is done to a whole summary, and the error that must be among those found. */
const FAULTS: Record<string, [(bundle: Bundle, composition: Composition) => void, string]> = {
  'another type of Bundle': [
    (bundle) => {
      bundle.type = 'collection';
    },
    'fixed-value Bundle.type',
  ],
  'no identifier': [
    (bundle) => {
      delete bundle.identifier;
    },
    'min-cardinality Bundle',
  ],
  'no Composition': [(bundle) => bundle.entry.shift(), 'min-cardinality Bundle'],
  'no Patient': [
    (bundle) => {
      bundle.entry = bundle.entry.filter(({ resource }) => resource.resourceType !== 'Patient');
    },
    'min-cardinality Bundle',
  ],
  'another type of document': [
    (_, composition) => {
      composition.type = { coding: [{ system: 'http://loinc.org', code: '34133-9' }] };
    },
    'pattern-value Bundle.entry[0].resource.type',
  ],
  'no section of allergies': [
    (_, composition) => {
      composition.section = composition.section.filter(
        ({ code }) => !JSON.stringify(code).includes('48765-2'),
      );
    },
    'min-cardinality Bundle.entry[0].resource',
  ],
  'problems that are a patient': [
    (_, composition) => {
      const problems = composition.section.find(({ code }) => JSON.stringify(code).includes('11450-4'));
      if (problems?.entry?.[0] !== undefined) problems.entry[0].reference = composition.subject.reference;
    },
    'reference-target Bundle.entry[0].resource.section[0].entry[0]',
  ],
};

const examples = readFolder('hl7.fhir.uv.ips', 'example');
const ips = readFolder('hl7.fhir.uv.ips').filter((one) => typeof one.url === 'string');
/** The snapshots are made here, so that they are tested too. */
const differentials = ips.map((one) =>
  one.resourceType === 'StructureDefinition' ? { ...one, snapshot: undefined } : one,
);
const pack = readFolder('hl7.fhir.uv.extensions.r4').filter((one) => typeof one.url === 'string');

for (const [name, definitions] of Object.entries({ published: ips, 'made here': differentials })) {
  const validator = validatorWith([...pack, ...definitions]);

  t.test(`examples meet what they claim, with snapshots ${name}`, async (t) => {
    t.equal(examples.length, 44);
    const claims = examples.flatMap((one) => (one.meta as { profile?: string[] } | undefined)?.profile ?? []);
    t.ok(claims.length >= 35, `${claims.length} claims`);
    for (const example of examples) {
      const errors = validator.validate(example, { strict: true }).filter(isError);
      t.same(summarise(errors), [], `${example.resourceType}/${example.id}`);
      t.notOk(errors.some((one) => one.key === 'profile-unknown'));
    }
  });

  t.test(`examples without what their profile adds are refused, with snapshots ${name}`, async (t) => {
    let broken = 0;
    for (const example of examples) {
      const { resourceType } = example;
      for (const profile of (example.meta as { profile?: string[] } | undefined)?.profile ?? []) {
        for (const element of requiredBy(profile, resourceType)) {
          const { [element]: gone, ...rest } = example;
          if (gone === undefined) continue;
          broken++;
          const errors = errorsOf(rest, validator);
          t.ok(
            errors.includes(`min-cardinality ${resourceType}`),
            `${profile} without ${element}: ${errors}`,
          );
        }
      }
    }
    t.ok(broken >= 20, `${broken} elements were left out`);
  });

  t.test(`summaries with one fault are refused for it, with snapshots ${name}`, async (t) => {
    for (const [fault, [spoil, expected]] of Object.entries(FAULTS)) {
      const bundle = structuredClone(
        examples.find((one) => one.id === 'bundle-minimal'),
      ) as unknown as Bundle;
      spoil(bundle, bundle.entry[0]?.resource as unknown as Composition);
      const errors = errorsOf(bundle, validator);
      t.ok(errors.includes(expected), `${fault}: ${errors.join(', ')}`);
    }
  });
}

/** Elements of the resource that R4 lets be absent and the profile does not. */
function requiredBy(profile: string, type: string): string[] {
  const structure = ips.find((one) => one.url === profile.split('|', 1)[0]) as Structure | undefined;
  return (structure?.snapshot?.element ?? []).flatMap(({ path, min, sliceName, base }) => {
    const name = path.startsWith(`${type}.`) ? path.slice(type.length + 1) : '.';
    const isAdded = min > 0 && base?.min === 0 && sliceName === undefined;
    return isAdded && !name.includes('.') && !name.includes('[') ? [name] : [];
  });
}

t.test('the extensions that are known by name are those of the package that R4 does not have', (t) => {
  const base = 'http://hl7.org/fhir/StructureDefinition/';
  const names = pack.flatMap((one) => {
    const url = String(one.url);
    const isLater = one.type === 'Extension' && url.startsWith(base) && !parts.definitions.structure(url);
    return isLater ? [url.slice(base.length)] : [];
  });
  t.same([...LATER_EXTENSIONS].sort(), names.sort());
  t.end();
});
