/** Long work in short turns, so that other requests do not wait for it. */

/** Time that work may take before others get a turn. */
const TURN_MS = 20;

/** Call it between steps. */
export type Pace = () => Promise<void>;

export function createPace(): Pace {
  let turnEnds = performance.now() + TURN_MS;
  return async () => {
    if (performance.now() < turnEnds) return;
    await new Promise((resolve) => setImmediate(resolve));
    turnEnds = performance.now() + TURN_MS;
  };
}
