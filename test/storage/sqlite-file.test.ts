/**
 * The file of the SQLite engine: settings of connections, the lock, versions of the file, damage, backup and faults.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { chmod, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import t from 'tap';
import { fillDisk } from '../../scripts/faults/disk-full.ts';
import { killRounds } from '../../scripts/faults/kill.ts';
import { killUpgrades } from '../../scripts/faults/upgrade.ts';
import { backupSqlite } from '../../src/storage/sqlite/backup.ts';
import { checkSqliteIndex } from '../../src/storage/sqlite/check-index.ts';
import { openConnection } from '../../src/storage/sqlite/connection.ts';
import { awaitLog, createLogTurn, holdLog } from '../../src/storage/sqlite/log-turn.ts';
import { scheduleMerges } from '../../src/storage/sqlite/merge-schedule.ts';
import { type Store, StoreUnavailableError } from '../../src/storage/store.ts';
import { code, not, present, put, query, remove, type Values } from './contract/build.ts';

import { exactly, shapedValues, sqliteFiles } from './sqlite-files.ts';

const { folder, newPath, openAt } = await sqliteFiles(t);

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
  await t.rejects(openAt(foreign), { name: 'StoreRefusedError', message: /another program: choose/ });
  await t.rejects(
    backupSqlite(foreign, newPath()),
    /another program/,
    'nor is it copied as a backup of ours',
  );
  const newer = newPath();
  await (await openAt(newer)).close();
  const again = new DatabaseSync(newer);
  again.exec('PRAGMA user_version=999');
  again.close();
  await t.rejects(openAt(newer), {
    name: 'StoreRefusedError',
    message: /version 999, this server knows up to 5/,
  });
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

async function untilItFails(store: Store): Promise<void> {
  for (;;) {
    await store.status();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Overwrites pages in the middle of the file, behind those that every start looks at. */
async function damage(path: string): Promise<void> {
  const file = await open(path, 'r+');
  const { size } = await file.stat();
  for (let page = 40; page < size / 4096 - 10; page += 3)
    await file.write(Buffer.alloc(200, 0xa5), 0, 200, page * 4096);
  await file.close();
}

t.test('a backup is taken while writes go on, and is a database of its own', async (t) => {
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
