/**
 * Several commands, or preconditions, in one transaction: first whether the preconditions hold, and then, as one
 * command, the locks of what they look for, what is replaced, and the new versions by compare-and-set. All see the
 * moment at which the transaction began, so that a lock which another has taken since fails, whenever it is asked for.
 * https://www.mongodb.com/docs/manual/core/transactions/
 */
import { type ClientSession, MongoError } from 'mongodb';
import { type CommitResult, ConflictError, type Precondition, type WriteCommand } from '../store.ts';
import { timeOf } from './commit-clock.ts';
import { historyKey, type ResourceDocument, resourceKey } from './documents.ts';
import { isDuplicateKey, isTransient, isUnavailable, isUnknownCommit } from './failures.ts';
import { knownHead } from './known-heads.ts';
import { type PlannedWrites, planWrites } from './plan-writes.ts';
import { writeParts } from './texts.ts';
import { isLikelyNew } from './write-one.ts';
import { beginInOrder, keepAmended, keepReplaced, placeVersion, writeInOrder } from './write-operations.ts';
import type { Attempts, Writer } from './writer.ts';

/** Whether preconditions hold, as a session sees it, and whether it was asked for that. */
export interface Held {
  readonly holds: readonly boolean[];
  readonly hasAsked: boolean;
}

export type HoldAll = (
  preconditions: readonly Precondition[],
  session: ClientSession | undefined,
) => Promise<Held>;

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
    async () => void (await check(preconditions, holdAll, undefined)),
    async () => {
      // one session for all attempts: a transaction of which nobody knows whether it is open ends when the next begins
      const session = writer.client.startSession();
      try {
        return await attempt(writer, commands, preconditions, holdAll, names, session);
      } finally {
        await session.endSession();
      }
    },
  );
}

async function attempt(
  writer: Writer,
  commands: readonly WriteCommand[],
  preconditions: readonly Precondition[],
  holdAll: HoldAll,
  names: readonly string[],
  session: ClientSession,
): Promise<CommitResult> {
  const attempts = writer.attempts();
  const unknown: PlannedWrites[] = [];
  let positions = writer.clock.take(commands.length, 0);
  let isRepeated = false;
  for (;;) {
    try {
      for (const planned of unknown) if (await happened(writer, planned)) return { results: planned.results };
      const heads = await headsOf(writer, commands, isRepeated);
      const newest = newestOf(heads);
      if (commands.length > 0 && positions[0]! <= newest) {
        // written by a process whose clock is ahead
        positions = writer.clock.take(commands.length, timeOf(newest) + 1);
      }
      const planned = planWrites(commands, heads, positions, writer.region);
      // what may be there whatever becomes of the transaction
      await writeParts(writer.collections, planned.parts);
      await keepAmended(writer.collections, planned.versions);
      const outcome = await run(session, attempts, async () => {
        const locks = await writer.locks.operations(names, commands, session);
        const hasAsked = await check(preconditions, holdAll, session);
        const operations = [
          ...locks.operations,
          ...keepReplaced(writer.collections, planned.versions, isRepeated),
          ...planned.versions.map((version) => placeVersion(writer.collections, version)),
        ];
        const areWritten =
          hasAsked || locks.hasAsked
            ? await writeInOrder(writer.client, operations, session)
            : await beginInOrder(writer.client, writer.collections, operations, session);
        if (!areWritten) throw new Overtaken();
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
    isRepeated = true;
  }
}

/** Somebody else wrote one of the resources between our reading and our writing. */
class Overtaken extends Error {}

/** The first time only what is not known yet is read, and what is likely to be there. */
async function headsOf(
  writer: Writer,
  commands: readonly WriteCommand[],
  isRepeated: boolean,
): Promise<Map<string, ResourceDocument>> {
  const heads = new Map<string, ResourceDocument>();
  const keys = new Set(commands.map(({ type, id }) => resourceKey(type, id)));
  if (!isRepeated && keys.size === commands.length) {
    for (const command of commands) {
      const head = knownHead(command);
      if (head !== undefined) heads.set(head._id, head);
      if (head !== undefined || isLikelyNew(writer, command))
        keys.delete(resourceKey(command.type, command.id));
    }
  }
  if (keys.size === 0) return heads;
  const found = await writer.collections.res.find({ _id: { $in: [...keys] } }).toArray();
  for (const document of found) heads.set(document._id, document);
  return heads;
}

function newestOf(heads: ReadonlyMap<string, ResourceDocument>): bigint {
  let newest = -1n;
  for (const { c } of heads.values()) if (c > newest) newest = c;
  return newest;
}

/**
 * Whether the session was asked.
 * @throws ConflictError for the first precondition that does not hold
 */
async function check(
  preconditions: readonly Precondition[],
  holdAll: HoldAll,
  session: ClientSession | undefined,
): Promise<boolean> {
  if (preconditions.length === 0) return false;
  const { holds, hasAsked } = await holdAll(preconditions, session);
  const failed = holds.indexOf(false);
  if (failed >= 0) throw new ConflictError('precondition', failed);
  return hasAsked;
}

type Outcome = 'committed' | 'again' | 'unknown';

/** @throws whatever `body` throws but what another attempt may mend */
async function run(session: ClientSession, attempts: Attempts, body: () => Promise<void>): Promise<Outcome> {
  session.startTransaction({
    readConcern: { level: 'snapshot' },
    writeConcern: { w: 'majority', journal: true },
    readPreference: 'primary',
  });
  try {
    await body();
  } catch (error) {
    await abort(session);
    if (error instanceof Overtaken || isDuplicateKey(error) || isTransient(error)) return 'again';
    throw error;
  }
  return await commit(session, attempts);
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
