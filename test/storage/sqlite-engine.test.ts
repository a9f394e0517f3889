/**
 * What is SQLite's own: settings of connections, the lock, versions of the file, damage, bounds, and faults.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { chmod, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import t from 'tap';
import { fillDisk } from '../../scripts/faults/disk-full.ts';
import { killRounds } from '../../scripts/faults/kill.ts';
import { killUpgrades } from '../../scripts/faults/upgrade.ts';
import { FhirError } from '../../src/fhir/issues.ts';
import { nextUp } from '../../src/search/number-range.ts';
import type { Predicate, RangePrefix, SearchQuery } from '../../src/search/query.ts';
import { rangeMatches } from '../../src/search/ranges.ts';
import { packPostings, unpackPostings } from '../../src/storage/packed-postings.ts';
import { checkSqliteIndex } from '../../src/storage/sqlite/check-index.ts';
import { openConnection } from '../../src/storage/sqlite/connection.ts';
import { refuseGroup } from '../../src/storage/sqlite/group-commit.ts';
import { createKeptVersions, type KeptVersions } from '../../src/storage/sqlite/kept-versions.ts';
import { costOfCounted } from '../../src/storage/sqlite/lists.ts';
import { awaitLog, createLogTurn, holdLog } from '../../src/storage/sqlite/log-turn.ts';
import { scheduleMerges } from '../../src/storage/sqlite/merge-schedule.ts';
import type { SqliteStoreOptions } from '../../src/storage/sqlite/settings.ts';
import { SHAPES_MAX } from '../../src/storage/sqlite/shapes.ts';
import { createSharing } from '../../src/storage/sqlite/sharing.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import { type Store, type StoredVersion, StoreUnavailableError } from '../../src/storage/store.ts';
import { verifyIndex } from '../../src/storage/verify-index.ts';
import {
  all,
  any,
  by,
  byDesc,
  code,
  date,
  not,
  number,
  postingsOf,
  present,
  put,
  query,
  remove,
  text,
  type Values,
} from './contract/build.ts';
import { GONE, WORLD } from './contract/dataset.ts';
import { SEARCH_CASES } from './contract/search-cases.ts';

const folder = await mkdtemp(join(tmpdir(), 'passerelle-engine-'));
t.teardown(() => rm(folder, { recursive: true }));

let files = 0;
const newPath = (): string => join(folder, `${++files}.db`);
let time = Date.parse('2026-01-01T00:00:00Z');
const openAt = (path: string, more: Partial<SqliteStoreOptions> = {}): Promise<Store> =>
  openSqliteStore({ path, now: () => ++time, threads: false, ...more });

t.test('every connection is durable, logged ahead and checked', async (t) => {
  const options = { path: newPath(), cacheBytes: 1 << 20, busyTimeoutMs: 0 };
  for (const role of ['writer', 'reader'] as const) {
    const connection = openConnection({ ...options, role });
    const pragma = (name: string): unknown => connection.row(`PRAGMA ${name}`)?.[0];
    t.same(
      ['journal_mode', 'synchronous', 'wal_autocheckpoint', 'page_size', 'query_only', 'cache_size'].map(
        pragma,
      ),
      ['wal', 2, 0, 4096, role === 'reader' ? 1 : 0, -1024],
      role,
    );
    if (role === 'reader') t.throws(() => connection.run('CREATE TABLE x(y)'), 'a reader cannot write');
    connection.close();
  }
  t.throws(
    () => openConnection({ ...options, path: ':memory:', role: 'writer' }),
    /journal_mode at memory instead of wal/,
    'a database that cannot be logged ahead is refused',
  );
});

t.test('after a step of the merge, done or failed, commits wait for the disk again', async (t) => {
  const connection = openConnection({
    path: newPath(),
    role: 'writer',
    cacheBytes: 1 << 20,
    busyTimeoutMs: 0,
  });
  t.teardown(() => connection.close());
  const synchronous = (): unknown => connection.row('PRAGMA synchronous')?.[0];
  const options = {
    mergeVersions: 1,
    mergeChanges: 10,
    mergeIdleMs: Number.POSITIVE_INFINITY,
    behindMax: 100,
  };
  const seen: unknown[] = [];
  const merger = (run: () => boolean) => ({ behind: () => 0, reset: () => undefined, run });
  const done = merger(() => {
    seen.push(synchronous());
    return false;
  });
  scheduleMerges(connection, done, options).finish();
  t.same([...seen, synchronous()], [1, 2]);
  const failing = merger(() => {
    throw new Error('broken');
  });
  t.throws(() => scheduleMerges(connection, failing, options).finish(), /broken/);
  t.equal(synchronous(), 2);
});

t.test('a writer waits while the log is held, and no longer than it should', (t) => {
  const turn = createLogTurn();
  const waited = (mostMs: number): boolean => {
    const begun = performance.now();
    awaitLog(turn, mostMs);
    return performance.now() - begun >= mostMs - 1;
  };
  t.notOk(waited(1_000), 'nobody holds it');
  t.ok(
    holdLog(turn, () => waited(20)),
    'it is held, by somebody who is stuck',
  );
  t.notOk(waited(1_000), 'it was let go');
  t.throws(() =>
    holdLog(turn, () => {
      throw new Error('the disk is full');
    }),
  );
  t.notOk(waited(1_000), 'also when that failed');
  t.end();
});

t.test('the log is begun anew while writes go on without a rest', async (t) => {
  const path = newPath();
  const store = await openAt(path, { threads: true, walBytes: 50_000, walBytesMax: 200_000 });
  t.teardown(() => store.close());
  // how often it was, as its header says: https://www.sqlite.org/walformat.html
  const begun = (): number => {
    const header = Buffer.alloc(16);
    const file = openSync(`${path}-wal`, 'r');
    readSync(file, header);
    closeSync(file);
    return header.readUInt32BE(12);
  };
  const deadline = performance.now() + 60_000;
  const write = async (writer: number): Promise<void> => {
    for (let round = 0; round < 200 || (begun() < 3 && performance.now() < deadline); round++)
      await store.transact([put('Basic', `w${writer}-${round}`, { mark: 'x'.repeat(2_000) })]);
  };
  await Promise.all([0, 1, 2, 3].map(write));
  t.ok(begun() >= 3, `${begun()} times`);
});

t.test('one process at a time has the file [sqlite.process]', async (t) => {
  const path = newPath();
  const first = await openAt(path);
  await t.rejects(
    openAt(path),
    new StoreUnavailableError(
      `another Passerelle uses ${path}: stop it first, or give this one a database of its own`,
    ),
  );
  await first.close();
  await (await openAt(path)).close();
});

t.test('a lock that cannot be taken is no lock: the store is not opened, and says why', async (t) => {
  const path = newPath();
  await (await openAt(path)).close();
  await chmod(folder, 0o777);
  await chmod(path, 0o666);
  await chmod(`${path}-lock`, 0o444);
  // root may write whatever the mode says
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    await t.rejects(openAt(path), /-lock cannot be locked \(.*\): this user must be able to write it/);
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
  await writeFile(`${path}-lock`, 'not a lock'.repeat(500));
  await t.rejects(openAt(path), /-lock cannot be locked \(file is not a database\)/);
});

t.test('files of others and of newer servers are refused and left alone', async (t) => {
  const foreign = newPath();
  const db = new DatabaseSync(foreign);
  db.exec('CREATE TABLE theirs(x); INSERT INTO theirs VALUES (1)');
  db.close();
  await t.rejects(openAt(foreign), /another program/);
  const newer = newPath();
  await (await openAt(newer)).close();
  const again = new DatabaseSync(newer);
  again.exec('PRAGMA user_version=999');
  again.close();
  await t.rejects(openAt(newer), /version 999, this server knows up to 5/);
  const text = join(folder, 'text.db');
  const file = await open(text, 'w');
  await file.write('this is not a database at all, it is a letter to a friend'.repeat(50));
  await file.close();
  await t.rejects(openAt(text), StoreUnavailableError, 'no database at all');
  await t.rejects(openAt(join(folder, 'no', 'such', 'folder.db')), StoreUnavailableError, 'no such folder');
});

t.test('after an unclean stop the file is checked, and a damaged one is refused', async (t) => {
  for (const checkFirstBytesMax of [1 << 30, 0]) {
    const path = newPath();
    const store = await openAt(path);
    for (let round = 0; round < 20; round++) {
      await store.transact(
        Array.from({ length: 50 }, (_, index) =>
          put('Basic', `${round}-${index}`, { mark: 'x'.repeat(300) }),
        ),
      );
    }
    await store.close();
    const db = new DatabaseSync(path);
    db.exec("UPDATE meta SET value = 1 WHERE name = 'in-use'");
    db.close();
    const sound = await openAt(path, { checkFirstBytesMax });
    t.equal((await sound.status()).resources, 1000, 'a sound file opens');
    await sound.close();
    await damage(path);
    const marked = new DatabaseSync(path);
    marked.exec("UPDATE meta SET value = 1 WHERE name = 'in-use'");
    marked.close();
    if (checkFirstBytesMax > 0) {
      await t.rejects(
        openAt(path, { checkFirstBytesMax }),
        /damaged: restore the last backup/,
        'a damaged one does not',
      );
      continue;
    }
    const later = await openAt(path, { checkFirstBytesMax });
    await t.rejects(
      untilItFails(later),
      /damaged: restore the last backup/,
      'a large one is checked meanwhile',
    );
    await later.close();
  }
});

/** Overwrites pages in the middle of the file, behind those that every start looks at. */
async function damage(path: string): Promise<void> {
  const file = await open(path, 'r+');
  const { size } = await file.stat();
  for (let page = 40; page < size / 4096 - 10; page += 3)
    await file.write(Buffer.alloc(200, 0xa5), 0, 200, page * 4096);
  await file.close();
}

async function untilItFails(store: Store): Promise<void> {
  for (;;) {
    await store.status();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

t.test('a backup is taken while writes go on, and is a database of its own', async (t) => {
  const { backupSqlite } = await import('../../src/storage/sqlite/backup.ts');
  const path = newPath();
  const store = await openAt(path, { threads: true });
  const write = (index: number) =>
    store.transact([put('Basic', `b${index}`, { values: { codes: { code: [`s|${index % 7}`] } } })]);
  for (let index = 0; index < 300; index++) await write(index);
  const target = newPath();
  const going = Promise.all(Array.from({ length: 100 }, (_, index) => write(1000 + index)));
  await backupSqlite(path, target);
  await going;
  await store.close();
  const copy = await openAt(target);
  const resources = (await copy.status()).resources;
  t.ok(resources >= 300 && resources <= 400, 'everything that was there at its moment');
  const found = await copy.search(query('Basic', code('Basic.code', '3')), { limit: 100, total: 'accurate' });
  t.ok((found.total?.value ?? 0) >= 43, 'and found');
  await copy.transact([put('Basic', 'new')]);
  await copy.close();
  t.match(checkSqliteIndex(target), { missing: 0, extra: 0, behind: 0 });
  await t.rejects(backupSqlite(path, target), /exists/, 'a file that is there is never overwritten');
  await t.rejects(
    backupSqlite(join(folder, 'nothing.db'), newPath()),
    /no database/,
    'nor is nothing backed up',
  );
  await t.rejects(
    backupSqlite(path, join(folder, 'no', 'copy.db')),
    /there is no folder .*no: make it first/,
  );
});

const valuesOf = (index: number): Values => ({
  date: `2024-01-${String((index % 28) + 1).padStart(2, '0')}`,
  codes: { code: [`s|${index % 3}`] },
  texts: { name: [`name ${index}`] },
  numbers: {
    value: [['', index, index + 1]],
    // what has the code has a pressure
    pressure: index % 3 === 1 ? [['mm', ...exactly(90 + (index % 90))]] : [],
  },
});
const exactly = (value: number): [lo: number, hi: number] => [value, nextUp(value)];
/** A code and a value together, as composites ask. */
const paired = (prefix: RangePrefix, value: number): Predicate =>
  ({
    ...number('Basic.pressure', prefix, ...exactly(value), 'mm'),
    implied: code('Basic.code', '1'),
  }) as Predicate;

/** Status and first issue of a refusal. */
async function issueOf(refused: Promise<unknown>): Promise<string> {
  try {
    await refused;
    return 'done';
  } catch (error) {
    return error instanceof FhirError ? `${error.status} ${error.issues[0]?.key}` : String(error);
  }
}

t.test('a search that spends its budget ends its page early or is refused, and says so', async (t) => {
  const store = await openAt(newPath(), {
    examinedMax: 300,
    mergeVersions: 1,
    mergeChanges: 100_000,
    plans: { countedMax: 20, collectedMax: 20, chunkMin: 10, chunkMax: 50, groupMax: 50 },
  });
  t.teardown(() => store.close());
  await store.transact(
    Array.from({ length: 2000 }, (_, index) => put('Basic', `r${index}`, { values: valuesOf(index) })),
  );
  // the index follows in steps, one after each write
  for (let step = 0; step < 5; step++) await store.transact([]);
  const rare: SearchQuery = query('Basic', text('Basic.name', 'contains', 'name 19'));
  const ids: string[] = [];
  let pages = 0;
  let after: string | undefined;
  do {
    const page = await store.search(rare, {
      limit: 20,
      total: 'none',
      ...(after === undefined ? {} : { after }),
    });
    ids.push(...page.rows.map((row) => row.id));
    after = page.next;
    pages++;
  } while (after !== undefined);
  t.equal(new Set(ids).size, 111, 'all matches, over all pages');
  t.equal(ids.length, 111, 'each once');
  t.ok(pages > 6, 'although each page looked at little [search.bound]');
  const costly: readonly SearchQuery[] = [
    query('Basic', rare.where, byDesc('Basic.code', 'term')),
    query('Basic', rare.where, byDesc('Basic.code', 'term'), byDesc('Basic.value', 'number')),
  ];
  for (const asked of costly) {
    t.equal(await issueOf(store.search(asked, { limit: 5, total: 'none' })), '400 too-costly');
  }
  t.equal(
    await issueOf(store.search(rare, { limit: 5, total: 'accurate' })),
    '400 too-costly',
    'so does a total',
  );
});

t.test('searches that take long wait for each other, and others do not wait for them', async (t) => {
  const store = await openAt(newPath(), {
    threads: true,
    examinedHereMax: 10,
    examinedSharedMax: 4_000,
    examinedMax: 100_000,
    plans: { countedMax: 100, collectedMax: 100 },
  });
  t.teardown(() => store.close());
  await store.transact(
    Array.from({ length: 6000 }, (_, index) => put('Basic', `r${index}`, { values: valuesOf(index) })),
  );
  const done: string[] = [];
  const ask = async (name: string, asked: SearchQuery, total: 'none' | 'accurate'): Promise<unknown> => {
    const page = await store.search(asked, { limit: 30, total });
    done.push(name);
    return page.total?.value ?? page.rows.length;
  };
  // ends of strings are looked at one by one; so many that it takes long however the threads get their turns
  const heavy = (end: string) => {
    const others = Array.from({ length: 200 }, (_, index) => `${end} never ${index}`);
    return query('Basic', any(...[end, ...others].map((one) => text('Basic.name', 'suffix', one))));
  };
  const medium = query('Basic', code('Basic.code', '1'));
  const answers = await Promise.all([
    ...['7', '5', '3'].map((end) => ask('heavy', heavy(end), 'accurate')),
    ask('medium', medium, 'none'),
  ]);
  t.same(answers, [600, 600, 600, 30], 'all are answered');
  t.equal(done[0], 'medium', 'the one that came last and is short, first');
  const narrow = await openAt(newPath(), {
    threads: true,
    examinedHereMax: 10,
    heavyWaitingMax: 1,
    examinedSharedMax: 20,
  });
  t.teardown(() => narrow.close());
  // as many, so that the first is still under way when the last one comes
  await narrow.transact(
    Array.from({ length: 6000 }, (_, index) => put('Basic', `r${index}`, { values: valuesOf(index) })),
  );
  const outcomes = await Promise.allSettled(
    ['7', '5', '3'].map((end) => narrow.search(heavy(end), { limit: 3, total: 'accurate' })),
  );
  t.same(
    outcomes.map(({ status }) => status).sort(),
    ['fulfilled', 'rejected', 'rejected'],
    'no queue without end',
  );
  const slow = await openAt(newPath(), {
    threads: true,
    examinedHereMax: 10,
    examinedSharedMax: 20,
    searchCpuMsMax: 0,
  });
  t.teardown(() => slow.close());
  await slow.transact(
    Array.from({ length: 3000 }, (_, index) => put('Basic', `r${index}`, { values: valuesOf(index) })),
  );
  t.equal(await issueOf(slow.search(heavy('7'), { limit: 3, total: 'accurate' })), '400 too-costly');
});

t.test('criteria that would hold up the writer are refused', async (t) => {
  const store = await openAt(newPath(), { threads: true, examinedInWriteMax: 100 });
  t.teardown(() => store.close());
  await store.transact(
    Array.from({ length: 300 }, (_, index) => put('Basic', `r${index}`, { values: valuesOf(index) })),
  );
  const precondition = { query: query('Basic', text('Basic.name', 'contains', 'nobody')), ids: [] };
  t.equal(await issueOf(store.transact([put('Basic', 'x')], [precondition])), '400 too-costly');
  t.equal(await store.read('Basic', 'x'), undefined, 'and nothing is written');
});

t.test('more writes than may wait are refused at once, the others are done', async (t) => {
  const store = await openAt(newPath(), { threads: true, writesWaitingMax: 3 });
  t.teardown(() => store.close());
  const outcomes = await Promise.allSettled(
    Array.from({ length: 5 }, (_, index) => store.transact([put('Basic', `q${index}`)])),
  );
  t.same(
    outcomes.map((one) => (one.status === 'fulfilled' ? 'done' : (one.reason as Error).message)),
    ['done', 'done', 'done', ...Array(2).fill('3 requests are waiting for the database: try again later')],
    'those above three [sqlite.waiting]',
  );
});

t.test('the compare command finds what the index lacks, and mends it', async (t) => {
  const store = await openAt(newPath());
  t.teardown(() => store.close());
  const values = { codes: { code: ['s|old'] } };
  await store.transact([put('Basic', 'same', { values }), put('Basic', 'other', { values })]);
  const extract = (resource: { id?: string }) =>
    postingsOf('Basic', resource.id === 'other' ? { codes: { code: ['s|new'] } } : values);
  const found: unknown[] = [];
  const report = await verifyIndex(store, extract, {
    mend: true,
    onDifference: ({ id, missing, extra }) => found.push([id, missing.length, extra.length]),
  });
  t.same([report, found], [{ compared: 2, different: 1, damaged: 0 }, [['other', 1, 1]]]);
  t.same(await verifyIndex(store, extract), { compared: 2, different: 0, damaged: 0 });
  const asked = await store.search(query('Basic', code('Basic.code', 'new')), { limit: 5, total: 'none' });
  t.same(
    asked.rows.map((row) => row.id),
    ['other'],
  );
});

t.test('the compare command names whatever row of the index is lost or too many, and mends it', async (t) => {
  const path = newPath();
  const store = await openAt(path);
  t.teardown(() => store.close());
  const values: Values = {
    date: '2024-01-05',
    codes: { code: ['s|a'] },
    texts: { name: ['name'] },
    dates: { created: [['2020', '2024']] },
    numbers: { value: [['mm', 1, 5]] },
  };
  const extract = () => postingsOf('Basic', values);
  await store.transact([
    put('Basic', 'one', { values }),
    put('Basic', 'two', { values }),
    put('Basic', 'gone', { values }),
  ]);
  await store.transact([remove('Basic', 'gone')]);
  const compare = async (mend: boolean): Promise<string[]> => {
    const told: string[] = [];
    await verifyIndex(store, extract, {
      mend,
      onDifference: ({ type, id, missing, extra }) =>
        told.push(`${type}/${id} ${missing.length > 0 ? '-' : ''}${extra.length > 0 ? '+' : ''}`),
    });
    return told;
  };
  t.same(await compare(false), []);
  const db = new DatabaseSync(path);
  t.teardown(() => db.close());
  const sound = { resources: 2, missing: 0, extra: 0, behind: 0 };
  const check = async (change: string, wanted: string): Promise<void> => {
    t.equal(db.prepare(change).run().changes, 1, change);
    t.same(await compare(false), [wanted], change);
    await compare(true);
    t.same(await compare(false), [], `mended: ${change}`);
    t.same(checkSqliteIndex(path), sound);
  };
  let kinds = 0;
  for (const table of ['ix', 'ixs', 'ixd', 'ixq']) {
    for (const row of db.prepare(`SELECT * FROM ${table} WHERE rid = 2`).all() as Record<string, unknown>[]) {
      kinds++;
      const columns = Object.keys(row);
      const literals = columns.map((column) => literal(row[column]));
      const where = columns.map((column, at) => `${column} = ${literals[at]}`).join(' AND ');
      await check(`DELETE FROM ${table} WHERE ${where}`, 'Basic/two -');
      // the same under another key, and of a resource that is deleted
      const others = (change: Record<string, string>): string =>
        columns.map((column, at) => change[column] ?? literals[at]).join();
      await check(`INSERT INTO ${table} VALUES (${others({ k: '9999' })})`, 'Basic/two +');
      await check(`INSERT INTO ${table} VALUES (${others({ rid: '3' })})`, 'Basic/gone +');
    }
  }
  t.equal(kinds, 11, 'kinds of rows [sqlite.index]');
  await check('DELETE FROM keys WHERE k = (SELECT max(k) FROM keys)', 'Basic/one -');
  // a shape that is another: the row of both is neither where it should be nor in one list only
  db.exec("UPDATE shapes SET keys = x'0000000101'");
  await store.close();
  const again = await openAt(path);
  t.teardown(() => again.close());
  const counts = async (mend: boolean) => (await verifyIndex(again, extract, { mend })).different;
  t.same([await counts(false), await counts(true), await counts(false)], [2, 2, 0]);
});

function literal(value: unknown): string {
  return typeof value === 'string' ? `CAST(x'${Buffer.from(value).toString('hex')}' AS TEXT)` : String(value);
}

t.test('what cannot be a posting is refused before anything is written', async (t) => {
  const store = await openAt(newPath(), { threads: true });
  t.teardown(() => store.close());
  const good = put('Basic', 'good');
  const bad = put('Basic', 'bad');
  if (bad.kind !== 'put') throw new Error('not a put');
  const wrong = [
    { numbers: [{ k: 1, u: 0, lo: Number.NaN, hi: 1 }] },
    { dates: [{ k: 1, lo: 0.5, hi: 1 }] },
    { terms: [{ k: -1, h: 5 }] },
    { terms: [{ k: 1, h: 2 ** 53 }] },
    { date: Number.NaN },
  ];
  for (const part of wrong) {
    const command = { ...bad, postings: { ...bad.postings, ...part } };
    await t.rejects(store.transact([good, command]), RangeError, JSON.stringify(part));
  }
  t.equal((await store.status()).resources, 0);
});

t.test('names of terms are in the dictionary although the first write of them failed', async (t) => {
  for (const threads of [true, false]) {
    const store = await openAt(newPath(), { threads });
    const values: Values = { codes: { code: ['http://example.org/s|c'] } };
    await t.rejects(store.transact([put('Basic', 'a', { values, expected: { versionId: '7' } })]));
    for (const id of ['a', 'b', 'c']) await store.transact([put('Basic', id, { values })]);
    const page = await store.search(query('Basic', code('Basic.code', 'c')), { limit: 9, total: 'none' });
    t.same(page.rows.map((row) => row.id).sort(), ['a', 'b', 'c']);
    const [term] = (await store.readPostings({ type: 'Basic', id: 'c' }))?.terms ?? [];
    t.match(term, { system: 'http://example.org/s', code: 'c' });
    await store.close();
  }
});

t.test('killed without warning, it loses nothing that was acknowledged', async (t) => {
  const seed = Math.floor(Math.random() * 1000);
  t.comment(`seed ${seed}`);
  const report = await killRounds({ rounds: 10, killAfter: (round) => 1 + ((round * 37 + seed) % 90) });
  t.same(
    { ...report, acknowledged: 0 },
    { rounds: 10, acknowledged: 0, lost: 0, partial: 0, indexDifferences: 0 },
  );
  t.ok(report.acknowledged >= 10, `${report.acknowledged} acknowledged [transact.durable]`);
  const hasty = await killRounds({ rounds: 2, without: 'waiting', killAfter: () => 40 });
  t.ok(hasty.lost > 0, 'a server that does not wait for the store is caught');
  const split = await killRounds({ rounds: 2, without: 'transactions', killAfter: (round) => 20 + round });
  t.ok(split.partial > 0, 'a server that writes one by one is caught');
});

t.test(
  'killed while it brings an older file to the newest version, the next start ends the same',
  async (t) => {
    const seed = Date.now() % 1_000_000;
    const options = { seed, resources: 3_000 };
    const { within, broken } = await killUpgrades({ ...options, rounds: 2 });
    t.same(broken, [], `seed ${seed}, ${within} kills before it was open`);
    let found = 0;
    for (let round = 0; round < 8 && found === 0; round++) {
      const control = { ...options, seed: seed + round, rounds: 1, without: 'transaction' } as const;
      found += (await killUpgrades(control)).broken.length;
    }
    t.ok(found > 0, 'without a transaction it would not');
  },
);

t.test('a full disk is an error that passes', async (t) => {
  const report = await fillDisk(16);
  if (report === undefined) {
    t.pass('skipped: no small disk can be mounted here; run as root, or allow user namespaces');
    return;
  }
  t.same(report.refused, Array(5).fill('unavailable'), 'refused as unavailable [transact.unavailable]');
  t.equal(report.lastRead, report.acknowledged, 'what was acknowledged is there');
  t.equal(report.searched, 5, 'and found meanwhile');
  t.same(report.after, Array(20).fill('done'), 'with room again, writes go on without a restart');
  t.match(report.index, { missing: 0, extra: 0, behind: 0 });
});

t.test('presence and its absence are exact on many resources', async (t) => {
  const store = await openAt(newPath());
  t.teardown(() => store.close());
  await store.transact([put('Basic', 'a', { values: { bare: ['x'] } }), put('Basic', 'b')]);
  for (const [where, id] of [
    [present('Basic.x'), 'a'],
    [all(not(present('Basic.x'))), 'b'],
  ] as const) {
    const page = await store.search(query('Basic', where), { limit: 5, total: 'accurate' });
    t.same([page.rows.map((row) => row.id), page.total], [[id], { value: 1, exact: true }]);
  }
});

t.test('two threads share the short searches that arrive together', async (t) => {
  const turns: (() => void)[] = [];
  const sharing = createSharing((work) => turns.push(work));
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const ask = (name: string): Promise<string> => {
    const begin = (where: string) => () => {
      begun.push(`${name} ${where}`);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    };
    return sharing.short({ here: begin('here'), there: begin('there') });
  };
  const settle = async (name: string, asked: Promise<string>): Promise<void> => {
    ends.get(name)?.();
    t.equal(await asked, name);
  };
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
  const asked = names.map(ask);
  const there = ['b', 'c', 'd', 'e', 'f', 'g'].map((name) => `${name} there`);
  t.same(begun, ['a here', ...there], 'one is carried out here, as many as may be there, the others wait');
  await settle('b', asked[1] as Promise<string>);
  t.same(begun.slice(7), ['h there'], 'who is done there gets the next one');
  turns.shift()?.();
  t.same(begun.slice(8), ['i here'], 'and so does this thread in its next turn, one at a time');
  turns.shift()?.();
  t.same(begun.slice(9), ['j here']);
  t.equal(turns.length, 1);
  turns.shift()?.();
  t.equal(turns.length, 0, 'nobody waits, so no turn is asked for');
  for (const [index, name] of names.entries())
    if (name !== 'b') await settle(name, asked[index] as Promise<string>);

  begun.length = 0;
  let endLong = (): void => undefined;
  const long = sharing.long(new Promise<void>((resolve) => (endLong = resolve)));
  const later = ['k', 'l'].map(ask);
  t.same(begun, ['k here'], 'nothing short is sent after a long one');
  endLong();
  await long;
  t.same(begun, ['k here', 'l there'], 'until that is done');
  for (const [index, name] of ['k', 'l'].entries()) await settle(name, later[index] as Promise<string>);
});

t.test('searched all at once, on two threads, every case is answered as it is alone', async (t) => {
  const store = await openAt(newPath(), { threads: true });
  t.teardown(() => store.close());
  for (const command of WORLD) await store.transact([command]);
  for (const [type, id] of GONE) await store.transact([remove(type, id)]);
  const pages = await Promise.all(
    SEARCH_CASES.map(([, asked]) => store.search(asked, { limit: 100, total: 'none' })),
  );
  for (const [index, page] of pages.entries()) {
    const [name, , answer] = SEARCH_CASES[index] as (typeof SEARCH_CASES)[number];
    t.equal(page.rows.map((row) => row.id).join(' '), answer, name);
  }
});

t.test('totals are right when the index alone counts', async (t) => {
  const store = await openAt(newPath(), {
    mergeVersions: 1,
    mergeChanges: 100_000,
    plans: { countedMax: 2, collectedMax: -1 },
  });
  t.teardown(() => store.close());
  for (const command of WORLD) await store.transact([command]);
  for (const [type, id] of GONE) await store.transact([remove(type, id)]);
  for (let step = 0; step < 6; step++) await store.transact([]);
  for (const [name, asked, answer] of SEARCH_CASES) {
    const total = answer === '' ? 0 : answer.split(' ').length;
    const page = await store.search(asked, { limit: 0, total: 'accurate' });
    t.same([page.rows, page.total], [[], { value: total, exact: true }], name);
  }
});

t.test('a total that was counted is brought up to date, not counted again', async (t) => {
  const store = await openAt(newPath(), {
    mergeVersions: 1,
    mergeChanges: 100_000,
    plans: { countedMax: 10, collectedMax: 10 },
  });
  t.teardown(() => store.close());
  await store.transact(
    Array.from({ length: 900 }, (_, index) => put('Basic', `r${index}`, { values: valuesOf(index) })),
  );
  const asked = query('Basic', all(code('Basic.code', '1'), text('Basic.name', 'contains', 'name')));
  const ask = async () => {
    // the index follows in steps, one after each write
    for (let step = 0; step < 6; step++) await store.transact([]);
    const { total, examined } = await store.explain(asked, { limit: 1, total: 'accurate' });
    return [(total as { value: number }).value, (examined as number) > 250] as const;
  };
  t.same(await ask(), [300, true], 'counted');
  t.same(await ask(), [300, false], 'known');
  const moved = put('Basic', 'r1', { values: valuesOf(0) });
  await store.transact([
    moved,
    put('Basic', 'r0', { values: valuesOf(4) }),
    remove('Basic', 'r4'),
    put('Basic', 'new', { values: valuesOf(1) }),
  ]);
  t.same(await ask(), [300, false], 'one came, one left, one is gone, one is new');
  await store.transact([remove('Basic', 'r7'), remove('Basic', 'r2')]);
  t.same(await ask(), [299, false]);
  await store.reindex([
    { type: 'Basic', id: 'r10', versionId: '1', postings: postingsOf('Basic', valuesOf(0)) },
  ]);
  t.same(await ask(), [298, true], 'postings that were replaced are counted anew');
  await store.transact(
    Array.from({ length: 600 }, (_, index) => put('Basic', `s${index}`, { values: valuesOf(index) })),
  );
  t.same(await ask(), [498, true], 'so they are when much has changed');
});

/** Nearly all are final; the few others are the first, and so last in the order of most searches. */
function withStatus(values: Values, index: number): Values {
  const status = index < 30 ? 's|amended' : 's|final';
  return {
    ...values,
    codes: { ...values.codes, status: [status] },
    texts: { ...values.texts, group: [`group ${index % 5}`] },
    ...(index < 30 && { bare: ['rare'] }),
  };
}

t.test('what a page looks at does not grow with the data', async (t) => {
  const store = await openAt(newPath(), {
    mergeVersions: 1,
    mergeChanges: 100_000,
    plans: { countedMax: 100, collectedMax: 100 },
  });
  t.teardown(() => store.close());
  const asked: readonly SearchQuery[] = [
    query('Basic', all()),
    query('Basic', code('Basic.code', '1')),
    query('Basic', not(code('Basic.code', '1'))),
    query('Basic', all(code('Basic.code', '1'), text('Basic.name', 'contains', 'name'))),
    query('Basic', code('Basic.code', '1'), byDesc('Basic.value', 'number')),
    query('Basic', all(), byDesc('Basic.name', 'text')),
    query('Basic', all(), { by: 'id', descending: false }),
    query('Basic', all(), { by: 'updated', descending: true }),
    query('Basic', all(), byDesc('Basic.code', 'term'), byDesc('Basic.value', 'number')),
    query('Basic', all(), by('Basic.group', 'text'), by('Basic.value', 'number')),
    query('Basic', code('Basic.code', '1'), by('Basic.group', 'text'), byDesc('Basic.value', 'number')),
    query('Basic', all(), by('Basic.code', 'term'), by('Basic.group', 'text'), by('Basic.value', 'number')),
    query('Group', text('Group.name', 'prefix', 'name 3')),
    query('Group', all(code('Group.code', '1'), text('Group.name', 'contains', 'me 3'))),
    query('Group', text('Group.name', 'contains', 'nobody')),
    query('Basic', paired('gt', 150)),
    query('Basic', paired('ge', 178)),
    query('Basic', paired('lt', 93)),
    query('Basic', paired('eq', 121)),
    query('Basic', paired('gt', 200)),
    query('Basic', all(code('Basic.code', '1'), number('Basic.pressure', 'gt', ...exactly(150), 'mm'))),
    query('Basic', all(paired('gt', 120), not(code('Basic.code', '2')))),
    query('Basic', number('Basic.pressure', 'gt', ...exactly(170), 'mm')),
    query('Basic', not(present('Basic.value'))),
    query('Basic', present('Basic.value')),
    query('Basic', not(present('Basic.rare'))),
    query('Basic', present('Basic.rare')),
    query('Basic', not(code('Basic.status', 'final'))),
    query('Basic', not(code('Basic.status', 'final')), byDesc('Basic.value', 'number')),
    query('Basic', all(not(code('Basic.status', 'final')), code('Basic.code', '1'))),
  ];
  const examined: number[][] = [];
  for (let size = 0; size < 3; size++) {
    const count = 600 * 4 ** size;
    for (let from = 0; from < count; from += 600) {
      await store.transact(
        Array.from({ length: 600 }, (_, index) =>
          put('Basic', `g${size}-${from + index}`, {
            values: withStatus(valuesOf(from + index), count * size + from + index),
          }),
        ),
      );
      // without a date, and with few names
      await store.transact(
        Array.from({ length: 600 }, (_, index) => {
          const values = { codes: { code: [`s|${index % 3}`] }, texts: { name: [`name ${index % 7}`] } };
          return put('Group', `h${size}-${from + index}`, { values });
        }),
      );
    }
    for (let step = 0; step < 6; step++) await store.transact([]);
    const looked = asked.map((one) => store.explain(one, { limit: 20, total: 'none' }));
    examined.push((await Promise.all(looked)).map((one) => one.examined as number));
  }
  const [small, , large] = examined as [number[], number[], number[]];
  // nor with the pages before it
  for (const [index, one] of asked.slice(0, 13).entries()) {
    let after: string | undefined;
    for (let page = 0; page < 40; page++) {
      const { next } = await store.search(one, { limit: 20, after, total: 'none' });
      if (next === undefined) break;
      after = next;
    }
    const { examined: far } = await store.explain(one, { limit: 20, after, total: 'none' });
    t.ok((far as number) <= 2 * (large[index] ?? 0), JSON.stringify(['page 41', one, large[index], far]));
  }
  for (const [index, one] of asked.entries()) {
    t.ok((large[index] ?? 0) <= 2 * (small[index] ?? 0), JSON.stringify([one, small[index], large[index]]));
  }
});

/** Many, some and single ones have one name, or none. */
function crowdedValues(index: number): Values {
  const name = index % 2 === 0 ? ['many'] : index % 3 === 0 ? [`some ${index % 5}`, 'zz'] : [`one ${index}`];
  return {
    codes: { code: [`s|${index % 2}`] },
    texts: { name: index % 11 === 0 ? [] : name },
    numbers: { value: index % 7 === 0 ? [] : [['', index % 13, (index % 13) + 1]] },
  };
}

t.test('orders of several keys are exact on pages of any length, however many have one value', async (t) => {
  for (const plans of [
    { collectedMax: -1 },
    { collectedMax: -1, groupMax: 20 },
    { chunkMin: 1, chunkMax: 8 },
  ]) {
    const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000, plans });
    const all200 = Array.from({ length: 200 }, (_, index) => crowdedValues(index));
    await store.transact(all200.map((values, index) => put('Basic', `r${index}`, { values })));
    for (let step = 0; step < 4; step++) await store.transact([]);
    // behind the index
    await store.transact([3, 50, 150].map((at) => put('Basic', `r${at}`, { values: crowdedValues(at + 1) })));
    const valuesAt = (at: number) => ([3, 50, 150].includes(at) ? crowdedValues(at + 1) : crowdedValues(at));
    const name = (at: number, up: boolean) => [...(valuesAt(at).texts?.name ?? [])].sort().at(up ? 0 : -1);
    const value = (at: number) => valuesAt(at).numbers?.value?.[0]?.[1] as number | undefined;
    const order = (x: string | number | undefined, y: string | number | undefined, up: boolean): number => {
      if (x === y) return 0;
      if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
      return x < y === up ? -1 : 1;
    };
    for (const [nameUp, valueUp] of [
      [true, true],
      [true, false],
      [false, true],
      [false, false],
    ] as const) {
      const expected = all200
        .map((_, at) => at)
        .sort((a, b) => {
          const byName = order(name(a, nameUp), name(b, nameUp), nameUp);
          return byName || order(value(a), value(b), valueUp) || (nameUp ? a - b : b - a);
        })
        .map((at) => `r${at}`);
      const asked = query(
        'Basic',
        all(),
        { ...by('Basic.name', 'text'), descending: !nameUp },
        { ...by('Basic.value', 'number'), descending: !valueUp },
      );
      for (const limit of [1, 7, 10, 20, 200]) {
        const seen: string[] = [];
        let after: string | undefined;
        do {
          const page = await store.search(asked, { limit, after, total: 'none' });
          seen.push(...page.rows.map(({ id }) => id));
          after = page.next;
        } while (after !== undefined);
        t.same(seen, expected, JSON.stringify([plans, nameUp, valueUp, limit]));
      }
    }
    await store.close();
  }
});

/** What each page of a search looks at. */
async function eachPage(store: Store, asked: SearchQuery, limit: number): Promise<number[]> {
  const examined: number[] = [];
  let after: string | undefined;
  do {
    const page = { limit, total: 'none', ...(after !== undefined && { after }) } as const;
    examined.push((await store.explain(asked, page)).examined as number);
    after = (await store.search(asked, page)).next;
  } while (after !== undefined);
  return examined;
}

t.test(
  'pages of an order by several keys look at no more the further they are, nor with the data',
  async (t) => {
    const means: number[][] = [];
    for (const count of [500, 4_000]) {
      const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000 });
      const values = (index: number): Values => ({
        codes: { code: [`s|${index % 2}`] },
        // groups of a tenth, a hundredth and one, in turn
        texts: {
          name: [index % 2 === 0 ? `a${index % 10}` : index % 3 === 0 ? `b${index % 99}` : `c${index}`],
        },
        numbers: { value: [['', (index * 7919) % 1_000, ((index * 7919) % 1_000) + 1]] },
      });
      for (let from = 0; from < count; from += 500) {
        const some = Array.from({ length: 500 }, (_, at) =>
          put('Basic', `r${from + at}`, { values: values(from + at) }),
        );
        await store.transact(some);
      }
      for (let step = 0; step < 4; step++) await store.transact([]);
      means.push(
        await Promise.all(
          [
            query('Basic', all(), by('Basic.name', 'text'), by('Basic.value', 'number')),
            query('Basic', all(), by('Basic.name', 'text'), byDesc('Basic.value', 'number')),
            query(
              'Basic',
              code('Basic.code', '0'),
              byDesc('Basic.name', 'text'),
              by('Basic.value', 'number'),
            ),
            query(
              'Basic',
              all(),
              by('Basic.code', 'term'),
              by('Basic.name', 'text'),
              by('Basic.value', 'number'),
            ),
          ].map(async (asked) => {
            const pages = await eachPage(store, asked, 20);
            return pages.reduce((sum, one) => sum + one, 0) / pages.length;
          }),
        ),
      );
      await store.close();
    }
    const [small, large] = means as [number[], number[]];
    for (const [at, mean] of large.entries()) {
      t.ok(mean <= 100 && mean <= 1.5 * (small[at] as number), JSON.stringify([at, small[at], mean]));
    }
  },
);

t.test(
  'an order that is remembered is not used once postings were replaced, and ends with its snapshot',
  async (t) => {
    const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000 });
    t.teardown(() => store.close());
    const values = (value: number): Values => ({
      texts: { name: ['same'] },
      numbers: { value: [['', value, value + 1]] },
    });
    await store.transact(
      Array.from({ length: 100 }, (_, at) => put('Basic', `r${at}`, { values: values(at) })),
    );
    for (let step = 0; step < 4; step++) await store.transact([]);
    const asked = query('Basic', all(), by('Basic.name', 'text'), by('Basic.value', 'number'));
    const pageAfter = (after: string | undefined) =>
      store.search(asked, { limit: 10, total: 'none', ...(after !== undefined && { after }) });
    const idsFrom = async (start: string | undefined): Promise<string[]> => {
      const ids: string[] = [];
      let after = start;
      do {
        const page = await pageAfter(after);
        ids.push(...page.rows.map(({ id }) => id));
        after = page.next;
      } while (after !== undefined);
      return ids;
    };
    const asWritten = Array.from({ length: 100 }, (_, at) => `r${at}`);
    t.same(await idsFrom(undefined), asWritten);
    const { next } = await pageAfter(undefined);
    await store.transact([
      put('Basic', 'r70', { values: values(-1) }),
      remove('Basic', 'r80'),
      put('Basic', 'new', { values: values(50) }),
    ]);
    t.same(await idsFrom(next), asWritten.slice(10), 'pages stand still while others write');
    const moved = ['r70', ...asWritten.filter((id) => id !== 'r70' && id !== 'r80')];
    moved.splice(moved.indexOf('r50') + 1, 0, 'new');
    t.same(await idsFrom(undefined), moved, 'a new search sees what was written');
    for (let step = 0; step < 4; step++) await store.transact([]);
    t.same(await idsFrom(next), asWritten.slice(10), 'so they do when the index has it');
    t.same(await idsFrom(undefined), moved);
    await store.reindex([
      { type: 'Basic', id: 'r50', versionId: '1', postings: postingsOf('Basic', values(-2)) },
    ]);
    t.same(
      await idsFrom(undefined),
      ['r50', ...moved.filter((id) => id !== 'r50')],
      'a new search sees new postings',
    );
  },
);

const dayAt = (day: number): string => new Date(Date.UTC(2000, 0, 1 + day)).toISOString().slice(0, 10);

/** Days, years and several dates far from each other, or none. */
function datedValues(index: number): Values {
  const start = (index * 37) % 900;
  const one = (from: number, days: number) => [dayAt(from), dayAt(from + days)] as const;
  const when =
    index % 17 === 0
      ? []
      : index % 13 === 0
        ? [one(start, 1), one(start + 300, 1)]
        : [one(start, index % 11 === 0 ? 365 : 1)];
  return { codes: { code: [`s|${index % 3}`] }, texts: { name: [`n${index % 40}`] }, dates: { when } };
}

t.test('a range of the dates of an order bounds what is read, and finds the same', async (t) => {
  for (const plans of [{}, { collectedMax: -1, countedMax: 2, triedFirst: 1, chunkMin: 1, chunkMax: 8 }]) {
    const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000, plans });
    await store.transact(
      Array.from({ length: 400 }, (_, at) => put('Basic', `r${at}`, { values: datedValues(at) })),
    );
    for (let step = 0; step < 4; step++) await store.transact([]);
    // behind the index
    await store.transact([7, 70].map((at) => put('Basic', `r${at}`, { values: datedValues(at + 1) })));
    const valuesAt = (at: number): Values => datedValues(at === 7 || at === 70 ? at + 1 : at);
    const ms = (day: string): number => Date.parse(`${day}T00:00:00Z`);
    for (const prefix of ['eq', 'ge', 'gt', 'le', 'lt', 'sa', 'eb', 'ap'] as const) {
      const [lo, hi] = [dayAt(440), dayAt(460)];
      for (const descending of [false, true]) {
        for (const filter of [all(), code('Basic.code', '1')]) {
          const expected = Array.from({ length: 400 }, (_, at) => at)
            .filter((at) => filter.kind === 'all' || valuesAt(at).codes?.code?.[0] === 's|1')
            .filter((at) =>
              valuesAt(at).dates?.when?.some(([from, to]) =>
                rangeMatches(prefix, ms(from), ms(to), ms(lo), ms(hi)),
              ),
            )
            .map((at) => {
              const starts = (valuesAt(at).dates?.when ?? []).map(([from]) => ms(from));
              return { at, place: descending ? -Math.max(...starts) : Math.min(...starts) };
            })
            .sort((a, b) => a.place - b.place || (descending ? b.at - a.at : a.at - b.at))
            .map(({ at }) => `r${at}`);
          const asked = query('Basic', all(date('Basic.when', prefix, lo, hi), filter), {
            ...by('Basic.when', 'date'),
            descending,
          });
          for (const limit of [7, 200]) {
            const seen: string[] = [];
            let after: string | undefined;
            do {
              const page = await store.search(asked, {
                limit,
                total: 'none',
                ...(after !== undefined && { after }),
              });
              seen.push(...page.rows.map(({ id }) => id));
              after = page.next;
            } while (after !== undefined);
            t.same(seen, expected, JSON.stringify([plans, prefix, descending, filter.kind, limit]));
          }
        }
      }
    }
    await store.close();
  }
});

t.test('where few match, an order is read with a set of them, and to its end', async (t) => {
  const store = await openAt(newPath(), {
    mergeVersions: 1,
    mergeChanges: 100_000,
    plans: { countedMax: 60, collectedMax: 60 },
  });
  t.teardown(() => store.close());
  const values = (at: number): Values => ({
    texts: { name: [`n${at % 25}`], ...(at % 100 !== 0 && { title: [`${(at * 7919) % 3_000}`, 'z'] }) },
  });
  for (let from = 0; from < 3_000; from += 500) {
    const some = Array.from({ length: 500 }, (_, at) =>
      put('Basic', `r${from + at}`, { values: values(from + at) }),
    );
    await store.transact(some);
  }
  for (let step = 0; step < 4; step++) await store.transact([]);
  const asked = query('Basic', text('Basic.name', 'prefix', 'n5'), by('Basic.title', 'text'));
  const title = (at: number): string => values(at).texts?.title?.[0] ?? '~';
  const expected = Array.from({ length: 3_000 }, (_, at) => at)
    .filter((at) => at % 25 === 5)
    .sort((a, b) => (title(a) < title(b) ? -1 : title(a) > title(b) ? 1 : a - b))
    .map((at) => `r${at}`);
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = { limit: 20, total: 'none', ...(after !== undefined && { after }) } as const;
    const found = await store.search(asked, page);
    seen.push(...found.rows.map(({ id }) => id));
    // a twenty-fifth matches: some 500 rows were read for a page
    const { examined } = await store.explain(asked, page);
    t.ok((examined as number) < 300, `${seen.length}: ${examined}`);
    after = found.next;
  } while (after !== undefined);
  t.same(seen, expected);
});

/** Values of a resource that has one of 2^bits combinations of parameters. */
function shapedValues(index: number, bits: number): Values {
  const names = Array.from({ length: bits }, (_, bit) => `p${bit}`);
  const has = (_: string, bit: number): boolean => ((index >> bit) & 1) === 1;
  const posted = names.filter((name, bit) => bit % 2 === 0 && has(name, bit));
  return {
    codes: Object.fromEntries(posted.map((name) => [name, [`s|${index % 3}`]])),
    bare: names.filter((name, bit) => bit % 2 === 1 && has(name, bit)),
  };
}

t.test('what is missing is found although resources have more shapes than are listed apart', async (t) => {
  const bits = 9;
  for (const plans of [{}, { countedMax: 1, collectedMax: -1 }, { countedMax: 1, shapesMax: 300 }]) {
    const path = newPath();
    const store = await openAt(path, { mergeVersions: 1, mergeChanges: 100_000, plans });
    const values = Array.from({ length: 2 ** bits }, (_, index) => shapedValues(index, bits));
    await store.transact(values.map((one, index) => put('Basic', `r${index}`, { values: one })));
    for (let step = 0; step < 4; step++) await store.transact([]);
    const ids = async (where: Predicate): Promise<readonly [string, number]> => {
      const page = await store.search(query('Basic', where), { limit: 600, total: 'accurate' });
      return [
        page.rows
          .map(({ id }) => id)
          .sort()
          .join(),
        page.total?.value ?? -1,
      ];
    };
    const expect = (is: (index: number) => boolean): readonly [string, number] => {
      const kept = values.map((_, index) => index).filter(is);
      return [
        kept
          .map((index) => `r${index}`)
          .sort()
          .join(),
        kept.length,
      ];
    };
    const bit = (index: number, at: number): boolean => ((index >> at) & 1) === 1;
    for (const at of [0, 1, 7, 8]) {
      const one = present(`Basic.p${at}`);
      t.same(
        await ids(not(one)),
        expect((index) => !bit(index, at)),
        `without p${at}`,
      );
      t.same(
        await ids(one),
        expect((index) => bit(index, at)),
        `with p${at}`,
      );
    }
    t.same(
      await ids(not(code('Basic.p8', '1'))),
      expect((index) => !bit(index, 8) || index % 3 !== 1),
    );
    await store.close();
    const file = new DatabaseSync(path);
    const kept = file.prepare('SELECT count(*) AS count FROM shapes').get() as { count: number };
    file.close();
    t.equal(kept.count, SHAPES_MAX + 1, 'the others share one list');
    t.same(checkSqliteIndex(path), { resources: 2 ** bits, missing: 0, extra: 0, behind: 0 });
  }
});

t.test(
  'a file without lists of shapes and numbers gets them when it is opened, whatever its index is behind',
  async (t) => {
    const path = newPath();
    const waiting = { mergeVersions: 1_000_000, mergeIdleMs: Number.POSITIVE_INFINITY };
    let store = await openAt(path, { mergeVersions: 1, mergeChanges: 100_000 });
    const sized = (index: number): Values => ({
      ...shapedValues(index, 4),
      numbers: { size: [['kg', ...exactly(100 + index)]] },
    });
    const write = (from: number, to: number) =>
      store.transact(
        Array.from({ length: to - from }, (_, index) =>
          put('Basic', `r${from + index}`, { values: sized(from + index) }),
        ),
      );
    await write(0, 40);
    await store.transact([remove('Basic', 'r1'), put('Basic', 'r2', { values: sized(5) })]);
    await store.close();
    const file = new DatabaseSync(path);
    // as an earlier server would have left it, its last commits not in the index
    const lists = `k = -3 OR k < ${-0x180000000}`;
    file.exec(`DELETE FROM ix WHERE ${lists}; DELETE FROM keys WHERE ${lists}; DROP TABLE shapes`);
    file.exec("UPDATE meta SET value = 20 WHERE name IN ('merged', 'merging')");
    file.exec('PRAGMA user_version=2');
    file.close();
    store = await openAt(path, waiting);
    const missing = await store.search(query('Basic', not(present('Basic.p0'))), {
      limit: 50,
      total: 'accurate',
    });
    // of 0 to 39 the even ones, without 2, which has it by now
    t.same([missing.rows.length, missing.total], [19, { value: 19, exact: true }]);
    await store.close();
    t.same(checkSqliteIndex(path), { resources: 39, missing: 0, extra: 0, behind: 0 });
  },
);

t.test('the index falls behind no further than its bound', async (t) => {
  const furthest = async (behindMax: number): Promise<number> => {
    const path = newPath();
    const store = await openAt(path, {
      mergeVersions: 1_000_000,
      mergeIdleMs: Number.POSITIVE_INFINITY,
      mergeChanges: 100,
      behindMax,
    });
    let most = 0;
    for (let round = 0; round < 12; round++) {
      await store.transact(Array.from({ length: 10 }, (_, index) => put('Basic', `b${round}-${index}`)));
      most = Math.max(most, checkSqliteIndex(path).behind);
    }
    await store.close();
    return most;
  };
  const bounded = await furthest(30);
  t.ok(bounded >= 30 && bounded < 30 + 10, `${bounded} versions behind, with groups of 10`);
  t.equal(await furthest(1_000_000), 120, 'without the bound it would fall behind by all [sqlite.behind]');
});

t.test('while the index cannot catch up nothing more is written', async (t) => {
  const connection = openConnection({
    path: newPath(),
    role: 'writer',
    cacheBytes: 1_000_000,
    busyTimeoutMs: 100,
  });
  t.teardown(() => connection.close());
  let behind = 10;
  let isFull = true;
  const merger = {
    behind: () => behind,
    run() {
      if (isFull) throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
      behind--;
      return behind > 0;
    },
    reset() {},
  };
  const schedule = scheduleMerges(connection, merger, {
    mergeVersions: 1_000_000,
    mergeChanges: 1,
    mergeIdleMs: Number.POSITIVE_INFINITY,
    behindMax: 5,
  });
  t.notOk(schedule.hasRoom(), 'the disk is full');
  isFull = false;
  schedule.finish();
  t.ok(schedule.hasRoom(), 'and empty again');
  const refused = refuseGroup([{ kind: 'transact', commands: [], preconditions: [] }]);
  t.match(refused, [{ ok: false, error: StoreUnavailableError }], 'refused as unavailable [sqlite.behind]');
});

t.test('postings come out of their bytes as they went in, however many parameters are present', (t) => {
  for (const count of [0, 1, 31, 32, 33, 200]) {
    const present = Array.from({ length: count }, (_, index) => index + 1);
    const odd = present.filter((k) => k % 2 === 1);
    const postings = {
      date: 7,
      terms: odd.flatMap((k) => [
        { k, h: 2 ** 51 + k },
        { k: 1000, h: k, system: 's', code: 'c' },
      ]),
      texts: odd.map((k) => ({ k, text: 'é' })),
      dates: odd.map((k) => ({ k, lo: -1, hi: k })),
      numbers: odd.map((k) => ({ k, u: k, lo: 0.5, hi: 1 })),
      present,
    };
    const names = () => ({ system: 's', code: 'c' });
    t.same(unpackPostings(packPostings(postings), 7, names), postings, `${count} parameters`);
  }
  const nothing = { date: 0, terms: [], texts: [], dates: [], numbers: [], present: [] };
  for (const wrong of [
    { date: 0.5 },
    { present: [-1] },
    { terms: [{ k: 1, h: 2 ** 52 }] },
    { texts: [{ k: 2 ** 31, text: '' }] },
    { dates: [{ k: 1, lo: 0.5, hi: 1 }] },
    { numbers: [{ k: 1, u: 1, lo: Number.NaN, hi: 1 }] },
  ]) {
    t.throws(() => packPostings({ ...nothing, ...wrong }), /not a posting/, JSON.stringify(wrong));
  }
  t.end();
});

t.test('versions that are kept in memory are bounded, the oldest go first', async (t) => {
  const version = (id: string, chars: number): StoredVersion => ({
    type: 'Basic',
    id,
    versionId: '1',
    lastUpdated: 0,
    method: 'PUT',
    deleted: false,
    json: 'x'.repeat(chars),
  });
  const idsIn = (kept: KeptVersions): string[] =>
    ['a', 'b', 'c', 'd', 'e'].filter((id) => kept.get('Basic', id) !== undefined);
  // each counts 200 characters beside its text
  const kept = createKeptVersions(16 * 400);
  kept.keep(version('a', 200));
  kept.keep(version('a', 100));
  t.equal(kept.get('Basic', 'a')?.json.length, 100, 'the newest is kept');
  t.equal(kept.get('Group', 'a'), undefined);
  kept.keep(version('b', 201));
  t.same(idsIn(kept), ['a'], 'a text of more than a sixteenth is not');
  for (let count = 0; count < 15; count++) kept.keep(version(`f${count}`, 200));
  t.same(idsIn(kept), ['a'], 'all that fits is there');
  kept.keep(version('c', 0));
  t.same(idsIn(kept), ['c'], 'the oldest makes room');
  const none = createKeptVersions(0);
  none.keep(version('d', 0));
  t.same(idsIn(none), []);
  const finish: (() => void)[] = [];
  const change = (): Promise<void> =>
    kept.during([{ type: 'Basic', id: 'c' }], () => new Promise((resolve) => finish.push(resolve)));
  const changes = [change(), change()];
  t.same(idsIn(kept), [], 'what is being changed is forgotten');
  finish[0]?.();
  await changes[0];
  kept.keep(version('c', 0));
  t.same(idsIn(kept), [], 'and not kept while anybody changes it');
  finish[1]?.();
  await changes[1];
  kept.keep(version('c', 0));
  t.same(idsIn(kept), ['c'], 'then it is');
  await t.rejects(kept.during([{ type: 'Basic', id: 'c' }], () => Promise.reject(new Error('lost'))));
  t.same(idsIn(kept), [], 'also after a change that failed');
  kept.keep(version('c', 0));
  t.same(idsIn(kept), ['c']);
});

t.test('a read is never older than the answers before it, whatever is kept', async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.comment(`seed ${seed}`);
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  for (const keptCharsMax of [0, 16 * 260, 1 << 20]) {
    const store = await openAt(newPath(), { threads: true, keptCharsMax });
    /** Of each resource the newest version that was answered. */
    const answered = new Map<string, number>();
    const note = (id: string, v: number): void => {
      answered.set(id, Math.max(v, answered.get(id) ?? 0));
    };
    const wrong: string[] = [];
    const act = async (): Promise<void> => {
      for (let step = 0; step < 60; step++) {
        const id = `r${random(6)}`;
        const before = answered.get(id) ?? 0;
        if (random(3) === 0) {
          const other = `r${random(6)}`;
          const commands = random(4) === 0 ? [remove('Basic', id)] : [put('Basic', id), put('Basic', other)];
          const { results } = await store.transact(commands);
          for (const [at, one] of commands.entries()) note(one.id, Number(results[at]?.versionId || 0));
        } else {
          const found = await store.read('Basic', id);
          const v = Number(found?.versionId ?? 0);
          if (v < before) wrong.push(`${id}: version ${v} after ${before} was answered`);
          if (found && !found.deleted && !found.json.includes(`"versionId":"${v}"`)) wrong.push(found.json);
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, act));
    t.same(wrong, [], `${keptCharsMax} characters`);
    for (const [id, v] of answered) t.equal((await store.read('Basic', id))?.versionId, String(v), id);
    await store.close();
    await t.rejects(store.read('Basic', 'r0'), StoreUnavailableError, 'nothing is told after the end');
  }
});

t.test('a long list may be counted, and costs more the longer it is', async (t) => {
  t.same([0, 1, 16, 320_000].map(costOfCounted), [0, 1, 1, 20_000]);
  t.ok(costOfCounted(5_000_000) < 100_000, 'a third of what a search may look at');
  t.ok(costOfCounted(50_000_000) > 300_000, 'not without end');
});
