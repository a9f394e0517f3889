/**
 * Matches in an order that an index has: the primary date, the last update, the id. Each is a series of small reads
 * that begin where the last one ended, so nothing is open on the server between two of them.
 */
import { NO_DATE } from '../../search/postings.ts';
import { type Condition, partsOf, primaryDates, settle } from './conditions.ts';
import { INDEX_ID, INDEX_K } from './connect.ts';
import { idOf, type ResourceDocument } from './documents.ts';
import { andOf, filterOf } from './filters.ts';
import { isParamKey, isTypeKey, wideDateKey } from './index-keys.ts';
import { orderKeyFrom } from './order-key.ts';
import { filterAlong, MERGED_KEYS_MAX, type Path } from './paths.ts';
import { NARROW_DATE_MS } from './primary-dates.ts';
import type { Reader } from './reader.ts';
import { listsHint, listsMatch, type Scan, timesScan } from './scans.ts';
import { type Pace, type Part, readWhole } from './walk-pace.ts';

export interface StreamRequest {
  readonly types: readonly string[];
  readonly condition: Condition;
  readonly descending: boolean;
  /** Documents of the first read; later ones grow. */
  readonly batch: number;
  readonly fields: Record<string, 1>;
  /** Absent where nothing may end early. */
  readonly pace?: Pace | undefined;
}

export type Rows = AsyncGenerator<readonly ResourceDocument[]>;

const BATCH_MAX = 1_000;
const FIRST_DATED = orderKeyFrom(NO_DATE + 1);

/** By primary date, undated last; equal dates by creation, newest first when descending. */
export async function* naturalRows(
  reader: Reader,
  path: Path & { kind: 'keys' },
  request: StreamRequest,
  after: Uint8Array | undefined,
): Rows {
  for (const segment of segmentsOf(request.condition, request.descending)) {
    const bounded = request.descending ? before(segment, after) : behind(segment, after);
    if (bounded === undefined) continue;
    yield* segmentRows(reader, path, request, bounded);
    if (request.pace?.end() !== undefined) return;
  }
}

/** By last update; every version has its own position, so there are no equals. */
export async function* updatedRows(reader: Reader, request: StreamRequest, after: bigint | undefined): Rows {
  const { types, descending, fields, pace } = request;
  const filter = filterOf(types, settle(request.condition), false, { isLive: false, isOfTypes: true });
  const { match: lists, hint } = timesScan(types);
  let batch = request.batch;
  let last = after;
  for (;;) {
    const { rows, edge } = await readPart(reader, pace, {
      lists,
      member: 'c',
      bounds: last === undefined ? {} : { [descending ? '$lt' : '$gt']: last },
      descending,
      filter,
      options: {
        projection: fields,
        sort: { c: descending ? -1 : 1 },
        limit: batch,
        hint,
      },
    });
    if (rows.length > 0) yield rows;
    const end = rows.length < batch ? edge : rows.at(-1)!;
    if (end === undefined || pace?.endsAt(end) === true) return;
    last = end.c;
    batch = Math.min(batch * 2, BATCH_MAX);
  }
}

/** By id; several types are merged, equal ids in any order. `after` is an id that may come again. */
export async function* idRows(reader: Reader, request: StreamRequest, after: string | undefined): Rows {
  if (request.types.length === 1 && request.pace !== undefined) {
    yield* idRowsOfType(reader, request, after);
    return;
  }
  const { descending, fields } = request;
  const types = request.types.length > 0 ? request.types : await reader.dictionary.types();
  const filter = filterOf([], settle(request.condition));
  let batch = request.batch;
  let from = after;
  let skip = new Set<string>();
  for (;;) {
    const merged: ResourceDocument[] = [];
    for (const type of types) {
      const range = descending
        ? { $gte: `${type}/`, $lte: from === undefined ? `${type}0` : `${type}/${from}` }
        : { $gte: `${type}/${from ?? ''}`, $lt: `${type}0` };
      const rows = await reader.find(andOf({ _id: range }, filter), {
        projection: fields,
        sort: { _id: descending ? -1 : 1 },
        limit: batch + skip.size,
        hint: INDEX_ID,
      });
      merged.push(...rows);
    }
    merged.sort((a, b) => compareIds(a, b) * (descending ? -1 : 1));
    const rows = merged.slice(0, batch + skip.size).filter(({ _id }) => !skip.has(_id));
    if (rows.length > 0) yield rows;
    if (rows.length < batch) return;
    from = idOf(rows.at(-1)!._id);
    skip = new Set(merged.filter(({ _id }) => idOf(_id) === from).map(({ _id }) => _id));
    batch = Math.min(batch * 2, BATCH_MAX);
  }
}

async function* idRowsOfType(reader: Reader, request: StreamRequest, after: string | undefined): Rows {
  const { descending, fields, pace } = request;
  const [type] = request.types;
  const filter = filterOf([], settle(request.condition));
  let batch = request.batch;
  // a row at the bound itself was seen before; whoever compares places leaves it out
  let bounds: Readonly<Record<string, unknown>> = descending
    ? { $gte: `${type}/`, $lte: after === undefined ? `${type}0` : `${type}/${after}` }
    : { $gte: `${type}/${after ?? ''}`, $lt: `${type}0` };
  for (;;) {
    const { rows, edge } = await readPart(reader, pace, {
      lists: {},
      member: '_id',
      bounds,
      descending,
      filter,
      options: { projection: fields, sort: { _id: descending ? -1 : 1 }, limit: batch, hint: INDEX_ID },
    });
    if (rows.length > 0) yield rows;
    const end = rows.length < batch ? edge : rows.at(-1)!;
    if (end === undefined || pace?.endsAt(end) === true) return;
    bounds = descending ? { $gte: `${type}/`, $lt: end._id } : { $gt: end._id, $lt: `${type}0` };
    batch = Math.min(batch * 2, BATCH_MAX);
  }
}

/** As far as the pace allows, or the whole. */
async function readPart(reader: Reader, pace: Pace | undefined, part: Part): ReturnType<Pace['read']> {
  return pace === undefined ? { rows: await readWhole(reader, part) } : await pace.read(reader, part);
}

function compareIds(a: ResourceDocument, b: ResourceDocument): number {
  const one = idOf(a._id);
  const other = idOf(b._id);
  return one < other ? -1 : one > other ? 1 : 0;
}

/** A stretch of the order of the index: from `gte` on, or beyond `gt`, and before `lt`. */
interface Segment {
  readonly gte?: Uint8Array;
  readonly gt?: Uint8Array;
  readonly lt?: Uint8Array;
  /** Only resources with this key can match here. */
  readonly wide?: string;
}

/** The stretches that can hold matches, in the order asked for. */
function segmentsOf(condition: Condition, descending: boolean): readonly Segment[] {
  const { lower, upper, wide } = primaryBounds(condition);
  const lt = upper === undefined ? {} : { lt: orderKeyFrom(upper) };
  if (lower === undefined || wide === undefined) {
    return descending ? [lt] : [{ gte: FIRST_DATED, ...lt }, { lt: FIRST_DATED }];
  }
  const from = orderKeyFrom(lower);
  const main = { gte: from, ...lt };
  return descending
    ? [main, { lt: from, wide }]
    : [{ gte: FIRST_DATED, lt: from, wide }, main, { lt: FIRST_DATED, wide }];
}

/**
 * Bounds of the primary date that follow from conditions on the parameter it comes from. The upper one holds for
 * all, since the primary date is the least start; the lower one not for resources with several or long dates.
 */
function primaryBounds(condition: Condition): { lower?: number; upper?: number; wide?: string } {
  const bounds: { lower?: number; upper?: number; wide?: string } = {};
  const parts = primaryDates(condition);
  for (const { k, prefix, lo, hi } of parts) {
    if (k !== parts[0]!.k || prefix === 'ne') continue;
    bounds.wide = wideDateKey(k);
    const upper = {
      eq: hi,
      lt: lo,
      eb: lo,
      le: hi,
      ap: hi,
      co: hi,
      sa: undefined,
      gt: undefined,
      ge: undefined,
    }[prefix];
    const lower = {
      eq: lo,
      sa: hi,
      gt: hi - NARROW_DATE_MS,
      ge: Math.min(lo, hi - NARROW_DATE_MS),
      ap: lo - NARROW_DATE_MS,
      co: lo - NARROW_DATE_MS,
      lt: undefined,
      eb: undefined,
      le: undefined,
    }[prefix];
    if (upper !== undefined) bounds.upper = Math.min(upper, bounds.upper ?? upper);
    if (lower !== undefined) bounds.lower = Math.max(lower, bounds.lower ?? lower);
  }
  // a bound at the edge of time bounds nothing
  if (bounds.lower !== undefined && bounds.lower <= NO_DATE + NARROW_DATE_MS) delete bounds.lower;
  return bounds;
}

/** What is left of a descending segment below `after`. */
function before(segment: Segment, after: Uint8Array | undefined): Segment | undefined {
  if (after === undefined) return segment;
  const lt = segment.lt === undefined || Buffer.compare(after, segment.lt) < 0 ? after : segment.lt;
  if (segment.gte !== undefined && Buffer.compare(lt, segment.gte) <= 0) return undefined;
  return { ...segment, lt };
}

/** What is left of an ascending segment beyond `after`; the undated come after all others. */
function behind(segment: Segment, after: Uint8Array | undefined): Segment | undefined {
  if (after === undefined) return segment;
  const isUndated = segment.gte === undefined;
  if (Buffer.compare(after, FIRST_DATED) < 0) return isUndated ? { ...segment, gt: after } : undefined;
  if (isUndated) return segment;
  if (segment.lt !== undefined && Buffer.compare(after, segment.lt) >= 0) return undefined;
  if (Buffer.compare(after, segment.gte) < 0) return segment;
  const { gte: _, ...rest } = segment;
  return { ...rest, gt: after };
}

async function* segmentRows(
  reader: Reader,
  path: Path & { kind: 'keys' },
  request: StreamRequest,
  segment: Segment,
): Rows {
  const { types, descending, fields } = request;
  const { keys, filter } = driverOf(path, request, segment);
  const sort = { o: descending ? -1 : 1 } as const;
  const rest = filterAlong({ kind: 'keys', keys }, types, filter);
  // lists that are merged here are read as they come
  const pace = keys.length > MERGED_KEYS_MAX ? undefined : request.pace;
  const excluded = excludedFrom(keys, types, request.condition);
  let { gte, gt, lt } = segment;
  let batch = request.batch;
  for (;;) {
    const bounds = {
      ...(gte !== undefined && { $gte: gte }),
      ...(gt !== undefined && { $gt: gt }),
      ...(lt !== undefined && { $lt: lt }),
    };
    const options = { projection: fields, sort, limit: batch, hint: listsHint(keys) };
    let rows: ResourceDocument[] = [];
    let edge: Awaited<ReturnType<Pace['read']>>['edge'];
    for (let start = 0; start < keys.length; start += MERGED_KEYS_MAX) {
      const lists = listsMatch(keys.slice(start, start + MERGED_KEYS_MAX));
      const part: Part = { lists, member: 'o', bounds, descending, filter: rest, excluded, options };
      const found = await readPart(reader, pace, part);
      edge = found.edge;
      rows = rows.length === 0 ? found.rows : mergeRows(rows, found.rows, descending).slice(0, batch);
    }
    if (rows.length > 0) yield rows;
    const end = rows.length < batch ? edge : rows.at(-1)!;
    if (end === undefined || pace?.endsAt(end) === true) return;
    const last = end.o;
    if (descending) lt = last;
    else [gte, gt] = [undefined, last];
    batch = Math.min(batch * 2, BATCH_MAX);
  }
}

/** A list of what does not match, where the lists that are read are all of the types. */
function excludedFrom(
  keys: readonly string[],
  types: readonly string[],
  condition: Condition,
): Scan | undefined {
  if (!keys.every(isTypeKey) || keys.length < types.length) return undefined;
  for (const part of partsOf(settle(condition))) {
    if (part.kind !== 'not' || part.of.kind !== 'keys' || part.of.keys.length > MERGED_KEYS_MAX) continue;
    if (part.of.keys.every(isParamKey)) return { match: listsMatch(part.of.keys), hint: INDEX_K };
  }
  return undefined;
}

/** Lists to read, and what remains to be checked of each document. */
function driverOf(
  path: Path & { kind: 'keys' },
  { condition }: StreamRequest,
  { wide }: Segment,
): { readonly keys: readonly string[]; readonly filter: Condition } {
  const settled = settle(condition);
  const parts = partsOf(settled);
  const rest: Condition = { kind: 'all', of: parts.filter((part) => part !== path.part) };
  if (wide === undefined) return { keys: path.keys, filter: rest };
  if (path.part === undefined) return { keys: [wide], filter: settled };
  return { keys: path.keys, filter: { kind: 'all', of: [...partsOf(rest), { kind: 'keys', keys: [wide] }] } };
}

/** Two lists in order as one, without repeats. */
function mergeRows(
  a: readonly ResourceDocument[],
  b: readonly ResourceDocument[],
  descending: boolean,
): ResourceDocument[] {
  const seen = new Set<string>();
  const direction = descending ? -1 : 1;
  return [...a, ...b]
    .sort((one, other) => Buffer.compare(one.o, other.o) * direction)
    .filter(({ _id }) => !seen.has(_id) && seen.add(_id));
}
