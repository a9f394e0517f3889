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
  #seenTerms: Set<string> | undefined;
  #seenTexts: Set<string> | undefined;

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

  /** A term for the dictionary. */
  addCode(k: ParamKey, h: TermHash, system: string, code: string): void {
    if (!this.#hasTerm(k, h)) this.terms.push({ k, h, system, code });
  }

  /** Display or text of a concept, folded, for the dictionary. */
  addLabel(k: ParamKey, label: string): void {
    // the space behind the last word tells whole words from starts of words
    this.addCode(k, hashTerm(label), '', `${label} `);
    if (!this.labels.includes(label)) this.labels.push(label);
  }

  addText(k: ParamKey, text: string | undefined): void {
    if (text === undefined || this.#hasText(k, text)) return;
    this.texts.push({ k, text });
  }

  addDate(k: ParamKey, lo: number, hi: number): void {
    for (const known of this.dates) if (known.k === k && known.lo === lo && known.hi === hi) return;
    this.dates.push({ k, lo, hi });
    if (k === this.#primary && (this.#date === NO_DATE || lo < this.#date)) this.#date = lo;
  }

  addNumber(k: ParamKey, u: number, lo: number, hi: number): void {
    for (const known of this.numbers) {
      if (known.u === u && known.k === k && known.lo === lo && known.hi === hi) return;
    }
    this.numbers.push({ k, u, lo, hi });
  }

  build(): Postings {
    const { terms, texts, dates, numbers, present } = this;
    present.sort((a, b) => a - b);
    return { date: this.#date, terms, texts, dates, numbers, present };
  }

  #hasTerm(k: ParamKey, h: TermHash): boolean {
    const { terms } = this;
    if (terms.length < LIST_MAX) {
      for (let at = terms.length - 1; at >= 0; at--) {
        const known = terms[at] as TermPosting;
        if (known.h === h && known.k === k) return true;
      }
      return false;
    }
    this.#seenTerms ??= new Set(terms.map((term) => `${term.k} ${term.h}`));
    const key = `${k} ${h}`;
    if (this.#seenTerms.has(key)) return true;
    this.#seenTerms.add(key);
    return false;
  }

  #hasText(k: ParamKey, text: string): boolean {
    const { texts } = this;
    if (texts.length < LIST_MAX) return texts.some((known) => known.k === k && known.text === text);
    this.#seenTexts ??= new Set(texts.map((known) => `${known.k} ${known.text}`));
    const key = `${k} ${text}`;
    if (this.#seenTexts.has(key)) return true;
    this.#seenTexts.add(key);
    return false;
  }
}
