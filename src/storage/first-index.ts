/**
 * Binary search in what is in order.
 */

/** The first of the places in [low, high) that satisfies what all behind it satisfy, too; `high` where none does. */
export function firstIndex(low: number, high: number, isThere: (at: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (isThere(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}
