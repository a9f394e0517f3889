/**
 * Static types of expressions: which types a node can have, what kind of value each holds, and which JSON
 * properties a step leads to. Everything that is known here needs no look-up when the expression runs.
 * https://hl7.org/fhirpath/N1/#types-and-reflection, https://hl7.org/fhir/R4/fhirpath.html#types
 */
import type { ElementModel, TypeModel } from '../definitions/type-model.ts';

/** Candidate types in no particular order; `ANY` when nothing is known. */
export type Types = readonly string[];

export const ANY: Types = Object.freeze(['*']);

/** Above this many candidates a set of types says nothing useful. */
const TYPES_MAX = 200;

export type ValueKind =
  | 'boolean'
  | 'string'
  | 'integer'
  | 'decimal'
  | 'date'
  | 'time'
  | 'quantity'
  | 'complex'
  | 'unknown';

const KINDS: Readonly<Record<string, ValueKind>> = {
  boolean: 'boolean',
  'System.Boolean': 'boolean',
  integer: 'integer',
  positiveInt: 'integer',
  unsignedInt: 'integer',
  'System.Integer': 'integer',
  decimal: 'decimal',
  'System.Decimal': 'decimal',
  date: 'date',
  dateTime: 'date',
  instant: 'date',
  'System.Date': 'date',
  'System.DateTime': 'date',
  time: 'time',
  'System.Time': 'time',
  'System.Quantity': 'quantity',
  Quantity: 'quantity',
  Age: 'quantity',
  Count: 'quantity',
  Distance: 'quantity',
  Duration: 'quantity',
  string: 'string',
  uri: 'string',
  code: 'string',
  id: 'string',
  oid: 'string',
  uuid: 'string',
  url: 'string',
  canonical: 'string',
  markdown: 'string',
  base64Binary: 'string',
  xhtml: 'string',
  'System.String': 'string',
};

/** What values of a type are to operators. */
export function kindOfType(type: string): ValueKind {
  if (Object.hasOwn(KINDS, type)) return KINDS[type]!;
  return type === '*' || type === 'Element' ? 'unknown' : 'complex';
}

/** The kind that all candidates share; `unknown` when they differ. */
export function kindOf(types: Types): ValueKind {
  let kind: ValueKind | undefined;
  for (const type of types) {
    const one = kindOfType(type);
    if (kind === undefined) kind = one;
    else if (kind !== one) {
      if (isNumeric(kind) && isNumeric(one)) kind = 'decimal';
      else return 'unknown';
    }
  }
  return kind ?? 'unknown';
}

export function isNumeric(kind: ValueKind): boolean {
  return kind === 'integer' || kind === 'decimal';
}

/** Values of primitive types are strings, numbers and booleans in JSON, with a `_x` twin. */
export function isPrimitive(type: string): boolean {
  const kind = kindOfType(type);
  return kind !== 'complex' && kind !== 'quantity' && kind !== 'unknown';
}

export function isSystem(type: string): boolean {
  return type.startsWith('System.');
}

export function mergeTypes(...sets: readonly Types[]): Types {
  if (sets.includes(ANY)) return ANY;
  const first = sets[0];
  if (first !== undefined && sets.every((set) => set === first)) return first;
  const merged = [...new Set(sets.flat())];
  return merged.length > TYPES_MAX ? ANY : merged;
}

export function sameTypes(a: Types, b: Types): boolean {
  return a === b || (a.length === b.length && a.every((type) => b.includes(type)));
}

/** A resource whose concrete type only its `resourceType` tells. */
export function isAbstractResource(type: string): boolean {
  return type === 'Resource' || type === 'DomainResource';
}

/** Types whose runtime type must be asked of the value: more than one, or an abstract one. */
export function isDynamic(types: Types): boolean {
  const only = types.length === 1 ? types[0]! : undefined;
  return only === undefined || only === '*' || only === 'Element' || isAbstractResource(only);
}

/** `FHIR.Patient`, `System.String`, `Patient`, `String`; undefined when no such type exists. */
export function resolveSpecifier(
  model: TypeModel,
  namespace: string | undefined,
  name: string,
): string | undefined {
  if (namespace === 'System') return systemType(name);
  if (namespace !== undefined && namespace !== 'FHIR') return undefined;
  if (model.type(name) !== undefined) return name;
  return namespace === undefined ? systemType(name) : undefined;
}

function systemType(name: string): string | undefined {
  const full = `System.${name}`;
  return Object.hasOwn(KINDS, full) || full === 'System.Any' ? full : undefined;
}

/** Whether values of a candidate type are of a type: always, never, or only the value can tell. */
export function relate(model: TypeModel, candidate: string, target: string): 'yes' | 'no' | 'maybe' {
  if (candidate === target || target === 'System.Any') return 'yes';
  if (candidate === 'System.Quantity' && target === 'Quantity') return 'yes';
  if (candidate === '*') return 'maybe';
  if (isSystem(candidate) || isSystem(target)) return 'no';
  if (model.isA(candidate, target)) return 'yes';
  const mayNarrow = isAbstractResource(candidate) || candidate === 'Element';
  return mayNarrow && (candidate === 'Element' || model.isA(target, candidate)) ? 'maybe' : 'no';
}

/** One JSON property that a step can read. */
export interface PropertyShape {
  readonly json: string;
  readonly types: Types;
  readonly mayBePrimitive: boolean;
}

/** Where a step leads: the candidates that have the element and how it appears in their JSON. */
export interface ChildShape {
  readonly owners: Types;
  readonly properties: readonly PropertyShape[];
  readonly arity: 'one' | 'many' | 'either';
  readonly types: Types;
  /** Type by owner where the property alone does not tell it. */
  readonly byOwner?: ReadonlyMap<string, string>;
  readonly targets: readonly string[];
}

/** Undefined when no candidate has such an element: the step leads nowhere. */
export function childShape(model: TypeModel, types: Types, name: string): ChildShape | undefined {
  const found: (readonly [owner: string, element: ElementModel])[] = [];
  for (const type of types) {
    const element = model.type(type)?.elements.get(name);
    if (element !== undefined && !isPrimitiveValue(type, name)) found.push([type, element]);
    else if (isAbstractResource(type)) found.push(...concreteOwners(model, name));
  }
  if (found.length === 0) return undefined;
  const byProperty = new Map<string, Set<string>>();
  for (const [, element] of found) {
    for (const { json, type } of element.properties) {
      const set = byProperty.get(json);
      if (set === undefined) byProperty.set(json, new Set([type]));
      else set.add(type);
    }
  }
  const properties = [...byProperty].map(([json, set]) => ({
    json,
    types: [...set],
    mayBePrimitive: [...set].some(isPrimitive),
  }));
  const arrays = new Set(found.map(([, element]) => element.isArray));
  const needsOwner = properties.some((property) => property.types.length > 1);
  return {
    owners: [...new Set(found.map(([owner]) => owner))],
    properties,
    arity: arrays.size > 1 ? 'either' : arrays.has(true) ? 'many' : 'one',
    types: mergeTypes(...properties.map((property) => property.types)),
    ...(needsOwner ? { byOwner: typesByOwner(found) } : {}),
    targets: found.length === 1 ? found[0]![1].targets : [],
  };
}

function isPrimitiveValue(type: string, name: string): boolean {
  return name === 'value' && isPrimitive(type);
}

function concreteOwners(model: TypeModel, name: string): (readonly [string, ElementModel])[] {
  const owners: (readonly [string, ElementModel])[] = [];
  for (const type of model.resourceTypes) {
    const element = model.type(type)?.elements.get(name);
    if (element !== undefined) owners.push([type, element]);
  }
  return owners;
}

function typesByOwner(found: readonly (readonly [string, ElementModel])[]): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const [owner, element] of found) {
    if (element.properties.length === 1) types.set(owner, element.properties[0]!.type);
  }
  return types;
}
