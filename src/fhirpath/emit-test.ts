/**
 * Code for conditions. FHIRPath's booleans have three values; where only "is it true" or "is it false" is
 * asked, two are enough and `and`, `or`, `implies` become JavaScript's own short-circuits.
 * https://hl7.org/fhirpath/N1/#boolean-logic
 */
import { emitEquality } from './emit-equality.ts';
import { isWorthKeeping, memoize } from './emit-memo.ts';
import { presenceCode } from './emit-path.ts';
import { typeTest } from './emit-stream.ts';
import { both, type Code, type Emitter, fresh, hoist, hold, holdScalar, quote } from './emitter.ts';
import type { Expr, OrderOperator } from './expr.ts';
import { isTotal } from './expr.ts';
import { isNumeric, isPrimitive, kindOf, relate } from './types.ts';

type Of<K extends Expr['kind']> = Extract<Expr, { kind: K }>;

export function truth(emitter: Emitter, expr: Expr, want: boolean): Code {
  if (isWorthKeeping(emitter, expr)) {
    const { pre, code } = tri(emitter, expr);
    return { pre, code: `${code} === ${want}` };
  }
  switch (expr.kind) {
    case 'empty':
      return { pre: '', code: 'false' };
    case 'constant':
      return { pre: '', code: String((expr.value !== false) === want) };
    case 'logic':
      return logicTruth(emitter, expr, want);
    case 'not':
      return truth(emitter, expr.operand, !want);
    case 'exists':
      return existsTruth(emitter, expr.source, want !== expr.negated);
    case 'all':
      return allTruth(emitter, expr, want);
    case 'in':
      return inCode(emitter, expr, want);
    case 'equality':
      return emitEquality(emitter, expr, want);
    case 'order':
      return orderCode(emitter, expr, want);
    case 'is':
      return isCode(emitter, expr, want);
    default: {
      const { pre, code } = tri(emitter, expr);
      return { pre, code: `${code} === ${want}` };
    }
  }
}

export function tri(emitter: Emitter, expr: Expr): Code {
  if (isWorthKeeping(emitter, expr)) {
    return memoize(emitter, () => triFresh(emitter, expr));
  }
  return triFresh(emitter, expr);
}

function triFresh(emitter: Emitter, expr: Expr): Code {
  switch (expr.kind) {
    case 'empty':
      return { pre: '', code: 'undefined' };
    case 'constant':
      return { pre: '', code: String(expr.value !== false) };
    case 'exists':
      return existsTruth(emitter, expr.source, !expr.negated);
    case 'all':
      return allTruth(emitter, expr, true);
    case 'logic':
      return isTotal(expr) ? logicTruth(emitter, expr, true) : logicTri(emitter, expr);
    case 'not': {
      if (isTotal(expr)) return truth(emitter, expr.operand, false);
      const { pre, code } = hold(emitter, tri(emitter, expr.operand));
      return { pre, code: `(${code} === undefined ? undefined : !${code})` };
    }
    case 'in':
      return inCode(emitter, expr, undefined);
    case 'equality':
      return emitEquality(emitter, expr, undefined);
    case 'order':
      return orderCode(emitter, expr, undefined);
    case 'is':
      return isCode(emitter, expr, undefined);
    case 'holds':
      return holdsTri(emitter, expr.source);
    default:
      return scalarTri(emitter, expr);
  }
}

function holdsTri(emitter: Emitter, source: Expr): Code {
  const result = fresh(emitter, 'b');
  const label = fresh(emitter, 'L');
  const inner = emitter.stream(
    source,
    'node',
    (item) =>
      `if (${result} !== undefined) {${result} = true;break ${label};}${result} = ${item.value} === false ? false : true;`,
  );
  return { pre: `let ${result};${label}: {${inner}}`, code: result };
}

/** One item that is no boolean counts as true. https://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections */
function scalarTri(emitter: Emitter, expr: Expr): Code {
  const scalar = emitter.scalar(expr);
  if (kindOf(expr.types) === 'boolean') {
    const path = scalar.value;
    return { pre: scalar.pre, code: expr.kind === 'child' ? `(${path} ?? undefined)` : path };
  }
  return { pre: scalar.pre, code: `rt.truthOf(${scalar.value})` };
}

function logicTruth(emitter: Emitter, expr: Of<'logic'>, want: boolean): Code {
  const left = (value: boolean): Code => truth(emitter, expr.left, value);
  const right = (value: boolean): Code => truth(emitter, expr.right, value);
  switch (expr.operator) {
    case 'and':
      return both(emitter, want ? '&&' : '||', left(want), right(want));
    case 'or':
      return both(emitter, want ? '||' : '&&', left(want), right(want));
    case 'implies':
      return both(emitter, want ? '||' : '&&', left(!want), right(want));
    case 'xor': {
      const a = hold(emitter, tri(emitter, expr.left));
      const b = hold(emitter, tri(emitter, expr.right));
      const known = [
        ...(isTotal(expr.left) ? [] : [`${a.code} !== undefined`]),
        ...(isTotal(expr.right) ? [] : [`${b.code} !== undefined`]),
      ];
      const test = `${a.code} ${want ? '!==' : '==='} ${b.code}`;
      return { pre: a.pre + b.pre, code: `(${[...known, test].join(' && ')})` };
    }
  }
}

function logicTri(emitter: Emitter, expr: Of<'logic'>): Code {
  const a = hold(emitter, tri(emitter, expr.left));
  const b = tri(emitter, expr.right);
  const result = fresh(emitter, 'b');
  const settled = { and: 'false', or: 'true', implies: 'false', xor: 'undefined' }[expr.operator];
  const settles = { and: 'false', or: 'true', implies: 'true', xor: 'undefined' }[expr.operator];
  const early = expr.operator === 'implies' ? `${a.code} === false` : `${a.code} === ${settled}`;
  const held = hold(emitter, b);
  const later = {
    and: `${held.code} === false ? false : ${a.code} === undefined ? undefined : ${held.code}`,
    or: `${held.code} === true ? true : ${a.code} === undefined ? undefined : ${held.code}`,
    implies: `${held.code} === true ? true : ${a.code} === undefined ? undefined : ${held.code}`,
    xor: `${held.code} === undefined ? undefined : ${a.code} !== ${held.code}`,
  }[expr.operator];
  return {
    pre: `${a.pre}let ${result} = ${settles};if (!(${early})) {${held.pre}${result} = ${later};}`,
    code: result,
  };
}

function existsTruth(emitter: Emitter, source: Expr, want: boolean): Code {
  if (source.kind === 'empty') return { pre: '', code: String(!want) };
  const presence = presenceCode(emitter, source);
  if (presence !== undefined) return { pre: '', code: want ? `(${presence})` : `!(${presence})` };
  if (source.kind === 'combine') return combinedExists(emitter, source, want);
  const found = fresh(emitter, 'f');
  const label = fresh(emitter, 'L');
  const inner = emitter.stream(source, 'node', () => `${found} = true;break ${label};`);
  return {
    pre: `let ${found} = false;${label}: {${inner}}`,
    code: want ? found : `!${found}`,
  };
}

function combinedExists(emitter: Emitter, source: Of<'combine'>, want: boolean): Code {
  const [first, ...rest] = source.operands.map((operand) => existsTruth(emitter, operand, want));
  return rest.reduce((all, one) => both(emitter, want ? '||' : '&&', all, one), first!);
}

function allTruth(emitter: Emitter, expr: Of<'all'>, want: boolean): Code {
  if (expr.source.kind === 'empty') return { pre: '', code: String(want) };
  const holds = fresh(emitter, 'f');
  const label = fresh(emitter, 'L');
  const inner = emitter.stream(whereNot(expr), 'node', () => `${holds} = false;break ${label};`);
  return { pre: `let ${holds} = true;${label}: {${inner}}`, code: want ? holds : `!${holds}` };
}

/** The nodes for which the criterion is not true: false and empty alike. */
function whereNot(expr: Of<'all'>): Of<'where'> {
  const { source, lambda } = expr;
  const body: Expr = {
    kind: 'scalar-call',
    call: { name: 'isNotTrue' },
    source: lambda.body,
    args: [],
    types: lambda.body.types,
    single: true,
    depth: lambda.body.depth,
  };
  return {
    kind: 'where',
    source,
    lambda: { ...lambda, body },
    types: source.types,
    single: source.single,
    depth: expr.depth,
  };
}

function inCode(emitter: Emitter, expr: Of<'in'>, want: boolean | undefined): Code {
  const item = holdScalar(emitter, emitter.scalar(expr.item));
  const constants = constantsOf(expr.list);
  if (constants !== undefined && comparesPlainly(expr.item, expr.list)) {
    const has = constantTest(emitter, item.value, constants);
    if (want === true) return { pre: item.pre, code: has };
    if (want === false) return { pre: item.pre, code: `(${item.value} != null && !${has})` };
    return { pre: item.pre, code: `(${item.value} == null ? undefined : ${has})` };
  }
  const found = fresh(emitter, 'f');
  const label = fresh(emitter, 'L');
  const plain = comparesPlainly(expr.item, expr.list);
  const inner = emitter.stream(expr.list, 'value', (one) => {
    const same = plain
      ? `${one.value} === ${item.value}`
      : `rt.equal(${one.value}, ${one.type()}, ${item.value}, ${item.type()}) === true`;
    return `if (${same}) {${found} = true;break ${label};}`;
  });
  const search = `let ${found} = false;if (${item.value} != null) ${label}: {${inner}}`;
  if (want === true) return { pre: item.pre + search, code: found };
  if (want === false) return { pre: item.pre + search, code: `(${item.value} != null && !${found})` };
  return { pre: item.pre + search, code: `(${item.value} == null ? undefined : ${found})` };
}

const PLAIN_KINDS = new Set(['string', 'boolean', 'integer', 'decimal']);

/** Both sides hold the same kind of JavaScript value, which `===` compares as FHIRPath does. */
export function comparesPlainly(left: Expr, right: Expr): boolean {
  const l = kindOf(left.types);
  const r = kindOf(right.types);
  return PLAIN_KINDS.has(l) && (l === r || (isNumeric(l) && isNumeric(r)));
}

function constantsOf(list: Expr): readonly (string | number | boolean)[] | undefined {
  if (list.kind === 'constant') return [list.value];
  if (list.kind !== 'combine') return undefined;
  const values = list.operands.map((operand) => (operand.kind === 'constant' ? operand.value : undefined));
  return values.every((value) => value !== undefined) ? values : undefined;
}

const SHORT_LIST = 4;

function constantTest(
  emitter: Emitter,
  value: string,
  constants: readonly (string | number | boolean)[],
): string {
  if (constants.length <= SHORT_LIST) {
    return `(${constants.map((one) => `${value} === ${JSON.stringify(one)}`).join(' || ')})`;
  }
  return `${hoist(emitter, `new Set(${JSON.stringify(constants)})`)}.has(${value})`;
}

const OPPOSITE: Readonly<Record<OrderOperator, OrderOperator>> = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
};

function orderCode(emitter: Emitter, expr: Of<'order'>, want: boolean | undefined): Code {
  const left = holdScalar(emitter, emitter.scalar(expr.left));
  const right = holdScalar(emitter, emitter.scalar(expr.right));
  const pre = left.pre + right.pre;
  const l = kindOf(expr.left.types);
  const r = kindOf(expr.right.types);
  const operator = want === false ? OPPOSITE[expr.operator] : expr.operator;
  if ((isNumeric(l) && isNumeric(r)) || (l === 'string' && r === 'string')) {
    const present = [left, right]
      .filter((_, i) => (i === 0 ? expr.left : expr.right).kind !== 'constant')
      .map((one) => `${one.value} != null`);
    const test = `${left.value} ${operator} ${right.value}`;
    if (want !== undefined) return { pre, code: `(${[...present, test].join(' && ')})` };
    return present.length === 0
      ? { pre, code: `(${test})` }
      : { pre, code: `(${present.join(' && ')} ? ${test} : undefined)` };
  }
  // -1, 0, 1 or undefined: comparisons with undefined are false, so `want` needs no further test.
  const compared =
    l === 'date' && r === 'date'
      ? `rt.compareDates(${left.value}, ${right.value})`
      : `rt.compare(${left.value}, ${left.type()}, ${right.value}, ${right.type()})`;
  if (want !== undefined) return { pre, code: `(${compared} ${operator} 0)` };
  const held = hold(emitter, { pre, code: compared });
  return { pre: held.pre, code: `(${held.code} === undefined ? undefined : ${held.code} ${operator} 0)` };
}

function isCode(emitter: Emitter, expr: Of<'is'>, want: boolean | undefined): Code {
  const { source, target } = expr;
  if (source.kind === 'resolve' && source.source.single && emitter.model.resourceTypes.includes(target)) {
    const reference = emitter.scalar(source.source);
    const code = `rt.refersTo(ctx, ${reference.value}, ${quote(target)})`;
    return { pre: reference.pre, code: want === undefined ? code : `${code} === ${want}` };
  }
  const related = source.types.map((type) => relate(emitter.model, type, target));
  if (related.every((one) => one !== 'maybe') && new Set(related).size === 1) {
    const isIt = related[0] === 'yes';
    const present = existsTruth(emitter, source, true);
    if (want !== undefined) return want === isIt ? present : { pre: present.pre, code: 'false' };
    return { pre: present.pre, code: `(${present.code} ? ${isIt} : undefined)` };
  }
  const scalar = holdScalar(emitter, emitter.scalar(source));
  const test = typeTest(emitter, source.types, scalar, target);
  const present =
    source.types.some(isPrimitive) || source.types.includes('*')
      ? `(${scalar.value} != null || ${scalar.extra()} != null)`
      : `${scalar.value} != null`;
  if (want === true) return { pre: scalar.pre, code: `(${present} && ${test})` };
  if (want === false) return { pre: scalar.pre, code: `(${present} && !(${test}))` };
  return { pre: scalar.pre, code: `(${present} ? ${test} : undefined)` };
}
