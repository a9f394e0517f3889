/**
 * What may be done twice is done again when the connection was cut. All that are kept open may be: a restart, an idle
 * limit or something between closes them at once, and the driver by itself tries a read on one more of them.
 */
import { isCut } from './failures.ts';
import type { Attempts } from './writer.ts';

/** `isRepeated`: an earlier attempt may have been carried out. @throws StoreUnavailableError once the time is over */
export type RepeatCut = <Result>(work: (isRepeated: boolean) => Promise<Result>) => Promise<Result>;

export function createRepeatCut(newAttempts: () => Attempts): RepeatCut {
  return async (work) => {
    const attempts = newAttempts();
    for (let isRepeated = false; ; isRepeated = true) {
      try {
        return await work(isRepeated);
      } catch (error) {
        if (!isCut(error)) throw error;
        await attempts.next(error);
      }
    }
  };
}
