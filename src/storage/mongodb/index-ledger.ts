/**
 * What the resources of each type are indexed for, in the database: a server that joins others need not index again
 * what they have indexed.
 */
import type { IndexLedger } from '../store.ts';
import type { Collections } from './connect.ts';
import { runningProcesses } from './process-number.ts';

const INDEX = 'index';

export function createIndexLedger(
  { meta, lock }: Pick<Collections, 'meta' | 'lock'>,
  call: <Result>(work: () => Promise<Result>) => Promise<Result>,
): IndexLedger {
  return {
    read: () => call(async () => (await meta.findOne({ _id: INDEX }))?.types),
    others: () => call(async () => (await lock.countDocuments(runningProcesses())) > 1),
    note: (state) =>
      call(async () => {
        const types = Object.entries(state).map(([type, fingerprint]) => [`types.${type}`, fingerprint]);
        const $setOnInsert = { value: 0 };
        await meta.updateOne(
          { _id: INDEX },
          { $set: Object.fromEntries(types), $setOnInsert },
          { upsert: true },
        );
      }),
  };
}
