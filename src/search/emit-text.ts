/**
 * Strings, the parts of names and addresses, and URIs.
 * https://hl7.org/fhir/R4/search.html#string, https://hl7.org/fhir/R4/search.html#uri
 */
import { type Emit, isObject } from './emit.ts';
import { foldedText, indexText } from './fold.ts';
import type { ParamKey } from './postings.ts';
import type { PostingsBuilder } from './postings-builder.ts';
import { canonicalForms } from './reference-forms.ts';
import { hashCode } from './term-hash.ts';

const NAME_PARTS = ['text', 'family', 'given', 'prefix', 'suffix'] as const;
const ADDRESS_PARTS = ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'] as const;

/** The elements of a HumanName or Address that a string search looks at; undefined for plain strings. */
export function stringParts(type: string): readonly string[] | undefined {
  if (type === 'HumanName') return NAME_PARTS;
  return type === 'Address' ? ADDRESS_PARTS : undefined;
}

export interface StringKeys {
  readonly k: ParamKey;
  /** Of the further words of family names. */
  readonly part: ParamKey;
}

export function stringEmitter(type: string, { k, part }: StringKeys, isFamily: boolean): Emit | undefined {
  const parts = stringParts(type);
  if (parts !== undefined) return partsEmitter(parts, k, type === 'HumanName' ? part : undefined);
  if (type !== 'string' && type !== 'markdown' && type !== 'code' && type !== 'id' && type !== 'uri')
    return undefined;
  return (value, builder) => {
    addString(value, k, builder);
    if (isFamily) addFurtherWords(value, part, builder);
  };
}

function addString(value: unknown, k: ParamKey, builder: PostingsBuilder): void {
  if (typeof value === 'string') builder.addText(k, indexText(value));
}

/** Words of a family name that it is found by. */
const WORDS_MAX = 10;

/**
 * `Carreno Quinones` is found by `Quinones` too: each later word begins a string of its own, which has no original, so
 * that `:exact` does not find it.
 * https://hl7.org/fhir/R4/search.html#string
 */
function addFurtherWords(value: unknown, part: ParamKey, builder: PostingsBuilder): void {
  if (typeof value !== 'string') return;
  const folded = foldedText(value);
  let count = 1;
  for (let at = folded.indexOf(' '); at >= 0 && count < WORDS_MAX; at = folded.indexOf(' ', at + 1)) {
    builder.addText(part, `${folded.slice(at + 1)}\u0000`);
    count++;
  }
}

function partsEmitter(parts: readonly string[], k: ParamKey, furtherWords: ParamKey | undefined): Emit {
  return (value, builder) => {
    if (!isObject(value)) return;
    if (furtherWords !== undefined) addFurtherWords(value.family, furtherWords, builder);
    for (const part of parts) {
      const found = value[part];
      if (found === undefined) continue;
      if (Array.isArray(found)) for (const one of found) addString(one, k, builder);
      else addString(found, k, builder);
    }
  };
}

/** A canonical is found with and without its version; the dictionary serves `:below` and sorting. */
export function uriEmitter(type: string, k: ParamKey): Emit | undefined {
  switch (type) {
    case 'canonical':
      return (value, builder) => {
        if (typeof value !== 'string') return;
        for (const form of canonicalForms(value)) builder.addCode(k, hashCode('', form), '', form);
      };
    case 'uri':
    case 'url':
    case 'oid':
    case 'uuid':
      return (value, builder) => {
        if (typeof value === 'string') builder.addCode(k, hashCode('', value), '', value);
      };
    default:
      return undefined;
  }
}

/** `meta.source` may end in a fragment of its own for every request: that one does not go to the dictionary. */
export function sourceEmitter(k: ParamKey): Emit {
  return (value, builder) => {
    if (typeof value !== 'string') return;
    const hash = value.indexOf('#');
    const uri = hash < 0 ? value : value.slice(0, hash);
    builder.addCode(k, hashCode('', uri), '', uri);
    if (hash >= 0) builder.addTerm(k, hashCode('', value));
  };
}
