/**
 * A quick look before obs-7: an Observation with a value has no component of its own code.
 * https://hl7.org/fhir/R4/observation.html#Observation
 */
import type { Collector } from './collector.ts';
import { isObject } from './items.ts';

/** Of more codings the rule itself tells, which counts its steps. */
const CODINGS_MAX = 20;

/**
 * False when no coding of a component has a code of the resource: then none is the same. True when there is one, or
 * when it takes the rule itself to tell.
 */
export function sharesCode(components: unknown, c: Collector): boolean {
  const own = codingsOf(c.resource.code);
  if (own === undefined || own.length > CODINGS_MAX || !Array.isArray(components)) return true;
  for (let i = 0; i < components.length; i++) {
    const component: unknown = components[i];
    const codings = isObject(component) ? codingsOf(component.code) : undefined;
    if (codings === undefined) return true;
    for (let k = 0; k < codings.length; k++) if (mayBeAmong(codeOf(codings[k]), own)) return true;
  }
  return false;
}

function mayBeAmong(code: string | undefined, own: readonly unknown[]): boolean {
  if (code === undefined) return true;
  for (let i = 0; i < own.length; i++) {
    const one = codeOf(own[i]);
    if (one === undefined || one === code) return true;
  }
  return false;
}

const NONE: readonly unknown[] = [];

/** Undefined for what is no concept. */
function codingsOf(concept: unknown): readonly unknown[] | undefined {
  if (!isObject(concept)) return undefined;
  const { coding } = concept;
  if (coding === undefined) return NONE;
  return Array.isArray(coding) ? coding : undefined;
}

function codeOf(coding: unknown): string | undefined {
  const code: unknown = isObject(coding) ? coding.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
