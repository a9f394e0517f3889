/**
 * Writes that make no new version: postings are replaced, the index is mended, one version gets another text.
 */
import type { WriteResult } from '../store.ts';
import { checkedText, type RowFacts, soundText } from './checked-text.ts';
import type { PackedAmendment, PackedReindex, WriteRequest } from './commands.ts';
import { dropRow } from './index-row.ts';
import { type Merger, replaceRows, writeRows } from './merge.ts';
import { addNames, find, typeId, type WriterState } from './writer-state.ts';

/** Told to those who remember what they found: no new version tells it. */
const REINDEXED = `INSERT INTO meta VALUES ('reindexed', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1`;

/**
 * Replaces postings in place. The index is brought up to date before, so that what it has of these versions is
 * exactly what their postings say, and again after.
 */
export function reindex(
  state: WriterState,
  entries: readonly PackedReindex[],
  merger: Merger,
): readonly WriteResult[] {
  catchUp(merger);
  state.connection.run(REINDEXED);
  for (const entry of entries) {
    const current = find(state, entry);
    if (current?.live !== true || String(current.v) !== entry.versionId) continue;
    const { d, packed, named } = entry.postings;
    replaceRows(
      state.connection,
      { rid: current.rid, t: typeId(state, entry.type), id: entry.id },
      { d, packed },
    );
    state.connection.run('UPDATE res SET d = ?, terms = ? WHERE rid = ?', d, packed, current.rid);
    addNames(state, named);
  }
  return [];
}

function catchUp(merger: Merger): void {
  while (merger.behind() > 0) merger.run(Number.MAX_SAFE_INTEGER);
}

/** Nothing that the index has is trusted: `reindex` writes only what is to change. */
export function mend(
  state: WriterState,
  { keys, drop, counts }: Extract<WriteRequest, { kind: 'mend' }>,
  merger: Merger,
): readonly WriteResult[] {
  catchUp(merger);
  state.connection.run(REINDEXED);
  for (const row of drop) dropRow(state.connection, row);
  for (const key of keys) {
    const current = find(state, key);
    if (current?.live !== true) continue;
    writeRows(state.connection, { rid: current.rid, t: typeId(state, key.type), id: key.id });
  }
  if (counts !== undefined) {
    for (const type of state.types.keys())
      state.connection.run('UPDATE typ SET live = ? WHERE name = ?', counts.get(type) ?? 0, type);
  }
  return [];
}

/** The one result tells whether the version was as expected. */
export function amend(
  state: WriterState,
  amendment: PackedAmendment,
  merger: Merger,
): readonly WriteResult[] {
  const { connection } = state;
  const { versionId, from, to } = amendment;
  const current = find(state, amendment);
  const isCurrent = current?.live === true && String(current.v) === versionId;
  const result = { versionId, lastUpdated: current?.ts ?? 0, created: false };
  if (current === undefined) return [{ ...result, changed: false }];
  const [table, args] = isCurrent
    ? (['res', [current.rid]] as const)
    : (['hist', [current.rid, Number(versionId)]] as const);
  const where = isCurrent ? 'rid = ?' : 'rid = ? AND v = ?';
  const [kept, ts, op] = connection.row(`SELECT body, ts, op FROM ${table} WHERE ${where}`, ...args) ?? [];
  const { type, id } = amendment;
  const facts: RowFacts = { type, id, versionId, lastUpdated: ts as number, op: op as RowFacts['op'] };
  if (soundText(kept, facts) !== from) return [{ ...result, changed: false }];
  connection.run(`UPDATE ${table} SET body = ? WHERE ${where}`, checkedText(to, facts), ...args);
  if (isCurrent) reindex(state, [amendment], merger);
  return [{ ...result, changed: true }];
}
