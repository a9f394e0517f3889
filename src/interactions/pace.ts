/** Long work in short turns, so that other requests do not wait for it. */

/** Time that work may take before others get a turn. */
const TURN_MS = 20;

/** Lets others go first, once. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Call it between steps. */
export type Pace = () => Promise<void>;

export function createPace(): Pace {
  let turnEnds = performance.now() + TURN_MS;
  let next: Promise<void> | undefined;
  return async () => {
    if (performance.now() < turnEnds) return;
    // one turn for all who wait: were each given its own, they would follow each other without a break
    next ??= new Promise((resolve) =>
      setImmediate(() => {
        next = undefined;
        turnEnds = performance.now() + TURN_MS;
        resolve();
      }),
    );
    await next;
  };
}
