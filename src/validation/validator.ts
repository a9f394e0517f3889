/**
 * What the rest of the server asks of validation. The implementation compiles StructureDefinitions to
 * functions; callers see only this.
 * https://hl7.org/fhir/R4/validation.html
 */
import type { Issue } from '../fhir/issues.ts';
import type { Resource } from '../fhir/types.ts';

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
