/**
 * Versions that are committed and not yet in the index, kept in memory by each connection that searches: read
 * once, in commit order, and found by their terms.
 */
import { firstIndex } from '../first-index.ts';
import { DATE_BYTES, eachText, hashAt, KEY_MASK, NUMBER_BYTES, TERM_BYTES } from '../packed-postings.ts';
import { CANDIDATE, type Candidate, candidateOf } from './candidate.ts';
import type { Connection } from './connection.ts';
import type { Position } from './order.ts';

export interface Overlay {
  /** Index rows of newer versions are to be skipped. */
  readonly merged: number;
  /** Live versions in (merged, seq], those of the type or, when a hash is given, with a term of that hash. */
  find(types: readonly number[] | undefined, hashes: readonly number[] | undefined): Iterable<Candidate>;
  /** The same in natural order, behind a place if there is one. */
  findInOrder(
    types: readonly number[] | undefined,
    hashes: readonly number[] | undefined,
    order: NaturalOrder,
  ): Iterable<Candidate>;
  /** Whether some version has, or had, a value of the parameter. */
  hasValues(values: ValuesOf): boolean;
}

export interface ValuesOf {
  readonly kind: 'text' | 'date' | 'number';
  readonly k: number;
}

export interface NaturalOrder {
  readonly descending: boolean;
  readonly after: Position | undefined;
}

interface Kept {
  merged: number;
  seq: number;
  /** By rid. */
  readonly rows: Map<number, Candidate>;
  readonly byHash: Map<number, Candidate[]>;
  readonly byType: Map<number, Candidate[]>;
  readonly keys: Readonly<Record<ValuesOf['kind'], Set<number>>>;
}

const kept = new WeakMap<Connection, Kept>();

/** Forgets everything: what was read in a transaction that was rolled back. */
export function resetOverlay(connection: Connection): void {
  kept.delete(connection);
}

const NEWER = `SELECT ${CANDIDATE}, r.op FROM res r INDEXED BY res_seq WHERE r.seq > ? ORDER BY r.seq`;

/** The overlay of a read transaction that sees `seq` as the newest commit and `merged` as the index's. */
export function overlayOf(connection: Connection, merged: number, seq: number): Overlay {
  let known = kept.get(connection);
  if (known === undefined || known.merged !== merged || known.seq > seq) {
    known = keepAbove(known, merged, seq);
    kept.set(connection, known);
  }
  if (known.seq < seq) {
    for (const row of connection.rows(NEWER, Math.max(known.seq, merged))) {
      known.rows.delete(row[0] as number);
      if ((row[9] as number) < 2) remember(known, candidateOf(row));
    }
    known.seq = seq;
  }
  const { rows, byHash, byType, keys } = known;
  const find: Overlay['find'] = function* (types, hashes) {
    const lists =
      hashes !== undefined
        ? hashes.map((h) => byHash.get(h))
        : types !== undefined
          ? types.map((t) => byType.get(t))
          : [rows.values()];
    const seen = lists.length > 1 ? new Set<number>() : undefined;
    for (const list of lists) {
      for (const one of list ?? []) {
        // a list may still hold versions that were replaced since
        if (rows.get(one.rid) !== one || seen?.has(one.rid)) continue;
        seen?.add(one.rid);
        yield one;
      }
    }
  };
  return {
    merged,
    find,
    hasValues: ({ kind, k }) => keys[kind].has(k),
    *findInOrder(types, hashes, order) {
      const [only, ...others] = hashes ?? types ?? [];
      const list = only === undefined ? undefined : (hashes === undefined ? byType : byHash).get(only);
      if (only !== undefined && others.length === 0) {
        for (const one of behind(inOrder(list ?? []), order)) if (rows.get(one.rid) === one) yield one;
      } else {
        yield* behind([...find(types, hashes)].sort(compareNatural), order);
      }
    },
  };
}

const orders = new WeakMap<readonly Candidate[], readonly Candidate[]>();

/** Lists only grow, and what is in order already is soon put in order again. */
function inOrder(list: readonly Candidate[]): readonly Candidate[] {
  const known = orders.get(list) ?? [];
  if (known.length === list.length) return known;
  const ordered = [...known, ...list.slice(known.length)].sort(compareNatural);
  orders.set(list, ordered);
  return ordered;
}

function compareNatural(a: Candidate, b: Candidate): number {
  return a.d - b.d || a.rid - b.rid;
}

/** What has no date comes last in either direction. */
function* behind(ordered: readonly Candidate[], { descending, after }: NaturalOrder): Iterable<Candidate> {
  const d = after === undefined ? undefined : ((after.values[0] as number | null) ?? 0);
  const rid = after?.rid ?? 0;
  if (descending) {
    const end = d === undefined ? ordered.length : firstFrom(ordered, d, rid);
    for (let at = end - 1; at >= 0; at--) yield ordered[at] as Candidate;
    return;
  }
  const dated = firstFrom(ordered, 1, 0);
  if (d !== 0) {
    const start = d === undefined ? dated : firstFrom(ordered, d, rid + 1);
    for (let at = start; at < ordered.length; at++) yield ordered[at] as Candidate;
  }
  for (let at = d === 0 ? firstFrom(ordered, 0, rid + 1) : 0; at < dated; at++)
    yield ordered[at] as Candidate;
}

/** The index of the first one at this place or behind it. */
function firstFrom(ordered: readonly Candidate[], d: number, rid: number): number {
  return firstIndex(0, ordered.length, (at) => {
    const one = ordered[at] as Candidate;
    return one.d > d || (one.d === d && one.rid >= rid);
  });
}

/** What is still ahead of the index. */
function keepAbove(known: Kept | undefined, merged: number, seq: number): Kept {
  const fresh: Kept = {
    merged,
    seq: merged,
    rows: new Map(),
    byHash: new Map(),
    byType: new Map(),
    keys: { text: new Set(), date: new Set(), number: new Set() },
  };
  if (known === undefined || known.seq > seq || known.merged > merged) return fresh;
  for (const one of known.rows.values()) if (one.seq > merged) remember(fresh, one);
  fresh.seq = Math.max(known.seq, merged);
  return fresh;
}

function remember(known: Kept, one: Candidate): void {
  known.rows.set(one.rid, one);
  push(known.byType, one.t, one);
  const { text, date, number } = known.keys;
  eachText(one.sections, (k) => text.add(k & KEY_MASK));
  const { view, termsAt, textsAt, datesAt, numbersAt, bareAt } = one.sections;
  for (let at = datesAt; at < numbersAt; at += DATE_BYTES) date.add(view.getUint32(at, true) & KEY_MASK);
  for (let at = numbersAt; at < bareAt; at += NUMBER_BYTES) number.add(view.getUint32(at, true) & KEY_MASK);
  for (let at = termsAt; at < textsAt; at += TERM_BYTES) push(known.byHash, hashAt(view, at + 4), one);
}

function push(map: Map<number, Candidate[]>, key: number, one: Candidate): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [one]);
  // a resource may have one hash under several keys
  else if (list.at(-1) !== one) list.push(one);
}
