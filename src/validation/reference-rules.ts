/**
 * References: their syntax, the type they point to, and whether that type is allowed there. Existence of
 * targets outside the resource and its Bundle is not the validator's business.
 * https://hl7.org/fhir/R4/references.html
 */
import type { Resource } from '../fhir/types.ts';
import { type BundleIndex, resolveInBundle } from './bundle-index.ts';
import type { Collector } from './collector.ts';
import type { Segment } from './path.ts';
import { containedOf } from './reference-target.ts';
import { list, nearest, show } from './suggestion.ts';

type Json = Readonly<Record<string, unknown>>;

/** Bundles whose references may be searches, which the server carries out. */
const REQUESTS: ReadonlySet<unknown> = new Set(['transaction', 'batch']);
const NO_TYPES: readonly string[] = [];

export function createReferenceRules(resourceTypes: ReadonlySet<string>) {
  const byLength: string[][] = [];
  for (const type of resourceTypes) {
    byLength[type.length] ??= [];
    byLength[type.length]?.push(type);
  }

  /** The type that a relative reference begins with. Few have the same length, so that nothing is cut or hashed. */
  function typeBefore(text: string, slash: number): string | undefined {
    for (const type of byLength[slash] ?? NO_TYPES) {
      if (type.charCodeAt(1) === text.charCodeAt(1) && text.startsWith(type)) return type;
    }
    return undefined;
  }

  /** Leaves the type of the target in `c.target`, undefined when it cannot be told. */
  function reference(text: unknown, stated: unknown, c: Collector): void {
    const type = typeof stated === 'string' ? stated : undefined;
    c.target = typeof text === 'string' ? targetOf(text, c) : undefined;
    if (type === undefined) return;
    if (!resourceTypes.has(type)) {
      reportUnknownType(type, c);
    } else if (c.target === undefined) c.target = type;
    else if (c.target !== type) {
      const message = `Reference.type says ${type}, but the reference points to a ${c.target}.`;
      c.report('reference-target', message, { subject: 'type' });
    }
  }

  function reportUnknownType(type: string, c: Collector): void {
    const name = type.slice(type.lastIndexOf('/') + 1);
    const near = resourceTypes.has(name) ? name : nearest(type, resourceTypes);
    const hint = near === undefined ? '' : ` Did you mean ${near}?`;
    if (type.includes(':')) {
      const text = `Reference.type is the name of a type; an absolute URL is for logical models only, not ${show(type)}.${hint}`;
      c.report('reference-syntax', text, { at: 'type' });
      return;
    }
    c.report('reference-syntax', `${show(type)} is not a resource type of R4.${hint}`, { at: 'type' });
  }

  function targetOf(text: string, c: Collector): string | undefined {
    const first = text.charCodeAt(0);
    if (first === 35 /* # */) return fragmentTarget(text, c);
    if (c.bundle !== undefined) {
      const found = resolveInBundle(c.bundle, text, c.bundle.entryOf(c.rootResource));
      if (found.length > 0) return found[0]?.resource.resourceType;
      if (c.strict) checkNamesake(text, c.bundle, c);
    }
    const slash = text.indexOf('/');
    if (slash > 0 && first >= 65 && first <= 90) {
      const type = typeBefore(text, slash);
      if (type !== undefined) return type;
    }
    return otherTarget(text, c);
  }

  function otherTarget(text: string, c: Collector): string | undefined {
    if (/\s/.test(text)) {
      c.report('reference-syntax', `A reference is a URI without white space, not ${show(text)}.`, {
        at: 'reference',
      });
      return undefined;
    }
    if (text.startsWith('urn:')) return undefined;
    const absolute = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
    if (absolute) {
      const match =
        /\/([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?(?:#.*)?$/.exec(text);
      if (match === null || resourceTypes.has(match[1] as string)) return match?.[1];
      const near = nearest(match[1] as string, resourceTypes);
      const hint = near === undefined ? '' : ` Did you mean ${near}?`;
      const message = `If ${show(text)} is the address of a resource, its type ${match[1]} is not one of R4.${hint}`;
      c.report('reference-syntax', message, { at: 'reference', severity: 'warning' });
      return undefined;
    }
    const conditional = /^([A-Z][A-Za-z]+)\?/.exec(text);
    if (conditional !== null && resourceTypes.has(conditional[1] as string)) {
      if (c.strict && c.bundle !== undefined && !REQUESTS.has(c.bundle.bundle.type)) {
        const message = `${show(text)} is a search: only transactions and batches refer so.`;
        c.report('reference-syntax', message, { at: 'reference' });
      }
      return conditional[1];
    }
    const relative = /^\/?([A-Za-z]+)\/[^/]+(?:\/_history\/[^/]+)?$/.exec(text);
    if (relative !== null) {
      if (resourceTypes.has(relative[1] as string)) return relative[1];
      const near = nearest(relative[1] as string, resourceTypes);
      const hint = near === undefined ? '' : ` Did you mean ${near}?`;
      const message = `${show(text)} refers to ${relative[1]}, which is not a resource type of R4.${hint}`;
      c.report('reference-syntax', message, { at: 'reference' });
    } else if (!text.includes('/') && !text.includes(':')) {
      const message = `${show(text)} is no address of a resource: expected the type and the id, such as Patient/1.`;
      c.report('reference-syntax', message, { at: 'reference', severity: 'warning' });
    }
    return undefined;
  }

  return { reference, wrongTarget };
}

/** `Practitioner/x` beside an entry `urn:uuid:x` of another type: one of them is wrong. */
function checkNamesake(text: string, bundle: BundleIndex, c: Collector): void {
  const [type, id, more] = text.split('/');
  if (id === undefined || more !== undefined) return;
  const other = resolveInBundle(bundle, `urn:uuid:${id}`, undefined)[0]?.resource.resourceType;
  if (other === undefined || other === type) return;
  const message = `${show(text)} has the id of an entry that is ${withArticle(other)}.`;
  c.report('reference-target', message, { subject: 'namesake' });
}

function fragmentTarget(text: string, c: Collector): string | undefined {
  if (text === '#') {
    if (c.resource !== c.rootResource) return c.rootResource.resourceType;
    const message = "'#' refers to the container, so it may stand in contained resources only.";
    c.report('contained-missing', message, { constraint: 'ref-1' });
    return undefined;
  }
  const found = containedOf(c.rootResource, text.slice(1));
  if (found !== undefined) return found.resourceType;
  const ids = listContained(c.rootResource);
  const hint = ids.length === 0 ? ' Nothing is contained.' : ` Contained are ${list(ids)}.`;
  const message = `${show(text)} has no contained resource with this id.${hint}`;
  c.report('contained-missing', message, { constraint: 'ref-1' });
  return undefined;
}

function listContained(root: Resource): string[] {
  if (!Array.isArray(root.contained)) return [];
  return (root.contained as (Resource | null)[]).flatMap((one) =>
    typeof one?.id === 'string' ? [show(one.id)] : [],
  );
}

/** The types that a reference may point to, and the one that was found to be among them last. */
export interface TargetTypes {
  last: string;
  readonly names: ReadonlySet<string>;
}

export function targets(names: string): TargetTypes {
  return { last: '', names: new Set(names.split(' ')) };
}

/** Called when the target is another one than last time; `at` is empty when the path has the reference already. */
function wrongTarget(at: Segment, value: Json, targets: TargetTypes, c: Collector): void {
  const type = c.target as string;
  if (targets.names.has(type)) {
    targets.last = type;
    return;
  }
  const found =
    typeof value?.reference === 'string'
      ? `${show(value.reference)} points to ${withArticle(type)}`
      : `The type of the reference is ${type}`;
  const text = `${found}; allowed here: ${list([...targets.names])}.`;
  c.report('reference-target', text, at === '' ? {} : { at });
}

function withArticle(type: string): string {
  return /^[AEIO]/.test(type) ? `an ${type}` : `a ${type}`;
}
