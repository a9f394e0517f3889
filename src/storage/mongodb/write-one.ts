/**
 * One command without a transaction: the version that is replaced goes to history first, then the new one takes its
 * place by compare-and-set, both at once where the server carries them out in this order. Either step may be repeated:
 * history rows never change, and a version that is already there under our own position is our own.
 * https://www.mongodb.com/docs/manual/core/retryable-writes/
 */
import type { CommitResult, WriteCommand } from '../store.ts';
import { timeOf } from './commit-clock.ts';
import { historyKey, type ResourceDocument, resourceKey } from './documents.ts';
import { isDuplicateKey, isTransient, isUnavailable } from './failures.ts';
import { knownHead } from './known-heads.ts';
import { type PlannedWrites, planWrites, spreadOf } from './plan-writes.ts';
import { writeParts } from './texts.ts';
import { keepAmended, keepReplaced, placeVersion, writeInOrder } from './write-operations.ts';
import type { Writer } from './writer.ts';

/**
 * @throws ConflictError when the expected version does not hold
 * @throws StoreUnavailableError when the server stays away; then the write may or may not have happened
 */
export async function writeOne(writer: Writer, command: WriteCommand): Promise<CommitResult> {
  const attempts = writer.attempts();
  const tried: PlannedWrites[] = [];
  let [position] = writer.clock.take(1, 0) as [bigint];
  let isNew = isLikelyNew(writer, command);
  let known = knownHead(command);
  for (;;) {
    try {
      const head = known ?? (isNew ? undefined : await readHead(writer, command));
      const done = await findDone(writer, command, head, tried);
      if (done !== undefined) return { results: done.results };
      if (head !== undefined && position <= head.c) {
        // written by a process whose clock is ahead
        [position] = writer.clock.take(1, timeOf(head.c) + 1) as [bigint];
      }
      const planned = planWrites([command], headsOf(head), [position], writer.region);
      if (planned.versions.length === 0) return { results: planned.results };
      tried.push(planned);
      if (await write(writer, planned, tried.length > 1)) return { results: planned.results };
      await attempts.next();
    } catch (error) {
      if (!isUnavailable(error) && !isTransient(error)) throw error;
      await attempts.next(error);
    }
    isNew = false;
    known = undefined;
  }
}

/**
 * Nothing was there a moment ago: whether there is a tombstone is looked up only when the insert says so. Where zones
 * part the resources, an insert sees those of one zone, so that only ids which servers assign are new for sure.
 */
export function isLikelyNew({ region }: Pick<Writer, 'region'>, command: WriteCommand): boolean {
  if (command.kind !== 'put' || command.expected !== 'absent') return false;
  return command.method === 'POST' || region === '';
}

async function readHead(writer: Writer, command: WriteCommand): Promise<ResourceDocument | undefined> {
  const _id = resourceKey(command.type, command.id);
  return (await writer.collections.res.findOne({ _id, sk: spreadOf(_id) })) ?? undefined;
}

function headsOf(head: ResourceDocument | undefined): Map<string, ResourceDocument> {
  return new Map(head === undefined ? [] : [[head._id, head]]);
}

/** An earlier attempt of ours that took effect although its answer was lost. */
async function findDone(
  writer: Writer,
  command: WriteCommand,
  head: ResourceDocument | undefined,
  tried: readonly PlannedWrites[],
): Promise<PlannedWrites | undefined> {
  for (const planned of tried) {
    const { document } = planned.versions[0]!;
    if (head?.c === document.c) return planned;
    if (head === undefined || head.v <= document.v) continue;
    // somebody has replaced it since: then it is in history
    const _id = historyKey(resourceKey(command.type, command.id), document.v);
    const replaced = await writer.collections.hist.findOne(
      { _id, sk: document.sk },
      { projection: { c: 1 } },
    );
    if (replaced?.c === document.c) return planned;
  }
  return undefined;
}

/** False when somebody else was faster. */
async function write(writer: Writer, planned: PlannedWrites, isRepeated: boolean): Promise<boolean> {
  const { client, collections } = writer;
  const { versions, parts } = planned;
  const [only] = versions;
  await writeParts(collections, parts);
  try {
    if (only!.replaces === undefined) {
      await collections.res.insertOne(only!.document);
      return true;
    }
    await keepAmended(collections, versions);
    const operations = [...keepReplaced(collections, versions, isRepeated), placeVersion(collections, only!)];
    return await writeInOrder(client, operations, undefined);
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
