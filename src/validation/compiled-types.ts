/** The base types as runnable code, compiled from the definitions of R4. */
import type { Definitions } from '../definitions/definitions.ts';
import type { TypeModel } from '../definitions/type-model.ts';
import { correctedExpression } from '../fhirpath/corrections.ts';
import type { RuntimeContext } from '../fhirpath/expression.ts';
import { lowerPredicate } from '../fhirpath/lower.ts';
import * as fhirPathRuntime from '../fhirpath/runtime.ts';
import type { Terminology } from '../terminology/terminology.ts';
import { readTypeSchemas } from './element-schema.ts';
import { type GeneratedTables, type GeneratedTypes, identifier } from './emitter.ts';
import { generateTypes } from './generate-types.ts';
import type { TypeModule } from './runtime.ts';

export interface CompiledTypes {
  readonly tables: GeneratedTables;
  readonly module: TypeModule;
  readonly predicates?: PredicatesAhead;
}

/** Invariants of profiles that were compiled ahead of time. */
export interface PredicatesAhead {
  /** Of an expression, as corrected, on nodes of a type. */
  find(type: string, expression: string): AheadPredicate | undefined;
}

export type AheadPredicate = (node: unknown, c: RuntimeContext, extra?: unknown) => boolean | undefined;

/**
 * The body of a function of `rt` (FHIRPath's runtime) that returns predicates in the order of `asked`, with an
 * empty place for what cannot be compiled.
 */
export function writePredicates(
  asked: readonly { readonly type: string; readonly expression: string }[],
  model: TypeModel,
): string {
  const prelude = new Map<string, string>();
  const sources = asked.map(({ type, expression }) => {
    const lowered = lowerPredicate(expression, type, model);
    if (lowered.kind !== 'code') return '';
    for (const { name, code } of lowered.prelude) prelude.set(name, code);
    return lowered.source;
  });
  const constants = [...prelude].map(([name, code]) => `const ${identifier(name)}=${code};`);
  return ['"use strict";', ...constants, `return [${sources.join(',\n')}];`].join('\n');
}

/** Compiles here and now, about 0.3 s; servers load what was built ahead of time. */
export function compileTypes(
  definitions: Definitions,
  model: TypeModel,
  terminology: Terminology,
): CompiledTypes {
  const { source, tables } = writeTypes(definitions, model, terminology);
  const make = new Function('h', 'rt', source) as (h: object, rt: object) => ReturnType<TypeModule>;
  return { tables, module: (h) => make(h, fhirPathRuntime) };
}

/** Source and tables, for this process or for a module. */
export function writeTypes(
  definitions: Definitions,
  model: TypeModel,
  terminology: Terminology,
): GeneratedTypes {
  return generateTypes(readTypeSchemas(definitions), {
    codesOf: (valueSet) => allCodes(terminology, valueSet),
    lower: (expression, type) => {
      const lowered = lowerPredicate(correctedExpression(expression), type, model);
      return lowered.kind === 'code' ? lowered : undefined;
    },
  });
}

function allCodes(terminology: Terminology, valueSet: string): ReadonlySet<string> | undefined {
  const codes = terminology.valueSet(valueSet)?.codes;
  if (codes === undefined) return undefined;
  return new Set([...codes.values()].flatMap((one) => [...one]));
}
