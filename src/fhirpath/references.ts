/**
 * Functions that look outside the node: references, value sets, profiles, narrative.
 * https://hl7.org/fhir/R4/fhirpath.html#functions
 */
import type { Resource } from '../fhir/types.ts';
import type { RuntimeContext } from './expression.ts';
import { FhirPathError } from './failure.ts';

/** `Type/id`, absolute or relative, with or without version. */
const REFERENCE = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

function referenceText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const reference = (value as { reference?: unknown } | null | undefined)?.reference;
  return typeof reference === 'string' ? reference : undefined;
}

export function resolve(context: RuntimeContext, value: unknown): Resource | undefined {
  const reference = referenceText(value);
  if (reference === undefined || reference === '') return undefined;
  if (context.resolve !== undefined) return context.resolve(reference);
  return containedOrStub(context, reference);
}

/** Without a resolver: contained resources, and for others a stub with type and id. */
function containedOrStub(context: RuntimeContext, reference: string): Resource | undefined {
  if (reference === '#') return context.rootResource;
  if (reference.startsWith('#')) return containedIn(context, reference.slice(1));
  const type = REFERENCE.exec(reference)?.[1];
  if (type === undefined || !context.model.resourceTypes.includes(type)) return undefined;
  return { resourceType: type, id: reference.slice(reference.lastIndexOf('/') + 1) };
}

function containedIn(context: RuntimeContext, id: string): Resource | undefined {
  for (const container of [context.resource, context.rootResource]) {
    const contained = container.contained;
    if (!Array.isArray(contained)) continue;
    for (const one of contained as (Resource | null)[]) if (one?.id === id) return one;
  }
  return undefined;
}

/** `resolve() is T`: by the text of the reference where it tells the type. Undefined when nothing does. */
export function refersTo(context: RuntimeContext, value: unknown, type: string): boolean | undefined {
  const reference = referenceText(value);
  if (reference === undefined) {
    const declared = (value as { type?: unknown } | null | undefined)?.type;
    return typeof declared === 'string' ? declared === type : undefined;
  }
  const named = REFERENCE.exec(reference)?.[1];
  if (named !== undefined) return named === type;
  const resolved = resolve(context, value);
  return resolved === undefined ? undefined : resolved.resourceType === type;
}

/** A code, Coding, CodeableConcept or Quantity against a value set; undefined when it cannot be decided. */
export function memberOf(context: RuntimeContext, value: unknown, valueSet: unknown): boolean | undefined {
  if (value == null || typeof valueSet !== 'string') return undefined;
  const ask = context.memberOf?.bind(context);
  if (ask === undefined) return undefined;
  if (typeof value === 'string') return ask(valueSet, undefined, value);
  const { coding, code, system } = value as Record<string, unknown>;
  if (!Array.isArray(coding)) {
    return typeof code === 'string' ? ask(valueSet, textOrNone(system), code) : undefined;
  }
  let result: boolean | undefined = false;
  for (const one of coding as (Record<string, unknown> | null)[]) {
    if (typeof one?.code !== 'string') continue;
    const answer = ask(valueSet, textOrNone(one.system), one.code);
    if (answer === true) return true;
    if (answer === undefined) result = undefined;
  }
  return result;
}

function textOrNone(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function conformsTo(context: RuntimeContext, value: unknown, profile: unknown): boolean | undefined {
  if (value == null || typeof profile !== 'string') return undefined;
  const base = 'http://hl7.org/fhir/StructureDefinition/';
  const type = (value as { resourceType?: unknown }).resourceType;
  const core = profile.startsWith(base) ? profile.slice(base.length) : undefined;
  if (typeof type === 'string' && core !== undefined && context.model.type(core)?.kind === 'resource') {
    if (!context.model.isA(type, core)) return false;
    // with nobody to ask, the name has to do
    if (context.conformsTo === undefined || type !== core) return true;
  }
  return context.conformsTo?.(value, profile);
}

export function subsumes(context: RuntimeContext, value: unknown, other: unknown): boolean | undefined {
  return subsumption(context, value, other);
}

export function subsumedBy(context: RuntimeContext, value: unknown, other: unknown): boolean | undefined {
  return subsumption(context, other, value);
}

function subsumption(context: RuntimeContext, general: unknown, special: unknown): boolean | undefined {
  if (general == null || special == null || context.subsumes === undefined) return undefined;
  const above = codingsOf(general);
  const below = codingsOf(special);
  let result: boolean | undefined = false;
  for (const a of above) {
    for (const b of below) {
      if (a.system !== b.system) continue;
      const answer = a.code === b.code ? true : context.subsumes(a.system, a.code, b.code);
      if (answer === true) return true;
      if (answer === undefined) result = undefined;
    }
  }
  return result;
}

function codingsOf(value: unknown): readonly { readonly system: string; readonly code: string }[] {
  const { coding, code, system } = value as Record<string, unknown>;
  const list = Array.isArray(coding) ? (coding as Record<string, unknown>[]) : [{ code, system }];
  return list.filter(
    (one): one is { system: string; code: string } =>
      typeof one?.system === 'string' && typeof one.code === 'string',
  );
}

/** Narrative is checked by the validator's own scanner, which the context offers. */
export function htmlChecks(context: RuntimeContext, value: unknown): boolean | undefined {
  if (value == null) return undefined;
  if (typeof value !== 'string') throw new FhirPathError('htmlChecks() takes XHTML');
  return context.checkHtml?.(value);
}
