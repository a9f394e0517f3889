/**
 * create, and conditional create with If-None-Exist.
 * https://hl7.org/fhir/R4/http.html#create, #ccreate
 */
import { parseQuery } from '../fhir/references.ts';
import type { Resource } from '../fhir/types.ts';
import type { StoredVersion } from '../storage/store.ts';
import { requireResource } from './body.ts';
import type { InteractionContext } from './context.ts';
import { findMatches, tooManyMatches } from './criteria.ts';
import type { InteractionRequest, InteractionResponse } from './request.ts';
import type { Located } from './write.ts';

export async function locateCreate(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<readonly Located[]> {
  const { resource, text } = requireResource(request);
  if (request.ifNoneExist === undefined) return [newResource(request.type, resource, text, context)];
  const criteria = parseQuery(request.ifNoneExist.replace(/^[^?]*\?/, ''));
  const { rows, precondition } = await findMatches(request.type, criteria, 2, request, context);
  if (rows.length > 1) throw tooManyMatches(request.type);
  const [match] = rows;
  if (match !== undefined)
    return [{ kind: 'settled', response: answerExisting(match, request), precondition }];
  return [{ ...newResource(request.type, resource, text, context), precondition }];
}

function newResource(
  type: string,
  resource: Resource,
  text: string | undefined,
  context: InteractionContext,
) {
  return {
    kind: 'write',
    type,
    id: context.newId(),
    method: 'POST',
    expected: 'absent',
    isExpectedByClient: false,
    resource,
    text,
  } as const;
}

/** 200 and the resource that was there already. */
export function answerExisting(
  match: StoredVersion,
  request: Pick<InteractionRequest, 'prefer' | 'baseUrl'>,
): InteractionResponse {
  const { type, id, versionId, lastUpdated: lastModified } = match;
  const location = `${request.baseUrl}/${type}/${id}/_history/${versionId}`;
  const response = { status: 200, versionId, lastModified, location, key: { type, id } };
  return request.prefer.return === 'minimal'
    ? response
    : { ...response, body: { kind: 'json', json: match.json } };
}
