/** R4 as the validation tests use it: loaded and compiled once per process. */
import { entryOf } from '../../src/definitions/entry.ts';
import { loadCoreDefinitions, withEntries } from '../../src/definitions/registry.ts';
import { createTypeModel } from '../../src/definitions/types.ts';
import type { Issue } from '../../src/fhir/issues.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createTerminology } from '../../src/terminology/create.ts';
import { compileTypes } from '../../src/validation/compiled-types.ts';
import { loadCompiledTypes } from '../../src/validation/load-types.ts';
import { createValidator, type Validator, type ValidatorParts } from '../../src/validation/validator.ts';

const definitions = loadCoreDefinitions();
const terminology = createTerminology(definitions);

const model = createTypeModel(definitions);

export const parts: ValidatorParts = {
  definitions,
  terminology,
  model,
  types: loadCompiledTypes() ?? compileTypes(definitions, model, terminology),
};
export const validator = createValidator(parts);

/** A validator that knows further definitions. */
export function validatorWith(
  resources: readonly Record<string, unknown>[],
  limits: ValidatorParts['limits'] = {},
): Validator {
  const entries = resources.map((resource) => entryOf(resource as Resource, {}));
  const next = withEntries(definitions, entries);
  return createValidator({ ...parts, definitions: next, terminology: createTerminology(next), limits });
}

/** Errors as `key expression`, with the constraint after the key where there is one. */
export function errorsOf(resource: unknown, one: Validator = validator, profiles: string[] = []): string[] {
  return summarise(one.validate(resource as Resource, { errorsOnly: true, profiles }));
}

export function summarise(issues: readonly Issue[]): string[] {
  return issues.map(({ key, constraint, expression }) =>
    constraint === undefined ? `${key} ${expression}` : `${key}:${constraint} ${expression}`,
  );
}
