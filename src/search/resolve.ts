/**
 * Query text to a SearchRequest: names bound to parameters, values to predicates. A filter is used, or
 * refused, or reported as ignored; never dropped silently.
 * https://hl7.org/fhir/R4/search.html
 */
import { fail, type Issue, issue } from '../fhir/issues.ts';
import { compartmentPredicate, compartmentTypes } from './compartment.ts';
import type { Findings, SearchContext } from './context.ts';
import { resolveFilter } from './filter-expression.ts';
import { CONTAINED } from './parameters.ts';
import { parseName } from './parse.ts';
import { allOf, anyOf, impliesType, sizeOf } from './predicates.ts';
import { EVERYTHING, type Predicate } from './query.ts';
import { alternativesOf, type Criterion, resolveCriterion } from './resolve-criteria.ts';
import { isSingle, newResultShape, resolveResultParameter } from './resolve-result.ts';
import { badModifier, badValue, EmptyError, quote, UnsupportedError } from './search-errors.ts';
import type { SearchRequest } from './search-request.ts';
import { hashParam } from './term-hash.ts';

type Pair = readonly [name: string, value: string];

/**
 * `type` undefined: system level. Pairs are decoded name and value in the order given; `_format`, `_pretty`
 * and the page token (`_page`) may be among them.
 * @throws FhirError 400 for a value that cannot be understood, too-costly searches, and, when strict, unknown parameters
 */
export function resolveSearch(
  type: string | undefined,
  pairs: readonly Pair[],
  given: SearchContext,
): SearchRequest {
  const { limits, handling } = given;
  if (pairs.length > limits.parametersMax) {
    throw fail(
      'too-costly',
      `The search has ${pairs.length} parameters, and ${limits.parametersMax} are allowed.`,
    );
  }
  const findings: Findings = { bareIds: [], followed: [] };
  const { bareIds, followed } = findings;
  const context: SearchContext = { ...given, findings };
  const types = typesOf(type, pairs, context);
  const places = placesOf(types, pairs);
  const isContained = places.some((place) => place.startsWith(CONTAINED));
  const shape = newResultShape(context);
  const used: Pair[] = [];
  const issues: Issue[] = [];
  const predicates: Predicate[] = [];
  /** The same as far as a container as a whole can tell. */
  const widened: Predicate[] = [];
  for (const [name, value] of pairs) {
    try {
      const result = resolveResultParameter(name, value, places, shape, context);
      if (result !== undefined) {
        if (isSingle(name)) dropName(used, name);
        if (result.used !== undefined) used.push([name, result.used]);
        continue;
      }
      const predicate = resolveSelection(name, value, places, type === undefined, context);
      if (predicate !== undefined) predicates.push(predicate);
      const wider = isContained
        ? resolveSelection(name, value, places, type === undefined, { ...context, widens: true })
        : undefined;
      if (wider !== undefined) widened.push(wider);
      used.push([name, value]);
    } catch (error) {
      if (!(error instanceof UnsupportedError)) throw error;
      if (handling === 'strict' && !(error instanceof EmptyError))
        throw fail('unknown-parameter', error.message, { expression: `http.${name}` });
      issues.push(
        issue('parameter-ignored', `${error.message} It was ignored.`, { expression: `http.${name}` }),
      );
    }
  }
  if (shape.summary === 'text' && shape.includes.length > 0) {
    throw badValue('_summary', 'text cannot be combined with _include or _revinclude.');
  }
  const narrowed = compartmentOf(types, context);
  const first = narrowed === undefined ? [] : [narrowed];
  if (isContained) first.unshift(containedPredicate(places));
  const exact = allOf([...first, ...predicates]);
  const where = isContained ? allOf([...first, ...widened]) : exact;
  if (sizeOf(where) > limits.predicatesMax) {
    throw fail(
      'too-costly',
      `The search comes to more than ${limits.predicatesMax} conditions; give it fewer values or words, or name the target types of its chains.`,
    );
  }
  const { sort, ...result } = shape;
  // a container may be of any type
  const asked = shape.contained !== 'false' || isAllTypes(types, context) ? [] : types;
  const query = { types: asked, where, sort };
  return {
    query,
    ...result,
    used,
    issues,
    ...(isContained && { containedWhere: exact }),
    ...(bareIds.length > 0 && { bareIds }),
    ...(followed.length > 0 && { followed }),
  };
}

/** The self link tells what was done, not what another value took the place of. */
function dropName(used: Pair[], name: string): void {
  const at = used.findIndex(([other]) => other === name);
  if (at >= 0) used.splice(at, 1);
}

/**
 * Where criteria are looked for: the types themselves, the same contained in other resources, or both.
 * https://hl7.org/fhir/R4/search.html#contained
 */
function placesOf(types: readonly string[], pairs: readonly Pair[]): readonly string[] {
  const mode = pairs.findLast(([name, value]) => name === '_contained' && value !== '')?.[1];
  const contained = types.map((type) => CONTAINED + type);
  return mode === 'true' ? contained : mode === 'both' ? [...types, ...contained] : types;
}

/** A resource of the types, or one that contains such. */
function containedPredicate(places: readonly string[]): Predicate {
  const types = places.filter((place) => !place.startsWith(CONTAINED));
  const members: Predicate[] = types.length === 0 ? [] : [{ kind: 'type', types }];
  for (const place of places) {
    if (place.startsWith(CONTAINED)) members.push({ kind: 'present', k: hashParam(place, '_id') });
  }
  return anyOf(members);
}

function isAllTypes(types: readonly string[], context: SearchContext): boolean {
  return types === context.parameters.definitions.resourceTypes;
}

/** Types that the search is over: the one in the address, or those of `_type`, or all. */
function typesOf(
  type: string | undefined,
  pairs: readonly Pair[],
  context: SearchContext,
): readonly string[] {
  if (type !== undefined) return [type];
  const { definitions } = context.parameters;
  let types: readonly string[] =
    context.compartment === undefined
      ? definitions.resourceTypes
      : compartmentTypes(context.parameters, context.compartment.type);
  for (const [name, value] of pairs) {
    if (name !== '_type') continue;
    const named = [...new Set(value.split(',').filter((one) => one !== ''))];
    if (named.length === 0) throw badValue(name, 'an empty value; name resource types.');
    for (const one of named) {
      if (!definitions.isResourceType(one)) throw badValue(name, `${quote(one)} is no resource type.`);
    }
    types = types.filter((one) => named.includes(one));
  }
  return types;
}

function compartmentOf(types: readonly string[], context: SearchContext): Predicate | undefined {
  const { compartment, parameters } = context;
  if (compartment === undefined) return undefined;
  const members: Predicate[] = [];
  for (const type of types) {
    const predicate = compartmentPredicate(parameters, compartment, type);
    if (predicate !== undefined) members.push(bindToType(predicate, type, types));
  }
  if (members.length === 0) {
    throw fail(
      'unknown-path',
      `${types.join(', ') || 'Nothing'} is not part of the ${compartment.type} compartment.`,
    );
  }
  return anyOf(members);
}

/** Of a search over several types, each type's predicate holds for it alone. */
function bindToType(predicate: Predicate, type: string, types: readonly string[]): Predicate {
  if (types.length === 1 || impliesType(predicate)) return predicate;
  const isOfType: Predicate = type.startsWith(CONTAINED)
    ? { kind: 'present', k: hashParam(type, '_id') }
    : { kind: 'type', types: [type] };
  return allOf([isOfType, predicate]);
}

/** Undefined when the parameter selects nothing further (`_type`). */
function resolveSelection(
  name: string,
  value: string,
  types: readonly string[],
  isSystemLevel: boolean,
  context: SearchContext,
): Predicate | undefined {
  if (name === '_type') {
    if (isSystemLevel) return undefined;
    throw new UnsupportedError(`Parameter '_type': the address names the type already.`);
  }
  if (name === '_filter') return overTypes(types, context, (type) => resolveFilter(type, value, context));
  if (name.startsWith('_filter:')) throw badModifier('_filter', name.slice('_filter:'.length), []);
  // R4: a server SHALL refuse a query that it does not know, whatever the handling
  if (name === '_query') throw badValue(name, `there is no named query ${quote(value)} here.`);
  const links = parseName(name);
  if (links === undefined || name === '_has') throw badValue(name, 'write _has:Type:reference:parameter.');
  const values = alternativesOf(name, value, context);
  if (values.length === 0) throw new EmptyError(`Parameter ${quote(name)}: it has no value.`);
  const criterion: Criterion = { name, links, values };
  return overTypes(types, context, (type) => resolveCriterion(type, criterion, context));
}

/** Parameters that mean the same for every type. */
function isIndependent(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'all':
    case 'any':
      return predicate.of.every(isIndependent);
    case 'not':
      return isIndependent(predicate.of);
    case 'id':
    case 'updated':
      return true;
    default:
      return false;
  }
}

function overTypes(
  types: readonly string[],
  { widens }: SearchContext,
  resolve: (type: string) => Predicate,
): Predicate {
  const members: Predicate[] = [];
  for (const type of types) {
    const resolved = resolve(type);
    const predicate = widens === true && type.startsWith(CONTAINED) ? widen(resolved) : resolved;
    if (isIndependent(predicate) && !types.some((one) => one.startsWith(CONTAINED))) return predicate;
    members.push(bindToType(predicate, type, types));
  }
  return anyOf(members);
}

/** Of a container with several resources in it, only that something is there can be told. */
function widen(predicate: Predicate): Predicate {
  switch (predicate.kind) {
    case 'all':
      return allOf(predicate.of.map(widen));
    case 'any':
      return anyOf(predicate.of.map(widen));
    case 'not':
      return EVERYTHING;
    default:
      return predicate;
  }
}
