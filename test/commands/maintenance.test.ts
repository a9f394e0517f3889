/** passerelle backup and passerelle verify do what they say, and say what they do. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import t from 'tap';
import { SQLITE_FILE } from '../../src/app.ts';
import { backup, verify } from '../../src/commands/maintenance.ts';
import { startServer } from '../http/start.ts';

t.test(
  'a backup taken while the server runs can be served, and searched by all parameters at once',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'passerelle-backup-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const [original, copy] = [join(folder, 'original'), join(folder, 'copy')];
    const server = await startServer(t, { PASSERELLE_DATA: original });
    await server.ask('PUT Patient/p', {
      body: { resourceType: 'Patient', id: 'p', gender: 'female', name: [{ given: ['Asha'] }] },
    });
    const nick = { name: 'nick', code: 'nick', base: ['Patient'], expression: 'Patient.name.given' };
    await server.ask('POST SearchParameter', {
      body: {
        resourceType: 'SearchParameter',
        url: 'http://x.org/nick',
        status: 'active',
        description: 'd',
        type: 'string',
        ...nick,
      },
    });
    await server.app.idle();
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
    t.equal(second.app.context.indexing(), undefined, 'the copy knows what it is indexed for');
    const found = async ({ ask }: typeof server, search: string): Promise<unknown> => {
      const { status, body } = await ask(`GET ${search}`, { headers: { prefer: 'handling=strict' } });
      return [status, body.total];
    };
    for (const search of ['Patient?nick=a&_summary=count', 'Patient?gender=female&_summary=count'])
      t.same(
        [await found(server, search), await found(second, search)],
        [
          [200, 1],
          [200, 1],
        ],
        search,
      );
    const statement = async ({ ask }: typeof server): Promise<unknown> =>
      (await ask('GET metadata')).body.rest;
    t.same(await statement(second), await statement(server));
    t.equal((await second.ask('GET Patient/p')).body.gender, 'female');
  },
);

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

t.test('what is damaged on the disk is refused, and takes no other resource with it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-refused-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  let log = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log += chunk;
      done();
    },
  });
  const { app, ask } = await startServer(t, { PASSERELLE_DATA: folder }, pino({ level: 'info' }, sink));
  const name = [{ family: 'Nobodysname' }];
  const patient = (id: string) => ({ resourceType: 'Patient', id, name, gender: 'female' });
  for (const id of ['a', 'b', 'c']) await ask(`PUT Patient/${id}`, { body: patient(id) });
  await ask('PUT Patient/c', { body: { ...patient('c'), gender: 'male' } });
  const basic = { resourceType: 'Basic', code: { text: 'x' }, subject: { reference: 'Patient/a' } };
  await ask('PUT Basic/d', { body: { ...basic, id: 'd' } });
  const file = new DatabaseSync(join(folder, SQLITE_FILE));
  const damage = 'substr(body, 1, 60) || char(unicode(substr(body, 61)) + 1) || substr(body, 62)';
  t.equal(file.prepare(`UPDATE res SET body = ${damage} WHERE id = 'a'`).run().changes, 1);
  t.equal(file.prepare(`UPDATE hist SET body = ${damage}`).run().changes, 1);
  file.close();

  const refusal = /Version 1 of Patient\/a is damaged.*passerelle verify/;
  for (const request of ['GET Patient/a', 'GET Patient/a/_history/1', 'GET Patient/a?_elements=id']) {
    const { status, body } = await ask(request);
    t.same([status, body.resourceType, body.issue.length], [500, 'OperationOutcome', 1], request);
    t.match(body.issue[0], { severity: 'fatal', code: 'exception', details: { text: refusal } }, request);
  }
  t.equal((await ask('GET Patient/c/_history/1')).status, 500);
  t.equal((await ask('PUT Patient/a', { body: patient('a') })).status, 500, 'its labels are not known');
  t.equal((await ask('GET Patient/b')).body.id, 'b');
  t.equal((await ask('GET Patient/c')).body.gender, 'male');

  const shown = (bundle: { entry: { resource?: { id?: string; issue?: object[] }; search?: object }[] }) =>
    bundle.entry.map(({ resource, search }) => [resource?.id ?? resource?.issue?.length, search]);
  const [match, outcome] = ['match', 'outcome'].map((mode) => ({ mode }));
  const found = await ask('GET Patient?_sort=_id&_total=accurate');
  t.equal(found.body.total, 3);
  t.same(shown(found.body), [
    ['b', match],
    ['c', match],
    [1, outcome],
  ]);
  t.match(found.text, refusal);
  t.same(shown((await ask('GET Basic?_include=Basic:subject')).body), [
    ['d', match],
    [1, outcome],
  ]);
  t.same(shown((await ask('GET Patient?_id=a&_revinclude=Basic:subject')).body), [[1, outcome]]);
  t.same(shown((await ask('GET Patient/b/$everything')).body), [['b', match]]);
  const past = (await ask('GET _history?_sort=_lastUpdated')).body.entry;
  t.same(
    past.map(({ resource, response }: { resource?: { id: string }; response: { status: string } }) => [
      resource?.id,
      response.status,
    ]),
    [
      [undefined, '500'],
      ['b', '201'],
      [undefined, '500'],
      ['c', '200'],
      ['d', '201'],
    ],
  );
  t.match(past[0].response.outcome.issue[0].details.text, refusal);
  const entry = ['a', 'b'].map((id) => ({ request: { method: 'GET', url: `Patient/${id}` } }));
  const batch = await ask('POST ', { body: { resourceType: 'Bundle', type: 'batch', entry } });
  t.match(batch.body.entry, [{ response: { status: /^500/ } }, { response: { status: /^200/ } }]);

  const lines: string[] = [];
  const { extract } = app.context.generation();
  const io = { print: (line: string) => lines.push(line), tell: () => {} };
  t.equal(await verify({ store: app.store, extract }, ['--mend'], io), 1);
  t.match(
    lines.join('\n'),
    /Patient\/a: .*damaged.*\nPatient\/c: .*an older version.*\n4 resources compared: 2 differ\.\nWhat is/s,
  );
  t.match(log, /"issue":"stored-damaged"/);
  t.notMatch(log, /Nobodysname|Patient\/a/);
  t.equal((await ask('DELETE Patient/a')).status, 200);
  t.equal((await ask('GET Patient/a')).status, 410);
  t.equal((await ask('PUT Patient/a', { body: patient('a') })).status, 201, 'it can be written anew');
});

t.test('verify compares the numbers of resources, and sets them right', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-counts-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const { app, ask } = await startServer(t, { PASSERELLE_DATA: folder });
  for (const id of ['a', 'b']) await ask(`PUT Patient/${id}`, { body: { resourceType: 'Patient', id } });
  await ask('DELETE Patient/b');
  const { store } = app;
  const { extract } = app.context.generation();
  for (const by of [1, -1]) {
    const file = new DatabaseSync(join(folder, SQLITE_FILE));
    t.equal(file.prepare('UPDATE typ SET live = live + ?').run(by).changes, 1);
    file.close();
    const lines: string[] = [];
    const run = (...args: string[]) =>
      verify({ store, extract }, args, { print: (line) => lines.push(line), tell: () => {} });
    t.same([await run(), await run('--mend'), await run()], [1, 0, 0]);
    t.match(lines[0], /^Patient: .*\(number of resources\)$/);
    t.equal((await store.status()).resources, 1);
  }
});
