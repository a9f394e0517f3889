/**
 * Strings as search compares them: without case, accents, and differences of punctuation or spacing.
 * https://hl7.org/fhir/R4/search.html#string
 */

import { memoize } from './memo.ts';

/** Longest part of a string that is indexed, in UTF-16 units of the fold. */
const FOLD_MAX = 1024;

const ASCII_ONLY = /^[ -~]*$/;
const MARKS = /\p{M}+/gu;
const SEPARATORS = /[\s\p{P}\p{S}\p{C}\p{Z}]+/gu;
const ASCII_SEPARATORS = /[^a-z0-9]+/g;
/** Letters that NFKD leaves whole although people write them in two ways. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  æ: 'ae',
  œ: 'oe',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
};
const LETTER = /[ßøđðþæœłħı]/g;

/** Lower case, no marks, every run of spaces and punctuation as one space, none at the ends. */
export const fold: (text: string) => string = memoize(foldText, 10_000);

function foldText(text: string): string {
  if (ASCII_ONLY.test(text)) return text.toLowerCase().replace(ASCII_SEPARATORS, ' ').trim();
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(MARKS, '')
    .replace(LETTER, (letter) => LETTERS[letter] as string)
    .replace(SEPARATORS, ' ')
    .trim();
}

/** The text of a posting: fold, NUL, original. Undefined when nothing of it can be searched. */
export function indexText(original: string): string | undefined {
  const folded = foldedText(original);
  if (folded === '' && original === '') return undefined;
  return `${folded}\u0000${original.length <= FOLD_MAX ? original : digest(original)}`;
}

/** As much of the fold as is indexed. */
export function foldedText(original: string): string {
  // folding shortens, seldom to a quarter
  const start = original.length > 4 * FOLD_MAX ? original.slice(0, 4 * FOLD_MAX) : original;
  return fold(start).slice(0, FOLD_MAX);
}

/** Long originals can be compared, and that is all that `:exact` does with them. */
function digest(original: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < original.length; at++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(original.charCodeAt(at))) * 0x100000001b3n);
  }
  return `${original.slice(0, FOLD_MAX)}\u0001${original.length}:${hash.toString(36)}`;
}

/** The words of a folded text. */
export function wordsOf(folded: string): string[] {
  return folded === '' ? [] : folded.split(' ');
}
