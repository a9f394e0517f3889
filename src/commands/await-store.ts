/**
 * A start that does not depend on the order in which containers come up: while the store is away the server answers
 * 503 and tries again.
 */
import { setTimeout } from 'node:timers/promises';
import { startWaitingServer, type WaitingServer } from '../http/waiting-server.ts';
import { StoreUnavailableError } from '../storage/store.ts';

export interface WaitOptions {
  readonly host: string;
  readonly port: number;
  /** How long, ms; 0 does not wait. */
  readonly waitMs: number;
  /** ms from any start, never going back. */
  readonly elapsed: () => number;
  readonly tell: (line: string) => void;
}

/** Least time between two attempts; an attempt itself waits for the server. */
const PAUSE_MS = 500;

/** @throws what `open` throws last: at once when it is not that the store is away, else when the time is over */
export async function openPatiently<Opened>(
  open: () => Promise<Opened>,
  { host, port, waitMs, elapsed, tell }: WaitOptions,
): Promise<Opened> {
  const end = elapsed() + waitMs;
  let waiting: WaitingServer | undefined;
  try {
    for (;;) {
      try {
        return await open();
      } catch (error) {
        if (!(error instanceof StoreUnavailableError) || elapsed() >= end) throw error;
        if (waiting === undefined) {
          waiting = await startWaitingServer(host, port);
          tell(
            `The store cannot be opened yet: ${error.message}. Answering 503 and trying again for ` +
              `${Math.ceil(waitMs / 1000)} s (PASSERELLE_MONGODB_START_WAIT_MS).`,
          );
        }
        await setTimeout(PAUSE_MS);
      }
    }
  } finally {
    await waiting?.close();
  }
}
