/**
 * Which references of a page to follow for `_include` and `_revinclude`.
 * https://hl7.org/fhir/R4/search.html#revinclude
 */
import type { Resource } from '../fhir/types.ts';
import type { CompiledParameter } from './compiled-parameter.ts';
import { isObject } from './emit.ts';
import { evaluateNodes } from './extract.ts';
import type { SearchParameters } from './parameters.ts';
import { valuesAt } from './path-values.ts';
import { anyOf } from './predicates.ts';
import type { Predicate, SearchQuery } from './query.ts';
import { canonicalForms, localPart } from './reference-forms.ts';
import type { IncludeRule } from './search-request.ts';
import { hashReference, stringToken } from './term-forms.ts';
import { hashCode, hashTerm } from './term-hash.ts';

export interface IncludeKey {
  readonly type: string;
  readonly id: string;
  /** Of a reference that names a version. https://hl7.org/fhir/R4/search.html#versions */
  readonly versionId?: string;
}

export interface IncludeStep {
  /** What to read, in the order found, without repeats. */
  readonly keys: readonly IncludeKey[];
  /** Searches whose results to add: `_revinclude`, and canonicals that `_include` follows. */
  readonly queries: readonly SearchQuery[];
  /** Searches that find more than is to be added. */
  readonly sifted: readonly Sifted[];
}

export interface Sifted {
  readonly query: SearchQuery;
  /** Whether to add what was found. */
  keeps(resource: Resource): boolean;
}

export interface IncludePlan {
  /**
   * What to fetch for one round. `resources` are those found in the round before (the page itself first);
   * from the second round on only `:iterate` rules apply. Without a direction all rules do.
   */
  step(resources: readonly Resource[], round: number, direction?: 'forward' | 'reverse'): IncludeStep;
}

export type CreateIncludePlan = (rules: readonly IncludeRule[]) => IncludePlan;

/** `base` is our own address: absolute references to it are followed, others are not. */
export function includePlans(parameters: SearchParameters, base: string): CreateIncludePlan {
  return (rules) => ({
    step(resources, round, direction) {
      const keys = new Map<string, IncludeKey>();
      const canonicals = new Map<string, Set<string>>();
      const queries: SearchQuery[] = [];
      const sifted: Sifted[] = [];
      for (const rule of rules) {
        if (round > 0 && !rule.iterate) continue;
        if (direction !== undefined && rule.reverse !== (direction === 'reverse')) continue;
        if (rule.reverse) {
          const query = reverseQuery(rule, resources, parameters);
          if (query !== undefined) queries.push(query);
          const referrers = canonicalReferrers(rule, resources, parameters);
          if (referrers !== undefined) sifted.push(referrers);
          continue;
        }
        for (const resource of resources) {
          for (const parameter of forwardParameters(rule, resource.resourceType, parameters)) {
            follow(parameter, rule, resource, base, { keys, canonicals });
          }
        }
      }
      for (const [type, urls] of canonicals) {
        const query = canonicalQuery(type, [...urls], parameters);
        if (query !== undefined) queries.push(query);
      }
      return { keys: [...keys.values()], queries, sifted };
    },
  });
}

/** The reference parameters of a resource type that the rule names. */
function forwardParameters(
  rule: IncludeRule,
  type: string,
  parameters: SearchParameters,
): readonly CompiledParameter[] {
  if (rule.source !== '*' && rule.source !== type) return [];
  if (rule.parameter === '*')
    return parameters.of(type).filter((parameter) => parameter.type === 'reference');
  const parameter = parameters.find(type, rule.parameter);
  return parameter?.type === 'reference' ? [parameter] : [];
}

interface Found {
  readonly keys: Map<string, IncludeKey>;
  /** Canonicals by the type they should be of. */
  readonly canonicals: Map<string, Set<string>>;
}

const LOCAL = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;

function follow(
  parameter: CompiledParameter,
  rule: IncludeRule,
  resource: Resource,
  base: string,
  { keys, canonicals }: Found,
): void {
  for (const { type: elementType, value } of referencesOf(parameter, resource)) {
    const reference = isObject(value) ? value.reference : value;
    if (typeof reference !== 'string') continue;
    const match = LOCAL.exec(localPart(reference, base));
    if (match !== null) {
      const [whole, type = '', id = '', versionId] = match;
      if (rule.target !== undefined && rule.target !== type) continue;
      keys.set(whole, versionId === undefined ? { type, id } : { type, id, versionId });
    } else if (elementType === 'canonical') {
      for (const target of rule.target === undefined ? parameter.targets : [rule.target]) {
        const urls = canonicals.get(target) ?? new Set();
        canonicals.set(target, urls.add(reference));
      }
    }
  }
}

/** By its paths, or by its expression when that is no path. */
export function* referencesOf(
  parameter: CompiledParameter,
  resource: Resource,
): Iterable<{ readonly type: string; readonly value: unknown }> {
  for (const path of parameter.paths) {
    for (const value of valuesAt(path, resource)) yield { type: path.type, value };
  }
  if (parameter.evaluate !== undefined) yield* evaluateNodes(parameter, resource);
}

/** A canonical with a version finds that version, without one every version. */
function canonicalQuery(
  type: string,
  canonicals: readonly string[],
  parameters: SearchParameters,
): SearchQuery | undefined {
  const url = parameters.find(type, 'url');
  const version = parameters.find(type, 'version');
  if (url === undefined) return undefined;
  const members = canonicals.map((canonical): Predicate => {
    const [plain = '', versioned] = canonicalForms(canonical);
    const byUrl: Predicate = { kind: 'term', k: url.k, terms: [hashCode('', plain)] };
    if (versioned === undefined || version === undefined) return byUrl;
    const code = versioned.slice(plain.length + 1);
    // `version` is a token over a string, which is folded
    return {
      kind: 'all',
      of: [byUrl, { kind: 'term', k: version.k, terms: [hashCode('', stringToken(code))] }],
    };
  });
  return { types: [type], where: anyOf(members), sort: [] };
}

/** Everything of the source type that refers to one of the resources through the parameter. */
function reverseQuery(
  rule: IncludeRule,
  resources: readonly Resource[],
  parameters: SearchParameters,
): SearchQuery | undefined {
  const sources = rule.source === '*' ? parameters.definitions.resourceTypes : [rule.source];
  const members: Predicate[] = [];
  for (const source of sources) {
    for (const parameter of forwardParameters({ ...rule, source }, source, parameters)) {
      const terms = referencesTo(resources, parameter, rule.target);
      if (terms.length > 0)
        for (const { k } of parameter.answeredBy) members.push({ kind: 'term', k, terms });
    }
  }
  if (members.length === 0) return undefined;
  return { types: rule.source === '*' ? [] : [rule.source], where: anyOf(members), sort: [] };
}

function referencesTo(
  resources: readonly Resource[],
  parameter: CompiledParameter,
  target: string | undefined,
): number[] {
  const terms: number[] = [];
  for (const { resourceType, id } of resources) {
    if (id === undefined || (target !== undefined && target !== resourceType)) continue;
    if (parameter.targets.includes(resourceType)) terms.push(hashReference(resourceType, id));
  }
  return terms;
}

/**
 * What refers to one of the resources by its canonical: to its version, or to none in particular. The index has a
 * canonical with and without its version, so the resource itself tells what of it is meant.
 */
function canonicalReferrers(
  rule: IncludeRule,
  resources: readonly Resource[],
  parameters: SearchParameters,
): Sifted | undefined {
  const sources = rule.source === '*' ? parameters.definitions.resourceTypes : [rule.source];
  const followed: CompiledParameter[] = [];
  const members: Predicate[] = [];
  const wanted = new Set<string>();
  for (const source of sources) {
    for (const parameter of forwardParameters({ ...rule, source }, source, parameters)) {
      if (!parameter.paths.some(({ type }) => type === 'canonical')) continue;
      const named = canonicalsOf(resources, parameter, rule.target);
      if (named.length === 0) continue;
      for (const canonical of named) wanted.add(canonical);
      followed.push(parameter);
      const terms = named.map(hashTerm);
      for (const { k } of parameter.answeredBy) members.push({ kind: 'term', k, terms });
    }
  }
  if (members.length === 0) return undefined;
  const types = rule.source === '*' ? [] : [rule.source];
  return {
    query: { types, where: anyOf(members), sort: [] },
    keeps: (resource) =>
      followed.some((parameter) => {
        if (parameter.base !== resource.resourceType) return false;
        for (const { value } of referencesOf(parameter, resource)) {
          if (typeof value === 'string' && wanted.has(value)) return true;
        }
        return false;
      }),
  };
}

/** Of each that has a URL: the URL, and with the version that it has. */
function canonicalsOf(
  resources: readonly Resource[],
  parameter: CompiledParameter,
  target: string | undefined,
): string[] {
  return resources.flatMap(({ resourceType, url, version }) => {
    if (typeof url !== 'string' || (target !== undefined && target !== resourceType)) return [];
    if (!parameter.targets.includes(resourceType)) return [];
    return typeof version === 'string' ? [url, `${url}|${version}`] : [url];
  });
}
