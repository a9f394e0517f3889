/**
 * FHIRPath Patch: a Parameters resource of operations, applied in place.
 * https://hl7.org/fhir/R4/fhirpatch.html
 */
import { fail } from '../fhir/issues.ts';
import type { Resource } from '../fhir/types.ts';
import type { InteractionContext } from './context.ts';

export function applyFhirPathPatch(
  _resource: Resource,
  _patch: Resource,
  _context: InteractionContext,
): Resource {
  throw fail('not-implemented', 'FHIRPath Patch is not offered yet. Send a JSON Patch.');
}
