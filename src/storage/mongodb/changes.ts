/**
 * The change feed: a change stream on `res`, which is in commit order also across processes. Before its beginning
 * comes what the database holds already, in the order of positions. A cursor is a moment and a position within what
 * was there, or a position and a resume token of the stream.
 * https://www.mongodb.com/docs/manual/changeStreams/
 */
import { type ChangeStream, type ChangeStreamDocument, type MongoClient, Timestamp } from 'mongodb';
import type { Change, StoredVersion } from '../store.ts';
import { versionsNow } from './amended-since.ts';
import { firstPositionOf, timeOf } from './commit-clock.ts';
import { type Collections, INDEX_TIME } from './connect.ts';
import { type ResourceDocument, VERSION_FIELDS, type VersionFields } from './documents.ts';
import { isHistoryGone, isSnapshotGone, isTransient, isUnavailable } from './failures.ts';
import { atOneMoment, SNAPSHOT } from './reader.ts';
import { readVersions } from './texts.ts';
import type { Attempts } from './writer.ts';

export interface FeedSettings {
  readonly client: MongoClient;
  readonly collections: Collections;
  readonly useHints: boolean;
  readonly keepsMoments: boolean;
  /** ms that a read of the stream waits on the server. */
  readonly awaitMs: number;
  /** How often, and for how long, the feed starts again while the server is away. */
  readonly attempts: () => Attempts;
  readonly isClosed: () => boolean;
}

interface Told {
  readonly position: bigint;
  readonly change: Change;
}

type Cursor =
  | { readonly kind: 'past'; readonly moment: Timestamp; readonly position: bigint }
  | { readonly kind: 'stream'; readonly position: bigint; readonly token: unknown };

const BATCH = 500;
/** How far before a lost token the feed starts again: longer than a transaction may last. */
const OVERLAP_MS = 120_000;
/** How long before its own moment the stream begins on a server that does not keep moments. */
const LOOK_BACK_S = 5;
const RECENT_MAX = 2 * BATCH;
/** Times in a row that the feed starts again without having told anything. */
const LOST_MAX = 5;
/** What `update` writes is not a version: re-indexing changes documents in place. */
const VERSIONS_ONLY = [
  { $match: { operationType: { $in: ['insert', 'replace', 'drop', 'rename', 'invalidate'] } } },
  {
    $project: {
      'fullDocument.k': 0,
      'fullDocument.s': 0,
      'fullDocument.dt': 0,
      'fullDocument.q': 0,
      'fullDocument.pr': 0,
    },
  },
];

export async function* readChanges(
  settings: FeedSettings,
  after: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Change> {
  if (signal.aborted) return;
  let cursor = after === undefined ? undefined : decodeCursor(after);
  let source = goOn(settings, cursor, signal);
  let attempts = settings.attempts();
  let lost = 0;
  const recent = new Set<bigint>();
  for (;;) {
    let last: string | undefined;
    try {
      for await (const { position, change } of source) {
        last = change.cursor;
        if (recent.has(position)) continue;
        remember(recent, position);
        yield change;
      }
      return;
    } catch (error) {
      if (settings.isClosed()) throw error;
      if (last !== undefined) {
        cursor = decodeCursor(last);
        attempts = settings.attempts();
      }
      lost = last === undefined ? lost + 1 : 1;
      if (isHistoryGone(error) && lost <= LOST_MAX) {
        // the reader is behind the oplog: some changes come again, none is left out
        const from = Math.max(0, timeOf(cursor?.position ?? 0n) - OVERLAP_MS);
        source = pastThenStream(settings, undefined, firstPositionOf(from), signal);
      } else if (isUnavailable(error) || isTransient(error)) {
        // the driver takes a stream up again by itself once, and nothing else that is read here
        await attempts.next(error);
        source = goOn(settings, cursor, signal);
      } else throw error;
    }
  }
}

function goOn(settings: FeedSettings, cursor: Cursor | undefined, signal: AbortSignal): AsyncGenerator<Told> {
  return cursor?.kind === 'stream'
    ? follow(settings, { resumeAfter: cursor.token }, isNew, signal)
    : pastThenStream(settings, cursor?.moment, cursor?.position ?? -1n, signal);
}

/** What comes again when the feed starts again is told once, as far back as this remembers. */
function remember(recent: Set<bigint>, position: bigint): void {
  recent.add(position);
  if (recent.size > RECENT_MAX) recent.delete(recent.keys().next().value as bigint);
}

/** Everything after a position as of a moment (without one: now), and then the stream from that moment on. */
async function* pastThenStream(
  settings: FeedSettings,
  moment: Timestamp | undefined,
  position: bigint,
  signal: AbortSignal,
): AsyncGenerator<Told> {
  if (signal.aborted) return;
  const start = moment ?? (await momentNow(settings));
  const delivered = new Set<bigint>();
  let last = position;
  let seen = position;
  let isKept = settings.keepsMoments;
  while (!signal.aborted) {
    let rows: readonly StoredRow[];
    try {
      rows = await readPast(settings, isKept ? start : undefined, last);
    } catch (error) {
      if (!isKept || !isSnapshotGone(error)) throw error;
      // what was written since comes now and is left out of the stream
      isKept = false;
      seen = last;
      continue;
    }
    for (const { position: at, version } of rows) {
      if (signal.aborted) return;
      last = at;
      if (!isKept) delivered.add(at);
      const cursor = encodeCursor({ kind: 'past', moment: start, position: at });
      yield { position: at, change: { cursor, version } };
    }
    if (rows.length < BATCH) break;
  }
  if (isKept) {
    yield* follow(settings, { startAtOperationTime: shifted(start, 0, 1) }, isNew, signal);
    return;
  }
  // what was written before the moment may have become visible after we read: look back, and leave out what was told
  const startAtOperationTime = shifted(start, -LOOK_BACK_S, 0);
  const isTold = (at: bigint, time: Timestamp): boolean =>
    delivered.delete(at) || (at <= seen && time.lessThanOrEqual(start));
  yield* follow(settings, { startAtOperationTime }, (at, time) => !isTold(at, time), signal);
}

/** Whether a version is to be told: its position, and when it was written. */
type Wanted = (position: bigint, time: Timestamp) => boolean;

const isNew: Wanted = () => true;

function shifted(moment: Timestamp, seconds: number, count: number): Timestamp {
  return new Timestamp({
    t: Math.max(0, moment.getHighBitsUnsigned() + seconds),
    i: moment.getLowBitsUnsigned() + count,
  });
}

interface StoredRow {
  readonly position: bigint;
  readonly version: StoredVersion;
}

async function momentNow({ client, collections }: FeedSettings): Promise<Timestamp> {
  return await atOneMoment(client, undefined, async (session, readMoment) => {
    await collections.res.findOne({}, { session, readConcern: SNAPSHOT, projection: { _id: 1 } });
    const moment = readMoment();
    if (moment === undefined) throw new Error('the server did not tell the time of a snapshot');
    return moment;
  });
}

/** The next versions behind a position, ascending. */
async function readPast(
  { client, collections, useHints }: FeedSettings,
  moment: Timestamp | undefined,
  position: bigint,
): Promise<readonly StoredRow[]> {
  return await atOneMoment(client, moment, async (session) => {
    const filter = { c: { $gt: position } };
    const options = {
      session,
      readConcern: SNAPSHOT,
      projection: VERSION_FIELDS,
      sort: { c: 1 },
      limit: BATCH,
      ...(useHints && { hint: INDEX_TIME }),
    } as const;
    const current = (await collections.res.find(filter, options).toArray()) as VersionFields[];
    const past = (await collections.hist.find(filter, options).toArray()) as VersionFields[];
    const merged = new Map<bigint, VersionFields>();
    for (const row of [...past, ...current]) merged.set(row.c, row);
    const rows = [...merged.values()].sort((a, b) => (a.c < b.c ? -1 : 1)).slice(0, BATCH);
    const versions = await readVersions(collections, rows);
    return rows.map((row, index) => ({ position: row.c, version: versions[index]! }));
  });
}

async function* follow(
  { collections, awaitMs }: FeedSettings,
  start: { readonly resumeAfter?: unknown; readonly startAtOperationTime?: Timestamp },
  isWanted: Wanted,
  signal: AbortSignal,
): AsyncGenerator<Told> {
  if (signal.aborted) return;
  const stream: ChangeStream<ResourceDocument> = collections.res.watch(VERSIONS_ONLY, {
    ...start,
    maxAwaitTimeMS: awaitMs,
  });
  const stop = (): void => void stream.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const lot of lotsOf(stream)) {
      const wanted = lot.flatMap((event) => {
        if (event.operationType !== 'insert' && event.operationType !== 'replace') {
          throw new Error(`the collection of resources is gone: ${event.operationType}`);
        }
        const { fullDocument: document, clusterTime, _id: token } = event;
        return clusterTime === undefined || isWanted(document.c, clusterTime) ? { document, token } : [];
      });
      const documents = wanted.map(({ document }) => document);
      const versions = await versionsNow(collections, documents);
      for (const [index, { document, token }] of wanted.entries()) {
        const cursor = encodeCursor({ kind: 'stream', position: document.c, token });
        yield { position: document.c, change: { cursor, version: versions[index]! } };
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await stream.close();
  }
}

/** What the stream has at hand, at most BATCH at once, without waiting for more. */
async function* lotsOf(
  stream: ChangeStream<ResourceDocument>,
): AsyncGenerator<readonly ChangeStreamDocument<ResourceDocument>[]> {
  const take = (): Promise<ChangeStreamDocument<ResourceDocument>> => {
    const event = stream.next();
    // whoever awaits it is told; nobody does once the reader has gone
    event.catch(() => undefined);
    return event;
  };
  let next = take();
  for (;;) {
    const lot = [await next];
    next = take();
    while (lot.length < BATCH && (await isAtHand(next))) {
      lot.push(await next);
      next = take();
    }
    yield lot;
  }
}

async function isAtHand(event: Promise<unknown>): Promise<boolean> {
  const later = new Promise<boolean>((resolve) => setImmediate(resolve, false));
  return await Promise.race([
    event.then(
      () => true,
      () => false,
    ),
    later,
  ]);
}

function encodeCursor(cursor: Cursor): string {
  return cursor.kind === 'past'
    ? `p.${cursor.moment.getHighBitsUnsigned()}.${cursor.moment.getLowBitsUnsigned()}.${cursor.position}`
    : `s.${cursor.position}.${JSON.stringify(cursor.token)}`;
}

/** @throws Error when the text is not a cursor of this engine */
function decodeCursor(text: string): Cursor {
  const past = /^p\.(\d+)\.(\d+)\.(-?\d+)$/.exec(text);
  if (past !== null) {
    const moment = new Timestamp({ t: Number(past[1]), i: Number(past[2]) });
    return { kind: 'past', moment, position: BigInt(past[3]!) };
  }
  const stream = /^s\.(-?\d+)\.(.+)$/s.exec(text);
  if (stream === null) throw new Error('not a cursor of the MongoDB change feed');
  return { kind: 'stream', position: BigInt(stream[1]!), token: JSON.parse(stream[2]!) as unknown };
}
