/**
 * The little language of `_text` and `_content`: words, AND, OR, NOT, parentheses and phrases in quotes. Words side
 * by side must all occur. `and` and `or` join in any case, as in R4's example; `NOT` must be in capitals, so that
 * "do not resuscitate" does not turn round what it asks.
 * https://hl7.org/fhir/R4/search.html#text
 */
import { fold, wordsOf } from './fold.ts';
import type { SearchLimits } from './limits.ts';
import { badValue, quote, tooCostly } from './search-errors.ts';

export type TextQuery =
  | { readonly kind: 'and' | 'or'; readonly of: readonly TextQuery[] }
  | { readonly kind: 'not'; readonly of: TextQuery }
  /** Folded words that belong together; one for a single word. */
  | { readonly kind: 'phrase'; readonly words: readonly string[] };

interface Reader {
  readonly name: string;
  readonly limits: SearchLimits;
  readonly tokens: readonly string[];
  at: number;
}

const TOKEN = /\s*([()]|"[^"]*"?|[^\s()"]+)/gy;

/** @throws FhirError for what is not in the language, or has nothing to look for */
export function parseTextQuery(name: string, text: string, limits: SearchLimits): TextQuery {
  const tokens = [...text.trim().matchAll(TOKEN)]
    .map((match) => match[1] as string)
    // a dash or an ampersand between words says nothing
    .filter((token) => /^[()]$/.test(token) || fold(token) !== '');
  if (tokens.every((token) => /^[()]$/.test(token))) {
    throw badValue(name, `${quote(text)} has no letters or digits to look for.`);
  }
  const reader: Reader = { name, limits, tokens, at: 0 };
  const query = readOr(reader, 0);
  if (reader.at < tokens.length) throw unexpected(reader, 'a word or the end');
  return query;
}

function unexpected({ name, tokens, at }: Reader, wanted: string): Error {
  const found = tokens[at];
  return badValue(name, `expected ${wanted}, found ${found === undefined ? 'the end' : quote(found)}.`);
}

function readOr(reader: Reader, depth: number): TextQuery {
  const members = [readAnd(reader, depth)];
  while (isJoin(reader, 'or')) {
    reader.at++;
    members.push(readAnd(reader, depth));
  }
  return members.length === 1 ? (members[0] as TextQuery) : { kind: 'or', of: members };
}

function readAnd(reader: Reader, depth: number): TextQuery {
  const members = [readUnary(reader, depth)];
  for (;;) {
    if (isJoin(reader, 'and')) reader.at++;
    const token = reader.tokens[reader.at];
    if (token === undefined || token === ')' || isJoin(reader, 'or')) break;
    members.push(readUnary(reader, depth));
  }
  return members.length === 1 ? (members[0] as TextQuery) : { kind: 'and', of: members };
}

/** A joining word has something on both sides; elsewhere it is a word to look for. */
function isJoin({ tokens, at }: Reader, word: 'and' | 'or'): boolean {
  const before = tokens[at - 1];
  const after = tokens[at + 1];
  return tokens[at]?.toLowerCase() === word && before !== undefined && after !== undefined && after !== ')';
}

function readUnary(reader: Reader, depth: number): TextQuery {
  const { limits, name, tokens } = reader;
  if (depth > limits.filterDepthMax) throw tooCostly(name, `nested deeper than ${limits.filterDepthMax}.`);
  const token = tokens[reader.at];
  if (token === undefined || token === ')') throw unexpected(reader, 'a word');
  reader.at++;
  if (token === 'NOT' && tokens[reader.at] !== undefined) {
    const of = readUnary(reader, depth + 1);
    if (holdsPhrase(of)) {
      throw badValue(
        name,
        'NOT cannot be asked of several words in quotes, whose order the index does not know.',
      );
    }
    return { kind: 'not', of };
  }
  if (token === '(') {
    const inner = readOr(reader, depth + 1);
    if (tokens[reader.at] !== ')') throw unexpected(reader, "')'");
    reader.at++;
    return inner;
  }
  if (token.startsWith('"') && (token.length === 1 || !token.endsWith('"'))) {
    throw badValue(name, 'a double quote is not closed.');
  }
  const words = wordsOf(fold(token));
  if (token.startsWith('"') || words.length === 1) return { kind: 'phrase', words };
  return { kind: 'and', of: words.map((word) => ({ kind: 'phrase', words: [word] })) };
}

function holdsPhrase(query: TextQuery): boolean {
  switch (query.kind) {
    case 'phrase':
      return query.words.length > 1;
    case 'not':
      return holdsPhrase(query.of);
    default:
      return query.of.some(holdsPhrase);
  }
}
