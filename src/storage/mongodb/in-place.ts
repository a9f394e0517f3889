/**
 * The number of times that resources were changed without a new version: by another meta, or by re-indexing. Totals
 * that are kept depend on it, in every process.
 */
import type { Collections } from './connect.ts';
import { isDuplicateKey } from './failures.ts';

/** Id in `meta`. */
export const IN_PLACE = 'inPlace';

/** Called after a change, so that whoever sees the new number sees the change. */
export async function tellInPlace({ meta }: Pick<Collections, 'meta'>): Promise<void> {
  const raise = async (): Promise<unknown> =>
    await meta.updateOne({ _id: IN_PLACE }, { $inc: { value: 1 } }, { upsert: true });
  try {
    await raise();
  } catch (error) {
    // two that were the first at once
    if (!isDuplicateKey(error)) throw error;
    await raise();
  }
}
