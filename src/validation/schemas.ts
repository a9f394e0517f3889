/** The element schemas of R4 types, read when a profile first needs them. */
import type { Definitions } from '../definitions/definitions.ts';
import { type ElementSchema, readStructureSchemas, type TypeSchema } from './element-schema.ts';

export interface Schemas {
  /** `Patient`, `HumanName`, `Patient.contact`; `Element` for primitives. */
  type(name: string): TypeSchema | undefined;
  /** By FHIRPath name or, for one variant of a choice, by JSON name. */
  element(type: string, name: string): ElementSchema | undefined;
}

/** Of R4 itself, which no upload changes: one table serves every generation of definitions. */
export function createSchemas(definitions: Definitions): Schemas {
  const types = new Map<string, TypeSchema>();
  const read = new Set<string>();
  const elements = new Map<string, Map<string, ElementSchema | null>>();

  function type(name: string): TypeSchema | undefined {
    const known = types.get(name);
    if (known !== undefined) return known;
    const root = name.split('.', 1)[0] as string;
    if (!read.has(root)) {
      read.add(root);
      const structure = definitions.structureOfType(root);
      if (structure !== undefined && structure.derivation !== 'constraint') {
        for (const [key, schema] of readStructureSchemas(structure)) types.set(key, schema);
      }
    }
    return types.get(name);
  }

  return {
    type,
    element(owner, name) {
      let ofOwner = elements.get(owner);
      if (ofOwner === undefined) {
        ofOwner = new Map();
        elements.set(owner, ofOwner);
      }
      let found = ofOwner.get(name);
      if (found === undefined) {
        found = findElement(owner, name) ?? null;
        ofOwner.set(name, found);
      }
      return found ?? undefined;
    },
  };

  function findElement(owner: string, name: string): ElementSchema | undefined {
    const schema = type(owner) ?? type('Element');
    const found = schema?.elements.find((one) => one.name === name);
    if (found !== undefined) return found;
    for (const one of schema?.elements ?? []) {
      const property = one.properties.find((candidate) => candidate.json === name);
      if (one.isChoice && property !== undefined) return { ...one, properties: [property] };
    }
    return undefined;
  }
}
