/** passerelle backup and passerelle verify do what they say, and say what they do. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import t from 'tap';
import { SQLITE_FILE } from '../../src/app.ts';
import { backup, verify } from '../../src/commands/maintenance.ts';
import { startServer } from '../http/start.ts';

t.test('a backup taken while the server runs can be served', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-backup-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [original, copy] = [join(folder, 'original'), join(folder, 'copy')];
  const server = await startServer(t, { PASSERELLE_DATA: original });
  await server.ask('PUT Patient/p', { body: { resourceType: 'Patient', id: 'p', gender: 'female' } });
  const lines: string[] = [];
  mkdirSync(copy);
  const target = join(copy, SQLITE_FILE);
  t.equal(await backup(join(original, SQLITE_FILE), [target], (line) => lines.push(line)), 0);
  t.match(lines.join(), /complete copy/);
  t.equal(
    await backup(join(original, SQLITE_FILE), [target], (line) => lines.push(line)),
    1,
    'never over a file',
  );
  t.equal(await backup(join(original, SQLITE_FILE), [], (line) => lines.push(line)), 2);
  const second = await startServer(t, { PASSERELLE_DATA: copy });
  t.equal((await second.ask('GET Patient/p')).body.gender, 'female');
});

t.test('verify finds an index that does not agree, and mends it', async (t) => {
  const server = await startServer(t);
  await server.ask('PUT Patient/p', { body: { resourceType: 'Patient', id: 'p', gender: 'female' } });
  const { store } = server.app;
  const { extract } = server.app.context.generation();
  const lines: string[] = [];
  const run = (...args: string[]) =>
    verify({ store, extract }, args, { print: (line) => lines.push(line), tell: () => {} });
  t.equal(await run(), 0);
  t.match(lines.join('\n'), /1 resources compared: the index agrees with all/);
  const wrong = extract({ resourceType: 'Patient', id: 'p', gender: 'male' });
  await store.reindex([{ type: 'Patient', id: 'p', versionId: '1', postings: wrong }]);
  t.equal(await run(), 1);
  t.match(lines.join('\n'), /Patient\/p: \d+ index entries are missing/);
  t.equal(await run('--mend'), 0);
  t.equal(await run(), 0);
  t.equal(await run('--wibble'), 2);
});

t.test('verify names what is damaged, and does not say that it is mended', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-damaged-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const server = await startServer(t, { PASSERELLE_DATA: folder });
  for (const id of ['a', 'b'])
    await server.ask(`PUT Patient/${id}`, { body: { resourceType: 'Patient', id } });
  const { store } = server.app;
  const { extract } = server.app.context.generation();
  const run = async (damage: string) => {
    const file = new DatabaseSync(join(folder, SQLITE_FILE));
    file.exec(damage);
    file.close();
    const lines: string[] = [];
    const code = await verify({ store, extract }, ['--mend'], {
      print: (line) => lines.push(line),
      tell: () => {},
    });
    return [code, lines.join(' ')];
  };
  const named = /Patient\/a: .*\(stored text or postings are damaged\).*1 differ\. What is stored is damaged/;
  t.match(await run("UPDATE res SET body = '{' WHERE id = 'a'"), [1, named]);
  t.match(await run("UPDATE res SET terms = x'00' WHERE id = 'a'"), [1, named]);
  // a text that cannot even be made whole ends the run
  t.match(await run("UPDATE res SET body = char(1) || char(2) || 'x' WHERE id = 'b'"), [1, /is damaged/]);
});
