/**
 * Values of elements with their types, as profiles look at them: a primitive comes with its `_` twin, a
 * choice with the type that its JSON name says.
 * https://hl7.org/fhir/R4/formats.html#choice
 */

import type { ElementSchema, PropertySchema } from './element-schema.ts';
import type { Segment } from './path.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Item {
  readonly value: unknown;
  /** Id and extensions of a primitive. */
  readonly twin: Json | undefined;
  /** `date`, `Quantity`, `Patient.contact`; for a resource its resourceType. */
  readonly type: string;
  /** Path segments from the owner: the element, and the index of an array. */
  readonly at: readonly Segment[];
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** All values of an element, in order. */
export function itemsOf(owner: Json, element: ElementSchema): Item[] {
  const property = propertyOf(owner, element);
  if (property === undefined) return [];
  const twins = property.kind === 'primitive' ? owner[`_${property.json}`] : undefined;
  return itemsOfProperty(owner[property.json], twins, property, element.isArray);
}

/** The same, where the values and their `_` twins are at hand. */
export function itemsOfProperty(
  values: unknown,
  twins: unknown,
  property: PropertySchema,
  isArray: boolean,
): Item[] {
  const items: Item[] = [];
  if (!isArray || (!Array.isArray(values) && !Array.isArray(twins))) {
    if (values === undefined && twins === undefined) return items;
    items.push(makeItem(values, twins, property, [property.segment]));
    return items;
  }
  const count = Math.max(lengthOf(values), lengthOf(twins));
  for (let i = 0; i < count; i++) {
    const value = Array.isArray(values) ? values[i] : undefined;
    const twin = Array.isArray(twins) ? twins[i] : undefined;
    items.push(makeItem(value ?? undefined, twin ?? undefined, property, [property.segment, i]));
  }
  return items;
}

/** The variant of a choice that is there; looking for each of fifty variants would cost more. */
export function propertyOf(owner: Json, element: ElementSchema): PropertySchema | undefined {
  if (element.properties.length === 1) return element.properties[0];
  for (const key in owner) {
    const json = key.charCodeAt(0) === 95 ? key.slice(1) : key;
    if (!json.startsWith(element.name)) continue;
    const found = element.properties.find((property) => property.json === json);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function makeItem(
  value: unknown,
  twin: unknown,
  property: PropertySchema,
  at: readonly Segment[],
): Item {
  let type = property.type;
  if (property.kind === 'resource' && isObject(value) && typeof value.resourceType === 'string') {
    type = value.resourceType;
  }
  return { value, twin: isObject(twin) ? twin : undefined, type, at };
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
