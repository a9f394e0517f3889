/** The shapes that functions of FHIRPath are reduced to, before code is made for them. */
import type { Ast } from './ast.ts';
import type { Binder, Scope } from './binder.ts';
import { BOOLEAN, EMPTY, type Expr, type RuntimeCall } from './expr.ts';
import { mergeTypes, type Types } from './types.ts';

type Call = Ast & { kind: 'call' };

export interface Bound {
  readonly binder: Binder;
  readonly source: Expr;
  readonly call: Call;
  readonly scope: Scope;
}

export interface FunctionRow {
  readonly min: number;
  readonly max: number;
  bind(bound: Bound): Expr;
}

export function row(min: number, max: number, bind: FunctionRow['bind']): FunctionRow {
  return { min, max, bind };
}

export function argument({ binder, call, scope }: Bound, index: number): Expr {
  const ast = call.args[index];
  return ast === undefined ? EMPTY : binder.bind(ast, scope);
}

export function argumentsOf(bound: Bound): Expr[] {
  return bound.call.args.map((_, index) => argument(bound, index));
}

/** One value in, at most one value out. */
export function scalar(
  types: Types,
  min: number,
  max: number,
  options: Omit<RuntimeCall, 'name'> = {},
): FunctionRow {
  return row(min, max, (bound) => scalarCall(bound, { name: bound.call.name, ...options }, types));
}

export function scalarCall(bound: Bound, call: RuntimeCall, types: Types): Expr {
  const { source } = bound;
  if (source.kind === 'empty') return EMPTY;
  const args = argumentsOf(bound);
  const depth = Math.max(source.depth, ...args.map((arg) => arg.depth));
  return { kind: 'scalar-call', call, source, args, types, single: true, depth };
}

/** All nodes in. */
export function list(
  types: Types | 'same' | 'both',
  min: number,
  max: number,
  returns: 'list' | 'value',
  options: Omit<RuntimeCall, 'name'> = {},
): FunctionRow {
  return row(min, max, (bound) => {
    const { source, call } = bound;
    const args = argumentsOf(bound);
    return {
      kind: 'list-call',
      call: { name: call.name, ...options },
      source,
      args,
      returns,
      types:
        types === 'same'
          ? source.types
          : types === 'both'
            ? mergeTypes(source.types, ...args.map((arg) => arg.types))
            : types,
      single: returns === 'value',
      depth: Math.max(source.depth, ...args.map((arg) => arg.depth)),
    };
  });
}

export function exists(source: Expr, negated = false): Expr {
  return { kind: 'exists', source, negated, types: BOOLEAN, single: true, depth: source.depth };
}

export function not(operand: Expr): Expr {
  if (operand.kind === 'exists') return { ...operand, negated: !operand.negated };
  return { kind: 'not', operand, types: BOOLEAN, single: true, depth: operand.depth };
}
