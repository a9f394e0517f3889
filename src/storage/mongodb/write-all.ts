/**
 * Several commands, or preconditions, in one transaction. What is replaced goes to history before the transaction:
 * a version that stays current after all is left out of history by its position. Within the transaction the locks
 * come first, then the preconditions, then the new versions by compare-and-set.
 * https://www.mongodb.com/docs/manual/core/transactions/
 */
import { type AnyBulkWriteOperation, type ClientSession, MongoError } from 'mongodb';
import { type CommitResult, ConflictError, type Precondition, type WriteCommand } from '../store.ts';
import { amendHistory, asPlanned } from './amend.ts';
import { timeOf } from './commit-clock.ts';
import { type HistoryDocument, historyKey, type ResourceDocument, resourceKey } from './documents.ts';
import { isDuplicateKey, isOnlyDuplicates, isTransient, isUnavailable, isUnknownCommit } from './failures.ts';
import { historyOf, type PlannedVersion, type PlannedWrites, planWrites } from './plan-writes.ts';
import { writeParts } from './texts.ts';
import { isLikelyNew } from './write-one.ts';
import type { Attempts, Writer } from './writer.ts';

/** Whether each precondition holds, as the session sees it. */
export type HoldAll = (
  preconditions: readonly Precondition[],
  session: ClientSession | undefined,
) => Promise<readonly boolean[]>;

/**
 * @throws ConflictError when an expected version or a precondition does not hold; nothing was written
 * @throws StoreUnavailableError when the server stays away; then all or nothing was written
 */
export async function writeAll(
  writer: Writer,
  commands: readonly WriteCommand[],
  preconditions: readonly Precondition[],
  holdAll: HoldAll,
): Promise<CommitResult> {
  const names = await writer.locks.namesFor(preconditions, commands);
  return await writer.locks.inTurn(
    names,
    () => check(preconditions, holdAll, undefined),
    () => attempt(writer, commands, preconditions, holdAll, names),
  );
}

async function attempt(
  writer: Writer,
  commands: readonly WriteCommand[],
  preconditions: readonly Precondition[],
  holdAll: HoldAll,
  names: readonly string[],
): Promise<CommitResult> {
  const attempts = writer.attempts();
  const unknown: PlannedWrites[] = [];
  let positions = writer.clock.take(commands.length, 0);
  let areNew = commands.every((command) => isLikelyNew(writer, command)) && areDistinct(commands);
  for (;;) {
    try {
      for (const planned of unknown) if (await happened(writer, planned)) return { results: planned.results };
      const heads = areNew ? new Map() : await readHeads(writer, commands);
      const newest = newestOf(heads);
      if (commands.length > 0 && positions[0]! <= newest) {
        // written by a process whose clock is ahead
        positions = writer.clock.take(commands.length, timeOf(newest) + 1);
      }
      const planned = planWrites(commands, heads, positions, writer.region);
      await writeBefore(writer, planned, heads);
      const outcome = await run(writer, attempts, async (session) => {
        if (names.length > 0) await writer.locks.touch(names, commands, session);
        await check(preconditions, holdAll, session);
        await replaceAll(writer, planned, session);
      });
      if (outcome === 'committed') return { results: planned.results };
      if (outcome === 'unknown') {
        unknown.push(planned);
        if (await happened(writer, planned)) return { results: planned.results };
      }
      await attempts.next();
    } catch (error) {
      if (error instanceof ConflictError) {
        // what is in the way may be an attempt of our own
        for (const planned of unknown)
          if (await happened(writer, planned)) return { results: planned.results };
      }
      if (!isUnavailable(error) && !isTransient(error) && !(error instanceof Overtaken)) throw error;
      await attempts.next(error);
    }
    areNew = false;
  }
}

/** Somebody else wrote one of the resources between our reading and our writing. */
class Overtaken extends Error {}

function areDistinct(commands: readonly WriteCommand[]): boolean {
  return new Set(commands.map(({ type, id }) => resourceKey(type, id))).size === commands.length;
}

async function readHeads(
  writer: Writer,
  commands: readonly WriteCommand[],
): Promise<Map<string, ResourceDocument>> {
  const keys = new Set(commands.map(({ type, id }) => resourceKey(type, id)));
  const found = await writer.collections.res.find({ _id: { $in: [...keys] } }).toArray();
  return new Map(found.map((document) => [document._id, document]));
}

function newestOf(heads: ReadonlyMap<string, ResourceDocument>): bigint {
  let newest = -1n;
  for (const { c } of heads.values()) if (c > newest) newest = c;
  return newest;
}

/** What may be there whatever becomes of the transaction: large texts, and history of what is current now. */
async function writeBefore(
  writer: Writer,
  planned: PlannedWrites,
  heads: ReadonlyMap<string, ResourceDocument>,
): Promise<void> {
  await writeParts(writer.collections, planned.parts);
  const history: HistoryDocument[] = [];
  for (const { replaces } of planned.versions) {
    if (replaces !== undefined && heads.get(replaces._id) === replaces) history.push(historyOf(replaces));
  }
  if (history.length === 0) return;
  try {
    await writer.collections.hist.insertMany(history, { ordered: false });
  } catch (error) {
    if (!isOnlyDuplicates(error)) throw error;
    await amendHistory(
      writer.collections,
      planned.versions.flatMap(({ replaces }) => replaces ?? []),
    );
  }
}

/** @throws ConflictError for the first precondition that does not hold */
async function check(
  preconditions: readonly Precondition[],
  holdAll: HoldAll,
  session: ClientSession | undefined,
): Promise<void> {
  if (preconditions.length === 0) return;
  const failed = (await holdAll(preconditions, session)).indexOf(false);
  if (failed >= 0) throw new ConflictError('precondition', failed);
}

async function replaceAll(writer: Writer, planned: PlannedWrites, session: ClientSession): Promise<void> {
  if (planned.versions.length === 0) return;
  const own = new Set(planned.versions.map(({ document }) => document));
  const within: HistoryDocument[] = [];
  for (const { replaces } of planned.versions) {
    if (replaces !== undefined && own.has(replaces)) within.push(historyOf(replaces));
  }
  if (within.length > 0) await writer.collections.hist.insertMany(within, { session });
  const operations = planned.versions.map(operationOf);
  const { insertedCount, matchedCount } = await writer.collections.res.bulkWrite(operations, {
    session,
    ordered: true,
  });
  if (insertedCount + matchedCount !== operations.length) throw new Overtaken();
}

function operationOf({ document, replaces }: PlannedVersion): AnyBulkWriteOperation<ResourceDocument> {
  if (replaces === undefined) return { insertOne: { document } };
  const { _id: _, ...replacement } = document;
  return { replaceOne: { filter: asPlanned(replaces), replacement } };
}

type Outcome = 'committed' | 'again' | 'unknown';

/** @throws whatever `body` throws but what another attempt may mend */
async function run(
  writer: Writer,
  attempts: Attempts,
  body: (session: ClientSession) => Promise<void>,
): Promise<Outcome> {
  const session = writer.client.startSession();
  try {
    session.startTransaction({
      readConcern: { level: 'snapshot' },
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
    });
    try {
      await body(session);
    } catch (error) {
      await abort(session);
      if (error instanceof Overtaken || isDuplicateKey(error) || isTransient(error)) return 'again';
      throw error;
    }
    return await commit(session, attempts);
  } finally {
    await session.endSession();
  }
}

/**
 * A commit without an answer may have happened, whatever the server says to the next one: a server that was started
 * again may know nothing of the transaction. So every failure here is looked up before anything is repeated.
 */
async function commit(session: ClientSession, attempts: Attempts): Promise<Outcome> {
  for (;;) {
    try {
      await session.commitTransaction();
      return 'committed';
    } catch (error) {
      if (!(error instanceof MongoError)) throw error;
      if (!isUnknownCommit(error) || attempts.left() === 0) return 'unknown';
      await attempts.next(error);
    }
  }
}

async function abort(session: ClientSession): Promise<void> {
  try {
    await session.abortTransaction();
  } catch {
    // the server aborts it by itself once it notices
  }
}

/** Whether a transaction whose commit got no answer took effect: all of it did or nothing. */
async function happened(writer: Writer, { versions }: PlannedWrites): Promise<boolean> {
  const last = versions.at(-1)?.document;
  if (last === undefined) return false;
  const head = await writer.collections.res.findOne({ _id: last._id }, { projection: { c: 1, v: 1 } });
  if (head === null || head.v < last.v) return false;
  if (head.c === last.c) return true;
  const replaced = await writer.collections.hist.findOne(
    { _id: historyKey(last._id, last.v) },
    { projection: { c: 1 } },
  );
  return replaced?.c === last.c;
}
