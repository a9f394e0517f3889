/**
 * Long work in small steps: done at once, or with a pause for everybody else after every few milliseconds.
 * https://nodejs.org/en/learn/asynchronous-work/dont-block-the-event-loop
 */

/** Work that yields where it may be interrupted, each time after a millisecond at most. */
export type Steps<T> = Generator<void, T>;

/** After so long the next step has to wait: one step over a large resource may take several times as long by itself. */
const TURN_MS = 1;

export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  let since = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - since < TURN_MS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  }
}
