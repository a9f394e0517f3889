/** The base types as runnable code, compiled from the definitions of R4. */
import type { Definitions } from '../definitions/definitions.ts';
import type { Terminology } from '../terminology/terminology.ts';
import { readTypeSchemas } from './element-schema.ts';
import { type GeneratedTables, generateTypes } from './generate-types.ts';
import type { TypeModule } from './runtime.ts';

export interface CompiledTypes {
  readonly tables: GeneratedTables;
  readonly module: TypeModule;
}

export function compileTypes(definitions: Definitions, terminology: Terminology): CompiledTypes {
  const { source, tables } = generateTypes(readTypeSchemas(definitions), {
    codesOf: (valueSet) => allCodes(terminology, valueSet),
  });
  return { tables, module: new Function('h', source) as TypeModule };
}

function allCodes(terminology: Terminology, valueSet: string): ReadonlySet<string> | undefined {
  const codes = terminology.valueSet(valueSet)?.codes;
  if (codes === undefined) return undefined;
  return new Set([...codes.values()].flatMap((one) => [...one]));
}
