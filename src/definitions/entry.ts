/** Orders versions and tells what is known of a definition without keeping it parsed. */
import type { Resource } from '../fhir/types.ts';
import type { DefinitionEntry, DefinitionSource, EntryFacts } from './definitions.ts';

export function factsOf(resource: Resource): EntryFacts {
  const facts: Record<string, unknown> = { resourceType: resource.resourceType, url: canonicalUrl(resource) };
  for (const name of ['version', 'id', 'name'] as const) {
    if (typeof resource[name] === 'string') facts[name] = resource[name];
  }
  if (resource.resourceType === 'StructureDefinition') {
    for (const name of ['type', 'kind', 'derivation', 'baseDefinition'] as const) {
      if (typeof resource[name] === 'string') facts[name] = resource[name];
    }
    if (resource.abstract === true) facts.isAbstract = true;
  }
  if (resource.resourceType === 'CodeSystem') {
    for (const name of ['content', 'supplements', 'valueSet'] as const) {
      if (typeof resource[name] === 'string') facts[name] = resource[name];
    }
  }
  if (resource.resourceType === 'SearchParameter') facts.bases = resource.base ?? [];
  return facts as unknown as EntryFacts;
}

/** R4's NamingSystem is the one definition without a url: it goes by its id. */
export function canonicalUrl({ resourceType, url, id }: Resource): string | undefined {
  if (typeof url === 'string' && url !== '') return url;
  return resourceType === 'NamingSystem' && id !== undefined ? `NamingSystem/${id}` : undefined;
}

/** An entry for a resource that is already in memory. */
export function entryOf(resource: Resource, source: DefinitionSource): DefinitionEntry {
  return { ...factsOf(resource), source, load: () => resource, loadOriginal: () => resource };
}

/** Negative when `a` is the older version. Numbers are compared as numbers; no version is the oldest. */
export function compareVersions(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  if (isDate(a) !== isDate(b)) return isDate(a) ? -1 : 1;
  const left = a.split(/[.-]/);
  const right = b.split(/[.-]/);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = compareParts(left[i], right[i]);
    if (order !== 0) return order;
  }
  return 0;
}

/** Publishers went from dates to numbers: `2018-08-12` comes before `3.0.0`. */
function isDate(version: string): boolean {
  return /^(19|20)\d\d(-\d\d){0,2}$/.test(version);
}

/** `1.0.0-ballot` is older than `1.0.0`, and `1.0` older than `1.0.1`. */
function compareParts(a: string | undefined, b: string | undefined): number {
  const isNumber = (part: string | undefined): boolean => part !== undefined && /^\d+$/.test(part);
  if (isNumber(a) && isNumber(b)) return Number(a) - Number(b);
  if (a === undefined) return isNumber(b) ? -1 : 1;
  if (b === undefined) return isNumber(a) ? 1 : -1;
  if (isNumber(a)) return 1;
  if (isNumber(b)) return -1;
  return a < b ? -1 : a > b ? 1 : 0;
}
