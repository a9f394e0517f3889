/**
 * patch and conditional patch: the current version changed by a JSON Patch or a FHIRPath Patch, then written
 * like an update.
 * https://hl7.org/fhir/R4/http.html#patch, https://hl7.org/fhir/R4/fhirpatch.html
 */
import { fail } from '../fhir/issues.ts';
import { parseStored } from '../fhir/json.ts';
import { applyJsonPatch } from '../fhir/json-patch.ts';
import type { Resource } from '../fhir/types.ts';
import type { Precondition, StoredVersion } from '../storage/store.ts';
import type { InteractionContext } from './context.ts';
import { findMatches, tooManyMatches } from './criteria.ts';
import { applyFhirPathPatch } from './fhirpath-patch.ts';
import { readTarget, requireLive } from './live-version.ts';
import type { InteractionRequest } from './request.ts';
import { expectVersion } from './update.ts';
import type { Located } from './write.ts';

export async function locatePatch(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<readonly Located[]> {
  return [locateOne(request.id, await readTarget(request, context), request, context)];
}

/** PATCH [type]?criteria */
export async function locateConditionalPatch(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<readonly Located[]> {
  const { rows, precondition } = await findMatches(request.type, request.query, 2, request, context);
  if (rows.length > 1) throw tooManyMatches(request.type);
  const [match] = rows;
  if (match === undefined) throw fail('not-found', `The criteria match no ${request.type}.`);
  return [locateOne(match.id, match, request, context, precondition)];
}

function locateOne(
  id: string,
  present: StoredVersion | undefined,
  request: InteractionRequest,
  context: InteractionContext,
  precondition?: Precondition,
): Located {
  const { type } = request;
  const current = requireLive(present, type);
  const { expected, isExpectedByClient } = expectVersion(current, request, context);
  const resource = applyPatch(parseStored(current.json), request, context);
  if (resource.resourceType !== type || resource.id !== id) {
    throw fail('patch-failed', 'A patch may change neither the type nor the id.');
  }
  return {
    kind: 'write',
    type,
    id,
    method: 'PUT',
    expected,
    isExpectedByClient,
    precondition,
    current,
    resource,
    // A patch says what to remove, so nothing is carried forward.
    labelsAreFinal: true,
  };
}

function applyPatch(resource: Resource, request: InteractionRequest, context: InteractionContext): Resource {
  const { body } = request;
  if (body.kind === 'json-patch') {
    const patched = applyJsonPatch(resource, body.patch);
    if (typeof patched !== 'object' || patched === null || Array.isArray(patched)) {
      throw fail('patch-failed', 'The patch leaves no resource behind.');
    }
    return patched as Resource;
  }
  if (body.kind === 'resource' && body.resource.resourceType === 'Parameters') {
    return applyFhirPathPatch(resource, body.resource, context.generation().model, context.now());
  }
  if (body.kind === 'resource' && body.resource.resourceType === 'Binary') {
    return applyPatch(resource, { ...request, body: binaryPatch(body.resource) }, context);
  }
  throw fail('patch-failed', 'Send a JSON Patch array, or a Parameters resource with a FHIRPath Patch.');
}

/** In a Bundle, a JSON Patch travels in a Binary. https://hl7.org/fhir/R4/http.html#trules */
function binaryPatch(binary: Resource) {
  const text = Buffer.from(String(binary.data ?? ''), 'base64').toString('utf8');
  try {
    return { kind: 'json-patch', patch: JSON.parse(text) } as const;
  } catch {
    throw fail('malformed-json', 'The data of the Binary is not a JSON Patch.');
  }
}
