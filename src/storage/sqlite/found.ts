/**
 * What a plan is carried out for, and what comes of it.
 */

import type { Hit } from './hits.ts';
import type { Position } from './order.ts';

export interface Page {
  /** What to do when the budget is not enough, see SearchOptions. */
  readonly whenSpent: 'throw' | 'shorten' | 'refuse';
  readonly after: Position | undefined;
  readonly limit: number;
}

export interface Found {
  readonly hits: readonly Hit[];
  /** Where the next page begins; undefined at the end. */
  readonly more: Position | undefined;
  /** All matches, when it was known anyway. */
  readonly total?: number;
  /** The first hit of the next page, where it was read. */
  readonly beyond?: Hit | undefined;
}
