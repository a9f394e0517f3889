/**
 * The grammar of `_filter` as a tree: comparisons joined by `and`, `or`, `not` and parentheses; from left to right,
 * as R4 gives neither `and` nor `or` precedence. `subject[name co "wah"].birthdate ge 2000` asks both of the same resource.
 * https://hl7.org/fhir/R4/search_filter.html
 */
import type { SearchLimits } from './limits.ts';
import { badValue, quote, tooCostly } from './search-errors.ts';

export type FilterNode =
  | { readonly kind: 'and' | 'or'; readonly of: readonly FilterNode[] }
  | { readonly kind: 'not'; readonly of: FilterNode }
  | FilterComparison
  /** What `path` refers to satisfies both. */
  | {
      readonly kind: 'within';
      readonly path: string;
      readonly where: FilterNode;
      readonly further: FilterNode;
    };

export interface FilterComparison {
  readonly kind: 'comparison';
  readonly path: string;
  readonly op: string;
  /** Without the quotes that let it hold spaces. */
  readonly value: string;
}

interface Reader {
  readonly text: string;
  readonly limits: SearchLimits;
  at: number;
  comparisons: number;
}

/** @throws FhirError for what is not in the grammar, or beyond the limits */
export function parseFilter(text: string, limits: SearchLimits): FilterNode {
  if (text.length > limits.valueLengthMax)
    throw tooCostly('_filter', `more than ${limits.valueLengthMax} characters.`);
  const reader: Reader = { text, limits, at: 0, comparisons: 0 };
  const node = readJoined(reader, 0);
  skipSpace(reader);
  if (reader.at < text.length) throw unexpected(reader, 'and, or or the end');
  return node;
}

function readJoined(reader: Reader, depth: number): FilterNode {
  let node = readUnary(reader, depth);
  for (;;) {
    const kind = takeWord(reader, 'and') ? 'and' : takeWord(reader, 'or') ? 'or' : undefined;
    if (kind === undefined) return node;
    const member = readUnary(reader, depth);
    node = { kind, of: node.kind === kind ? [...node.of, member] : [node, member] };
  }
}

function readUnary(reader: Reader, depth: number): FilterNode {
  if (depth > reader.limits.filterDepthMax) {
    throw tooCostly('_filter', `nested deeper than ${reader.limits.filterDepthMax}.`);
  }
  if (takeWord(reader, 'not')) {
    skipSpace(reader);
    if (reader.text[reader.at] !== '(') throw unexpected(reader, "'(' behind not");
    return { kind: 'not', of: readUnary(reader, depth + 1) };
  }
  if (!takeSign(reader, '(')) return readComparison(reader, depth);
  const node = readJoined(reader, depth + 1);
  if (!takeSign(reader, ')')) throw unexpected(reader, "')'");
  return node;
}

function readComparison(reader: Reader, depth: number): FilterNode {
  const { limits } = reader;
  const path = match(reader, /[A-Za-z_][A-Za-z0-9_.:-]*/y);
  if (path === undefined) throw unexpected(reader, 'a search parameter');
  if (reader.text[reader.at] === '[') {
    reader.at++;
    const where = readJoined(reader, depth + 1);
    if (!takeSign(reader, ']')) throw unexpected(reader, "']'");
    if (reader.text[reader.at] !== '.') throw unexpected(reader, "'.' and a search parameter");
    reader.at++;
    if (depth >= limits.filterDepthMax)
      throw tooCostly('_filter', `nested deeper than ${limits.filterDepthMax}.`);
    return { kind: 'within', path, where, further: readComparison(reader, depth + 1) };
  }
  if (++reader.comparisons > limits.filterTermsMax) {
    throw tooCostly('_filter', `more than ${limits.filterTermsMax} comparisons.`);
  }
  const op = match(reader, /[a-z]{2}(?![^\s"])/y);
  if (op === undefined) throw unexpected(reader, 'an operator such as eq');
  return { kind: 'comparison', path, op, value: readValue(reader) };
}

/** A JSON string, or everything up to a space or a bracket that was not opened in it, as in `mm[Hg]`. */
function readValue(reader: Reader): string {
  const string = match(reader, /"(?:[^"\\]|\\.)*"/y);
  if (string !== undefined) return unquote(string);
  if (reader.text[reader.at] === '"') throw badValue('_filter', 'a double quote is not closed.');
  const text = match(reader, /(?:[^\s()"[\]]|\[[^\s()"[\]]*\])+/y);
  if (text === undefined) throw unexpected(reader, 'a value');
  return text;
}

function unquote(string: string): string {
  try {
    return JSON.parse(string) as string;
  } catch {
    // escapes that JSON does not know, and FHIR does, such as \, and \|
    return string.slice(1, -1).replace(/\\(.)/g, '$1');
  }
}

function skipSpace(reader: Reader): void {
  while (/\s/.test(reader.text[reader.at] ?? '')) reader.at++;
}

/** The text that the sticky pattern finds behind spaces, which is then behind us. */
function match(reader: Reader, pattern: RegExp): string | undefined {
  skipSpace(reader);
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  if (found !== undefined) reader.at += found.length;
  return found;
}

function takeSign(reader: Reader, sign: string): boolean {
  skipSpace(reader);
  if (reader.text[reader.at] !== sign) return false;
  reader.at++;
  return true;
}

/** The word on its own: `note` does not begin with `not`. */
function takeWord(reader: Reader, word: string): boolean {
  return match(reader, new RegExp(`${word}(?![A-Za-z0-9_.:[-])`, 'y')) !== undefined;
}

function unexpected(reader: Reader, wanted: string): Error {
  skipSpace(reader);
  const token = /"(?:[^"\\]|\\.)*"?|[()[\]]|[^\s()[\]"]+/y.exec(reader.text.slice(reader.at))?.[0];
  return badValue('_filter', `expected ${wanted}, found ${token === undefined ? 'the end' : quote(token)}.`);
}
