/**
 * Matches by a value that no list is in the order of: a date, number, string or code of any parameter. The keys of
 * the parameter are walked in stretches small enough to sort here, so there is neither an index per parameter nor
 * a sort over everything on the server. Resources without the value come last.
 */
import type { SortKey } from '../../search/query.ts';
import { settle } from './conditions.ts';
import { INDEX_K } from './connect.ts';
import type { ResourceDocument, TermDocument } from './documents.ts';
import { filterOf, keysMatch, type Match } from './filters.ts';
import { foldOf, type KeyRange, kindRange, paramText } from './index-keys.ts';
import { BATCH, keepMatching, type SearchContext } from './joins.ts';
import type { Order, Place, SortValue } from './order.ts';
import { encodeNumber, encodeTime, NUMBER_WIDTH, TIME_WIDTH } from './ordered-text.ts';
import { hintOf, MERGED_KEYS_MAX, type Path, pathMatch } from './paths.ts';
import type { StreamRequest } from './streams.ts';

type ValueKey = Extract<SortKey, { k: number }>;

export interface WalkRequest extends StreamRequest {
  readonly order: Order;
  readonly after: Place | undefined;
  /** Rows that are wanted at most. */
  readonly need: number;
  /** Terms of the first sort key by code, when it is by term. */
  readonly terms: readonly TermDocument[];
}

export interface PlacedRow {
  readonly document: ResourceDocument;
  readonly place: Place;
}

/** Resources in one stretch, as far as it can be made so small. */
const STRETCH_MAX = 1_000;
/** Halvings after which a stretch is taken as it is: most of its resources have one value. */
const DEPTH_MAX = 80;
const AFTER_ALL = '\u{10ffff}';

/** Rows after `after` in the total order, as many as are wanted or all. `base` finds every match. */
export async function* walk(
  context: SearchContext,
  base: Path,
  request: WalkRequest,
): AsyncGenerator<readonly PlacedRow[]> {
  const key = request.order.keys[0] as ValueKey;
  const from = request.after?.values[0];
  if (from !== null) {
    const stretches = key.by === 'term' ? termStretches(request, from) : rangeStretches(context, key, from);
    for await (const { path, holds } of stretches) {
      const rows = await sortedRows(context, path, request, holds, {});
      if (rows.length > 0) yield rows;
    }
  }
  const isMissing = (value: SortValue): boolean => value === null;
  const rows = await sortedRows(context, base, request, isMissing, missingMatch(key, request.terms));
  if (rows.length > 0) yield rows;
}

/** Matches of a path whose first value is of this stretch, sorted; no more than are wanted. */
export async function sortedRows(
  context: SearchContext,
  path: Path,
  request: WalkRequest,
  holds: (value: SortValue) => boolean,
  extra: Match,
): Promise<readonly PlacedRow[]> {
  const { types, condition, fields, order, after, need } = request;
  const filter = { $and: [pathMatch(path), filterOf(types, settle(condition)), extra] } as Match;
  let best: PlacedRow[] = [];
  const shrink = (): void => {
    best.sort((a, b) => order.compare(a.place, b.place));
    best = best.slice(0, need);
  };
  let batch: ResourceDocument[] = [];
  const take = async (): Promise<void> => {
    for (const document of await keepMatching(context, types, condition, batch)) {
      const place = order.placeOf(document);
      if (!holds(place.values[0] ?? null)) continue;
      if (after === undefined || order.compare(place, after) > 0) best.push({ document, place });
    }
    batch = [];
    if (best.length > need + STRETCH_MAX) shrink();
  };
  for await (const document of context.reader.stream(filter, { projection: fields, hint: hintOf(path) })) {
    batch.push(document);
    if (batch.length === BATCH) await take();
  }
  await take();
  shrink();
  return best;
}

interface Stretch {
  readonly path: Path;
  /** Whether the first value of a resource belongs to this stretch and to no other. */
  readonly holds: (value: SortValue) => boolean;
}

/** Codes in order, few at first, because the first few usually fill a page. */
async function* termStretches(
  { terms, order }: WalkRequest,
  from: SortValue | undefined,
): AsyncGenerator<Stretch> {
  const descending = order.keys[0]!.descending;
  const byCode = new Map<string, string[]>();
  for (const { _id, code } of terms) {
    const keys = byCode.get(code);
    if (keys === undefined) byCode.set(code, [_id]);
    else keys.push(_id);
  }
  let codes = [...byCode.keys()];
  if (descending) codes.reverse();
  if (from !== undefined) codes = codes.slice(Math.max(0, codes.indexOf(String(from))));
  let size = 1;
  for (let start = 0; start < codes.length; size *= 2) {
    const some = new Set<string>();
    const keys: string[] = [];
    while (start < codes.length && some.size < size && keys.length < MERGED_KEYS_MAX) {
      some.add(codes[start]!);
      keys.push(...byCode.get(codes[start]!)!);
      start++;
    }
    yield { path: { kind: 'keys', keys }, holds: (value) => value !== null && some.has(String(value)) };
  }
}

async function* rangeStretches(
  context: SearchContext,
  key: ValueKey,
  from: SortValue | undefined,
): AsyncGenerator<Stretch> {
  const kind = { date: 'd', number: 'n', text: 's', term: 't' } as const;
  const all = kindRange(key.k, kind[key.by]);
  const start = all.gte;
  const bound = from === undefined || from === null ? undefined : start + encodeValue(key, from);
  const range = key.descending
    ? { gte: all.gte, lt: bound === undefined ? all.lt : `${bound}${AFTER_ALL}` }
    : { gte: bound ?? all.gte, lt: all.lt };
  for await (const { gte, lt } of halve(context, range, start.length + widthOf(key), key.descending, 0)) {
    yield {
      path: { kind: 'ranges', ranges: [{ gte, lt }], keys: [] },
      holds: (value) => {
        if (value === null) return false;
        const at = Buffer.from(start + encodeValue(key, value));
        return Buffer.compare(Buffer.from(gte), at) <= 0 && Buffer.compare(at, Buffer.from(lt)) < 0;
      },
    };
  }
}

/** Cuts a range until each piece is small, in order, leaving out empty ones. */
async function* halve(
  context: SearchContext,
  range: KeyRange,
  lengthMax: number,
  descending: boolean,
  depth: number,
): AsyncGenerator<KeyRange> {
  const match = pathMatch({ kind: 'ranges', ranges: [range], keys: [] });
  const count = await context.reader.count(match, { limit: STRETCH_MAX + 1, hint: INDEX_K });
  if (count === 0) return;
  const middle =
    count <= STRETCH_MAX || depth === DEPTH_MAX ? undefined : between(range.gte, range.lt, lengthMax);
  if (middle === undefined) {
    yield range;
    return;
  }
  const halves = [
    { gte: range.gte, lt: middle },
    { gte: middle, lt: range.lt },
  ];
  if (descending) halves.reverse();
  for (const half of halves) yield* halve(context, half, lengthMax, descending, depth + 1);
}

/** A text strictly between two, of at most `lengthMax` code points; undefined when there is none. */
export function between(low: string, high: string, lengthMax: number): string | undefined {
  const a = [...low].map((point) => point.codePointAt(0)!);
  const b = [...high].map((point) => point.codePointAt(0)!);
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  const prefix = b.slice(0, at);
  const [floor, ceiling] = [a[at] ?? -1, b[at] ?? -1];
  if (ceiling - floor > 1) return textOf([...prefix, pivot(floor, ceiling)], lengthMax);
  if (floor >= 0) {
    // nothing between the two points: go on behind the lower one
    const rest = a.slice(at + 1);
    let next = 0;
    while (rest[next] === LAST_POINT) next++;
    return textOf(
      [...prefix, floor, ...rest.slice(0, next), pivot(rest[next] ?? -1, LAST_POINT + 1)],
      lengthMax,
    );
  }
  return b.length > at + 1 ? textOf([...prefix, ceiling], lengthMax) : undefined;
}

const LAST_POINT = 0x10ffff;

/** A point between two; the first cut of a wide range is after ASCII, where most texts are. */
function pivot(floor: number, ceiling: number): number {
  const middle = floor < 0x7f && ceiling > 0x81 ? 0x80 : Math.floor((floor + ceiling) / 2);
  const point = Math.max(middle, floor + 1);
  if (point < 0xd800 || point > 0xdfff) return point;
  return floor < 0xd7ff ? 0xd7ff : 0xe000;
}

function textOf(points: readonly number[], lengthMax: number): string | undefined {
  return points.length > lengthMax ? undefined : String.fromCodePoint(...points);
}

function widthOf({ by }: ValueKey): number {
  return { date: TIME_WIDTH, number: NUMBER_WIDTH, text: Number.POSITIVE_INFINITY, term: 0 }[by];
}

function encodeValue({ by }: ValueKey, value: Exclude<SortValue, null>): string {
  if (by === 'date') return encodeTime(Number(value));
  return by === 'number' ? encodeNumber(Number(value)) : foldOf(String(value));
}

function missingMatch({ by, k }: ValueKey, terms: readonly TermDocument[]): Match {
  switch (by) {
    case 'date':
      return { $nor: [{ 'dt.p': k }] } as Match;
    case 'number':
      return { $nor: [{ 'q.p': k }] } as Match;
    case 'text': {
      const start = paramText(k);
      return { $nor: [{ s: { $elemMatch: { $gte: start, $lt: start + AFTER_ALL } } }] } as Match;
    }
    case 'term':
      return terms.length === 0 ? {} : ({ $nor: [keysMatch(terms.map(({ _id }) => _id))] } as Match);
  }
}
