/**
 * Whatever a store throws while it opens, closes, recovers or is away is 503 with Retry-After; a fault of ours is 500
 * and in the log, under the id that the client is told.
 */
import { DatabaseSync } from 'node:sqlite';
import { Writable } from 'node:stream';
import {
  MongoAPIError,
  MongoClientClosedError,
  MongoCursorExhaustedError,
  MongoExpiredSessionError,
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerClosedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoStalePrimaryError,
  MongoTopologyClosedError,
  MongoUnexpectedServerResponseError,
} from 'mongodb';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { fail } from '../../src/fhir/issues.ts';
import { createIndexedFor } from '../../src/interactions/indexed-for.ts';
import { createReindexing } from '../../src/interactions/reindexing.ts';
import { asStoreError as ofMongo } from '../../src/storage/mongodb/failures.ts';
import { openConnection, readTransaction } from '../../src/storage/sqlite/connection.ts';
import { asStoreError as ofSqlite, receiveError, sendError } from '../../src/storage/sqlite/failures.ts';
import { ConflictError, StoreUnavailableError } from '../../src/storage/store.ts';
import { startServer } from './start.ts';

const MONGO_AWAY: readonly Error[] = [
  new MongoNetworkError('x'),
  new MongoNetworkTimeoutError('x'),
  new MongoServerSelectionError('x', {} as never),
  new MongoTopologyClosedError('x'),
  new MongoServerClosedError('x'),
  new MongoNotConnectedError('x'),
  new MongoExpiredSessionError('x'),
  new MongoClientClosedError(),
  new MongoCursorExhaustedError('x'),
  new MongoOperationTimeoutError('x'),
  new MongoStalePrimaryError('x'),
  new MongoUnexpectedServerResponseError('x'),
  // without a class that the driver gives away
  ...['MongoPoolClosedError', 'MongoPoolClearedError', 'MongoWaitQueueTimeoutError'].map((name) =>
    named(new MongoOperationTimeoutError('x'), name),
  ),
  // no such host, stopping, stepping down, interrupted, cursor or session gone, too late, moment gone
  ...[6, 7, 43, 50, 89, 91, 175, 189, 237, 239, 246, 251, 290, 10107, 11600, 11601, 11602, 13435, 13436].map(
    (code) => new MongoServerError({ message: 'x', code }),
  ),
];

const MONGO_FAULTS: readonly Error[] = [
  new MongoInvalidArgumentError('x'),
  new MongoAPIError('x'),
  new MongoServerError({ message: 'bad $match', code: 2 }),
  new MongoServerError({ message: 'not allowed', code: 13 }),
  new TypeError('x is not a function'),
];

/** SQLite's own errors are made, where SQLite can be brought to it; the rest have its numbers. */
function sqliteAway(t: Test): readonly Error[] {
  const path = `${t.testdir()}/a.sqlite`;
  const holder = new DatabaseSync(path);
  const other = new DatabaseSync(path, { timeout: 0 });
  holder.exec('CREATE TABLE a(b); BEGIN IMMEDIATE');
  const locked = thrownBy(() => other.exec('BEGIN IMMEDIATE'));
  const statement = other.prepare('SELECT * FROM sqlite_schema');
  other.close();
  holder.close();
  const closed = thrownBy(() => other.prepare('SELECT 1'));
  const finalized = thrownBy(() => statement.all());
  t.match(locked, { message: 'database is locked', errstr: 'database is locked' });
  // ABORT, BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB; BUSY_RECOVERY,
  // BUSY_SNAPSHOT, IOERR_SHORT_READ
  const numbers = [4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26, 261, 517, 522];
  const numbered = numbers.map((errcode) =>
    Object.assign(new Error('x'), { errcode, errstr: `number ${errcode}` }),
  );
  return [locked, closed, finalized, ...numbered];
}

const SQLITE_FAULTS: readonly Error[] = [
  Object.assign(new Error('near "x": syntax error'), { errcode: 1 }),
  Object.assign(new Error('UNIQUE constraint failed'), { errcode: 19 }),
  Object.assign(new Error('statement is being used'), { code: 'ERR_INVALID_STATE' }),
  new TypeError('x is not a function'),
];

t.test('a store that is away is 503 with Retry-After, and the log says why', async (t) => {
  const { server, lines, fail } = await startFailing(t);
  const away = [
    ...MONGO_AWAY.map((error) => [error, ofMongo(error)] as const),
    ...sqliteAway(t).map((error) => [error, ofSqlite(error)] as const),
    ...sqliteAway(t).map((error) => [error, receiveError(sendError(error))] as const),
  ];
  for (const [error, thrown] of away) {
    const name = `${error.name} ${(error as { code?: unknown }).code ?? ''} ${error.message}`;
    lines.length = 0;
    fail(thrown);
    const answer = await server.ask('GET Patient/1');
    t.equal(answer.status, 503, name);
    t.equal(answer.headers['retry-after'], '1', name);
    const requestId = answer.headers['x-request-id'];
    const told = lines.filter((line) => line.requestId === requestId);
    t.same(
      told.map(({ msg }) => msg),
      ['store unavailable', 'request'],
      `${name}: in the log`,
    );
    const { errstr } = error as { errstr?: string };
    if (errstr !== undefined) t.match(told[0]?.cause, { reason: errstr }, `${name}: and what is wrong`);
    const { body } = await server.ask('POST ', { body: BATCH });
    t.match(body.entry[0].response, { status: '503', outcome: { issue: [{ code: 'transient' }] } }, name);
    t.equal((await server.ask('POST ', { body: TRANSACTION })).status, 503, `${name}: a transaction`);
  }
  fail(new ConflictError('expected', 0));
  const { body } = await server.ask('POST ', { body: BATCH });
  t.equal(body.entry[0].response.status, '409', 'a conflict in a batch');
});

t.test('a rule that cannot be looked up in time does not refuse what was sent', async (t) => {
  const { server } = await startFailing(t);
  const search = () => Promise.reject(fail('too-costly', 'This search takes too long.'));
  Object.assign(server.app.store, { search });
  const fitness = {
    resourceType: 'Observation',
    id: 'o1',
    status: 'final',
    subject: { reference: 'Patient/p1' },
    effectiveDateTime: '2026-01-02',
    code: { coding: [{ system: 'http://snomed.info/sct', code: '171371008' }] },
    valueCodeableConcept: {
      coding: [{ system: 'https://fhir.iom.int/mhd/CodeSystem/fitness-decision', code: 'fit' }],
    },
  };
  const answer = await server.ask('PUT Observation/o1', { body: fitness });
  t.equal(answer.status, 503, answer.text);
  t.equal(answer.headers['retry-after'], '1');
  t.equal(
    (await server.ask('GET Observation?code=171371008')).status,
    400,
    'a search of the client is its own',
  );
});

t.test('a fault of ours is 500, and in the log before the answer is out', async (t) => {
  const { server, lines, fail } = await startFailing(t);
  const faults = [...MONGO_FAULTS.map(ofMongo), ...SQLITE_FAULTS.map(ofSqlite), 'not even an error'];
  for (const fault of faults) {
    fail(fault);
    for (const [request, options] of [
      ['GET Patient/1', {}],
      ['GET Patient/1?_format=xml', {}],
      ['POST ', { body: BATCH }],
      ['POST ', { body: TRANSACTION }],
    ] as const) {
      lines.length = 0;
      const answer = await server.ask(request, options);
      const requestId = answer.headers['x-request-id'];
      const name = `${String(fault)}: ${request}`;
      const isBatch = 'body' in options && options.body === BATCH;
      t.equal(isBatch ? Number(answer.body.entry[0].response.status) : answer.status, 500, name);
      t.match(answer.text, String(requestId), `${name}: the id is told`);
      t.match(lines[0], { msg: 'fault', level: 50, requestId }, `${name}: in the log`);
      t.notMatch(JSON.stringify(lines), /is not a function|syntax error|bad \$match/, 'without its message');
    }
  }
});

t.test('a failure that ended a read of SQLite is told as it is', (t) => {
  const path = `${t.testdir()}/a.sqlite`;
  const connection = openConnection({ path, role: 'reader', cacheBytes: 1 << 20, busyTimeoutMs: 0 });
  const full = Object.assign(new Error('disk I/O error'), { errcode: 10 });
  const work = () => {
    // as SQLite does by itself after such a failure
    connection.run('ROLLBACK');
    throw full;
  };
  t.throws(() => readTransaction(connection, work), full);
  t.equal(
    readTransaction(connection, () => connection.row('SELECT 1')?.[0]),
    1,
    'reads go on',
  );
  connection.close();
  t.end();
});

t.test('indexing again goes on by itself when the store was away', async (t) => {
  const { server } = await startFailing(t);
  const { store } = server.app;
  for (let number = 0; number < 3; number++)
    await server.ask(`PUT Patient/p${number}`, {
      body: { resourceType: 'Patient', id: `p${number}`, name: [{ family: 'Wah' }] },
    });
  const faults: unknown[] = [];
  let away = 2;
  let count = 0;
  const indexed = createIndexedFor({ timeZone: 'UTC', fullText: true });
  indexed.load(undefined, false);
  const written: object[] = [];
  const { generation } = server.app.context;
  const reindexing = createReindexing({
    store: {
      ...store,
      reindex: async (entries) => {
        if (away-- > 0) throw new StoreUnavailableError('away');
        count += entries.length;
        await store.reindex(entries);
      },
    },
    generations: { current: generation, settle: () => undefined } as never,
    indexed,
    ledger: { read: async () => undefined, note: async (state) => void written.push(state) },
    onFault: (error) => faults.push(error),
    retryMs: 1,
  });
  await reindexing.request(['Patient']);
  await reindexing.idle();
  t.equal(count, 3, 'all of them');
  t.equal(faults.length, 2, 'each time it was away is told');
  t.match(written.at(-1), { Patient: /identifier/, '#pass': '' }, 'done is done');
  away = Number.POSITIVE_INFINITY;
  indexed.load(undefined, false);
  await reindexing.request(['Patient']);
  await reindexing.stop();
  t.equal(reindexing.progress(), undefined, 'and it can be stopped while it waits');
});

const BATCH = {
  resourceType: 'Bundle',
  type: 'batch',
  entry: [{ request: { method: 'GET', url: 'Patient/1' } }],
};
const TRANSACTION = { ...BATCH, type: 'transaction' };

/** A server whose store throws on every read, and what it logs. */
async function startFailing(t: Test) {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).trim().split('\n')) lines.push(JSON.parse(line));
      done();
    },
  });
  const server = await startServer(t, {}, pino({ level: 'info' }, sink));
  return {
    server,
    lines,
    fail: (error: unknown) => Object.assign(server.app.store, { read: () => Promise.reject(error as Error) }),
  };
}

function named(error: Error, name: string): Error {
  Object.defineProperty(error, 'name', { value: name });
  return error;
}

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
