/**
 * Functions with a body that runs per node: filters, projections, repetition, aggregation.
 * https://hl7.org/fhirpath/N1/#filtering-and-projection, https://hl7.org/fhirpath/N1/#aggregates
 */
import type { Ast } from './ast.ts';
import { bindLambda, criterion, lambdaDepth, readVariable, type Scope } from './binder.ts';
import { child, equality } from './build.ts';
import { BOOLEAN, EMPTY, type Expr, type Variable } from './expr.ts';
import { argument, type Bound, exists, not } from './function-rows.ts';
import { ANY, mergeTypes, sameTypes, type Types } from './types.ts';

export function where({ binder, source, call, scope }: Bound): Expr {
  if (source.kind === 'empty') return EMPTY;
  const lambda = bindLambda(source.types, scope, (inner) => criterion(binder.bind(call.args[0]!, inner)));
  return {
    kind: 'where',
    source,
    lambda,
    types: source.types,
    single: source.single,
    depth: lambdaDepth(source, scope),
  };
}

/** The truth of each item itself, for allTrue() and its kin. */
export function each(bound: Bound, kind: 'all' | 'where', negate: boolean): Expr {
  const { source, scope } = bound;
  const lambda = bindLambda(source.types, scope, (inner) => {
    const self = readVariable(inner.item);
    return negate ? not(self) : self;
  });
  const depth = source.depth;
  if (kind === 'all') return { kind, source, lambda, types: BOOLEAN, single: true, depth };
  return exists({ kind, source, lambda, types: source.types, single: source.single, depth });
}

export function all({ binder, source, call, scope }: Bound): Expr {
  const lambda = bindLambda(source.types, scope, (inner) => criterion(binder.bind(call.args[0]!, inner)));
  return { kind: 'all', source, lambda, types: BOOLEAN, single: true, depth: lambdaDepth(source, scope) };
}

export function select({ binder, source, call, scope }: Bound): Expr {
  if (source.kind === 'empty') return EMPTY;
  const lambda = bindLambda(source.types, scope, (inner) => binder.bind(call.args[0]!, inner));
  const { types } = lambda.body;
  const single = source.single && lambda.body.single;
  return { kind: 'select', source, lambda, types, single, depth: lambdaDepth(source, scope) };
}

const REPEAT_ROUNDS_MAX = 8;

/** The types of a repetition are those of what it gives, fed back until nothing new appears. */
export function repeat({ binder, source, call, scope }: Bound): Expr {
  if (source.kind === 'empty') return EMPTY;
  const bindWith = (types: Types) => bindLambda(types, scope, (inner) => binder.bind(call.args[0]!, inner));
  binder.repeats++;
  let types = source.types;
  let lambda = bindWith(binder.repeats > 2 ? ANY : types);
  for (let round = 0; binder.repeats <= 2; round++) {
    const merged = round < REPEAT_ROUNDS_MAX ? mergeTypes(types, lambda.body.types) : ANY;
    if (sameTypes(merged, types)) break;
    types = merged;
    lambda = bindWith(types);
  }
  binder.repeats--;
  return {
    kind: 'repeat',
    source,
    lambda,
    types: lambda.body.types,
    single: false,
    depth: lambdaDepth(source, scope),
  };
}

export function aggregate({ binder, source, call, scope }: Bound): Expr {
  const depth = scope.depth + 1;
  const total: Variable = { name: 'total', types: ANY, form: 'list', depth };
  const start = call.args[1] === undefined ? EMPTY : binder.bind(call.args[1], scope);
  const lambda = bindLambda(source.types, scope, (inner) => binder.bind(call.args[0]!, { ...inner, total }));
  return {
    kind: 'aggregate',
    source,
    lambda,
    total,
    start,
    types: ANY,
    single: false,
    depth: Math.max(lambdaDepth(source, scope), start.depth),
  };
}

/** By the value of each key in turn; a minus sign before a key reverses it. */
export function sort({ binder, source, call, scope }: Bound): Expr {
  const asts: readonly Ast[] =
    call.args.length > 0 ? call.args : [{ kind: 'variable', name: '$this', at: call.at }];
  const keys = asts.map((ast) => {
    const descending = ast.kind === 'polarity' && ast.negative;
    const key = descending ? ast.operand : ast;
    return { lambda: bindLambda(source.types, scope, (inner) => binder.bind(key, inner)), descending };
  });
  return {
    kind: 'sort',
    source,
    keys,
    types: source.types,
    single: source.single,
    depth: lambdaDepth(source, scope),
  };
}

/** `$this` inside the arguments is the whole input, so it is evaluated once and named. */
export function iif(bound: Bound): Expr {
  const { binder, source, call, scope } = bound;
  const isPlain = call.target === undefined || source.kind === 'variable';
  const variable: Variable = {
    name: 'input',
    types: source.types,
    form: 'list',
    depth: scope.depth + 1,
  };
  const inner: Scope = isPlain ? scope : { ...scope, item: variable, depth: scope.depth + 1 };
  const [condition, then, otherwise] = [0, 1, 2].map((index) => {
    const ast = call.args[index];
    return ast === undefined ? EMPTY : binder.bind(ast, inner);
  }) as [Expr, Expr, Expr];
  const body: Expr = {
    kind: 'iif',
    condition: criterion(condition),
    then,
    otherwise,
    types: mergeTypes(...[then, otherwise].filter((one) => one.kind !== 'empty').map((one) => one.types)),
    single: then.single && otherwise.single,
    depth: Math.max(condition.depth, then.depth, otherwise.depth),
  };
  if (isPlain) return body;
  return { ...body, kind: 'let', variable, value: source, body, depth: lambdaDepth(source, scope) } as Expr;
}

export function extension(bound: Bound): Expr {
  const { binder, source, scope, call } = bound;
  const extensions = child(binder, source, 'extension', call.at);
  if (extensions.kind === 'empty') return EMPTY;
  const url = argument(bound, 0);
  const lambda = bindLambda(extensions.types, scope, (inner) =>
    equality('=', child(binder, readVariable(inner.item), 'url', call.at), url),
  );
  return {
    kind: 'where',
    source: extensions,
    lambda,
    types: extensions.types,
    single: false,
    depth: Math.max(lambdaDepth(source, scope), url.depth),
  };
}
