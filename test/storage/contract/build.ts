/**
 * Words for writing contract cases as data: resources with their postings, commands, predicates and queries.
 * The postings are made by hand, so that the suite depends on no SearchParameter and no extractor.
 */
import {
  type DatePosting,
  NO_DATE,
  type NumberPosting,
  type Postings,
  type TermPosting,
  type TextPosting,
} from '../../../src/search/postings.ts';
import type { Predicate, RangePrefix, SearchQuery, SortKey, TextOp } from '../../../src/search/query.ts';
import { hashParam, hashTerm } from '../../../src/search/term-hash.ts';
import type { Expected, StoredVersion, WriteCommand } from '../../../src/storage/store.ts';

export const DAY_MS = 86_400_000;
export const OPEN_END = 8.64e15;

/** Search values of a resource in the clear; each is posted under the key of `Type.name`. */
export interface Values {
  /** The primary date, as a day. */
  readonly date?: string;
  /** `system|code`, posted with both in the clear. */
  readonly codes?: Readonly<Record<string, readonly string[]>>;
  /** Opaque terms: identifiers, references (`Type/id`), URIs. */
  readonly terms?: Readonly<Record<string, readonly string[]>>;
  /** Terms that stand for every identifier of a system. */
  readonly systems?: Readonly<Record<string, readonly string[]>>;
  readonly texts?: Readonly<Record<string, readonly string[]>>;
  /** Pairs of days [lo, hi); an empty string is an open end. */
  readonly dates?: Readonly<Record<string, readonly (readonly [lo: string, hi: string])[]>>;
  readonly numbers?: Readonly<Record<string, readonly (readonly [unit: string, lo: number, hi: number])[]>>;
  /** Names of parameters that have a value but no posting. */
  readonly bare?: readonly string[];
}

export function postingsOf(type: string, values: Values): Postings {
  const terms: TermPosting[] = [];
  const texts: TextPosting[] = [];
  const dates: DatePosting[] = [];
  const numbers: NumberPosting[] = [];
  for (const [name, list] of Object.entries(values.codes ?? {})) {
    for (const value of list) {
      const [system, code] = value.split('|') as [string, string];
      terms.push({ k: hashParam(type, name), h: hashTerm(value), system, code });
    }
  }
  for (const [name, list] of Object.entries(values.terms ?? {})) {
    for (const value of list) terms.push({ k: hashParam(type, name), h: hashTerm(value) });
  }
  for (const [name, list] of Object.entries(values.systems ?? {})) {
    for (const value of list) terms.push({ k: hashParam(type, name), h: hashTerm(value), isSystem: true });
  }
  for (const [name, list] of Object.entries(values.texts ?? {})) {
    for (const value of list) texts.push({ k: hashParam(type, name), text: textOf(value) });
  }
  for (const [name, list] of Object.entries(values.dates ?? {})) {
    for (const [lo, hi] of list) {
      dates.push({ k: hashParam(type, name), lo: dayMs(lo, -OPEN_END), hi: dayMs(hi, OPEN_END) });
    }
  }
  for (const [name, list] of Object.entries(values.numbers ?? {})) {
    for (const [unit, lo, hi] of list) {
      numbers.push({ k: hashParam(type, name), u: unitOf(unit), lo, hi });
    }
  }
  const present = new Set([...terms, ...texts, ...dates, ...numbers].map((posting) => posting.k));
  for (const name of values.bare ?? []) present.add(hashParam(type, name));
  const date = dayMs(values.date ?? '', NO_DATE);
  return { date, terms, texts, dates, numbers, present: [...present].sort((a, b) => a - b) };
}

export function textOf(original: string): string {
  return `${fold(original)}\u0000${original}`;
}

export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();
}

export function unitOf(unit: string): number {
  return unit === '' ? 0 : hashTerm(unit);
}

export function dayMs(day: string, otherwise: number): number {
  return day === '' ? otherwise : Date.parse(`${day}T00:00:00.000Z`);
}

export interface PutOptions {
  readonly values?: Values;
  readonly method?: 'POST' | 'PUT';
  readonly expected?: Expected;
  readonly current?: StoredVersion | undefined;
  /** Anything that makes the text of this version different. */
  readonly mark?: string;
}

export function put(type: string, id: string, options: PutOptions = {}): WriteCommand {
  return {
    kind: 'put',
    type,
    id,
    method: options.method ?? 'PUT',
    text: textAround(type, id, options.mark ?? ''),
    postings: postingsOf(type, options.values ?? {}),
    expected: options.expected ?? 'any',
    ...(options.current !== undefined && { current: options.current }),
  };
}

export function remove(type: string, id: string, expected: Expected = 'any'): WriteCommand {
  return { kind: 'delete', type, id, expected };
}

function textAround(type: string, id: string, mark: string): { before: string; after: string } {
  return {
    before: `{"resourceType":"${type}","id":"${id}","meta":{`,
    after: `},"note":${JSON.stringify(mark)}}`,
  };
}

/** The whole text of a version as the store must return it. */
export function jsonOf(
  type: string,
  id: string,
  versionId: string,
  lastUpdated: number,
  mark: string = '',
): string {
  const { before, after } = textAround(type, id, mark);
  return `${before}"versionId":"${versionId}","lastUpdated":"${new Date(lastUpdated).toISOString()}"${after}`;
}

export function query(type: string, where: Predicate, ...sort: SortKey[]): SearchQuery {
  return { types: type === '' ? [] : type.split(','), where, sort };
}

export const all = (...of: Predicate[]): Predicate => ({ kind: 'all', of });
export const any = (...of: Predicate[]): Predicate => ({ kind: 'any', of });
export const not = (of: Predicate): Predicate => ({ kind: 'not', of });
export const id = (...ids: string[]): Predicate => ({ kind: 'id', ids });

/** `param` is `Type.code` throughout. */
export const term = (param: string, ...values: string[]): Predicate => ({
  kind: 'term',
  k: keyOf(param),
  terms: values.map(hashTerm),
});
export const code = (param: string, value: string): Predicate => ({
  kind: 'code',
  k: keyOf(param),
  code: value,
});
export const system = (param: string, value: string): Predicate => ({
  kind: 'system',
  k: keyOf(param),
  system: value,
});
export const text = (param: string, op: TextOp, value: string): Predicate => ({
  kind: 'text',
  k: keyOf(param),
  op,
  value: op === 'exact' ? textOf(value) : fold(value),
});
export const date = (param: string, prefix: RangePrefix, lo: string, hi: string): Predicate => ({
  kind: 'date',
  k: keyOf(param),
  prefix,
  lo: dayMs(lo, -OPEN_END),
  hi: dayMs(hi, OPEN_END),
});
export const number = (
  param: string,
  prefix: RangePrefix,
  lo: number,
  hi: number,
  ...units: string[]
): Predicate => ({
  kind: 'number',
  k: keyOf(param),
  units: units.map(unitOf),
  prefix,
  lo,
  hi,
});
/** `:text` of a token. */
export const words = (param: string, value: string): Predicate => ({ kind: 'words', k: keyOf(param), value });
export const near = (param: string, latitude: number, longitude: number, radiusM: number): Predicate => ({
  kind: 'near',
  k: keyOf(param),
  latitude,
  longitude,
  radiusM,
});
export const type = (...types: string[]): Predicate => ({ kind: 'type', types });
/** A date of the parameter that orders the type. */
export const primary = (param: string, prefix: RangePrefix, lo: string, hi: string): Predicate => ({
  ...(date(param, prefix, lo, hi) as Extract<Predicate, { kind: 'date' }>),
  primary: true,
});
export const present = (param: string): Predicate => ({ kind: 'present', k: keyOf(param) });
export const updated = (prefix: RangePrefix, lo: number, hi: number): Predicate => ({
  kind: 'updated',
  prefix,
  lo,
  hi,
});
export const chain = (param: string, target: string, where: Predicate): Predicate => ({
  kind: 'chain',
  k: keyOf(param),
  target,
  where,
});
export const has = (param: string, where: Predicate): Predicate => ({
  kind: 'has',
  source: param.slice(0, param.indexOf('.')),
  k: keyOf(param),
  where,
});

export const by = (param: string, kind: 'date' | 'number' | 'text' | 'term'): SortKey => ({
  by: kind,
  k: keyOf(param),
  descending: false,
});
export const byDesc = (param: string, kind: 'date' | 'number' | 'text' | 'term'): SortKey => ({
  by: kind,
  k: keyOf(param),
  descending: true,
});

export function keyOf(param: string): number {
  const dot = param.indexOf('.');
  return hashParam(param.slice(0, dot), param.slice(dot + 1));
}

/** The next double: an exact value x is posted as [x, nextUp(x)). */
export function nextUp(x: number): number {
  if (x === 0) return Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  view.setBigInt64(0, view.getBigInt64(0) + (x > 0 ? 1n : -1n));
  return view.getFloat64(0);
}

/** By what the text of a resource says: `mark`. */
export const byMark = (descending: boolean, type = 'Observation'): SortKey => ({
  by: 'gathered',
  of: [
    {
      by: 'content',
      k: hashParam(type, 'mark'),
      type,
      isContained: false,
      paths: [{ fromRoot: false, steps: [{ kind: 'property', json: 'note', type: 'id' }], type: 'id' }],
      base: '',
    },
  ],
  descending,
});

/** The same where each value is a term of `link` too, as those of references are; perhaps of one type alone. */
export const byLink = (descending: boolean, type: string, target?: string): SortKey => ({
  by: 'gathered',
  of: [
    {
      by: 'content',
      k: hashParam(type, 'linked'),
      type,
      isContained: false,
      paths: [
        {
          fromRoot: false,
          steps: [
            { kind: 'property', json: 'note', type: 'uri' },
            ...(target === undefined ? [] : [{ kind: 'refersTo', type: target } as const]),
          ],
          type: 'uri',
        },
      ],
      base: '',
      posted: { k: hashParam(type, 'link'), inTerms: true, ...(target !== undefined && { type: target }) },
    },
  ],
  descending,
});

/** By the values of several parameters together. */
export const byAll = (
  kind: 'date' | 'number' | 'text' | 'term',
  descending: boolean,
  ...params: readonly string[]
): SortKey => ({ by: 'gathered', of: params.map((param) => ({ by: kind, k: keyOf(param) })), descending });
