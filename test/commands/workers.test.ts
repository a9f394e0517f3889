/** Several server processes on one port: both serve, a dead one is started again, all end when told to. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { readWorkers } from '../../src/commands/workers.ts';
import { databaseUrl, freshDatabase, type MongoServer, mongoFor } from '../storage/mongodb-server.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

t.test('--workers takes a number within its bounds', async (t) => {
  t.equal(readWorkers([]), undefined);
  t.equal(readWorkers(['--workers', '1']), 1);
  t.equal(readWorkers(['--workers', '64']), 64);
  for (const args of [['--workers'], ['--workers', '0'], ['--workers', '65'], ['--workers', '1.5'], ['-x']])
    t.type(readWorkers(args), 'string', args.join(' '));
});

t.test('on SQLite it is refused with the reason', async (t) => {
  const { MONGODB_URL: _, ...env } = process.env;
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'serve', '--workers', '2'], {
    env,
    encoding: 'utf8',
  });
  t.equal(status, 2);
  t.match(stderr, /an SQLite file has one server. Set MONGODB_URL/);
});

const mongo = await mongoFor(t);
if (mongo !== undefined) {
  t.test('workers share a port, are started again, and end together', async (t) => {
    const { child, base } = await startWorkers(t, mongo);
    const pids = await workersOf(base, 2);
    t.equal(pids.size, 2, 'both serve');
    const made = await fetch(`${base}/Patient`, {
      method: 'POST',
      headers: { 'content-type': 'application/fhir+json' },
      body: JSON.stringify({ resourceType: 'Patient', gender: 'female' }),
    });
    t.equal(made.status, 201);
    const link = `${base}/Patient?_count=1&gender=female`;
    for (let at = 0; at < 6; at++) {
      const answer = await fetch(link, { headers: { connection: 'close' } });
      t.equal(((await answer.json()) as { total?: number }).total, 1, 'each sees what the other wrote');
    }

    const told = nextLine(child, /^Worker \d \(process (\d+)\) ended with SIGKILL; another in/);
    const victim = childrenOf(child)[0]!;
    process.kill(victim, 'SIGKILL');
    t.equal(Number((await told)[1]), victim, 'a dead worker is told of');
    t.equal((await fetch(`${base}/metadata`)).status, 200, 'the other one goes on');
    const workers = await workersOf(base, 2);
    t.equal(workers.size, 2, 'and another takes its place');
    t.notSame([...workers].sort(), [...pids].sort());

    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
    child.kill('SIGTERM');
    t.equal(await ended, 0, 'SIGTERM ends all');
    await t.rejects(fetch(`${base}/metadata`), 'nobody listens any more');
  });

  t.test('what a worker cannot start with is told once, and ends it all', async (t) => {
    const refused = spawnSync(process.execPath, [MAIN, 'serve', '--workers', '3'], {
      env: {
        ...process.env,
        ...envOf(t, mongo),
        MONGODB_URL: 'mongodb://127.0.0.1:1/x',
        PASSERELLE_MONGODB_WAIT_MS: '100',
        PASSERELLE_MONGODB_START_WAIT_MS: '0',
      },
      encoding: 'utf8',
    });
    t.equal(refused.status, 1);
    t.equal(refused.stderr.match(/The store cannot be opened/g)?.length, 1, refused.stderr);
  });
}

function envOf(t: Test, mongo: MongoServer): Record<string, string> {
  const database = freshDatabase(mongo);
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-workers-'));
  t.teardown(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    MONGODB_URL: databaseUrl(mongo, database.name),
    PASSERELLE_DATA: folder,
    PASSERELLE_PORT: '0',
    PASSERELLE_MONGODB_HINTS: String(!mongo.isStandIn),
  };
}

async function startWorkers(
  t: Test,
  mongo: MongoServer,
): Promise<{ readonly child: ChildProcess; readonly base: string }> {
  const child = spawn(process.execPath, [MAIN, 'serve', '--workers', '2'], {
    env: { ...process.env, ...envOf(t, mongo) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  return await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const base = /^Passerelle serves FHIR R4 at (\S+)/.exec(line)?.[1];
      if (base !== undefined) resolve({ child, base });
    });
  });
}

/** The numbers of the workers that answer on connections of their own, once there are so many. */
async function workersOf(base: string, count: number): Promise<Set<string>> {
  const url = new URL('/metrics', base);
  for (;;) {
    const found = new Set<string>();
    for (let at = 0; at < 4 * count; at++) {
      const text = await (await fetch(url, { headers: { connection: 'close' } })).text();
      found.add(/process_uptime_seconds\{worker="(\d+)"\}/.exec(text)?.[1] ?? 'none');
    }
    if (found.size >= count) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function childrenOf(child: ChildProcess): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)], { encoding: 'utf8' });
  return stdout.trim().split(/\s+/).map(Number);
}

async function nextLine(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return await new Promise((resolve) => {
    createInterface({ input: child.stderr! }).on('line', (line) => {
      const found = pattern.exec(line);
      if (found !== null) resolve(found);
    });
  });
}
