/**
 * What `_include` and `_revinclude` add to a page: rounds of reads and searches, without repeats, within
 * the limits.
 * https://hl7.org/fhir/R4/search.html#revinclude
 */
import { parseStored } from '../fhir/json.ts';
import type { IncludeKey } from '../search/include.ts';
import type { SearchRequest } from '../search/search-request.ts';
import type { ResourceKey, StoredVersion } from '../storage/store.ts';
import type { InteractionContext } from './context.ts';
import { readPackageResource } from './package-resources.ts';

export async function fetchIncludes(
  asked: SearchRequest,
  page: readonly StoredVersion[],
  context: InteractionContext,
): Promise<readonly StoredVersion[]> {
  const generation = context.generation();
  const plan = generation.createIncludePlan(asked.includes);
  const { includeRoundsMax, includedMax } = context.limits.search;
  const seen = new Set(page.flatMap((row) => [keyOf(row), versionKeyOf(row)]));
  const found: StoredVersion[] = [];
  let fresh: readonly StoredVersion[] = page;
  for (let round = 0; round < includeRoundsMax && fresh.length > 0 && found.length < includedMax; round++) {
    const step = plan.step(
      fresh.map((row) => parseStored(row.json)),
      round,
    );
    const added: StoredVersion[] = [];
    const add = (row: StoredVersion, key = keyOf(row)) => {
      const version = versionKeyOf(row);
      if (seen.has(key) || seen.has(version) || found.length >= includedMax) return;
      seen.add(key).add(version);
      found.push(row);
      added.push(row);
    };
    const wanted = step.keys.filter((key) => !seen.has(includeKey(key))).slice(0, includedMax - found.length);
    const keys = wanted.filter(({ versionId }) => versionId === undefined);
    for (const { type, id, versionId } of wanted) {
      if (versionId === undefined) continue;
      const row = await context.store.readVersion(type, id, versionId);
      if (row !== undefined && !row.deleted) add(row, versionKeyOf(row));
    }
    if (keys.length > 0) {
      for (const row of await context.store.readMany(keys)) add(row);
      for (const key of keys) {
        const owned = seen.has(keyOf(key)) ? undefined : readPackageResource(generation, key.type, key.id);
        if (owned !== undefined) add(owned);
      }
    }
    for (const query of step.queries) {
      const limit = includedMax - found.length;
      if (limit <= 0) break;
      const { rows } = await context.store.search(query, { limit, total: 'none' });
      for (const row of rows) add(row);
    }
    fresh = added;
  }
  return found;
}

function keyOf({ type, id }: ResourceKey): string {
  return `${type}/${id}`;
}

function versionKeyOf({ type, id, versionId }: StoredVersion): string {
  return `${type}/${id}/_history/${versionId}`;
}

function includeKey({ type, id, versionId }: IncludeKey): string {
  return versionId === undefined ? `${type}/${id}` : `${type}/${id}/_history/${versionId}`;
}
