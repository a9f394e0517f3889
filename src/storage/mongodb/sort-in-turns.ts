/**
 * Sorting of millions while others are served: by merging, and after so much of it whoever waits has a turn.
 */
import { setImmediate as othersTurn } from 'node:timers/promises';

/** Sorted by themselves before they are merged. */
const RUN = 2_048;
/** What is merged, or sorted, in a turn: some 5 ms. */
export const TURN = 16_384;

/** The numbers from 0 below `count` in order. */
export async function sortInTurns(
  count: number,
  compare: (a: number, b: number) => number,
): Promise<Uint32Array> {
  let from = Uint32Array.from({ length: count }, (_, at) => at);
  for (let start = 0; start < count; start += RUN) {
    from.subarray(start, start + RUN).sort(compare);
    if (start % TURN === 0) await othersTurn();
  }
  let to = new Uint32Array(count);
  for (let size = RUN; size < count; size *= 2) {
    for (let start = 0; start < count; start += 2 * size) {
      await merge(
        from,
        to,
        [start, Math.min(start + size, count), Math.min(start + 2 * size, count)],
        compare,
      );
    }
    [from, to] = [to, from];
  }
  return from;
}

async function merge(
  from: Uint32Array,
  to: Uint32Array,
  [start, middle, end]: readonly [number, number, number],
  compare: (a: number, b: number) => number,
): Promise<void> {
  let low = start;
  let high = middle;
  for (let at = start; at < end; at++) {
    const isLow = high === end || (low < middle && compare(from[low]!, from[high]!) <= 0);
    to[at] = from[isLow ? low++ : high++]!;
    if (at % TURN === 0) await othersTurn();
  }
}
