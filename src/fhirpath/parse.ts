/**
 * Expression text to syntax tree, by operator precedence. Bounded in length, depth and nodes, so that an
 * expression from outside cannot exhaust the stack; a fault comes back as data with its position.
 * https://hl7.org/fhirpath/N1/#operator-precedence
 */
import {
  type Ast,
  type BinaryOperator,
  EXPRESSION_LIMITS,
  type ExpressionFault,
  type ExpressionLimits,
  type TypeSpecifier,
} from './ast.ts';
import { parseMoment, parseTime } from './dates.ts';
import {
  expect,
  isSymbol,
  node,
  type Parser,
  peek,
  quote,
  raiseDepth,
  SyntaxFault,
  tooDeep,
} from './parser.ts';
import { type Token, tokenize } from './tokens.ts';

export type Parsed =
  | { readonly kind: 'parsed'; readonly ast: Ast }
  | { readonly kind: 'fault'; readonly fault: ExpressionFault };

export function parseExpression(text: string, limits: ExpressionLimits = EXPRESSION_LIMITS): Parsed {
  if (text.length > limits.lengthMax) {
    return fault(`longer than ${limits.lengthMax} characters`, limits.lengthMax);
  }
  const lexed = tokenize(text);
  if (lexed.kind === 'fault') return lexed;
  const parser: Parser = { tokens: lexed.tokens, next: 0, nodes: 0, depths: new WeakMap(), limits };
  try {
    const ast = parseBinary(parser, 0, 0);
    const rest = peek(parser);
    if (rest.kind !== 'end') throw new SyntaxFault(`unexpected ${quote(rest)}`, rest.at);
    return { kind: 'parsed', ast };
  } catch (error) {
    if (error instanceof SyntaxFault) return fault(error.message, error.at);
    throw error;
  }
}

function fault(message: string, at: number): Parsed {
  return { kind: 'fault', fault: { message, at } };
}

const PRECEDENCE: Readonly<Record<string, number>> = {
  implies: 1,
  or: 2,
  xor: 2,
  and: 3,
  in: 4,
  contains: 4,
  '=': 5,
  '~': 5,
  '!=': 5,
  '!~': 5,
  '<': 6,
  '>': 6,
  '<=': 6,
  '>=': 6,
  '|': 7,
  is: 8,
  as: 8,
  '+': 9,
  '-': 9,
  '&': 9,
  '*': 10,
  '/': 10,
  div: 10,
  mod: 10,
};
const UNARY = 11;

/** Operators that cannot be names unless delimited; `as`, `is`, `in` and `contains` can. */
const RESERVED = new Set(['and', 'or', 'xor', 'implies', 'div', 'mod']);

function parseBinary(parser: Parser, floor: number, depth: number): Ast {
  if (depth > parser.limits.depthMax) throw tooDeep(parser, peek(parser).at);
  let left = parsePostfix(parser, depth);
  for (;;) {
    const token = peek(parser);
    if (token.kind !== 'symbol' && token.kind !== 'identifier') return left;
    const power = Object.hasOwn(PRECEDENCE, token.text) ? PRECEDENCE[token.text]! : 0;
    if (power === 0 || power <= floor) return left;
    parser.next++;
    if (token.text === 'is' || token.text === 'as') {
      const specifier = parseTypeSpecifier(parser);
      left = node(
        parser,
        { kind: 'type', operator: token.text, operand: left, specifier, at: token.at },
        left,
      );
      continue;
    }
    const right = parseBinary(parser, power, depth + 1);
    left = token.text === '|' ? union(parser, left, right, token.at) : binary(parser, token, left, right);
  }
}

function binary(parser: Parser, token: Token, left: Ast, right: Ast): Ast {
  const operator = token.text as BinaryOperator;
  return node(parser, { kind: 'binary', operator, left, right, at: token.at }, left, right);
}

// Flat, so that a list of several hundred codes is not several hundred levels deep.
function union(parser: Parser, left: Ast, right: Ast, at: number): Ast {
  if (left.kind !== 'union') {
    return node(parser, { kind: 'union', operands: [left, right], at }, left, right);
  }
  (left.operands as Ast[]).push(right);
  raiseDepth(parser, left, right);
  return left;
}

function parsePostfix(parser: Parser, depth: number): Ast {
  const sign = peek(parser);
  if (sign.kind === 'symbol' && (sign.text === '+' || sign.text === '-')) {
    parser.next++;
    const operand = parseBinary(parser, UNARY - 1, depth + 1);
    return node(parser, { kind: 'polarity', negative: sign.text === '-', operand, at: sign.at }, operand);
  }
  let term = parseTerm(parser, depth);
  for (;;) {
    const token = peek(parser);
    if (token.kind !== 'symbol') return term;
    if (token.text === '.') {
      parser.next++;
      term = parseInvocation(parser, term, depth);
    } else if (token.text === '[') {
      parser.next++;
      const index = parseBinary(parser, 0, depth + 1);
      expect(parser, ']');
      term = node(parser, { kind: 'indexer', target: term, index, at: token.at }, term, index);
    } else {
      return term;
    }
  }
}

function parseTerm(parser: Parser, depth: number): Ast {
  const token = peek(parser);
  switch (token.kind) {
    case 'string':
      parser.next++;
      return node(parser, { kind: 'literal', type: 'String', value: token.text, at: token.at });
    case 'number':
      parser.next++;
      return parseNumber(parser, token);
    case 'date':
    case 'dateTime':
    case 'time':
      parser.next++;
      return parseTemporal(parser, token);
    case 'identifier':
      if (token.text === 'true' || token.text === 'false') {
        parser.next++;
        return node(parser, {
          kind: 'literal',
          type: 'Boolean',
          value: token.text === 'true',
          at: token.at,
        });
      }
      if (RESERVED.has(token.text)) throw new SyntaxFault(`unexpected ${quote(token)}`, token.at);
      return parseInvocation(parser, undefined, depth);
    case 'delimited':
    case 'variable':
      return parseInvocation(parser, undefined, depth);
    case 'symbol':
      return parseSymbolTerm(parser, token, depth);
    case 'end':
      throw new SyntaxFault('the expression ends too early', token.at);
  }
}

function parseSymbolTerm(parser: Parser, token: Token, depth: number): Ast {
  parser.next++;
  if (token.text === '(') {
    const inner = parseBinary(parser, 0, depth + 1);
    expect(parser, ')');
    return inner;
  }
  if (token.text === '{') {
    expect(parser, '}');
    return node(parser, { kind: 'empty', at: token.at });
  }
  if (token.text === '%') {
    const name = peek(parser);
    if (name.kind !== 'identifier' && name.kind !== 'delimited' && name.kind !== 'string') {
      throw new SyntaxFault('expected a name after %', name.at);
    }
    parser.next++;
    return node(parser, { kind: 'external', name: externalName(parser, name), at: token.at });
  }
  throw new SyntaxFault(`unexpected ${quote(token)}`, token.at);
}

/** `%vs-administrative-gender` without quotes was allowed before N1 and is still met. */
function externalName(parser: Parser, name: Token): string {
  if (name.kind !== 'identifier' || (name.text !== 'vs' && name.text !== 'ext')) return name.text;
  let text = name.text;
  let end = name.at + name.text.length;
  for (;;) {
    const token = peek(parser);
    const joins = token.text === '-' || token.kind === 'identifier' || token.kind === 'number';
    if (token.at !== end || !joins) return text;
    parser.next++;
    text += token.text;
    end += token.text.length;
  }
}

const CALENDAR_UNITS: Readonly<Record<string, string>> = {
  year: 'year',
  years: 'year',
  month: 'month',
  months: 'month',
  week: 'week',
  weeks: 'week',
  day: 'day',
  days: 'day',
  hour: 'hour',
  hours: 'hour',
  minute: 'minute',
  minutes: 'minute',
  second: 'second',
  seconds: 'second',
  millisecond: 'millisecond',
  milliseconds: 'millisecond',
};

function parseNumber(parser: Parser, token: Token): Ast {
  const value = Number(token.text);
  const unit = peek(parser);
  if (unit.kind === 'string') {
    parser.next++;
    return node(parser, { kind: 'quantity', value, unit: unit.text, at: token.at });
  }
  if (unit.kind === 'identifier' && Object.hasOwn(CALENDAR_UNITS, unit.text)) {
    parser.next++;
    return node(parser, { kind: 'quantity', value, unit: CALENDAR_UNITS[unit.text]!, at: token.at });
  }
  const type = token.text.includes('.') ? 'Decimal' : 'Integer';
  return node(parser, { kind: 'literal', type, value, at: token.at });
}

function parseTemporal(parser: Parser, token: Token): Ast {
  const type = token.kind === 'date' ? 'Date' : token.kind === 'time' ? 'Time' : 'DateTime';
  // `@2015T` is a DateTime of year precision; the values themselves carry no bare T.
  const value = token.text.endsWith('T') ? token.text.slice(0, -1) : token.text;
  const isReal = type === 'Time' ? parseTime(value) !== undefined : parseMoment(value) !== undefined;
  if (!isReal) throw new SyntaxFault(`${value} is not in the calendar`, token.at);
  return node(parser, { kind: 'literal', type, value, at: token.at });
}

function parseInvocation(parser: Parser, target: Ast | undefined, depth: number): Ast {
  const token = peek(parser);
  parser.next++;
  if (token.kind === 'variable') {
    if (target !== undefined) throw new SyntaxFault(`${token.text} cannot follow a dot`, token.at);
    return node(parser, { kind: 'variable', name: token.text as '$this', at: token.at });
  }
  if (token.kind !== 'identifier' && token.kind !== 'delimited') {
    throw new SyntaxFault(
      token.kind === 'end' ? 'the expression ends too early' : `expected a name, found ${quote(token)}`,
      token.at,
    );
  }
  const name = token.text;
  if (token.kind === 'identifier' && isSymbol(peek(parser), '(')) {
    parser.next++;
    const args = parseArguments(parser, depth);
    return node(parser, { kind: 'call', target, name, args, at: token.at }, target, ...args);
  }
  return node(parser, { kind: 'member', target, name, at: token.at }, target);
}

function parseArguments(parser: Parser, depth: number): Ast[] {
  const args: Ast[] = [];
  if (isSymbol(peek(parser), ')')) {
    parser.next++;
    return args;
  }
  for (;;) {
    args.push(parseBinary(parser, 0, depth + 1));
    if (!isSymbol(peek(parser), ',')) break;
    parser.next++;
  }
  expect(parser, ')');
  return args;
}

function parseTypeSpecifier(parser: Parser): TypeSpecifier {
  const first = typeName(parser);
  if (!isSymbol(peek(parser), '.')) return { name: first };
  parser.next++;
  return { namespace: first, name: typeName(parser) };
}

function typeName(parser: Parser): string {
  const token = peek(parser);
  if (token.kind !== 'identifier' && token.kind !== 'delimited') {
    throw new SyntaxFault('expected the name of a type', token.at);
  }
  parser.next++;
  return token.text;
}
