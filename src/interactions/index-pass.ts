/**
 * One pass over stored resources that indexes them again, in the order of their last update. Its position is text
 * that survives a restart; what is written meanwhile is indexed by its writer and moves behind it.
 */
import { parseStored } from '../fhir/json.ts';
import { HAS_INSIDE, INSIDE_TERM } from '../search/parameters.ts';
import { EVERYTHING, type SearchQuery } from '../search/query.ts';
import type { ReindexEntry, Store, StoredVersion } from '../storage/store.ts';
import type { Generations } from './generations.ts';
import { nextTurn } from './pace.ts';

/** A pass and how far it is. */
export interface PassPosition {
  readonly types: readonly string[];
  /** Resources of each stage that there were when it began. */
  readonly totals: readonly number[];
  /** The stage at hand: contained resources elsewhere, then one for each type. */
  stage: number;
  /** Resources of the stage that were looked at. */
  seen: number;
  /** `lastUpdated` of the last one, ms, and which of that moment were looked at. */
  at: number;
  keys: readonly string[];
  /** Of contained resources, the position of the search. */
  after?: string | undefined;
}

export interface IndexProgress {
  /** Resources that were indexed, and that there were when the pass began. */
  readonly done: number;
  readonly total: number;
}

export interface PassParts {
  readonly store: Store;
  readonly generations: Generations;
  readonly isStopped: () => boolean;
  /** Called now and then, and after every stage, when all before the position is indexed. */
  readonly onProgress: () => Promise<void>;
}

const BATCH = 200;
/** Pages between two positions that are told. */
const PAGES_TOLD = 10;

export async function beginPass(store: Store, types: readonly string[], all: number): Promise<PassPosition> {
  const totals: number[] = [];
  for (const query of stagesOf(types)) {
    const isNeeded = query.types.length > 0 || types.length < all;
    const found = isNeeded ? await store.search(query, { limit: 0, total: 'accurate' }) : undefined;
    totals.push(found?.total?.value ?? 0);
  }
  return { types, totals, stage: 0, seen: 0, at: 0, keys: [] };
}

export function progressOf({ totals, stage, seen }: PassPosition): IndexProgress {
  const sum = (of: readonly number[]): number => of.reduce((one, other) => one + other, 0);
  return { done: sum(totals.slice(0, stage)) + Math.min(seen, totals[stage] ?? 0), total: sum(totals) };
}

/** Goes on from the position, which moves with it. Returns early when it is stopped. */
export async function indexFrom(position: PassPosition, parts: PassParts): Promise<void> {
  const stages = stagesOf(position.types);
  while (position.stage < stages.length) {
    if ((position.totals[position.stage] ?? 0) > 0) {
      const stage = stages[position.stage] as SearchQuery;
      await (stage.types.length === 0 ? indexInside : indexType)(stage, position, parts);
      if (parts.isStopped()) return;
    }
    Object.assign(position, { stage: position.stage + 1, seen: 0, at: 0, keys: [], after: undefined });
    if (position.totals[position.stage - 1] !== 0) await parts.onProgress();
  }
}

/** Parameters of a type are also extracted from resources of it that others contain. */
function stagesOf(types: readonly string[]): readonly SearchQuery[] {
  const sort = [{ by: 'updated', descending: false }] as const;
  const inside = { kind: 'term', k: HAS_INSIDE, terms: [INSIDE_TERM] } as const;
  return [
    { types: [], where: inside, sort: [] },
    ...types.map((type) => ({ types: [type], where: EVERYTHING, sort })),
  ];
}

/** Of the types of the pass all are indexed anyway. */
async function indexInside(stage: SearchQuery, position: PassPosition, parts: PassParts): Promise<void> {
  const { store, generations, isStopped, onProgress } = parts;
  for (;;) {
    const page = await store.search(stage, { limit: BATCH, total: 'none', after: position.after });
    const rows = page.rows.filter(({ type }) => !position.types.includes(type));
    await reindex(rows, store, generations);
    position.after = page.next;
    position.seen += page.rows.length;
    if (page.next === undefined || isStopped()) return;
    await onProgress();
  }
}

/** Each few pages are searched for from the time of the last one on, so that no page is of a moment long past. */
async function indexType(stage: SearchQuery, position: PassPosition, parts: PassParts): Promise<void> {
  const { store, generations, isStopped, onProgress } = parts;
  for (;;) {
    const { at: from } = position;
    const where = { kind: 'updated', prefix: 'ge', lo: from, hi: from } as const;
    let after: string | undefined;
    for (let pages = 0; pages < PAGES_TOLD || position.at === from; pages++) {
      const page = await store.search({ ...stage, where }, { limit: BATCH, total: 'none', after });
      const known = new Set(position.keys);
      const rows = page.rows.filter((row) => row.lastUpdated > position.at || !known.has(keyOf(row)));
      await reindex(rows, store, generations);
      advance(position, rows);
      after = page.next;
      if (after === undefined || isStopped()) return;
      await nextTurn();
    }
    await onProgress();
    if (isStopped()) return;
  }
}

/** One that is damaged stays as it is indexed, and must not end the pass for all others. */
async function reindex(
  rows: readonly StoredVersion[],
  store: Store,
  generations: Generations,
): Promise<void> {
  const entries: ReindexEntry[] = [];
  for (const { type, id, versionId, json } of rows.filter(({ damaged }) => damaged !== true)) {
    entries.push({ type, id, versionId, postings: generations.current().extract(parseStored(json)) });
  }
  if (entries.length > 0) await store.reindex(entries);
}

function advance(position: PassPosition, rows: readonly StoredVersion[]): void {
  const at = rows.at(-1)?.lastUpdated;
  if (at === undefined) return;
  const keys = rows.filter(({ lastUpdated }) => lastUpdated === at).map(keyOf);
  position.keys = at === position.at ? [...position.keys, ...keys] : keys;
  position.at = at;
  position.seen += rows.length;
}

function keyOf({ type, id }: StoredVersion): string {
  return `${type}/${id}`;
}
