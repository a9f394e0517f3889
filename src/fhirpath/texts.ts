/**
 * String functions. A missing input or argument gives nothing; an input that is no text is an error of the
 * data; results are bounded. https://hl7.org/fhirpath/N1/#string-manipulation
 */
import type { TypedNode } from './expression.ts';
import { FhirPathError, TEXT_MAX } from './failure.ts';
import { compilePattern, type Pattern } from './pattern.ts';

/** The text of an operand; undefined when there is none. */
function textOf(value: unknown): string | undefined {
  if (value == null) return undefined;
  if (typeof value !== 'string') throw new FhirPathError('a string function got something that is no string');
  return value;
}

function bounded(text: string): string {
  if (text.length > TEXT_MAX)
    throw new FhirPathError(`a text of more than ${TEXT_MAX} characters`, 'too-costly');
  return text;
}

/** What a text costs in steps: texts that are made in loops add up. */
export function weight(value: unknown): number {
  return typeof value === 'string' ? value.length >> 6 : 0;
}

/** `&`: missing operands are empty texts. */
export function concat(a: unknown, b: unknown): string {
  return bounded(`${plain(a)}${plain(b)}`);
}

function plain(value: unknown): string {
  if (value == null) return '';
  if (typeof value === 'object') throw new FhirPathError('& takes strings');
  return String(value);
}

export function length(value: unknown): number | undefined {
  return textOf(value)?.length;
}

export function substring(value: unknown, start: unknown, count?: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined || typeof start !== 'number') return undefined;
  if (start < 0 || start >= text.length) return undefined;
  if (typeof count !== 'number') return text.slice(start);
  return count <= 0 ? '' : text.slice(start, start + count);
}

export function indexOf(value: unknown, part: unknown): number | undefined {
  const text = textOf(value);
  const other = textOf(part);
  return text === undefined || other === undefined ? undefined : text.indexOf(other);
}

export function lastIndexOf(value: unknown, part: unknown): number | undefined {
  const text = textOf(value);
  const other = textOf(part);
  return text === undefined || other === undefined ? undefined : text.lastIndexOf(other);
}

export function startsWith(value: unknown, part: unknown): boolean | undefined {
  const text = textOf(value);
  const other = textOf(part);
  return text === undefined || other === undefined ? undefined : text.startsWith(other);
}

export function endsWith(value: unknown, part: unknown): boolean | undefined {
  const text = textOf(value);
  const other = textOf(part);
  return text === undefined || other === undefined ? undefined : text.endsWith(other);
}

export function containsText(value: unknown, part: unknown): boolean | undefined {
  const text = textOf(value);
  const other = textOf(part);
  return text === undefined || other === undefined ? undefined : text.includes(other);
}

export function upper(value: unknown): string | undefined {
  return textOf(value)?.toUpperCase();
}

export function lower(value: unknown): string | undefined {
  return textOf(value)?.toLowerCase();
}

export function trim(value: unknown): string | undefined {
  return textOf(value)?.trim();
}

export function replace(value: unknown, pattern: unknown, substitution: unknown): string | undefined {
  const text = textOf(value);
  const from = textOf(pattern);
  const to = textOf(substitution);
  if (text === undefined || from === undefined || to === undefined) return undefined;
  const count = from === '' ? text.length + 1 : occurrences(text, from);
  checkGrowth(text.length, count, to.length);
  if (from !== '') return text.split(from).join(to);
  return `${to}${[...text].join(to)}${text === '' ? '' : to}`;
}

function occurrences(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}

function checkGrowth(length_: number, count: number, added: number): void {
  if (length_ + count * added > TEXT_MAX) bounded(' '.repeat(TEXT_MAX + 1));
}

/** A pattern as a constant of the code; it is compiled when it is first used. */
export function pattern(source: string, whole: boolean): { readonly test: (text: string) => boolean } {
  let compiled: Pattern | undefined;
  return {
    test(text) {
      compiled ??= compilePattern(source, whole);
      return compiled.test(text);
    },
  };
}

export function test(
  regex: { readonly test: (text: string) => boolean },
  value: unknown,
): boolean | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : regex.test(text);
}

const PATTERNS = new Map<string, Pattern>();
const PATTERNS_MAX = 200;

function patternOf(source: string, whole: boolean): Pattern {
  const key = `${whole ? 'w' : 'p'}${source}`;
  let known = PATTERNS.get(key);
  if (known === undefined) {
    if (PATTERNS.size >= PATTERNS_MAX) PATTERNS.clear();
    known = compilePattern(source, whole);
    PATTERNS.set(key, known);
  }
  return known;
}

export function matches(value: unknown, source: unknown): boolean | undefined {
  const text = textOf(value);
  const regex = textOf(source);
  return text === undefined || regex === undefined ? undefined : patternOf(regex, false).test(text);
}

export function matchesFull(value: unknown, source: unknown): boolean | undefined {
  const text = textOf(value);
  const regex = textOf(source);
  return text === undefined || regex === undefined ? undefined : patternOf(regex, true).test(text);
}

export function replaceMatches(value: unknown, source: unknown, substitution: unknown): string | undefined {
  const text = textOf(value);
  const regex = textOf(source);
  const to = textOf(substitution);
  if (text === undefined || regex === undefined || to === undefined) return undefined;
  return bounded(patternOf(regex, false).replace(text, to, TEXT_MAX));
}

export function toChars(list: readonly TypedNode[]): readonly TypedNode[] {
  return eachText(list, (text) => [...text]);
}

export function split(list: readonly TypedNode[], separator: unknown): readonly TypedNode[] {
  const by = textOf(separator) ?? '';
  return eachText(list, (text) => text.split(by));
}

function eachText(list: readonly TypedNode[], parts: (text: string) => string[]): readonly TypedNode[] {
  if (list.length > 1) throw new FhirPathError('a string function got more than one value');
  const text = textOf(list[0]?.value);
  if (text === undefined) return [];
  return parts(text).map((value) => ({ value, type: 'System.String', extra: undefined }));
}

export function join(list: readonly TypedNode[], separator?: unknown): string | undefined {
  if (list.length === 0) return undefined;
  const by = textOf(separator) ?? '';
  const texts = list.map((node) => textOf(node.value) ?? '');
  checkGrowth(
    texts.reduce((total, one) => total + one.length, 0),
    texts.length,
    by.length,
  );
  return texts.join(by);
}

export function encode(value: unknown, format: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  if (format === 'hex') return bounded(Buffer.from(text, 'utf8').toString('hex'));
  if (format === 'base64') return bounded(Buffer.from(text, 'utf8').toString('base64'));
  if (format === 'urlbase64') {
    return bounded(Buffer.from(text, 'utf8').toString('base64').replaceAll('+', '-').replaceAll('/', '_'));
  }
  throw new FhirPathError('encode() knows hex, base64 and urlbase64');
}

export function decode(value: unknown, format: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  if (format === 'hex') {
    if (!/^(?:[0-9A-Fa-f]{2})*$/.test(text)) throw new FhirPathError('decode() got a text that is not hex');
    return Buffer.from(text, 'hex').toString('utf8');
  }
  if (format === 'base64') return Buffer.from(text, 'base64').toString('utf8');
  if (format === 'urlbase64') return Buffer.from(text, 'base64url').toString('utf8');
  throw new FhirPathError('decode() knows hex, base64 and urlbase64');
}

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const FROM_HTML: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(HTML).map(([plain_, entity]) => [entity, plain_]),
);

export function escapeText(value: unknown, target: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  if (target === 'html') return bounded(text.replace(/[&<>"']/g, (one) => HTML[one]!));
  if (target === 'json') return bounded(JSON.stringify(text).slice(1, -1));
  throw new FhirPathError('escape() knows html and json');
}

export function unescapeText(value: unknown, target: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  if (target === 'html') return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (one) => FROM_HTML[one]!);
  if (target !== 'json') throw new FhirPathError('unescape() knows html and json');
  return text.replace(
    /\\(?:u([0-9A-Fa-f]{4})|(["\\/bfnrt]))/g,
    (_whole, hex: string | undefined, char: string) =>
      hex === undefined ? (JSON_ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

const JSON_ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
