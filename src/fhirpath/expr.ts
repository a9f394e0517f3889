/**
 * The typed form of an expression, between syntax tree and code: steps are bound to JSON properties, types
 * and "at most one" are known, functions are reduced to a few shapes that code is made for.
 */
import type { ChildShape, Types } from './types.ts';

/** What `$this`, `$index`, `$total`, `%resource` stand for while code is made. */
export interface Variable {
  readonly name: string;
  readonly types: Types;
  /** `item`: one node; `list`: an array of nodes; `number`: a counter. */
  readonly form: 'item' | 'list' | 'number';
  /** 0 for the node itself and the externals, which do not change while the expression runs. */
  readonly depth: number;
}

/** A body that runs once per node, with what it calls `$this` and `$index`. */
export interface Lambda {
  readonly item: Variable;
  readonly index: Variable;
  readonly body: Expr;
}

interface Common {
  readonly types: Types;
  /** At most one node, whatever the data. */
  readonly single: boolean;
  /** Deepest variable that is read: 0 when the result is the same wherever it is evaluated. */
  readonly depth: number;
}

export type SliceKind = 'first' | 'last' | 'tail' | 'skip' | 'take' | 'at' | 'single';
export type EqualityOperator = '=' | '!=' | '~' | '!~';
export type OrderOperator = '<' | '<=' | '>' | '>=';
export type MathOperator = '+' | '-' | '*' | '/' | 'div' | 'mod';
export type LogicOperator = 'and' | 'or' | 'xor' | 'implies';

/** How a function of the runtime is called. */
export interface RuntimeCall {
  /** Name in the runtime. */
  readonly name: string;
  /** Passes the evaluation context first. */
  readonly context?: boolean;
  /** Passes the type of the input after it. */
  readonly typed?: boolean;
}

export type Expr = Common &
  (
    | { readonly kind: 'empty' }
    | { readonly kind: 'constant'; readonly value: string | number | boolean }
    | { readonly kind: 'quantity'; readonly value: number; readonly unit: string }
    | { readonly kind: 'variable'; readonly variable: Variable }
    | {
        readonly kind: 'child';
        readonly source: Expr;
        readonly name: string;
        readonly shape: ChildShape;
        /** Children of primitives (`id`, `extension`) live in the `_x` twin. */
        readonly inTwin: 'no' | 'yes' | 'maybe';
      }
    | { readonly kind: 'dynamic-child'; readonly source: Expr; readonly name: string }
    | { readonly kind: 'where'; readonly source: Expr; readonly lambda: Lambda }
    | { readonly kind: 'select'; readonly source: Expr; readonly lambda: Lambda }
    | { readonly kind: 'repeat'; readonly source: Expr; readonly lambda: Lambda }
    | {
        readonly kind: 'aggregate';
        readonly source: Expr;
        readonly lambda: Lambda;
        readonly total: Variable;
        readonly start: Expr;
      }
    | { readonly kind: 'exists'; readonly source: Expr; readonly negated: boolean }
    | { readonly kind: 'all'; readonly source: Expr; readonly lambda: Lambda }
    | { readonly kind: 'count'; readonly source: Expr }
    /** A criterion that can have several nodes: one boolean counts as itself, anything else as true. */
    | { readonly kind: 'holds'; readonly source: Expr }
    | { readonly kind: 'narrow'; readonly source: Expr; readonly target: string }
    | { readonly kind: 'is'; readonly source: Expr; readonly target: string }
    | { readonly kind: 'slice'; readonly source: Expr; readonly how: SliceKind; readonly count: Expr }
    | { readonly kind: 'not'; readonly operand: Expr }
    | {
        readonly kind: 'logic';
        readonly operator: LogicOperator;
        readonly left: Expr;
        readonly right: Expr;
      }
    | {
        readonly kind: 'equality';
        readonly operator: EqualityOperator;
        readonly left: Expr;
        readonly right: Expr;
      }
    | {
        readonly kind: 'order';
        readonly operator: OrderOperator;
        readonly left: Expr;
        readonly right: Expr;
      }
    | { readonly kind: 'in'; readonly item: Expr; readonly list: Expr }
    | { readonly kind: 'math'; readonly operator: MathOperator; readonly left: Expr; readonly right: Expr }
    | { readonly kind: 'concat'; readonly left: Expr; readonly right: Expr }
    | { readonly kind: 'combine'; readonly operands: readonly Expr[]; readonly distinct: boolean }
    | {
        readonly kind: 'iif';
        readonly condition: Expr;
        readonly then: Expr;
        readonly otherwise: Expr;
      }
    /** Names the nodes of `value` while `body` runs. */
    | { readonly kind: 'let'; readonly variable: Variable; readonly value: Expr; readonly body: Expr }
    /** One value in, at most one value out. */
    | {
        readonly kind: 'scalar-call';
        readonly call: RuntimeCall;
        readonly source: Expr;
        readonly args: readonly Expr[];
      }
    /** All nodes in, an array of nodes or (when `single`) one value out. */
    | {
        readonly kind: 'list-call';
        readonly call: RuntimeCall;
        readonly source: Expr;
        readonly args: readonly Expr[];
        readonly returns: 'list' | 'value';
      }
    | {
        readonly kind: 'sort';
        readonly source: Expr;
        readonly keys: readonly { readonly lambda: Lambda; readonly descending: boolean }[];
      }
    | { readonly kind: 'resolve'; readonly source: Expr }
  );

export const BOOLEAN: Types = Object.freeze(['System.Boolean']);
export const STRING: Types = Object.freeze(['System.String']);
export const INTEGER: Types = Object.freeze(['System.Integer']);
export const DECIMAL: Types = Object.freeze(['System.Decimal']);

export const EMPTY: Expr = { kind: 'empty', types: [], single: true, depth: 0 };

/** Booleans that are never empty: their two values are enough. */
export function isTotal(expr: Expr): boolean {
  switch (expr.kind) {
    case 'exists':
    case 'all':
      return true;
    case 'constant':
      return typeof expr.value === 'boolean';
    case 'not':
      return isTotal(expr.operand);
    case 'logic':
      return isTotal(expr.left) && isTotal(expr.right);
    case 'equality':
      return (
        (expr.operator === '~' || expr.operator === '!~' || isTotal(expr.left)) &&
        (expr.operator === '~' || expr.operator === '!~' || isTotal(expr.right))
      );
    case 'list-call':
      return expr.returns === 'value' && expr.types === BOOLEAN;
    case 'scalar-call':
      return expr.call.name === 'hasValue';
    default:
      return false;
  }
}
