/**
 * read, vread and conditional read.
 * https://hl7.org/fhir/R4/http.html#read, #vread, #cread
 */
import { fail } from '../fhir/issues.ts';
import { createProjection } from '../search/project.ts';
import type { StoredVersion } from '../storage/store.ts';
import type { InteractionContext } from './context.ts';
import { parseEtags, parseHttpDate } from './headers.ts';
import { notFound, readLive, requireLive } from './live-version.ts';
import { readPackageResource } from './package-resources.ts';
import type { InteractionRequest, InteractionResponse, ResponseBody } from './request.ts';
import { projectText } from './search.ts';
import { readSearch } from './search-reading.ts';

export async function read(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<InteractionResponse> {
  const { type, id } = request;
  const version = await readLive(type, id, context);
  return isUnchanged(version, request)
    ? { status: 304, versionId: version.versionId, lastModified: version.lastUpdated }
    : answerVersion(version, request, context);
}

export async function vread(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<InteractionResponse> {
  return answerVersion(await readLiveVersion(request, context), request, context);
}

/** The version that the address names. @throws FhirError `not-found`, `version-not-found`, `deleted` */
export async function readLiveVersion(
  { type, id, versionId }: InteractionRequest,
  context: InteractionContext,
): Promise<StoredVersion> {
  const stored = await context.store.readVersion(type, id, versionId);
  const version = stored ?? packageVersion({ type, id, versionId }, context);
  if (version === undefined) {
    const exists = (await context.store.read(type, id)) !== undefined;
    if (exists) throw fail('version-not-found', `This ${type} has no such version.`);
    throw notFound(type);
  }
  return requireLive(version, type);
}

function packageVersion(
  { type, id, versionId }: Pick<InteractionRequest, 'type' | 'id' | 'versionId'>,
  context: InteractionContext,
): StoredVersion | undefined {
  const version = readPackageResource(context.generation(), type, id);
  return version?.versionId === versionId ? version : undefined;
}

function answerVersion(
  version: StoredVersion,
  request: InteractionRequest,
  context: InteractionContext,
): InteractionResponse {
  const { type, id, versionId, lastUpdated: lastModified } = version;
  return { status: 200, versionId, lastModified, key: { type, id }, body: bodyOf(version, request, context) };
}

/** As it is stored, unless it is shaped: what a page showed may be kept as it leaves. */
function bodyOf(
  version: StoredVersion,
  request: InteractionRequest,
  context: InteractionContext,
): ResponseBody {
  const { wire } = version;
  const shaping = request.query.filter(([name]) => name === '_summary' || name === '_elements');
  if (shaping.length > 0) return { kind: 'json', json: projectFor(version.json, shaping, request, context) };
  return wire === undefined ? { kind: 'json', json: version.json } : { kind: 'wire', wire };
}

/** `_summary` and `_elements` also shape single reads. https://hl7.org/fhir/R4/search.html#summary */
function projectFor(
  json: string,
  shaping: InteractionRequest['query'],
  request: InteractionRequest,
  context: InteractionContext,
): string {
  const asked = readSearch(request.type, shaping, { handling: 'strict', baseUrl: request.baseUrl }, context);
  if (asked.summary === 'count') throw fail('bad-parameter', '_summary=count is for searches only.');
  const project = createProjection(asked.summary, asked.elements, context.generation().model);
  return project === undefined ? json : projectText(json, project);
}

/** If-None-Match decides when both are given. https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2 */
function isUnchanged(version: StoredVersion, request: InteractionRequest): boolean {
  if (request.ifNoneMatch !== undefined) {
    const known = parseEtags('If-None-Match', request.ifNoneMatch);
    return known === '*' || known.includes(version.versionId);
  }
  if (request.ifModifiedSince === undefined) return false;
  const since = parseHttpDate(request.ifModifiedSince);
  // HTTP dates have whole seconds, lastUpdated has milliseconds.
  return since !== undefined && Math.floor(version.lastUpdated / 1000) <= Math.floor(since / 1000);
}
