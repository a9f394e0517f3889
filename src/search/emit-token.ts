/**
 * Tokens: codes go to the term dictionary, identifiers and contact points post their bare value as well.
 * https://hl7.org/fhir/R4/search.html#token
 */
import { type Emit, isObject, type Json, objectsOf } from './emit.ts';
import type { ParamKey } from './postings.ts';
import type { PostingsBuilder } from './postings-builder.ts';
import {
  bareForm,
  codeForm,
  contactValue,
  labelOf,
  ofTypeForm,
  stringToken,
  systemForm,
} from './term-forms.ts';
import { hashCode, hashTerm } from './term-hash.ts';

export interface TokenKeys {
  readonly k: ParamKey;
  readonly text: ParamKey;
  readonly ofType: ParamKey;
}

/** How a token of some data type can be asked for. */
export type TokenKind = 'coded' | 'plain' | 'identifier' | 'contact' | 'string' | 'exact';

/** Undefined for types that hold no token. */
export function tokenKindOf(type: string): TokenKind | undefined {
  switch (type) {
    case 'Coding':
    case 'CodeableConcept':
      return 'coded';
    case 'code':
    case 'boolean':
      return 'plain';
    case 'Identifier':
      return 'identifier';
    case 'ContactPoint':
      return 'contact';
    case 'string':
    case 'markdown':
      return 'string';
    case 'id':
    case 'uri':
    case 'url':
    case 'canonical':
    case 'oid':
    case 'uuid':
    case 'integer':
    case 'positiveInt':
    case 'unsignedInt':
      return 'exact';
    default:
      return undefined;
  }
}

export function tokenEmitter(type: string, keys: TokenKeys): Emit | undefined {
  switch (tokenKindOf(type)) {
    case 'coded':
      return type === 'Coding' ? codingEmitter(keys) : conceptEmitter(keys);
    case 'plain':
      return plainEmitter(keys.k);
    case 'identifier':
      return identifierEmitter(keys);
    case 'contact':
      return contactEmitter(keys.k);
    case 'string':
      return (value, builder) => {
        if (typeof value === 'string') builder.addTerm(keys.k, hashCode('', stringToken(value)));
      };
    case 'exact':
      return (value, builder) => {
        if (isText(value)) builder.addTerm(keys.k, hashCode('', String(value)));
      };
    case undefined:
      return undefined;
  }
}

function isText(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function codingEmitter(keys: TokenKeys): Emit {
  return (value, builder) => {
    if (isObject(value)) addCoding(value, keys, builder);
  };
}

function addCoding(coding: Json, keys: TokenKeys, builder: PostingsBuilder): void {
  const { code, display } = coding;
  const system = typeof coding.system === 'string' ? coding.system : '';
  if (typeof code === 'string') builder.addCode(keys.k, hashCode(system, code), system, code);
  if (typeof display === 'string') addLabel(display, keys, builder);
}

function addLabel(text: string, keys: TokenKeys, builder: PostingsBuilder): void {
  const label = labelOf(text);
  if (label !== '') builder.addLabel(keys.text, label);
}

function conceptEmitter(keys: TokenKeys): Emit {
  return (value, builder) => {
    if (!isObject(value)) return;
    if (Array.isArray(value.coding)) {
      for (const coding of value.coding) if (isObject(coding)) addCoding(coding, keys, builder);
    }
    if (typeof value.text === 'string') addLabel(value.text, keys, builder);
  };
}

function plainEmitter(k: ParamKey): Emit {
  return (value, builder) => {
    if (typeof value !== 'string' && typeof value !== 'boolean') return;
    const code = String(value);
    builder.addCode(k, hashCode('', code), '', code);
  };
}

function identifierEmitter(keys: TokenKeys): Emit {
  return (value, builder) => {
    if (!isObject(value)) return;
    addIdentifier(value, keys.k, builder);
    if (!isObject(value.type)) return;
    for (const { system, code } of objectsOf(value.type.coding)) {
      if (typeof code !== 'string' || typeof value.value !== 'string') continue;
      const form = ofTypeForm(typeof system === 'string' ? system : '', code, value.value);
      builder.addImplied(keys.ofType, hashTerm(form));
    }
    if (typeof value.type.text === 'string') addLabel(value.type.text, keys, builder);
  };
}

/** Full value, value alone, system alone. */
export function addIdentifier(identifier: Json, k: ParamKey, builder: PostingsBuilder): void {
  const { value } = identifier;
  const system = typeof identifier.system === 'string' ? identifier.system : '';
  if (typeof value === 'string') {
    builder.addImplied(k, hashCode(system, value));
    builder.addTerm(k, hashTerm(bareForm(value)));
  }
  if (system !== '') builder.addSystem(k, hashTerm(systemForm(system)));
}

/** `ContactPoint.system` stands where other tokens have a system, so that `phone` and `email` are aliases. */
function contactEmitter(k: ParamKey): Emit {
  return (value, builder) => {
    if (!isObject(value) || typeof value.value !== 'string') return;
    const contact = contactValue(value.value);
    builder.addTerm(k, hashTerm(bareForm(contact)));
    if (typeof value.system === 'string') builder.addImplied(k, hashTerm(codeForm(value.system, contact)));
  };
}
