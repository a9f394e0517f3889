/** The check of a large file after an unclean stop: it ends with the server, gives way to writes, and is not forgotten. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import t from 'tap';
import type { CheckReport } from '../../src/storage/sqlite/integrity.ts';
import type { Store } from '../../src/storage/store.ts';
import { put } from './contract/build.ts';
import { sqliteFiles } from './sqlite-files.ts';

const { newPath, openAt } = await sqliteFiles(t);

t.test(
  'a check that is not done when the store is closed ends with it, and begins again at the next start [sqlite.check]',
  async (t) => {
    const path = await uncleanFile();
    slowDown(path);
    for (const start of ['first', 'second']) {
      const { store, report } = await openChecked(path);
      const { kind, pid } = (await report()) as CheckReport & { kind: 'begun'; pid: number };
      t.equal(kind, 'begun', `at the ${start} start`);
      t.ok(isRunning(pid));
      await store.transact([put('Basic', start)]);
      await store.close();
      t.notOk(isRunning(pid), 'nothing reads the file any more');
      t.ok(isInUse(path), 'it still counts as one that was not closed');
    }
  },
);

t.test('a file that was found sound is closed as any other [sqlite.check]', async (t) => {
  const path = await uncleanFile();
  const { store, report } = await openChecked(path);
  t.same([(await report()).kind, await report()], ['begun', { kind: 'sound' }]);
  await store.close();
  t.notOk(isInUse(path));
  const again = await openAt(path, { checkFirstBytesMax: 0, onFileCheck: ({ kind }) => t.fail(kind) });
  await again.close();
});

t.test(
  'a check during which much is written gives way, and begins again when little is [sqlite.check]',
  async (t) => {
    const path = await uncleanFile();
    slowDown(path);
    // so that the log may hold 4 times this while it is checked
    const { store, report } = await openChecked(path, { walBytes: 64 * 1024, walBytesMax: 64 * 1024 });
    t.equal((await report()).kind, 'begun');
    let next: CheckReport | undefined;
    const delayed = report().then((one) => {
      next = one;
    });
    for (let written = 0; next === undefined; written++) {
      await store.transact([put('Basic', `w${written % 100}`, { mark: 'x'.repeat(20_000) })]);
      // so that what others tell is heard
      await new Promise((resolve) => setImmediate(resolve));
    }
    await delayed;
    t.same(next, { kind: 'delayed' });
    t.equal((await report()).kind, 'begun', 'once nothing is written');
    await store.close();
  },
);

t.test('a server is stopped, or killed, while its file is checked [sqlite.check]', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'passerelle.sqlite');
  const store = await openAt(path);
  await store.transact([put('Basic', 'a')]);
  await store.close();
  slowDown(path, 70);
  markInUse(path);
  for (const signal of ['SIGTERM', 'SIGKILL', 'SIGTERM'] as const) {
    const server = await startServer(folder);
    t.teardown(() => server.child.kill('SIGKILL'));
    const pid = await server.checkPid;
    t.ok(isRunning(pid), 'it is checked');
    if (process.platform === 'linux') t.equal(getPriority(pid), 19, 'behind everything else');
    t.equal((await fetch(`${server.base}/Basic/a`)).status, 200, 'and served');
    const ended = once(server.child, 'exit');
    server.child.kill(signal);
    t.same(await ended, signal === 'SIGTERM' ? [0, null] : [null, signal]);
    while (isRunning(pid)) await new Promise((resolve) => setImmediate(resolve));
    t.ok(isInUse(path), 'the check is still due');
  }
});

async function uncleanFile(): Promise<string> {
  const path = newPath();
  const store = await openAt(path);
  for (let index = 0; index < 50; index++) await store.transact([put('Basic', `b${index}`)]);
  await store.close();
  markInUse(path);
  return path;
}

function change(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

const markInUse = (path: string): void => change(path, "UPDATE meta SET value = 1 WHERE name = 'in-use'");

function isInUse(path: string): boolean {
  const db = new DatabaseSync(path);
  const row = db.prepare("SELECT value FROM meta WHERE name = 'in-use'").get();
  db.close();
  return row?.value === 1;
}

/** Its check takes longer than any test: each row has a constraint to be worked out. */
function slowDown(path: string, megabytes = 0): void {
  change(
    path,
    `PRAGMA ignore_check_constraints = 1;
    CREATE TABLE slow(n INTEGER PRIMARY KEY, filler, CHECK (length(hex(zeroblob(50000000 + n % 2))) > n));
    INSERT INTO slow SELECT value, zeroblob(${megabytes} * 10000)
      FROM (WITH RECURSIVE n(value) AS (VALUES (1) UNION ALL SELECT value + 1 FROM n WHERE value < 100) SELECT value FROM n);
    INSERT INTO slow SELECT n + 100 * m.value, '' FROM slow,
      (WITH RECURSIVE n(value) AS (VALUES (1) UNION ALL SELECT value + 1 FROM n WHERE value < 100) SELECT value FROM n) AS m;`,
  );
}

/** A store whose file counts as large, and what its check tells, one by one. */
async function openChecked(
  path: string,
  options: Parameters<typeof openAt>[1] = {},
): Promise<{ store: Store; report: () => Promise<CheckReport> }> {
  const told: CheckReport[] = [];
  let wake = (): void => undefined;
  const onFileCheck = (report: CheckReport): void => {
    told.push(report);
    wake();
  };
  const store = await openAt(path, { checkFirstBytesMax: 0, onFileCheck, ...options });
  const report = async (): Promise<CheckReport> => {
    // the check keeps no process alive
    const alive = setInterval(() => undefined, 1_000);
    while (told.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    clearInterval(alive);
    return told.shift() as CheckReport;
  };
  return { store, report };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // one that has ended, and whose parent has not asked how, is gone too
    return process.platform !== 'linux' || !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

interface Served {
  readonly child: ChildProcess;
  readonly base: string;
  readonly checkPid: Promise<number>;
}

async function startServer(data: string): Promise<Served> {
  const bin = join(import.meta.dirname, '..', '..', 'bin', 'passerelle.mjs');
  const child = spawn(process.execPath, [bin], {
    env: { ...process.env, PASSERELLE_PORT: '0', PASSERELLE_DATA: data },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const find = (pattern: RegExp): Promise<string> =>
    new Promise((resolve) => {
      for (const input of [child.stdout, child.stderr])
        createInterface({ input }).on('line', (line) => {
          const found = pattern.exec(line)?.[1];
          if (found !== undefined) resolve(found);
        });
    });
  const checkPid = find(/"checkPid":(\d+)/).then(Number);
  return { child, base: await find(/(http:\/\/[^\s"]+\/fhir)/), checkPid };
}
