/** Code systems from definitions, and those that are lists known without them. */
import type { Definitions } from '../definitions/definitions.ts';
import { CODE_LISTS } from './code-lists.ts';
import { type CodeSystemIndex, findCodeSystem } from './code-system.ts';

/** A complete code system that is loaded comes first; undefined when nothing of it is known. */
export function findSystem(definitions: Definitions, canonical: string): CodeSystemIndex | undefined {
  const loaded = findCodeSystem(definitions, canonical);
  return loaded?.isComplete ? loaded : (CODE_LISTS.get(canonical) ?? loaded);
}
