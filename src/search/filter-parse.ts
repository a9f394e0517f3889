/**
 * The grammar of `_filter` as a tree: comparisons joined by `and`, `or`, `not` and parentheses; `and` binds more
 * tightly than `or`.
 * https://hl7.org/fhir/R4/search_filter.html
 */
import type { SearchLimits } from './limits.ts';
import { badValue, quote, tooCostly } from './search-errors.ts';

export type FilterNode =
  | { readonly kind: 'and' | 'or'; readonly of: readonly FilterNode[] }
  | { readonly kind: 'not'; readonly of: FilterNode }
  | { readonly kind: 'comparison'; readonly path: string; readonly op: string; readonly value: FilterValue };

export interface FilterValue {
  readonly text: string;
  /** Written in double quotes. */
  readonly isString: boolean;
}

interface Reader {
  readonly tokens: readonly FilterValue[];
  readonly limits: SearchLimits;
  at: number;
  comparisons: number;
}

/** @throws FhirError for what is not in the grammar, or beyond the limits */
export function parseFilter(text: string, limits: SearchLimits): FilterNode {
  if (text.length > limits.valueLengthMax)
    throw tooCostly('_filter', `more than ${limits.valueLengthMax} characters.`);
  const reader: Reader = { tokens: tokenize(text), limits, at: 0, comparisons: 0 };
  const node = readOr(reader, 0);
  if (reader.at < reader.tokens.length) throw unexpected(reader, 'and, or or the end');
  return node;
}

const TOKEN = /\s*(?:([()])|"((?:[^"\\]|\\.)*)"|([^\s()"]+))/gy;

function tokenize(text: string): FilterValue[] {
  const tokens: FilterValue[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const match = TOKEN.exec(trimmed);
    if (match === null) throw badValue('_filter', 'a double quote is not closed.');
    const [, parenthesis, string, word] = match;
    if (string === undefined) tokens.push({ text: (parenthesis ?? word) as string, isString: false });
    else tokens.push({ text: string.replace(/\\(.)/g, '$1'), isString: true });
  }
  return tokens;
}

function unexpected(reader: Reader, wanted: string): Error {
  const token = reader.tokens[reader.at];
  const found = token === undefined ? 'the end' : quote(token.text);
  return badValue('_filter', `expected ${wanted}, found ${found}.`);
}

function take(reader: Reader, word: string): boolean {
  const token = reader.tokens[reader.at];
  if (token === undefined || token.isString || token.text !== word) return false;
  reader.at++;
  return true;
}

function readOr(reader: Reader, depth: number): FilterNode {
  return readJoined(reader, 'or', () => readJoined(reader, 'and', () => readUnary(reader, depth)));
}

function readJoined(reader: Reader, kind: 'and' | 'or', readMember: () => FilterNode): FilterNode {
  const members = [readMember()];
  while (take(reader, kind)) members.push(readMember());
  return members.length === 1 ? (members[0] as FilterNode) : { kind, of: members };
}

function readUnary(reader: Reader, depth: number): FilterNode {
  if (depth > reader.limits.filterDepthMax) {
    throw tooCostly('_filter', `nested deeper than ${reader.limits.filterDepthMax}.`);
  }
  if (take(reader, 'not')) {
    if (reader.tokens[reader.at]?.text !== '(') throw unexpected(reader, "'(' behind not");
    return { kind: 'not', of: readUnary(reader, depth + 1) };
  }
  if (take(reader, '(')) {
    const node = readOr(reader, depth + 1);
    if (!take(reader, ')')) throw unexpected(reader, "')'");
    return node;
  }
  return readComparison(reader);
}

const PATH = /^[A-Za-z_][A-Za-z0-9_.:-]*$/;

function readComparison(reader: Reader): FilterNode {
  const { limits, tokens } = reader;
  if (++reader.comparisons > limits.filterTermsMax) {
    throw tooCostly('_filter', `more than ${limits.filterTermsMax} comparisons.`);
  }
  const path = tokens[reader.at];
  if (path === undefined || path.isString || !PATH.test(path.text))
    throw unexpected(reader, 'a search parameter');
  reader.at++;
  const op = tokens[reader.at];
  if (op === undefined || op.isString || !/^[a-z]{2}$/.test(op.text))
    throw unexpected(reader, 'an operator such as eq');
  reader.at++;
  const value = tokens[reader.at];
  if (value === undefined || (!value.isString && /^[()]$/.test(value.text)))
    throw unexpected(reader, 'a value');
  reader.at++;
  return { kind: 'comparison', path: path.text, op: op.text, value };
}
