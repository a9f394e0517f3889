/**
 * The number of this process among those that use the database. Versions carry it in their position, so no two
 * processes may share one. It is held by a document that is renewed as long as the process lives; of one that was
 * killed it is free again a minute later.
 */

import { StoreRefusedError } from '../store.ts';
import { PROCESS_COUNT } from './commit-clock.ts';
import type { Collections } from './connect.ts';
import { isDuplicateKey } from './failures.ts';

export interface ProcessNumber {
  current(): number;
  /** Holds the number for another minute; a process that slept so long that another has it takes a new one. */
  renew(): Promise<void>;
  /** Renews it no more. */
  stop(): void;
}

/** What the ids of their documents begin with. */
const PROCESS = '!process ';
const KEPT_MS = 60_000;
const RENEWED_MS = 15_000;

/** Those that hold a number, in `lock`. */
export function runningProcesses(): object {
  return { _id: { $gte: PROCESS, $lt: `${PROCESS}\u{10ffff}` }, exp: { $gt: new Date() } };
}

/**
 * `start` counts the starts of processes on this database: numbers are tried from there on.
 * @throws StoreRefusedError when all numbers are held
 */
export async function takeProcessNumber(
  { lock }: Pick<Collections, 'lock'>,
  start: number,
): Promise<ProcessNumber> {
  const by = String(start);
  const nameOf = (number: number): string => PROCESS + number;
  const held = () => ({ $set: { exp: new Date(Date.now() + KEPT_MS), by } });
  const take = async (first: number): Promise<number> => {
    for (let tried = 0; tried < PROCESS_COUNT; tried++) {
      const number = (first + tried) % PROCESS_COUNT;
      const free = { _id: nameOf(number), exp: { $lt: new Date() } };
      try {
        await lock.updateOne(free, held(), { upsert: true });
        return number;
      } catch (error) {
        // somebody holds it
        if (!isDuplicateKey(error)) throw error;
      }
    }
    throw new StoreRefusedError(
      `${PROCESS_COUNT} Passerelle processes use this database, or did a minute ago: no more are possible.`,
    );
  };
  let number = await take(start);
  const renew = async (): Promise<void> => {
    try {
      await lock.updateOne({ _id: nameOf(number), by }, held(), { upsert: true });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      number = await take(number + 1);
    }
  };
  // while the server is away nobody else gets the number either
  const timer = setInterval(() => void renew().catch(() => undefined), RENEWED_MS);
  timer.unref();
  return { current: () => number, renew, stop: () => clearInterval(timer) };
}
