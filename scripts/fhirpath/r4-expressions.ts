/** The FHIRPath that R4 publishes, with the types of node that it is evaluated on. */
import type { SearchParameter, StructureDefinition } from '@medplum/fhirtypes';
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
  for (const structure of allOf<StructureDefinition>(definitions, 'StructureDefinition')) {
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

export interface SearchExpression {
  readonly code: string;
  readonly expression: string;
  /** A resource type, or Resource or DomainResource. */
  readonly base: string;
}

export function readSearchExpressions(definitions: Definitions): readonly SearchExpression[] {
  const expressions: SearchExpression[] = [];
  for (const { code, base, expression } of allOf<SearchParameter>(definitions, 'SearchParameter')) {
    if (expression === undefined) continue;
    for (const one of base) expressions.push({ code, expression, base: one });
  }
  return expressions;
}

function allOf<T>(definitions: Definitions, type: string): Iterable<T> {
  return definitions.all(type) as Iterable<unknown> as Iterable<T>;
}
