/**
 * From rows to candidates, and to hits: what a page shows, and where it stands in the order.
 */

import { type Candidate, candidateOf } from './candidate.ts';
import type { Row } from './connection.ts';
import { type OrderKey, type Position, positionOf } from './order.ts';
import type { SortNames } from './sort-names.ts';
import { type KeptVersion, keptOf } from './stored.ts';
import type { View } from './view.ts';

export interface Hit {
  readonly rid: number;
  readonly v: number;
  readonly position: Position;
  /** When it was read on the way. */
  readonly version?: KeptVersion;
}

export function hitOf(candidate: Candidate, sort: readonly OrderKey[], names: SortNames): Hit {
  return { rid: candidate.rid, v: candidate.v, position: positionOf(candidate, sort, names) };
}

export function readVersion({ t, id, v, ts, text }: Candidate, view: View): Pick<Hit, 'version'> {
  if (text === undefined) return {};
  const { op, body } = text;
  return { version: { type: view.typeName(t), id, versionId: String(v), lastUpdated: ts, op, body } };
}

/** The columns of a hit of the table `r`; the order in the index comes behind them. */
export const HIT = 'r.rid, r.seq, r.t, r.id, r.v, r.ts, r.op, r.body';

/** Rows with the columns HIT and d, without those whose version is newer than what the index tells. */
export function indexedHits(rows: readonly Row[], view: View): Hit[] {
  const hits: Hit[] = [];
  for (const row of rows) {
    if ((row[1] as number) > view.indexed || (row[6] as number) > 1) continue;
    hits.push(hitAt(row[8] as number, row, view));
  }
  return hits;
}

/** A row with the columns HIT at its place in the index. */
export function hitAt(d: number, row: Row, view: View): Hit {
  const [rid, seq] = [row[0] as number, row[1] as number];
  const version = { ...keptOf(row, view.typeName(row[2] as number), 3), place: { rid, seq } };
  return { rid, v: row[4] as number, position: { values: [d === 0 ? null : d], rid }, version };
}

/**
 * Rows with the columns CANDIDATE and op, and perhaps body, without those whose version is newer than what the index
 * tells.
 */
export function indexedCandidates(rows: readonly Row[], view: View, withTexts = false): Candidate[] {
  const candidates: Candidate[] = [];
  for (const row of rows) {
    const op = row[9] as number;
    if ((row[4] as number) > view.indexed || op > 1) continue;
    const candidate = candidateOf(row);
    if (withTexts) candidate.text = { op: op as 0 | 1, body: row[10] as string };
    candidates.push(candidate);
  }
  return candidates;
}
