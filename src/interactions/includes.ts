/**
 * What `_include` and `_revinclude` add to a page: rounds of reads and searches, without repeats, within
 * the limits.
 * https://hl7.org/fhir/R4/search.html#revinclude
 */
import { parseStored } from '../fhir/json.ts';
import type { IncludeKey, IncludeStep } from '../search/include.ts';
import type { SearchRequest } from '../search/search-request.ts';
import type { ResourceKey, StoredVersion } from '../storage/store.ts';
import type { InteractionContext } from './context.ts';
import { createPace } from './pace.ts';
import { readPackageResource } from './package-resources.ts';

/** Resources that are looked at to find those that mean a version. */
const SIFTED_MAX = 1_000;

/** Resources whose references are followed together, so that a large page is answered in short turns. */
const AT_ONCE = 100;

export async function fetchIncludes(
  asked: SearchRequest,
  page: readonly StoredVersion[],
  context: InteractionContext,
): Promise<readonly StoredVersion[]> {
  const plan = context.generation().createIncludePlan(asked.includes);
  const { includeRoundsMax, includedMax } = context.limits.search;
  const included = createIncluded(page, includedMax);
  const pace = createPace();
  let fresh: readonly StoredVersion[] = page;
  for (let round = 0; round < includeRoundsMax && fresh.length > 0; round++) {
    const before = included.rows.length;
    // what is pointed to comes before what points here, should there be no room for both
    for (const direction of ['forward', 'reverse'] as const) {
      if (!asked.includes.some(({ reverse }) => reverse === (direction === 'reverse'))) continue;
      for (let at = 0; at < fresh.length && included.room() > 0; at += AT_ONCE) {
        await pace();
        const resources = fresh.slice(at, at + AT_ONCE).map((row) => parseStored(row.json));
        await carryOut(plan.step(resources, round, direction), included, context);
      }
    }
    // a damaged one points nowhere
    fresh = included.rows.slice(before).filter(({ damaged }) => damaged !== true);
  }
  return included.rows;
}

interface Included {
  readonly rows: StoredVersion[];
  room(): number;
  has(key: string): boolean;
  /** Unless it is there, or there is no room. */
  add(row: StoredVersion, key?: string): void;
}

function createIncluded(page: readonly StoredVersion[], most: number): Included {
  const seen = new Set(page.flatMap((row) => [keyOf(row), versionKeyOf(row)]));
  const rows: StoredVersion[] = [];
  return {
    rows,
    room: () => most - rows.length,
    has: (key) => seen.has(key),
    add(row, key = keyOf(row)) {
      const version = versionKeyOf(row);
      if (seen.has(key) || seen.has(version) || rows.length >= most) return;
      seen.add(key).add(version);
      rows.push(row);
    },
  };
}

async function carryOut(step: IncludeStep, included: Included, context: InteractionContext): Promise<void> {
  const wanted = step.keys.filter((key) => !included.has(includeKey(key))).slice(0, included.room());
  const keys = wanted.filter(({ versionId }) => versionId === undefined);
  for (const { type, id, versionId } of wanted) {
    if (versionId === undefined) continue;
    const row = await context.store.readVersion(type, id, versionId);
    if (row !== undefined && !row.deleted) included.add(row, versionKeyOf(row));
  }
  if (keys.length > 0) {
    for (const row of await context.store.readMany(keys)) included.add(row);
    for (const key of keys) {
      const owned = included.has(keyOf(key))
        ? undefined
        : readPackageResource(context.generation(), key.type, key.id);
      if (owned !== undefined) included.add(owned);
    }
  }
  for (const query of step.queries) {
    const limit = included.room();
    if (limit <= 0) break;
    const { rows } = await context.store.search(query, { limit, total: 'none' });
    for (const row of rows) included.add(row);
  }
  for (const { query, keeps } of step.sifted) {
    if (included.room() <= 0) break;
    const { rows } = await context.store.search(query, { limit: SIFTED_MAX, total: 'none' });
    for (const row of rows) {
      if (row.damaged === true || keeps(parseStored(row.json))) included.add(row);
    }
  }
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
