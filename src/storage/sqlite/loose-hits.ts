/**
 * Hits that the index does not tell, in the order of the search: versions it has not merged, and those that were
 * replaced since the commit that a page shows. In natural order the former are in order already, and no more of them are
 * tested than the page shows, however many an import has just brought.
 */
import type { Bindings } from './bindings.ts';
import type { Candidate } from './candidate.ts';
import { type Hit, hitOf } from './hits.ts';
import { comparePositions, type Position } from './order.ts';

export interface LooseHits {
  /** The next one. @throws BudgetSpent */
  peek(): Hit | undefined;
  /** It will not be given again. */
  drop(): void;
  /** What is tested from here on is no longer counted: the search has ended, and only its page is put together. */
  uncount(): void;
}

/** `after`: hits come behind it, in natural order. `isAhead` tells the same of any order. */
export function looseHits(
  bindings: Bindings,
  after: Position | undefined,
  isAhead: (position: Position) => boolean,
): LooseHits {
  const { view, hint, meter, test, sort, names, replacedName } = bindings;
  let isCounted = true;
  const isMatch = (candidate: Candidate): boolean => {
    if (isCounted) meter.spend(1);
    return test(candidate);
  };
  const compare = comparePositions(sort);
  const inOrder = (candidates: Iterable<Candidate>): Hit[] =>
    [...candidates]
      .map((candidate) => hitOf(candidate, sort, names))
      .filter(({ position }) => isAhead(position))
      .sort((a, b) => compare(a.position, b.position));
  const replaced = inOrder(view.replaced().matching(replacedName, isMatch));
  const [key] = sort;
  const isNatural = sort.length === 1 && key?.by === 'primary';
  const fresh = isNatural
    ? view.freshInOrder(hint, key.descending, after)[Symbol.iterator]()
    : inOrder(matching(view.fresh(hint), isMatch))[Symbol.iterator]();
  const nextFresh = (): Hit | undefined => {
    for (;;) {
      const { done, value } = fresh.next();
      if (done === true) return undefined;
      if ('position' in value) return value;
      if (!isMatch(value)) continue;
      const hit = hitOf(value, sort, names);
      if (isAhead(hit.position)) return hit;
    }
  };
  let first: Hit | undefined;
  let isRead = false;
  let at = 0;
  const isFreshNext = (): boolean => {
    if (!isRead) {
      first = nextFresh();
      isRead = true;
    }
    const other = replaced[at];
    return first !== undefined && (other === undefined || compare(first.position, other.position) <= 0);
  };
  return {
    peek: () => (isFreshNext() ? first : replaced[at]),
    drop() {
      if (isFreshNext()) isRead = false;
      else at++;
    },
    uncount() {
      isCounted = false;
    },
  };
}

export function* matching(
  candidates: Iterable<Candidate>,
  isMatch: (one: Candidate) => boolean,
): Iterable<Candidate> {
  for (const candidate of candidates) if (isMatch(candidate)) yield candidate;
}
