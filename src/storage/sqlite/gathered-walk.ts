/**
 * Searches in the order of values that no index has in order. What is little is read and put in order by itself; more is
 * read along an order of everything of its types, which is made once, kept, and follows what is written.
 * https://hl7.org/fhir/R4/search.html#sort
 */
import { hashTerm } from '../../search/term-hash.ts';
import { anyOf, type Bound, isEverything } from './bind.ts';
import type { Bindings, GatherPlan, Plan } from './bindings.ts';
import { type Bits, setBit } from './bits.ts';
import type { Collector } from './collect.ts';
import { keepBits, keptBits } from './kept-bits.ts';
import { BY_RIDS } from './kept-hits.ts';
import { groupName, keptOrder } from './kept-orders.ts';
import { emptyBits, type Indexed, isKept, type KeptKind, keptOrMade } from './kept-sets.ts';
import { knownCollector } from './known-collector.ts';
import { countWhole } from './list-lengths.ts';
import { type ListSet, typeLists } from './lists.ts';
import { makeValueOrder } from './make-value-order.ts';
import { narrowing } from './narrowing.ts';
import { comparePositions, type OrderKey, type Position, positionOf, type SortValue } from './order.ts';
import type { Segment } from './stream.ts';
import { type GatheredOrderKey, membersAt, readValueOrder, type ValueOrder } from './value-order.ts';
import { liveOf, type View } from './view.ts';

/** Resources that are read in the time that one of all takes where the index lists the values, and where it does not. */
const LISTED_SHARE = 16;
const READ_SHARE = 2;
/** Rows that it takes to look at one and to read its text. */
const GATHERED_COST = 3;

export function gatheredPlan(key: GatheredOrderKey, bindings: Bindings, set: ListSet | undefined): Plan {
  const { where, types, view, meter, isGoingOn, name } = bindings;
  const lists = set ?? typeLists(types, view);
  const gather = gatherPlan(lists, view);
  const isInOrder = name !== undefined && keptOrder(view.connection, name) !== undefined;
  const rows = countWhole(lists.lists, view, meter);
  const isListed = key.of.every((one) => one.by !== 'content' || one.posted?.inTerms === true);
  const share = liveOf(types, view) / (isListed ? LISTED_SHARE : READ_SHARE);
  const isLittle = rows <= Math.min(view.limits.gatheredMax, share);
  if (isInOrder || (isLittle && !isKept(kindOf(key, bindings).key, view))) return gather;
  const order = valueOrder(key, bindings);
  if (order === undefined) return gather;
  const narrow = narrowing(bindings);
  const bits = narrow?.(isGoingOn ? 'all' : 'many');
  const stream = {
    kind: 'stream',
    segments: [orderSegment(order, key, bindings)],
    reads: 'order of values',
  } as const;
  if (bits !== undefined || isEverything(where)) return stream;
  // of what no set tells nobody knows how much matches
  return { ...stream, trial: { rows: rows * GATHERED_COST, otherwise: () => gather } };
}

/** The resources of the lists that can match. */
function gatherPlan({ lists }: ListSet, view: View): GatherPlan {
  return {
    kind: 'gather',
    reads: `ix(${lists.length} lists)`,
    *rids() {
      for (const { k, h } of lists) {
        for (const row of view.connection.rows(RIDS_OF_LIST, k, h)) yield row[0] as number;
      }
    },
  };
}

const RIDS_OF_LIST = 'SELECT rid FROM ix WHERE k = ? AND h = ?';

/** Everything of the types in order; undefined where the index cannot tell what there is. */
export function valueOrder(key: GatheredOrderKey, bindings: Bindings): ValueOrder | undefined {
  return keptOrMade(kindOf(key, bindings), bindings.view, bindings.meter.whole);
}

/** Versions of so many of all are followed, before all are put in order anew. */
const FOLLOWED_SHARE = 16;
/** What a sample, a version that came since, and its place take in memory. */
const SAMPLE_BYTES = 100;
const PLACED_BYTES = 300;

function kindOf(key: GatheredOrderKey, bindings: Bindings): KeptKind<ValueOrder> {
  const { types, view, names, meter } = bindings;
  const followedMax = ({ rids }: ValueOrder): number =>
    Math.max(view.limits.followedMax, Math.floor(rids.length / FOLLOWED_SHARE));
  return {
    key: `values ${JSON.stringify([key, types])}`,
    make: () => makeValueOrder({ key, types, view, names, meter: meter.whole }),
    bytesOf: ({ rids, samples, moved }) =>
      rids.byteLength + samples.length * SAMPLE_BYTES + moved.size * PLACED_BYTES,
    // what came since the commit that a page shows, it does not show
    least: view.indexed,
    followedMax,
    follow: (order, versions) => {
      const followed = follow(order, versions, key, bindings);
      return followed.moved.size > followedMax(order) ? undefined : followed;
    },
  };
}

function follow(
  order: ValueOrder,
  versions: readonly Indexed[],
  key: GatheredOrderKey,
  { types, names }: Bindings,
): ValueOrder {
  const moved = new Set(order.moved);
  const late = new Map<number, Position>();
  for (const { rid, now } of versions) {
    if (now !== undefined && !types.includes(now.t)) continue;
    moved.add(rid);
    late.delete(rid);
    if (now !== undefined) late.set(rid, positionOf(now, [key], names));
  }
  const again = new Set(versions.map(({ rid }) => rid));
  const placed = [...order.placed.filter(({ rid }) => !again.has(rid)), ...late.values()];
  return { ...order, moved, placed: placed.sort(comparePositions([key])) };
}

function orderSegment(order: ValueOrder, key: GatheredOrderKey, bindings: Bindings): Segment {
  const { where, view, names } = bindings;
  const narrow = narrowing(bindings);
  let bits: Bits | undefined;
  const known = (): Bits | undefined => {
    bits ??= narrow?.('none');
    return bits;
  };
  return {
    sql: () => BY_RIDS,
    narrow: (effort) => {
      bits ??= narrow?.(effort);
    },
    isSure: () => isEverything(where) || known() !== undefined,
    read: (after, size) => readValueOrder(order, after, size, known(), { key, view, names }),
  };
}

/** Whether what has one value is found by an order that is kept. */
export function isValueOrder(key: OrderKey): key is GatheredOrderKey {
  return (
    key.by === 'gathered' && !key.of.every(({ by }) => by === 'date' || by === 'number' || by === 'text')
  );
}

/** What has one value of the key and matches, and perhaps others. */
export function valueMembers(
  key: GatheredOrderKey,
  value: SortValue,
  bindings: Bindings,
): readonly number[] | undefined {
  const { view, names } = bindings;
  const order = valueOrder(key, bindings);
  const bits = narrowing(bindings)?.('none');
  return order && membersAt(order, value, bits, { key, view, names });
}

/** All of these, where they are few enough to be put in order; more are kept as the set that the search for them has. */
export function fewOfMembers(
  key: GatheredOrderKey,
  value: SortValue,
  bindings: Bindings,
): Collector | undefined {
  const { view } = bindings;
  const name = groupName(bindings.name, value);
  if (name !== undefined) {
    const order = keptOrder(view.connection, name);
    if (order !== undefined) return knownCollector(order, order.length);
    if (keptBits(view.connection, name) !== undefined) return undefined;
  }
  const members = valueMembers(key, value, bindings);
  if (members === undefined) return undefined;
  if (members.length <= view.limits.collectedMax) return knownCollector(members, members.length);
  if (name !== undefined) {
    const bits = emptyBits(view);
    for (const rid of members) setBit(bits, rid);
    keepBits(view.connection, name, bits);
  }
  return undefined;
}

/** Characters of a text that its digest is of for sure: longer ones are cut. */
const WHOLE_MAX = 199;

const CODED = 'SELECT h FROM dict INDEXED BY dict_code WHERE k = ? AND code = ?';

/** What the index has of all with the value, where it lists them. */
export function termOfValue(
  { of }: GatheredOrderKey,
  value: SortValue,
  { view }: Bindings,
): Bound | undefined {
  if (typeof value !== 'string' || value.length > WHOLE_MAX) return undefined;
  const parts: Bound[] = [];
  for (const source of of) {
    if (source.by === 'content' && source.posted?.inTerms === true) {
      parts.push({ kind: 'terms', k: source.posted.k, hashes: [hashTerm(value)] });
    } else if (source.by === 'term') {
      const hashes = view.connection.rows(CODED, source.k, value).map((row) => row[0] as number);
      if (hashes.length > 0) parts.push({ kind: 'terms', k: source.k, hashes });
    } else {
      return undefined;
    }
  }
  return anyOf(parts);
}
