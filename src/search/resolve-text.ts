/**
 * String and URI values to predicates, and the words of `_text` and `_content`.
 * https://hl7.org/fhir/R4/search.html#string, https://hl7.org/fhir/R4/search.html#uri
 */

import { assertNever } from '../fhir/types.ts';
import { type CompiledParameter, hasNameParts, subKey } from './compiled-parameter.ts';
import { contentKey, narrativeKey } from './content-words.ts';
import type { SearchContext } from './context.ts';
import { fold, indexText } from './fold.ts';
import { splitEscaped, unescapeValue } from './parse.ts';
import { phoneticKeys } from './phonetic.ts';
import { allOf, anyOf, notOf } from './predicates.ts';
import type { Predicate } from './query.ts';
import { localPart } from './reference-forms.ts';
import { badModifier, badValue, quote, tooCostly } from './search-errors.ts';
import { stringToken } from './term-forms.ts';
import { hashCode, hashTerm } from './term-hash.ts';
import { parseTextQuery, type TextQuery } from './text-query.ts';

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
      return parameter.answeredBy.map((stored) => stringPredicate(stored, name, modifier, value, context));
    }),
  );
}

function stringPredicate(
  stored: CompiledParameter,
  name: string,
  modifier: string | undefined,
  value: string,
  context: SearchContext,
): Predicate {
  const { k } = stored;
  switch (modifier) {
    case undefined: {
      const start = { kind: 'text', op: 'prefix', value: folded(name, value) } as const;
      const whole: Predicate = { ...start, k };
      return hasNameParts(stored) ? anyOf([whole, { ...start, k: subKey(stored, 'part') }]) : whole;
    }
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
/** A URN, or the start of all of them. */
const URN = /^(?:urn:|urn?$|u$)/i;

export function resolveUri(
  parameter: CompiledParameter,
  name: string,
  modifier: string | undefined,
  values: readonly string[],
  context: SearchContext,
): Predicate {
  if (modifier !== undefined && modifier !== 'below' && modifier !== 'above') {
    throw badModifier(name, modifier, URI_MODIFIERS);
  }
  return anyOf(
    values.flatMap((escaped) => {
      const value = unescapeValue(escaped);
      if (value === '') throw badValue(name, 'an empty value; write the whole URI.');
      if (modifier !== undefined && URN.test(value)) {
        throw badValue(
          name,
          `:${modifier} is for URLs, and ${quote(value)} is a URN; ask for the whole of it.`,
        );
      }
      const versioned = modifier === undefined ? ofVersion(parameter, escaped, context) : undefined;
      if (versioned !== undefined) return versioned;
      const forms = parameter.code === '_profile' ? [value, ...profilesOf(value, context)] : [value];
      return parameter.answeredBy.flatMap(({ k }) => forms.map((form) => uriPredicate(k, modifier, form)));
    }),
  );
}

/**
 * `url=http://a.b/c|2` asks for the canonical and the version of one resource.
 * https://hl7.org/fhir/R4/search.html#uri
 */
function ofVersion(
  { code, base, k }: CompiledParameter,
  escaped: string,
  { parameters }: SearchContext,
): Predicate | undefined {
  const parts = splitEscaped(escaped, '|').map(unescapeValue);
  const version = code === 'url' && parts.length === 2 ? parameters.find(base, 'version') : undefined;
  const [url = '', business = ''] = parts;
  if (version === undefined || url === '' || business === '') return undefined;
  return allOf([
    { kind: 'term', k, terms: [hashCode('', url)] },
    // `version` is a token over a string
    { kind: 'term', k: version.k, terms: [hashCode('', stringToken(business))] },
  ]);
}

/** `StructureDefinition/id` stands for the profile with this id. https://hl7.org/fhir/R4/search.html#profile */
function profilesOf(value: string, { parameters, base }: SearchContext): readonly string[] {
  const id = /^(?:StructureDefinition|Profile)\/([A-Za-z0-9\-.]{1,64})$/.exec(localPart(value, base))?.[1];
  if (id === undefined) return [];
  const url = parameters.definitions.entries('StructureDefinition').findLast((entry) => entry.id === id)?.url;
  return url === undefined ? [] : [url];
}

function uriPredicate(k: number, modifier: 'below' | 'above' | undefined, value: string): Predicate {
  const forms = modifier === 'above' ? uriAncestors(value) : [value];
  const terms = forms.map((form) => hashCode('', form));
  const exact: Predicate = { kind: 'term', k, terms };
  if (modifier !== 'below') return exact;
  // the dictionary compares starts as they are written
  return anyOf([exact, { kind: 'words', k, value }]);
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
 * `_text` and `_content`: words with AND, OR, NOT, parentheses and quotes; a comma is an OR. Labels of codes are
 * looked up in the dictionary, where extraction left them.
 * https://hl7.org/fhir/R4/search.html#content
 */
export function resolveContent(
  parameter: CompiledParameter,
  name: string,
  modifier: string | undefined,
  values: readonly string[],
  context: SearchContext,
): Predicate {
  if (modifier !== undefined) throw badModifier(name, modifier, ['missing']);
  const isText = parameter.code === '_text';
  const places: TextPlaces = {
    words: isText
      ? [narrativeKey(parameter.base)]
      : [contentKey(parameter.base), narrativeKey(parameter.base)],
    labels: isText ? [] : labelled(parameter.base, context),
  };
  return anyOf(
    values.map((escaped) =>
      textPredicate(parseTextQuery(name, unescapeValue(escaped), context.limits), places),
    ),
  );
}

interface TextPlaces {
  /** Keys whose terms are words. */
  readonly words: readonly number[];
  /** Keys whose labels are in the dictionary. */
  readonly labels: readonly number[];
}

function textPredicate(query: TextQuery, places: TextPlaces): Predicate {
  switch (query.kind) {
    case 'and':
      return allOf(query.of.map((member) => textPredicate(member, places)));
    case 'or':
      return anyOf(query.of.map((member) => textPredicate(member, places)));
    case 'not':
      return notOf(textPredicate(query.of, places));
    case 'phrase': {
      const { words } = query;
      const labels = places.labels.map(
        (k): Predicate => ({ kind: 'words', k, value: `${words.join(' ')} ` }),
      );
      // the index of words knows no positions: all of them must occur in one place
      const texts = places.words.map((k) =>
        allOf(words.map((word): Predicate => ({ kind: 'term', k, terms: [hashTerm(word)] }))),
      );
      return anyOf([...labels, ...texts]);
    }
    default:
      return assertNever(query);
  }
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
