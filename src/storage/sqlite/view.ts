/**
 * The data as of one commit: what a search sees on all its pages. Versions that were replaced since are read
 * from the history, versions that came since are skipped.
 */
import { hashTerm } from '../../search/term-hash.ts';
import { hasTerm } from '../packed-match.ts';
import { readSections, type Sections } from '../packed-postings.ts';
import type { Connection, Row } from './connection.ts';

/** A version without its text. */
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
}

export interface View {
  readonly connection: Connection;
  /** The commit that is seen. */
  readonly snapshot: number;
  /** Candidates whose versions were replaced after the snapshot. */
  replaced(): readonly Candidate[];
  /** The live version of a row at the snapshot. */
  byRid(rid: number): Candidate | undefined;
  /** Live resources whose `Type/id` has the hash. */
  byHash(h: number): Candidate[];
  /** Live resources with the term. */
  byTerm(k: number, h: number): Candidate[];
  typeId(name: string): number | undefined;
  typeNames(): readonly string[];
}

const COLUMNS = 'r.rid, r.t, r.h, r.v, r.seq, r.ts, r.d, r.id, r.terms';
const BY_RID = `SELECT ${COLUMNS} FROM res r WHERE r.rid = ? AND r.op < 2`;
const BY_HASH = `SELECT ${COLUMNS} FROM res r INDEXED BY res_h WHERE r.h = ? AND r.op < 2`;
const BY_TERM = `SELECT ${COLUMNS} FROM ix p CROSS JOIN res r ON r.rid = p.rid WHERE p.k = ? AND p.h = ?`;
const REPLACED = `SELECT p.rid, p.t, r.h, p.v, p.seq, p.ts, p.d, r.id, p.terms
  FROM hist p CROSS JOIN res r ON r.rid = p.rid WHERE p.rseq > ? AND p.seq <= ? AND p.op < 2`;

/** Must be used within one read transaction. Without a snapshot the newest commit is seen. */
export function openView(connection: Connection, snapshot?: number): View {
  const newest = newestSeq(connection);
  const seen = snapshot ?? newest;
  const types = new Map(connection.rows('SELECT name, id FROM typ') as [string, number][]);
  let shadow: Candidate[] | undefined;
  const replaced = (): Candidate[] => {
    shadow ??= seen >= newest ? [] : connection.rows(REPLACED, seen, seen).map(candidateOf);
    return shadow;
  };
  const seenOnly = (rows: readonly Row[]): Candidate[] => {
    const found: Candidate[] = [];
    for (const row of rows) if ((row[4] as number) <= seen) found.push(candidateOf(row));
    return found;
  };
  return {
    connection,
    snapshot: seen,
    replaced,
    byRid: (rid) => seenOnly(connection.rows(BY_RID, rid))[0] ?? replaced().find((one) => one.rid === rid),
    byHash: (h) => [...seenOnly(connection.rows(BY_HASH, h)), ...replaced().filter((one) => one.h === h)],
    byTerm: (k, h) => {
      const hashes = new Set([h]);
      return [
        ...seenOnly(connection.rows(BY_TERM, k, h)),
        ...replaced().filter((one) => hasTerm(one.sections, k, hashes)),
      ];
    },
    typeId: (name) => types.get(name),
    typeNames: () => [...types.keys()],
  };
}

export function newestSeq(connection: Connection): number {
  return (connection.row('SELECT max(seq) FROM res')?.[0] as number | null) ?? 0;
}

export function hashOf(type: string, id: string): number {
  return hashTerm(`${type}/${id}`);
}

function candidateOf(row: Row): Candidate {
  const packed = row[8] as Uint8Array;
  return {
    rid: row[0] as number,
    t: row[1] as number,
    h: row[2] as number,
    v: row[3] as number,
    seq: row[4] as number,
    ts: row[5] as number,
    d: row[6] as number,
    id: row[7] as string,
    packed,
    sections: readSections(packed),
  };
}
