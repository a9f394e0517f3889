/**
 * $meta, $meta-add and $meta-delete: profiles, tags and security labels of a resource or of one of its versions.
 * Changes make no new version: a label says who may see a version, not what it says.
 * https://hl7.org/fhir/R4/resource-operation-meta.html, -meta-add, -meta-delete
 */
import { FhirError, fail, type Issue, isError } from '../fhir/issues.ts';
import { parseStored } from '../fhir/json.ts';
import { findParameter, readParameters } from '../fhir/parameters.ts';
import { composeText, fillGap } from '../fhir/resource-text.ts';
import type { Coding, Meta, Resource } from '../fhir/types.ts';
import type { InteractionContext } from '../interactions/context.ts';
import type { OperationRow } from '../interactions/dispatch.ts';
import { parseEtags } from '../interactions/headers.ts';
import { readLive } from '../interactions/live-version.ts';
import { checkWritable } from '../interactions/package-resources.ts';
import { readLiveVersion } from '../interactions/read.ts';
import type { InteractionRequest, InteractionResponse } from '../interactions/request.ts';
import { codingKey, mergeCodings } from '../interactions/resource-meta.ts';
import { requiredProfileIssues, staleVersion } from '../interactions/write.ts';
import type { StoredVersion } from '../storage/store.ts';
import { labelsInUse } from './labels-in-use.ts';

const DEFINITIONS = 'http://hl7.org/fhir/OperationDefinition/Resource';

export const META_OPERATIONS: readonly OperationRow[] = [
  {
    name: '$meta',
    levels: ['instance', 'version', 'type', 'system'],
    types: [],
    affectsState: false,
    definition: `${DEFINITIONS}-meta`,
    title: 'Profiles, tags and security labels of a resource, or in use',
    handle: async (request, context) =>
      request.id === ''
        ? answerMeta(await labelsInUse(request, context))
        : answerVersion(await readNamed(request, context)),
  },
  {
    name: '$meta-add',
    levels: ['instance', 'version'],
    types: [],
    affectsState: true,
    definition: `${DEFINITIONS}-meta-add`,
    title: 'Add profiles, tags and security labels',
    handle: (request, context) => change(request, context, addTo),
  },
  {
    name: '$meta-delete',
    levels: ['instance', 'version'],
    types: [],
    affectsState: true,
    definition: `${DEFINITIONS}-meta-delete`,
    title: 'Remove profiles, tags and security labels',
    handle: (request, context) => change(request, context, removeFrom),
  },
];

type Change = (meta: Meta, named: Meta) => Meta;

async function change(
  request: InteractionRequest,
  context: InteractionContext,
  apply: Change,
): Promise<InteractionResponse> {
  const named = readMeta(request);
  for (let tries = 0; tries <= context.limits.conflictRetriesMax; tries++) {
    const version = await readNamed(request, context);
    checkWritable(request, context.generation());
    checkIfMatch(version, request);
    const resource = parseStored(version.json);
    const before = resource.meta ?? {};
    resource.meta = apply(before, named);
    checkChanged(resource, before, request, context);
    const { type, id, versionId, lastUpdated, json: from } = version;
    const to = fillGap(composeText(resource, id), versionId, lastUpdated);
    const postings = context.generation().extract(parseStored(to));
    if (from === to || (await context.store.amend({ type, id, versionId, from, to, postings }))) {
      return answerVersion({ ...version, json: to });
    }
  }
  throw fail('version-conflict', 'The resource keeps being changed by others. Try again.');
}

/** The version of the address, else the current one. @throws FhirError `not-found`, `deleted` */
function readNamed(request: InteractionRequest, context: InteractionContext): Promise<StoredVersion> {
  return request.versionId === ''
    ? readLive(request.type, request.id, context)
    : readLiveVersion(request, context);
}

function checkIfMatch(version: StoredVersion, { ifMatch, type }: InteractionRequest): void {
  if (ifMatch === undefined) return;
  const wanted = parseEtags('If-Match', ifMatch);
  if (wanted !== '*' && !wanted.includes(version.versionId)) throw staleVersion(type);
}

/** The meta must be valid, and a profile that is added must hold. What else the resource says is not looked at. */
function checkChanged(
  resource: Resource,
  before: Meta,
  request: InteractionRequest,
  context: InteractionContext,
): void {
  const known = new Set(before.profile ?? []);
  const isClaim = resource.meta?.profile?.some((profile) => !known.has(profile)) === true;
  const found = context.generation().validator.validate(resource, { errorsOnly: true });
  const inMeta = ({ expression = '' }: Issue) => expression.startsWith(`${resource.resourceType}.meta`);
  const required = request.versionId === '' ? requiredProfileIssues(resource, context) : [];
  const errors = [...found.filter((one) => isError(one) && (isClaim || inMeta(one))), ...required];
  if (errors.length > 0) throw new FhirError(errors);
}

function readMeta(request: InteractionRequest): Meta {
  const { body } = request;
  const isParameters = body.kind === 'resource' && body.resource.resourceType === 'Parameters';
  const meta = isParameters ? findParameter(readParameters(body.resource), 'meta') : undefined;
  if (meta?.valueType !== 'Meta' || !isMeta(meta.value)) {
    throw fail('bad-parameter', 'Send Parameters with a parameter "meta" that has a valueMeta.');
  }
  return meta.value;
}

function isMeta(value: unknown): value is Meta {
  if (typeof value !== 'object' || value === null) return false;
  const { profile = [], security = [], tag = [] } = value as Record<string, unknown>;
  const isCoding = (one: unknown) => typeof one === 'object' && one !== null && !Array.isArray(one);
  const isListOf = (list: unknown, is: (one: unknown) => boolean) => Array.isArray(list) && list.every(is);
  return (
    isListOf(profile, (one) => typeof one === 'string') &&
    [security, tag].every((list) => isListOf(list, isCoding))
  );
}

function addTo(meta: Meta, named: Meta): Meta {
  const profile = [...new Set([...(meta.profile ?? []), ...(named.profile ?? [])])];
  return withLabels(meta, {
    profile,
    security: mergeCodings(meta.security, named.security) ?? meta.security ?? [],
    tag: mergeCodings(meta.tag, named.tag) ?? meta.tag ?? [],
  });
}

function removeFrom(meta: Meta, named: Meta): Meta {
  const profiles = new Set(named.profile ?? []);
  return withLabels(meta, {
    profile: (meta.profile ?? []).filter((one) => !profiles.has(one)),
    security: withoutCodings(meta.security, named.security),
    tag: withoutCodings(meta.tag, named.tag),
  });
}

function withoutCodings(
  codings: readonly Coding[] | undefined,
  named: readonly Coding[] | undefined,
): Coding[] {
  const keys = new Set((named ?? []).map(codingKey));
  return (codings ?? []).filter((coding) => !keys.has(codingKey(coding)));
}

/** JSON has no empty lists. */
function withLabels(meta: Meta, labels: Pick<Meta, 'profile' | 'security' | 'tag'>): Meta {
  const changed: Meta = { ...meta };
  for (const name of ['profile', 'security', 'tag'] as const) {
    delete changed[name];
    if ((labels[name]?.length ?? 0) > 0) Object.assign(changed, { [name]: labels[name] });
  }
  return changed;
}

function answerVersion({ versionId, lastUpdated: lastModified, json }: StoredVersion): InteractionResponse {
  return { ...answerMeta(parseStored(json).meta), versionId, lastModified };
}

function answerMeta(meta: Meta | undefined): InteractionResponse {
  const resource: Resource = {
    resourceType: 'Parameters',
    parameter: [{ name: 'return', valueMeta: meta ?? {} }],
  };
  return { status: 200, body: { kind: 'resource', resource } };
}
