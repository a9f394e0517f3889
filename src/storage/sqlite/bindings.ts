/**
 * A search as it is carried out: what it is bound to, and the ways there are.
 */
import type { Bound } from './bind.ts';
import type { CodesPlan } from './codes-plan.ts';
import type { Collector } from './collect.ts';
import type { Meter } from './meter.ts';
import type { Natural } from './natural.ts';
import type { OrderKey } from './order.ts';
import type { Test } from './predicate.ts';
import type { SortNames } from './sort-names.ts';
import type { Segment } from './stream.ts';
import type { Hint, View } from './view.ts';

export interface Bindings {
  readonly view: View;
  readonly names: SortNames;
  readonly meter: Meter;
  readonly where: Bound;
  readonly sort: readonly OrderKey[];
  readonly types: readonly number[];
  /** Narrows what the index does not tell. */
  readonly hint: Hint;
  /** The whole predicate, types included. */
  readonly test: Test;
  /** Under which what it finds is remembered; undefined when it is too long for that. */
  readonly name: string | undefined;
  /** The same for what was replaced since the commit that is seen. */
  readonly replacedName: string | undefined;
  /** Whether it is a page behind the first one: who asks for it will ask for more. */
  readonly isGoingOn: boolean;
  /** Everything that can match, where it was found out and is little. */
  readonly few?: Collector | undefined;
}

export type Plan =
  /** No resource can match. */
  | { readonly kind: 'nothing' }
  /** Find the few candidates, order them, cut. */
  | CollectPlan
  /** Read in the order of the search until the page is full. */
  | StreamPlan
  /** Find everything that matches, order it, cut: no index is in the order. */
  | GatherPlan
  /** Code after code. */
  | CodesPlan
  /** Look at every candidate and keep the first ones. */
  | { readonly kind: 'scan'; readonly natural: Natural };

export interface CollectPlan {
  readonly kind: 'collect';
  readonly collector: Collector;
  /** Set when the order of the search is that of rid: whether it descends. */
  readonly inOrderOfRid?: boolean | undefined;
}

export interface GatherPlan {
  readonly kind: 'gather';
  readonly reads: string;
  readonly rids: () => Iterable<number>;
}

export interface StreamPlan {
  readonly kind: 'stream';
  readonly segments: readonly Segment[];
  readonly reads: string;
  /** What to do when so many rows do not fill the page. */
  readonly trial?: { readonly rows: number; otherwise(): Plan };
}
