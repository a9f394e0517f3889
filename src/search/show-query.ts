/**
 * A query as text that a person can read, keys by the names of their parameters: for explanations and golden files.
 * https://hl7.org/fhir/R4/search.html
 */
import { SUB_KEYS, subKey } from './compiled-parameter.ts';
import { contentKey, narrativeKey } from './content-words.ts';
import { CONTAINED, type SearchParameters } from './parameters.ts';
import type { Predicate, SearchQuery, SortKey } from './query.ts';
import { hashParam } from './term-hash.ts';

export type ShowQuery = (query: SearchQuery) => string;

export function createShowQuery(parameters: SearchParameters): ShowQuery {
  const names = new Map<number, string>();
  const named = new Set<string>();
  const nameKeys = (type: string): void => {
    if (named.has(type)) return;
    named.add(type);
    names.set(contentKey(type), `${type}._content`);
    names.set(narrativeKey(type), `${type}._text`);
    names.set(hashParam(CONTAINED + type, '_id'), `${CONTAINED}${type}._id`);
    for (const parameter of [...parameters.of(type), ...parameters.of(CONTAINED + type)]) {
      const name = `${parameter.base}.${parameter.code}`;
      names.set(parameter.k, name);
      for (const sub of SUB_KEYS) names.set(subKey(parameter, sub), `${name}:${sub}`);
    }
  };
  const key = (k: number): string => names.get(k) ?? `?${k}`;
  return ({ types, where, sort }) => {
    const all = types.length === 0 ? parameters.definitions.resourceTypes : types;
    for (const type of [...all, ...typesWithin(where)]) nameKeys(type);
    const by = sort.length === 0 ? '' : `\n    by ${sort.map((one) => showSort(one, key)).join(', ')}`;
    return `${types.join(' ') || '*'}: ${showPredicate(where, key)}${by}`;
  };
}

/** Types that chains lead to. */
function typesWithin(predicate: Predicate): readonly string[] {
  switch (predicate.kind) {
    case 'all':
    case 'any':
      return predicate.of.flatMap(typesWithin);
    case 'not':
      return typesWithin(predicate.of);
    case 'chain':
      return [predicate.target, ...typesWithin(predicate.where)];
    case 'has':
      return [predicate.source, ...typesWithin(predicate.where)];
    default:
      return [];
  }
}

type Key = (k: number) => string;

function showSort(sort: SortKey, key: Key): string {
  if (sort.by === 'gathered') {
    const of = sort.of.map((source) => `${source.by} ${key(source.k)}`);
    return `gathered (${of.join(', ')})${sort.descending ? ' down' : ' up'}`;
  }
  return `${'k' in sort ? `${sort.by} ${key(sort.k)}` : sort.by}${sort.descending ? ' down' : ' up'}`;
}

/** Long lists are cut: what counts is how they begin and how long they are. */
function list(values: readonly (string | number)[]): string {
  return values.length <= 4 ? values.join(' ') : `${values.slice(0, 3).join(' ')} …${values.length}`;
}

function showPredicate(predicate: Predicate, key: Key): string {
  const many = (of: readonly Predicate[]): string => {
    const shown = of.slice(0, 12).map((one) => showPredicate(one, key));
    return `(${shown.join(', ')}${of.length > 12 ? ` …${of.length}` : ''})`;
  };
  switch (predicate.kind) {
    case 'all':
    case 'any':
      return `${predicate.kind}${many(predicate.of)}`;
    case 'not':
      return `not ${showPredicate(predicate.of, key)}`;
    case 'term':
      return `term ${key(predicate.k)} ${list(predicate.terms)}`;
    case 'code':
      return `code ${key(predicate.k)} '${predicate.code}'`;
    case 'system':
      return `system ${key(predicate.k)} '${predicate.system}'`;
    case 'words':
      return `words ${key(predicate.k)} '${predicate.value}'`;
    case 'text':
      return `text ${key(predicate.k)} ${predicate.op} ${JSON.stringify(predicate.value)}`;
    case 'date': {
      const { prefix, lo, hi, primary } = predicate;
      return `date ${key(predicate.k)} ${prefix} ${moment(lo)}..${moment(hi)}${primary === true ? ' primary' : ''}`;
    }
    case 'updated':
      return `updated ${predicate.prefix} ${moment(predicate.lo)}..${moment(predicate.hi)}`;
    case 'number': {
      const { units, prefix, lo, hi } = predicate;
      return `number ${key(predicate.k)}${units.length === 0 ? '' : ` unit ${list(units)}`} ${prefix} ${lo}..${hi}`;
    }
    case 'near':
      return `near ${key(predicate.k)} ${predicate.latitude} ${predicate.longitude} ${predicate.radiusM} m`;
    case 'present':
      return `present ${key(predicate.k)}`;
    case 'id':
      return `id ${list(predicate.ids)}`;
    case 'type':
      return `type ${list(predicate.types)}`;
    case 'chain':
      return `chain ${key(predicate.k)} -> ${predicate.target} (${showPredicate(predicate.where, key)})`;
    case 'has':
      return `has ${predicate.source} <- ${key(predicate.k)} (${showPredicate(predicate.where, key)})`;
  }
}

function moment(ms: number): string {
  return Math.abs(ms) > 8e15 ? (ms < 0 ? '-' : '+') : new Date(ms).toISOString().replace(/\.000Z$/, 'Z');
}
