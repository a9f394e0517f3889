/**
 * Candidates that are few, whatever it takes to find them out: a part of a string is looked for in all strings of
 * its parameter when nothing else narrows the search.
 */
import type { Bound } from './bind.ts';
import { type CollectContext, type Collector, chooseCollector, rangesCollector } from './collect.ts';
import { textLists, textPart } from './text-lists.ts';

export function findFew(where: Bound, context: CollectContext): Collector | undefined {
  const collector = chooseCollector(where, context);
  if (collector !== undefined || context.view.limits.collectedMax < 0) return collector;
  const part = textPart(where);
  const found = part && textLists(where, part, context.view, context.meter);
  if (found === undefined) return undefined;
  const ranges = found.lists.map(({ k, s }) => ({ from: 'ixs WHERE k = ? AND s = ?', args: [k, s] }));
  return rangesCollector(`ixs(${ranges.length} values)`, ranges, context.view);
}
