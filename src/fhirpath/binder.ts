/** What the parts of binding share: scopes, variables and the fault that stops it. */
import type { TypeModel } from '../definitions/type-model.ts';
import type { Ast } from './ast.ts';
import { BOOLEAN, type Expr, INTEGER, type Lambda, STRING, type Variable } from './expr.ts';
import type { Types } from './types.ts';

/** What an expression cannot be compiled for, with its position. */
export class BindFault extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

export interface Scope {
  /** `$this`. */
  readonly item: Variable;
  readonly index?: Variable;
  readonly total?: Variable;
  readonly depth: number;
}

export interface Binder {
  readonly model: TypeModel;
  readonly root: Variable;
  readonly resource: Variable;
  readonly rootResource: Variable;
  /** Names that no type has: the step gives nothing, which is worth telling the author. */
  readonly notes: { readonly message: string; readonly at: number }[];
  bind(ast: Ast, scope: Scope): Expr;
  /** Nesting of `repeat`, whose types are found by iteration. */
  repeats: number;
}

export function readVariable(variable: Variable): Expr {
  return {
    kind: 'variable',
    variable,
    types: variable.types,
    single: variable.form !== 'list',
    depth: variable.depth,
  };
}

/** Binds a body with `$this` standing for each of some nodes. */
export function bindLambda(types: Types, scope: Scope, body: (inner: Scope) => Expr): Lambda {
  const depth = scope.depth + 1;
  const item: Variable = { name: 'item', types, form: 'item', depth };
  const index: Variable = { name: 'index', types: INTEGER, form: 'number', depth };
  return { item, index, body: body({ item, index, total: scope.total, depth }) };
}

/** What a filter goes by. Several nodes are no boolean, but engines take them as true and so do profiles. */
export function criterion(expr: Expr): Expr {
  if (expr.single) return expr;
  return { kind: 'holds', source: expr, types: BOOLEAN, single: true, depth: expr.depth };
}

export function lambdaDepth(source: Expr, scope: Scope): number {
  return Math.max(source.depth, scope.total?.depth ?? 0);
}

export function text(value: string): Expr {
  return { kind: 'constant', value, types: STRING, single: true, depth: 0 };
}
