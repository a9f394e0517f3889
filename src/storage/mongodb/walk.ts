/**
 * Matches by a value that no list is in the order of: a date, number, string or code of any parameter. The keys of
 * the parameter are walked in stretches small enough to sort here, so there is neither an index per parameter nor
 * a sort over everything on the server. Resources without the value come last.
 */
import { NO_DATE } from '../../search/postings.ts';
import type { SortKey } from '../../search/query.ts';
import { settle } from './conditions.ts';
import type { ResourceDocument, TermDocument } from './documents.ts';
import { andOf, keysMatch, type Match } from './filters.ts';
import { foldOf, type KeyRange, kindRange, paramText } from './index-keys.ts';
import { keepMatching, type SearchContext } from './joins.ts';
import { compareTexts, type Order, type Place, type SortValue } from './order.ts';
import { withOrderTexts } from './order-texts.ts';
import { encodeNumber, encodeTime, firstTimeFrom, NUMBER_WIDTH, TIME_WIDTH } from './ordered-text.ts';
import { streamAlong } from './path-reads.ts';
import { filterAlong, MERGED_KEYS_MAX, type Path } from './paths.ts';
import { typeInOrderOf } from './primary-dates.ts';
import { stringsOwnerOf } from './shared-keys.ts';
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
    const stretches =
      key.by === 'term' ? termStretches(request, from) : rangeStretches(context, key, request.types, from);
    for await (const { path, holds } of stretches) {
      const rows = await sortedRows(context, path, request, holds, {}, Number.POSITIVE_INFINITY);
      if (rows !== undefined && rows.length > 0) yield rows;
    }
  }
  const isMissing = (value: SortValue): boolean => value === null;
  const missing = missingMatch(key, request.terms);
  const rows = await sortedRows(context, base, request, isMissing, missing, Number.POSITIVE_INFINITY);
  if (rows !== undefined && rows.length > 0) yield rows;
}

/**
 * Matches of a path whose first value is of this stretch, sorted; no more than are wanted. Undefined once more than
 * `readMax` have been read.
 */
export async function sortedRows(
  context: SearchContext,
  path: Path,
  request: WalkRequest,
  holds: (value: SortValue) => boolean,
  extra: Match,
  readMax: number,
): Promise<readonly PlacedRow[] | undefined> {
  const { types, condition, fields, order, after, need } = request;
  const filter = andOf(filterAlong(path, types, settle(condition)), extra);
  let best: PlacedRow[] = [];
  const shrink = (): void => {
    best.sort((a, b) => order.compare(a.place, b.place));
    best = best.slice(0, need);
  };
  let batch: ResourceDocument[] = [];
  let read = 0;
  const take = async (): Promise<void> => {
    const matching = await keepMatching(context, types, condition, batch);
    for (const document of await withOrderTexts(context.reader, order, matching)) {
      const place = order.placeOf(document);
      if (!holds(place.values[0] ?? null)) continue;
      if (after === undefined || order.compare(place, after) > 0) best.push({ document, place });
    }
    batch = [];
    if (best.length > need + context.limits.stretchMax) shrink();
  };
  for await (const document of streamAlong(context.reader, path, filter, fields)) {
    batch.push(document);
    if (++read > readMax) return undefined;
    if (batch.length === context.limits.batchMax) await take();
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
  types: readonly string[],
  from: SortValue | undefined,
): AsyncGenerator<Stretch> {
  const kind = { date: 'd', number: 'n', text: 's', term: 't' } as const;
  const searched = types.length === 0 ? context.allTypes : types;
  // among the keys of a wider parameter are more than those of this one
  const all = kindRange(key.by === 'text' ? stringsOwnerOf(key.k, searched) : key.k, kind[key.by]);
  const start = all.gte;
  const bound = from === undefined || from === null ? undefined : start + encodeValue(key, from);
  const type = key.by === 'date' ? typeInOrderOf(key.k, searched) : undefined;
  const tree: Tree = {
    pathOf: (range) => pathOf(range, start, type),
    lengthMax: start.length + widthOf(key),
    descending: key.descending,
    isPassed: ({ gte, lt }) =>
      bound !== undefined && (key.descending ? isBefore(bound, gte) : !isBefore(bound, lt)),
  };
  for await (const range of joined(leaves(context, tree, all, undefined, 0), context.limits.stretchMax)) {
    yield {
      path: tree.pathOf(range),
      holds: (value) => {
        if (value === null) return false;
        const at = start + encodeValue(key, value);
        return !isBefore(at, range.gte) && isBefore(at, range.lt);
      },
    };
  }
}

/** How the keys of a parameter are cut: always at the same places, so that counts can be remembered. */
interface Tree {
  readonly pathOf: (range: KeyRange) => Path;
  /** Code points of the longest key that a cut may be made at. */
  readonly lengthMax: number;
  readonly descending: boolean;
  /** Whether a range lies wholly before the place where the walk begins. */
  readonly isPassed: (range: KeyRange) => boolean;
}

interface Leaf extends KeyRange {
  readonly count: number;
}

/** Ranges that are small, or cannot be cut any more, in order and without gaps. */
async function* leaves(
  context: SearchContext,
  tree: Tree,
  range: KeyRange,
  known: number | undefined,
  depth: number,
): AsyncGenerator<Leaf> {
  if (tree.isPassed(range)) return;
  const { stretchMax } = context.limits;
  const count = known ?? (await countRange(context, tree, range));
  const middle =
    count <= stretchMax || depth === DEPTH_MAX ? undefined : between(range.gte, range.lt, tree.lengthMax);
  if (middle === undefined) {
    yield { ...range, count };
    return;
  }
  const low = { gte: range.gte, lt: middle };
  const high = { gte: middle, lt: range.lt };
  const [first, second] = tree.descending ? [high, low] : [low, high];
  const firstCount = tree.isPassed(first) ? undefined : await countRange(context, tree, first);
  yield* leaves(context, tree, first, firstCount, depth + 1);
  yield* leaves(context, tree, second, firstCount === 0 ? count : undefined, depth + 1);
}

async function countRange(context: SearchContext, { pathOf }: Tree, range: KeyRange): Promise<number> {
  return await context.counts.count(context.reader, pathOf(range), context.limits.stretchMax + 1);
}

/** Dates of the parameter that the list of `type` is in the order of have their keys in that list. */
function pathOf(range: KeyRange, start: string, type: string | undefined): Path {
  const path = { kind: 'ranges', ranges: [range], keys: [] } as const;
  if (type === undefined) return path;
  const timeOf = (key: string): number => firstTimeFrom(key.slice(start.length));
  return {
    ...path,
    stretches: [{ type, from: Math.max(timeOf(range.gte), NO_DATE + 1), to: timeOf(range.lt) }],
  };
}

/** Neighbours as one range as long as that stays small. Counts may be old: an empty range is read all the same. */
async function* joined(ranges: AsyncGenerator<Leaf>, countMax: number): AsyncGenerator<KeyRange> {
  let open: Leaf | undefined;
  for await (const leaf of ranges) {
    if (open !== undefined && open.count + leaf.count <= countMax) {
      const [low, high] = isBefore(open.gte, leaf.gte) ? [open, leaf] : [leaf, open];
      open = { gte: low.gte, lt: high.lt, count: open.count + leaf.count };
      continue;
    }
    if (open !== undefined) yield open;
    open = leaf;
  }
  if (open !== undefined) yield open;
}

/** In the order of the index. */
function isBefore(a: string, b: string): boolean {
  return compareTexts(a, b) < 0;
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
