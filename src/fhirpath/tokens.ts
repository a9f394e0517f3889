/**
 * Splits an expression into tokens: strings with escapes, delimited identifiers, numbers, dates and times,
 * comments. https://hl7.org/fhirpath/N1/#lexical-elements
 */
import type { ExpressionFault } from './ast.ts';

export type TokenKind =
  | 'identifier'
  | 'delimited'
  | 'string'
  | 'number'
  | 'date'
  | 'dateTime'
  | 'time'
  | 'variable'
  | 'symbol'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Unescaped text of strings and delimited identifiers; the text itself otherwise. */
  readonly text: string;
  readonly at: number;
}

export type Tokens =
  | { readonly kind: 'tokens'; readonly tokens: readonly Token[] }
  | { readonly kind: 'fault'; readonly fault: ExpressionFault };

// Sticky patterns without nested repetition: each is linear in the text it consumes.
const SPACE = /(?:[ \t\r\n\u00a0]+|\/\/[^\r\n]*|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/)+/y;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /[0-9]+(?:\.[0-9]+)?/y;
const TIME = /@T([0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?)/y;
const DATE_TIME =
  /@([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?T(?:[0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?)/y;
const DATE = /@([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)/y;
const VARIABLE = /\$(?:this|index|total)\b/y;
const SYMBOL = /<=|>=|!=|!~|[.,()[\]{}+\-*/&|<>=~%]/y;

const PATTERNS: readonly (readonly [RegExp, TokenKind])[] = [
  [IDENTIFIER, 'identifier'],
  [NUMBER, 'number'],
  [TIME, 'time'],
  [DATE_TIME, 'dateTime'],
  [DATE, 'date'],
  [VARIABLE, 'variable'],
  [SYMBOL, 'symbol'],
];

export function tokenize(text: string): Tokens {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    SPACE.lastIndex = at;
    if (SPACE.test(text)) at = SPACE.lastIndex;
    if (at >= text.length) break;
    const quote = text[at]!;
    if (quote === "'" || quote === '`' || quote === '"') {
      const quoted = readQuoted(text, at, quote);
      if ('message' in quoted) return { kind: 'fault', fault: quoted };
      tokens.push({ kind: quote === "'" ? 'string' : 'delimited', text: quoted.text, at });
      at = quoted.end;
      continue;
    }
    const token = readPlain(text, at);
    if (token === undefined) return { kind: 'fault', fault: unexpected(text, at) };
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: 'end', text: '', at: text.length });
  return { kind: 'tokens', tokens };
}

function readPlain(text: string, at: number): (Token & { readonly end: number }) | undefined {
  for (const [pattern, kind] of PATTERNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) return { kind, text: match[1] ?? match[0], at, end: pattern.lastIndex };
  }
  return undefined;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "'": "'",
  '"': '"',
  '`': '`',
  '\\': '\\',
  '/': '/',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function readQuoted(
  text: string,
  start: number,
  quote: string,
): { readonly text: string; readonly end: number } | ExpressionFault {
  let value = '';
  let from = start + 1;
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (char === quote) return { text: value + text.slice(from, i), end: i + 1 };
    if (char !== '\\') continue;
    value += text.slice(from, i);
    const next = text[i + 1];
    if (next === undefined) break;
    const hex = next === 'u' ? /^[0-9A-Fa-f]{4}/.exec(text.slice(i + 2, i + 6))?.[0] : undefined;
    if (hex !== undefined) {
      value += String.fromCharCode(Number.parseInt(hex, 16));
      i += 5;
    } else if (Object.hasOwn(ESCAPES, next)) {
      value += ESCAPES[next]!;
      i += 1;
    } else {
      return { message: `unknown escape \\${next}: write \\\\${next} for a backslash`, at: i };
    }
    from = i + 1;
  }
  return { message: `the ${quote} is never closed`, at: start };
}

function unexpected(text: string, at: number): ExpressionFault {
  const char = String.fromCodePoint(text.codePointAt(at)!);
  if (char === '@') return { message: 'not a date or time: expected @YYYY-MM-DD, @…Thh:mm or @Thh:mm', at };
  if (char === '$') return { message: 'expected $this, $index or $total', at };
  return { message: `unexpected ${JSON.stringify(char)}`, at };
}
