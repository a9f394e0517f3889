/**
 * Collects the postings of one resource, without repeats.
 */
import {
  type DatePosting,
  NO_DATE,
  type NumberPosting,
  type ParamKey,
  type Postings,
  type TermHash,
  type TermPosting,
  type TextPosting,
} from './postings.ts';
import { hashTerm } from './term-hash.ts';

/** From here on repeats are looked up in a set instead of in the list. */
const LIST_MAX = 48;

export class PostingsBuilder {
  readonly terms: TermPosting[] = [];
  readonly texts: TextPosting[] = [];
  readonly dates: DatePosting[] = [];
  readonly numbers: NumberPosting[] = [];
  readonly present: ParamKey[] = [];
  /** Folded texts that went to the dictionary. */
  readonly labels: string[] = [];
  readonly #primary: ParamKey;
  #date = NO_DATE;
  /** What is in the longer lists. */
  #seen: Map<string, Set<string>> | undefined;

  constructor(primary: ParamKey) {
    this.#primary = primary;
  }

  addPresent(k: ParamKey): void {
    if (!this.present.includes(k)) this.present.push(k);
  }

  /** A term whose system and code need not be known again. */
  addTerm(k: ParamKey, h: TermHash): void {
    if (!this.#hasTerm(k, h)) this.terms.push({ k, h });
  }

  /** A term that is asked for together with another one of the resource. */
  addImplied(k: ParamKey, h: TermHash): void {
    if (!this.#hasTerm(k, h)) this.terms.push({ k, h, role: 'implied' });
  }

  /** A pair with all that can be asked of it. */
  addPair(k: ParamKey, h: TermHash): void {
    if (!this.#hasTerm(k, h)) this.terms.push({ k, h, role: 'pair' });
  }

  /** A term of a parameter that nothing else posts, and that is not there yet. */
  addNewTerm(k: ParamKey, h: TermHash): void {
    this.terms.push({ k, h });
  }

  /** The term of a whole system of identifiers. */
  addSystem(k: ParamKey, h: TermHash): void {
    if (!this.#hasTerm(k, h)) this.terms.push({ k, h, isSystem: true });
  }

  /** A term for the dictionary. */
  addCode(k: ParamKey, h: TermHash, system: string, code: string): void {
    if (!this.#hasTerm(k, h)) this.terms.push({ k, h, system, code });
  }

  /** Display or text of a concept, folded, for the dictionary. */
  addLabel(k: ParamKey, label: string): void {
    const { labels } = this;
    // the space behind the last word tells whole words from starts of words
    this.addCode(k, hashTerm(label), '', `${label} `);
    const isKnown =
      labels.length < LIST_MAX ? labels.includes(label) : this.#wasSeen('labels', labels, label, same);
    if (!isKnown) labels.push(label);
  }

  addText(k: ParamKey, text: string | undefined): void {
    if (text === undefined) return;
    const { texts } = this;
    const isKnown =
      texts.length < LIST_MAX
        ? texts.some((known) => known.k === k && known.text === text)
        : this.#wasSeen('texts', texts, `${k} ${text}`, (known) => `${known.k} ${known.text}`);
    if (!isKnown) texts.push({ k, text });
  }

  addDate(k: ParamKey, lo: number, hi: number): void {
    const { dates } = this;
    const isKnown =
      dates.length < LIST_MAX
        ? dates.some((known) => known.k === k && known.lo === lo && known.hi === hi)
        : this.#wasSeen('dates', dates, `${k} ${lo} ${hi}`, (known) => `${known.k} ${known.lo} ${known.hi}`);
    if (isKnown) return;
    dates.push({ k, lo, hi });
    if (k === this.#primary && (this.#date === NO_DATE || lo < this.#date)) this.#date = lo;
  }

  addNumber(k: ParamKey, u: number, lo: number, hi: number): void {
    const { numbers } = this;
    const isKnown =
      numbers.length < LIST_MAX
        ? numbers.some((known) => known.u === u && known.k === k && known.lo === lo && known.hi === hi)
        : this.#wasSeen('numbers', numbers, `${k} ${u} ${lo} ${hi}`, numberKey);
    if (!isKnown) numbers.push({ k, u, lo, hi });
  }

  build(): Postings {
    const { terms, texts, dates, numbers, present } = this;
    present.sort((a, b) => a - b);
    return { date: this.#date, terms, texts, dates, numbers, present };
  }

  #hasTerm(k: ParamKey, h: TermHash): boolean {
    const { terms } = this;
    if (terms.length >= LIST_MAX)
      return this.#wasSeen('terms', terms, `${k} ${h}`, (known) => `${known.k} ${known.h}`);
    for (let at = terms.length - 1; at >= 0; at--) {
      const known = terms[at] as TermPosting;
      if (known.h === h && known.k === k) return true;
    }
    return false;
  }

  /** Whether the key is in the list by now, or was asked about before. */
  #wasSeen<T>(name: string, list: readonly T[], key: string, keyOf: (one: T) => string): boolean {
    this.#seen ??= new Map();
    let seen = this.#seen.get(name);
    if (seen === undefined) {
      seen = new Set(list.map(keyOf));
      this.#seen.set(name, seen);
    }
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  }
}

function same(text: string): string {
  return text;
}

function numberKey({ k, u, lo, hi }: NumberPosting): string {
  return `${k} ${u} ${lo} ${hi}`;
}
