/**
 * Postings of what is stored: replaced without a new version, and read back.
 */
import type { Postings } from '../../search/postings.ts';
import type { ReindexEntry, ResourceKey } from '../store.ts';
import type { Collections } from './connect.ts';
import { resourceKey, TOMBSTONE } from './documents.ts';
import { tellInPlace } from './in-place.ts';
import { indexMembersOf } from './index-keys.ts';
import { orderKey } from './order-key.ts';
import { spreadOf } from './plan-writes.ts';
import { postingsOf } from './read-postings.ts';
import type { TermDictionary } from './term-dictionary.ts';

/** Versions that are no longer current are left alone. An update in place is no change of the feed. */
export async function reindex(
  collections: Collections,
  dictionary: TermDictionary,
  entries: readonly ReindexEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  await dictionary.add(
    entries.map(({ postings }) => postings),
    [],
  );
  const keys = entries.map(({ type, id }) => resourceKey(type, id));
  const found = await collections.res
    .find({ _id: { $in: keys } }, { projection: { _id: 1, n: 1 } })
    .toArray();
  const created = new Map(found.map(({ _id, n }) => [_id, n]));
  const operations = entries.flatMap(({ type, id, versionId, postings }) => {
    const _id = resourceKey(type, id);
    const n = created.get(_id);
    if (n === undefined) return [];
    const { k, x, h, l, s, dt, q, pr } = indexMembersOf(type, id, postings);
    const optional = { x, s, dt, q, pr };
    const present = Object.entries(optional).filter(([, value]) => value !== undefined);
    const absent = Object.entries(optional).filter(([, value]) => value === undefined);
    return {
      updateOne: {
        filter: { _id, sk: spreadOf(_id), v: Number(versionId), m: { $lt: TOMBSTONE } },
        update: {
          $set: { k, h, l, o: orderKey(postings.date, n), ...Object.fromEntries(present) },
          ...(absent.length > 0 && {
            $unset: Object.fromEntries(absent.map(([name]) => [name, '' as const])),
          }),
        },
      },
    };
  });
  if (operations.length === 0) return;
  await collections.res.bulkWrite(operations, { ordered: false });
  await tellInPlace(collections);
}

export async function readPostings(
  collections: Collections,
  dictionary: TermDictionary,
  { type, id }: ResourceKey,
): Promise<Postings | undefined> {
  const _id = resourceKey(type, id);
  const found = await collections.res.findOne({ _id, sk: spreadOf(_id), m: { $lt: TOMBSTONE } });
  return found === null ? undefined : await postingsOf(found, dictionary);
}
