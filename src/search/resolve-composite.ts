/**
 * Composite values, `code$value`, to predicates on the postings of the pair.
 * https://hl7.org/fhir/R4/search.html#composite
 */

import type { CompiledParameter, CompositeComponent } from './compiled-parameter.ts';
import { hasPairs, ownParameterOf } from './composite-parts.ts';
import type { SearchContext } from './context.ts';
import { fold } from './fold.ts';
import { splitEscaped, unescapeValue } from './parse.ts';
import type { TermHash } from './postings.ts';
import { allOf, anyOf } from './predicates.ts';
import type { Predicate } from './query.ts';
import { localPart } from './reference-forms.ts';
import { dateRange, numberRange, type PrefixedRange, parseQuantity } from './resolve-range.ts';
import { parseToken, resolveToken, tokenForm } from './resolve-token.ts';
import { badModifier, badValue, quote, UnsupportedError } from './search-errors.ts';
import { ANY_UNIT, codeForm, compositeTextPrefix, unitForm } from './term-forms.ts';
import { hashPair, hashTerm } from './term-hash.ts';

export function resolveComposite(
  parameter: CompiledParameter,
  name: string,
  modifier: string | undefined,
  values: readonly string[],
  context: SearchContext,
): Predicate {
  if (modifier !== undefined) throw badModifier(name, modifier, ['missing']);
  return anyOf(
    values.flatMap((value) => {
      const parts = splitEscaped(value, '$');
      if (parts.length !== parameter.components.length || parts.includes('')) {
        throw badValue(
          name,
          `${quote(value)} must have ${parameter.components.length} parts with '$' between them.`,
        );
      }
      return parameter.answeredBy.map((stored) => pairPredicate(stored, name, parts, context));
    }),
  );
}

function pairPredicate(
  stored: CompiledParameter,
  name: string,
  parts: readonly string[],
  context: SearchContext,
): Predicate {
  const { components, k } = stored;
  const last = components.at(-1) as CompositeComponent;
  const value = parts.at(-1) as string;
  const isInterval = components.length === 3 && components[1]?.type === 'number' && last.type === 'number';
  const leading = components.slice(0, isInterval ? 1 : -1);
  const form = leading
    .map((component, at) => exactHash(component, name, parts[at] as string, context))
    .reduce(hashPair);
  const implied = impliedTerm(stored, name, parts[0] as string, context);
  const ranged = (range: PrefixedRange): Predicate => {
    return { kind: 'number', k, units: [hashPair(form, ANY_UNIT)], ...range, ...implied };
  };
  if (isInterval) return ranged(intervalRange(name, parts[1] as string, value));
  switch (last.type) {
    case 'quantity':
      return quantityPair(stored, name, { form, implied }, value, context);
    case 'number':
      return ranged(numberRange(name, value));
    case 'date':
      return ranged(dateRange(name, value, context));
    case 'string': {
      const start = fold(unescapeValue(value));
      if (start === '') throw badValue(name, `${quote(value)} has no letters or digits to look for.`);
      return { kind: 'text', k, op: 'prefix', value: compositeTextPrefix(form) + start };
    }
    default:
      return exactPair(stored, name, parts, form, context);
  }
}

function exactHash(
  component: CompositeComponent,
  name: string,
  value: string,
  context: SearchContext,
): TermHash {
  switch (component.type) {
    case 'token':
      return hashTerm(tokenForm(name, value));
    case 'reference':
      return hashTerm(localPart(unescapeValue(value), context.base));
    case 'uri':
      return hashTerm(codeForm('', unescapeValue(value)));
    default:
      throw new UnsupportedError(
        `Parameter ${quote(name)}: a ${component.type} can only be the last of its parts.`,
      );
  }
}

/**
 * A unit without system is not part of the pair's postings: beside the pair in any unit, the value's own
 * parameter must be found in this one.
 */
function quantityPair(
  stored: CompiledParameter,
  name: string,
  { form, implied }: { readonly form: TermHash; readonly implied: Implied },
  value: string,
  context: SearchContext,
): Predicate {
  const { k } = stored;
  const { range, unit, exact } = parseQuantity(name, value, context);
  const inAnyUnit: Predicate = { kind: 'number', k, units: [hashPair(form, ANY_UNIT)], ...range, ...implied };
  const members: Predicate[] = [];
  if (exact !== undefined) {
    const { form: unitOfSystem, ...converted } = exact;
    const units = [hashPair(form, hashTerm(unitOfSystem))];
    members.push({ kind: 'number', k, units, ...converted, ...implied });
  }
  if (unit !== undefined) {
    const units = [hashTerm(unitForm(unit))];
    const own = valueParameters(stored, context).map(
      (parameter): Predicate => ({ kind: 'number', k: parameter.k, units, ...range }),
    );
    members.push(allOf([inAnyUnit, anyOf(own)]));
  }
  return members.length === 0 ? inAnyUnit : anyOf(members);
}

type Implied = { readonly implied?: Predicate };

/** The code alone, by the parameter of its own, if there is one. */
function impliedTerm(
  stored: CompiledParameter,
  name: string,
  value: string,
  context: SearchContext,
): Implied {
  const of = ownTerm(stored, 0, name, value, context);
  return of === undefined ? {} : { implied: of };
}

function ownTerm(
  stored: CompiledParameter,
  at: number,
  name: string,
  value: string,
  context: SearchContext,
): Predicate | undefined {
  const parameter = ownParameterOf(stored, stored.components[at] as CompositeComponent, context.parameters);
  if (parameter === undefined) return undefined;
  if (parameter.pending || parameter.answeredBy.some(({ pending }) => pending)) return undefined;
  return resolveToken(parameter, name, undefined, [value], context);
}

/** Two values as one term: with their systems as they are posted, in a shorter form by what it implies. */
function exactPair(
  stored: CompiledParameter,
  name: string,
  parts: readonly string[],
  form: TermHash,
  context: SearchContext,
): Predicate {
  const { components, k } = stored;
  const value = parts.at(-1) as string;
  const last = components.at(-1) as CompositeComponent;
  const terms = [hashPair(form, exactHash(last, name, value, context))];
  if (!hasPairs(stored)) return { kind: 'term', k, terms };
  const isWhole = components.every(
    ({ type }, at) => type !== 'token' || parseToken(name, parts[at] as string).system !== undefined,
  );
  if (isWhole) return { kind: 'term', k, terms, isPair: true };
  const own = parts.flatMap((part, at) => ownTerm(stored, at, name, part, context) ?? []);
  return { kind: 'term', k, terms, implied: allOf(own) };
}

/** The parameters that hold the last component's values on their own. */
function valueParameters(
  stored: CompiledParameter,
  { parameters }: SearchContext,
): readonly CompiledParameter[] {
  const definition = stored.components.at(-1)?.definition;
  return parameters.of(stored.base).find(({ url }) => url === definition)?.answeredBy ?? [];
}

/** A start and an end are stored as one interval; these are the pairs of comparisons that one interval answers. */
function intervalRange(name: string, start: string, end: string): PrefixedRange {
  const from = numberRange(name, start);
  const to = numberRange(name, end);
  const pair = `${from.prefix} ${to.prefix}`;
  switch (pair) {
    // starts before the one and ends after the other
    case 'lt gt':
      return { prefix: 'ap', lo: to.hi, hi: from.lo };
    case 'le ge':
      return { prefix: 'ap', lo: to.lo, hi: from.hi };
    // lies within
    case 'ge le':
      return { prefix: 'eq', lo: from.lo, hi: to.hi };
    default:
      throw new UnsupportedError(
        `Parameter ${quote(name)}: start and end can be asked for as lt…$gt…, le…$ge… (overlap) or ge…$le… (within).`,
      );
  }
}
