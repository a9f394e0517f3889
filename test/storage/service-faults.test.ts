/**
 * The whole server is killed while clients send it transaction Bundles: a short form of `npm run faults`, with the
 * controls that show that its check sees what it looks for.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { killService, type ServiceOptions } from '../../scripts/faults/killed-service.ts';
import { databaseUrl, freshDatabase, startMongo, whyNoMongo } from './mongodb-server.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const SEED = Number(process.env.STORE_SEED ?? Date.now() % 1_000_000);

async function kill(options: Partial<ServiceOptions>) {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-service-'));
  try {
    return await killService({ folder, rounds: 1, patients: 40, seed: SEED, ...options });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A kill may hit a moment in which nothing is under way: the check is the same for each, and one must see it. */
async function killUntil(what: 'lost' | 'partial', options: Partial<ServiceOptions>): Promise<number> {
  for (let kills = 0; kills < KILLS_MAX; kills++) {
    const seen = (await kill({ ...options, seed: SEED + kills }))[what];
    if (seen > 0) return seen;
  }
  return 0;
}

const KILLS_MAX = 10;

const KEPT = { lost: 0, partial: 0, indexDifferences: [], broken: [] };

t.test(`SQLite keeps every Bundle that was answered, and each whole, seed ${SEED}`, async (t) => {
  const report = await kill({ rounds: 2 });
  t.match(report, { kills: 2, ...KEPT });
  t.ok(report.acknowledged >= 2, `${report.acknowledged} were answered`);
});

t.test('a server that answers before it stores is caught', async (t) => {
  t.ok((await killUntil('lost', { without: 'waiting' })) > 0);
});

t.test('a server that writes one entry after the other is caught', async (t) => {
  t.ok((await killUntil('partial', { without: 'transactions' })) > 0);
});

t.test('an answer that must not be is told with what the server logged of it', async (t) => {
  const refused = kill({ env: { PASSERELLE_ENTRIES_MAX: '1', PASSERELLE_LOG_LEVEL: 'info' } });
  await t.rejects(refused, {
    message: /answered with 4\d\d[\s\S]*"interaction":"transaction"[\s\S]*"status":4/,
  });
});

const why = await whyNoMongo();
t.test('MongoDB keeps every Bundle that was answered', { skip: why ?? false }, async (t) => {
  const server = await startMongo({ syncOnCommit: true });
  t.teardown(() => server.stop());
  const { name, drop } = freshDatabase(server);
  t.teardown(drop);
  t.match(await kill({ env: { MONGODB_URL: databaseUrl(server, name) } }), { kills: 1, ...KEPT });
});

t.test('a server that starts before MongoDB waits for it', { skip: why ?? false }, async (t) => {
  const mongo = await startMongo();
  t.teardown(() => mongo.stop());
  if (mongo.process === undefined) return;
  await mongo.process.kill();
  const { name } = freshDatabase(mongo);
  const { child, base, told } = await serve(t, { MONGODB_URL: databaseUrl(mongo, name) });

  const root = `${base}/fhir/Patient`;
  await until(async () => (await statusOf(root)) === 503);
  const refused = await fetch(root, { method: 'POST', body: '{"resourceType":"Patient"}' });
  const outcome = (await refused.json()) as { issue: readonly { readonly code: string }[] };
  t.same(
    [refused.status, refused.headers.get('retry-after'), outcome.issue[0]?.code],
    [503, '1', 'transient'],
    'a client is told to come again',
  );
  t.same([await statusOf(`${base}/health`), await statusOf(`${base}/ready`)], [200, 503]);
  t.match(told(), /cannot be opened yet: .*\. Answering 503/, 'the operator is told why, once');

  await mongo.process.restart();
  await until(async () => (await statusOf(`${base}/ready`)) === 200);
  const made = await fetch(root, {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: '{"resourceType":"Patient"}',
  });
  t.equal(made.status, 201, 'it serves as soon as MongoDB is there, without a restart');
  t.equal(told().match(/cannot be opened/g)?.length, 1);
  child.kill('SIGTERM');
  t.same(await once(child, 'exit'), [0, null]);
});

t.test('it ends when MongoDB does not come in time', async (t) => {
  const away = { MONGODB_URL: 'mongodb://127.0.0.1:1/x', PASSERELLE_MONGODB_START_WAIT_MS: '1' };
  const { child, told } = await serve(t, away);
  t.same(await once(child, 'exit'), [1, null]);
  t.match(told(), /The store cannot be opened: /);
});

async function serve(t: Test, env: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-waits-'));
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    env: {
      ...process.env,
      PASSERELLE_DATA: folder,
      PASSERELLE_PORT: String(port),
      PASSERELLE_LOG_LEVEL: 'silent',
      PASSERELLE_MONGODB_WAIT_MS: '100',
      PASSERELLE_MONGODB_HINTS: 'false',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.teardown(async () => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  let text = '';
  child.stderr.on('data', (part) => {
    text += String(part);
  });
  return { child, base: `http://127.0.0.1:${port}`, told: () => text };
}

/** Undefined while nobody listens. */
async function statusOf(url: string): Promise<number | undefined> {
  try {
    return (await fetch(url)).status;
  } catch {
    return undefined;
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
