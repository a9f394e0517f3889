/**
 * Parameters that shape the result instead of selecting: sorting, paging, includes, summaries.
 * https://hl7.org/fhir/R4/search.html#return
 */

import type { SearchContext } from './context.ts';
import { CONTAINED } from './parameters.ts';
import { primaryDate } from './primary-date.ts';
import type { SortKey } from './query.ts';
import { findParameter } from './resolve-criteria.ts';
import { badModifier, badValue, EmptyError, quote, tooCostly, UnsupportedError } from './search-errors.ts';
import type { IncludeRule, SearchRequest } from './search-request.ts';
import { parameterKey, why } from './sort-key.ts';

/** The parts of a request that these parameters fill in. */
export interface ResultShape {
  sort: SortKey[];
  count: number;
  total: SearchRequest['total'];
  includes: IncludeRule[];
  summary: SearchRequest['summary'];
  elements: string[];
  contained: SearchRequest['contained'];
  containedType: SearchRequest['containedType'];
  explain: boolean;
  page?: string;
}

export function newResultShape(context: SearchContext): ResultShape {
  return {
    sort: [],
    count: context.limits.countDefault,
    total: 'none',
    includes: [],
    summary: 'false',
    elements: [],
    contained: 'false',
    containedType: 'container',
    explain: false,
  };
}

/**
 * Takes a result parameter into the shape; false when the name is none. The value as used goes to `use`.
 * @throws UnsupportedError, FhirError
 */
export function resolveResultParameter(
  name: string,
  value: string,
  places: readonly string[],
  shape: ResultShape,
  context: SearchContext,
): { readonly used: string | undefined } | undefined {
  const isEmpty = LISTS.includes(name) ? /^,*$/.test(value) : value === '' && isSingle(name);
  if (isEmpty) throw new EmptyError(`Parameter ${quote(name)}: it has no value.`);
  switch (name) {
    case '_sort':
      // it may repeat for further keys
      shape.sort = [...shape.sort, ...sortKeys(value, shape.sort.length, places, context)];
      return { used: value };
    case '_count':
      shape.count = countOf(value, context);
      return { used: String(shape.count) };
    case '_total':
      shape.total = oneOf(name, value, ['none', 'estimate', 'accurate']);
      return { used: value };
    case '_summary':
      shape.summary = oneOf(name, value, ['true', 'text', 'data', 'count', 'false']);
      return { used: value };
    case '_elements':
      shape.elements.push(...elementsOf(value, context));
      return { used: value };
    case '_contained':
      shape.contained = oneOf(name, value, ['false', 'true', 'both']);
      return { used: value };
    case '_containedType':
      shape.containedType = oneOf(name, value, ['container', 'contained']);
      return { used: value };
    case '_explain':
      if (context.explains !== true) throw new UnsupportedError(`Parameter '_explain': it is switched off.`);
      shape.explain = value === '' || oneOf(name, value, ['true', 'false']) === 'true';
      return { used: undefined };
    case '_page':
      shape.page = value;
      return { used: undefined };
    case '_format':
    case '_pretty':
      return { used: value };
    default:
      refuseModifier(name);
      return isInclude(name) ? { used: addInclude(name, value, shape, context) } : undefined;
  }
}

/** R4 has unknown modifiers refused, whatever the handling: `_sort:desc` is of earlier versions. */
function refuseModifier(name: string): void {
  const at = name.indexOf(':');
  const plain = at < 0 ? '' : name.slice(0, at);
  if (SINGLE.includes(plain) || LISTS.includes(plain) || OTHERS.includes(plain))
    throw badModifier(name, name.slice(at + 1), []);
}

const SINGLE: readonly string[] = ['_count', '_total', '_summary', '_contained', '_containedType'];

/** Their values are lists, of which empty members count for nothing. */
const LISTS: readonly string[] = ['_sort', '_elements'];

const OTHERS: readonly string[] = ['_type', '_format', '_pretty'];

/** Whether of several values the last one counts. */
export function isSingle(name: string): boolean {
  return SINGLE.includes(name);
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw badValue(name, `${quote(value)} is not one of ${allowed.join(', ')}.`);
  return found;
}

function countOf(value: string, { limits }: SearchContext): number {
  if (!/^\d{1,15}$/.test(value)) throw badValue('_count', `${quote(value)} is no whole number from 0 on.`);
  return Math.min(Number(value), limits.countMax);
}

function elementsOf(value: string, { limits }: SearchContext): string[] {
  const names = value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  if (names.length > limits.elementsMax) {
    throw tooCostly('_elements', `it names ${names.length} elements, and ${limits.elementsMax} are allowed.`);
  }
  for (const name of names) {
    if (!/^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$/.test(name)) {
      throw badValue('_elements', `${quote(name)} is no element name.`);
    }
  }
  return names;
}

/** https://hl7.org/fhir/R4/search.html#sort */
function sortKeys(
  value: string,
  known: number,
  places: readonly string[],
  context: SearchContext,
): SortKey[] {
  const names = value.split(',').filter((one) => one !== '');
  const { sortKeysMax } = context.limits;
  if (known + names.length > sortKeysMax) {
    throw tooCostly('_sort', `it has ${known + names.length} keys, and ${sortKeysMax} are allowed.`);
  }
  return names.map((name) => {
    const descending = name.startsWith('-');
    return sortKey(descending ? name.slice(1) : name, descending, places, context);
  });
}

/** Types that one key of an order may be looked up for. */
const TYPES_MAX = 20;

function sortKey(
  code: string,
  descending: boolean,
  places: readonly string[],
  context: SearchContext,
): SortKey {
  if (code === '_id') return { by: 'id', descending };
  if (code === '_lastUpdated') return { by: 'updated', descending };
  const types = [...new Set(places.map((place) => place.replace(CONTAINED, '')))];
  if (types.length > TYPES_MAX) {
    throw badValue(
      '_sort',
      `a search of more than ${TYPES_MAX} types is sorted by _id or _lastUpdated only.`,
    );
  }
  const found = places.map((place) => findParameter(place, code, '_sort', context));
  const primary = places.map((place) => primaryDate(context.parameters, place));
  if (found.every((one, at) => one === primary[at])) return { by: 'primary', descending };
  const key = parameterKey(found, descending, context.base);
  if (key === undefined) {
    throw badValue('_sort', `${types.join(', ')} cannot be sorted by ${quote(code)}, ${why(found)}.`);
  }
  return key;
}

function isInclude(name: string): boolean {
  return /^_(rev)?include(:|$)/.test(name);
}

/** https://hl7.org/fhir/R4/search.html#revinclude */
function addInclude(name: string, value: string, shape: ResultShape, context: SearchContext): string {
  const [base = '', modifier] = name.split(':');
  // `:recurse` is what earlier versions of FHIR called it
  if (modifier !== undefined && modifier !== 'iterate' && modifier !== 'recurse') {
    throw badModifier(base, modifier, ['iterate']);
  }
  if (shape.includes.length >= context.limits.includesMax) {
    throw tooCostly(base, `more than ${context.limits.includesMax} includes.`);
  }
  const { definitions } = context.parameters;
  const [source = '', parameter = '*', target] = value.split(':');
  const isWild = source === '*' && (value === '*' || parameter === '*');
  if (!isWild && !definitions.isResourceType(source))
    throw badValue(base, `${quote(source)} is no resource type.`);
  if (target !== undefined && !definitions.isResourceType(target)) {
    throw badValue(base, `${quote(target)} is no resource type.`);
  }
  if (!isWild && !value.includes(':'))
    throw badValue(base, `${quote(value)} must be Type:parameter, or * for all.`);
  if (parameter !== '*') {
    const found = findParameter(source, parameter, base, context);
    if (found.type !== 'reference') throw badValue(base, `${quote(parameter)} of ${source} is no reference.`);
  }
  const rule = { source, parameter, reverse: base === '_revinclude', iterate: modifier !== undefined };
  shape.includes.push(target === undefined ? rule : { ...rule, target });
  return value;
}
