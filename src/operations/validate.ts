/**
 * $validate: what the server thinks of a resource, without storing it. The answer is 200 with an
 * OperationOutcome, whatever it says.
 * https://hl7.org/fhir/R4/resource-operation-validate.html
 */
import { fail, type Issue, isError, issue } from '../fhir/issues.ts';
import { parseStored } from '../fhir/json.ts';
import { toOperationOutcome } from '../fhir/outcome.ts';
import { findParameter, readParameters, textParameter } from '../fhir/parameters.ts';
import type { Resource } from '../fhir/types.ts';
import type { InteractionContext } from '../interactions/context.ts';
import type { OperationRow } from '../interactions/dispatch.ts';
import { readLive } from '../interactions/live-version.ts';
import { readPackageResource } from '../interactions/package-resources.ts';
import type { InteractionRequest, InteractionResponse } from '../interactions/request.ts';
import { truncateIssues } from '../interactions/write.ts';
import { readTargets } from './reference-targets.ts';

export const validateOperation: OperationRow = {
  name: '$validate',
  levels: ['type', 'instance'],
  types: [],
  affectsState: false,
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
  title: 'Check a resource without storing it',
  handle: validate,
};

const MODES: ReadonlySet<string> = new Set(['create', 'update', 'delete', 'profile']);

interface Asked {
  readonly mode?: string;
  readonly profile?: string;
  readonly resource?: Resource;
  readonly text?: string;
}

async function validate(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<InteractionResponse> {
  const asked = readAsked(request);
  if (asked.mode !== undefined && !MODES.has(asked.mode)) {
    throw fail('bad-parameter', 'mode must be create, update, delete or profile.', {
      expression: 'http.mode',
    });
  }
  if (asked.mode === 'profile' && asked.profile === undefined) {
    throw fail('bad-parameter', 'mode=profile needs a profile.', { expression: 'http.profile' });
  }
  if (asked.mode === 'delete') return answer(await deleteIssues(request, context), context);
  const resource = asked.resource ?? (await readStored(request, context));
  if (resource.resourceType !== request.type) {
    const text = `The address says ${request.type}, the resource is a ${resource.resourceType}.`;
    throw fail('type-mismatch', text, { expression: 'resourceType' });
  }
  const elsewhere = await readTargets(resource, request.baseUrl, context);
  return answer(await resourceIssues(resource, asked, elsewhere, request, context), context);
}

function answer(issues: readonly Issue[], context: InteractionContext): InteractionResponse {
  const resource = toOperationOutcome(truncateIssues(issues, context.limits.issuesMax));
  return { status: 200, body: { kind: 'resource', resource } };
}

async function resourceIssues(
  resource: Resource,
  asked: Asked,
  elsewhere: (reference: string) => Resource | undefined,
  request: InteractionRequest,
  context: InteractionContext,
): Promise<readonly Issue[]> {
  const generation = context.generation();
  const issues: Issue[] = [];
  if (asked.profile !== undefined && generation.definitions.structure(asked.profile) === undefined) {
    issues.push({ ...issue('profile-unknown', 'The profile asked for is not loaded.'), severity: 'error' });
  }
  const profiles = asked.profile === undefined ? [] : [asked.profile];
  const options = { profiles, text: asked.text, strict: true, elsewhere };
  issues.push(...(await generation.validator.validateYielding(resource, options)));
  if (asked.mode === 'update' && request.id !== '' && resource.id !== request.id) {
    issues.push(issue('id-mismatch', 'The id in the body differs from the id in the address.'));
  }
  if (!issues.some(isError)) issues.unshift(issue('valid', 'No errors were found.'));
  return issues;
}

function readAsked(request: InteractionRequest): Asked {
  const fromQuery = (name: string) => request.query.findLast(([key]) => key === name)?.[1];
  const asked = { mode: fromQuery('mode'), profile: fromQuery('profile') };
  const { body } = request;
  if (body.kind !== 'resource') return asked;
  if (body.resource.resourceType !== 'Parameters')
    return { ...asked, resource: body.resource, text: body.text };
  const parameters = readParameters(body.resource);
  const resource = findParameter(parameters, 'resource')?.resource;
  if (resource === undefined && request.type === 'Parameters') return { ...asked, resource: body.resource };
  return {
    mode: textParameter(parameters, 'mode') ?? asked.mode,
    profile: textParameter(parameters, 'profile') ?? asked.profile,
    resource,
  };
}

async function readStored(request: InteractionRequest, context: InteractionContext): Promise<Resource> {
  if (request.id === '')
    throw fail('empty-body', `Send the ${request.type} to check, alone or in Parameters.`);
  return parseStored((await readLive(request.type, request.id, context)).json);
}

async function deleteIssues(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<readonly Issue[]> {
  if (request.id === '') throw fail('bad-parameter', 'mode=delete is for [type]/[id]/$validate.');
  if (readPackageResource(context.generation(), request.type, request.id) !== undefined) {
    return [issue('read-only', 'The resource belongs to a loaded package and cannot be deleted.')];
  }
  await readStored(request, context);
  return [issue('valid', 'The resource can be deleted.')];
}
