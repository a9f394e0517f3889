/** R4 as the validation tests use it: loaded and compiled once per process. */
import { loadCoreDefinitions } from '../../src/definitions/registry.ts';
import { createTypeModel } from '../../src/definitions/types.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createTerminology } from '../../src/terminology/create.ts';
import { compileTypes } from '../../src/validation/compiled-types.ts';
import { createValidator, type ValidatorParts } from '../../src/validation/validator.ts';

const definitions = loadCoreDefinitions();
const terminology = createTerminology(definitions);

export const parts: ValidatorParts = {
  definitions,
  terminology,
  model: createTypeModel(definitions),
  types: compileTypes(definitions, terminology),
};
export const validator = createValidator(parts);

/** Errors as `key expression`, with the constraint after the key where there is one. */
export function errorsOf(resource: unknown): string[] {
  return validator
    .validate(resource as Resource, { errorsOnly: true })
    .map((one) => `${one.key}${one.constraint === undefined ? '' : `:${one.constraint}`} ${one.expression}`);
}
