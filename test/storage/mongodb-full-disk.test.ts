/**
 * A disk that gets full under MongoDB: writes are refused as unavailable, and go on when there is room again.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { StoreUnavailableError, type WriteCommand } from '../../src/storage/store.ts';
import { put } from './contract/build.ts';
import { eventually, open } from './mongodb-fault-tools.ts';
import { startMongo, whyNoMongo } from './mongodb-server.ts';

/**
 * A disk that gets full ends a MongoDB server. Until it is started again on a disk with room, every call is told that
 * the store is unavailable; then the same store goes on, and nothing acknowledged is missing, nothing there in part.
 */
async function checkFullDisk(t: Test): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-full-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const run = promisify(execFile);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', folder]);
  } catch {
    t.pass('skipped: no small disk can be mounted here', { skip: 'needs the right to mount tmpfs' });
    return;
  }
  const small = await startMongo({ syncOnCommit: true, folder });
  t.teardown(async () => {
    await small.stop().catch(() => {});
    await run('umount', ['--lazy', folder]);
  });
  const { store } = await open(t, small);
  const pair = (at: number): WriteCommand[] =>
    ['x', 'z'].map((name) => put('Basic', `${name}${at}`, { mark: 'y'.repeat(20_000) }));
  await store.transact(pair(0));
  const { bsize, bavail } = await statfs(folder);
  const ballast = join(folder, 'ballast');
  await writeFile(ballast, Buffer.alloc(Math.max(0, bsize * bavail - 12_000_000)));

  let written = 0;
  const refused: unknown[] = [];
  while (refused.length < 3) {
    const outcome = await store.transact(pair(written + 1)).catch((error: unknown) => error);
    if (outcome instanceof Error) refused.push(outcome);
    else written++;
  }
  t.ok(written > 10, `${written} transactions until the disk was full`);
  for (const error of refused) t.type(error, StoreUnavailableError, 'a write is refused as unavailable');

  await rm(ballast);
  await small.process!.restart();
  await eventually(() => store.read('Basic', 'x0'));
  const found = async (at: number): Promise<string> => {
    const both = await store.readMany(['x', 'z'].map((name) => ({ type: 'Basic', id: `${name}${at}` })));
    return String(both.length);
  };
  const all = await Promise.all(Array.from({ length: written + 1 }, (_, at) => found(at)));
  t.same([...new Set(all)], ['2'], 'whatever was acknowledged is there');
  t.match(
    await found(written + 1),
    /^[02]$/,
    'what was refused is there as a whole or not at all [transact.unavailable]',
  );
  await t.resolves(store.transact(pair(written + 2)), 'and work goes on');
}

const why = process.env.MONGODB_URL ? 'the disk of MONGODB_URL is not filled' : await whyNoMongo();
t.test('a full disk', { skip: why ?? false }, checkFullDisk);
