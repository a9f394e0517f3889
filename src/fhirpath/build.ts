/**
 * Typed expressions from their parts: steps, subsets, comparisons. Whatever cannot give anything becomes the
 * empty expression here. https://hl7.org/fhirpath/N1/#path-selection
 */
import type { TypeSpecifier } from './ast.ts';
import { type Binder, BindFault, text } from './binder.ts';
import {
  BOOLEAN,
  DECIMAL,
  EMPTY,
  type EqualityOperator,
  type Expr,
  INTEGER,
  type OrderOperator,
  STRING,
} from './expr.ts';
import {
  ANY,
  type ChildShape,
  childShape,
  isPrimitive,
  isSystem,
  kindOf,
  mergeTypes,
  relate,
  resolveSpecifier,
  sameTypes,
  type Types,
} from './types.ts';

export function child(binder: Binder, source: Expr, name: string, at: number): Expr {
  if (source.kind === 'empty' || source.types.length === 0) return EMPTY;
  const { single, depth } = source;
  if (source.kind === 'list-call' && isPlainName(name)) {
    if (source.call.name === 'descendants') return descendantsNamed(source, name);
    if (source.call.name === 'children') return grandchildren(binder, source, name, at);
  }
  if (source.types === ANY || source.types.includes('Element')) {
    return { kind: 'dynamic-child', source, name, types: ANY, single: false, depth };
  }
  if (source.types === TYPE_INFO) return typeInfoPart(source, name);
  if (name === 'value' && source.types.every(isPrimitive)) return systemValue(source);
  const shape = childShape(binder.model, source.types, name);
  if (shape === undefined) {
    if (!source.types.every(isSystem))
      binder.notes.push({ message: missing(binder, source.types, name), at });
    return EMPTY;
  }
  const owners = restrict(source, shape.owners);
  if (shape.properties.length > 1 && (shape.arity !== 'one' || shape.byOwner !== undefined)) {
    return { kind: 'dynamic-child', source: owners, name, types: shape.types, single: false, depth };
  }
  const primitives = shape.owners.filter(isPrimitive).length;
  return {
    kind: 'child',
    source: owners,
    name,
    shape,
    inTwin: primitives === 0 ? 'no' : primitives === shape.owners.length ? 'yes' : 'maybe',
    types: shape.types,
    single: single && shape.arity === 'one',
    depth,
  };
}

const SYSTEM_BY_KIND: Readonly<Record<string, Types>> = {
  boolean: BOOLEAN,
  string: STRING,
  integer: INTEGER,
  decimal: DECIMAL,
  date: ['System.DateTime'],
  time: ['System.Time'],
};

/** `birthDate.value`: the value without its extensions. */
export function systemValue(source: Expr): Expr {
  return {
    kind: 'scalar-call',
    call: { name: 'getValue' },
    source,
    args: [],
    types: SYSTEM_BY_KIND[kindOf(source.types)] ?? ANY,
    single: source.single,
    depth: source.depth,
  };
}

/** What `type()` gives: its parts are `namespace` and `name`. */
export const TYPE_INFO: Types = Object.freeze(['System.TypeInfo']);

function typeInfoPart(source: Expr, name: string): Expr {
  if (name !== 'name' && name !== 'namespace') return EMPTY;
  const { depth } = source;
  const call = { name: 'typeInfoPart' };
  return {
    kind: 'list-call',
    call,
    source,
    args: [text(name)],
    returns: 'list',
    types: STRING,
    single: false,
    depth,
  };
}

/** What to tell of a step that no type has; names as JSON writes them are met often. */
function missing(binder: Binder, types: Types, name: string): string {
  const sentence = `${types.slice(0, 3).join(' or ')} has no element ${name}`;
  for (const type of types) {
    const property = binder.model.type(type)?.byProperty.get(name);
    if (property !== undefined) return `${sentence}: write ${property.element.name}.ofType(${property.type})`;
  }
  return sentence;
}

/** Reserved for elements: what is not in any type needs the general walk to find nothing. */
function isPlainName(name: string): boolean {
  return /^[a-z][A-Za-z0-9]*$/.test(name);
}

/** `descendants().linkId` walks only where a `linkId` can be. */
function descendantsNamed(source: Expr & { kind: 'list-call' }, name: string): Expr {
  const call = { name: 'descendantsNamed', context: true };
  return { ...source, call, args: [text(name)], types: ANY };
}

/** `children().element` reads only those children that have an `element`. */
function grandchildren(binder: Binder, source: Expr & { kind: 'list-call' }, name: string, at: number): Expr {
  const parent = source.source;
  const node = parent.types.length === 1 ? binder.model.type(parent.types[0]!) : undefined;
  if (node === undefined || node.isAbstract || node.kind === 'primitive') {
    return { kind: 'dynamic-child', source, name, types: ANY, single: false, depth: source.depth };
  }
  const steps: Expr[] = [];
  for (const element of node.elements.values()) {
    const types = element.properties.map((property) => property.type);
    if (types.every(isPrimitive)) continue;
    if (childShape(binder.model, types, name) === undefined) continue;
    steps.push(child(binder, child(binder, parent, element.name, at), name, at));
  }
  return combine(steps, false);
}

/** Leaves out the alternatives of a choice that the next step cannot use. */
function restrict(source: Expr, owners: Types): Expr {
  if (source.kind !== 'child' || owners.length === source.types.length) return source;
  const properties = source.shape.properties.filter((property) =>
    property.types.some((type) => owners.includes(type)),
  );
  if (properties.length === 0 || properties.length === source.shape.properties.length) return source;
  return withProperties(source, properties);
}

function withProperties(source: Expr & { kind: 'child' }, properties: ChildShape['properties']): Expr {
  const types = mergeTypes(...properties.map((property) => property.types));
  return { ...source, shape: { ...source.shape, properties, types }, types };
}

export function specifierType(binder: Binder, specifier: TypeSpecifier, at: number): string {
  const type = resolveSpecifier(binder.model, specifier.namespace, specifier.name);
  if (type === undefined) {
    const name = specifier.namespace ? `${specifier.namespace}.${specifier.name}` : specifier.name;
    throw new BindFault(`unknown type ${name}`, at);
  }
  return type;
}

/** `ofType(T)` and, as R4's search parameters mean it, `as T`: the nodes of the type. */
export function narrow(binder: Binder, source: Expr, target: string): Expr {
  const related = source.types.map((type) => relate(binder.model, type, target));
  if (related.every((one) => one === 'no')) return EMPTY;
  const types = source.types.map((type, i) => (related[i] === 'maybe' ? target : type));
  const kept = [...new Set(types.filter((_, i) => related[i] !== 'no'))];
  if (related.every((one) => one === 'yes')) return source;
  if (source.kind === 'child' && source.shape.byOwner === undefined) {
    const properties = source.shape.properties.filter((property) => kept.includes(property.types[0]!));
    if (properties.length > 0 && related.every((one) => one !== 'maybe')) {
      return withProperties(source, properties);
    }
  }
  return { kind: 'narrow', source, target, types: kept, single: source.single, depth: source.depth };
}

export function testType(source: Expr, target: string): Expr {
  if (source.kind === 'empty') return EMPTY;
  return { kind: 'is', source, target, types: BOOLEAN, single: true, depth: source.depth };
}

export function slice(source: Expr, how: (Expr & { kind: 'slice' })['how'], count: Expr): Expr {
  if (source.kind === 'empty') return EMPTY;
  const single = source.single || how === 'first' || how === 'last' || how === 'at' || how === 'single';
  return {
    kind: 'slice',
    source,
    how,
    count,
    types: source.types,
    single,
    depth: Math.max(source.depth, count.depth),
  };
}

export function equality(operator: EqualityOperator, left: Expr, right: Expr): Expr {
  if (operator.length === (operator.startsWith('!') ? 2 : 1) && operator.at(-1) === '=') {
    if (left.kind === 'empty' || right.kind === 'empty') return EMPTY;
  }
  const depth = Math.max(left.depth, right.depth);
  return { kind: 'equality', operator, left, right, types: BOOLEAN, single: true, depth };
}

export function order(operator: OrderOperator, left: Expr, right: Expr): Expr {
  if (left.kind === 'empty' || right.kind === 'empty') return EMPTY;
  const depth = Math.max(left.depth, right.depth);
  return { kind: 'order', operator, left, right, types: BOOLEAN, single: true, depth };
}

export function membership(item: Expr, list: Expr): Expr {
  if (item.kind === 'empty') return EMPTY;
  const depth = Math.max(item.depth, list.depth);
  return { kind: 'in', item, list, types: BOOLEAN, single: true, depth };
}

export function combine(operands: readonly Expr[], distinct: boolean): Expr {
  const present = operands.filter((operand) => operand.kind !== 'empty');
  const only = present[0];
  if (only === undefined) return EMPTY;
  if (present.length === 1 && (only.single || !distinct)) return only;
  return {
    kind: 'combine',
    operands: present,
    distinct,
    types: present.every((one) => sameTypes(one.types, only.types))
      ? only.types
      : mergeTypes(...present.map((one) => one.types)),
    single: false,
    depth: Math.max(...present.map((one) => one.depth)),
  };
}
