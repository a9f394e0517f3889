/** A FHIR package loaded at run time is in force at once, whole or not at all, and after a restart. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { StoreUnavailableError } from '../../src/storage/store.ts';
import { bornProfile, manifestOf, packFiles } from './example-package.ts';
import { startServer, type TestServer } from './start.ts';

const BASE = 'http://example.org/test-package';
const MANIFEST = manifestOf('example.test');
const profile = (more: object = {}) => bornProfile(BASE, more);
const parameter = {
  resourceType: 'SearchParameter',
  id: 'marital',
  url: `${BASE}/SearchParameter/marital`,
  name: 'Marital',
  status: 'active',
  description: 'Marital status',
  code: 'marital',
  base: ['Patient'],
  type: 'token',
  expression: 'Patient.maritalStatus',
};

const GZIP = { 'content-type': 'application/gzip' };

const pack = (files: Record<string, unknown>) => packFiles({ 'package.json': MANIFEST, ...files });

const load = (server: TestServer, body: Buffer) => server.ask('POST $load-package', { body, headers: GZIP });
const claims = { resourceType: 'Patient', meta: { profile: [`${BASE}/StructureDefinition/born`] } };

t.test('is in force with the answer, and again after a restart', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-packages-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const files = { 'StructureDefinition-born.json': profile(), 'SearchParameter-marital.json': parameter };
  await t.test('first run', async (t) => {
    const server = await startServer(t, { PASSERELLE_DATA: folder });
    const status = {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'M' }],
    };
    await server.ask('PUT Patient/married', {
      body: { resourceType: 'Patient', id: 'married', maritalStatus: status },
    });
    t.equal((await server.ask('POST Patient', { body: claims })).status, 201, 'unknown profile before');
    const loaded = await load(server, pack(files));
    t.equal(loaded.status, 201, loaded.text);
    t.equal((await server.ask('POST Patient', { body: claims })).status, 422);
    t.equal((await server.ask('GET StructureDefinition/born')).status, 200);
    t.equal((await server.ask('DELETE StructureDefinition/born')).status, 405);
    await server.app.idle();
    const found = await server.ask('GET Patient?marital=M', { headers: { prefer: 'handling=strict' } });
    t.equal(found.body.entry?.[0]?.resource.id, 'married', 'what was stored before is indexed');
    t.equal((await load(server, pack(files))).status, 409, 'not twice');
  });
  await t.test('second run', async (t) => {
    const server = await startServer(t, { PASSERELLE_DATA: folder });
    t.equal((await server.ask('POST Patient', { body: claims })).status, 422);
    await server.app.idle();
    const found = await server.ask('GET Patient?marital=M', { headers: { prefer: 'handling=strict' } });
    t.equal(found.body.entry?.[0]?.resource.id, 'married');
  });
});

t.test('is refused whole when something in it is broken', async (t) => {
  const server = await startServer(t);
  const second = (more: object) =>
    profile({ id: 'second', url: `${BASE}/StructureDefinition/second`, ...more });
  const cases: readonly [why: string, file: Record<string, unknown>, says: RegExp][] = [
    ['missing parent', second({ baseDefinition: `${BASE}/StructureDefinition/none` }), /second\.json.*none/s],
    ['cyclic base', second({ baseDefinition: `${BASE}/StructureDefinition/second` }), /second\.json/],
    ['duplicate canonical', profile({ id: 'second' }), /second\.json/],
    [
      'broken element',
      second({ differential: { element: [{ id: 'Patient.wibble', path: 'Patient.wibble' }] } }),
      /wibble/,
    ],
  ];
  for (const [why, file, says] of cases) {
    const answer = await load(
      server,
      pack({ 'StructureDefinition-born.json': profile(), 'StructureDefinition-second.json': file }),
    );
    t.ok(answer.status >= 400 && answer.status < 500, `${why}: ${answer.status}`);
    t.match(answer.text, says, why);
    t.equal(
      (await server.ask('POST Patient', { body: claims })).status,
      201,
      `${why}: nothing is half-loaded`,
    );
  }
});

t.test('what is no package is refused', async (t) => {
  const server = await startServer(t);
  t.equal((await load(server, Buffer.from('not an archive'))).status, 400);
  t.equal((await load(server, gzipSync(Buffer.from('not an archive')))).status, 400);
  t.equal((await server.ask('POST $load-package', { body: { resourceType: 'Patient' } })).status, 400);
  t.equal((await server.ask('POST $load-package')).status, 400);
  t.equal((await server.ask('GET $load-package')).status, 405);
});

t.test('a package that the store does not take is not in force, and can be sent again', async (t) => {
  const server = await startServer(t);
  const { store } = server.app;
  const { transact } = store;
  const archive = pack({ 'born.json': profile(), 'marital.json': parameter });
  Object.assign(store, { transact: () => Promise.reject(new StoreUnavailableError('the disk is full')) });
  t.equal((await load(server, archive)).status, 503);
  Object.assign(store, { transact });
  t.equal((await server.ask('POST Patient', { body: claims })).status, 201, 'the profile is not enforced');
  t.equal((await server.ask(`GET StructureDefinition?url=${BASE}/StructureDefinition/born`)).body.total, 0);
  t.equal((await load(server, archive)).status, 201);
  t.equal((await server.ask('POST Patient', { body: claims })).status, 422);
});
