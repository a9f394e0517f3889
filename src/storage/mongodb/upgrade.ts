/**
 * A database of an earlier layout, brought to the present one when a server opens it. What is done already is found
 * done, so that it may be cut short and that several servers may start at once.
 */
import type { AnyBulkWriteOperation, Collection, Filter } from 'mongodb';
import { type Collections, type Connection, SCHEMA } from './connect.ts';
import { idOf, type ResourceDocument, TOMBSTONE } from './documents.ts';
import { isOnlyDuplicates } from './failures.ts';
import { DELETED_KEY, indexMembersOf, typeKey } from './index-keys.ts';
import { storedPostings } from './read-postings.ts';
import { TYPES } from './term-dictionary.ts';

/** Documents of one command. */
const BATCH = 2_000;

/** The first two characters of a key. */
const START = { $substrCP: ['$$this', 0, 2] };
const SELF = { $first: { $filter: { input: '$k', cond: { $eq: [START, '!s'] } } } };
const REST = { $filter: { input: '$k', cond: { $not: [{ $in: [START, ['!s', '!l']] }] } } };

export async function upgrade({ collections, schema }: Connection): Promise<void> {
  if (schema === SCHEMA) return;
  if (schema === 1) await upgradeFrom1(collections);
  await replaceKeys(collections);
  await collections.meta.updateOne({ _id: 'schema' }, { $set: { value: SCHEMA } });
}

/**
 * Layout 1 had the resource itself and a list of everything among the keys, tombstones without any key, and no list
 * of types.
 */
async function upgradeFrom1({ res, hist, term }: Collections): Promise<void> {
  const types = await res.distinct('t');
  try {
    const rows = types.map((type) => ({ _id: typeKey(type), k: TYPES, code: type }));
    if (rows.length > 0) await term.insertMany(rows, { ordered: false });
  } catch (error) {
    if (!isOnlyDuplicates(error)) throw error;
  }
  await moveKeys(res);
  await moveKeys(hist as unknown as Collection<ResourceDocument>);
}

async function moveKeys(versions: Collection<ResourceDocument>): Promise<void> {
  for await (const found of batchesOf(versions, { _id: 1 })) {
    const _id = { $in: found.map((document) => document._id) };
    await versions.updateMany({ _id, m: TOMBSTONE }, { $set: { k: [DELETED_KEY] } });
    await versions.updateMany({ _id, m: { $lt: TOMBSTONE } }, [
      { $set: { h: { $ifNull: ['$h', SELF] }, k: REST } },
    ]);
  }
}

/**
 * Layout 2 had the type among the keys, and a key for each primary date; layout 3 keys of their own for the parts of
 * names and addresses, and one for each unit of a number. Terms that have no list any more may keep theirs until the
 * resource is written again: they are found by either. History is in no index of keys.
 */
async function replaceKeys({ res }: Collections): Promise<void> {
  for await (const found of batchesOf(res, MEMBERS)) {
    const operations = found.flatMap((document): AnyBulkWriteOperation<ResourceDocument>[] => {
      const { _id, c, am, t, m, k: held } = document;
      if (m >= TOMBSTONE) return [];
      const { k } = indexMembersOf(t, idOf(_id), storedPostings(document));
      if (document.l === t && k.length === held.length && k.every((key) => held.includes(key))) return [];
      // whoever replaces it meanwhile writes the present layout
      const filter = { _id, c, am: am ?? null } as Filter<ResourceDocument>;
      return [{ updateOne: { filter, update: { $set: { k, l: t } } } }];
    });
    if (operations.length > 0) await res.bulkWrite(operations, { ordered: false });
  }
}

const MEMBERS = { t: 1, c: 1, m: 1, o: 1, k: 1, x: 1, l: 1, s: 1, dt: 1, q: 1, pr: 1, am: 1 } as const;

/** All documents by key; nothing is open on the server between two batches. */
async function* batchesOf(
  versions: Collection<ResourceDocument>,
  projection: Record<string, 1>,
): AsyncGenerator<readonly ResourceDocument[]> {
  let after = '';
  for (;;) {
    const found = (await versions
      .find({ _id: { $gt: after } }, { projection, sort: { _id: 1 }, limit: BATCH })
      .toArray()) as ResourceDocument[];
    if (found.length === 0) return;
    yield found;
    after = found.at(-1)!._id;
  }
}
