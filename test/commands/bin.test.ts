/** Started with an older Node, the command runs the one that npm installed, and stands for it to whoever watches it. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
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
