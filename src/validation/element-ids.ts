/**
 * Ids of elements: what refers to one must find one, so each occurs once in its resource. Contained resources
 * count for themselves.
 * https://hl7.org/fhir/R4/element-definitions.html#Element.id
 */
import type { Collector } from './collector.ts';
import { show } from './suggestion.ts';

/** `owner` is the element that has the id; it may be looked at more than once. */
export function elementId(owner: object, id: string, c: Collector): void {
  c.elementIds ??= new Map();
  let owners = c.elementIds.get(c.resource);
  if (owners === undefined) {
    owners = new Map();
    c.elementIds.set(c.resource, owners);
  }
  const first = owners.get(id);
  if (first === undefined) owners.set(id, owner);
  else if (first !== owner) {
    const text = `The id ${show(id)} stands on another element of this resource too: each id occurs once.`;
    c.report('duplicate-id', text, { at: 'id' });
  }
}
