/**
 * What a write expects of its body before anything else is looked at.
 * https://hl7.org/fhir/R4/http.html#create, #update
 */
import { fail } from '../fhir/issues.ts';
import type { Resource } from '../fhir/types.ts';
import type { InteractionRequest } from './request.ts';

export interface GivenResource {
  readonly resource: Resource;
  readonly text?: string;
}

/** @throws FhirError `empty-body`, `type-mismatch` */
export function requireResource(request: InteractionRequest): GivenResource {
  if (request.body.kind !== 'resource') {
    throw fail('empty-body', `The body must be a ${request.type || 'resource'}.`);
  }
  const { resource, text } = request.body;
  if (request.type !== '' && resource.resourceType !== request.type) {
    const text = `The address says ${request.type}, the body is a ${resource.resourceType}. Send it to the address of its type.`;
    throw fail('type-mismatch', text, { expression: 'resourceType' });
  }
  return { resource, text };
}
