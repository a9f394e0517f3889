/**
 * Token values to predicates.
 * https://hl7.org/fhir/R4/search.html#token
 */

import { type CompiledParameter, subKey } from './compiled-parameter.ts';
import type { SearchContext } from './context.ts';
import { splitEscaped, unescapeValue } from './parse.ts';
import type { ParamKey } from './postings.ts';
import { anyOf, NOTHING, notOf } from './predicates.ts';
import type { Predicate } from './query.ts';
import { localPart } from './reference-forms.ts';
import { badModifier, badValue, quote, tooCostly } from './search-errors.ts';
import {
  bareForm,
  codeForm,
  contactValue,
  labelOf,
  ofTypeForm,
  stringToken,
  systemForm,
} from './term-forms.ts';
import { hashTerm } from './term-hash.ts';
import { boundSystems, implicitSystems, tokenKindsOf } from './token-kinds.ts';

const MODIFIERS = ['missing', 'not', 'text', 'in', 'not-in', 'above', 'below', 'of-type'] as const;

export function resolveToken(
  parameter: CompiledParameter,
  name: string,
  modifier: string | undefined,
  values: readonly string[],
  context: SearchContext,
): Predicate {
  const each = (make: (value: string) => Predicate): Predicate => anyOf(values.map(make));
  switch (modifier) {
    case undefined:
      return each((value) => tokenPredicate(parameter, name, value, context));
    case 'not':
      return notOf(each((value) => tokenPredicate(parameter, name, value, context)));
    case 'text':
      return each((value) => textPredicate(parameter, name, value));
    case 'of-type':
      return each((value) => ofTypePredicate(parameter, name, value));
    case 'in':
      return each((value) => memberPredicate(parameter, name, value, context));
    case 'not-in':
      return notOf(each((value) => memberPredicate(parameter, name, value, context)));
    case 'below':
    case 'above':
      return each(
        (value) =>
          mimePredicate(parameter, value, modifier) ??
          hierarchyPredicate(parameter, name, value, modifier, context),
      );
    default:
      throw badModifier(name, modifier, MODIFIERS);
  }
}

export interface TokenValue {
  /** Undefined: any system; empty: none. */
  readonly system?: string;
  /** Undefined: any code of the system. */
  readonly code?: string;
}

/** `code`, `system|code`, `|code`, `system|`. */
export function parseToken(name: string, value: string): TokenValue {
  const parts = splitEscaped(value, '|').map(unescapeValue);
  const [first, second] = parts as [string, string | undefined];
  if (parts.length > 2)
    throw badValue(name, `${quote(value)} has too many '|'; write system|code, a '|' inside as \\|.`);
  if (second === undefined) {
    if (first === '') throw badValue(name, 'an empty value; write code or system|code.');
    return { code: first };
  }
  if (first === '' && second === '')
    throw badValue(name, "'|' alone selects nothing; write code or system|code.");
  return second === '' ? { system: first } : { system: first, code: second };
}

function tokenPredicate(
  parameter: CompiledParameter,
  name: string,
  value: string,
  context: SearchContext,
): Predicate {
  const token = parseToken(name, value);
  if (token.system !== undefined && hasNoSystems(parameter)) {
    throw badValue(
      name,
      `its values have no system, so write ${quote(token.code ?? token.system)} without '|'.`,
    );
  }
  return anyOf(
    parameter.answeredBy.map((stored) => storedPredicate(stored, parameter.contactSystem, token, context)),
  );
}

/** A '|' SHALL NOT be used for ContactPoint, uri and boolean, but for the system that the page gives to booleans. */
function hasNoSystems({ answeredBy }: CompiledParameter): boolean {
  return answeredBy.every(
    ({ evaluate, paths }) =>
      evaluate === undefined &&
      paths.every(({ type }) => type === 'ContactPoint' || type === 'uri' || type === 'url'),
  );
}

function storedPredicate(
  stored: CompiledParameter,
  contactSystem: string | undefined,
  token: TokenValue,
  context: SearchContext,
): Predicate {
  const { k } = stored;
  const members: Predicate[] = [];
  const kinds = tokenKindsOf(stored);
  for (const kind of kinds) {
    switch (kind) {
      case 'coded':
        members.push(codedPredicate(k, token));
        break;
      case 'plain':
        // through the dictionary codes of both kinds are found at once
        if (!(kinds.has('coded') && token.system === undefined))
          members.push(plainPredicate(stored, token, context));
        break;
      case 'identifier':
        members.push(identifierPredicate(k, token));
        break;
      case 'contact':
        members.push(contactPredicate(k, token, contactSystem));
        break;
      case 'string':
      case 'exact':
        if (token.code !== undefined && (token.system ?? '') === '') {
          members.push(term(k, codeForm('', kind === 'string' ? stringToken(token.code) : token.code)));
        }
        break;
    }
  }
  return anyOf(members);
}

function term(k: ParamKey, form: string): Extract<Predicate, { kind: 'term' }> {
  return { kind: 'term', k, terms: [hashTerm(form)] };
}

function codedPredicate(k: ParamKey, { system, code }: TokenValue): Predicate {
  if (code === undefined) return { kind: 'system', k, system: system ?? '' };
  return system === undefined ? { kind: 'code', k, code } : term(k, codeForm(system, code));
}

/** A code element has the system of its binding, which is not written in the resource. */
function plainPredicate(
  stored: CompiledParameter,
  { system, code }: TokenValue,
  context: SearchContext,
): Predicate {
  const systems =
    system === undefined || system === '' ? undefined : implicitSystems(stored, context.parameters);
  if (systems !== undefined && !systems.has(system as string)) return NOTHING;
  return code === undefined ? { kind: 'present', k: stored.k } : term(stored.k, codeForm('', code));
}

export function identifierPredicate(k: ParamKey, { system, code }: TokenValue): Predicate {
  if (code === undefined)
    return { kind: 'term', k, terms: [hashTerm(systemForm(system ?? ''))], isSystem: true };
  const bare = term(k, bareForm(code));
  return system === undefined ? bare : { ...term(k, codeForm(system, code)), implied: bare };
}

function contactPredicate(
  k: ParamKey,
  { system, code }: TokenValue,
  contactSystem: string | undefined,
): Predicate {
  if (code === undefined) return NOTHING;
  if (contactSystem !== undefined && system !== undefined && system !== contactSystem) return NOTHING;
  const wanted = contactSystem ?? system;
  const value = contactValue(code);
  const bare = term(k, bareForm(value));
  return wanted === undefined ? bare : { ...term(k, codeForm(wanted, value)), implied: bare };
}

function textPredicate(parameter: CompiledParameter, name: string, value: string): Predicate {
  const label = labelOf(unescapeValue(value));
  if (label === '') throw badValue(name, `${quote(value)} has no letters or digits to look for.`);
  return anyOf(
    parameter.answeredBy.map((stored) => ({ kind: 'words', k: subKey(stored, 'text'), value: label })),
  );
}

/** `type system|type code|value`, all three present. https://hl7.org/fhir/R4/search.html#token */
function ofTypePredicate(parameter: CompiledParameter, name: string, value: string): Predicate {
  if (!tokenKindsOf(parameter).has('identifier')) throw badModifier(name, 'of-type', MODIFIERS.slice(0, -1));
  const parts = splitEscaped(value, '|').map(unescapeValue);
  const [system, code, identifier] = parts;
  if (parts.length !== 3 || !system || !code || !identifier) {
    throw badValue(name, `${quote(value)} must be type-system|type-code|value with all three parts.`);
  }
  const form = ofTypeForm(system, code, identifier);
  return anyOf(
    parameter.answeredBy.map((stored) => ({
      ...term(subKey(stored, 'of-type'), form),
      implied: term(stored.k, bareForm(identifier)),
    })),
  );
}

/** `:in` and `:not-in`: the codes of a value set. */
function memberPredicate(
  parameter: CompiledParameter,
  name: string,
  value: string,
  context: SearchContext,
): Predicate {
  const url = canonicalOf(unescapeValue(value), context);
  const codes = context.terminology?.valueSet(url)?.codes;
  if (codes === undefined) {
    throw badValue(name, `value set ${quote(url)} is not loaded, or its codes cannot be listed.`);
  }
  let count = 0;
  for (const members of codes.values()) count += members.size;
  boundExpansion(name, count, context);
  const tokens: TokenValue[] = [];
  for (const [system, members] of codes) for (const code of members) tokens.push({ system, code });
  return expanded(parameter, tokens, context);
}

/** `ValueSet/id` stands for the value set with this id. https://hl7.org/fhir/R4/search.html#token */
function canonicalOf(value: string, { parameters, base }: SearchContext): string {
  const local = localPart(value, base);
  if (!local.startsWith('ValueSet/')) return value;
  const id = local.slice('ValueSet/'.length);
  return parameters.definitions.entries('ValueSet').findLast((entry) => entry.id === id)?.url ?? value;
}

const MIME_TYPE = /^[a-z]+(\/[a-z0-9!#$&^_.+-]+)?(\s*;.*)?$/i;

/**
 * `text/xml` is above `text/xml; charset=UTF-8`, and `text` above both.
 * https://hl7.org/fhir/R4/search.html#mimetype
 */
function mimePredicate(
  parameter: CompiledParameter,
  escaped: string,
  direction: 'below' | 'above',
): Predicate | undefined {
  const value = unescapeValue(escaped);
  const isCode = tokenKindsOf(parameter).has('plain');
  if (!isCode || !/content-?type|format/.test(parameter.code) || !MIME_TYPE.test(value)) return undefined;
  const base = value.split(';')[0]?.trim() ?? value;
  const kind = base.split('/')[0] as string;
  return anyOf(
    parameter.answeredBy.flatMap(({ k }): Predicate[] => {
      if (direction === 'above') return [value, base, kind].map((form) => term(k, codeForm('', form)));
      const starts = base.includes('/') ? [`${value};`, `${value} `] : [`${base}/`];
      return [
        term(k, codeForm('', value)),
        ...starts.map((start): Predicate => ({ kind: 'words', k, value: start })),
      ];
    }),
  );
}

function hierarchyPredicate(
  parameter: CompiledParameter,
  name: string,
  value: string,
  direction: 'below' | 'above',
  context: SearchContext,
): Predicate {
  const { system = soleSystem(parameter, context), code } = parseToken(name, value);
  if (!system || code === undefined)
    throw badValue(name, `:${direction} needs system|code, not ${quote(value)}.`);
  const codes = context.terminology?.closure(system, code, direction === 'below' ? 'down' : 'up');
  if (codes === undefined)
    throw badValue(name, `code system ${quote(system)} is not loaded, or has no such code.`);
  boundExpansion(name, codes.size, context);
  return expanded(
    parameter,
    [...new Set([code, ...codes])].map((member) => ({ system, code: member })),
    context,
  );
}

/** What a code without its system stands in, where the elements are bound to one system alone. */
function soleSystem({ answeredBy }: CompiledParameter, { parameters }: SearchContext): string | undefined {
  const systems = new Set(answeredBy.flatMap((stored) => boundSystems(stored, parameters)));
  return systems.size === 1 ? [...systems][0] : undefined;
}

function boundExpansion(name: string, count: number, { limits }: SearchContext): void {
  if (count <= limits.expansionCodesMax) return;
  throw tooCostly(
    name,
    `it comes to ${count} codes, and ${limits.expansionCodesMax} are allowed; name a smaller set.`,
  );
}

function expanded(
  parameter: CompiledParameter,
  tokens: readonly TokenValue[],
  context: SearchContext,
): Predicate {
  return anyOf(
    parameter.answeredBy.flatMap((stored) =>
      tokens.map((token) => storedPredicate(stored, parameter.contactSystem, token, context)),
    ),
  );
}

/** Tokens inside a composite, as the forms that extraction posts: with or without system. */
export function tokenForm(name: string, value: string): string {
  const { system, code } = parseToken(name, value);
  if (code === undefined) throw badValue(name, `${quote(value)} must name a code.`);
  return system === undefined ? bareForm(code) : codeForm(system, code);
}
