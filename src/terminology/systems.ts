/** Code systems from definitions, and those that are lists known without them. */
import type { Definitions } from '../definitions/definitions.ts';
import { CODE_LISTS } from './code-lists.ts';
import { type CodeSystemIndex, findCodeSystem } from './code-system.ts';

/**
 * A complete code system that is loaded comes first; a fragment adds its displays to a list. Undefined when
 * nothing of the system is known.
 */
export function findSystem(definitions: Definitions, canonical: string): CodeSystemIndex | undefined {
  const loaded = findCodeSystem(definitions, canonical);
  if (loaded === undefined) return CODE_LISTS.get(canonical);
  const list = loaded.isComplete ? undefined : CODE_LISTS.get(loaded.url);
  return list === undefined ? loaded : overlay(list, loaded);
}

const OVERLAYS = new WeakMap<CodeSystemIndex, CodeSystemIndex>();

function overlay(list: CodeSystemIndex, fragment: CodeSystemIndex): CodeSystemIndex {
  let index = OVERLAYS.get(fragment);
  if (index === undefined) {
    const concepts = new Map([...list.concepts, ...fragment.concepts]);
    index = {
      ...list,
      version: fragment.version,
      name: fragment.name,
      concepts,
      codes: new Set(concepts.keys()),
      find: (code) => concepts.get(code),
      closure: (code, direction) => (fragment.concepts.has(code) ? fragment : list).closure(code, direction),
    };
    OVERLAYS.set(fragment, index);
  }
  return index;
}
