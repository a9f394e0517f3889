/**
 * Where resources stand in an order, in few bytes each: who it is, when it was created, and for each sort key a number,
 * or the rank of its text among all of them. Some 40 bytes a resource, and the texts that differ.
 */

import { setImmediate as othersTurn } from 'node:timers/promises';
import type { SortKey } from '../../search/query.ts';
import { firstIndex } from '../first-index.ts';
import type { Order, Place, SortValue } from './order.ts';
import { enlarged, type PackedTexts, packTexts } from './packed-texts.ts';
import { sortInTurns, TURN } from './sort-in-turns.ts';

export interface OrderedPlaces {
  readonly count: number;
  /** Memory that is taken. */
  readonly bytes: number;
  /** Resources that stand elsewhere than they did when all was put in order. */
  readonly followed: number;
  /** What comes after a place, in order. */
  keysAfter(after: Place | undefined): Iterable<string>;
  /** The same order with some resources taken out, and put back where they stand now. */
  follow(moved: readonly string[], placed: readonly KeyAt[]): OrderedPlaces;
}

export interface KeyAt {
  /** `Type/id`. */
  readonly key: string;
  readonly place: Place;
}

export interface PlaceCollector {
  readonly bytes: number;
  /** @param key `Type/id` */
  add(key: string, place: Place): void;
  /** Ends it; others are served meanwhile. */
  inOrder(): Promise<OrderedPlaces>;
}

const FIRST_COUNT = 256;
/** In a column of numbers, which holds none otherwise. */
const NO_NUMBER = Number.NaN;
const NO_RANK = 0xffffffff;
/** Texts that were seen last are kept once; resources that are written together often share theirs. */
const SHARED_MAX = 50_000;

export function collectPlaces(order: Order): PlaceCollector {
  const keys = keyColumn();
  let created = new BigUint64Array(FIRST_COUNT);
  const columns = order.keys.map((key) => columnOf(key));
  let count = 0;
  const bytes = (): number =>
    keys.bytes() + created.byteLength + columns.reduce((sum, column) => sum + column.bytes(), 0);
  return {
    get bytes() {
      return bytes();
    },
    add(key, place) {
      keys.add(key);
      if (count === created.length) created = enlarged(created);
      created[count++] = place.created;
      for (const [index, column] of columns.entries()) column.add(place.values[index] ?? null);
    },
    async inOrder() {
      for (const column of columns) await column.end();
      const isNewestFirst = order.keys[0]?.descending === true;
      const inOrder = await sortInTurns(count, (a, b) => {
        for (const column of columns) {
          const found = column.compare(a, b);
          if (found !== 0) return found;
        }
        const [one, other] = [created[a]!, created[b]!];
        if (one === other) return 0;
        return one < other === isNewestFirst ? 1 : -1;
      });
      const placeAt = (at: number): Place => {
        const index = inOrder[at]!;
        return { values: columns.map((column) => column.at(index)), created: created[index]! };
      };
      const base: Base = {
        order,
        count,
        bytes: bytes() + inOrder.byteLength,
        placeAt,
        keyAt: (at) => keys.at(inOrder[at]!),
      };
      return followedOrder(base, new Set(), []);
    },
  };
}

interface Base {
  readonly order: Order;
  readonly count: number;
  readonly bytes: number;
  placeAt(at: number): Place;
  keyAt(at: number): string;
}

/** What a resource takes that stands elsewhere. */
const FOLLOWED_BYTES = 400;

/** @param placed in order, all of them `moved` */
function followedOrder(base: Base, moved: ReadonlySet<string>, placed: readonly KeyAt[]): OrderedPlaces {
  const { order, count, placeAt, keyAt } = base;
  const indexBehind = (place: Place, low: number): number =>
    firstIndex(low, count, (at) => order.compare(placeAt(at), place) > 0);
  return {
    count: count + placed.length,
    bytes: base.bytes + moved.size * FOLLOWED_BYTES,
    followed: moved.size,
    *keysAfter(after) {
      let at = after === undefined ? 0 : indexBehind(after, 0);
      const behind = (index: number): boolean =>
        after === undefined || order.compare(placed[index]!.place, after) > 0;
      let next = firstIndex(0, placed.length, behind);
      for (; at < count || next < placed.length; next++) {
        const one = placed[next];
        const end = one === undefined ? count : indexBehind(one.place, at);
        for (; at < end; at++) {
          const key = keyAt(at);
          if (!moved.has(key)) yield key;
        }
        if (one !== undefined) yield one.key;
      }
    },
    follow(more, again) {
      const all = new Set(more);
      const kept = placed.filter(({ key }) => !all.has(key));
      const inOrder = [...kept, ...again].sort((a, b) => order.compare(a.place, b.place));
      return followedOrder(base, new Set([...moved, ...more]), inOrder);
    },
  };
}

/** `Type/id` without the type, of which there are few. */
function keyColumn() {
  const types: string[] = [];
  let typeOf = new Uint32Array(0);
  const ids = packTexts(true);
  return {
    bytes: () => ids.bytes + typeOf.byteLength,
    add(key: string): void {
      const slash = key.indexOf('/');
      const type = key.slice(0, slash);
      let index = types.indexOf(type);
      if (index < 0) index = types.push(type) - 1;
      // of one type nothing is kept
      if (index > 0) {
        while (typeOf.length <= ids.count) typeOf = enlarged(typeOf);
        typeOf[ids.count] = index;
      }
      ids.add(key.slice(slash + 1));
    },
    at: (index: number): string => `${types[typeOf[index] ?? 0]}/${ids.at(index)}`,
  };
}

interface Column {
  bytes(): number;
  add(value: SortValue): void;
  /** Nothing is added any more. */
  end(): Promise<void>;
  at(index: number): SortValue;
  /** Values at two places, the way the key goes: what is missing is the last. */
  compare(a: number, b: number): number;
}

function columnOf(key: SortKey): Column {
  const by = key.by === 'gathered' ? (key.of[0]?.by ?? 'content') : key.by;
  switch (by) {
    case 'updated':
      return positionColumn(key.descending);
    case 'primary':
    case 'date':
    case 'number':
      return numberColumn(key.descending);
    default:
      return textColumn(key.descending);
  }
}

function positionColumn(descending: boolean): Column {
  let positions = new BigUint64Array(FIRST_COUNT);
  let count = 0;
  return {
    bytes: () => positions.byteLength,
    add(value) {
      if (count === positions.length) positions = enlarged(positions);
      positions[count++] = value as bigint;
    },
    end: async () => {},
    at: (index) => positions[index]!,
    compare(a, b) {
      const [one, other] = [positions[a]!, positions[b]!];
      return one === other ? 0 : one < other === descending ? 1 : -1;
    },
  };
}

function numberColumn(descending: boolean): Column {
  let numbers = new Float64Array(FIRST_COUNT);
  let count = 0;
  return {
    bytes: () => numbers.byteLength,
    add(value) {
      if (count === numbers.length) numbers = enlarged(numbers);
      numbers[count++] = value === null ? NO_NUMBER : Number(value);
    },
    end: async () => {},
    at: (index) => (Number.isNaN(numbers[index]!) ? null : numbers[index]!),
    compare(a, b) {
      const [one, other] = [numbers[a]!, numbers[b]!];
      const [isOne, isOther] = [!Number.isNaN(one), !Number.isNaN(other)];
      if (!isOne || !isOther) return isOne === isOther ? 0 : isOne ? -1 : 1;
      return one === other ? 0 : one < other === descending ? 1 : -1;
    },
  };
}

/** First which of the texts it is; at the end its rank among them. */
function textColumn(descending: boolean): Column {
  let texts: PackedTexts = packTexts();
  let ranks = new Uint32Array(FIRST_COUNT);
  let count = 0;
  let shared = new Map<string, number>();
  const indexOf = (text: string): number => {
    const before = shared.get(text);
    if (before !== undefined) return before;
    if (shared.size >= SHARED_MAX) shared = new Map();
    shared.set(text, texts.count);
    texts.add(text);
    return texts.count - 1;
  };
  return {
    bytes: () => texts.bytes + ranks.byteLength,
    add(value) {
      if (count === ranks.length) ranks = enlarged(ranks);
      ranks[count++] = value === null ? NO_RANK : indexOf(String(value));
    },
    async end() {
      shared = new Map();
      const inOrder = await sortInTurns(texts.count, texts.compare);
      const different = packTexts();
      const rankOf = new Uint32Array(texts.count);
      for (const [at, index] of inOrder.entries()) {
        // the same text may have been kept twice
        if (at === 0 || texts.compare(inOrder[at - 1]!, index) !== 0) different.add(texts.at(index));
        rankOf[index] = different.count - 1;
        if (at % TURN === 0) await othersTurn();
      }
      texts = different;
      for (let at = 0; at < count; at++) if (ranks[at] !== NO_RANK) ranks[at] = rankOf[ranks[at]!]!;
    },
    at: (index) => (ranks[index] === NO_RANK ? null : texts.at(ranks[index]!)),
    compare(a, b) {
      const [one, other] = [ranks[a]!, ranks[b]!];
      if (one === other) return 0;
      if (one === NO_RANK || other === NO_RANK) return one === NO_RANK ? 1 : -1;
      return one < other === descending ? 1 : -1;
    },
  };
}
