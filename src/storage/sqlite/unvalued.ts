/**
 * What has no value of a key of an order, which no list of the index holds: all of a type without those that a list of
 * values names. Where that is much, reading everything finds it as soon.
 */
import { firstIndex } from '../first-index.ts';
import { ridsOfBits, subtract } from './bits.ts';
import { listedBits } from './condition-bits.ts';
import { TYPE_LIST } from './index-keys.ts';
import { keepOrder, keptOrder } from './kept-orders.ts';
import { costOfCounted, countLists, countWhole } from './list-lengths.ts';
import type { Meter } from './meter.ts';
import { type OrderKey, postedSources } from './order.ts';
import { shapeLists } from './presence.ts';
import { presenceShapes } from './shapes.ts';
import { liveOf, type View } from './view.ts';

/** One of so many without a value is found by reading everything. */
const SPARSE = 32;

/** So many are not remembered. */
const MOST = 100_000;

export interface Unvalued {
  readonly key: OrderKey;
  readonly types: readonly number[];
  readonly view: View;
  readonly meter: Meter;
  /** Even where reading everything finds one soon: only some of them match, or all of them are read page after page. */
  readonly evenMany: boolean;
}

/** By rid, ascending, and perhaps others; undefined when they are many, or no list has the values. */
export function ridsWithout({ key, types, view, meter, evenMany }: Unvalued): Uint32Array | undefined {
  const sources = postedSources(key)?.map(({ by, k }) => (by === 'term' ? undefined : { by, k }));
  if (sources === undefined) return undefined;
  const { connection, snapshot, indexed, reindexed } = view;
  const name = `without|${sources.map((one) => one?.k)}|${types.join()}|${snapshot}|${indexed}|${reindexed}`;
  const known = keptOrder(connection, name);
  if (known !== undefined) return known;
  const live = liveOf(types, view);
  const lacking = sources.map((one) => {
    const shapes = presenceShapes(one?.k ?? 0, types, view);
    return shapeLists(shapes.lacking, shapes.mixed);
  });
  // long lists need not be counted to their end to be too many
  const least = Math.min(...lacking.map((lists) => countLists(lists, view)));
  if (least > MOST || (!evenMany && least > live / SPARSE)) return undefined;
  const rows = Math.min(...lacking.map((lists) => countWhole(lists, view, meter)));
  const isMany = rows > live / SPARSE;
  const cost = costOfCounted(live * (1 + sources.length));
  if (rows > MOST || (isMany && !(evenMany && meter.affords(cost)))) return undefined;
  const bits = listedBits({ by: 'term', k: TYPE_LIST, hashes: types }, { view, meter });
  if (bits === undefined) return undefined;
  for (const source of sources) {
    const valued = source && listedBits(source, { view, meter });
    if (valued === undefined) return undefined;
    subtract(bits, valued);
  }
  const rids = [...ridsOfBits(bits)];
  keepOrder(connection, name, rids);
  return Uint32Array.from(rids);
}

/** What comes behind a rid; the list ascends. */
export function behindRid(rids: Uint32Array, from: number, descending: boolean): Uint32Array {
  const low = firstIndex(0, rids.length, (at) => {
    const rid = rids[at] as number;
    return descending ? rid >= from : rid > from;
  });
  return descending ? rids.subarray(0, low) : rids.subarray(low);
}
