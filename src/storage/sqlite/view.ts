/**
 * The data as of one commit: what a search sees on all its pages. The index tells what is current; versions
 * that were replaced since the commit are read from the history, versions that came since are skipped.
 */
import { hashTerm } from '../../search/term-hash.ts';
import { hasTerm } from '../packed-match.ts';
import { readSections, type Sections } from '../packed-postings.ts';
import type { Connection, Row } from './connection.ts';
import type { PlanLimits } from './plan-limits.ts';
import { NO_CONDITION, type SqlCondition } from './sql-condition.ts';

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
  readonly limits: PlanLimits;
  /** The commit that is seen. */
  readonly snapshot: number;
  /** Index rows of resources whose version is newer than this are to be skipped. */
  readonly indexed: number;
  /** Versions as of the snapshot that the index does not tell, complete. */
  loose(): readonly Candidate[];
  /** The live version of a row at the snapshot. */
  byRid(rid: number): Candidate | undefined;
  /** Live resources whose `Type/id` has the hash. */
  byHash(h: number): Candidate[];
  /** Live resources with the term; those that the index tells also pass the probe. */
  byTerm(k: number, h: number, probe?: SqlCondition): Iterable<Candidate>;
  typeId(name: string): number | undefined;
  typeName(t: number): string;
  typeIds(): readonly number[];
}

/** The columns of a candidate of the table `r`. */
export const CANDIDATE = 'r.rid, r.t, r.h, r.v, r.seq, r.ts, r.d, r.id, r.terms';
const BY_RID = `SELECT ${CANDIDATE} FROM res r WHERE r.rid = ? AND r.op < 2`;
const BY_HASH = `SELECT ${CANDIDATE} FROM res r INDEXED BY res_h WHERE r.h = ? AND r.op < 2`;
const BY_TERM = `SELECT ${CANDIDATE}, r.op, p.d, p.rid FROM ix p CROSS JOIN res r ON r.rid = p.rid
  WHERE p.k = ? AND p.h = ? AND (p.d, p.rid) > (?, ?)`;
const AT_ONCE = 64;
const REPLACED = `SELECT p.rid, p.t, r.h, p.v, p.seq, p.ts, p.d, r.id, p.terms
  FROM hist p CROSS JOIN res r ON r.rid = p.rid WHERE p.rseq > ? AND p.seq <= ? AND p.op < 2`;

/** Must be used within one read transaction. Without a snapshot the newest commit is seen. */
export function openView(connection: Connection, limits: PlanLimits, snapshot?: number): View {
  const newest = newestSeq(connection);
  const seen = Math.min(snapshot ?? newest, newest);
  const types = new Map(connection.rows('SELECT name, id FROM typ') as [string, number][]);
  const names = new Map([...types].map(([name, t]) => [t, name]));
  let shadow: Candidate[] | undefined;
  const loose = (): Candidate[] => {
    shadow ??= seen >= newest ? [] : connection.rows(REPLACED, seen, seen).map((row) => candidateOf(row));
    return shadow;
  };
  const seenOnly = (rows: readonly Row[]): Candidate[] => {
    const found: Candidate[] = [];
    for (const row of rows) if ((row[4] as number) <= seen) found.push(candidateOf(row));
    return found;
  };
  return {
    connection,
    limits,
    snapshot: seen,
    indexed: seen,
    loose,
    byRid: (rid) => seenOnly(connection.rows(BY_RID, rid))[0] ?? loose().find((one) => one.rid === rid),
    byHash: (h) => [...seenOnly(connection.rows(BY_HASH, h)), ...loose().filter((one) => one.h === h)],
    *byTerm(k, h, probe = NO_CONDITION) {
      const filter = probe.sql === '' ? '' : `AND ${probe.sql}`;
      const sql = `${BY_TERM} ${filter} ORDER BY p.d, p.rid LIMIT ${AT_ONCE}`;
      let after: [d: number, rid: number] | undefined = [-1, -1];
      while (after !== undefined) {
        const rows: Row[] = connection.rows(sql, k, h, ...after, ...probe.args);
        for (const row of rows) {
          if ((row[4] as number) <= seen && (row[9] as number) < 2) yield candidateOf(row);
        }
        const last: Row | undefined = rows.length < AT_ONCE ? undefined : rows.at(-1);
        after = last && [last[10] as number, last[11] as number];
      }
      const hashes = new Set([h]);
      for (const one of loose()) if (hasTerm(one.sections, k, hashes)) yield one;
    },
    typeId: (name) => types.get(name),
    typeName: (t) => names.get(t) ?? '',
    typeIds: () => [...types.values()],
  };
}

export function newestSeq(connection: Connection): number {
  return (connection.row('SELECT max(seq) FROM res')?.[0] as number | null) ?? 0;
}

export function hashOf(type: string, id: string): number {
  return hashTerm(`${type}/${id}`);
}

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
