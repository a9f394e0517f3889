/**
 * Where a reference leads, as far as the resource and its Bundle can tell.
 * https://hl7.org/fhir/R4/references.html
 */
import type { Resource } from '../fhir/types.ts';
import { type BundleIndex, resolveInBundle } from './bundle-index.ts';
import type { Json } from './items.ts';

/** Where one stands: the resource that a reference is in, and its Bundle. */
export interface Standpoint {
  readonly rootResource: Resource;
  readonly bundle: BundleIndex | undefined;
  readonly elsewhere?: ((reference: string) => Resource | undefined) | undefined;
}

export interface Target {
  readonly type: string;
  /** Absent when the resource is elsewhere. */
  readonly resource: Resource | undefined;
  readonly how: 'contained' | 'bundled' | 'referenced';
}

/** Undefined when not even the type can be told. */
export function targetResource(reference: Json, c: Standpoint): Target | undefined {
  const text = reference.reference;
  if (typeof text !== 'string') {
    return typeof reference.type === 'string'
      ? { type: reference.type, resource: undefined, how: 'referenced' }
      : undefined;
  }
  if (text.startsWith('#')) {
    const resource = text === '#' ? c.rootResource : containedOf(c.rootResource, text.slice(1));
    return resource && { type: resource.resourceType, resource, how: 'contained' };
  }
  if (c.bundle !== undefined) {
    const resource = resolveInBundle(c.bundle, text, c.bundle.entryOf(c.rootResource))[0]?.resource;
    if (resource !== undefined) return { type: resource.resourceType, resource, how: 'bundled' };
  }
  const found = c.elsewhere?.(text);
  if (found !== undefined) return { type: found.resourceType, resource: found, how: 'referenced' };
  const type = typeOfAddress(text) ?? reference.type;
  return typeof type === 'string' ? { type, resource: undefined, how: 'referenced' } : undefined;
}

export function containedOf(root: Resource, id: string): Resource | undefined {
  if (!Array.isArray(root.contained)) return undefined;
  return (root.contained as (Resource | null)[]).find((one) => one?.id === id) ?? undefined;
}

const ADDRESS =
  /^(?:[a-z][a-z0-9+.-]*:\/\/[^?#]*\/)?([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?(?:#.*)?$/;
/** Whether the id is one or not, this is meant for a resource of the type. */
const RELATIVE = /^\/?([A-Z][A-Za-z]+)\/[^/?#]+$/;
const CONDITIONAL = /^([A-Z][A-Za-z]+)\?/;

/** The type in `Patient/1`, `http://host/fhir/Patient/1/_history/2` or `Patient?identifier=x`. */
export function typeOfAddress(reference: string): string | undefined {
  return (
    typeOfPlain(reference) ??
    (ADDRESS.exec(reference) ?? CONDITIONAL.exec(reference) ?? RELATIVE.exec(reference))?.[1]
  );
}

/** That of `Patient/1`, as nearly all are written, without an expression's list of findings. */
function typeOfPlain(reference: string): string | undefined {
  const slash = reference.indexOf('/');
  const { length } = reference;
  if (slash < 2 || slash === length - 1) return undefined;
  const first = reference.charCodeAt(0);
  if (first < UPPER_A || first > UPPER_Z) return undefined;
  for (let i = 1; i < slash; i++) {
    const letter = reference.charCodeAt(i) | LOWER;
    if (letter < LOWER_A || letter > LOWER_Z) return undefined;
  }
  for (let i = slash + 1; i < length; i++) {
    const char = reference.charCodeAt(i);
    if (char === SLASH || char === QUESTION_MARK || char === HASH) return undefined;
  }
  return reference.slice(0, slash);
}

const [UPPER_A, UPPER_Z, LOWER_A, LOWER_Z] = [65, 90, 97, 122];
/** The bit that a lower-case letter has and an upper-case one has not. */
const LOWER = 32;
const [HASH, SLASH, QUESTION_MARK] = [35, 47, 63];
