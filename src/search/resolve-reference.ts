/**
 * Reference values to predicates: `Patient/1`, `1`, own and foreign URLs, canonicals, `:identifier`, `:Patient`,
 * and the hierarchies of `:below` and `:above`.
 * https://hl7.org/fhir/R4/search.html#reference
 */

import { type CompiledParameter, isByUrl, subKey } from './compiled-parameter.ts';
import type { SearchContext } from './context.ts';
import { unescapeValue } from './parse.ts';
import type { TermHash } from './postings.ts';
import { anyOf, NOTHING } from './predicates.ts';
import type { Predicate } from './query.ts';
import { localPart, referenceForms } from './reference-forms.ts';
import { identifierPredicate, parseToken } from './resolve-token.ts';
import { badModifier, badValue, quote, tooCostly, UnsupportedError } from './search-errors.ts';
import { hashReference, referenceForm } from './term-forms.ts';
import { hashTerm } from './term-hash.ts';

const MODIFIERS = ['missing', 'identifier', '[type]', 'below', 'above'] as const;
const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const TYPED = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;
const URL = /^[a-z][a-z0-9+.-]*:/i;

export function resolveReference(
  parameter: CompiledParameter,
  name: string,
  modifier: string | undefined,
  values: readonly string[],
  context: SearchContext,
): Predicate {
  if (modifier === 'identifier') {
    if (isByUrl(parameter)) throw badModifier(name, modifier, ['missing', 'below']);
    return anyOf(
      parameter.answeredBy.flatMap((stored) =>
        values.map((value) => identifierPredicate(subKey(stored, 'identifier'), parseToken(name, value))),
      ),
    );
  }
  const isType = modifier !== undefined && context.parameters.definitions.isResourceType(modifier);
  const isHierarchy = modifier === 'below' || modifier === 'above';
  if (modifier !== undefined && !isType && !isHierarchy) throw badModifier(name, modifier, MODIFIERS);
  if (isType && !parameter.targets.includes(modifier)) {
    throw badValue(name, `it never refers to ${modifier}; it may refer to ${listed(parameter.targets)}.`);
  }
  const targets = isType ? [modifier] : parameter.targets;
  if (targets.length > 1) noteBareIds(name, values, targets, context);
  const terms = new Set<TermHash>();
  for (const value of values) {
    for (const form of valueForms(name, unescapeValue(value), targets, context.base))
      terms.add(hashTerm(form));
  }
  if (terms.size === 0) return NOTHING;
  const direct = anyOf(parameter.answeredBy.map(({ k }) => ({ kind: 'term', k, terms: [...terms] })));
  if (!isHierarchy) return direct;
  if (modifier === 'below' && values.every((value) => isCanonical(parameter, value, context))) {
    return versionsBelow(parameter, direct, values);
  }
  return hierarchy(parameter, name, modifier, { values, direct }, context);
}

/** R4 wants a search refused where an id is that of resources of several types. */
function noteBareIds(
  name: string,
  values: readonly string[],
  targets: readonly string[],
  { findings, limits }: SearchContext,
): void {
  const ids = values.filter((value) => ID.test(value));
  const { predicatesMax } = limits;
  if (ids.length * targets.length > predicatesMax) {
    throw tooCostly(
      name,
      `${ids.length} ids that may each be of ${targets.length} types are more than ${predicatesMax} references; write Type/id.`,
    );
  }
  if (findings === undefined || ids.length === 0) return;
  const isKnown = findings.bareIds.some((one) => one.name === name && one.targets === targets);
  if (!isKnown) findings.bareIds.push({ name, ids: [...new Set(ids)], targets });
}

function isCanonical(parameter: CompiledParameter, value: string, { base }: SearchContext): boolean {
  const isOne = parameter.evaluate !== undefined || parameter.paths.some(({ type }) => type === 'canonical');
  return isOne && URL.test(value) && !TYPED.test(localPart(value, base));
}

/**
 * `http://a.b/c|1` is above `http://a.b/c|1.0` and `|1.2.3`; without a version it is above all versions.
 * https://hl7.org/fhir/R4/search.html#versions
 */
function versionsBelow(
  parameter: CompiledParameter,
  direct: Predicate,
  values: readonly string[],
): Predicate {
  const starts = values.map(unescapeValue).filter((value) => value.includes('|'));
  const versions = parameter.answeredBy.flatMap(({ k }) =>
    starts.map((start): Predicate => ({ kind: 'words', k, value: `${start}.` })),
  );
  return anyOf([direct, ...versions]);
}

function listed(types: readonly string[]): string {
  return types.length > 10 ? `${types.slice(0, 10).join(', ')} and others` : types.join(', ');
}

/** What the value may be written as in a resource. */
function valueForms(
  name: string,
  value: string,
  targets: readonly string[],
  base: string,
): readonly string[] {
  if (value === '') throw badValue(name, 'an empty reference; write Type/id, id or a URL.');
  if (ID.test(value)) return targets.map((type) => referenceForm(type, value));
  const local = localPart(value, base);
  const typed = TYPED.exec(local);
  if (typed !== null) {
    if (!targets.includes(typed[1] as string)) return [];
    // a reference to a version is found by what it names, or by the version when that is asked for
    return [referenceForms(local, base).at(-1) as string];
  }
  if (URL.test(value)) return [value];
  throw badValue(name, `${quote(value)} is no reference; write Type/id, id or a URL.`);
}

/** Parameters by which a type refers to its own parent. */
const PARENTS: Readonly<Record<string, string>> = {
  Location: 'partof',
  Organization: 'partof',
  Encounter: 'part-of',
  Procedure: 'part-of',
  Task: 'part-of',
  CarePlan: 'part-of',
  Observation: 'part-of',
};

/**
 * `:below` finds the value and everything under it, as deep as chains may go; `:above` everything over it.
 */
function hierarchy(
  parameter: CompiledParameter,
  name: string,
  direction: 'below' | 'above',
  { values, direct }: { readonly values: readonly string[]; readonly direct: Predicate },
  context: SearchContext,
): Predicate {
  const parents = parameter.targets.flatMap((target) => {
    const parent = context.parameters.find(target, PARENTS[target] ?? '');
    return parent?.targets.includes(target) === true ? [{ target, k: parent.k }] : [];
  });
  if (parents.length === 0) {
    throw new UnsupportedError(
      `Parameter ${quote(name)}: :${direction} needs a reference to what has a parent.`,
    );
  }
  const named = values.map((value) => localPart(unescapeValue(value), context.base));
  const members: Predicate[] = [direct];
  for (const { target, k } of parents) {
    const ids = named.flatMap((one) => idOf(one, target) ?? []);
    if (ids.length === 0) continue;
    const terms = ids.map((id) => hashReference(target, id));
    for (let depth = 1; depth <= context.limits.chainDepthMax; depth++) {
      const where =
        direction === 'below' ? descendants(k, target, terms, depth) : ancestors(k, target, ids, depth);
      for (const stored of parameter.answeredBy) members.push({ kind: 'chain', k: stored.k, target, where });
    }
  }
  return anyOf(members);
}

/** Of what may be of the type. */
function idOf(reference: string, type: string): string | undefined {
  if (ID.test(reference)) return reference;
  const typed = TYPED.exec(reference);
  return typed?.[1] === type ? typed[2] : undefined;
}

/** Resources that are `depth` levels below one of the terms. */
function descendants(k: number, target: string, terms: readonly TermHash[], depth: number): Predicate {
  let where: Predicate = { kind: 'term', k, terms };
  for (let level = 1; level < depth; level++) where = { kind: 'chain', k, target, where };
  return where;
}

/** Resources that are `depth` levels above one of the ids. */
function ancestors(k: number, target: string, ids: readonly string[], depth: number): Predicate {
  let where: Predicate = { kind: 'id', ids };
  for (let level = 0; level < depth; level++) where = { kind: 'has', source: target, k, where };
  return where;
}
