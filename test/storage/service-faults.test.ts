/**
 * The whole server is killed while clients send it transaction Bundles: a short form of `npm run faults`, with the
 * controls that show that its check sees what it looks for.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { killService, type ServiceOptions } from '../../scripts/faults/killed-service.ts';
import { freshDatabase, startMongo, whyNoMongo } from './mongodb-server.ts';

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
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  t.match(await kill({ env: { MONGODB_URL: url.href } }), { kills: 1, ...KEPT });
});
