/**
 * Canonicals as `$validate` sees them: absolute or the fragment of a contained resource, and of a definition of
 * the right type when it is loaded.
 * https://hl7.org/fhir/R4/references.html#canonical
 */
import type { Definitions } from '../definitions/definitions.ts';
import type { Collector } from './collector.ts';
import type { Segment } from './path.ts';
import type { TargetTypes } from './reference-rules.ts';
import { containedOf } from './reference-target.ts';
import { list, show } from './suggestion.ts';

export function createCanonicalRule(definitions: Definitions) {
  /** `targets` are the types that the element may name; undefined for any. */
  return (at: Segment, value: unknown, c: Collector, targets?: TargetTypes): void => {
    const values = Array.isArray(value) ? value : [value];
    values.forEach((one, i) => {
      if (typeof one !== 'string') return;
      const fault = faultOf(one, targets?.names, c);
      if (fault === undefined) return;
      c.report('invalid-primitive', fault, { at: Array.isArray(value) ? [at, i] : at, subject: 'canonical' });
    });
  };

  function faultOf(url: string, targets: ReadonlySet<string> | undefined, c: Collector): string | undefined {
    if (url.startsWith('#')) {
      const found = url === '#' ? c.rootResource : containedOf(c.rootResource, url.slice(1));
      if (found === undefined) return `Nothing that is contained has the id of ${show(url)}.`;
      return wrongType(url, found.resourceType, targets);
    }
    if (!url.includes(':')) {
      return `A canonical is absolute, or begins with #; ${show(url)} is relative.`;
    }
    if (targets === undefined) return undefined;
    const plain = url.split('#', 1)[0] as string;
    const found = definitions.entry(plain);
    if (found === undefined || targets.has(found.resourceType)) return undefined;
    for (const type of targets) if (definitions.entry(plain, type) !== undefined) return undefined;
    return wrongType(url, found.resourceType, targets);
  }
}

function wrongType(url: string, found: string, targets: ReadonlySet<string> | undefined): string | undefined {
  if (targets === undefined || targets.has(found)) return undefined;
  return `${show(url)} is a ${found}; expected here: ${list([...targets])}.`;
}
