/**
 * Versions that are committed and not yet in the index, kept in memory by each connection that searches: read
 * once, in commit order, and found by their terms.
 */
import { hashAt, TERM_BYTES } from '../packed-postings.ts';
import { CANDIDATE, type Candidate, candidateOf } from './candidate.ts';
import type { Connection } from './connection.ts';

export interface Overlay {
  /** Index rows of newer versions are to be skipped. */
  readonly merged: number;
  /** Live versions in (merged, seq], those of the type or, when a hash is given, with a term of that hash. */
  find(types: readonly number[] | undefined, hashes: readonly number[] | undefined): Iterable<Candidate>;
}

interface Kept {
  merged: number;
  seq: number;
  /** By rid. */
  readonly rows: Map<number, Candidate>;
  readonly byHash: Map<number, Candidate[]>;
  readonly byType: Map<number, Candidate[]>;
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
  const { rows, byHash, byType } = known;
  return {
    merged,
    *find(types, hashes) {
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
    },
  };
}

/** What is still ahead of the index. */
function keepAbove(known: Kept | undefined, merged: number, seq: number): Kept {
  const fresh: Kept = { merged, seq: merged, rows: new Map(), byHash: new Map(), byType: new Map() };
  if (known === undefined || known.seq > seq || known.merged > merged) return fresh;
  for (const one of known.rows.values()) if (one.seq > merged) remember(fresh, one);
  fresh.seq = Math.max(known.seq, merged);
  return fresh;
}

function remember(known: Kept, one: Candidate): void {
  known.rows.set(one.rid, one);
  push(known.byType, one.t, one);
  const { view, termsAt, textsAt } = one.sections;
  for (let at = termsAt; at < textsAt; at += TERM_BYTES) push(known.byHash, hashAt(view, at + 4), one);
}

function push(map: Map<number, Candidate[]>, key: number, one: Candidate): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [one]);
  // a resource may have one hash under several keys
  else if (list.at(-1) !== one) list.push(one);
}
