/**
 * String and URI values to predicates, and the words of `_text` and `_content`.
 * https://hl7.org/fhir/R4/search.html#string, https://hl7.org/fhir/R4/search.html#uri
 */

import { type CompiledParameter, subKey } from './compiled-parameter.ts';
import { contentKey, narrativeKey } from './content-words.ts';
import type { SearchContext } from './context.ts';
import { fold, indexText, wordsOf } from './fold.ts';
import { unescapeValue } from './parse.ts';
import { phoneticKeys } from './phonetic.ts';
import { allOf, anyOf } from './predicates.ts';
import type { Predicate } from './query.ts';
import { badModifier, badValue, quote, tooCostly } from './search-errors.ts';
import { hashCode, hashTerm } from './term-hash.ts';

const STRING_MODIFIERS = ['missing', 'exact', 'contains', 'text'] as const;

export function resolveString(
  parameter: CompiledParameter,
  name: string,
  modifier: string | undefined,
  values: readonly string[],
  context: SearchContext,
): Predicate {
  if (parameter.code === 'phonetic') return phoneticPredicate(parameter, name, modifier, values);
  return anyOf(
    values.flatMap((escaped) => {
      const value = unescapeValue(escaped);
      return parameter.answeredBy.map(({ k }) => stringPredicate(k, name, modifier, value, context));
    }),
  );
}

function stringPredicate(
  k: number,
  name: string,
  modifier: string | undefined,
  value: string,
  context: SearchContext,
): Predicate {
  switch (modifier) {
    case undefined:
      return { kind: 'text', k, op: 'prefix', value: folded(name, value) };
    case 'exact': {
      const text = indexText(value);
      if (text === undefined) throw badValue(name, 'an empty value.');
      return { kind: 'text', k, op: 'exact', value: text };
    }
    case 'contains':
    // R5's :text for strings, which clients already send to R4 servers
    case 'text': {
      const part = folded(name, value);
      const least = context.limits.containsLengthMin;
      if ([...part].length < least) {
        throw tooCostly(name, `:${modifier} needs at least ${least} letters or digits, not ${quote(value)}.`);
      }
      return { kind: 'text', k, op: 'contains', value: part };
    }
    default:
      throw badModifier(name, modifier, STRING_MODIFIERS);
  }
}

function folded(name: string, value: string): string {
  const text = fold(value);
  if (text === '') throw badValue(name, `${quote(value)} has no letters or digits to look for.`);
  return text;
}

/** All words of the value must sound like words of the name. */
function phoneticPredicate(
  parameter: CompiledParameter,
  name: string,
  modifier: string | undefined,
  values: readonly string[],
): Predicate {
  if (modifier !== undefined) throw badModifier(name, modifier, ['missing']);
  const { k } = parameter;
  return anyOf(
    values.map((value) => {
      folded(name, value);
      return allOf(
        phoneticKeys(unescapeValue(value)).map((key) => ({ kind: 'term', k, terms: [hashTerm(key)] })),
      );
    }),
  );
}

const URI_MODIFIERS = ['missing', 'below', 'above'] as const;

export function resolveUri(
  parameter: CompiledParameter,
  name: string,
  modifier: string | undefined,
  values: readonly string[],
): Predicate {
  if (modifier !== undefined && modifier !== 'below' && modifier !== 'above') {
    throw badModifier(name, modifier, URI_MODIFIERS);
  }
  return anyOf(
    values.flatMap((escaped) => {
      const value = unescapeValue(escaped);
      if (value === '') throw badValue(name, 'an empty value; write the whole URI.');
      return parameter.answeredBy.map(({ k }) => uriPredicate(k, modifier, value));
    }),
  );
}

function uriPredicate(k: number, modifier: 'below' | 'above' | undefined, value: string): Predicate {
  const forms = modifier === 'above' ? uriAncestors(value) : [value];
  const terms = forms.map((form) => hashCode('', form));
  const exact: Predicate = { kind: 'term', k, terms };
  if (modifier !== 'below') return exact;
  // the dictionary compares starts as they are written
  const start = value.startsWith('urn:') ? `${value}.` : value.endsWith('/') ? value : `${value}/`;
  return anyOf([exact, { kind: 'words', k, value: start }]);
}

/** `http://a/b/c` is above itself, and below `http://a/b` and `http://a`, each with and without a last slash. */
function uriAncestors(value: string): string[] {
  const forms = [value];
  const authority = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.exec(value)?.[0];
  if (authority === undefined) return forms;
  for (let end = value.length; end > authority.length; ) {
    end = value.lastIndexOf('/', end - 1);
    if (end < authority.length) break;
    forms.push(value.slice(0, end), value.slice(0, end + 1));
  }
  return forms;
}

/**
 * `_text` and `_content`: every word must occur, a comma is an OR. Labels of codes are looked up in the
 * dictionary, where extraction left them.
 */
export function resolveContent(
  parameter: CompiledParameter,
  name: string,
  modifier: string | undefined,
  values: readonly string[],
  context: SearchContext,
): Predicate {
  if (modifier !== undefined) throw badModifier(name, modifier, ['missing']);
  const places = parameter.code === '_text' ? [] : labelled(parameter.base, context);
  return anyOf(
    values.map((escaped) => {
      const words = [...new Set(wordsOf(folded(name, unescapeValue(escaped))))];
      return allOf(
        words.map((word) => {
          const terms = [hashTerm(word)];
          if (parameter.code === '_text') return { kind: 'term', k: narrativeKey(parameter.base), terms };
          const members: Predicate[] = places.map((k) => ({ kind: 'words', k, value: `${word} ` }));
          return anyOf([
            ...members,
            { kind: 'term', k: contentKey(parameter.base), terms },
            { kind: 'term', k: narrativeKey(parameter.base), terms },
          ]);
        }),
      );
    }),
  );
}

/** Where the labels of a type's codes are. */
function labelled(type: string, { parameters }: SearchContext): number[] {
  const keys: number[] = [];
  for (const parameter of parameters.of(type)) {
    const isOwn = parameter.answeredBy[0] === parameter && !parameter.code.startsWith('_');
    if (parameter.type !== 'token' || !isOwn) continue;
    const mayHaveLabels =
      parameter.evaluate !== undefined ||
      parameter.paths.some(
        ({ type }) => type === 'Coding' || type === 'CodeableConcept' || type === 'Identifier',
      );
    if (mayHaveLabels) keys.push(subKey(parameter, 'text'));
  }
  return keys;
}
