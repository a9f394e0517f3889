/** The base types as they were compiled ahead of time by the build. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as fhirPathRuntime from '../fhirpath/runtime.ts';
import type { CompiledTypes } from './compiled-types.ts';
import type { GeneratedTables } from './emitter.ts';
import type { TypeFunctions } from './runtime.ts';

const BUILT = join(import.meta.dirname, '..', '..', 'build', 'validators', 'types.mjs');

interface TypesModule {
  readonly tables: GeneratedTables;
  create(h: object, rt: object): TypeFunctions;
}

/** Undefined when the build has not made them: then they are compiled at start. */
export function loadCompiledTypes(file: string = BUILT): CompiledTypes | undefined {
  if (!existsSync(file)) return undefined;
  const { tables, create } = createRequire(import.meta.url)(file) as TypesModule;
  return { tables, module: (h) => create(h, fhirPathRuntime) };
}
