/**
 * Expression to functions of this process, each compiled once per start type. Source comes from the same
 * lowering as the validators' that are generated ahead of time.
 */
import type { TypeModel } from '../definitions/type-model.ts';
import type { ExpressionFault } from './ast.ts';
import type {
  CompiledExpression,
  EvaluationContext,
  RuntimeContext,
  TypedNode,
  Visit,
} from './expression.ts';
import { FhirPathError } from './failure.ts';
import { type Lowered, lowerEach, lowerEvaluate, lowerPredicate } from './lower.ts';
import * as rt from './runtime.ts';
import { isPrimitive } from './types.ts';

export type Compilation =
  | { readonly kind: 'compiled'; readonly compiled: CompiledExpression }
  | { readonly kind: 'fault'; readonly fault: ExpressionFault };

/** Compilations kept; R4's own expressions are about 1,800. */
const KEPT_MAX = 5_000;

const KEPT = new WeakMap<TypeModel, Map<string, Compilation>>();

/** The expression for nodes of a type, or what is wrong with it and where. Never throws. */
export function compile(expression: string, startType: string, model: TypeModel): Compilation {
  let kept = KEPT.get(model);
  if (kept === undefined) {
    kept = new Map();
    KEPT.set(model, kept);
  }
  const key = `${startType}\n${expression}`;
  let compilation = kept.get(key);
  if (compilation === undefined) {
    compilation = compileFresh(expression, startType, model);
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(key, compilation);
  }
  return compilation;
}

/** @throws FhirPathError when the expression cannot be compiled */
export function compileExpression(
  expression: string,
  startType: string,
  model: TypeModel,
): CompiledExpression {
  const compilation = compile(expression, startType, model);
  if (compilation.kind === 'compiled') return compilation.compiled;
  const { message, at } = compilation.fault;
  throw new FhirPathError(`${message} (at ${at} of ${JSON.stringify(expression.slice(0, 200))})`);
}

function compileFresh(expression: string, startType: string, model: TypeModel): Compilation {
  // Checked at once; the three functions are made when they are first called.
  const checked = lowerEach(expression, startType, model);
  if (checked.kind === 'unsupported') {
    return { kind: 'fault', fault: { message: checked.reason, at: checked.at } };
  }
  let evaluate: ((node: unknown, context: RuntimeContext, extra: unknown) => TypedNode[]) | undefined;
  let each: ((node: unknown, context: RuntimeContext, visit: Visit, extra: unknown) => void) | undefined;
  let test: ((node: unknown, context: RuntimeContext, extra: unknown) => boolean | undefined) | undefined;
  const hasTwin = isPrimitive(startType);
  const compiled: CompiledExpression = {
    expression,
    notes: checked.notes,
    evaluate(node, context, extra) {
      if (node == null && (extra == null || !hasTwin)) return [];
      evaluate ??= toFunction(lowerEvaluate(expression, startType, model)) as typeof evaluate;
      return evaluate!(node, withModel(context, model), extra);
    },
    each(node, context, visit, extra) {
      if (node == null && (extra == null || !hasTwin)) return;
      each ??= toFunction(checked) as typeof each;
      each!(node, withModel(context, model), visit, extra);
    },
    test(node, context, extra) {
      if (node == null && (extra == null || !hasTwin)) return undefined;
      test ??= toFunction(lowerPredicate(expression, startType, model)) as typeof test;
      return test!(node, withModel(context, model), extra);
    },
  };
  return { kind: 'compiled', compiled };
}

function withModel(context: EvaluationContext, model: TypeModel): RuntimeContext {
  return context.model === undefined ? { ...context, model } : (context as RuntimeContext);
}

/** Source is made by the lowering alone: names are checked and texts quoted there. */
function toFunction(lowered: Lowered): unknown {
  if (lowered.kind === 'unsupported') throw new FhirPathError(lowered.reason);
  const constants = lowered.prelude.map(({ name, code }) => `const ${name} = ${code};`).join('\n');
  return new Function('rt', `'use strict';${constants}\nreturn ${lowered.source};`)(rt);
}
