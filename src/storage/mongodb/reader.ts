/**
 * One way to read, whatever the moment: now, at the moment of a page's snapshot, or within a transaction. Keeps the
 * commands for an explanation when asked to.
 * https://www.mongodb.com/docs/manual/reference/read-concern-snapshot/
 */
import type { ClientSession, Document, MongoClient, Timestamp } from 'mongodb';
import { FhirError, fail } from '../../fhir/issues.ts';
import type { Collections } from './connect.ts';
import type { ResourceDocument } from './documents.ts';
import { isTimeLimit } from './failures.ts';
import type { Match } from './filters.ts';
import { plainFilter } from './plain-filter.ts';
import type { TermDictionary } from './term-dictionary.ts';

/** Documents that are sent together: while they are read nobody else has a turn. */
const STREAMED_AT_ONCE = 1_000;
const BEHIND_MS_MAX = 600_000;

export const SNAPSHOT = { level: 'snapshot' } as const;

export interface FindOptions {
  readonly projection?: Document;
  readonly sort?: Record<string, 1 | -1>;
  readonly skip?: number;
  readonly limit?: number;
  /** For this command, when it is less than for others. */
  readonly timeMsMax?: number;
  /** Name of the index to use. */
  readonly hint?: string;
  /** No request waits for it: it may take minutes. */
  readonly isBehind?: boolean;
  /** History instead of current versions. */
  readonly isHistory?: boolean;
}

export interface ReadCommand extends FindOptions {
  readonly command: 'find' | 'count';
  readonly filter: Match;
}

export interface CountOptions {
  readonly limit?: number;
  /** For this command, when it is less than for others. */
  readonly timeMsMax?: number;
  readonly hint?: string;
  /** Near enough for a choice: of now, whatever the moment of the reader. */
  readonly isSurvey?: boolean;
}

export interface Reader {
  readonly collections: Collections;
  readonly dictionary: TermDictionary;
  /** Whether MongoDB is told which index to use. */
  readonly useHints: boolean;
  find(filter: Match, options: FindOptions): Promise<ResourceDocument[]>;
  /** One document at a time, for sets that do not fit in memory. */
  stream(filter: Match, options: FindOptions): AsyncIterable<ResourceDocument>;
  /** Number of matches, counted no further than `limit`. */
  count(filter: Match, options: CountOptions): Promise<number>;
  /** A number that is kept in `meta`. */
  setting(id: string): Promise<number | undefined>;
}

export interface ReaderSettings {
  readonly collections: Collections;
  readonly dictionary: TermDictionary;
  /** Whether MongoDB is told which index to use. */
  readonly useHints: boolean;
  /** Whether the server can read as of a cluster time. */
  readonly keepsMoments: boolean;
  /** ms for one command of a search. */
  readonly searchTimeMsMax: number;
}

export function createReader(
  { collections, dictionary, useHints, keepsMoments, searchTimeMsMax }: ReaderSettings,
  session: ClientSession | undefined,
  record?: (command: ReadCommand) => void,
): Reader {
  const bare = (hint: string | undefined) => ({
    ...(useHints && hint !== undefined && { hint }),
    maxTimeMS: searchTimeMsMax,
  });
  const shared = (hint: string | undefined) => ({
    ...(session !== undefined && { session }),
    // said again because the default of the connection would win over that of the session
    ...(session?.snapshotEnabled === true && { readConcern: SNAPSHOT }),
    ...bare(hint),
  });
  const isAtMoment = session !== undefined && (keepsMoments || !session.snapshotEnabled);
  const open = (filter: Match, options: FindOptions) => {
    const { projection, sort, skip, limit, hint, isHistory, isBehind, timeMsMax } = options;
    const sent = useHints ? filter : plainFilter(filter);
    record?.({ command: 'find', filter: sent, ...options });
    const collection = isHistory === true ? collections.hist : collections.res;
    const cursor = collection.find(sent as object, {
      ...shared(hint),
      ...(timeMsMax !== undefined && { maxTimeMS: Math.min(timeMsMax, searchTimeMsMax) }),
      ...(isBehind === true && { maxTimeMS: BEHIND_MS_MAX }),
      ...(skip !== undefined && { skip }),
      ...(projection !== undefined && { projection }),
      ...(limit === undefined
        ? { batchSize: STREAMED_AT_ONCE }
        : { limit, batchSize: Math.max(limit, 2), singleBatch: limit <= STREAMED_AT_ONCE }),
    });
    return sort === undefined ? cursor : cursor.sort(sort);
  };
  return {
    collections,
    dictionary,
    useHints,
    async find(filter, options) {
      return await bounded(async () => (await open(filter, options).toArray()) as ResourceDocument[]);
    },
    async *stream(filter, options) {
      const cursor = open(filter, options);
      try {
        for (;;) {
          const document = await bounded(async () => await cursor.next());
          if (document === null) return;
          yield document as ResourceDocument;
        }
      } finally {
        await cursor.close();
      }
    },
    async count(filter, { limit, hint, isSurvey, timeMsMax }) {
      const sent = useHints ? filter : plainFilter(filter);
      record?.({
        command: 'count',
        filter: sent,
        ...(limit !== undefined && { limit }),
        ...(hint !== undefined && { hint }),
      });
      const end = {
        ...(limit !== undefined && { limit }),
        ...(timeMsMax !== undefined && { maxTimeMS: Math.min(timeMsMax, searchTimeMsMax) }),
      };
      // the one way to count at a moment or in a transaction is to group, which costs more
      return await bounded(async () =>
        isAtMoment && isSurvey !== true
          ? await collections.res.countDocuments(sent as object, { ...shared(hint), ...end })
          : await collections.res.count(sent as object, { ...bare(hint), ...end }),
      );
    },
    async setting(_id) {
      const found = await bounded(async () => await collections.meta.findOne({ _id }, shared(undefined)));
      return found === null ? undefined : Number(found.value);
    },
  };
}

/** Runs `work` at one moment for all its reads: a given one or, without, the latest; `moment` tells which. */
export async function atOneMoment<Result>(
  client: MongoClient,
  moment: Timestamp | undefined,
  work: (session: ClientSession, readMoment: () => Timestamp | undefined) => Promise<Result>,
): Promise<Result> {
  const session = client.startSession({ snapshot: true });
  // the driver sends this member as atClusterTime, and sets it from the first answer when it is absent; its
  // declarations leave it out
  const open = session as ClientSession & { snapshotTime?: Timestamp };
  if (moment !== undefined) open.snapshotTime = moment;
  try {
    return await work(session, () => open.snapshotTime);
  } finally {
    await session.endSession();
  }
}

/** Whether a read took longer than it may. */
export function isTooCostly(error: unknown): boolean {
  return error instanceof FhirError && error.issues[0]?.key === 'too-costly';
}

async function bounded<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (isTimeLimit(error)) {
      throw fail('too-costly', 'This search takes too long; add a criterion that fewer resources match.');
    }
    throw error;
  }
}
