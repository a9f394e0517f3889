/**
 * History at three levels: current versions from `res`, superseded ones from `hist`, merged by position. Current
 * ones are read first, so that a version on its way from one to the other is seen twice rather than never.
 * https://hl7.org/fhir/R4/http.html#history
 */
import type { HistoryPage, HistoryRequest, HistoryScope, ListedVersions } from '../store.ts';
import { firstPositionOf, timeOf } from './commit-clock.ts';
import { type Collections, INDEX_ID, INDEX_TIME, INDEX_TYPE_TIME } from './connect.ts';
import {
  type HistoryDocument,
  historyKey,
  resourceKey,
  VERSION_FIELDS,
  type VersionFields,
} from './documents.ts';
import { spreadOf } from './plan-writes.ts';
import { VERSION_ID } from './reads.ts';
import { readVersions } from './texts.ts';

export interface HistoryReader {
  readonly collections: Collections;
  readonly useHints: boolean;
}

/** Rows of one read when some of them may not qualify. */
const BATCH_MAX = 500;

export async function readHistory(
  reader: HistoryReader,
  scope: HistoryScope,
  request: HistoryRequest,
): Promise<HistoryPage> {
  const found: VersionFields[] = [];
  let after = request.after === undefined ? undefined : BigInt(request.after);
  const wanted = request.limit + 1;
  let batch = request.at === undefined ? wanted : Math.max(wanted, BATCH_MAX);
  for (;;) {
    const rows = await readBatch(reader, scope, request, after, batch);
    const kept = request.at === undefined ? rows : await whereCurrent(reader, rows, request.at.lo);
    found.push(...kept);
    if (rows.length < batch || found.length >= wanted) break;
    after = rows.at(-1)!.c;
    batch = Math.min(batch * 2, BATCH_MAX * 2);
  }
  const page = found.slice(0, request.limit);
  const rows = await readVersions(reader.collections, page);
  const last = page.at(-1);
  return { rows, ...(found.length > request.limit && last !== undefined && { next: String(last.c) }) };
}

/** Versions in order of their positions, those that are in both collections once. */
async function readBatch(
  { collections, useHints }: HistoryReader,
  scope: HistoryScope,
  request: HistoryRequest,
  after: bigint | undefined,
  limit: number,
): Promise<VersionFields[]> {
  const direction = request.ascending === true ? 1 : -1;
  const time = timeRange(request, after);
  const bounds = Object.keys(time).length === 0 ? {} : { c: time };
  const { level } = scope;
  const key = level === 'instance' ? resourceKey(scope.type, scope.id) : '';
  const options = (sort: Record<string, 1 | -1>, hint: string) => ({
    projection: VERSION_FIELDS,
    sort,
    limit,
    ...(useHints && { hint }),
  });
  if (level === 'listed') {
    const byId = options({ c: direction }, INDEX_ID);
    const [now, then] = listedFilters(scope.versions);
    if (now.length === 0) return [];
    const current = await collections.res.find({ $or: now, ...bounds }, byId).toArray();
    return merge(
      await collections.hist.find({ $or: then, ...bounds }, byId).toArray(),
      current,
      direction,
      limit,
    );
  }
  const byTime = options({ c: direction }, level === 'system' ? INDEX_TIME : INDEX_TYPE_TIME);
  const current = await (level === 'instance'
    ? collections.res.find({ _id: key, sk: spreadOf(key), ...bounds }, options({ _id: 1 }, INDEX_ID))
    : collections.res.find(level === 'type' ? { t: scope.type, ...bounds } : bounds, byTime)
  ).toArray();
  const past = await (level === 'instance'
    ? collections.hist.find(
        { _id: { $gte: `${key}/`, $lt: `${key}0` }, ...bounds },
        options({ _id: direction }, INDEX_ID),
      )
    : collections.hist.find(level === 'type' ? { t: scope.type, ...bounds } : bounds, byTime)
  ).toArray();
  return merge(past, current, direction, limit);
}

function merge(
  past: readonly VersionFields[],
  current: readonly VersionFields[],
  direction: 1 | -1,
  limit: number,
): VersionFields[] {
  const merged = new Map<bigint, VersionFields>();
  for (const row of [...past, ...current]) merged.set(row.c, row);
  return [...merged.values()].sort((a, b) => (a.c < b.c ? -direction : direction)).slice(0, limit);
}

/** Of current and of superseded versions. */
function listedFilters(listed: readonly ListedVersions[]): readonly [object[], object[]] {
  const now: object[] = [];
  const then: object[] = [];
  for (const { type, id, versionId } of listed) {
    const key = resourceKey(type, id);
    if (versionId !== undefined && !VERSION_ID.test(versionId)) continue;
    const v = versionId === undefined ? undefined : Number(versionId);
    now.push({ _id: key, ...(v !== undefined && { v }) });
    then.push({ _id: v === undefined ? { $gte: `${key}/`, $lt: `${key}0` } : historyKey(key, v) });
  }
  return [now, then];
}

function timeRange(request: HistoryRequest, after: bigint | undefined): Record<string, bigint> {
  const range: Record<string, bigint> = {};
  if (request.since !== undefined) range.$gte = firstPositionOf(request.since);
  if (request.at !== undefined) range.$lt = firstPositionOf(request.at.hi);
  if (after === undefined) return range;
  if (request.ascending === true) range.$gt = after;
  else range.$lt = range.$lt !== undefined && range.$lt < after ? range.$lt : after;
  return range;
}

/** Versions that were still current after `lo`: the next one came later or not yet. */
async function whereCurrent(
  { collections }: HistoryReader,
  rows: readonly VersionFields[],
  lo: number,
): Promise<VersionFields[]> {
  const past = rows.filter((row) => row.i !== undefined && timeOf(row.c) <= lo) as (VersionFields & {
    i: string;
  })[];
  if (past.length === 0) return [...rows];
  const next = new Map<string, bigint>();
  const successors = past.map((row) => historyKey(row.i, row.v + 1));
  const fields = { projection: { _id: 1, i: 1, v: 1, c: 1 } };
  const resources = await collections.res.find({ _id: { $in: past.map(({ i }) => i) } }, fields).toArray();
  for (const { _id, v, c } of resources) next.set(historyKey(_id, v), c);
  const replaced = await collections.hist.find({ _id: { $in: successors } }, fields).toArray();
  for (const { _id, c } of replaced as HistoryDocument[]) next.set(_id, c);
  return rows.filter((row) => {
    if (row.i === undefined || timeOf(row.c) > lo) return true;
    const end = next.get(historyKey(row.i, row.v + 1));
    return end === undefined || timeOf(end) > lo;
  });
}
