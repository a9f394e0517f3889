/**
 * Definitions of a package kept as bytes: a package such as HL7's terminology has thousands, of which few are
 * ever needed, and as objects they take ten times the memory.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Resource } from '../fhir/types.ts';
import { compactDefinition } from './compact.ts';
import type { DefinitionEntry, DefinitionSource } from './definitions.ts';
import { factsOf } from './entry.ts';

export function packEntry(resource: Resource, source: DefinitionSource): DefinitionEntry {
  const compact = Buffer.from(JSON.stringify(compactDefinition(resource)));
  const original = deflateRawSync(JSON.stringify(resource), { level: 1 });
  return {
    ...factsOf(resource),
    source,
    load: remembered(() => JSON.parse(compact.toString()) as Resource),
    loadOriginal: () => JSON.parse(inflateRawSync(original).toString()) as Resource,
  };
}

/** One object as long as somebody holds it; made again when needed later. */
export function remembered<T extends object>(load: () => T): () => T {
  let reference: WeakRef<T> | undefined;
  return () => {
    const known = reference?.deref();
    if (known !== undefined) return known;
    const value = load();
    reference = new WeakRef(value);
    return value;
  };
}
