/**
 * A resource as `_summary` and `_elements` ask for it, tagged SUBSETTED.
 * https://hl7.org/fhir/R4/search.html#summary
 */
import type { TypeModel } from '../definitions/type-model.ts';
import type { Resource } from '../fhir/types.ts';
import type { SummaryMode } from './search-request.ts';

export type Project = (resource: Resource) => Resource;

/** Undefined when the whole resource is asked for: its stored text can be sent as it is. */
export function createProjection(
  _summary: SummaryMode,
  _elements: readonly string[],
  _model: TypeModel,
): Project | undefined {
  return undefined;
}
