/** Started with an older Node, the command runs the one that npm installed, and stands for it to whoever watches it. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import t from 'tap';

const BIN = join(import.meta.dirname, '..', '..', 'bin', 'passerelle.mjs');
/** Makes this Node tell that it is an old one. */
const OLD = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.19.0'})`;

t.test('a signal reaches the server, which ends in order', async (t) => {
  const child = spawn(process.execPath, ['--import', OLD, BIN, 'serve'], {
    env: { ...process.env, PASSERELLE_PORT: '0', PASSERELLE_DATA: t.testdir() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  const base = await addressOf(child.stdout, child.stderr);
  t.equal((await fetch(`${base}/metadata`)).status, 200);
  child.kill('SIGTERM');
  t.equal(await ended, 0);
  await t.rejects(fetch(`${base}/metadata`), 'the server is gone too');
});

t.test('the container of compose.yaml passes the signal to stop on to the server', async (t) => {
  const root = join(import.meta.dirname, '..', '..');
  const compose = readFileSync(join(root, 'compose.yaml'), 'utf8');
  const line = /command: \['sh', '-c', '(npm ci [^']*)'\]/.exec(compose)?.[1] ?? '';
  // what it installs and builds is here already
  const start = line.replace('npm ci --no-fund --no-audit', 'true').replace('npm run build', 'true');
  t.not(start, line);
  const child = spawn('sh', ['-c', start], {
    cwd: root,
    env: { ...process.env, PASSERELLE_PORT: '0', PASSERELLE_DATA: t.testdir() },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  t.teardown(() => {
    try {
      process.kill(-(child.pid as number), 'SIGKILL');
    } catch {
      // nothing is left of it, as it should be
    }
  });
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  await addressOf(child.stdout, child.stderr);
  child.kill('SIGTERM');
  t.equal(await ended, 0);
});

t.test('compose.yaml sets what there is to set', async (t) => {
  const compose = readFileSync(join(import.meta.dirname, '..', '..', 'compose.yaml'), 'utf8');
  const help = spawnSync(process.execPath, [BIN, '--help'], { encoding: 'utf8' }).stdout;
  const names = [...compose.matchAll(/^ +((?:PASSERELLE|MONGODB)_[A-Z_]+):/gm)].map(
    ([, name]) => name as string,
  );
  t.ok(names.length >= 3, `${names}`);
  for (const name of names) t.match(help, new RegExp(`\\b${name}\\b`));
});

t.test('a server bounds its memory from its start, unless it is told otherwise', async (t) => {
  const cases: readonly (readonly [string[], Record<string, string>, RegExp, RegExp])[] = [
    [[], {}, /^--max-semi-space-size=16$/m, /^MALLOC_ARENA_MAX=2$/m],
    [['--max-semi-space-size=8'], {}, /^(?!.*size=16).*^--max-semi-space-size=8$/ms, /^MALLOC_ARENA_MAX=2$/m],
    [
      [],
      { MALLOC_ARENA_MAX: '5', NODE_OPTIONS: '--max-semi-space-size=8' },
      /^(?!.*semi-space)/s,
      /^MALLOC_ARENA_MAX=5$/m,
    ],
  ];
  for (const [flags, settings, expectedLine, expectedEnv] of cases) {
    const child = spawn(process.execPath, [...flags, BIN], {
      env: { ...process.env, PASSERELLE_PORT: '0', PASSERELLE_DATA: t.testdir(), ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    t.teardown(() => child.kill('SIGKILL'));
    const base = await addressOf(child.stdout, child.stderr);
    t.equal((await fetch(`${base}/metadata`)).status, 200);
    // what the process that was started has become
    const [line, env] = ['cmdline', 'environ'].map((file) =>
      readFileSync(`/proc/${child.pid}/${file}`, 'utf8').replaceAll('\0', '\n'),
    ) as [string, string];
    t.match(line, expectedLine);
    t.match(env, expectedEnv);
    t.match(env, /^NODE_COMPILE_CACHE=.*build\/compile-cache$/m);
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
    child.kill('SIGTERM');
    t.equal(await ended, 0);
  }
});

t.test('its threads keep to their own bound for new objects, whatever the command line says', (t) => {
  const client = new URL('../../src/storage/sqlite/thread-client.ts', import.meta.url);
  // a thread that makes much at once, and tells how much room for new objects it has got
  const thread = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ id }) => {
      let kept = [];
      for (let at = 0; at < 3e6; at++) kept.push({ at }), kept.length > 1e5 && (kept = []);
      const { space_size } = getHeapSpaceStatistics().find((one) => one.space_name === 'new_space');
      parentPort.postMessage({ replies: [{ id, result: space_size }] });
    });`;
  const program = `
    import { createThread } from '${client}';
    const url = new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(thread)}));
    console.log(await createThread({ url, waitingMax: 1, lost: '' }).ask());
    process.exit();`;
  const flags = ['--max-semi-space-size=16', '--input-type=module', '-e', program];
  const { stdout, stderr } = spawnSync(process.execPath, flags, { encoding: 'utf8' });
  const megabytes = Number(stdout) / 2 ** 20;
  t.ok(megabytes > 0 && megabytes <= 12, `${megabytes} MiB ${stderr}`);
  t.end();
});

t.test('its exit code is the one of the command', async (t) => {
  for (const [args, status] of [
    [['help', 'seed'], 0],
    [['no-such-command'], 2],
  ] as const)
    t.equal(spawnSync(process.execPath, ['--import', OLD, BIN, ...args]).status, status, args.join(' '));
});

async function addressOf(...outputs: readonly NodeJS.ReadableStream[]): Promise<string> {
  return await new Promise((resolve) => {
    for (const input of outputs)
      createInterface({ input }).on('line', (line) => {
        const found = /http:\/\/[^\s"]+\/fhir/.exec(line);
        if (found) resolve(found[0]);
      });
  });
}

t.test('what a person can mend is told in a sentence, without a stack', async (t) => {
  const folder = t.testdir({ foreign: {}, garbage: { 'passerelle.sqlite': 'no database'.repeat(500) } });
  const foreign = new DatabaseSync(join(folder, 'foreign', 'passerelle.sqlite'));
  foreign.exec('CREATE TABLE theirs(x)');
  foreign.close();
  const seed = ['seed', '--patients', '1', '--to', 'http://127.0.0.1:1/fhir'];
  const cases: readonly (readonly [readonly string[], Record<string, string>, RegExp])[] = [
    [['serve'], { PASSERELLE_DATA: '/proc/none/data' }, /^The data folder cannot be made \(\/proc\/none\)\./],
    [
      ['serve'],
      { PASSERELLE_DATA: join(folder, 'foreign') },
      /^The file is a SQLite database of another program/,
    ],
    [
      ['verify'],
      { PASSERELLE_DATA: join(folder, 'garbage') },
      /^The store cannot be opened: the database is damaged/,
    ],
    [['serve'], { MONGODB_URL: 'mongodb://me:p@ss@127.0.0.1/x' }, /^MONGODB_URL cannot be used: .*as %40/],
    [seed, {}, /^The server cannot be reached: /],
  ];
  for (const [args, settings, sentence] of cases) {
    const env = { ...process.env, PASSERELLE_PORT: '0', PASSERELLE_DATA: join(folder, 'data'), ...settings };
    const { status, stderr } = spawnSync(process.execPath, [BIN, ...args], { env, encoding: 'utf8' });
    t.equal(status, 1, args.join(' '));
    t.match(stderr, sentence);
    t.notMatch(stderr, /^\s+at |p@ss/m);
  }
});
