/**
 * Candidates that are few, whatever it takes to find them out: a part of a string is looked for in all strings of
 * its parameter when nothing else narrows the search.
 */
import type { Bound } from './bind.ts';
import { type CollectContext, type Collector, chooseCollector, rangesCollector } from './collect.ts';
import { isInside, textLists, textPart } from './text-lists.ts';

export function findFew(where: Bound, context: CollectContext): Collector | undefined {
  const collector = chooseCollector(where, context);
  if (collector !== undefined || context.view.limits.collectedMax < 0) return collector;
  const part = textPart(where);
  if (part !== undefined) return findByTexts(where, part, context);
  switch (where.kind) {
    case 'all':
      return where.of
        .filter(hasTexts)
        .map((one) => findFew(one, context))
        .find((one) => one !== undefined);
    case 'any':
      return hasTexts(where) ? findEach(where.of, context) : undefined;
    default:
      return undefined;
  }
}

/** Whether a part of a string is asked for. */
export function hasTexts(where: Bound): boolean {
  if (where.kind === 'text') return isInside(where);
  return (where.kind === 'all' || where.kind === 'any') && where.of.some(hasTexts);
}

function findByTexts(where: Bound, part: Bound, { view, meter }: CollectContext): Collector | undefined {
  const found = textLists(where, part, view, meter);
  if (found === undefined) return undefined;
  const ranges = found.lists.map(({ k, s }) => ({ from: 'ixs WHERE k = ? AND s = ?', args: [k, s] }));
  return rangesCollector(`ixs(${ranges.length} values)`, ranges, view);
}

function findEach(parts: readonly Bound[], context: CollectContext): Collector | undefined {
  const members: Collector[] = [];
  let rows = 0;
  for (const part of parts) {
    const one = findFew(part, context);
    if (one === undefined) return undefined;
    members.push(one);
    rows += one.rows;
    if (rows > context.view.limits.collectedMax) return undefined;
  }
  return {
    reads: `any of (${members.map(({ reads }) => reads).join(', ')})`,
    rows,
    *rids() {
      for (const one of members) yield* one.rids();
    },
  };
}
