/**
 * What `_include` and `_revinclude` add to a page: rounds of reads and searches, without repeats, within
 * the limits.
 * https://hl7.org/fhir/R4/search.html#revinclude
 */
import { parseStored } from '../fhir/json.ts';
import type { SearchRequest } from '../search/search-request.ts';
import type { StoredVersion } from '../storage/store.ts';
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
  const seen = new Set(page.map(keyOf));
  const found: StoredVersion[] = [];
  let fresh: readonly StoredVersion[] = page;
  for (let round = 0; round < includeRoundsMax && fresh.length > 0 && found.length < includedMax; round++) {
    const step = plan.step(
      fresh.map((row) => parseStored(row.json)),
      round,
    );
    const added: StoredVersion[] = [];
    const add = (row: StoredVersion) => {
      const key = keyOf(row);
      if (seen.has(key) || found.length >= includedMax) return;
      seen.add(key);
      found.push(row);
      added.push(row);
    };
    const keys = step.keys.filter((key) => !seen.has(keyOf(key))).slice(0, includedMax - found.length);
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

function keyOf(key: { readonly type: string; readonly id: string }): string {
  return `${key.type}/${key.id}`;
}
