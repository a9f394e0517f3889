/**
 * Expression to JavaScript source: functions that refer only to their parameters, to constants that come
 * with them, and to `rt`, the namespace of runtime.ts. The source can be put into a generated module.
 */
import type { TypeModel } from '../definitions/type-model.ts';
import type { Ast } from './ast.ts';
import { createBinder, rootScope } from './bind.ts';
import { type Binder, BindFault, criterion } from './binder.ts';
import { list } from './emit-list.ts';
import { scalar } from './emit-scalar.ts';
import { stream } from './emit-stream.ts';
import { tri, truth } from './emit-test.ts';
import { type Emitter, type Hoisted, type Item, itemOf } from './emitter.ts';
import type { Expr } from './expr.ts';
import { parseExpression } from './parse.ts';
import { isPrimitive } from './types.ts';

export type Lowered =
  | {
      readonly kind: 'code';
      /** A function expression. */
      readonly source: string;
      /** Constants that the source refers to; equal ones have equal names. */
      readonly prelude: readonly Hoisted[];
      /** Steps that lead nowhere, such as misspelt elements. */
      readonly notes: readonly string[];
    }
  | { readonly kind: 'unsupported'; readonly reason: string; readonly at: number };

export interface LowerOptions {
  /** Type of `%resource` when it is not told by `startType`. */
  readonly resourceType?: string;
}

/**
 * As an invariant: `(node, ctx, extra?) => true | false | undefined`, undefined for an empty result. `extra`
 * is the `_x` twin when the node is a primitive. The function throws FhirPathError when data do not fit.
 */
export function lowerPredicate(
  expression: string | Ast,
  startType: string,
  model: TypeModel,
  options: LowerOptions = {},
): Lowered {
  if (expression === CONTAINED_ARE_USED) {
    return { kind: 'code', source: '(node) => rt.containedAreUsed(node)', prelude: [], notes: [] };
  }
  return lower(expression, startType, model, options, '(node, ctx, extra)', (emitter, bound) => {
    const { pre, code } = emitter.tri(criterion(bound));
    return `${pre}return ${code};`;
  });
}

/** dom-3 walks the whole resource four times for each contained one; by hand it is one walk. */
const CONTAINED_ARE_USED =
  "contained.where((('#'+id in (%resource.descendants().reference | %resource.descendants().as(canonical) | %resource.descendants().as(uri) | %resource.descendants().as(url))) or descendants().where(reference = '#').exists() or descendants().where(as(canonical) = '#').exists() or descendants().where(as(canonical) = '#').exists()).not()).trace('unmatched', id).empty()";

/** Calls `(value, type, extra)` for each result: `(node, ctx, visit, extra?) => void`. */
export function lowerEach(
  expression: string | Ast,
  startType: string,
  model: TypeModel,
  options: LowerOptions = {},
): Lowered {
  return lower(expression, startType, model, options, '(node, ctx, visit, extra)', (emitter, bound) =>
    emitter.stream(withoutDistinct(bound), 'node', visitCode),
  );
}

/** All results as an array of nodes: `(node, ctx, extra?) => TypedNode[]`. */
export function lowerEvaluate(
  expression: string | Ast,
  startType: string,
  model: TypeModel,
  options: LowerOptions = {},
): Lowered {
  return lower(expression, startType, model, options, '(node, ctx, extra)', (emitter, bound) => {
    const { pre, code } = emitter.list(bound);
    return `${pre}return ${code};`;
  });
}

function visitCode(item: Item): string {
  return `visit(${item.value}, ${item.type()}, ${item.extra()});`;
}

/** For search, an equal value in two places of a union is no harm, and finding out costs more. */
function withoutDistinct(bound: Expr): Expr {
  return bound.kind === 'combine' ? { ...bound, distinct: false } : bound;
}

function lower(
  expression: string | Ast,
  startType: string,
  model: TypeModel,
  options: LowerOptions,
  parameters: string,
  write: (emitter: Emitter, bound: Expr) => string,
): Lowered {
  const parsed =
    typeof expression === 'string'
      ? parseExpression(expression)
      : ({ kind: 'parsed', ast: expression } as const);
  if (parsed.kind === 'fault') {
    return { kind: 'unsupported', reason: parsed.fault.message, at: parsed.fault.at };
  }
  if (startType !== '*' && model.type(startType) === undefined) {
    return { kind: 'unsupported', reason: `unknown type ${startType}`, at: 0 };
  }
  try {
    const binder = createBinder(model, startType, options.resourceType ?? resourceOf(model, startType));
    const bound = binder.bind(parsed.ast, rootScope(binder));
    const { emitter, used } = createEmitter(model, binder);
    const body = write(emitter, bound);
    const head = headOf(emitter, used);
    return {
      kind: 'code',
      source: `${parameters} => {${head}${body}}`,
      prelude: [...emitter.hoisted.values()],
      notes: [...new Set(binder.notes.map((note) => note.message))],
    };
  } catch (error) {
    if (error instanceof BindFault) return { kind: 'unsupported', reason: error.message, at: error.at };
    throw error;
  }
}

/** `Patient.contact` is inside a Patient; a data type can be in any resource. */
function resourceOf(model: TypeModel, startType: string): string {
  const root = startType.split('.', 1)[0]!;
  return model.type(root)?.kind === 'resource' ? root : 'Resource';
}

function headOf(emitter: Emitter, used: ReadonlySet<string>): string {
  const steps = emitter.usesSteps ? 'let steps = rt.STEPS_MAX;' : '';
  const externals = [...used].map((name) => `const ${name} = ctx.${name};`).join('');
  const locals = emitter.locals.length === 0 ? '' : `let ${emitter.locals.join(', ')};`;
  return steps + externals + locals;
}

function createEmitter(
  model: TypeModel,
  binder: Binder,
): { readonly emitter: Emitter; readonly used: ReadonlySet<string> } {
  const used = new Set<string>();
  const external = (name: string, types: readonly string[]): Item => {
    const item = itemOf(name, types);
    return {
      ...item,
      get value() {
        used.add(name);
        return name;
      },
    };
  };
  const rootTypes = binder.root.types;
  const mayBeNull = rootTypes.some((type) => isPrimitive(type) || type === '*');
  const emitter: Emitter = {
    model,
    hoisted: new Map(),
    locals: [],
    items: new Map([
      [binder.root, itemOf('node', rootTypes, { extra: () => 'extra', mayBeNull })],
      [binder.resource, external('resource', binder.resource.types)],
      [binder.rootResource, external('rootResource', binder.rootResource.types)],
    ]),
    lists: new Map(),
    names: 0,
    loops: 0,
    innermost: binder.root,
    usesSteps: false,
    measures: false,
    stream: (expr, need, body) => stream(emitter, expr, need, body),
    scalar: (expr) => scalar(emitter, expr),
    truth: (expr, want) => truth(emitter, expr, want),
    tri: (expr) => tri(emitter, expr),
    list: (expr) => list(emitter, expr),
  };
  return { emitter, used };
}
