/**
 * Where in a resource the results of a FHIRPath lie, so that a patch can change them: objects are found by
 * identity, primitives through the object that holds them.
 * https://hl7.org/fhir/R4/fhirpatch.html#concept
 */
import type { ElementModel, TypeModel } from '../definitions/type-model.ts';
import { fail } from '../fhir/issues.ts';
import { showText } from '../fhir/shown-value.ts';
import type { Resource } from '../fhir/types.ts';
import type { Ast } from '../fhirpath/ast.ts';
import { compile } from '../fhirpath/compile.ts';
import type { TypedNode } from '../fhirpath/expression.ts';
import { parseExpression } from '../fhirpath/parse.ts';

export type Fields = Record<string, unknown>;

/** An object of the resource and its type in the model. */
export interface TypedObject {
  readonly fields: Fields;
  readonly type: string;
}

/** One value: a property, or a member of a list. */
export interface Slot {
  readonly holder: TypedObject;
  /** JSON property, such as `valueQuantity`. */
  readonly property: string;
  readonly element: ElementModel;
  /** Position in the list; absent for a single value. */
  readonly index?: number;
}

export interface Locator {
  /** Values that the path finds, in order. @throws FhirError `bad-patch` for a path that is no FHIRPath */
  find(path: string): readonly Slot[];
  /** Objects that the path finds, the resource itself included. */
  objects(path: string): readonly TypedObject[];
}

export function createLocator(resource: Resource, model: TypeModel, now: number): Locator {
  const evaluate = (path: string): readonly TypedNode[] => {
    const compilation = compile(path, resource.resourceType, model);
    if (compilation.kind === 'fault') throw badPath(path);
    try {
      return compilation.compiled.evaluate(resource, { model, resource, rootResource: resource, now });
    } catch {
      throw fail(
        'patch-failed',
        `The path ${showText(path, PATH_SHOWN_MAX)} cannot be evaluated on this resource.`,
      );
    }
  };
  return {
    find: (path) => findSlots(path, resource, model, evaluate),
    objects: (path) =>
      evaluate(path).flatMap(({ value, type }) => (isObject(value) ? [{ fields: value, type }] : [])),
  };
}

type Evaluate = (path: string) => readonly TypedNode[];

function findSlots(path: string, resource: Resource, model: TypeModel, evaluate: Evaluate): readonly Slot[] {
  const results = evaluate(path);
  if (results.length === 0) return [];
  const slots = slotsByObject(resource, model);
  const found: Slot[] = [];
  const primitives = results.filter(({ value }) => !isObject(value));
  for (const { value } of results) {
    const slot = isObject(value) ? slots.get(value) : undefined;
    if (slot !== undefined) found.push(slot);
  }
  if (primitives.length > 0) found.push(...primitiveSlots(path, primitives, model, evaluate));
  return found;
}

function slotsByObject(resource: Resource, model: TypeModel): ReadonlyMap<object, Slot> {
  const slots = new Map<object, Slot>();
  const visit = (holder: TypedObject): void => {
    const node = model.type(holder.type);
    for (const [property, value] of Object.entries(holder.fields)) {
      const known = node?.byProperty.get(property);
      if (known === undefined) continue;
      const { element, type } = known;
      const list = Array.isArray(value) ? value : [value];
      for (const [at, member] of list.entries()) {
        if (!isObject(member)) continue;
        const index = Array.isArray(value) ? at : undefined;
        slots.set(member, { holder, property, element, index });
        const { resourceType } = member;
        visit({ fields: member, type: type === 'Resource' ? String(resourceType) : type });
      }
    }
  };
  visit({ fields: resource, type: resource.resourceType });
  return slots;
}

/**
 * Splits off the last member: what is before it finds the holders, what is after it chooses among their
 * values.
 */
function primitiveSlots(
  path: string,
  results: readonly TypedNode[],
  model: TypeModel,
  evaluate: Evaluate,
): readonly Slot[] {
  const member = lastMember(path);
  const before = path.slice(0, member.at).trimEnd().replace(/\.$/, '');
  const holders = before === '' ? evaluate('$this') : evaluate(before);
  const candidates = holders.flatMap(({ value, type }) =>
    isObject(value) ? valuesOf({ fields: value, type }, member.name, model) : [],
  );
  if (candidates.length === results.length) return candidates;
  const wanted = results.map(({ value }) => value);
  return candidates.filter((slot) => {
    const at = wanted.indexOf(readSlot(slot));
    if (at >= 0) wanted.splice(at, 1);
    return at >= 0;
  });
}

function lastMember(path: string): { readonly name: string; readonly at: number } {
  const parsed = parseExpression(path);
  let node: Ast | undefined = parsed.kind === 'parsed' ? parsed.ast : undefined;
  while (node !== undefined && node.kind !== 'member') {
    if (node.kind === 'call' || node.kind === 'indexer') node = node.target;
    else if (node.kind === 'type') node = node.operand;
    else node = undefined;
  }
  if (node === undefined) throw badPath(path);
  return node;
}

function valuesOf(holder: TypedObject, name: string, model: TypeModel): readonly Slot[] {
  const element = model.type(holder.type)?.elements.get(name);
  if (element === undefined) return [];
  return element.properties.flatMap(({ json: property }) => {
    const value = holder.fields[property];
    if (Array.isArray(value)) return value.map((_, index) => ({ holder, property, element, index }));
    return value === undefined ? [] : [{ holder, property, element }];
  });
}

export function readSlot({ holder, property, index }: Slot): unknown {
  const value = holder.fields[property];
  return index === undefined ? value : (value as unknown[])[index];
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function badPath(path: string): Error {
  return fail('bad-patch', `${showText(path, PATH_SHOWN_MAX)} is not a FHIRPath that a patch can follow.`);
}

const PATH_SHOWN_MAX = 80;
