/**
 * Code that runs a body for each node of an expression, without building collections on the way: filters
 * are conditions, subsets are counters and labelled breaks. Only what needs all nodes at once (distinct,
 * last, repeat) makes an array.
 */
import { streamChild } from './emit-path.ts';
import {
  type Emitter,
  fresh,
  hold,
  holdScalar,
  type Item,
  isSimple,
  itemOf,
  type Need,
  nodeCode,
  quote,
  step,
  typeCode,
} from './emitter.ts';
import type { Expr, Lambda, Variable } from './expr.ts';
import { isAbstractResource, isDynamic, relate, type Types } from './types.ts';

type Of<K extends Expr['kind']> = Extract<Expr, { kind: K }>;
type Body = (item: Item) => string;

export function stream(emitter: Emitter, expr: Expr, need: Need, body: Body): string {
  switch (expr.kind) {
    case 'empty':
      return '';
    case 'variable':
      return streamVariable(emitter, expr.variable, need, body);
    case 'child':
      return streamChild(emitter, expr, need, body);
    case 'where':
      return streamWhere(emitter, expr, need, body);
    case 'select':
      return streamSelect(emitter, expr, need, body);
    case 'narrow':
      return streamNarrow(emitter, expr, need, body);
    case 'slice':
      return streamSlice(emitter, expr, need, body);
    case 'iif':
      return streamIif(emitter, expr, need, body);
    case 'let':
      return streamLet(emitter, expr, need, body);
    case 'resolve':
      return streamResolve(emitter, expr, body);
    case 'combine':
      return expr.distinct ? streamList(emitter, expr, body) : streamCombine(emitter, expr, need, body);
    case 'dynamic-child':
      return streamDynamicChild(emitter, expr, body);
    case 'sort':
    case 'repeat':
    case 'aggregate':
      return streamList(emitter, expr, body);
    case 'list-call':
      return expr.returns === 'list' ? streamList(emitter, expr, body) : streamScalar(emitter, expr, body);
    default:
      return streamScalar(emitter, expr, body);
  }
}

function streamVariable(emitter: Emitter, variable: Variable, need: Need, body: Body): string {
  const list = emitter.lists.get(variable);
  if (list !== undefined) return loopOver(emitter, list, variable.types, body);
  const item = emitter.items.get(variable)!;
  if (!item.mayBeNull) return body(item);
  if (need === 'value') return `if (${item.value} != null) {${body({ ...item, mayBeNull: false })}}`;
  return `if (${item.value} != null || ${item.extra()} != null) {${body(item)}}`;
}

/** Runs a body with `$this` and `$index` bound. */
function within(emitter: Emitter, lambda: Lambda, item: Item, index: string, make: () => string): string {
  const outer = emitter.innermost;
  emitter.innermost = lambda.item;
  // Candidates are those of the source as bound; code may know fewer.
  emitter.items.set(lambda.item, { ...item, types: lambda.item.types });
  emitter.items.set(lambda.index, itemOf(index, lambda.index.types));
  const code = make();
  emitter.innermost = outer;
  return code;
}

/** Counts items only when the body asks for `$index`. */
function withIndex(emitter: Emitter, make: (index: string) => string): string {
  const index = fresh(emitter, 'n');
  const code = make(index);
  return new RegExp(`\\b${index}\\b`).test(code.replaceAll(`${index}++;`, ''))
    ? `let ${index} = -1;${code}`
    : code.replaceAll(`${index}++;`, '');
}

function streamWhere(emitter: Emitter, expr: Of<'where'>, need: Need, body: Body): string {
  return withIndex(emitter, (index) =>
    emitter.stream(expr.source, need, (item) => {
      const held = holdItem(emitter, item);
      const code = within(emitter, expr.lambda, held.item, index, () => {
        const test = emitter.truth(expr.lambda.body, true);
        return `${index}++;${test.pre}if (${test.code}) {`;
      });
      return `${held.pre}${code}${body(held.item)}}`;
    }),
  );
}

function streamSelect(emitter: Emitter, expr: Of<'select'>, need: Need, body: Body): string {
  return withIndex(emitter, (index) =>
    emitter.stream(expr.source, 'node', (item) => {
      const held = holdItem(emitter, item);
      const code = within(emitter, expr.lambda, held.item, index, () =>
        emitter.stream(expr.lambda.body, need, body),
      );
      return `${held.pre}${index}++;${code}`;
    }),
  );
}

/** A path is read once per node, however often the body looks at it. */
function holdItem(emitter: Emitter, item: Item): { readonly pre: string; readonly item: Item } {
  if (isSimple(item.value) || /^\w+\.value$/.test(item.value)) return { pre: '', item };
  const { pre, code } = hold(emitter, { pre: '', code: item.value });
  return { pre, item: { ...item, value: code } };
}

function streamNarrow(emitter: Emitter, expr: Of<'narrow'>, need: Need, body: Body): string {
  return emitter.stream(expr.source, need, (item) => {
    const test = typeTest(emitter, expr.source.types, item, expr.target);
    const inner = body({ ...item, types: expr.types, type: () => narrowedType(expr.types, item) });
    return test === 'true' ? inner : `if (${test}) {${inner}}`;
  });
}

function narrowedType(types: Types, item: Item): string {
  return isDynamic(types) ? item.type() : quote(types[0]!);
}

/** A condition on the runtime type of a node. */
export function typeTest(emitter: Emitter, candidates: Types, item: Item, target: string): string {
  const related = candidates.map((type) => relate(emitter.model, type, target));
  if (related.every((one) => one === 'yes')) return 'true';
  if (related.every((one) => one === 'no')) return 'false';
  const isConcrete = emitter.model.resourceTypes.includes(target);
  if (isConcrete && candidates.every(isAbstractResource)) {
    return `${item.value}.resourceType === ${quote(target)}`;
  }
  return `rt.isA(ctx, ${item.type()}, ${quote(target)})`;
}

function streamSlice(emitter: Emitter, expr: Of<'slice'>, need: Need, body: Body): string {
  const { source, how } = expr;
  switch (how) {
    case 'first': {
      if (source.single) return emitter.stream(source, need, body);
      const label = fresh(emitter, 'L');
      return `${label}: {${emitter.stream(source, 'node', (item) => `${body(item)}break ${label};`)}}`;
    }
    case 'at':
    case 'take':
    case 'skip':
    case 'tail':
      return streamCounted(emitter, expr, body);
    case 'last':
    case 'single':
      return streamHeld(emitter, expr, body);
  }
}

function streamCounted(emitter: Emitter, expr: Of<'slice'>, body: Body): string {
  const { source, how, count } = expr;
  const n = fresh(emitter, 'n');
  const label = fresh(emitter, 'L');
  if (how === 'tail') {
    return `let ${n} = 0;${emitter.stream(source, 'node', (item) => `if (${n}++ > 0) {${body(item)}}`)}`;
  }
  const wanted = holdScalar(emitter, emitter.scalar(count));
  const limit = wanted.value;
  const check = /^\d+$/.test(limit) ? '' : `rt.checkCount(${limit});`;
  if (how === 'skip') {
    const inner = emitter.stream(source, 'node', (item) => `if (${n}++ >= ${limit}) {${body(item)}}`);
    return `${wanted.pre}${check}let ${n} = 0;${inner}`;
  }
  if (how === 'at') {
    const inner = emitter.stream(
      source,
      'node',
      (item) => `if (${n}++ === ${limit}) {${body(item)}break ${label};}`,
    );
    return `${wanted.pre}${check}let ${n} = 0;${label}: {${inner}}`;
  }
  const inner = emitter.stream(
    source,
    'node',
    (item) => `if (${n}++ >= ${limit}) break ${label};${body(item)}`,
  );
  return `${wanted.pre}${check}let ${n} = 0;${label}: {${inner}}`;
}

/** The last node, or the only one: known when the loop has ended. */
function streamHeld(emitter: Emitter, expr: Of<'slice'>, body: Body): string {
  const node = fresh(emitter, 'h');
  const inner = emitter.stream(expr.source, 'node', (item) => {
    const check = expr.how === 'single' ? `if (${node} !== undefined) rt.notSingle("single()");` : '';
    return `${check}${node} = ${nodeCode(item)};`;
  });
  const item = nodeItem(node, expr.types);
  return `let ${node};${inner}if (${node} !== undefined) {${body(item)}}`;
}

/** A node that is held as an object of the runtime. */
export function nodeItem(node: string, types: Types): Item {
  return itemOf(`${node}.value`, types, {
    type: () => typeCode(types, `${node}.value`, () => `${node}.type`),
    extra: () => `${node}.extra`,
    mayBeNull: true,
  });
}

function streamIif(emitter: Emitter, expr: Of<'iif'>, need: Need, body: Body): string {
  const test = emitter.truth(expr.condition, true);
  if (expr.otherwise.kind === 'empty') {
    return `${test.pre}if (${test.code}) {${emitter.stream(expr.then, need, body)}}`;
  }
  const list = fresh(emitter, 'l');
  const push = (item: Item): string => `${list}.push(${nodeCode(item)});`;
  const then = emitter.stream(expr.then, 'node', push);
  const otherwise = emitter.stream(expr.otherwise, 'node', push);
  const fill = `${test.pre}const ${list} = [];if (${test.code}) {${then}} else {${otherwise}}`;
  return fill + loopOver(emitter, list, expr.types, body);
}

function streamLet(emitter: Emitter, expr: Of<'let'>, need: Need, body: Body): string {
  const value = emitter.list(expr.value);
  const name = fresh(emitter, 'l');
  emitter.lists.set(expr.variable, name);
  return `${value.pre}const ${name} = ${value.code};${emitter.stream(expr.body, need, body)}`;
}

function streamResolve(emitter: Emitter, expr: Of<'resolve'>, body: Body): string {
  return emitter.stream(expr.source, 'value', (item) => {
    const target = fresh(emitter, 'v');
    const inner = body(itemOf(target, expr.types));
    return `const ${target} = rt.resolve(ctx, ${item.value});if (${target} != null) {${inner}}`;
  });
}

/** A body longer than this is made once, and run over an array. */
const SHORT_BODY = 500;

function streamCombine(emitter: Emitter, expr: Of<'combine'>, need: Need, body: Body): string {
  const { operands } = expr;
  if (operands.length <= 3 && !emitter.measures) {
    emitter.measures = true;
    let longest = 0;
    const measured: Body = (item) => {
      const code = body(item);
      longest = Math.max(longest, code.length);
      return code;
    };
    const codes: string[] = [];
    for (const operand of operands) {
      codes.push(emitter.stream(operand, need, measured));
      if (longest > SHORT_BODY) break;
    }
    emitter.measures = false;
    if (longest <= SHORT_BODY) return codes.join('');
  }
  const list = fresh(emitter, 'l');
  const fill = expr.operands
    .map((operand) => emitter.stream(operand, 'node', (item) => `${list}.push(${nodeCode(item)});`))
    .join('');
  return `const ${list} = [];${fill}${loopOver(emitter, list, expr.types, body)}`;
}

function streamDynamicChild(emitter: Emitter, expr: Of<'dynamic-child'>, body: Body): string {
  return emitter.stream(expr.source, 'node', (owner) => {
    const list = `rt.childrenNamed(ctx, ${owner.value}, ${owner.type()}, ${owner.extra()}, ${quote(expr.name)})`;
    const name = fresh(emitter, 'l');
    return `const ${name} = ${list};${loopOver(emitter, name, expr.types, body)}`;
  });
}

function streamList(emitter: Emitter, expr: Expr, body: Body): string {
  const list = emitter.list(expr);
  const name = fresh(emitter, 'l');
  return `${list.pre}const ${name} = ${list.code};${loopOver(emitter, name, expr.types, body)}`;
}

function streamScalar(emitter: Emitter, expr: Expr, body: Body): string {
  const scalar = holdScalar(emitter, emitter.scalar(expr));
  const inner = body({ ...scalar, mayBeNull: false });
  if (expr.kind === 'constant' || expr.kind === 'quantity') return scalar.pre + inner;
  return `${scalar.pre}if (${scalar.value} != null) {${inner}}`;
}

/** Every array is counted: arrays can be made longer than the resource. */
export function loopOver(emitter: Emitter, list: string, types: Types, body: Body): string {
  const i = fresh(emitter, 'i');
  const node = fresh(emitter, 'h');
  emitter.loops++;
  const inner = body(nodeItem(node, types));
  emitter.loops--;
  return `for (let ${i} = 0; ${i} < ${list}.length; ${i}++) {${step(emitter)}const ${node} = ${list}[${i}];${inner}}`;
}

/** Fills an array with the nodes of an expression. */
export function collect(emitter: Emitter, expr: Expr, list: string): string {
  return emitter.stream(expr, 'node', (item) => `${list}.push(${nodeCode(item)});`);
}
