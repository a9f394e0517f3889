/**
 * What `_include` and `_revinclude` add to a page: rounds of reads and searches, without repeats, within
 * the limits.
 * https://hl7.org/fhir/R4/search.html#revinclude
 */
import { type Issue, issue } from '../fhir/issues.ts';
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

export interface Includes {
  readonly rows: readonly StoredVersion[];
  /** What is left out, if anything is. */
  readonly issues: readonly Issue[];
}

export const NO_INCLUDES: Includes = { rows: [], issues: [] };

export async function fetchIncludes(
  asked: SearchRequest,
  page: readonly StoredVersion[],
  context: InteractionContext,
): Promise<Includes> {
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
      for (let at = 0; at < fresh.length && !included.isCut(); at += AT_ONCE) {
        await pace();
        const resources = fresh.slice(at, at + AT_ONCE).map((row) => parseStored(row.json));
        await carryOut(plan.step(resources, round, direction), included, context);
      }
    }
    // a damaged one points nowhere
    fresh = included.rows.slice(before).filter(({ damaged }) => damaged !== true);
  }
  const isDeeper = fresh.length > 0 && asked.includes.some(({ iterate }) => iterate);
  return {
    rows: included.rows,
    issues: [
      ...(included.isCut()
        ? [leftOut(`there are more than ${includedMax}; ask for fewer matches by _count`)]
        : []),
      ...(isDeeper ? [leftOut(`what ${includeRoundsMax} rounds of :iterate lead to is not followed`)] : []),
    ],
  };
}

function leftOut(why: string): Issue {
  return issue('includes-cut', `This page has not all that its includes ask for: ${why}.`);
}

interface Included {
  readonly rows: StoredVersion[];
  room(): number;
  /** Whether something was left out because there was no room. */
  isCut(): boolean;
  cut(): void;
  has(key: string): boolean;
  /** Unless it is there, or there is no room. */
  add(row: StoredVersion, key?: string): void;
}

function createIncluded(page: readonly StoredVersion[], most: number): Included {
  const seen = new Set(page.flatMap((row) => [keyOf(row), versionKeyOf(row)]));
  const rows: StoredVersion[] = [];
  let isCut = false;
  return {
    rows,
    room: () => most - rows.length,
    isCut: () => isCut,
    cut() {
      isCut = true;
    },
    has: (key) => seen.has(key),
    add(row, key = keyOf(row)) {
      const version = versionKeyOf(row);
      if (seen.has(key) || seen.has(version)) return;
      if (rows.length >= most) {
        isCut = true;
        return;
      }
      seen.add(key).add(version);
      rows.push(row);
    },
  };
}

async function carryOut(step: IncludeStep, included: Included, context: InteractionContext): Promise<void> {
  const all = step.keys.filter((key) => !included.has(includeKey(key)));
  const wanted = all.slice(0, included.room());
  if (wanted.length < all.length) included.cut();
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
    // one more tells whether there is more
    const limit = included.room() + 1;
    const { rows } = await context.store.search(query, { limit, total: 'none' });
    for (const row of rows) included.add(row);
    if (included.isCut()) break;
  }
  for (const { query, keeps } of step.sifted) {
    if (included.isCut()) break;
    const { rows, next } = await context.store.search(query, { limit: SIFTED_MAX, total: 'none' });
    if (next !== undefined) included.cut();
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
