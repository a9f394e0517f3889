/**
 * Whether the JSON of a definition has the shape of its type: arrays, objects and primitives where R4 has them.
 * What is compiled from definitions relies on it; the meaning is for the validator.
 * https://hl7.org/fhir/R4/json.html
 */
import type { Resource } from '../fhir/types.ts';
import type { TypeModel, TypeNode } from './type-model.ts';

export interface Misshape {
  /** `StructureDefinition.snapshot.element[3].type`. */
  readonly expression: string;
  /** In words that follow the element: `is not a list`. */
  readonly text: string;
}

/** The first part that has another shape. Properties that R4 does not know are passed over. */
export function findMisshape(model: TypeModel, resource: Resource): Misshape | undefined {
  return checkObject(model, resource, resource.resourceType, resource.resourceType);
}

function checkObject(model: TypeModel, value: object, type: string, path: string): Misshape | undefined {
  const node = nodeOf(model, value, type);
  if (node === undefined) return undefined;
  for (const [name, part] of Object.entries(value)) {
    const property = node.byProperty.get(name);
    if (property === undefined) continue;
    const here = `${path}.${name}`;
    const found = property.element.isArray
      ? checkList(model, part, property.type, here)
      : checkValue(model, part, property.type, here);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A resource within another says itself what it is. */
function nodeOf(model: TypeModel, value: object, type: string): TypeNode | undefined {
  const own = (value as { resourceType?: unknown }).resourceType;
  const isInner = model.isA('DomainResource', type);
  return model.type(isInner && typeof own === 'string' ? own : type);
}

function checkList(model: TypeModel, value: unknown, type: string, path: string): Misshape | undefined {
  if (!Array.isArray(value)) return { expression: path, text: 'is not a list' };
  const isPrimitive = model.type(type)?.kind === 'primitive';
  for (const [i, item] of value.entries()) {
    if (item === null && isPrimitive) continue;
    const found = checkValue(model, item, type, `${path}[${i}]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function checkValue(model: TypeModel, value: unknown, type: string, path: string): Misshape | undefined {
  if (type.startsWith('System.') || model.type(type)?.kind === 'primitive') {
    const wanted = jsonTypeOf(model, type);
    return typeof value === wanted ? undefined : { expression: path, text: `is not a ${wanted}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { expression: path, text: 'is not an object' };
  }
  return checkObject(model, value, type, path);
}

function jsonTypeOf(model: TypeModel, type: string): 'boolean' | 'number' | 'string' {
  if (type === 'boolean') return 'boolean';
  return type === 'decimal' || model.isA(type, 'integer') ? 'number' : 'string';
}
