/**
 * The current version of a resource that must be there: 404 when it never was, 410 when it was deleted.
 * https://hl7.org/fhir/R4/http.html#read
 */
import { FhirError, fail } from '../fhir/issues.ts';
import { damageOf } from '../storage/damaged-version.ts';
import type { StoredVersion } from '../storage/store.ts';
import type { InteractionContext } from './context.ts';
import { readPackageResource } from './package-resources.ts';
import type { InteractionRequest } from './request.ts';

/** The current version of what a write names. The commit fails when there is another by then. */
export async function readTarget(
  { type, id, targets }: Pick<InteractionRequest, 'type' | 'id' | 'targets'>,
  context: InteractionContext,
): Promise<StoredVersion | undefined> {
  const key = `${type}/${id}`;
  if (targets?.has(key)) return targets.get(key);
  return (await context.store.readEach([{ type, id }]))[0];
}

/** What the store has, else what a loaded package has. @throws FhirError `not-found`, `deleted`, `stored-damaged` */
export async function readLive(
  type: string,
  id: string,
  context: InteractionContext,
): Promise<StoredVersion> {
  const stored = await context.store.read(type, id);
  return requireLive(stored ?? readPackageResource(context.generation(), type, id), type);
}

/** @throws FhirError `not-found`, `deleted`, `stored-damaged` */
export function requireLive(version: StoredVersion | undefined, type: string): StoredVersion {
  if (version === undefined) throw notFound(type);
  if (version.damaged === true) throw new FhirError([damageOf(version)]);
  if (version.deleted) throw gone(type);
  return version;
}

export function notFound(type: string): Error {
  return fail('not-found', `There is no ${type} with this id.`);
}

export function gone(type: string): Error {
  return fail('deleted', `This ${type} was deleted.`);
}
