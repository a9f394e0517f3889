/**
 * What the rest of the server asks of validation. The implementation compiles StructureDefinitions to
 * functions; callers see only this.
 * https://hl7.org/fhir/R4/validation.html
 */
import type { Definitions } from '../definitions/definitions.ts';
import type { TypeModel } from '../definitions/type-model.ts';
import type { Issue } from '../fhir/issues.ts';
import type { Resource } from '../fhir/types.ts';
import type { Terminology } from '../terminology/terminology.ts';
import { Collector, type CollectorLimits } from './collector.ts';
import { type CompiledTypes, compileTypes } from './compiled-types.ts';
import { finish } from './finish.ts';
import { createRuntime } from './runtime.ts';

export interface ValidationOptions {
  /** Canonicals to hold the resource to, besides those in meta.profile. */
  readonly profiles?: readonly string[];
  /** Leaves out warnings and information: ordinary writes need errors only. */
  readonly errorsOnly?: boolean;
  /** Raw text of the resource, for line and column and for duplicate keys. */
  readonly text?: string;
}

export interface Validator {
  /** Issues in document order, deduplicated; empty when there is nothing to say. Never throws on input. */
  validate(resource: Resource, options?: ValidationOptions): readonly Issue[];
}

export interface ValidatorParts {
  readonly definitions: Definitions;
  readonly model: TypeModel;
  readonly terminology: Terminology;
  /** The base types, built ahead of time or compiled once per process; compiled now when absent. */
  readonly types?: CompiledTypes;
  readonly limits?: Partial<CollectorLimits>;
}

export const VALIDATION_LIMITS: CollectorLimits = { depthMax: 200, issuesMax: 500 };

export function createValidator(parts: ValidatorParts): Validator {
  const types = parts.types ?? compileTypes(parts.definitions, parts.terminology);
  const limits = { ...VALIDATION_LIMITS, ...parts.limits };
  const runtime = createRuntime({
    definitions: parts.definitions,
    model: parts.model,
    terminology: parts.terminology,
    tables: types.tables,
    module: types.module,
    afterResource: () => undefined,
    checkProfile: () => undefined,
  });

  return {
    validate(resource, options = {}) {
      const c = new Collector(resource, limits, options.errorsOnly ?? false);
      const type: unknown = resource?.resourceType;
      c.path[c.depth++] = typeof type === 'string' && /^[A-Za-z]{1,64}$/.test(type) ? type : 'Resource';
      c.resourceDepth = 1;
      runtime.enter(resource, c, false);
      return c.found.length === 0 ? [] : finish(c, resource);
    },
  };
}
