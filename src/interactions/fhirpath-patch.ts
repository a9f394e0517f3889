/**
 * FHIRPath Patch: a Parameters resource of operations, applied in place, in order.
 * https://hl7.org/fhir/R4/fhirpatch.html
 */
import type { ElementModel, TypeModel } from '../definitions/type-model.ts';
import { fail } from '../fhir/issues.ts';
import { decimalText, keepDecimalText, markDecimals } from '../fhir/json.ts';
import type { Resource } from '../fhir/types.ts';
import {
  createLocator,
  type Fields,
  isObject,
  type Locator,
  type Slot,
  type TypedObject,
} from './fhirpath-location.ts';

/** Operations that one patch may hold. */
const OPERATIONS_MAX = 1000;
const PARTS_DEPTH_MAX = 20;

/** @throws FhirError `bad-patch` for what is no patch, `patch-failed` for one that does not fit */
export function applyFhirPathPatch(
  resource: Resource,
  patch: Resource,
  model: TypeModel,
  now: number,
): Resource {
  const operations = readOperations(patch);
  for (const operation of operations) {
    const locator = createLocator(resource, model, now);
    applyOperation(operation, locator, model);
  }
  markDecimals(resource);
  return resource;
}

/** The parts of one operation by name, as they are in the Parameters. */
interface Operation {
  readonly at: string;
  readonly parts: ReadonlyMap<string, Fields>;
}

function readOperations(patch: Resource): readonly Operation[] {
  const list = Array.isArray(patch.parameter) ? (patch.parameter as unknown[]) : [];
  if (list.length > OPERATIONS_MAX)
    throw fail('too-costly', `A patch may hold ${OPERATIONS_MAX} operations. Split it.`);
  if (list.length === 0) throw fail('bad-patch', 'A FHIRPath Patch has a parameter "operation" per change.');
  return list.map((one, index) => {
    const at = `Parameters.parameter[${index}]`;
    if (!isObject(one) || one.name !== 'operation' || !Array.isArray(one.part)) {
      throw fail('bad-patch', 'Each parameter must be an "operation" with parts.', { expression: at });
    }
    const parts = one.part.filter(isObject).map((part): [string, Fields] => [String(part.name), part]);
    return { at, parts: new Map(parts) };
  });
}

function applyOperation(operation: Operation, locator: Locator, model: TypeModel): void {
  const path = readText(operation, 'path');
  switch (readText(operation, 'type')) {
    case 'add':
      add(operation, single(locator.objects(path), operation), model);
      break;
    case 'insert':
      insert(operation, locator.find(path), model);
      break;
    case 'delete': {
      const slots = locator.find(path);
      if (slots.length > 0) remove(single(slots, operation));
      break;
    }
    case 'replace':
      replace(operation, single(locator.find(path), operation), model);
      break;
    case 'move':
      move(operation, locator.find(path));
      break;
    default:
      throw fail('bad-patch', 'The type of an operation is add, insert, delete, replace or move.', {
        expression: operation.at,
      });
  }
}

function readText(operation: Operation, name: string): string {
  const part = operation.parts.get(name);
  const value = part?.valueString ?? part?.valueCode;
  if (typeof value !== 'string') {
    throw fail('bad-patch', `The operation needs a part "${name}".`, { expression: operation.at });
  }
  return value;
}

function readPosition(operation: Operation, name: string): number {
  const value = operation.parts.get(name)?.valueInteger;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw fail('bad-patch', `The operation needs a part "${name}" with a valueInteger.`, {
      expression: operation.at,
    });
  }
  return value;
}

function single<T>(found: readonly T[], operation: Operation): T {
  const [first, second] = found;
  if (first === undefined) throw misfit(operation, 'finds nothing');
  if (second !== undefined) throw misfit(operation, 'finds more than one element');
  return first;
}

function misfit(operation: Operation, what: string): Error {
  return fail('patch-failed', `The path of the operation ${what}.`, { expression: operation.at });
}

/** Appends to a list, or sets what is not there yet. */
function add(operation: Operation, holder: TypedObject, model: TypeModel): void {
  const name = readText(operation, 'name');
  const element = model.type(holder.type)?.elements.get(name);
  if (element === undefined)
    throw fail('patch-failed', `There is no element "${name.slice(0, 40)}" to add.`, {
      expression: operation.at,
    });
  const value = readValue(operation, element, model);
  if (!element.isArray && element.properties.some(({ json }) => holder.fields[json] !== undefined)) {
    throw fail('patch-failed', `"${name}" is there already. Use replace.`, { expression: operation.at });
  }
  if (element.isArray) splice(holder.fields, value, lengthOf(holder.fields, value.property));
  else assign(holder.fields, value);
}

function insert(operation: Operation, slots: readonly Slot[], model: TypeModel): void {
  const list = oneList(operation, slots);
  const at = readPosition(operation, 'index');
  const value = readValue(operation, list.element, model);
  const { fields } = list.holder;
  if (at > lengthOf(fields, list.property)) throw misfit(operation, 'has no such index');
  splice(fields, value, at);
}

function replace(operation: Operation, slot: Slot, model: TypeModel): void {
  const value = readValue(operation, slot.element, model);
  const { fields } = slot.holder;
  if (slot.index === undefined) {
    delete fields[slot.property];
    delete fields[`_${slot.property}`];
    assign(fields, value);
    return;
  }
  cut(fields, slot.property, slot.index);
  splice(fields, value, slot.index);
}

function move(operation: Operation, slots: readonly Slot[]): void {
  const { holder, property } = oneList(operation, slots);
  const source = readPosition(operation, 'source');
  const destination = readPosition(operation, 'destination');
  const length = lengthOf(holder.fields, property);
  if (source >= length || destination >= length) throw misfit(operation, 'has no such index');
  for (const key of [property, `_${property}`]) {
    const list = holder.fields[key];
    if (!Array.isArray(list)) continue;
    while (list.length < length) list.push(null);
    list.splice(destination, 0, ...list.splice(source, 1));
  }
}

/** The path of insert and move finds the members of one list. */
function oneList(operation: Operation, slots: readonly Slot[]): Slot {
  const [first] = slots;
  if (first === undefined) throw misfit(operation, 'finds nothing');
  const isOne = slots.every(
    ({ holder, property }) => holder.fields === first.holder.fields && property === first.property,
  );
  if (!isOne || first.index === undefined) throw misfit(operation, 'does not find the members of one list');
  return first;
}

/** Idempotent: what is empty afterwards goes too, since JSON has no empty lists. */
function remove({ holder, property, index }: Slot): void {
  if (index === undefined) {
    delete holder.fields[property];
    delete holder.fields[`_${property}`];
  } else cut(holder.fields, property, index);
}

/** A value to write, and its twin with id and extensions. */
interface NewValue {
  readonly property: string;
  readonly value: unknown;
  readonly extra: unknown;
  readonly digits: string | undefined;
}

function readValue(operation: Operation, element: ElementModel, model: TypeModel): NewValue {
  const part = operation.parts.get('value');
  if (part === undefined)
    throw fail('bad-patch', 'The operation needs a part "value".', { expression: operation.at });
  return valueOfPart(part, element, model, operation.at, 0);
}

function valueOfPart(
  part: Fields,
  element: ElementModel,
  model: TypeModel,
  at: string,
  depth: number,
): NewValue {
  if (depth > PARTS_DEPTH_MAX) throw fail('too-costly', 'The value is nested too deep.', { expression: at });
  const key = Object.keys(part)
    .find((name) => /^_?value[A-Z]/.test(name))
    ?.replace(/^_/, '');
  if (key !== undefined) {
    const property = propertyFor(element, key.slice('value'.length));
    return { property, value: part[key], extra: part[`_${key}`], digits: decimalText(part, key) };
  }
  if (isObject(part.resource)) return plain(element, part.resource);
  if (!Array.isArray(part.part))
    throw fail('bad-patch', 'The value has neither value[x] nor parts.', { expression: at });
  return plain(element, objectOfParts(part.part, element, model, at, depth));
}

/** An anonymous type, such as `Patient.contact`, is given by the parts of the value. */
function objectOfParts(
  parts: readonly unknown[],
  element: ElementModel,
  model: TypeModel,
  at: string,
  depth: number,
): Fields {
  const type = model.type(element.properties[0]?.type ?? '');
  const fields: Fields = {};
  for (const part of parts.filter(isObject)) {
    const child = type?.elements.get(String(part.name));
    if (child === undefined)
      throw fail('patch-failed', 'A part of the value names no element.', { expression: at });
    const value = valueOfPart(part, child, model, at, depth + 1);
    if (child.isArray) splice(fields, value, lengthOf(fields, value.property));
    else assign(fields, value);
  }
  return fields;
}

function plain(element: ElementModel, value: unknown): NewValue {
  return {
    property: element.properties[0]?.json ?? element.name,
    value,
    extra: undefined,
    digits: undefined,
  };
}

/** The property that a choice takes for the type; the only one otherwise, whatever the client calls the type. */
function propertyFor(element: ElementModel, typeSuffix: string): string {
  const chosen = element.properties.find(({ json }) => json.slice(element.name.length) === typeSuffix);
  return (element.isChoice ? chosen : undefined)?.json ?? element.properties[0]?.json ?? element.name;
}

function assign(fields: Fields, { property, value, extra, digits }: NewValue): void {
  if (value !== undefined) fields[property] = value;
  if (extra !== undefined) fields[`_${property}`] = extra;
  if (digits !== undefined) keepDecimalText(fields, property, digits);
}

function lengthOf(fields: Fields, property: string): number {
  const [values, extras] = [fields[property], fields[`_${property}`]];
  return Math.max(Array.isArray(values) ? values.length : 0, Array.isArray(extras) ? extras.length : 0);
}

/** Inserts into the list and its twin, which stay in step. */
function splice(fields: Fields, { property, value, extra }: NewValue, at: number): void {
  const length = lengthOf(fields, property);
  for (const [key, member] of [
    [property, value],
    [`_${property}`, extra],
  ] as const) {
    const list = fields[key];
    if (!Array.isArray(list) && member === undefined) continue;
    const filled: unknown[] = Array.isArray(list) ? list : [];
    while (filled.length < length) filled.push(null);
    filled.splice(at, 0, member ?? null);
    fields[key] = filled;
  }
}

function cut(fields: Fields, property: string, at: number): void {
  for (const key of [property, `_${property}`]) {
    const list = fields[key];
    if (!Array.isArray(list)) continue;
    list.splice(at, 1);
    if (list.every((member) => member === null)) delete fields[key];
  }
}
