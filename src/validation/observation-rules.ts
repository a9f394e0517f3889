/**
 * A quick look before obs-7: an Observation with a value has no component of its own code.
 * https://hl7.org/fhir/R4/observation.html#Observation
 */
import type { Collector } from './collector.ts';
import { isObject } from './items.ts';

/**
 * False when no coding of a component has a code of the resource: then none is the same. True when there is one, or
 * when it takes the rule itself to tell.
 */
export function sharesCode(components: unknown, c: Collector): boolean {
  const own = codesOf(c.resource.code);
  if (own === undefined || !Array.isArray(components)) return true;
  for (const component of components) {
    const codes = isObject(component) ? codesOf(component.code) : undefined;
    if (codes === undefined) return true;
    for (const code of codes) if (own.includes(code)) return true;
  }
  return false;
}

/** Undefined when they are not all there. */
function codesOf(concept: unknown): string[] | undefined {
  if (!isObject(concept)) return undefined;
  const codes: string[] = [];
  if (concept.coding === undefined) return codes;
  if (!Array.isArray(concept.coding)) return undefined;
  for (const coding of concept.coding) {
    const code: unknown = isObject(coding) ? coding.code : undefined;
    if (typeof code !== 'string') return undefined;
    codes.push(code);
  }
  return codes;
}
