/**
 * Walking JSON as FHIR's tree: children with their types, `_x` twins joined to their primitives.
 * https://hl7.org/fhirpath/N1/#tree-navigation
 */
import type { TypeNode } from '../definitions/type-model.ts';
import type { RuntimeContext, TypedNode } from './expression.ts';
import { FhirPathError, STEPS_MAX } from './failure.ts';
import { isAbstractResource, kindOfType, relate } from './types.ts';

/** What a choice table says of one property. */
export interface ChoiceRow {
  readonly json: string;
  readonly twin: string;
  readonly type: string;
}

/** Stands for an element that is not there. */
export const NOTHING: object = Object.freeze({});

/** The property of a choice element that is present. */
export function findChoice(object: object, table: ReadonlyMap<string, ChoiceRow>): ChoiceRow | undefined {
  for (const key in object) {
    const row = table.get(key);
    if (row !== undefined) return row;
  }
  return undefined;
}

/** The object that children are read from: the element itself, or a primitive's twin. */
export function elementOf(value: unknown, extra: unknown): Record<string, unknown> | undefined {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  return typeof extra === 'object' && extra !== null ? (extra as Record<string, unknown>) : undefined;
}

export function asArray(value: unknown): readonly unknown[] | undefined {
  if (value == null) return undefined;
  return Array.isArray(value) ? value : [value];
}

export function longer(a: ArrayLike<unknown> | undefined, b: ArrayLike<unknown> | undefined): number {
  return Math.max(a?.length ?? 0, b?.length ?? 0);
}

/** The runtime type of a value whose type the expression does not tell. */
export function typeOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'decimal';
    default: {
      const type = (value as { resourceType?: unknown } | null | undefined)?.resourceType;
      return typeof type === 'string' ? type : '*';
    }
  }
}

/** A resource's own type goes before what the element says. */
export function concreteType(type: string, value: unknown): string {
  return isAbstractResource(type) || type === '*' ? typeOf(value) : type;
}

export function isA(context: RuntimeContext, type: string, target: string): boolean {
  return type === '*' ? false : relate(context.model, type, target) === 'yes';
}

export function childrenNamed(
  context: RuntimeContext,
  value: unknown,
  type: string,
  extra: unknown,
  name: string,
): readonly TypedNode[] {
  const found: TypedNode[] = [];
  const node = context.model.type(concreteType(type, value));
  const object = elementOf(value, extra);
  if (object === undefined) return found;
  const element = node?.elements.get(name);
  if (element === undefined) {
    if (node === undefined && Object.hasOwn(object, name)) pushNodes(found, object[name], undefined, '*');
    return found;
  }
  for (const { json, type: childType } of element.properties) {
    const own = object[json];
    const twin = mayHaveTwin(childType) ? object[`_${json}`] : undefined;
    if (own == null && twin == null) continue;
    pushNodes(found, own, twin, childType);
    if (element.isChoice) break;
  }
  return found;
}

export function pushNodes(found: TypedNode[], value: unknown, extra: unknown, type: string): void {
  if (!Array.isArray(value) && !Array.isArray(extra)) {
    if (value != null || extra != null) found.push({ value, type: concreteType(type, value), extra });
    return;
  }
  const values = Array.isArray(value) ? value : [];
  const extras = Array.isArray(extra) ? extra : [];
  const count = Math.max(values.length, extras.length);
  for (let i = 0; i < count; i++) {
    const one: unknown = values[i];
    const twin: unknown = extras[i];
    if (one != null || twin != null) found.push({ value: one, type: concreteType(type, one), extra: twin });
  }
}

export function children(context: RuntimeContext, list: readonly TypedNode[]): readonly TypedNode[] {
  const found: TypedNode[] = [];
  for (const node of list) pushChildren(context, node, found);
  return found;
}

function pushChildren(context: RuntimeContext, parent: TypedNode, found: TypedNode[]): void {
  const object = elementOf(parent.value, parent.extra);
  if (object === undefined) return;
  const node = context.model.type(concreteType(parent.type, parent.value));
  for (const key in object) {
    if (key === 'resourceType') continue;
    const isTwin = key.charCodeAt(0) === 95;
    // A twin without its primitive is a child of its own.
    if (isTwin && object[key.slice(1)] !== undefined) continue;
    const json = isTwin ? key.slice(1) : key;
    const type = childType(node, json);
    if (isTwin) pushNodes(found, undefined, object[key], type);
    else if (mayHaveTwin(type)) pushNodes(found, object[key], object[`_${key}`], type);
    else pushNodes(found, object[key], undefined, type);
  }
}

function childType(node: TypeNode | undefined, json: string): string {
  return node?.byProperty.get(json)?.type ?? '*';
}

export function mayHaveTwin(type: string): boolean {
  const kind = kindOfType(type);
  return kind !== 'complex' && kind !== 'quantity';
}

/** `repeat(children())`: level by level, without recursion however deep the data is. */
export function descendants(context: RuntimeContext, list: readonly TypedNode[]): readonly TypedNode[] {
  const found: TypedNode[] = [];
  for (const node of list) pushChildren(context, node, found);
  for (let i = 0; i < found.length; i++) {
    if (found.length > STEPS_MAX) throw new FhirPathError('too many descendants', 'too-costly');
    pushChildren(context, found[i]!, found);
  }
  return found;
}

/** `type()`: namespace and name. */
export function typeInfo(list: readonly TypedNode[]): readonly TypedNode[] {
  return list.map((node) => {
    const type = concreteType(node.type, node.value);
    const isSystem = type.startsWith('System.');
    const value = { namespace: isSystem ? 'System' : 'FHIR', name: isSystem ? type.slice(7) : type };
    return { value, type: 'System.TypeInfo', extra: undefined };
  });
}

export function typeInfoPart(list: readonly TypedNode[], part: unknown): readonly TypedNode[] {
  return list.map((node) => ({
    value: (node.value as Record<string, unknown>)[part as string],
    type: 'System.String',
    extra: undefined,
  }));
}

/** Input as it is when it has no modifier extensions but those named. @throws otherwise */
export function checkModifiers(
  list: readonly TypedNode[],
  ...allowed: readonly unknown[]
): readonly TypedNode[] {
  for (const { value } of list) {
    const extensions = (value as { modifierExtension?: readonly { url?: unknown }[] } | undefined)
      ?.modifierExtension;
    for (const extension of extensions ?? []) {
      if (!allowed.includes(extension.url)) {
        throw new FhirPathError(`unexpected modifier extension ${String(extension.url).slice(0, 200)}`);
      }
    }
  }
  return list;
}
