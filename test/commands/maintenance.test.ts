/** passerelle backup and passerelle verify do what they say, and say what they do. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
