/**
 * Hands memory back to the system once nothing has been asked for a while. V8 keeps the pages that a burst of
 * requests took, hundreds of megabytes after an import, until a collection of last resort; that costs a pause of a
 * tenth of a second, so it is done when nobody waits and when much is to be had.
 */
export interface IdleMemoryParts {
  /** Requests that are worked on. */
  readonly inFlight: () => number;
  /** Requests that were answered since the start. */
  readonly answered: () => number;
  readonly residentBytes: () => number;
  readonly handBack: () => void;
}

/** Rounds without a request after which the server counts as idle. */
const IDLE_ROUNDS = 5;
/** Growth since the last time that is worth the pause. */
const GROWTH_BYTES = 48 * 1024 * 1024;

/** What is to be called once a second. */
export function createIdleRound(parts: IdleMemoryParts): () => void {
  let answered = parts.answered();
  let floor = parts.residentBytes();
  let idleRounds = 0;
  return () => {
    const isBusy = parts.inFlight() > 0 || parts.answered() !== answered;
    answered = parts.answered();
    idleRounds = isBusy ? 0 : idleRounds + 1;
    if (idleRounds !== IDLE_ROUNDS || parts.residentBytes() < floor + GROWTH_BYTES) return;
    parts.handBack();
    floor = parts.residentBytes();
  };
}
