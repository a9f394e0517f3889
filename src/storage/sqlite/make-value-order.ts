/**
 * Putting all resources of some types in the order of values that no index has in order. Where the index lists who has
 * which value, as with codes and references, only the different values are put in order; otherwise each resource is
 * read that has one.
 * https://hl7.org/fhir/R4/search.html#sort
 */
import { type Bits, clearBit, countBits, hasBit, ridsOfBits, unite } from './bits.ts';
import { conditionBits, listedBits } from './condition-bits.ts';
import { TYPE_LIST } from './index-keys.ts';
import { emptyBits } from './kept-sets.ts';
import { costOfCounted } from './list-lengths.ts';
import { listValues } from './listed-values.ts';
import { compareBy, compareTexts, positionOf, type SortValue } from './order.ts';
import { costOfTexts, plainCandidates, textCandidates } from './read-candidates.ts';
import { presenceShapes } from './shapes.ts';
import type { Making, ValueOrder } from './value-order.ts';

/** Undefined when the index cannot tell what there is. */
export function makeValueOrder(making: Making): ValueOrder | undefined {
  const { key, types, view, meter } = making;
  const all = listedBits({ by: 'term', k: TYPE_LIST, hashes: types }, { view, meter });
  if (all === undefined) return undefined;
  const builder = buildOrder(key.descending, all, view.limits.sampledEvery);
  const listed = listValues(making);
  const others = readValues(listed?.apart ?? withValues(making, all), making);
  if (listed !== undefined) addListed(builder, listed, others, making);
  else for (const { value, rid } of others) builder.add(value, rid);
  return builder.done(view.merged);
}

interface Valued {
  readonly value: SortValue;
  readonly rid: number;
}

/** Merges what is listed with what is not. */
function addListed(
  builder: OrderBuilder,
  listed: NonNullable<ReturnType<typeof listValues>>,
  others: Iterable<Valued>,
  { key }: Making,
): void {
  const rest = others[Symbol.iterator]();
  let next = rest.next();
  const byRid = key.descending ? (a: number, b: number) => b - a : (a: number, b: number) => a - b;
  for (const { text, rids } of listed.each()) {
    for (; next.done !== true && compareBy(key, next.value.value, text) < 0; next = rest.next()) {
      builder.add(next.value.value, next.value.rid);
    }
    const group: number[] = [];
    for (const rid of rids) if (!hasBit(listed.apart, rid) && !builder.has(rid)) group.push(rid);
    for (; next.done !== true && next.value.value === text; next = rest.next()) group.push(next.value.rid);
    for (const rid of group.sort(byRid)) builder.add(text, rid);
  }
  for (; next.done !== true; next = rest.next()) builder.add(next.value.value, next.value.rid);
}

interface OrderBuilder {
  /** In the order of the key. */
  add(value: SortValue, rid: number): void;
  has(rid: number): boolean;
  done(made: number): ValueOrder;
}

/** What is never added has no value. */
function buildOrder(descending: boolean, all: Bits, every: number): OrderBuilder {
  const rids = new Int32Array(countBits(all));
  const samples: SortValue[] = [];
  const rest = all.slice();
  let at = 0;
  return {
    add(value, rid) {
      // of other types, or not in the index yet
      if (!hasBit(rest, rid)) return;
      clearBit(rest, rid);
      if (at % every === 0) samples.push(value);
      rids[at++] = rid;
    },
    has: (rid) => !hasBit(rest, rid),
    done(made) {
      const valued = at;
      for (const rid of ridsOfBits(rest)) rids[at++] = rid;
      if (descending) rids.subarray(valued).reverse();
      return { made, rids, valued, samples, every, moved: new Set(), placed: [] };
    },
  };
}

/** All that may have a value. */
function withValues({ key, types, view, meter }: Making, all: Bits): Bits {
  const bits = emptyBits(view);
  for (const source of key.of) {
    const k = source.by === 'content' ? source.posted?.k : source.k;
    if (k === undefined) return all;
    const shapes = presenceShapes(k, types, view);
    const having = conditionBits({ kind: 'present', k, shapes }, { types, view, meter });
    if (having === undefined) return all;
    unite(bits, having);
  }
  return bits;
}

const AT_ONCE = 256;

/** Of those that have a value, in order. */
function* readValues(bits: Bits, { key, view, names, meter }: Making): Iterable<Valued> {
  const count = countBits(bits);
  const readsTexts = key.of.some(({ by }) => by === 'content');
  meter.spend(readsTexts ? costOfTexts(count) : costOfCounted(count * 4));
  const rids: number[] = [];
  const values: SortValue[] = [];
  const read = (part: readonly number[]): void => {
    for (const candidate of (readsTexts ? textCandidates : plainCandidates)(part, view)) {
      const value = positionOf(candidate, [key], names).values[0] as SortValue;
      if (value === null) continue;
      rids.push(candidate.rid);
      values.push(value);
    }
    // for the clock
    meter.spend(1);
  };
  let part: number[] = [];
  for (const rid of ridsOfBits(bits)) {
    if (part.push(rid) < AT_ONCE) continue;
    read(part);
    part = [];
  }
  read(part);
  for (const at of sorted(rids, values, key.descending)) {
    yield { value: values[at] as SortValue, rid: rids[at] as number };
  }
}

/** Places in the lists, in order. Plain comparison takes a fifth of the time, and differs above U+D7FF only. */
function sorted(rids: readonly number[], values: readonly SortValue[], descending: boolean): Uint32Array {
  const isPlain = values.every((value) => typeof value !== 'string' || !HIGH.test(value));
  const compare = (a: SortValue, b: SortValue): number => {
    if (a === b) return 0;
    if (!isPlain) return compareTexts(a as string, b as string);
    return (a as string) < (b as string) ? -1 : 1;
  };
  const order = Uint32Array.from(values, (_, at) => at);
  order.sort((a, b) => {
    const first = compare(values[a] as SortValue, values[b] as SortValue);
    return first === 0 ? (rids[a] as number) - (rids[b] as number) : first;
  });
  return descending ? order.reverse() : order;
}

const HIGH = /[\ud800-\uffff]/;
