/**
 * Code for expressions of which at most one result is wanted: operands of operators and functions. More
 * than one node there is an error of the data. https://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections
 */

import { listCallCode } from './emit-list.ts';
import { isWorthKeeping, memoize } from './emit-memo.ts';
import { pathCode } from './emit-path.ts';
import {
  charge,
  type Emitter,
  fresh,
  hoist,
  holdScalar,
  itemOf,
  nodeCode,
  quote,
  type Scalar,
  safeName,
  typeCode,
} from './emitter.ts';
import type { Expr } from './expr.ts';
import { isDynamic, isNumeric, kindOf, type Types } from './types.ts';

type Of<K extends Expr['kind']> = Extract<Expr, { kind: K }>;

export function scalar(emitter: Emitter, expr: Expr): Scalar {
  const path = pathCode(emitter, expr);
  if (path !== undefined && !needsOwnerType(expr)) {
    const known = expr.kind === 'variable' ? emitter.items.get(expr.variable) : undefined;
    if (known !== undefined) return { ...known, pre: '' };
    const twin = twinCode(emitter, expr);
    return { ...itemOf(path, expr.types, { mayBeNull: true, extra: () => twin }), pre: '' };
  }
  if (isWorthKeeping(emitter, expr) && expr.kind !== 'quantity') return memoScalar(emitter, expr);
  return scalarFresh(emitter, expr);
}

/** The type of the value is only known with the type of its owner, which a path does not carry. */
function needsOwnerType(expr: Expr): boolean {
  return expr.kind === 'child' && expr.shape.byOwner !== undefined;
}

function twinCode(emitter: Emitter, expr: Expr): string {
  if (expr.kind !== 'child' || !expr.shape.properties[0]!.mayBePrimitive) return 'undefined';
  const source = pathCode(emitter, expr.source);
  return source === undefined ? 'undefined' : `${source}?._${safeName(expr.shape.properties[0]!.json)}`;
}

function memoScalar(emitter: Emitter, expr: Expr): Scalar {
  if (!isDynamic(expr.types)) {
    const { pre, code } = memoize(emitter, () => {
      const { pre: before, value } = scalarFresh(emitter, expr);
      return { pre: before, code: value };
    });
    return { ...itemOf(code, expr.types, { mayBeNull: true }), pre };
  }
  const { pre, code } = memoize(emitter, () => {
    const one = holdScalar(emitter, scalarFresh(emitter, expr));
    return { pre: one.pre, code: nodeCode(one) };
  });
  const type = (): string => `${code}.type`;
  return { ...itemOf(`${code}.value`, expr.types, { type, mayBeNull: true }), pre };
}

function scalarFresh(emitter: Emitter, expr: Expr): Scalar {
  switch (expr.kind) {
    case 'empty':
      return of('', 'undefined', expr.types);
    case 'constant':
      return of('', JSON.stringify(expr.value), expr.types);
    case 'quantity':
      return of('', hoist(emitter, quantityCode(expr)), expr.types);
    case 'exists':
    case 'all':
    case 'not':
    case 'logic':
    case 'equality':
    case 'order':
    case 'in':
    case 'is':
    case 'holds': {
      const { pre, code } = emitter.tri(expr);
      return of(pre, code, expr.types);
    }
    case 'count':
      return countScalar(emitter, expr);
    case 'math':
      return mathScalar(emitter, expr);
    case 'concat':
      return concatScalar(emitter, expr);
    case 'scalar-call':
      return callScalar(emitter, expr);
    case 'list-call':
      return expr.returns === 'value' ? listCallScalar(emitter, expr) : streamedScalar(emitter, expr);
    default:
      return streamedScalar(emitter, expr);
  }
}

function of(pre: string, value: string, types: Types): Scalar {
  return { ...itemOf(value, types, { mayBeNull: true }), pre };
}

function quantityCode(expr: Of<'quantity'>): string {
  return `{value: ${JSON.stringify(expr.value)}, unit: ${quote(expr.unit)}}`;
}

/** Runs the loop and keeps the node that it meets. */
function streamedScalar(emitter: Emitter, expr: Expr): Scalar {
  const value = fresh(emitter, 's');
  const type = fresh(emitter, 't');
  const extra = fresh(emitter, 'e');
  const count = fresh(emitter, 'n');
  const used = { extra: false };
  // What the consumer asks for is known only after the loop is made, so all is kept where it may matter.
  const keepsType = isDynamic(expr.types);
  const inner = emitter.stream(expr, 'node', (item) => {
    const more = [
      ...(keepsType ? [`${type} = ${item.type()};`] : []),
      ...(item.extra() === 'undefined' ? [] : [`${extra} = ${item.extra()};`]),
    ];
    used.extra ||= item.extra() !== 'undefined';
    const check = expr.single ? '' : `if (${count}++ > 0) rt.notSingle();`;
    return `${check}${value} = ${item.value};${more.join('')}`;
  });
  const names = [value, ...(keepsType ? [type] : []), ...(used.extra ? [extra] : [])];
  const declared = expr.single ? names.join(', ') : `${names.join(', ')}, ${count} = 0`;
  return {
    ...itemOf(value, expr.types, {
      type: () => typeCode(expr.types, value, () => type),
      extra: () => (used.extra ? extra : 'undefined'),
      mayBeNull: true,
    }),
    pre: `let ${declared};${inner}`,
  };
}

function countScalar(emitter: Emitter, expr: Of<'count'>): Scalar {
  const count = fresh(emitter, 'n');
  const inner = emitter.stream(expr.source, 'node', () => `${count}++;`);
  return of(`let ${count} = 0;${inner}`, count, expr.types);
}

function mathScalar(emitter: Emitter, expr: Of<'math'>): Scalar {
  const left = holdScalar(emitter, emitter.scalar(expr.left));
  const right = holdScalar(emitter, emitter.scalar(expr.right));
  const pre = left.pre + right.pre;
  const l = kindOf(expr.left.types);
  const r = kindOf(expr.right.types);
  if (l === 'integer' && r === 'integer' && expr.operator !== '/' && expr.operator !== 'div') {
    if (expr.operator !== 'mod' && alwaysThere(expr.left) && alwaysThere(expr.right)) {
      return of(pre, `(${left.value} ${expr.operator} ${right.value})`, expr.types);
    }
  }
  const name = MATH[expr.operator];
  if (isNumeric(l) && isNumeric(r)) {
    return of(pre, `rt.${name}Numbers(${left.value}, ${right.value})`, expr.types);
  }
  const call = `rt.${name}(${left.value}, ${left.type()}, ${right.value}, ${right.type()})`;
  const result = of(pre, call, expr.types);
  return expr.operator === '+' ? madeText(emitter, result) : result;
}

const MATH = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  div: 'quotient',
  mod: 'remainder',
} as const;

function alwaysThere(expr: Expr): boolean {
  return (
    expr.kind === 'count' ||
    expr.kind === 'constant' ||
    (expr.kind === 'math' &&
      '+-*'.includes(expr.operator) &&
      alwaysThere(expr.left) &&
      alwaysThere(expr.right))
  );
}

function concatScalar(emitter: Emitter, expr: Of<'concat'>): Scalar {
  const left = emitter.scalar(expr.left);
  const right = emitter.scalar(expr.right);
  return madeText(emitter, of(left.pre + right.pre, `rt.concat(${left.value}, ${right.value})`, expr.types));
}

/** Functions whose result can be longer than what they get. */
const GROWING = new Set(['replace', 'replaceMatches', 'encode', 'escapeText', 'join']);

function madeText(emitter: Emitter, text: Scalar): Scalar {
  if (emitter.loops === 0) return text;
  const held = holdScalar(emitter, text);
  return { ...held, pre: held.pre + charge(emitter, `rt.weight(${held.value})`) };
}

function callScalar(emitter: Emitter, expr: Of<'scalar-call'>): Scalar {
  const { call, source } = expr;
  if (call.name === 'isNotTrue') {
    const test = emitter.truth(source, true);
    return of(test.pre, `!(${test.code})`, expr.types);
  }
  const input = call.typed ? holdScalar(emitter, emitter.scalar(source)) : emitter.scalar(source);
  const args = expr.args.map((arg) => emitter.scalar(arg));
  if (call.name === 'matches' || call.name === 'matchesFull') {
    const pattern = expr.args[0]!;
    if (pattern.kind === 'constant' && typeof pattern.value === 'string') {
      const regex = hoist(emitter, `rt.pattern(${quote(pattern.value)}, ${call.name === 'matchesFull'})`);
      return of(input.pre, `rt.test(${regex}, ${input.value})`, expr.types);
    }
  }
  const parameters = [
    ...(call.context ? ['ctx'] : []),
    input.value,
    ...(call.typed ? [input.type()] : []),
    ...args.map((arg) => arg.value),
  ];
  const pre = input.pre + args.map((arg) => arg.pre).join('');
  const result = of(pre, `rt.${safeName(call.name)}(${parameters.join(', ')})`, expr.types);
  return GROWING.has(call.name) ? madeText(emitter, result) : result;
}

function listCallScalar(emitter: Emitter, expr: Of<'list-call'>): Scalar {
  if (expr.call.name === 'isDistinct' && isPlain(expr.source.types)) return distinctScalar(emitter, expr);
  const { pre, code } = listCallCode(emitter, expr);
  return of(pre, code, expr.types);
}

function isPlain(types: Types): boolean {
  const kind = kindOf(types);
  return kind === 'string' || isNumeric(kind);
}

function distinctScalar(emitter: Emitter, expr: Of<'list-call'>): Scalar {
  const seen = fresh(emitter, 'u');
  const result = fresh(emitter, 'f');
  const label = fresh(emitter, 'L');
  const inner = emitter.stream(
    expr.source,
    'value',
    (item) =>
      `if (${seen}.has(${item.value})) {${result} = false;break ${label};}${seen}.add(${item.value});`,
  );
  return of(`const ${seen} = new Set();let ${result} = true;${label}: {${inner}}`, result, expr.types);
}
