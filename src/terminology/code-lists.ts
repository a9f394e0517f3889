/**
 * Lists of ISO as code systems: complete, though no FHIR resource holds them.
 * https://hl7.org/fhir/R4/iso3166.html, https://hl7.org/fhir/R4/valueset-currencies.html
 */
import type { CodeSystemIndex, Concept } from './code-system.ts';
import { COUNTRY_CODES } from './country-codes.ts';
import { CURRENCY_CODES, WITHDRAWN_CURRENCY_CODES } from './currency-codes.ts';

/** Kosovo has no code of ISO; these are the user-assigned ones that authorities agree on. */
const KOSOVO = ['XK', 'XKK'];

export const CODE_LISTS: ReadonlyMap<string, CodeSystemIndex> = new Map([
  [
    'urn:iso:std:iso:3166',
    listIndex('urn:iso:std:iso:3166', [...COUNTRY_CODES.trim().split(/[\s/]+/), ...KOSOVO]),
  ],
  [
    'urn:iso:std:iso:4217',
    listIndex('urn:iso:std:iso:4217', [
      ...CURRENCY_CODES.trim().split(/\s+/),
      ...WITHDRAWN_CURRENCY_CODES.trim().split(/\s+/),
    ]),
  ],
]);

function listIndex(url: string, list: readonly string[]): CodeSystemIndex {
  const codes = new Set(list);
  const concepts = new Map<string, Concept>();
  for (const code of codes) concepts.set(code, plainConcept(code));
  return {
    url,
    isComplete: true,
    isCaseSensitive: true,
    concepts,
    codes,
    find: (code) => concepts.get(code),
    closure: (code) => new Set([code]),
  };
}

function plainConcept(code: string): Concept {
  return {
    code,
    designations: [],
    properties: [],
    parents: new Set(),
    children: new Set(),
    isAbstract: false,
    isInactive: false,
  };
}
