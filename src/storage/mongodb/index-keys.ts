/**
 * Postings as the one multikey index of strings and the unindexed members beside it. A key is the parameter in six
 * characters, a letter for the kind, and a value in the order of its kind; keys that start with `!` belong
 * to no parameter. The index stays the same however many search parameters there are.
 *
 *     !d                   the resource is deleted
 *     <param>t<hash>       an exact term
 *     <param>s<fold>       a folded string
 *     <param>d<lo>         the start of a date interval, but for a primary date that the place in a list tells
 *     <param>n<lo>         the lower end of a number interval, whatever its unit
 *     <param>p             present without any other key
 *     <param>w             dates that a window over their starts may miss: several, or longer than 32 days
 *     <param>x             numbers of which the same is true
 *     <param>o             more pairs of a composite, or numbers, than have keys of their own
 *
 * A key at a random place of an index costs a server the more, the larger the index is. So the resource itself, as
 * references hash it (`!s<hash>`), has a member and a small index of its own, and the type of a live resource, which is
 * one value and not a list, has another: between two places of a list lie the dates between, without a key for each.
 * Among the keys of a path it is `!tPatient`.
 *
 * What is always asked for together with something that has a key has none: it is in a list that no index holds, as
 * `<param>t<hash>`, and as `<param>o<hash>` where it is one of too many pairs. Strings share the keys of a wider
 * parameter, see shared-keys.ts.
 */
import type {
  DatePosting,
  NumberPosting,
  ParamKey,
  Postings,
  TermHash,
  TermPosting,
} from '../../search/postings.ts';
import { hashParam, hashTerm } from '../../search/term-hash.ts';
import {
  decodeInteger,
  encodeInteger,
  encodeNumber,
  encodeTime,
  PARAM_WIDTH,
  TERM_WIDTH,
} from './ordered-text.ts';
import { isToldByPlace, NARROW_DATE_MS, primaryKeyOf } from './primary-dates.ts';
import { stringsOwnerOf, widerOf } from './shared-keys.ts';

/** A date interval beside the index, which filters by its end: parameter, start, end. */
export interface DateMember {
  readonly p: number;
  readonly l: number;
  readonly h: number;
}

export interface NumberMember extends DateMember {
  readonly u: number;
}

/** The members of a stored resource that come from its postings. */
export interface IndexMembers {
  /** Everything the index holds. */
  readonly k: readonly string[];
  /** Terms that are tested, and found by other keys. */
  readonly x?: readonly string[];
  /** The resource itself, as references hash it. */
  readonly h?: string;
  /** The type, of a live resource. */
  readonly l?: string;
  /** Strings with their originals: parameter in six characters, fold, NUL, original. */
  readonly s?: readonly string[];
  readonly dt?: readonly DateMember[];
  readonly q?: readonly NumberMember[];
  /** Parameters that have a value. */
  readonly pr?: readonly number[];
}

/** The only key of a tombstone. */
export const DELETED_KEY = '!d';
/** Above every key of a prefix. */
const AFTER_ALL = '\u{10ffff}';

export interface KeyRange {
  readonly gte: string;
  readonly lt: string;
}

export function typeKey(type: string): string {
  return `!t${type}`;
}

export function isTypeKey(key: string): boolean {
  return key.startsWith('!t');
}

export function selfKey(hash: TermHash): string {
  return `!s${encodeInteger(hash, TERM_WIDTH)}`;
}

export function isSelfKey(key: string): boolean {
  return key.startsWith('!s');
}

/** The member that keys are kept in: all of a list are self keys, all are types, or none is either. */
export function memberOf(keys: readonly string[]): 'h' | 'k' | 'l' {
  const [first] = keys;
  if (first === undefined) return 'k';
  return isSelfKey(first) ? 'h' : isTypeKey(first) ? 'l' : 'k';
}

/** The value of the member that stands for the key. */
export function memberValue(key: string): string {
  return isTypeKey(key) ? key.slice(2) : key;
}

export function isParamKey(key: string): boolean {
  return !key.startsWith('!');
}

export function termKey(k: ParamKey, hash: TermHash): string {
  return `${paramText(k)}t${encodeInteger(hash, TERM_WIDTH)}`;
}

/** Pairs, or lower ends of numbers, of one parameter of a resource that have keys. */
const KEPT_MAX = 4;

/** What has more of them. */
export function manyKey(k: ParamKey): string {
  return `${paramText(k)}o`;
}

/** Such a pair, in the list that no index holds. */
export function unlistedPair(k: ParamKey, hash: TermHash): string {
  return manyKey(k) + encodeInteger(hash, TERM_WIDTH);
}

export function wideDateKey(k: ParamKey): string {
  return `${paramText(k)}w`;
}

export function wideNumberKey(k: ParamKey): string {
  return `${paramText(k)}x`;
}

export function paramText(k: ParamKey): string {
  return encodeInteger(k, PARAM_WIDTH);
}

/** All keys of a parameter. */
export function paramRange(k: ParamKey): KeyRange {
  return { gte: paramText(k), lt: paramText(k) + AFTER_ALL };
}

/** All keys of one kind of a parameter: `t`, `s`, `d` or `n`. */
export function kindRange(k: ParamKey, kind: 't' | 's' | 'd' | 'n'): KeyRange {
  return { gte: paramText(k) + kind, lt: paramText(k) + kind + AFTER_ALL };
}

/** Strings whose fold starts with the prefix. */
export function textRange(k: ParamKey, prefix: string): KeyRange {
  const start = `${paramText(k)}s${prefix}`;
  return { gte: start, lt: start + AFTER_ALL };
}

/** Dates that start in [lo, hi). */
export function dateRange(k: ParamKey, lo: number, hi: number): KeyRange {
  const start = `${paramText(k)}d`;
  return { gte: start + encodeTime(lo), lt: hi >= 8.64e15 ? start + AFTER_ALL : start + encodeTime(hi) };
}

/** Numbers whose lower end is in [lo, hi). */
export function numberRange(k: ParamKey, lo: number, hi: number): KeyRange {
  const start = `${paramText(k)}n`;
  const all = hi === Number.POSITIVE_INFINITY;
  return { gte: start + encodeNumber(lo), lt: all ? start + AFTER_ALL : start + encodeNumber(hi) };
}

/** What a live resource of `type` stores for its postings. */
export function indexMembersOf(type: string, id: string, postings: Postings): IndexMembers {
  const keys = new Set<string>();
  const inOrder = isToldByPlace(type, postings) ? primaryKeyOf(type) : undefined;
  const posted = new Set<ParamKey>();
  const unlisted = addTerms(postings.terms, keys, posted);
  for (const { k, text } of postings.texts) {
    posted.add(k);
    keys.add(`${paramText(stringsOwnerOf(k, [type]))}s${foldOf(text)}`);
  }
  for (const { k, lo } of postings.dates) {
    posted.add(k);
    if (k !== inOrder) keys.add(`${paramText(k)}d${encodeTime(lo)}`);
  }
  addNumbers(type, postings.numbers, keys, posted);
  for (const k of widely(postings.dates, isNarrowDate)) keys.add(wideDateKey(k));
  for (const k of widely(postings.numbers, isNarrowNumber)) keys.add(wideNumberKey(k));
  for (const k of postings.present) {
    const isFound = posted.has(k) || posted.has(widerOf(k, [type]) ?? k);
    if (!isFound) keys.add(`${paramText(k)}p`);
  }
  return {
    k: [...keys],
    ...(unlisted.length > 0 && { x: unlisted }),
    h: selfKey(hashTerm(`${type}/${id}`)),
    l: type,
    ...(postings.texts.length > 0 && { s: postings.texts.map(({ k, text }) => paramText(k) + text) }),
    ...(postings.dates.length > 0 && { dt: postings.dates.map(({ k, lo, hi }) => ({ p: k, l: lo, h: hi })) }),
    ...(postings.numbers.length > 0 && {
      q: postings.numbers.map(({ k, u, lo, hi }) => ({ p: k, u, l: lo, h: hi })),
    }),
    ...(postings.present.length > 0 && { pr: [...postings.present] }),
  };
}

/** Adds the keys of terms; the terms that get none are returned. */
function addTerms(terms: readonly TermPosting[], keys: Set<string>, posted: Set<ParamKey>): string[] {
  const unlisted: string[] = [];
  const pairs = new Map<ParamKey, number>();
  for (const { k, role } of terms) if (role === 'pair') pairs.set(k, (pairs.get(k) ?? 0) + 1);
  for (const { k, h, role } of terms) {
    if (role === 'implied') {
      unlisted.push(termKey(k, h));
      continue;
    }
    posted.add(k);
    if (role === 'pair' && pairs.get(k)! > KEPT_MAX) {
      unlisted.push(unlistedPair(k, h));
      keys.add(manyKey(k));
    } else keys.add(termKey(k, h));
  }
  return unlisted;
}

/**
 * Of many the least and the greatest have keys: these are what lists in the order of a number go by. Positions, which
 * are no intervals, have all of them.
 */
function addNumbers(
  type: string,
  numbers: readonly NumberPosting[],
  keys: Set<string>,
  posted: Set<ParamKey>,
): void {
  const starts = new Map<ParamKey, Set<string>>();
  for (const { k, lo } of numbers) {
    posted.add(k);
    starts.set(k, (starts.get(k) ?? new Set()).add(`${paramText(k)}n${encodeNumber(lo)}`));
  }
  for (const [k, all] of starts) {
    const isMany = all.size > KEPT_MAX && k !== hashParam(type, 'near');
    if (isMany) keys.add(manyKey(k));
    const inOrder = isMany ? [...all].sort() : [...all];
    for (const key of isMany ? [inOrder[0]!, inOrder.at(-1)!] : inOrder) keys.add(key);
  }
}

/** How far below a bound on the upper end of a narrow number its lower end may be. */
export function narrowNumberReach(bound: number): number {
  return Math.max(1, Math.abs(bound) * 0.12);
}

/** The hash in a key of a term, or undefined for another key. */
export function hashInKey(key: string, prefix: string): TermHash | undefined {
  return key.startsWith(prefix) ? decodeInteger(key.slice(prefix.length)) : undefined;
}

/** The parameter that a key belongs to, or undefined. */
export function paramOfKey(key: string): ParamKey | undefined {
  return key.startsWith('!') ? undefined : decodeInteger(key.slice(0, PARAM_WIDTH));
}

export function foldOf(text: string): string {
  const end = text.indexOf('\u0000');
  return end < 0 ? text : text.slice(0, end);
}

/** Parameters whose postings a window over their lower ends may miss. */
function widely<Interval extends DatePosting | NumberPosting>(
  intervals: readonly Interval[],
  isNarrow: (interval: Interval) => boolean,
): Set<ParamKey> {
  const seen = new Set<ParamKey>();
  const wide = new Set<ParamKey>();
  for (const interval of intervals) {
    if (seen.has(interval.k) || !isNarrow(interval)) wide.add(interval.k);
    seen.add(interval.k);
  }
  return wide;
}

function isNarrowDate({ lo, hi }: DatePosting): boolean {
  return hi - lo <= NARROW_DATE_MS;
}

function isNarrowNumber({ lo, hi }: NumberPosting): boolean {
  return hi - lo <= Math.max(1, Math.abs(lo) * 0.1);
}
