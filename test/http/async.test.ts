/** Requests that are answered later: accepted, asked after, fetched, cancelled, forgotten, and bounded. */
import t, { type Test } from 'tap';
import { createJobs, type JobLimits, type JobView } from '../../src/interactions/async-jobs.ts';
import type { InteractionResponse } from '../../src/interactions/request.ts';
import { startServer, type TestServer } from './start.ts';

const ASYNC = { prefer: 'respond-async' };
const PATIENT = { resourceType: 'Patient', name: [{ family: 'Wah' }] };

const pathOf = (url: unknown) => new URL(String(url)).pathname;

async function accept(t: Test, { ask }: TestServer, request: string, options: object = {}): Promise<string> {
  const accepted = await ask(request, { headers: ASYNC, ...options });
  t.equal(accepted.status, 202, request);
  t.equal(accepted.headers['preference-applied'], 'respond-async');
  t.match(accepted.headers['content-location'], /\/fhir\/_async\/[\w-]{24}$/, 'nobody can guess it');
  return pathOf(accepted.headers['content-location']);
}

/** Asks until the request is done. */
async function poll({ ask }: TestServer, path: string): ReturnType<TestServer['ask']> {
  for (;;) {
    const answer = await ask(`GET ${path}`);
    if (answer.status !== 202) return answer;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

t.test(
  'searches, histories, Bundles and operations are answered later when the client prefers',
  async (t) => {
    const server = await startServer(t);
    const { ask } = server;
    const made = await ask('POST Patient', { body: PATIENT });
    const bundle = (type: string) => ({
      resourceType: 'Bundle',
      type,
      entry: [{ resource: PATIENT, request: { method: 'POST', url: 'Patient' } }],
    });
    const cases: readonly (readonly [string, object | undefined, string, string])[] = [
      ['GET Patient?family=wah', undefined, 'Bundle', 'searchset'],
      ['GET ?_type=Patient', undefined, 'Bundle', 'searchset'],
      ['GET Patient/_history', undefined, 'Bundle', 'history'],
      ['POST ', bundle('batch'), 'Bundle', 'batch-response'],
      ['POST ', bundle('transaction'), 'Bundle', 'transaction-response'],
      [`GET Patient/${made.body.id}/$everything`, undefined, 'Bundle', 'searchset'],
      ['POST Patient/$validate', PATIENT, 'OperationOutcome', ''],
    ];
    for (const [request, body, type, kind] of cases) {
      const path = await accept(t, server, request, { body, headers: ASYNC });
      const done = await poll(server, path);
      t.equal(done.status, 200);
      t.match(done.headers, { 'content-type': /^application\/json/, expires: /GMT$/ });
      t.match(done.body, { requiresAccessToken: false, output: [{ type }], error: [] });
      t.match(done.body.transactionTime, /^\d{4}-\d\d-\d\dT.*Z$/);
      t.match(done.body.request, /^http.*\/fhir/);
      const result = await ask(`GET ${pathOf(done.body.output[0].url)}`);
      t.equal(result.status, 200);
      t.equal(result.body.resourceType, type);
      t.equal(result.body.type ?? '', kind);
    }
    t.equal((await ask('GET Patient?_summary=count')).body.total, 3, 'both Bundles were carried out');
  },
);

t.test('a result comes as JSON, XML or NDJSON until it is deleted', async (t) => {
  const server = await startServer(t);
  const { ask } = server;
  const path = await accept(t, server, 'GET Patient');
  const done = await poll(server, path);
  const url = pathOf(done.body.output[0].url);
  const get = (accept: string) => ask(`GET ${url}`, { headers: { accept } });
  t.match((await get('application/fhir+json')).headers['content-type'], 'application/fhir+json');
  t.match((await get('application/fhir+xml')).text, '<Bundle xmlns="http://hl7.org/fhir">');
  const lines = await get('application/fhir+ndjson');
  t.match(lines.headers['content-type'], 'application/fhir+ndjson');
  t.match(lines.text, /^\{"resourceType":"Bundle".*\}\n$/);
  t.equal((await get('text/plain')).status, 406);
  t.equal((await ask(`HEAD ${url}`)).text, '');
  t.equal((await ask(`DELETE ${path}`)).status, 202);
  for (const gone of [`GET ${path}`, `GET ${url}`, `DELETE ${path}`]) {
    const answer = await ask(gone);
    t.equal(answer.status, 404, gone);
    t.equal(answer.body.resourceType, 'OperationOutcome');
  }
  const put = await ask(`PUT ${path}`, { body: PATIENT });
  t.equal(put.status, 405);
  t.equal(put.headers.allow, 'GET, DELETE, HEAD');
  t.equal((await ask(`DELETE ${url}`)).status, 405);
});

t.test('a request that fails says so when it is asked after', async (t) => {
  const server = await startServer(t);
  const path = await accept(t, server, 'GET Patient?wibble=1', {
    headers: { prefer: 'respond-async, handling=strict' },
  });
  const failed = await poll(server, path);
  t.equal(failed.status, 400);
  t.equal(failed.body.issue[0].details.coding[0].code, 'unknown-parameter');
  t.equal((await server.ask(`GET ${path}/result`)).status, 404);
});

t.test('writes and reads of one resource are answered at once, whatever the client prefers', async (t) => {
  const { ask } = await startServer(t);
  const made = await ask('POST Patient', { body: PATIENT, headers: ASYNC });
  t.equal(made.status, 201);
  t.equal((await ask(`GET Patient/${made.body.id}`, { headers: ASYNC })).status, 200);
  t.equal((await ask('GET metadata', { headers: ASYNC })).status, 200);
});

t.test('the number of requests is bounded by a setting', async (t) => {
  const server = await startServer(t, { PASSERELLE_ASYNC_JOBS_MAX: '1' });
  const path = await accept(t, server, 'GET Patient');
  const refused = await server.ask('GET Patient', { headers: ASYNC });
  t.equal(refused.status, 503);
  t.ok(refused.headers['retry-after']);
  await server.ask(`DELETE ${path}`);
  await accept(t, server, 'GET Patient');
});

/** Jobs that end when they are told to. */
function startJobs(t: Test, limits: Partial<JobLimits> = {}) {
  let time = 1000;
  let tokens = 0;
  const jobs = createJobs(
    { runningMax: 1, jobsMax: 9, bytesMax: 1000, keptMs: 50, ...limits },
    () => time,
    () => `job${++tokens}`,
  );
  t.teardown(() => jobs.close());
  const started: string[] = [];
  const stopped: string[] = [];
  const ends = new Map<string, (text: string) => void>();
  const start = (name: string, bytes = 0) =>
    jobs.start({
      url: name,
      bytes,
      work: (signal) => {
        started.push(name);
        signal.addEventListener('abort', () => stopped.push(name));
        return new Promise<InteractionResponse>((resolve) => {
          ends.set(name, (json) => resolve({ status: 200, body: { kind: 'json', json } }));
        });
      },
    });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    jobs,
    start,
    started,
    stopped,
    turn,
    async end(name: string, text = '{"resourceType":"Bundle"}') {
      ends.get(name)?.(text);
      await turn();
    },
    pass(ms: number) {
      time += ms;
    },
    stateOf: (id: string) => jobs.find(id)?.state as JobView['state'] | undefined,
  };
}

t.test('jobs wait for their turn, and a cancelled one never gets it', async (t) => {
  const { jobs, start, started, stopped, turn, end, pass, stateOf } = startJobs(t);
  const [one, two, three] = [start('one'), start('two'), start('three')];
  t.strictSame(stateOf(one), { kind: 'waiting', before: 0 });
  await turn();
  pass(7);
  t.strictSame(stateOf(one), { kind: 'running', forMs: 7 });
  t.strictSame(stateOf(three), { kind: 'waiting', before: 2 });
  t.equal(jobs.cancel(two), true);
  t.equal(jobs.cancel(two), false);
  t.strictSame(stateOf(three), { kind: 'waiting', before: 1 });
  await end('one');
  t.strictSame(started, ['one', 'three']);
  t.match(stateOf(one), { kind: 'done', type: 'Bundle', expiresAt: 1057 });
  jobs.cancel(three);
  t.strictSame(stopped, ['three'], 'what runs is told');
  await end('three');
  t.equal(stateOf(three), undefined);
});

t.test('results expire, and count with waiting bodies against one bound of memory', async (t) => {
  const { jobs, start, turn, end, pass, stateOf } = startJobs(t);
  const small = '{"resourceType":"Bundle"}';
  const one = start('one', 1000);
  t.throws(() => start('more', 1), /Too many/);
  await turn();
  await end('one', small);
  const two = start('two', 1000 - small.length);
  t.throws(() => start('more', 1), /Too many/);
  pass(49);
  t.equal(stateOf(one)?.kind, 'done');
  pass(1);
  t.equal(stateOf(one), undefined, 'expired at the end of its time');
  await turn();
  await end('two', 'x'.repeat(1001));
  t.match(stateOf(two), { kind: 'failed', error: /larger than what/ });
  const three = start('three', 1000);
  await turn();
  await end('three', 'x'.repeat(1000));
  t.equal(stateOf(three)?.kind, 'done', 'just within the bound');
  const last = start('last');
  await turn();
  const closing = jobs.close();
  await end('last');
  await closing;
  t.equal(stateOf(last), undefined, 'nothing outlives the server');
  t.throws(() => start('late'), /Too many/);
});
