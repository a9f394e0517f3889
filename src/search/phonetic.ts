/**
 * Names by their sound, for the parameter `phonetic`: one word of the name as a key in which letters that are
 * mixed up when a name is written down by ear, or moved between scripts, are the same.
 * https://hl7.org/fhir/R4/patient.html#search
 */
import { type Emit, isObject } from './emit.ts';
import { fold, wordsOf } from './fold.ts';
import { memoize } from './memo.ts';
import type { ParamKey } from './postings.ts';
import { hashTerm } from './term-hash.ts';

const PARTS = ['text', 'family', 'given'] as const;

export function phoneticEmitter(type: string, k: ParamKey): Emit | undefined {
  if (type !== 'HumanName') return undefined;
  return (value, builder) => {
    if (!isObject(value)) return;
    for (const part of PARTS) {
      const found = value[part];
      for (const one of Array.isArray(found) ? found : [found]) {
        if (typeof one !== 'string') continue;
        for (const key of phoneticKeys(one)) builder.addTerm(k, hashTerm(key));
      }
    }
  };
}

const NAME_MAX = 512;

/** One key per word. */
export function phoneticKeys(name: string): string[] {
  return wordsOf(fold(name.slice(0, NAME_MAX))).map(keyOfWord);
}

const RULES: readonly (readonly [RegExp, string])[] = [
  [/^(?:kn|gn|pn|wr)/, 'n'],
  [/^x/, 's'],
  [/sch|sh|ch|zh|tch|tj|ts/g, 's'],
  [/ph|pf/g, 'f'],
  [/gh|kh|ck|q/g, 'k'],
  [/th|dh/g, 't'],
  [/bh/g, 'b'],
  [/x/g, 'ks'],
  [/c(?=[eiy])/g, 's'],
  [/[cg]/g, 'k'],
  [/[dt]/g, 't'],
  [/[bp]/g, 'p'],
  [/[vw]/g, 'f'],
  [/[jz]/g, 's'],
  [/h/g, ''],
];

const keyOfWord = memoize(phoneticKey, 10_000);

/** First sound, then consonants without repeats; a name of vowels only is `a`. */
function phoneticKey(word: string): string {
  let key = word;
  for (const [pattern, by] of RULES) key = key.replace(pattern, by);
  const startsWithVowel = /^[aeiouy]/.test(key);
  const consonants = key.replace(/[aeiouy]/g, '').replace(/(.)\1+/g, '$1');
  return startsWithVowel ? `a${consonants}` : consonants === '' ? 'a' : consonants;
}
