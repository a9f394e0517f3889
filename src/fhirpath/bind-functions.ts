/**
 * The functions of FHIRPath and of FHIR, each reduced to a shape that code is made for. A function that is
 * not here is not guessed at: the expression is reported as unsupported.
 * https://hl7.org/fhirpath/N1/#functions, https://hl7.org/fhir/R4/fhirpath.html#functions
 */
import type { Ast, TypeSpecifier } from './ast.ts';
import { aggregate, all, each, extension, iif, repeat, select, sort, where } from './bind-bodies.ts';
import { type Binder, BindFault, readVariable, type Scope, text } from './binder.ts';
import { combine, narrow, slice, specifierType, systemValue, TYPE_INFO, testType } from './build.ts';
import { BOOLEAN, DECIMAL, EMPTY, type Expr, INTEGER, STRING } from './expr.ts';
import {
  argument,
  type Bound,
  exists,
  type FunctionRow,
  list,
  not,
  row,
  scalar,
  scalarCall,
} from './function-rows.ts';
import { ANY, kindOf, type Types } from './types.ts';

export function bindFunction(binder: Binder, call: Ast & { kind: 'call' }, scope: Scope): Expr {
  const row = Object.hasOwn(FUNCTIONS, call.name) ? FUNCTIONS[call.name]! : undefined;
  if (row === undefined) throw new BindFault(`unknown function ${call.name}()`, call.at);
  if (call.args.length < row.min || call.args.length > row.max) {
    const expected = row.min === row.max ? row.min : `${row.min} to ${row.max}`;
    throw new BindFault(`${call.name}() takes ${expected} arguments, not ${call.args.length}`, call.at);
  }
  const source = call.target === undefined ? readVariable(scope.item) : binder.bind(call.target, scope);
  return row.bind({ binder, source, call, scope });
}

/** `is(Patient)`, `ofType(FHIR.Patient)`: the argument is a name, not a path. */
function typeArgument({ binder, call }: Bound): string {
  return specifierType(binder, specifierOf(call.args[0]!), call.at);
}

function specifierOf(ast: Ast): TypeSpecifier {
  if (ast.kind === 'member' && ast.target === undefined) return { name: ast.name };
  if (ast.kind === 'member' && ast.target?.kind === 'member' && ast.target.target === undefined) {
    return { namespace: ast.target.name, name: ast.name };
  }
  throw new BindFault('expected the name of a type', ast.at);
}

function resolve({ source }: Bound): Expr {
  if (source.kind === 'empty') return EMPTY;
  return { kind: 'resolve', source, types: ['Resource'], single: source.single, depth: source.depth };
}

const tree = list(ANY, 0, 0, 'list', { context: true });

/** True when the input is one primitive with a value. */
function hasValue(bound: Bound): Expr {
  const { source, call } = bound;
  if (source.single) return { ...scalarCall(bound, { name: call.name }, BOOLEAN), single: true } as Expr;
  return { ...list(BOOLEAN, 0, 0, 'value').bind(bound), call: { name: 'hasOneValue' } } as Expr;
}

function convertible(target: string, max = 0): FunctionRow {
  return row(0, max, (bound) => {
    const call = { name: 'converts', typed: true };
    const test = scalarCall(bound, call, BOOLEAN);
    return test.kind === 'scalar-call' ? { ...test, args: [text(target), ...test.args] } : test;
  });
}

function convert(types: Types, max = 0): FunctionRow {
  return scalar(types, 0, max, { typed: true });
}

/** Numbers keep their kind; quantities stay quantities. */
function sameNumber(): FunctionRow {
  return row(0, 0, (bound) => scalarCall(bound, { name: bound.call.name }, bound.source.types));
}

/** Dates become date-times; other kinds stay what they are. */
function boundary(): FunctionRow {
  return row(0, 1, (bound) => {
    const types = kindOf(bound.source.types) === 'date' ? ['System.DateTime'] : bound.source.types;
    return scalarCall(bound, { name: bound.call.name, typed: true }, types);
  });
}

function clock(types: Types): FunctionRow {
  return row(0, 0, ({ call }) => ({
    kind: 'scalar-call',
    call: { name: call.name, context: true },
    source: { kind: 'constant', value: true, types: BOOLEAN, single: true, depth: 0 },
    args: [],
    types,
    single: true,
    depth: 0,
  }));
}

function contains(bound: Bound): Expr {
  return scalarCall(bound, { name: 'containsText' }, BOOLEAN);
}

function combineWith(distinct: boolean): FunctionRow {
  return row(1, 1, (bound) => combine([bound.source, argument(bound, 0)], distinct));
}

function takeSlice(how: 'first' | 'last' | 'tail' | 'single'): FunctionRow {
  return row(0, 0, ({ source }) => slice(source, how, EMPTY));
}

function countedSlice(how: 'skip' | 'take'): FunctionRow {
  return row(1, 1, (bound) => slice(bound.source, how, argument(bound, 0)));
}

/** trace() writes nothing: expressions run on patients' data. */
const transparent = row(1, 2, ({ source }) => source);

const FUNCTIONS: Readonly<Record<string, FunctionRow>> = {
  // existence
  empty: row(0, 0, ({ source }) => exists(source, true)),
  exists: row(0, 1, (bound) => exists(bound.call.args.length === 0 ? bound.source : where(bound))),
  all: row(1, 1, all),
  allTrue: row(0, 0, (bound) => each(bound, 'all', false)),
  allFalse: row(0, 0, (bound) => each(bound, 'all', true)),
  anyTrue: row(0, 0, (bound) => each(bound, 'where', false)),
  anyFalse: row(0, 0, (bound) => each(bound, 'where', true)),
  subsetOf: list(BOOLEAN, 1, 1, 'value'),
  supersetOf: list(BOOLEAN, 1, 1, 'value'),
  isDistinct: list(BOOLEAN, 0, 0, 'value'),
  distinct: list('same', 0, 0, 'list'),
  count: row(0, 0, ({ source }) => ({
    kind: 'count',
    source,
    types: INTEGER,
    single: true,
    depth: source.depth,
  })),
  not: row(0, 0, ({ source }) => not(source)),
  // filtering and projection
  where: row(1, 1, where),
  select: row(1, 1, select),
  repeat: row(1, 1, repeat),
  aggregate: row(1, 2, aggregate),
  ofType: row(1, 1, (bound) => narrow(bound.binder, bound.source, typeArgument(bound))),
  as: row(1, 1, (bound) => narrow(bound.binder, bound.source, typeArgument(bound))),
  is: row(1, 1, (bound) => testType(bound.source, typeArgument(bound))),
  type: row(
    0,
    0,
    (bound) => ({ ...list(TYPE_INFO, 0, 0, 'list').bind(bound), call: { name: 'typeInfo' } }) as Expr,
  ),
  iif: row(2, 3, iif),
  sort: row(0, 10, sort),
  trace: transparent,
  // subsetting and combining
  first: takeSlice('first'),
  last: takeSlice('last'),
  tail: takeSlice('tail'),
  single: takeSlice('single'),
  skip: countedSlice('skip'),
  take: countedSlice('take'),
  union: combineWith(true),
  combine: combineWith(false),
  intersect: list('same', 1, 1, 'list'),
  exclude: list('same', 1, 1, 'list'),
  // tree
  children: tree,
  descendants: tree,
  // conversion
  toBoolean: convert(BOOLEAN),
  toInteger: convert(INTEGER),
  toDecimal: convert(DECIMAL),
  toString: row(0, 0, (bound) => scalarCall(bound, { name: 'toText', typed: true }, STRING)),
  toDate: convert(['System.Date']),
  toDateTime: convert(['System.DateTime']),
  toTime: convert(['System.Time']),
  toQuantity: convert(['System.Quantity'], 1),
  convertsToBoolean: convertible('Boolean'),
  convertsToInteger: convertible('Integer'),
  convertsToDecimal: convertible('Decimal'),
  convertsToString: convertible('String'),
  convertsToDate: convertible('Date'),
  convertsToDateTime: convertible('DateTime'),
  convertsToTime: convertible('Time'),
  convertsToQuantity: convertible('Quantity', 1),
  // strings
  length: scalar(INTEGER, 0, 0),
  substring: scalar(STRING, 1, 2),
  indexOf: scalar(INTEGER, 1, 1),
  lastIndexOf: scalar(INTEGER, 1, 1),
  startsWith: scalar(BOOLEAN, 1, 1),
  endsWith: scalar(BOOLEAN, 1, 1),
  contains: row(1, 1, contains),
  upper: scalar(STRING, 0, 0),
  lower: scalar(STRING, 0, 0),
  trim: scalar(STRING, 0, 0),
  replace: scalar(STRING, 2, 2),
  matches: scalar(BOOLEAN, 1, 1),
  matchesFull: scalar(BOOLEAN, 1, 1),
  replaceMatches: scalar(STRING, 2, 2),
  encode: scalar(STRING, 1, 1),
  decode: scalar(STRING, 1, 1),
  escape: row(1, 1, (bound) => scalarCall(bound, { name: 'escapeText' }, STRING)),
  unescape: row(1, 1, (bound) => scalarCall(bound, { name: 'unescapeText' }, STRING)),
  toChars: list(STRING, 0, 0, 'list'),
  split: list(STRING, 1, 1, 'list'),
  join: list(STRING, 0, 1, 'value'),
  // quantities and boundaries, from R5's page, which corrected invariants use
  comparable: scalar(BOOLEAN, 1, 1, { typed: true }),
  lowBoundary: boundary(),
  highBoundary: boundary(),
  // mathematics
  abs: sameNumber(),
  ceiling: scalar(INTEGER, 0, 0),
  floor: scalar(INTEGER, 0, 0),
  truncate: scalar(INTEGER, 0, 0),
  round: scalar(DECIMAL, 0, 1),
  exp: scalar(DECIMAL, 0, 0),
  ln: scalar(DECIMAL, 0, 0),
  log: scalar(DECIMAL, 1, 1),
  power: scalar(DECIMAL, 1, 1),
  sqrt: scalar(DECIMAL, 0, 0),
  sum: list(ANY, 0, 0, 'value'),
  min: list(ANY, 0, 0, 'value'),
  max: list(ANY, 0, 0, 'value'),
  avg: list(DECIMAL, 0, 0, 'value'),
  // time
  now: clock(['System.DateTime']),
  today: clock(['System.Date']),
  timeOfDay: clock(['System.Time']),
  // FHIR
  extension: row(1, 1, extension),
  hasValue: row(0, 0, hasValue),
  getValue: row(0, 0, ({ source }) => (source.kind === 'empty' ? EMPTY : systemValue(source))),
  resolve: row(0, 0, resolve),
  memberOf: scalar(BOOLEAN, 1, 1, { context: true }),
  conformsTo: scalar(BOOLEAN, 1, 1, { context: true }),
  subsumes: scalar(BOOLEAN, 1, 1, { context: true }),
  subsumedBy: scalar(BOOLEAN, 1, 1, { context: true }),
  htmlChecks: scalar(BOOLEAN, 0, 0, { context: true }),
  checkModifiers: list('same', 0, 20, 'list'),
};
