/**
 * $meta, $meta-add and $meta-delete: profiles, tags and security labels of a resource. Changes make a new
 * version, so that history and subscribers see who labelled what and when.
 * https://hl7.org/fhir/R4/resource-operation-meta.html
 */
import { fail } from '../fhir/issues.ts';
import { parseStored } from '../fhir/json.ts';
import { findParameter, readParameters } from '../fhir/parameters.ts';
import type { Coding, Meta, Resource } from '../fhir/types.ts';
import type { InteractionContext } from '../interactions/context.ts';
import type { OperationRow } from '../interactions/dispatch.ts';
import { readLive } from '../interactions/live-version.ts';
import type { InteractionRequest, InteractionResponse } from '../interactions/request.ts';
import { codingKey, mergeCodings } from '../interactions/resource-meta.ts';
import { expectVersion } from '../interactions/update.ts';
import { type Locate, performWrite } from '../interactions/write.ts';

const DEFINITIONS = 'http://hl7.org/fhir/OperationDefinition/Resource';

export const META_OPERATIONS: readonly OperationRow[] = [
  {
    name: '$meta',
    levels: ['instance'],
    types: [],
    affectsState: false,
    definition: `${DEFINITIONS}-meta`,
    title: 'Profiles, tags and security labels of a resource',
    handle: async (request, context) =>
      answerMeta(parseStored((await readLive(request.type, request.id, context)).json).meta),
  },
  {
    name: '$meta-add',
    levels: ['instance'],
    types: [],
    affectsState: true,
    definition: `${DEFINITIONS}-meta-add`,
    title: 'Add profiles, tags and security labels',
    handle: (request, context) => change(request, context, addTo),
  },
  {
    name: '$meta-delete',
    levels: ['instance'],
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
  const locate: Locate = async () => {
    const current = await readLive(request.type, request.id, context);
    const { expected, isExpectedByClient } = expectVersion(current, request, context);
    const resource = parseStored(current.json);
    resource.meta = apply(resource.meta ?? {}, named);
    const { type, id } = request;
    return [
      {
        kind: 'write',
        type,
        id,
        method: 'PUT',
        expected,
        isExpectedByClient,
        current,
        resource,
        labelsAreFinal: true,
      },
    ];
  };
  const prefer = { ...request.prefer, return: 'representation' } as const;
  const response = await performWrite(locate, { ...request, prefer }, context);
  const written = response.body?.kind === 'json' ? parseStored(response.body.json) : undefined;
  return { ...answerMeta(written?.meta), versionId: response.versionId, lastModified: response.lastModified };
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

function answerMeta(meta: Meta | undefined): InteractionResponse {
  const resource: Resource = {
    resourceType: 'Parameters',
    parameter: [{ name: 'return', valueMeta: meta ?? {} }],
  };
  return { status: 200, body: { kind: 'resource', resource } };
}
