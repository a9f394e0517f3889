/** Ways to spoil a resource at one place, each with the issue that must be found then; and what chooses places. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parts, validator } from './parts.ts';
import type { Json, Place } from './places.ts';

export const EXAMPLES = join(import.meta.dirname, '..', '..', 'node_modules', 'hl7.fhir.r4.examples');
const { model } = parts;

/** Texts of small clinical examples without any fault. */
export function readSamples(): string[] {
  return readdirSync(EXAMPLES)
    .filter(
      (file) =>
        /^[A-Z]\w+-[\w.-]+\.json$/.test(file) && !/^(StructureD|ValueSet|CodeS|SearchP|Bundle)/.test(file),
    )
    .filter((file) => statSync(join(EXAMPLES, file)).size < 20_000)
    .map((file) => readFileSync(join(EXAMPLES, file), 'utf8'))
    .filter((text) => validator.validate(JSON.parse(text), { errorsOnly: true }).length === 0);
}

const isPrimitive = (type: string): boolean => model.type(type)?.kind === 'primitive' && type !== 'xhtml';
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface Mutation {
  /** Changes the place and gives the issue expected, or undefined when it does not apply. */
  readonly apply: (place: Place, choose: <T>(list: readonly T[]) => T) => string | undefined;
}

export const BAD_VALUES: Readonly<Record<string, readonly unknown[]>> = {
  date: ['2021-02-29', '2021-13', '21-01-01', '2021-01-01T00:00:00Z', '0000'],
  dateTime: ['2021-02-30', '2021-01-01T10:00:00', '2021-01-01T25:00:00Z', '2021-01-01T10:00:00+15:00'],
  instant: ['2021-01-01', '2021-01-01T10:00Z', '2021-04-31T10:00:00Z'],
  time: ['24:00:00', '10:00', '10:60:00'],
  code: [' x', 'x ', 'a  b'],
  id: ['a_b', 'x'.repeat(65), 'ä'],
  uri: ['a b', 'urn:uuid:X'],
  url: ['http://x y'],
  canonical: ['http://x y'],
  string: [' ', 'a\u0000b'],
  markdown: ['\n'],
  integer: [1.5, 2147483648],
  positiveInt: [0, -1],
  unsignedInt: [-1, 0.5],
  base64Binary: ['QUJ', '!!!!'],
};

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'an unknown property': {
    apply: ({ owner, ownerExpression }) => {
      owner.zzUnknown = 'x';
      return `unknown-element ${ownerExpression}.zzUnknown`;
    },
  },
  'a required element removed': {
    apply: ({ owner, ownerExpression, json, element, type }) => {
      if (element.min === 0 || element.path.startsWith('Extension.')) return undefined;
      if (Object.keys(owner).filter((key) => key !== 'id').length < 2 && model.type(type) !== undefined)
        return undefined;
      delete owner[json];
      delete owner[`_${json}`];
      return `min-cardinality ${ownerExpression}`;
    },
  },
  null: {
    apply: ({ owner, json, expression }) => {
      owner[json] = null;
      return `empty-element ${expression}`;
    },
  },
  'an empty array': {
    apply: ({ owner, json, expression }) => {
      owner[json] = [];
      return `empty-element ${expression}`;
    },
  },
  'an array for one value': {
    apply: ({ owner, json, expression, element }) => {
      if (element.isArray) return undefined;
      owner[json] = [owner[json]];
      return `wrong-json-type ${expression}`;
    },
  },
  'one value for an array': {
    apply: ({ owner, json, expression, element }) => {
      const value = owner[json];
      if (!element.isArray || !Array.isArray(value)) return undefined;
      owner[json] = value[0];
      return `wrong-json-type ${expression}`;
    },
  },
  'an object for a primitive': {
    apply: ({ owner, json, expression, type, element }) => {
      if (!isPrimitive(type) || element.isArray) return undefined;
      owner[json] = { value: owner[json] };
      return `wrong-json-type ${expression}`;
    },
  },
  'a primitive for an object': {
    apply: ({ owner, json, expression, element }) => {
      if (element.isArray || !isObject(owner[json])) return undefined;
      owner[json] = 'x';
      return `wrong-json-type ${expression}`;
    },
  },
  'an empty object': {
    apply: ({ owner, json, expression, element }) => {
      const value = owner[json];
      if (
        element.isArray &&
        Array.isArray(value) &&
        isObject(value[0]) &&
        value[0].resourceType === undefined
      ) {
        owner[json] = [{}];
        return `empty-element:ele-1 ${expression}[0]`;
      }
      if (!isObject(value) || value.resourceType !== undefined) return undefined;
      owner[json] = {};
      return `empty-element:ele-1 ${expression}`;
    },
  },
  'a value that the type does not allow': {
    apply: ({ owner, json, expression, type, element }, choose) => {
      const bad = BAD_VALUES[type];
      if (bad === undefined || element.isArray || owner[json] === undefined) return undefined;
      owner[json] = choose(bad);
      return `invalid-primitive ${expression}`;
    },
  },
  'an underscore property that is no object': {
    apply: ({ owner, json, expression, type, element }) => {
      if (
        !isPrimitive(type) ||
        element.isArray ||
        json === 'id' ||
        (json === 'url' && element.path === 'Extension.url')
      ) {
        return undefined;
      }
      owner[`_${json}`] = 'x';
      return `primitive-alignment ${expression}`;
    },
  },
  'a second variant of a choice': {
    apply: ({ owner, json, element, ownerExpression }) => {
      if (!element.isChoice) return undefined;
      const other = element.properties.find((one) => one.json !== json && one.type !== 'xhtml');
      if (other === undefined) return undefined;
      owner[other.json] = other.type === 'boolean' ? true : other.type === 'string' ? 'x' : { id: 'x' };
      return `choice-conflict ${ownerExpression}.${element.name}`;
    },
  },
  'a reference to a type that is not allowed': {
    apply: ({ owner, json, expression, type, element }) => {
      if (type !== 'Reference' || element.isArray || element.targets.length === 0) return undefined;
      if (!isObject(owner[json]) || element.targets.includes('MessageHeader')) return undefined;
      owner[json] = { reference: 'MessageHeader/1' };
      return `reference-target ${expression}`;
    },
  },
  'a reference to no type': {
    apply: ({ owner, json, expression, type, element }) => {
      if (type !== 'Reference' || element.isArray) return undefined;
      owner[json] = { reference: 'Nothing/1' };
      return `reference-syntax ${expression}.reference`;
    },
  },
  'a code with a system that has no such code': {
    apply: ({ owner, json, expression, type, element }) => {
      if (type !== 'Coding' || !element.isArray || !Array.isArray(owner[json])) return undefined;
      owner[json] = [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'zz' }];
      return `code-unknown ${expression}[0]`;
    },
  },
};

/** mulberry32 */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
