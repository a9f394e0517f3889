/** Patient/$everything gives one patient's record, whole, and nobody else's. */
import t from 'tap';
import { startServer } from './start.ts';

const entry = (resource: { resourceType: string; id: string }) => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
});
const weight = (id: string, patient: string) =>
  entry({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { text: 'weight' },
    subject: { reference: `Patient/${patient}` },
    performer: [{ reference: 'Practitioner/nurse' }],
    focus: [{ reference: 'Patient/stranger' }],
  } as never);

t.test('$everything', async (t) => {
  const server = await startServer(t);
  const loaded = await server.ask('POST ', {
    body: {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        entry({ resourceType: 'Organization', id: 'site', name: 'Site' } as never),
        entry({ resourceType: 'Practitioner', id: 'nurse' }),
        entry({
          resourceType: 'Patient',
          id: 'p',
          managingOrganization: { reference: 'Organization/site' },
        } as never),
        entry({ resourceType: 'Patient', id: 'stranger' }),
        ...['a', 'b', 'c'].map((id) => weight(id, 'p')),
        weight('other', 'stranger'),
      ],
    },
  });
  t.equal(loaded.status, 200, loaded.text);
  // biome-ignore lint/suspicious/noExplicitAny: a Bundle as it came back
  const keys = (body: any, mode: string): string[] =>
    (body.entry ?? [])
      // biome-ignore lint/suspicious/noExplicitAny: as above
      .filter((one: any) => one.search.mode === mode)
      // biome-ignore lint/suspicious/noExplicitAny: as above
      .map((one: any) => `${one.resource.resourceType}/${one.resource.id}`)
      .sort();

  t.test('returns the compartment, and the staff and sites around it', async (t) => {
    const { status, body } = await server.ask('GET Patient/p/$everything');
    t.equal(status, 200);
    t.same(keys(body, 'match'), ['Observation/a', 'Observation/b', 'Observation/c', 'Patient/p']);
    t.same(keys(body, 'include'), ['Organization/site', 'Practitioner/nurse']);
  });

  t.test('pages with _count, everything once', async (t) => {
    const seen: string[] = [];
    let next: string | undefined = 'http://127.0.0.1:0/fhir/Patient/p/$everything?_count=2';
    for (let pages = 0; next !== undefined && pages < 5; pages++) {
      const { status, body } = await server.ask(`GET ${next.replace(/^.*\/fhir\//, '')}`);
      t.equal(status, 200);
      t.ok(keys(body, 'match').length <= 2);
      seen.push(...keys(body, 'match'));
      next = body.link.find((one: { relation: string }) => one.relation === 'next')?.url;
    }
    t.same(seen.sort(), ['Observation/a', 'Observation/b', 'Observation/c', 'Patient/p']);
  });

  t.test('narrows by _type and _since', async (t) => {
    const some = await server.ask('GET Patient/p/$everything?_type=Patient');
    t.same(keys(some.body, 'match'), ['Patient/p']);
    const none = await server.ask('GET Patient/p/$everything?_since=2999-01-01T00:00:00Z');
    t.same(keys(none.body, 'match'), []);
  });

  t.test('refuses what it cannot do', async (t) => {
    t.equal((await server.ask('GET Patient/none/$everything')).status, 404);
    t.equal((await server.ask('GET Patient/p/$everything?wibble=1')).status, 400);
    t.equal((await server.ask('GET Patient/p/$everything?_since=yesterday')).status, 400);
    await server.ask('DELETE Patient/stranger');
    t.equal((await server.ask('GET Patient/stranger/$everything')).status, 410);
  });
});
