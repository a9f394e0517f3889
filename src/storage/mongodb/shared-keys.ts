/**
 * Parameters of a type whose values are also those of another one, so that both share the other's keys: a given name is
 * a part of the name, the patient of an observation is its subject. Which they are follows from type and code alone, so
 * that whoever reads asks for what others have written, whatever a site has made of the parameters.
 */
import type { ParamKey } from '../../search/postings.ts';
import { hashParam } from '../../search/term-hash.ts';

/** Strings that have the keys of another parameter and none of their own. */
const STRINGS: Readonly<Record<string, string>> = {
  'family:part': 'name:part',
  given: 'name',
  'address-city': 'address',
  'address-country': 'address',
  'address-postalcode': 'address',
  'address-state': 'address',
};

/** What is narrower than another parameter, and seldom missing where that is there. */
const NARROWED: Readonly<Record<string, string>> = {
  ...STRINGS,
  email: 'telecom',
  patient: 'subject',
  phone: 'telecom',
};

interface Shared {
  readonly strings: ReadonlyMap<ParamKey, ParamKey>;
  readonly narrowed: ReadonlyMap<ParamKey, ParamKey>;
  /** Among whose keys are strings of others. */
  readonly wider: ReadonlySet<ParamKey>;
}

/** Types are few, but what a client asks for may be anything. */
const REMEMBERED_MAX = 1_000;
const remembered = new Map<string, Shared>();

/** The parameter whose keys hold the strings of `k`: mostly itself. */
export function stringsOwnerOf(k: ParamKey, types: readonly string[]): ParamKey {
  for (const type of types) {
    const owner = sharedOf(type).strings.get(k);
    if (owner !== undefined) return owner;
  }
  return k;
}

/** The parameter that whatever has a value of `k` most likely has keys of. */
export function widerOf(k: ParamKey, types: readonly string[]): ParamKey | undefined {
  for (const type of types) {
    const wider = sharedOf(type).narrowed.get(k);
    if (wider !== undefined) return wider;
  }
  return undefined;
}

/** Whether the keys of a parameter are not those of its values alone, or not all of them. */
export function isShared(k: ParamKey, types: readonly string[]): boolean {
  return types.some((type) => sharedOf(type).narrowed.has(k) || sharedOf(type).wider.has(k));
}

function sharedOf(type: string): Shared {
  let shared = remembered.get(type);
  if (shared === undefined) {
    const strings = keysOf(type, STRINGS);
    shared = { strings, narrowed: keysOf(type, NARROWED), wider: new Set(strings.values()) };
    if (remembered.size < REMEMBERED_MAX) remembered.set(type, shared);
  }
  return shared;
}

function keysOf(type: string, codes: Readonly<Record<string, string>>): Map<ParamKey, ParamKey> {
  return new Map(
    Object.entries(codes).map(([code, wider]) => [hashParam(type, code), hashParam(type, wider)]),
  );
}
