/**
 * One criterion, a name with its values, to a predicate: chains and `_has` to nested predicates, the last link by
 * the type of its parameter.
 * https://hl7.org/fhir/R4/search.html#chaining, https://hl7.org/fhir/R4/search.html#has
 */

import { FhirError } from '../fhir/issues.ts';
import { type CompiledParameter, isByUrl } from './compiled-parameter.ts';
import type { SearchContext } from './context.ts';
import { CONTAINED, insideBase } from './parameters.ts';
import { type NameLink, splitEscaped, unescapeValue } from './parse.ts';
import { allOf, anyOf, impliesType, isNothing, NOTHING, notOf } from './predicates.ts';
import { EVERYTHING, type Predicate } from './query.ts';
import { resolveComposite } from './resolve-composite.ts';
import { resolveNear } from './resolve-near.ts';
import { resolveDate, resolveNumber, resolveQuantity, resolveUpdated } from './resolve-range.ts';
import { resolveReference } from './resolve-reference.ts';
import { resolveContent, resolveString, resolveUri } from './resolve-text.ts';
import { resolveToken } from './resolve-token.ts';
import { badModifier, badValue, quote, tooCostly, UnsupportedError } from './search-errors.ts';
import { hashParam, hashTerm } from './term-hash.ts';

export interface Criterion {
  /** As given, for messages. */
  readonly name: string;
  readonly links: readonly NameLink[];
  /** Alternatives, still escaped, none empty. */
  readonly values: readonly string[];
}

/** Alternatives of a value; empty ones between commas mean nothing. */
export function alternativesOf(name: string, value: string, { limits }: SearchContext): string[] {
  if (value.length > limits.valueLengthMax) {
    throw tooCostly(
      name,
      `its value has ${value.length} characters, and ${limits.valueLengthMax} are allowed.`,
    );
  }
  // https://hl7.org/fhir/R4/search.html#escaping
  if (value.includes('\\') && value.replace(/\\[,|$\\]/g, '').includes('\\')) {
    throw badValue(name, `in ${quote(value)} a backslash stands alone; write it twice, or before , | or $.`);
  }
  const values = splitEscaped(value, ',').filter((one) => one !== '');
  if (values.length > limits.orValuesMax) {
    throw tooCostly(
      name,
      `it has ${values.length} alternatives, and ${limits.orValuesMax} are allowed; split the search.`,
    );
  }
  return values;
}

/**
 * What the criterion asks of a resource of `type`.
 * @throws UnsupportedError when the type has no such parameter; FhirError for bad values and modifiers
 */
export function resolveCriterion(type: string, criterion: Criterion, context: SearchContext): Predicate {
  const { name, links, values } = criterion;
  const depth = links.length - 1;
  if (depth > context.limits.chainDepthMax) {
    throw tooCostly(name, `a chain of ${depth} links, and ${context.limits.chainDepthMax} are allowed.`);
  }
  return resolveLinks(type, links, { name, values, budget: { spent: 0 } }, context);
}

/** What `inner` asks of the resources that a chain of references leads to. */
export function resolveThrough(
  type: string,
  name: string,
  links: readonly NameLink[],
  context: SearchContext,
  inner: (target: string) => Predicate,
): Predicate {
  if (links.length > context.limits.chainDepthMax) {
    throw tooCostly(
      name,
      `a chain of ${links.length} links, and ${context.limits.chainDepthMax} are allowed.`,
    );
  }
  return resolveLinks(type, links, { name, values: [], inner, budget: { spent: 0 } }, context);
}

interface Resolution {
  readonly name: string;
  readonly values: readonly string[];
  /** Asked at the end of the chain, instead of a parameter. */
  readonly inner?: (target: string) => Predicate;
  /** Targets of targets multiply: what they come to is bounded while it is made. */
  readonly budget: { spent: number };
}

function resolveLinks(
  type: string,
  links: readonly NameLink[],
  criterion: Resolution,
  context: SearchContext,
): Predicate {
  if (++criterion.budget.spent > context.limits.predicatesMax) {
    throw tooCostly(
      criterion.name,
      'it leads to too many types; name those of each reference, as in subject:Patient.name.',
    );
  }
  const { inner } = criterion;
  if (links.length === 0 && inner !== undefined) return inner(type);
  const [link, ...rest] = links as [NameLink, ...NameLink[]];
  if (link.kind === 'has') return hasPredicate(type, link, rest, criterion, context);
  if (rest.length > 0 || inner !== undefined) return chainPredicate(type, link, rest, criterion, context);
  return leafPredicate(type, link.code, link.modifier, criterion, context);
}

/** The parameter, or the remark that the type has none of this name. */
export function findParameter(
  type: string,
  code: string,
  name: string,
  context: SearchContext,
): CompiledParameter {
  const parameter = context.parameters.find(type, code);
  if (parameter === undefined) {
    const why = context.parameters.problemOf(type, code);
    const unusable = why === undefined ? '' : ` that can be used: ${why}`;
    throw new UnsupportedError(
      `Parameter ${quote(name)}: ${type} has no search parameter ${quote(code)}${unusable}.`,
    );
  }
  if (parameter.pending) {
    const { indexing } = context;
    const progress =
      indexing === undefined ? '' : `, ${indexing.done} of ${indexing.total} resources are done`;
    throw new UnsupportedError(
      `Parameter ${quote(name)}: ${quote(code)} is still being indexed${progress}; try again later.`,
    );
  }
  return parameter;
}

function hasPredicate(
  type: string,
  link: NameLink & { kind: 'has' },
  rest: readonly NameLink[],
  criterion: Resolution,
  context: SearchContext,
): Predicate {
  const { name } = criterion;
  if (!context.parameters.definitions.isResourceType(link.source)) {
    throw badValue(name, `${quote(link.source)} is no resource type.`);
  }
  const parameter = findParameter(link.source, link.code, name, context);
  if (parameter.type !== 'reference')
    throw badValue(name, `${quote(link.code)} of ${link.source} is no reference.`);
  if (!parameter.targets.includes(type)) {
    throw badValue(name, `${quote(link.code)} of ${link.source} never refers to ${type}.`);
  }
  refuseUrls(parameter, name);
  const where = resolveLinks(link.source, rest, criterion, context);
  return anyOf(parameter.answeredBy.map(({ k }) => ({ kind: 'has', source: link.source, k, where })));
}

/** A canonical names all resources that have its URL: chains follow references alone. */
function refuseUrls(parameter: CompiledParameter, name: string): void {
  if (!isByUrl(parameter)) return;
  throw new UnsupportedError(
    `Parameter ${quote(name)}: ${quote(parameter.code)} of ${parameter.base} holds canonical URLs, which no chain follows; search by the URL.`,
  );
}

function chainPredicate(
  type: string,
  link: NameLink & { kind: 'plain' },
  rest: readonly NameLink[],
  criterion: Resolution,
  context: SearchContext,
): Predicate {
  const { name } = criterion;
  const parameter = findParameter(type, link.code, name, context);
  if (parameter.type !== 'reference') {
    throw badValue(name, `${quote(link.code)} is no reference, so nothing can follow it with a dot.`);
  }
  refuseUrls(parameter, name);
  const { modifier } = link;
  if (modifier !== undefined && !parameter.targets.includes(modifier)) {
    throw badModifier(name, modifier, parameter.targets.slice(0, 20));
  }
  const { followed } = context.findings ?? {};
  if (followed?.includes(parameter) === false) followed.push(parameter);
  const targets = modifier === undefined ? parameter.targets : [modifier];
  const members: Predicate[] = [];
  let refusal: unknown;
  for (const target of targets) {
    try {
      const where = resolveLinks(target, rest, criterion, context);
      for (const stored of parameter.answeredBy) {
        members.push({ kind: 'chain', k: stored.k, target, where });
        const inside = insidePredicate(stored, target, rest, criterion, context);
        if (inside !== undefined) members.push(inside);
      }
    } catch (error) {
      if (!concernsTarget(error)) throw error;
      // what is wrong with the value counts for more than that another type has no such parameter
      if (refusal === undefined || (refusal instanceof UnsupportedError && error instanceof FhirError))
        refusal = error;
    }
  }
  if (members.length === 0) throw refusal;
  return anyOf(members);
}

/**
 * The same asked of a resource that is contained in the one with the reference. Nothing is contained more deeply, and
 * what cannot be asked of contained resources (words, lists) finds none.
 * https://hl7.org/fhir/R4/search.html#contained
 */
function insidePredicate(
  stored: CompiledParameter,
  target: string,
  rest: readonly NameLink[],
  criterion: Resolution,
  context: SearchContext,
): Predicate | undefined {
  if (context.inside === false || stored.base.includes(CONTAINED)) return undefined;
  const base = insideBase(stored, target);
  try {
    const predicate = resolveLinks(base, rest, criterion, context);
    if (impliesType(predicate) || isNothing(predicate)) return predicate;
    return allOf([{ kind: 'present', k: hashParam(base, '_id') }, predicate]);
  } catch (error) {
    if (concernsTarget(error)) return undefined;
    throw error;
  }
}

/** Of several target types it is enough that one understands what follows; limits hold for all together. */
function concernsTarget(error: unknown): boolean {
  if (error instanceof UnsupportedError) return true;
  return error instanceof FhirError && error.issues.every(({ key }) => key !== 'too-costly');
}

function leafPredicate(
  type: string,
  code: string,
  modifier: string | undefined,
  { name, values }: Resolution,
  context: SearchContext,
): Predicate {
  if (code === '_list') return listPredicate(name, modifier, values, context);
  const parameter = findParameter(type, code, name, context);
  if (modifier === 'missing') return missingPredicate(parameter, name, values);
  switch (code) {
    case '_id':
      return idPredicate(parameter, name, modifier, values);
    case '_lastUpdated':
      return resolveUpdated(name, modifier, values, context);
    case '_content':
    case '_text':
      return resolveContent(parameter, name, modifier, values, context);
  }
  switch (parameter.type) {
    case 'token':
      return resolveToken(parameter, name, modifier, values, context);
    case 'reference':
      return resolveReference(parameter, name, modifier, values, context);
    case 'string':
      return resolveString(parameter, name, modifier, values, context);
    case 'uri':
      return resolveUri(parameter, name, modifier, values, context);
    case 'date':
      return resolveDate(parameter, name, modifier, values, context);
    case 'number':
      return resolveNumber(parameter, name, modifier, values);
    case 'quantity':
      return resolveQuantity(parameter, name, modifier, values, context);
    case 'composite':
      return resolveComposite(parameter, name, modifier, values, context);
    case 'special':
      if (code === 'near') return resolveNear(parameter, name, modifier, values);
      throw new UnsupportedError(
        `Parameter ${quote(name)}: a special parameter without a meaning on this server.`,
      );
  }
}

/** https://hl7.org/fhir/R4/search.html#missing */
function missingPredicate(parameter: CompiledParameter, name: string, values: readonly string[]): Predicate {
  const [value] = values;
  if (values.length !== 1 || (value !== 'true' && value !== 'false')) {
    throw badValue(name, ':missing takes true or false.');
  }
  if (parameter.code === '_id' || parameter.code === '_lastUpdated')
    return value === 'true' ? NOTHING : EVERYTHING;
  const isUnion = parameter.answeredBy.length > 1;
  const present = anyOf(
    (isUnion ? parameter.answeredBy : [parameter]).map(({ k }) => ({ kind: 'present', k })),
  );
  return value === 'true' ? notOf(present) : present;
}

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

function idPredicate(
  parameter: CompiledParameter,
  name: string,
  modifier: string | undefined,
  values: readonly string[],
): Predicate {
  if (modifier !== undefined && modifier !== 'not') throw badModifier(name, modifier, ['missing', 'not']);
  // what cannot be an id is nobody's id
  const ids = values.map(unescapeValue).filter((value) => ID.test(value));
  const predicate = ids.length === 0 ? NOTHING : byId(parameter, [...new Set(ids)]);
  return modifier === 'not' ? notOf(predicate) : predicate;
}

/** Contained resources have their id among the postings of their container. */
function byId({ base, k }: CompiledParameter, ids: readonly string[]): Predicate {
  return base.includes(CONTAINED) ? { kind: 'term', k, terms: ids.map(hashTerm) } : { kind: 'id', ids };
}

/** Members of a List, by its reference parameter `item`. https://hl7.org/fhir/R4/search.html#list */
function listPredicate(
  name: string,
  modifier: string | undefined,
  values: readonly string[],
  context: SearchContext,
): Predicate {
  if (modifier !== undefined) throw badModifier(name, modifier, []);
  const item = findParameter('List', 'item', name, context);
  const ids = values.map((value) => unescapeValue(value).replace(/^List\//, ''));
  for (const id of ids) {
    if (id.startsWith('$'))
      throw badValue(name, `the functional list ${quote(id)} is not kept here; name a List by its id.`);
    if (!ID.test(id)) throw badValue(name, `${quote(id)} is no id of a List.`);
  }
  return { kind: 'has', source: 'List', k: item.k, where: { kind: 'id', ids } };
}
