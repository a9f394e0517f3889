/** The invariants of R4 with the types that they are evaluated on. */
import type { StructureDefinition } from '@medplum/fhirtypes';
import type { Definitions } from '../../src/definitions/definitions.ts';
import type { TypeModel } from '../../src/definitions/type-model.ts';

export interface Invariant {
  readonly key: string;
  readonly expression: string;
  readonly type: string;
}

/** One for each key, expression and type of node, profiles of R4 included, logical models not. */
export function readInvariants(definitions: Definitions, model: TypeModel): readonly Invariant[] {
  const invariants = new Map<string, Invariant>();
  for (const structure of definitions.all(
    'StructureDefinition',
  ) as Iterable<unknown> as Iterable<StructureDefinition>) {
    if (structure.kind === 'logical') continue;
    for (const element of structure.snapshot?.element ?? []) {
      for (const { key, expression } of element.constraint ?? []) {
        if (key === undefined || expression === undefined) continue;
        for (const type of typesAt(element.path, element.type ?? [], model)) {
          invariants.set(`${key}\n${expression}\n${type}`, { key, expression, type });
        }
      }
    }
  }
  return [...invariants.values()];
}

function typesAt(
  path: string,
  types: readonly { readonly code?: string }[],
  model: TypeModel,
): readonly string[] {
  if (model.type(path) !== undefined) return [path];
  return types.map(({ code }) => (code === undefined || code.includes('/') ? 'string' : code));
}
