/**
 * A search with all that was looked up for it, and what a page of it is read with.
 */
import type { Condition } from './conditions.ts';
import { DOCUMENT_FIELDS, type TermDocument, VERSION_FIELDS } from './documents.ts';
import type { FewMatches } from './few-matches.ts';
import type { GatheredOrders } from './gathered-orders.ts';
import type { SearchContext } from './joins.ts';
import type { Order, Place } from './order.ts';
import type { PlacedRow } from './walk.ts';
import type { Pace } from './walk-pace.ts';
import type { Present } from './written-since.ts';

export interface PlannedSearch {
  readonly types: readonly string[];
  readonly condition: Condition;
  readonly order: Order;
  readonly terms: readonly TermDocument[];
  readonly context: SearchContext;
  /** Absent where a page has to look at everything, whatever it takes. */
  readonly paging?: Paging | undefined;
}

/** What keeps pages short of which little matches. */
export interface Paging extends Present {
  /** Of each read of rows; `isTried` when a read as a whole has been tried already. */
  readonly newPace: (isTried: boolean) => Pace;
  readonly few: FewMatches;
  readonly gathered: GatheredOrders;
}

export interface Rows {
  readonly rows: readonly PlacedRow[];
  readonly hasMore: boolean;
  /** Where the page ended although it is not full. */
  readonly end?: Place | undefined;
}

/** What a row has: its key and its place, what a version is answered with, or the document as a whole. */
export type Extent = keyof typeof MEMBERS;

export const MEMBERS = { key: { _id: 1 }, version: VERSION_FIELDS, document: DOCUMENT_FIELDS } as const;
