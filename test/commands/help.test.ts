/** Every command tells what it does when it is asked, and what is wrong when it is called wrongly. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { COMMANDS, type CommandName, describeCommand, listCommands } from '../../src/commands/help.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

function run(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (failure, out, error) => {
      resolve({ code: failure === null ? 0 : Number(failure.code), out, error });
    });
  });
}

t.test('help of each command names what it can be given', (t) => {
  for (const name of Object.keys(COMMANDS) as CommandName[]) {
    const text = describeCommand(name);
    const { usage } = COMMANDS[name];
    t.match(text, usage);
    for (const [option] of usage.matchAll(/--[a-z]+/g)) t.match(COMMANDS[name].details, option, option);
    t.match(listCommands(), usage);
    for (const line of text.split('\n')) t.ok(line.length <= 120, line);
  }
  t.end();
});

t.test('asked for help, a command does nothing else', async (t) => {
  const asked = [
    ['serve', '--help'],
    ['serve', '-h'],
    ['validate', '--help'],
    ['seed', '--patients', '5', '--help'],
    ['backup', '-h'],
    ['verify', '--mend', '--help'],
    ['help', 'seed'],
  ] as const;
  const answers = await Promise.all(asked.map((args) => run(...args)));
  for (const [index, { code, out, error }] of answers.entries()) {
    const args = asked[index] as readonly string[];
    const name = (args[0] === 'help' ? args[1] : args[0]) as CommandName;
    t.same([code, out, error], [0, `${describeCommand(name)}\n`, ''], args.join(' '));
  }
});

t.test('help as a whole, the version, and what is not there', async (t) => {
  const [help, empty, version, option, command, serve] = await Promise.all([
    run('--help'),
    run('help'),
    run('-v'),
    run('--port=8081'),
    run('sereve'),
    run('serve', '--port', '8081'),
  ]);
  t.match(help.out, listCommands());
  t.match(help.out, 'PASSERELLE_PORT=8080');
  t.equal(empty.out, help.out);
  t.match(version, { code: 0, out: /^\d+\.\d+\.\d+\n$/ });
  t.match(option, { code: 2, error: /no option "--port=8081".*PASSERELLE_PORT/ });
  t.match(command, { code: 2, error: /no command "sereve"/ });
  t.match(serve, { code: 2, error: /serve takes only --workers N, not "--port".*PASSERELLE_PORT/ });
});
