/**
 * Writes to several collections as one command, carried out in order until one of them fails: MongoDB 8.0's bulkWrite.
 * What is replaced is in history before the new version is in its place, and a transaction with locks, history and new
 * versions asks the server once.
 * https://www.mongodb.com/docs/manual/reference/command/bulkWrite/
 */
import type {
  AnyBulkWriteOperation,
  AnyClientBulkWriteModel,
  ClientSession,
  Collection,
  Document,
  MongoClient,
} from 'mongodb';
import { amendHistory, asPlanned } from './amend.ts';
import type { Collections } from './connect.ts';
import type { HistoryDocument, ResourceDocument } from './documents.ts';
import { isOnlyDuplicates } from './failures.ts';
import { historyOf, type PlannedVersion } from './plan-writes.ts';

export type WriteOperation = AnyClientBulkWriteModel<Document>;

/** False when one of the documents that were to be replaced was another by then; those after it were written all the same. */
export async function writeInOrder(
  client: MongoClient,
  operations: readonly WriteOperation[],
  session: ClientSession | undefined,
): Promise<boolean> {
  if (operations.length === 0) return true;
  const options = { ordered: true, ...(session !== undefined && { session }) };
  const { insertedCount, matchedCount, upsertedCount } = await client.bulkWrite(operations, options);
  return insertedCount + matchedCount + upsertedCount === operations.length;
}

/**
 * The same as the first thing that a transaction does. Its first command carries the read concern, which servers are
 * known to refuse from bulkWrite, so what comes first of one kind and collection is a command of its own.
 */
export async function beginInOrder(
  client: MongoClient,
  collections: Collections,
  operations: readonly WriteOperation[],
  session: ClientSession,
): Promise<boolean> {
  const [first] = operations;
  if (first === undefined) return true;
  const end = operations.findIndex(
    ({ name, namespace }) => name !== first.name || namespace !== first.namespace,
  );
  const leading = end < 0 ? operations : operations.slice(0, end);
  const collection = Object.values(collections).find(({ namespace }) => namespace === first.namespace)!;
  const { insertedCount, matchedCount, upsertedCount } = await (collection as Collection).bulkWrite(
    leading.map(({ name, namespace: _, ...rest }) => ({ [name]: rest }) as unknown as AnyBulkWriteOperation),
    { ordered: true, session },
  );
  if (insertedCount + matchedCount + upsertedCount !== leading.length) return false;
  return await writeInOrder(client, operations.slice(leading.length), session);
}

export function insertInto<Schema extends Document>(
  { namespace }: Collection<Schema>,
  document: Schema,
): WriteOperation {
  return { namespace, name: 'insertOne', document };
}

/** The version in its place: new, or by compare-and-set. */
export function placeVersion({ res }: Collections, { document, replaces }: PlannedVersion): WriteOperation {
  if (replaces === undefined) return insertInto(res, document);
  const { _id: _, ...replacement } = document;
  return {
    namespace: res.namespace,
    name: 'replaceOne',
    filter: asPlanned(replaces) as Document,
    replacement,
  };
}

/**
 * Copies of what is replaced, without those of versions that were amended: see `keepAmended`. An attempt that failed
 * may have left a copy, which stays as it is; most are not there, and an insert costs the server less than an upsert.
 */
export function keepReplaced(
  { hist }: Collections,
  versions: readonly PlannedVersion[],
  mayBeThere: boolean,
): readonly WriteOperation[] {
  const kept = versions.flatMap(({ replaces }) =>
    replaces === undefined || replaces.am !== undefined ? [] : historyOf(replaces),
  );
  return kept.map((document) =>
    mayBeThere ? insertUnlessThere(hist, document) : insertInto(hist, document),
  );
}

function insertUnlessThere(
  { namespace }: Collection<HistoryDocument>,
  { _id, sk, rg, ...members }: HistoryDocument,
): WriteOperation {
  // with all members that a shard key may be made of
  const filter: Document = { _id, sk, rg };
  return { namespace, name: 'updateOne', filter, update: { $setOnInsert: members }, upsert: true };
}

/** Copies of versions whose meta was changed in place: one that is there already gets the text of this one. */
export async function keepAmended(
  collections: Collections,
  versions: readonly PlannedVersion[],
): Promise<void> {
  const amended = versions.flatMap(({ replaces }): ResourceDocument[] =>
    replaces?.am === undefined ? [] : [replaces],
  );
  if (amended.length === 0) return;
  try {
    await collections.hist.insertMany(amended.map(historyOf), { ordered: false });
  } catch (error) {
    if (!isOnlyDuplicates(error)) throw error;
    await amendHistory(collections, amended);
  }
}
