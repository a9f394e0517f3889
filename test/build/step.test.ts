/** Build steps: run when their inputs changed, once at a time, all or nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { holdLock } from '../../scripts/build/lock.ts';
import { runStep, type Step } from '../../scripts/build/step.ts';

const silent = (): void => {};

interface Site {
  readonly root: string;
  readonly output: (name: string) => string | undefined;
  readonly write: (path: string, text: string) => void;
}

function createSite(t: Test): Site {
  const root = t.testdir({ src: { 'a.txt': 'one', deep: { 'b.txt': 'two' } } });
  mkdirSync(join(root, 'build'), { recursive: true });
  return {
    root,
    output: (name) => {
      const path = join(root, 'build', 'copy', name);
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    },
    write: (path, text) => writeFileSync(join(root, path), text),
  };
}

/** Copies `src/a.txt`; counts its runs. */
function createStep(overrides: Partial<Step> = {}): { readonly step: Step; runs: () => number } {
  let runs = 0;
  const step: Step = {
    name: 'copy',
    inputs: ['src', 'absent.txt'],
    outputs: ['a.txt'],
    async run({ root, out }) {
      runs++;
      writeFileSync(join(out, 'a.txt'), readFileSync(join(root, 'src', 'a.txt')));
    },
    ...overrides,
  };
  return { step, runs: () => runs };
}

t.test('a step runs when its inputs or outputs changed, not otherwise', async (t) => {
  const site = createSite(t);
  const { step, runs } = createStep();
  const run = async (): Promise<string> => (await runStep(step, site.root, silent)).status;
  t.equal(await run(), 'built');
  t.equal(site.output('a.txt'), 'one');
  t.equal(await run(), 'current');
  utimesSync(join(site.root, 'src', 'a.txt'), new Date(0), new Date(0));
  t.equal(await run(), 'current', 'the same bytes at another time');
  site.write('src/a.txt', 'ONE');
  t.equal(await run(), 'built', 'other bytes');
  t.equal(site.output('a.txt'), 'ONE');
  site.write('src/deep/c.txt', 'three');
  t.equal(await run(), 'built', 'a new file in a folder');
  site.write('absent.txt', 'here');
  t.equal(await run(), 'built', 'a file that was absent');
  const path = join(site.root, 'build', 'copy', '.stamp.json');
  writeFileSync(path, 'not json');
  t.equal(await run(), 'built', 'a broken stamp');
  t.equal(runs(), 5);
});

t.test('a step that fails leaves what was there', async (t) => {
  const site = createSite(t);
  await runStep(createStep().step, site.root, silent);
  site.write('src/a.txt', 'new');
  const failing = createStep({
    async run({ out }) {
      writeFileSync(join(out, 'a.txt'), 'half');
      throw new Error('broken');
    },
  });
  await t.rejects(runStep(failing.step, site.root, silent), /broken/);
  t.equal(site.output('a.txt'), 'one');
  await t.rejects(
    runStep(createStep({ run: async () => {} }).step, site.root, silent),
    /did not write a\.txt/,
  );
  t.same(
    readdirSync(join(site.root, 'build')).filter((name) => name !== 'copy'),
    [],
    'neither a lock nor a half result is left',
  );
  t.equal((await runStep(createStep().step, site.root, silent)).status, 'built');
});

t.test('files of an earlier build go', async (t) => {
  const site = createSite(t);
  const both = createStep({
    async run({ out }) {
      mkdirSync(join(out, 'sub'));
      for (const name of ['a.txt', 'sub/b.txt']) writeFileSync(join(out, name), 'x');
    },
  });
  await runStep(both.step, site.root, silent);
  t.equal(site.output('sub/b.txt'), 'x');
  site.write('src/a.txt', 'y');
  await runStep(createStep().step, site.root, silent);
  t.equal(site.output('sub/b.txt'), undefined);
  t.equal(site.output('a.txt'), 'y');
});

t.test('two builds at the same time do the work once', async (t) => {
  const site = createSite(t);
  const { step, runs } = createStep();
  const results = await Promise.all([1, 2, 3].map(() => runStep(step, site.root, silent)));
  t.same(results.map((one) => one.status).sort(), ['built', 'current', 'current']);
  t.equal(runs(), 1);
});

t.test('the lock of a process that is gone is taken over', async (t) => {
  const site = createSite(t);
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const path = join(site.root, 'build', '.copy.lock');
  writeFileSync(path, String(pid));
  const release = await holdLock(path);
  t.equal(readFileSync(path, 'utf8'), String(process.pid));
  release();
  t.equal(existsSync(path), false);
});
