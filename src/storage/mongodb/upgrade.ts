/**
 * A database of an earlier layout, brought to the present one when a server opens it. What is done already is found
 * done, so that it may be cut short and that several servers may start at once.
 */
import type { Collection } from 'mongodb';
import { type Collections, type Connection, SCHEMA } from './connect.ts';
import { type ResourceDocument, TOMBSTONE } from './documents.ts';
import { isOnlyDuplicates } from './failures.ts';
import { DELETED_KEY, typeKey } from './index-keys.ts';
import { TYPES } from './term-dictionary.ts';

/** Documents of one command. */
const BATCH = 2_000;

/** The first two characters of a key. */
const START = { $substrCP: ['$$this', 0, 2] };
const SELF = { $first: { $filter: { input: '$k', cond: { $eq: [START, '!s'] } } } };
const REST = { $filter: { input: '$k', cond: { $not: [{ $in: [START, ['!s', '!l']] }] } } };

export async function upgrade({ collections, schema }: Connection): Promise<void> {
  if (schema === SCHEMA) return;
  await upgradeFrom1(collections);
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
  let after = '';
  for (;;) {
    const found = await versions
      .find({ _id: { $gt: after } }, { projection: { _id: 1 }, sort: { _id: 1 }, limit: BATCH })
      .toArray();
    if (found.length === 0) return;
    const _id = { $in: found.map((document) => document._id) };
    await versions.updateMany({ _id, m: TOMBSTONE }, { $set: { k: [DELETED_KEY] } });
    await versions.updateMany({ _id, m: { $lt: TOMBSTONE } }, [
      { $set: { h: { $ifNull: ['$h', SELF] }, k: REST } },
    ]);
    after = found.at(-1)!._id;
  }
}
