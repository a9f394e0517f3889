/**
 * A stretch of an order whose few resources are all in one list of the index, which is in another order: they are put
 * in order, instead of looking for them among all that the stretch has.
 */
import { CANDIDATE, type Candidate } from './candidate.ts';
import { indexedCandidates } from './hits.ts';
import type { Ordering } from './known-order.ts';
import { countTerm, type List } from './list-lengths.ts';
import { comparePositions, type Position, positionOf } from './order.ts';
import type { OrderPart } from './order-parts.ts';
import type { Segment } from './stream.ts';

const MEMBERS = `SELECT ${CANDIDATE}, r.op FROM ix p CROSS JOIN res r ON r.rid = p.rid WHERE p.k = ? AND p.h = ?`;

interface Placed {
  readonly candidate: Candidate;
  readonly position: Position;
}

/** Undefined when they are not few. */
export function listedSegment(
  { from, to }: OrderPart,
  { k, h }: List,
  { key, names, view, meter }: Ordering,
): Segment | undefined {
  const rows = countTerm(view, k, h);
  if (rows > view.limits.collectedMax) return undefined;
  const compare = comparePositions([key]);
  let inOrder: readonly Placed[] | undefined;
  const put = (): readonly Placed[] => {
    meter.spend(rows);
    return indexedCandidates(view.connection.rows(MEMBERS, k, h), view)
      .map((candidate) => ({ candidate, position: positionOf(candidate, [key], names) }))
      .filter(
        ({
          position: {
            values: [value],
          },
        }) => typeof value === 'number' && value >= from && value < to,
      )
      .sort((a, b) => compare(a.position, b.position));
  };
  return {
    sql: () => MEMBERS,
    read(after, size) {
      inOrder ??= put();
      const rest =
        after === undefined ? inOrder : inOrder.filter(({ position }) => compare(position, after) > 0);
      const part = rest.slice(0, size);
      return {
        candidates: part.map(({ candidate }) => candidate),
        end: rest.length > size ? part.at(-1)?.position : undefined,
      };
    },
  };
}
