/**
 * Pages of what was put in order for an earlier page (kept-orders.ts).
 */

import { CANDIDATE, type Candidate } from './candidate.ts';
import type { Row } from './connection.ts';
import { type Hit, hitOf, indexedCandidates, readVersion } from './hits.ts';
import { keptOrder } from './kept-orders.ts';
import type { Meter } from './meter.ts';
import type { OrderKey, Position } from './order.ts';
import type { Test } from './predicate.ts';
import type { SortNames } from './sort-names.ts';
import type { View } from './view.ts';

interface Context {
  readonly view: View;
  readonly sort: readonly OrderKey[];
  readonly names: SortNames;
  readonly meter: Meter;
  readonly test: Test;
}

/** Whether the order is of what the index tells alone, or of everything that is seen. */
type Scope = 'indexed' | 'seen';

/** What comes behind a position in a kept order; undefined when it is not remembered, or the position is not in it. */
export function keptBehind(
  name: string | undefined,
  after: Position,
  context: Context,
  scope: Scope,
): Iterable<Hit> | undefined {
  const order = name === undefined ? undefined : keptOrder(context.view.connection, name);
  const at = order?.indexOf(after.rid) ?? -1;
  return order === undefined || at < 0 ? undefined : hitsOf(order.subarray(at + 1), context, scope);
}

/** What was put in order under a name, from its begin; undefined when it is not remembered. */
export function keptFrom(name: string, context: Context): Iterable<Hit> | undefined {
  const order = keptOrder(context.view.connection, name);
  return order && hitsOf(order, context, 'seen');
}

/** In the order of the list; its argument is JSON. */
export const BY_RIDS = `SELECT ${CANDIDATE}, r.op, r.body FROM json_each(?) j CROSS JOIN res r ON r.rid = j.value`;
const AT_ONCE = 32;

function* hitsOf(
  rids: Uint32Array,
  { view, sort, names, meter, test }: Context,
  scope: Scope,
): Iterable<Hit> {
  for (let at = 0; at < rids.length; at += AT_ONCE) {
    const part = rids.subarray(at, at + AT_ONCE);
    meter.spend(part.length);
    const found = scope === 'indexed' ? indexedByRids(part, view) : seenCandidates(part, view);
    for (const one of found) {
      if (test(one)) yield { ...hitOf(one, sort, names), ...readVersion(one, view) };
    }
  }
}

/** The versions that the index tells, in the order of the rids, with their texts. */
export function indexedByRids(rids: ArrayLike<number>, view: View): Candidate[] {
  return indexedCandidates(rowsByRids(rids, view), view, true);
}

/** All rows, in the order of the rids. */
export function rowsByRids(rids: ArrayLike<number>, view: View): Row[] {
  return view.connection.rows(BY_RIDS, `[${Array.prototype.join.call(rids)}]`);
}

/** The versions that are seen, in the order of the rids; with their texts where the index tells them. */
export function* seenCandidates(rids: ArrayLike<number>, view: View): Iterable<Candidate> {
  for (const row of rowsByRids(rids, view)) {
    const [current] = indexedCandidates([row], view, true);
    const one = current ?? view.byRid(row[0] as number);
    if (one !== undefined) yield one;
  }
}
