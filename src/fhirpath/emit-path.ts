/**
 * Code for steps into JSON: single properties as optional chains, arrays as loops, choice elements as the
 * one property that is there. https://hl7.org/fhir/R4/json.html
 */
import {
  type Emitter,
  fresh,
  hoist,
  type Item,
  isSimple,
  itemOf,
  type Need,
  quote,
  safeName,
  step,
  typeCode,
} from './emitter.ts';
import type { Expr } from './expr.ts';
import { isDynamic, isPrimitive, type PropertyShape, type Types } from './types.ts';

type Child = Expr & { kind: 'child' };

/** Members of JavaScript's own values, which a step must not mistake for elements. */
const HAZARDS = new Set([
  ...Object.getOwnPropertyNames(String.prototype),
  ...Object.getOwnPropertyNames(Number.prototype),
  ...Object.getOwnPropertyNames(Object.prototype),
]);

/** An expression that reads a single value without statements, or undefined when a loop is needed. */
export function pathCode(emitter: Emitter, expr: Expr): string | undefined {
  switch (expr.kind) {
    case 'variable': {
      const item = emitter.items.get(expr.variable);
      return item?.value;
    }
    case 'child': {
      if (expr.shape.arity !== 'one' || expr.shape.properties.length !== 1) return undefined;
      const source = objectCode(emitter, expr);
      return source === undefined ? undefined : `${source}.${safeName(expr.shape.properties[0]!.json)}`;
    }
    case 'slice':
      return firstCode(emitter, expr);
    default:
      return undefined;
  }
}

/** `name.first()` and `name[0]` of complex elements, whose arrays have no gaps. */
function firstCode(emitter: Emitter, expr: Expr & { kind: 'slice' }): string | undefined {
  const { source, how, count } = expr;
  const isFirst = how === 'first' || (how === 'at' && count.kind === 'constant' && count.value === 0);
  if (!isFirst || source.kind !== 'child' || source.shape.arity !== 'many') return undefined;
  const { properties } = source.shape;
  if (properties.length !== 1 || properties[0]!.mayBePrimitive) return undefined;
  const object = objectCode(emitter, source);
  return object === undefined ? undefined : `${object}.${safeName(properties[0]!.json)}?.[0]`;
}

/** The object whose property a step reads, ready for a dot: `v1`, `v1.code?`. */
function objectCode(emitter: Emitter, expr: Child): string | undefined {
  if (expr.inTwin !== 'no' || mayBeJavaScriptMember(expr)) return undefined;
  const source = pathCode(emitter, expr.source);
  if (source === undefined) return undefined;
  const item = expr.source.kind === 'variable' ? emitter.items.get(expr.source.variable) : undefined;
  return item !== undefined && !item.mayBeNull ? source : `${source}?`;
}

function mayBeJavaScriptMember(expr: Child): boolean {
  return HAZARDS.has(expr.name) && expr.source.types.some((type) => type === '*' || isPrimitive(type));
}

/** Whether any property of a step on a single object is there, as one expression. */
export function presenceCode(emitter: Emitter, expr: Expr): string | undefined {
  if (expr.kind !== 'child') {
    const path = pathCode(emitter, expr);
    if (path === undefined || expr.types.some(isPrimitive)) return undefined;
    return `${path} != null`;
  }
  const { properties, arity } = expr.shape;
  if (arity === 'either' || properties.length > 4) return undefined;
  const object = objectCode(emitter, expr);
  if (object === undefined) return undefined;
  const names = properties.flatMap((property) =>
    property.mayBePrimitive ? [property.json, `_${property.json}`] : [property.json],
  );
  if (arity === 'many') {
    const tests = names.map((name) => `${object}.${safeName(name)}?.length > 0`);
    return tests.length === 1 ? tests[0]! : `(${tests.join(' || ')})`;
  }
  const reads = names.map((name) => `${object}.${safeName(name)}`);
  return reads.length === 1 ? `${reads[0]} != null` : `(${reads.join(' ?? ')}) != null`;
}

export function streamChild(emitter: Emitter, expr: Child, need: Need, body: (item: Item) => string): string {
  const path = pathCode(emitter, expr.source);
  if (path !== undefined && expr.inTwin === 'no') {
    const known = expr.source.kind === 'variable' ? emitter.items.get(expr.source.variable)! : undefined;
    const owner = known ?? itemOf(path, expr.source.types, { mayBeNull: true });
    return readChild(emitter, expr, owner, need, body);
  }
  return emitter.stream(expr.source, expr.inTwin === 'no' ? 'value' : 'node', (owner) =>
    readChild(emitter, expr, owner, need, body),
  );
}

function readChild(
  emitter: Emitter,
  expr: Child,
  owner: Item,
  need: Need,
  body: (item: Item) => string,
): string {
  const object = fresh(emitter, 'o');
  const { pre, code, mayBeNull } = ownerObject(expr, owner);
  const dot = mayBeNull ? '?.' : '.';
  const { properties, arity } = expr.shape;
  const simple =
    pre === '' && (isSimple(code) || (properties.length === 1 && !properties[0]!.mayBePrimitive));
  const head = simple ? '' : `${pre}const ${object} = ${code};`;
  const from = { object: simple ? code : object, dot, owner };
  if (properties.length > 1) return head + readChoice(emitter, expr, from, need, body);
  if (arity === 'one') return head + readOne(emitter, expr, from, need, body);
  return head + readMany(emitter, expr, from, need, body);
}

interface From {
  readonly object: string;
  readonly dot: string;
  readonly owner: Item;
}

function ownerObject(
  expr: Child,
  owner: Item,
): { readonly pre: string; readonly code: string; readonly mayBeNull: boolean } {
  if (expr.inTwin === 'yes') return { pre: '', code: owner.extra(), mayBeNull: true };
  if (expr.inTwin === 'maybe') {
    return { pre: '', code: `rt.elementOf(${owner.value}, ${owner.extra()})`, mayBeNull: true };
  }
  if (mayBeJavaScriptMember(expr)) {
    return { pre: '', code: `rt.elementOf(${owner.value}, undefined)`, mayBeNull: true };
  }
  return { pre: '', code: owner.value, mayBeNull: owner.mayBeNull };
}

/** The type of what a property holds, asked of the owner's type where several are possible. */
function propertyType(
  emitter: Emitter,
  expr: Child,
  property: PropertyShape,
  from: From,
  value: string,
): () => string {
  return () => {
    const types = property.types;
    if (types.length === 1) return typeCode(types, value);
    const table = hoist(emitter, `new Map(${JSON.stringify([...(expr.shape.byOwner ?? [])])})`);
    return `(${table}.get(${from.owner.type()}) ?? "*")`;
  };
}

function readOne(
  emitter: Emitter,
  expr: Child,
  from: From,
  need: Need,
  body: (item: Item) => string,
): string {
  const property = expr.shape.properties[0]!;
  const name = safeName(property.json);
  const value = fresh(emitter, 'v');
  const read = `const ${value} = ${from.object}${from.dot}${name};`;
  const type = propertyType(emitter, expr, property, from, value);
  if (!property.mayBePrimitive) {
    return `${read}if (${value} != null) {${body(itemOf(value, property.types, { type }))}}`;
  }
  const twin = `${from.object}${from.dot}_${name}`;
  const extra = fresh(emitter, 'x');
  let usesExtra = false;
  const item = itemOf(value, property.types, {
    type,
    extra: () => {
      usesExtra = true;
      return extra;
    },
    mayBeNull: need === 'node',
  });
  const inner = body(item);
  const readExtra = usesExtra ? `const ${extra} = ${twin};` : '';
  const test =
    need === 'node' ? `${value} != null || ${usesExtra ? extra : twin} != null` : `${value} != null`;
  return `${read}${readExtra}if (${test}) {${inner}}`;
}

function readMany(
  emitter: Emitter,
  expr: Child,
  from: From,
  need: Need,
  body: (item: Item) => string,
): string {
  const property = expr.shape.properties[0]!;
  const name = safeName(property.json);
  const list = fresh(emitter, 'a');
  const twins = fresh(emitter, 'w');
  const i = fresh(emitter, 'i');
  const value = fresh(emitter, 'v');
  const asArray = (code: string): string => (expr.shape.arity === 'either' ? `rt.asArray(${code})` : code);
  let usesExtra = false;
  const item = itemOf(value, property.types, {
    type: propertyType(emitter, expr, property, from, value),
    extra: () => {
      usesExtra = property.mayBePrimitive;
      return property.mayBePrimitive ? `${twins}?.[${i}]` : 'undefined';
    },
    mayBeNull: property.mayBePrimitive && need === 'node',
  });
  emitter.loops++;
  const counted = isCounted(emitter, expr) ? step(emitter) : '';
  const inner = body(item);
  emitter.loops--;
  const read = `const ${list} = ${asArray(`${from.object}${from.dot}${name}`)};`;
  const element = `const ${value} = ${list}[${i}];`;
  if (!property.mayBePrimitive || (need === 'value' && !usesExtra)) {
    return `${read}if (${list} != null) for (let ${i} = 0; ${i} < ${list}.length; ${i}++) {${counted}${element}if (${value} == null) continue;${inner}}`;
  }
  const readTwins = `const ${twins} = ${asArray(`${from.object}${from.dot}_${name}`)};`;
  const skip = need === 'value' ? `${value} == null` : `${value} == null && ${twins}?.[${i}] == null`;
  return `${read}${readTwins}if (${list} != null || ${twins} != null) for (let ${i} = 0, n${i} = rt.longer(${list}, ${twins}); ${i} < n${i}; ${i}++) {${counted}const ${value} = ${list}?.[${i}];if (${skip}) continue;${inner}}`;
}

/** Loops that start at the innermost `$this` together visit each node once; others can multiply. */
function isCounted(emitter: Emitter, expr: Expr): boolean {
  if (emitter.loops <= 1) return false;
  let source: Expr = expr;
  while (
    source.kind === 'child' ||
    source.kind === 'where' ||
    source.kind === 'narrow' ||
    source.kind === 'slice'
  ) {
    source = source.source;
  }
  return source.kind !== 'variable' || source.variable !== emitter.innermost;
}

/** At most one of the properties is there: it is found, and the body is made once. */
function readChoice(
  emitter: Emitter,
  expr: Child,
  from: From,
  need: Need,
  body: (item: Item) => string,
): string {
  const { properties } = expr.shape;
  const found = fresh(emitter, 'p');
  const value = fresh(emitter, 'v');
  const extra = fresh(emitter, 'x');
  const table = choiceTable(emitter, properties);
  const mayBePrimitive = properties.some((property) => property.mayBePrimitive);
  const types: Types = expr.types;
  let usesExtra = false;
  const item = itemOf(value, types, {
    type: () => (isDynamic(types) ? `${found}.type` : quote(types[0]!)),
    extra: () => {
      usesExtra = mayBePrimitive;
      return mayBePrimitive ? extra : 'undefined';
    },
    mayBeNull: mayBePrimitive && need === 'node',
  });
  const inner = body(item);
  const object = from.dot === '?.' ? `${from.object} ?? rt.NOTHING` : from.object;
  const find = `const ${found} = rt.findChoice(${object}, ${table});`;
  const read = `const ${value} = ${from.object}[${found}.json];`;
  const readExtra = usesExtra ? `const ${extra} = ${from.object}[${found}.twin];` : '';
  const guard = need === 'value' ? `if (${value} != null) ` : '';
  return `${find}if (${found} !== undefined) {${read}${readExtra}${guard}{${inner}}}`;
}

/** Property (or its twin) to what it is. */
export function choiceTable(emitter: Emitter, properties: readonly PropertyShape[]): string {
  const rows = properties.flatMap((property) => {
    const json = safeName(property.json);
    const row = `{json: ${quote(json)}, twin: ${quote(`_${json}`)}, type: ${quote(property.types[0]!)}}`;
    const entry = `[${quote(json)}, ${row}]`;
    return property.mayBePrimitive ? [entry, `[${quote(`_${json}`)}, ${row}]`] : [entry];
  });
  return hoist(emitter, `new Map([${rows.join(', ')}])`);
}
