/**
 * Tags, security labels and profiles on update: the new version keeps those of the version before it, so that a
 * client that does not know a label cannot remove it; a patch and `$meta-delete` can. A claim to a profile is kept
 * as long as it is true, or cannot be tested.
 * https://hl7.org/fhir/R4/resource.html#Meta, https://hl7.org/fhir/R4/http.html#transactional-integrity
 */
import { parseStored } from '../fhir/json.ts';
import type { Coding, Resource } from '../fhir/types.ts';
import type { StoredVersion } from '../storage/store.ts';

const CARRIED = ['security', 'tag'] as const;

/** Changes `resource.meta` in place. `mayClaim`: whether the resource meets a profile, as far as is known. */
export function carryForwardLabels(
  resource: Resource,
  current: StoredVersion | undefined,
  mayClaim: (profile: string) => boolean,
): void {
  if (current === undefined || current.deleted || !mayHaveLabels(current.json)) return;
  const meta = parseStored(current.json).meta;
  // What is not shaped like a Meta is left for validation to refuse.
  if (meta === undefined || !isMetaShaped(resource.meta)) return;
  for (const name of CARRIED) {
    const merged = mergeCodings(resource.meta?.[name], meta[name]);
    if (merged !== undefined) resource.meta = { ...resource.meta, [name]: merged };
  }
  const claimed = resource.meta?.profile ?? [];
  const urls = new Set(claimed.map(urlOf));
  const kept = (meta.profile ?? []).filter((profile) => !urls.has(urlOf(profile)) && mayClaim(profile));
  if (kept.length > 0) resource.meta = { ...resource.meta, profile: [...claimed, ...kept] };
}

/** Another version of a profile takes the place of the one before. */
function urlOf(profile: unknown): string {
  return String(profile).split('|', 1)[0] as string;
}

/** Identity of a tag or label is system and code. */
export function mergeCodings(
  given: readonly Coding[] | undefined,
  kept: readonly Coding[] | undefined,
): Coding[] | undefined {
  if (kept === undefined || kept.length === 0) return undefined;
  const present = new Set((given ?? []).map(codingKey));
  const missing = kept.filter((coding) => {
    const key = codingKey(coding);
    return !present.has(key) && present.add(key);
  });
  return missing.length === 0 ? undefined : [...(given ?? []), ...missing];
}

export function codingKey(coding: Coding): string {
  return `${coding?.system ?? ''}|${coding?.code ?? ''}`;
}

function isMetaShaped(meta: unknown): boolean {
  if (meta === undefined) return true;
  if (typeof meta !== 'object' || meta === null) return false;
  return [...CARRIED, 'profile'].every((name) => {
    const list = (meta as Record<string, unknown>)[name];
    return list === undefined || Array.isArray(list);
  });
}

function mayHaveLabels(json: string): boolean {
  return json.includes('"security":[') || json.includes('"tag":[') || json.includes('"profile":[');
}
