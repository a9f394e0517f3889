/**
 * Reads what the first pages of orders by a code look for, before anybody asks: which resources have several codes of a
 * parameter, and the sets of long lists of codes and types and of what has a number. A list a step, like
 * references-ahead.ts.
 * https://hl7.org/fhir/R4/search.html#sort
 */
import { ORDERED_CODES_MAX } from './codes-plan.ts';
import { type Condition, conditionKind } from './condition-bits.ts';
import { followedAhead, type KeptKind, keptAhead } from './kept-sets.ts';
import { countUpTo } from './list-lengths.ts';
import { createMeter, type Meter } from './meter.ts';
import { shapeLists } from './presence.ts';
import { collideLists, type Several, severalKind } from './several.ts';
import { presenceShapes } from './shapes.ts';
import { valueList } from './value-sizes.ts';
import type { View } from './view.ts';

type ViewOf = () => View;

/** A term, and how long its list is. */
interface LongList {
  readonly condition: Condition;
  readonly types: readonly number[];
  readonly rows: number;
}

export interface AheadSets {
  /** Keys of parameters with codes that have an order. */
  readonly coded: readonly number[];
  /** The longest first. */
  readonly lists: readonly LongList[];
}

const CODES = 'SELECT h FROM dict WHERE k = ? LIMIT ?';
const ROWS = 'SELECT count(*) FROM (SELECT 1 FROM ix WHERE k = ? AND h = ? LIMIT ?)';
const TYPES = 'SELECT id, live FROM typ';
/** Rows of a list from which on its set is read: what takes some milliseconds. */
const LONG = 8;

/** What there is to be read of these parameters. Yields how many rows it has looked at since. */
export function* findSets(keys: readonly number[], viewOf: ViewOf): Generator<number, AheadSets> {
  const coded: number[] = [];
  const lists: LongList[] = [];
  for (const k of keys) {
    const { connection, limits } = viewOf();
    const hashes = codesOf(k, viewOf());
    if (hashes.length === 0 || hashes.length > ORDERED_CODES_MAX) continue;
    let rows = 0;
    for (const h of hashes) {
      const counted = connection.row(ROWS, k, h, limits.aheadRowsMin)?.[0] as number;
      rows += counted;
      if (counted < limits.aheadRowsMin / LONG) continue;
      lists.push({ condition: { kind: 'terms', k, hashes: [h] }, types: [], rows: counted });
    }
    if (rows >= limits.aheadRowsMin) coded.push(k);
    yield rows;
  }
  const view = viewOf();
  lists.push(...valuedLists(view));
  for (const [t, live] of view.connection.rows(TYPES) as [number, number][]) {
    if (live >= view.limits.aheadRowsMin)
      lists.push({ condition: { kind: 'types', types: [t] }, types: [t], rows: live });
  }
  return { coded, lists: lists.sort((a, b) => b.rows - a.rows) };
}

const KEYS_OF_SIZES = `SELECT k, t FROM keys WHERE k <= ${valueList(0)}`;

/** What has a number, of parameters that many have: others come last in its order. */
function valuedLists(view: View): LongList[] {
  return (view.connection.rows(KEYS_OF_SIZES) as [number, number][]).flatMap(([key, t]) => {
    const k = valueList(0) - key;
    const types = [t];
    const shapes = presenceShapes(k, types, view);
    const rows = countUpTo(shapeLists(shapes.having), view.limits.aheadRowsMin, view);
    const isLong = rows >= view.limits.aheadRowsMin / LONG;
    return isLong ? [{ condition: { kind: 'present', k, shapes } as const, types, rows }] : [];
  });
}

function codesOf(k: number, { connection }: View): readonly number[] {
  return connection.rows(CODES, k, ORDERED_CODES_MAX + 1).map(([h]) => h as number);
}

/** Reads what is not kept yet, as much as there is room for. */
export function* readSets({ coded, lists }: AheadSets, viewOf: ViewOf): Generator<number, void> {
  const { limits } = viewOf();
  let left = limits.aheadSetsBytesMax;
  for (const k of coded) {
    if (left <= 0) return;
    left -= yield* readSeveral(k, viewOf);
  }
  for (const { condition, types, rows } of lists) {
    const view = viewOf();
    const kind = conditionKind(condition, { view, types, meter: unbounded() });
    // a bit for each resource
    if (kind === undefined || view.snapshot / 8 > left) return;
    const followed = followedAhead(kind, view, unbounded());
    left -= followed ?? readNow(kind, view) ?? 0;
    if (followed === undefined) yield rows;
  }
}

function unbounded(): Meter {
  return createMeter(Number.POSITIVE_INFINITY);
}

function readNow<Value>(kind: KeptKind<Value>, view: View): number | undefined {
  const value = kind.make();
  return value === undefined ? undefined : keptAhead(kind, { value, merged: view.merged }, view);
}

/** As of the commit that it began with: what changed on the way is among what is followed then. */
function* readSeveral(k: number, viewOf: ViewOf): Generator<number, number> {
  const none = (): undefined => undefined;
  const known = followedAhead(severalKind(k, none, viewOf()), viewOf(), unbounded());
  if (known !== undefined) return known;
  const { merged, reindexed } = viewOf();
  const reading = collideLists(k, codesOf(k, viewOf()), () => ({ view: viewOf(), meter: unbounded() }));
  let value: Several | undefined;
  while (value === undefined) {
    const part = reading.next();
    if (part.done === true) value = part.value;
    else yield part.value;
    // postings are other ones now: the next round reads them
    if (viewOf().reindexed !== reindexed) return 0;
  }
  return keptAhead(severalKind(k, none, viewOf()), { value, merged }, viewOf()) ?? 0;
}
