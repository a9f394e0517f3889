/** Candidates that were found out before. */
import type { Collector } from './collect.ts';

export function knownCollector(rids: Iterable<number>, rows: number): Collector {
  return { reads: 'what was found out', rows, rids: () => rids };
}
