/**
 * Many resources by their rids, at once, as their rows are now: what orders that are made ahead are made of.
 */
import { CANDIDATE, type Candidate, candidateOf } from './candidate.ts';
import type { Row } from './connection.ts';
import { BY_RIDS } from './kept-hits.ts';
import type { View } from './view.ts';

const WITHOUT_TEXT = `SELECT ${CANDIDATE}, r.op FROM json_each(?) j CROSS JOIN res r ON r.rid = j.value`;

/** Live ones, in the order of the rids. */
export function plainCandidates(rids: ArrayLike<number>, view: View): Candidate[] {
  return rowsOf(WITHOUT_TEXT, rids, view).map((row) => candidateOf(row));
}

/** The same with their texts. */
export function textCandidates(rids: ArrayLike<number>, view: View): Candidate[] {
  return rowsOf(BY_RIDS, rids, view).map((row) => {
    const candidate = candidateOf(row);
    candidate.text = { op: row[9] as 0 | 1, body: row[10] as string };
    return candidate;
  });
}

function rowsOf(sql: string, rids: ArrayLike<number>, view: View): Row[] {
  const rows = view.connection.rows(sql, `[${Array.prototype.join.call(rids)}]`);
  return rows.filter((row) => (row[9] as number) < 2);
}

/** Texts that are read for a row each: a search that reads more is one of those that take long. */
const TEXTS_FEW = 32_000;
const TEXTS_PER_ROW = 4;

export function costOfTexts(texts: number): number {
  return Math.min(texts, TEXTS_FEW) + Math.ceil(Math.max(0, texts - TEXTS_FEW) / TEXTS_PER_ROW);
}
