/**
 * Syntax tree to typed expression: names become JSON properties, choice elements are cut down to the types
 * that a step can use, and what cannot be there is dropped before any code is made.
 * https://hl7.org/fhirpath/N1/#path-selection, https://hl7.org/fhir/R4/fhirpath.html
 */
import type { TypeModel } from '../definitions/type-model.ts';
import type { Ast, LiteralType } from './ast.ts';
import { bindFunction } from './bind-functions.ts';
import { type Binder, BindFault, readVariable, type Scope, text } from './binder.ts';
import {
  child,
  combine,
  equality,
  membership,
  narrow,
  order,
  slice,
  specifierType,
  testType,
} from './build.ts';
import {
  BOOLEAN,
  DECIMAL,
  EMPTY,
  type Expr,
  INTEGER,
  type MathOperator,
  STRING,
  type Variable,
} from './expr.ts';
import { ANY, kindOf, type Types } from './types.ts';

export function createBinder(model: TypeModel, startType: string, resourceType: string): Binder {
  const variable = (name: string, types: Types): Variable => ({ name, types, form: 'item', depth: 0 });
  const binder: Binder = {
    model,
    root: variable('root', startType === '*' ? ANY : [startType]),
    resource: variable('resource', [resourceType]),
    rootResource: variable('rootResource', ['Resource']),
    notes: [],
    bind: (ast, scope) => bindAst(binder, ast, scope),
    repeats: 0,
  };
  return binder;
}

export function rootScope(binder: Binder): Scope {
  return { item: binder.root, depth: 0 };
}

function bindAst(binder: Binder, ast: Ast, scope: Scope): Expr {
  switch (ast.kind) {
    case 'empty':
      return EMPTY;
    case 'literal':
      return {
        kind: 'constant',
        value: ast.value,
        types: LITERAL_TYPES[ast.type],
        single: true,
        depth: 0,
      };
    case 'quantity':
      return {
        kind: 'quantity',
        value: ast.value,
        unit: ast.unit,
        types: ['System.Quantity'],
        single: true,
        depth: 0,
      };
    case 'external':
      return bindExternal(binder, ast);
    case 'variable':
      return bindVariable(ast, scope);
    case 'member':
      return bindMember(binder, ast, scope);
    case 'call':
      return bindFunction(binder, ast, scope);
    case 'indexer':
      return bindIndexer(binder, ast, scope);
    case 'polarity':
      return bindPolarity(binder, ast, scope);
    case 'binary':
      return bindBinary(binder, ast, scope);
    case 'union':
      return bindUnion(binder, ast, scope);
    case 'type': {
      const target = specifierType(binder, ast.specifier, ast.at);
      const operand = binder.bind(ast.operand, scope);
      return ast.operator === 'is' ? testType(operand, target) : narrow(binder, operand, target);
    }
  }
}

const LITERAL_TYPES: Readonly<Record<LiteralType, Types>> = {
  Boolean: BOOLEAN,
  String: STRING,
  Integer: INTEGER,
  Decimal: DECIMAL,
  Date: ['System.Date'],
  DateTime: ['System.DateTime'],
  Time: ['System.Time'],
};

const CONSTANTS: Readonly<Record<string, string>> = {
  ucum: 'http://unitsofmeasure.org',
  sct: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
};

function bindExternal(binder: Binder, ast: Ast & { kind: 'external' }): Expr {
  const { name } = ast;
  if (name === 'resource') return readVariable(binder.resource);
  if (name === 'rootResource') return readVariable(binder.rootResource);
  if (name === 'context') return readVariable(binder.root);
  if (Object.hasOwn(CONSTANTS, name)) return text(CONSTANTS[name]!);
  if (name.startsWith('vs-')) return text(`http://hl7.org/fhir/ValueSet/${name.slice(3)}`);
  if (name.startsWith('ext-')) return text(`http://hl7.org/fhir/StructureDefinition/${name.slice(4)}`);
  throw new BindFault(`unknown variable %${name}`, ast.at);
}

function bindVariable(ast: Ast & { kind: 'variable' }, scope: Scope): Expr {
  if (ast.name === '$this') return readVariable(scope.item);
  const variable = ast.name === '$index' ? scope.index : scope.total;
  if (variable === undefined) throw new BindFault(`${ast.name} has no meaning here`, ast.at);
  return readVariable(variable);
}

function bindMember(binder: Binder, ast: Ast & { kind: 'member' }, scope: Scope): Expr {
  if (ast.target !== undefined) return child(binder, binder.bind(ast.target, scope), ast.name, ast.at);
  const self = readVariable(scope.item);
  const named = typeAtStart(binder, self, ast.name);
  return named ?? child(binder, self, ast.name, ast.at);
}

/** `Patient.name` starts from the node itself when it is a Patient, and from nothing when it is not. */
function typeAtStart(binder: Binder, self: Expr, name: string): Expr | undefined {
  if (!/^[A-Z]/.test(name) || binder.model.type(name) === undefined) return undefined;
  return narrow(binder, self, name);
}

function bindIndexer(binder: Binder, ast: Ast & { kind: 'indexer' }, scope: Scope): Expr {
  const source = binder.bind(ast.target, scope);
  return slice(source, 'at', binder.bind(ast.index, scope));
}

function bindPolarity(binder: Binder, ast: Ast & { kind: 'polarity' }, scope: Scope): Expr {
  const operand = binder.bind(ast.operand, scope);
  if (!ast.negative || operand.kind === 'empty') return operand;
  if (operand.kind === 'constant' && typeof operand.value === 'number') {
    return { ...operand, value: -operand.value };
  }
  if (operand.kind === 'quantity') return { ...operand, value: -operand.value };
  return {
    kind: 'scalar-call',
    call: { name: 'negate' },
    source: operand,
    args: [],
    types: operand.types,
    single: true,
    depth: operand.depth,
  };
}

function bindBinary(binder: Binder, ast: Ast & { kind: 'binary' }, scope: Scope): Expr {
  const left = binder.bind(ast.left, scope);
  const right = binder.bind(ast.right, scope);
  const common = { left, right, single: true, depth: Math.max(left.depth, right.depth) };
  switch (ast.operator) {
    case 'and':
    case 'or':
    case 'xor':
    case 'implies':
      return { kind: 'logic', operator: ast.operator, types: BOOLEAN, ...common };
    case '=':
    case '!=':
    case '~':
    case '!~':
      return equality(ast.operator, left, right);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return order(ast.operator, left, right);
    case 'in':
      return membership(left, right);
    case 'contains':
      return membership(right, left);
    case '&':
      return { kind: 'concat', types: STRING, ...common };
    case '+':
    case '-':
    case '*':
    case '/':
    case 'div':
    case 'mod':
      if (left.kind === 'empty' || right.kind === 'empty') return EMPTY;
      return { kind: 'math', operator: ast.operator, types: mathTypes(ast.operator, left, right), ...common };
  }
}

function mathTypes(operator: MathOperator, left: Expr, right: Expr): Types {
  const l = kindOf(left.types);
  const r = kindOf(right.types);
  if (l === 'string') return STRING;
  if (l === 'date' || l === 'time') return left.types;
  if (l === 'quantity' || r === 'quantity') return ['System.Quantity'];
  if (operator === 'div') return INTEGER;
  if (l === 'integer' && r === 'integer' && operator !== '/') return INTEGER;
  if (l === 'unknown' || r === 'unknown') return ANY;
  return DECIMAL;
}

function bindUnion(binder: Binder, ast: Ast & { kind: 'union' }, scope: Scope): Expr {
  return combine(
    ast.operands.map((operand) => binder.bind(operand, scope)),
    true,
  );
}
