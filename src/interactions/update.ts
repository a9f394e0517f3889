/**
 * update, update as create, and conditional update.
 * https://hl7.org/fhir/R4/http.html#update, #upsert, #cond-update
 */

import { isId } from '../fhir/ids.ts';
import { fail } from '../fhir/issues.ts';
import type { Expected, Precondition, StoredVersion } from '../storage/store.ts';
import { type GivenResource, requireResource } from './body.ts';
import type { InteractionContext } from './context.ts';
import { findMatches, tooManyMatches } from './criteria.ts';
import { parseEtags } from './headers.ts';
import { readTarget } from './live-version.ts';
import type { InteractionRequest } from './request.ts';
import { type Located, staleVersion } from './write.ts';

export async function locateUpdate(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<readonly Located[]> {
  const given = requireResource(request);
  const { resource } = given;
  if (resource.id === undefined) {
    throw fail('id-missing', 'Put the id of the address into the body.', {
      expression: `${request.type}.id`,
    });
  }
  if (resource.id !== request.id) {
    throw fail('id-mismatch', 'The id in the body differs from the id in the address.', {
      expression: `${request.type}.id`,
    });
  }
  const current = await readTarget(request, context);
  return [locatePut(request.id, given, current, request, context)];
}

/** PUT [type]?criteria */
export async function locateConditionalUpdate(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<readonly Located[]> {
  const given = requireResource(request);
  const { rows, precondition } = await findMatches(request.type, request.query, 2, request, context);
  if (rows.length > 1) throw tooManyMatches(request.type);
  const [match] = rows;
  const givenId = given.resource.id;
  if (match !== undefined) {
    if (givenId !== undefined && givenId !== match.id) {
      throw fail('id-mismatch', 'The criteria match a resource with another id than the body has.', {
        expression: `${request.type}.id`,
      });
    }
    return [locatePut(match.id, given, match, request, context, precondition)];
  }
  if (givenId === undefined) {
    const id = context.newId();
    const { resource, text } = given;
    const base = { kind: 'write', type: request.type, id, method: 'PUT', expected: 'absent' } as const;
    return [{ ...base, isExpectedByClient: false, precondition, resource, text }];
  }
  const [present] = await context.store.readEach([{ type: request.type, id: givenId }]);
  if (present !== undefined && !present.deleted) {
    throw fail('duplicate', 'The id of the body exists, but the criteria do not match it.', {
      expression: `${request.type}.id`,
    });
  }
  return [locatePut(givenId, given, present, request, context, precondition)];
}

function locatePut(
  id: string,
  given: GivenResource,
  current: StoredVersion | undefined,
  request: InteractionRequest,
  context: InteractionContext,
  precondition?: Precondition,
): Located {
  const { type } = request;
  if (!isId(id)) throw invalidId(type);
  const { expected, isExpectedByClient } = expectVersion(current, request, context);
  if (expected === 'absent' && !context.policy.updateCreates) {
    throw fail('method-not-allowed', `There is no ${type} with this id, and this server assigns ids itself.`);
  }
  const { resource, text } = given;
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
    text,
  };
}

export function invalidId(type: string): Error {
  const text = 'An id has 1 to 64 letters, digits, hyphens and dots.';
  return fail('id-invalid', text, { expression: `${type}.id` });
}

/**
 * What the commit must find, from If-Match, If-None-Match and what is there now.
 * @throws FhirError `precondition-failed`, `precondition-required`
 */
export function expectVersion(
  current: StoredVersion | undefined,
  request: InteractionRequest,
  context: InteractionContext,
): { readonly expected: Expected; readonly isExpectedByClient: boolean } {
  const live = current === undefined || current.deleted ? undefined : current;
  const expected = live === undefined ? 'absent' : { versionId: live.versionId };
  if (request.ifNoneMatch !== undefined && request.method === 'PUT') {
    const barred = parseEtags('If-None-Match', request.ifNoneMatch);
    if (live !== undefined && (barred === '*' || barred.includes(live.versionId))) {
      throw fail('precondition-failed', `A ${request.type} with this id exists.`, {
        expression: 'http.If-None-Match',
      });
    }
  }
  if (request.ifMatch === undefined) {
    if (context.policy.ifMatchRequired && live !== undefined) {
      throw fail('precondition-required', 'Name the version you read: If-Match: W/"…".', {
        expression: 'http.If-Match',
      });
    }
    return { expected, isExpectedByClient: false };
  }
  const wanted = parseEtags('If-Match', request.ifMatch);
  if (live === undefined || (wanted !== '*' && !wanted.includes(live.versionId))) {
    throw staleVersion(request.type);
  }
  return { expected, isExpectedByClient: wanted !== '*' };
}
