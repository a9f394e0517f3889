/**
 * Code for `=`, `!=`, `~` and `!~`: JavaScript's own comparison for values of one plain kind, dates and
 * quantities by their rules, whole collections only where more than one node is possible.
 * https://hl7.org/fhirpath/N1/#equality
 */
import { type Code, type Emitter, fresh, hold, holdScalar, type Scalar } from './emitter.ts';
import type { Expr } from './expr.ts';
import { isNumeric, kindOf } from './types.ts';

type Equality = Extract<Expr, { kind: 'equality' }>;

/** `want` undefined: the three-valued result. */
export function emitEquality(emitter: Emitter, expr: Equality, want: boolean | undefined): Code {
  const negated = expr.operator.startsWith('!');
  const wanted = want === undefined ? undefined : want !== negated;
  const result =
    expr.operator === '~' || expr.operator === '!~'
      ? equivalent(emitter, expr, wanted)
      : equal(emitter, expr, wanted);
  if (want !== undefined || !negated) return result;
  const held = hold(emitter, result);
  return { pre: held.pre, code: `(${held.code} === undefined ? undefined : !${held.code})` };
}

function equivalent(emitter: Emitter, expr: Equality, want: boolean | undefined): Code {
  if (expr.left.single && expr.right.single) {
    const left = holdScalar(emitter, emitter.scalar(expr.left));
    const right = holdScalar(emitter, emitter.scalar(expr.right));
    const code = `rt.equivalent(${left.value}, ${left.type()}, ${right.value}, ${right.type()})`;
    return { pre: left.pre + right.pre, code: want === false ? `!${code}` : code };
  }
  const left = emitter.list(expr.left);
  const right = emitter.list(expr.right);
  const code = `rt.equivalentLists(${left.code}, ${right.code})`;
  return { pre: left.pre + right.pre, code: want === false ? `!${code}` : code };
}

function equal(emitter: Emitter, expr: Equality, want: boolean | undefined): Code {
  const { left, right } = expr;
  if (left.single && right.single) return equalSingles(emitter, left, right, want);
  if (!left.single && right.kind === 'constant') return equalOnly(emitter, left, right, want);
  if (!right.single && left.kind === 'constant') return equalOnly(emitter, right, left, want);
  const l = emitter.list(left);
  const r = emitter.list(right);
  const code = `rt.equalLists(${l.code}, ${r.code})`;
  return { pre: l.pre + r.pre, code: want === undefined ? code : `${code} === ${want}` };
}

function equalSingles(emitter: Emitter, left: Expr, right: Expr, want: boolean | undefined): Code {
  const l = holdUnlessOnce(emitter, emitter.scalar(left), want === true && right.kind === 'constant');
  const r = holdUnlessOnce(emitter, emitter.scalar(right), want === true && left.kind === 'constant');
  const pre = l.pre + r.pre;
  const comparison = compareCode(left, right, l, r);
  if (comparison.plain) {
    const present = [
      ...(left.kind === 'constant' ? [] : [`${l.value} != null`]),
      ...(right.kind === 'constant' ? [] : [`${r.value} != null`]),
    ];
    const test = `${l.value} ${want === false ? '!==' : '==='} ${r.value}`;
    // Equal to a constant is present.
    if (want === true) {
      const guard = present.length === 2 ? `${present[0]} && ` : '';
      return { pre, code: `(${guard}${test})` };
    }
    if (want === false) return { pre, code: `(${[...present, test].join(' && ')})` };
    if (present.length === 0) return { pre, code: `(${test})` };
    return { pre, code: `(${present.join(' && ')} ? ${test} : undefined)` };
  }
  return { pre, code: want === undefined ? comparison.code : `${comparison.code} === ${want}` };
}

function holdUnlessOnce(emitter: Emitter, scalar: Scalar, once: boolean): Scalar {
  return once ? scalar : holdScalar(emitter, scalar);
}

interface Comparison {
  readonly plain: boolean;
  readonly code: string;
}

function compareCode(
  left: Expr,
  right: Expr,
  l: Pick<Scalar, 'value' | 'type'>,
  r: Pick<Scalar, 'value' | 'type'>,
): Comparison {
  const kl = kindOf(left.types);
  const kr = kindOf(right.types);
  if ((kl === kr && (kl === 'string' || kl === 'boolean')) || (isNumeric(kl) && isNumeric(kr))) {
    return { plain: true, code: `${l.value} === ${r.value}` };
  }
  if (kl === 'date' && kr === 'date') return { plain: false, code: `rt.equalDates(${l.value}, ${r.value})` };
  return { plain: false, code: `rt.equal(${l.value}, ${l.type()}, ${r.value}, ${r.type()})` };
}

/** A collection is equal to a constant when it is that one item. */
function equalOnly(emitter: Emitter, list: Expr, constant: Expr, want: boolean | undefined): Code {
  const result = fresh(emitter, 'b');
  const count = fresh(emitter, 'n');
  const label = fresh(emitter, 'L');
  const other = emitter.scalar(constant);
  const inner = emitter.stream(list, 'value', (item) => {
    const { code } = compareCode(list, constant, item, other);
    return `if (${count}++ > 0) {${result} = false;break ${label};}${result} = ${code};`;
  });
  const pre = `${other.pre}let ${result}, ${count} = 0;${label}: {${inner}}`;
  return { pre, code: want === undefined ? result : `${result} === ${want}` };
}
