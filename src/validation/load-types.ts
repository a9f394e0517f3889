/** The base types as they were compiled ahead of time by the build. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as fhirPathRuntime from '../fhirpath/runtime.ts';
import type { AheadPredicate, CompiledTypes, PredicatesAhead } from './compiled-types.ts';
import type { GeneratedTables } from './emitter.ts';
import type { TypeFunctions } from './runtime.ts';

const BUILD = join(import.meta.dirname, '..', '..', 'build');
const BUILT = join(BUILD, 'validators', 'types.mjs');
const PREDICATES = join(BUILD, 'iom-rules', 'predicates.mjs');

interface TypesModule {
  readonly tables: GeneratedTables;
  create(h: object, rt: object): TypeFunctions;
}

/** Undefined when the build has not made them: then they are compiled at start. */
export function loadCompiledTypes(file: string = BUILT): CompiledTypes | undefined {
  if (!existsSync(file)) return undefined;
  const { tables, create } = createRequire(import.meta.url)(file) as TypesModule;
  return { tables, module: (h) => create(h, fhirPathRuntime), predicates: loadPredicates() };
}

interface PredicatesModule {
  /** `type\nexpression` */
  readonly keys: readonly string[];
  create(rt: object): readonly (AheadPredicate | undefined)[];
}

function loadPredicates(): PredicatesAhead | undefined {
  if (!existsSync(PREDICATES)) return undefined;
  const { keys, create } = createRequire(import.meta.url)(PREDICATES) as PredicatesModule;
  const predicates = create(fhirPathRuntime);
  const byKey = new Map(keys.map((key, i) => [key, predicates[i]]));
  return { find: (type, expression) => byKey.get(`${type}\n${expression}`) };
}
