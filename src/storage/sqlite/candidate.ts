/**
 * A version without its text: what searches test and put in order.
 */
import { readSections, type Sections } from '../packed-postings.ts';
import type { Row } from './connection.ts';

export interface Candidate {
  readonly rid: number;
  readonly t: number;
  readonly h: number;
  readonly v: number;
  readonly seq: number;
  readonly ts: number;
  /** See index-keys.ts. */
  readonly d: number;
  readonly id: string;
  readonly packed: Uint8Array;
  readonly sections: Sections;
  /** Its text as it is kept, when it was read too. */
  text?: { readonly op: 0 | 1; readonly body: string };
}

/** The columns of a candidate of the table `r`. */
export const CANDIDATE = 'r.rid, r.t, r.h, r.v, r.seq, r.ts, r.d, r.id, r.terms';

/** From the columns CANDIDATE, beginning at `at`. */
export function candidateOf(row: Row, at = 0): Candidate {
  const packed = row[at + 8] as Uint8Array;
  return {
    rid: row[at] as number,
    t: row[at + 1] as number,
    h: row[at + 2] as number,
    v: row[at + 3] as number,
    seq: row[at + 4] as number,
    ts: row[at + 5] as number,
    d: row[at + 6] as number,
    id: row[at + 7] as string,
    packed,
    sections: readSections(packed),
  };
}
