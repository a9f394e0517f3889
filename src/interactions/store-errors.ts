/**
 * What a store refuses, as an OperationOutcome: the same for a request and for an entry of a batch.
 * https://hl7.org/fhir/R4/http.html#Status-Codes
 */
import { type FhirError, fail } from '../fhir/issues.ts';
import { ConflictError, StoreUnavailableError } from '../storage/store.ts';

/** Undefined for everything that a store does not promise to throw. */
export function fromStoreError(error: unknown): FhirError | undefined {
  if (error instanceof StoreUnavailableError) {
    return fail('store-unavailable', 'The store cannot be reached now. Try again shortly.');
  }
  if (error instanceof ConflictError) {
    return fail('version-conflict', 'The resource was changed at the same time. Read it again and repeat.');
  }
  return undefined;
}
