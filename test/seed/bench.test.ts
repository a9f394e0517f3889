// The instruments of the bench: they count what happened, and notice when a server does not do its work.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { SERVER_FLAGS } from '../../scripts/bench/as-server.ts';
import { ladderChart, shareChart } from '../../scripts/bench/driver/charts.ts';
import { locationOf, openConnection } from '../../scripts/bench/driver/connection.ts';
import { crudIteration } from '../../scripts/bench/driver/crud.ts';
import { importData, takeSamples } from '../../scripts/bench/driver/data.ts';
import { goalsOf, verdictOf } from '../../scripts/bench/driver/goals.ts';
import { applyLoad } from '../../scripts/bench/driver/load.ts';
import { cpuSecondsOf, machineCpuSeconds, memoryOf } from '../../scripts/bench/driver/machine.ts';
import { measureTarget } from '../../scripts/bench/driver/measure.ts';
import { type BenchOptions, readOptions } from '../../scripts/bench/driver/options.ts';
import { brokenPromises } from '../../scripts/bench/driver/parity.ts';
import {
  isSame,
  type Part,
  type Report,
  type Rung,
  readParts,
  writeParts,
} from '../../scripts/bench/driver/parts.ts';
import { speedOf } from '../../scripts/bench/driver/readme.ts';
import { toMarkdown } from '../../scripts/bench/driver/report.ts';
import { foreignTarget, startEcho } from '../../scripts/bench/driver/target.ts';
import { createTerminal } from '../../scripts/bench/driver/terminal.ts';
import { workloads } from '../../scripts/bench/driver/workloads.ts';
import { type AllocationProfile, summarizeAllocations } from '../../scripts/bench/profile/allocations.ts';
import { summarizePauses } from '../../scripts/bench/profile/pauses.ts';
import { startServer } from '../http/start.ts';
import { plainServer } from './plain-fhir-server.ts';

async function serve(t: Test, listener: RequestListener): Promise<URL> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`);
}

t.test('a connection reads bodies with a length, in chunks, in pieces, and none', async (t) => {
  const base = await serve(t, (request, response) => {
    const kind = request.url?.slice(1);
    if (kind === 'none') return response.writeHead(204).end();
    if (kind === 'length') return response.end('ü'.repeat(3));
    response.write('a'.repeat(70_000));
    setImmediate(() => response.end('b'));
    return undefined;
  });
  const connection = openConnection(base, { type: 'application/json' });
  t.teardown(() => connection.close());
  const [length, chunks, none] = [
    await connection.request('GET', '/length'),
    await connection.request('POST', '/chunks', Buffer.from('x')),
    await connection.request('DELETE', '/none'),
  ];
  t.same([length.status, length.body.toString()], [200, 'üüü']);
  t.same([chunks.body.length, chunks.body.at(-1)], [70_001, 'b'.charCodeAt(0)]);
  t.same([none.status, none.body.length], [204, 0]);
});

t.test('a connection that breaks is an error, and the next request opens another', async (t) => {
  let count = 0;
  const base = await serve(t, (request, response) => {
    if (count++ === 0) request.socket.destroy();
    else response.end('well');
  });
  const connection = openConnection(base, { type: 'application/json' });
  t.teardown(() => connection.close());
  await t.rejects(connection.request('GET', '/'), /closed the connection/);
  t.equal((await connection.request('GET', '/')).body.toString(), 'well');
});

t.test('load counts requests, and every status that was not expected as an error', async (t) => {
  let count = 0;
  const base = await serve(t, (_request, response) => {
    response.statusCode = ++count % 5 === 0 ? 500 : 200;
    response.end('1234');
  });
  let left = 50;
  const outcome = await applyLoad({
    base,
    users: 4,
    seconds: 60,
    async act(user) {
      if (left-- <= 0) return false;
      await user.ask('GET', '/x?secret');
      return undefined;
    },
  });
  t.same([outcome.requests, outcome.errors, outcome.replyBytes], [50, 10, 4]);
  t.equal(outcome.error, 'GET /x: 500 instead of 200: 1234');
});

t.test('Passerelle passes every workload without an error, and keeps its promises', async (t) => {
  const server = await startServer(t);
  const base = new URL(`${await server.app.http.listen('127.0.0.1', 0)}/fhir`);
  const data = importData(40, 3);
  const post = (body: Buffer) =>
    fetch(base, {
      method: 'POST',
      headers: { 'content-type': 'application/fhir+json' },
      body: body as Uint8Array<ArrayBuffer>,
    });
  t.equal((await post(data.directory)).status, 200);
  for (let next = data.next(); next !== undefined; next = data.next()) {
    t.equal((await post(next.body)).status, 200);
  }
  t.same(await brokenPromises(base, data.counts), []);
  t.match(await brokenPromises(base, new Map([['Patient', 41]])), ['41 Patient were sent, 40 are there']);
  for (const { name, users, type, act } of workloads(await takeSamples(base))) {
    let left = 3 * users;
    const outcome = await applyLoad({
      base,
      users: 4,
      seconds: 60,
      type,
      act: async (user) => (left-- > 0 && act !== crudIteration ? act(user) : false),
    });
    t.equal(outcome.error, undefined, name);
  }
  let isFirst = true;
  const crud = await applyLoad({
    base,
    users: 1,
    seconds: 60,
    type: 'application/json',
    act: async (user) => {
      if (!isFirst) return false;
      isFirst = false;
      return crudIteration(user);
    },
  });
  t.same([crud.requests, crud.errors, crud.error], [36, 0, undefined]);
});

t.test('another server is filled and measured by the same workloads, beside the same baseline', async (t) => {
  const peer = plainServer();
  const base = await serve(t, peer.listener);
  const echo = await startEcho();
  t.teardown(() => echo.stop());
  const options = readOptions([
    ...[
      '--against',
      base.href,
      '--patients',
      '5',
      '--seconds',
      '0.05',
      '--only',
      'read,create,CRUD',
      '--quick',
    ],
  ]) as BenchOptions;
  const terminal = createTerminal({ print: () => {}, isTerminal: false, totalSeconds: 1, now: Date.now });
  const report = await measureTarget(foreignTarget(base.href), 'foreign', { options, terminal, echo });
  t.same(
    report.rows.map(({ workload, errors }) => `${workload}: ${errors}`),
    [
      'import in transactions: 0',
      'read: 0',
      'validated create: 0',
      'CRUD, 36 requests: 0',
      'CRUD mix (mock.health): 0',
      'read mix (WSO2): 0',
    ],
  );
  t.ok(report.rows.every(({ perSecond, baseline = 0 }) => perSecond > 0 && baseline > 0));
  t.same([...peer.asked.keys()].sort(), ['DELETE', 'GET', 'POST', 'PUT']);
  t.match(report, { engine: 'foreign', problems: [], process: undefined });
});

t.test('the place of what was created is read with and without a host, or from the id', async (t) => {
  const reply = (header: string, body = '') => ({
    status: 201,
    head: `HTTP/1.1 201 Created\r\n${header}\r\nx: y`,
    body: Buffer.from(body),
  });
  const base = new URL('http://h:1/fhir');
  for (const [header, body] of [
    ['location: http://h:1/fhir/Patient/1/_history/2'],
    ['Location: /fhir/Patient/1'],
    ['LOCATION: http://elsewhere/fhir/Patient/1'],
    ['Content-Location: http://h:1/fhir/Patient/1/_history/2'],
    ['etag: x', '{"resourceType" : "Patient", "id" : "1"}'],
  ] as const) {
    t.equal(locationOf(reply(header, body), base, 'Patient'), '/fhir/Patient/1', header);
  }
  t.throws(() => locationOf(reply('a: b'), base, 'Patient'), /says nowhere what its id is/);
});

const MACHINE: Part['machine'] = {
  cores: 2,
  processor: 'Some processor',
  gibibytes: 24,
  node: '24.0.0',
  loadBefore: 0.25,
  syncMs: 0.2,
  commit: 'abc1234',
};
const MEBIBYTE = 2 ** 20;
const MEMORY = { residentBytes: 100 * MEBIBYTE, anonymousBytes: 60 * MEBIBYTE, fileBytes: 40 * MEBIBYTE };

function part(result: Part['result'], when = '2026-11-26T10:00:00.000Z'): Part {
  return { when, machine: MACHINE, options: { seed: 1, patients: 100, seconds: 6 }, result };
}

function outcome(p50: number, p99: number) {
  const cores = { generatorCores: 0.31, serverCores: 1.27, otherCores: 0.05 };
  return { requests: 10, errors: 0, perSecond: 1, seconds: 1, p50, p99, replyBytes: 9, ...cores };
}

function report(name: string, engine: 'sqlite' | 'foreign', perSecond: number): Part {
  return part({
    kind: 'workloads',
    name,
    engine,
    rows: [
      { workload: 'import in transactions', unit: 'resources/s', perSecond: 6_000, errors: 0 },
      { workload: 'read', unit: 'req/s', perSecond, outcome: outcome(1.25, 12), errors: 2, baseline: 1000 },
      { workload: 'search, date', unit: 'req/s', perSecond: 9, outcome: outcome(1, 100.4), errors: 0 },
    ],
    problems: engine === 'sqlite' ? ['lost one'] : [],
    resources: 1_000,
    emptyShapes: ['Procedure?code='],
    ...(engine === 'sqlite' && {
      process: {
        readyEmptyMs: 900,
        readyOnDataMs: 1_001,
        memoryReady: MEMORY,
        memoryAfter: { ...MEMORY, residentBytes: 251 * MEBIBYTE },
        storedBytes: 3_000_000,
        jsonBytes: 1_000,
      },
    }),
  });
}

function rung(patients: number, p50: number, more: Partial<Rung> = {}): Part {
  return part({
    kind: 'rung',
    name: 'Ladder on SQLite',
    engine: 'sqlite',
    patients,
    resources: patients * 18,
    readyMs: 700,
    memory: MEMORY,
    storedBytes: patients * 18 * 2_049,
    jsonBytes: 1_000,
    importPerSecond: 5_000 - patients / 50,
    shapes: [{ name: 'Patient/{id}', p50, errors: 0 }],
    loads: [
      { name: 'search, 30 shapes', p50, p99: 500, perSecond: 10, errors: 0 },
      { name: 'search, token', p50, p99: 101, perSecond: 10, errors: 0 },
    ],
    totals: [{ query: 'Observation?_total=accurate', hits: patients * 18, p50: 150 }],
    ...more,
  });
}

t.test('goals are held against what was measured, at their edges', async (t) => {
  const verdicts = (parts: Record<string, Part>): Record<string, string> =>
    Object.fromEntries(
      goalsOf(parts)
        .filter(({ isMet }) => isMet !== undefined)
        .map((goal) => [goal.what, `${goal.measured}, ${verdictOf(goal)}`]),
    );
  t.same(verdicts({}), {}, 'nothing is met because nothing was measured');
  t.ok(goalsOf({}).every((goal) => verdictOf(goal) === 'not measured'));
  t.same(verdicts({ a: report('Passerelle', 'sqlite', 500) }), {
    'Import over HTTP, validated': '6,000 resources/s, met',
    'Slowest family of searches, p99': '100 ms, **missed**',
    'Read, of bare node:http': '0.50, met',
    'Errors in all workloads': '2, **missed**',
    'Ready after its start, empty': '900 ms, met',
    'Ready after its start, on the data': '1,001 ms, **missed**',
    'Resident when ready': '100 MiB, met',
    'Resident after all workloads': '251 MiB, **missed**',
  });
  const beyond = rung(640_000, 9, { importPerSecond: 1 });
  t.same(verdicts({ a: rung(64_000, 1.4), b: rung(1_000, 1), c: rung(8_000, 1.1), d: beyond }), {
    'Import slows down over 64x data, SQLite': '25 %, **missed**',
    '30 shapes, p50(64x) / p50(1x)': '1.40, **missed**',
    'Slowest family at 64x, p99, 16 users': '101 ms, **missed**',
    'Exact total of more than a million hits': '150 ms, met',
    'On disk per resource, with indexes': '2,049 bytes, **missed**',
  });
});

t.test('the page shows rates, errors, ratios, cores, broken promises, the ladder and a peer', async (t) => {
  const parts = {
    a: report('A <server>', 'sqlite', 500),
    b: part({
      kind: 'beside',
      own: report('A <server>', 'sqlite', 500).result as Report,
      peer: report('Peer 1.0', 'foreign', 50).result as Report,
    }),
    c: part({
      kind: 'validation',
      name: 'Validation alone',
      perSecond: 10_000,
      errors: 0,
      parsesPerSecond: 25_000,
    }),
    d: rung(1_000, 1),
    e: rung(8_000, 1.5),
  };
  const text = toMarkdown(parts);
  for (const line of [
    '| read | 500 req/s | 1.3 | 12 | 2 | 0.500 | 1.27 | 0.31 | 0.05 |',
    '| import in transactions | 6,000 resources/s |  |  | 0 |  |  |  |  |',
    '- Resident when ready on this data: 100 MiB (60 MiB of its own, 40 MiB of files: program and mapped database).',
    '- 3,000 bytes on disk per resource, indexes included, after a checkpoint; the JSON of one has 1,000 in the mean (3.00 times).',
    '- Of the 30 shapes these find nothing in this data: `Procedure?code=`.',
    '- **Broken: lost one**',
    '### A <server> beside Peer 1.0',
    '| read | 500 req/s | 50 req/s | 10.0 | 12 | 12 | 2 |',
    '10,000 resources/s against R4 and the IOM profiles, 0 errors; 2.5 times',
    '| | 1x | 8x |',
    '| Resources | 18,000 | 144,000 |',
    '| **search, token** | 16 | 1.00 | 1.50 | 1.50 | 101 |',
    '| `Patient/{id}` | 1 | 1.00 | 1.50 | 1.50 |  |',
    '2026-11-26, version abc1234',
  ]) {
    t.ok(text.includes(line), line);
  }
  const shares = shareChart(parts);
  t.match(shares, 'A &lt;server&gt;');
  t.match(shares, '0.50 (500 req/s)');
  const lines = ladderChart(parts);
  t.match(lines, '144,000');
  t.equal(lines.match(/<polyline/g)?.length, 2, 'a line for each search');
});

t.test('sizes beyond the goals are told beside them, with a tail of their own', async (t) => {
  const text = toMarkdown({ a: rung(1_000, 1), b: rung(64_000, 1.2), c: rung(640_000, 3) });
  for (const line of [
    '| Search | Users | p50 ms, 1x | p50 ms, 64x | p50 ms, 640x | 64x / 1x | p99 ms, 64x | p99 ms, 640x |',
    '| **search, token** | 16 | 1.00 | 1.20 | 3.00 | 1.20 | 101 | 101 |',
    '| On disk, GB | 0.04 | 2.36 | 23.60 |',
  ]) {
    t.ok(text.includes(line), line);
  }
});

t.test('growth with the data is told from growth of the answers', async (t) => {
  const shapes = (p50: number, rows: number, oneRowP50: number) => ({
    shapes: [
      { name: 'Patient?family=', p50, errors: 0, rows, oneRowP50 },
      { name: 'Patient/{id}', p50, errors: 0 },
    ],
  });
  const first = rung(1_000, 1, shapes(0.2, 5.66, 0.1));
  const text = toMarkdown({ a: first, b: rung(64_000, 1, shapes(0.4, 20, 0.11)) });
  for (const line of [
    '| Search | Users | p50 ms, 1x | p50 ms, 64x | 64x / 1x | 64x / 1x, one row | Rows, 1x and 64x | p99 ms, 64x |',
    '| **search, token** | 16 | 1.00 | 1.00 | 1.00 |  |  | 101 |',
    '| `Patient?family=` | 1 | 0.20 | 0.40 | 2.00 | 1.10 | 5.7 and 20 |  |',
    '| `Patient/{id}` | 1 | 0.20 | 0.40 | 2.00 |  |  |  |',
  ]) {
    t.ok(text.includes(line), line);
  }
  // a size that was measured by an earlier version
  const mixed = toMarkdown({ a: rung(1_000, 1), b: rung(64_000, 1, shapes(0.4, 20, 0.11)) });
  t.ok(mixed.includes('| `Patient/{id}` | 1 | 1.00 | 0.40 | 0.40 |  |  |  |'));
});

t.test('a ladder of imports alone has no table and no line of searches', async (t) => {
  const bare = { loads: [], shapes: [], totals: [] };
  const parts = { a: rung(1_000, 1, bare), b: rung(8_000, 1, bare) };
  t.match(toMarkdown(parts), '| Import over HTTP at this size, resources/s | 4,980 | 4,840 |');
  t.notMatch(toMarkdown(parts), '| Search |');
  t.notMatch(ladderChart(parts), '<polyline');
});

t.test('the README tells the figures of the page, and nothing that was not measured', async (t) => {
  t.equal(speedOf({}), '\n');
  const own = report('Passerelle on SQLite', 'sqlite', 500);
  const peer = report('Peer 1.0', 'foreign', 50);
  const beside = part({ kind: 'beside', own: own.result as Report, peer: peer.result as Report });
  const text = speedOf({ a: own, b: beside, c: rung(1_000, 1), d: rung(64_000, 1.5) }).replaceAll('\n', ' ');
  for (const said of [
    '500 reads/s',
    'imported in transactions at 6,000 resources/s',
    'Ready in 0.9 s with 100 MiB; 3.0 KB on disk per resource.',
    'In one run beside Peer 1.0: ',
    'With 64 times the data (1,152,000 resources) the p50 of the 30 shapes is 1.50 times what it was',
  ]) {
    t.ok(text.includes(said), said);
  }
});

t.test('a bench of validation runs with the flags of a server', async (t) => {
  const starter = readFileSync(join(import.meta.dirname, '..', '..', 'bin', 'passerelle.mjs'), 'utf8');
  t.match(starter, `SERVER_FLAGS = ['${SERVER_FLAGS.join("', '")}']`);
});

t.test('what was allocated and how late the event loop was is told for a reader', async (t) => {
  const frame = (functionName: string) => ({ functionName, url: '/home/x/src/fhir/json.ts', lineNumber: 9 });
  const node = (name: string, selfSize: number, children: object[] = []) =>
    ({ callFrame: frame(name), selfSize, children }) as AllocationProfile['head'];
  const head = node('', 0, [node('read', 3_000, [node('copy', 1_000)]), node('copy', 4_000)]);
  t.same(summarizeAllocations({ head }, 4).split('\n'), [
    '2,000 bytes a request',
    '',
    ' 62.5 %  copy src/fhir/json.ts:10',
    ' 37.5 %  read src/fhir/json.ts:10',
    '  0.0 %  (anonymous) src/fhir/json.ts:10',
    '',
  ]);
  const pauses = { seconds: 10, utilization: 0.755, delay: { p50: 0.04, p99: 3.21, max: 40 } };
  t.same(
    summarizePauses({ ...pauses, collections: { scavenge: { count: 7, ms: 250, maxMs: 31.26 } } }).split(
      '\n',
    ),
    [
      'busy for 76 % of 10.0 s',
      'the event loop was late by 0.0 ms (median), 3.2 ms (p99), 40.0 ms at most',
      'scavenge: 7 collections, 2.5 % of the time, 31.3 ms at most',
      '',
    ],
  );
});

t.test('parts are kept and replaced by name, and only the same question is not asked again', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-parts-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'new', 'parts.json');
  t.same(readParts(path), {});
  writeParts(path, { 'ladder/sqlite/7200': rung(7_200, 1.23456), 'ladder/sqlite/900': rung(900, 1) });
  writeParts(path, { 'ladder/sqlite/900': rung(900, 2) });
  const parts = readParts(path);
  t.same(Object.keys(parts), ['ladder/sqlite/900', 'ladder/sqlite/7200']);
  t.match(parts['ladder/sqlite/900'], { result: { shapes: [{ p50: 2 }] } });
  t.match(parts['ladder/sqlite/7200'], { result: { shapes: [{ p50: 1.235 }] } });
  const kept = parts['ladder/sqlite/900'] as Part;
  t.ok(isSame(kept, MACHINE, kept.options));
  t.notOk(isSame(kept, { ...MACHINE, commit: 'other' }, kept.options));
  t.notOk(isSame(kept, MACHINE, { ...kept.options, seed: 2 }));
  t.notOk(isSame(undefined, MACHINE, kept.options));
});

t.test('options are read, and what is wrong with them is told', async (t) => {
  t.match(readOptions([]), { mode: 'workloads', patients: 1_250, seed: 1, seconds: 6, only: [] });
  t.match(readOptions(['--quick', '--only', 'import,search']), { seconds: 1, only: ['import', 'search'] });
  t.match(readOptions(['--ladder', '--rungs', '1x,8x,50']), { mode: 'ladder', rungs: [900, 7_200, 50] });
  t.match(readOptions(['--against=http://a:1/fhir/', '--engines', 'none']), {
    against: 'http://a:1/fhir',
    engines: [],
  });
  t.equal(readOptions(['-h']), undefined);
  for (const [args, problem] of [
    [['--seconds', '0'], /^--seconds is a number above 0/],
    [['--engines', 'oracle'], /not "oracle"/],
    [['--rungs', '1x,y'], /^--rungs are/],
    [['--against', 'localhost'], /^--against is the address/],
    [['--write', '--only', 'read'], /^--write needs a whole run/],
    [['--wibble'], /wibble/],
  ] as const) {
    t.match(readOptions(args), problem, args.join(' '));
  }
});

t.test('a terminal shows one line that changes, a file a line every few seconds', async (t) => {
  for (const isTerminal of [true, false]) {
    let ms = 0;
    const said: string[] = [];
    const print = (text: string) => said.push(text);
    const terminal = createTerminal({ print, isTerminal, totalSeconds: 100, now: () => ms });
    ms = 1_000;
    terminal.progress('read', 5, '10 req/s');
    ms = 10_000;
    terminal.progress('read', 4.4, '12 req/s');
    terminal.row(['read', '12 req/s', '1.0']);
    t.same(
      said.map((text) => text.replace('\r\u001b[K', '<')),
      isTerminal
        ? [
            '<read: 10 req/s, 0:05 left; whole run about 1:39',
            '<read: 12 req/s, 0:04 left; whole run about 1:30',
            '<read                                   12 req/s       1.0\n',
          ]
        : [
            'read: 12 req/s, 0:04 left; whole run about 1:30\n',
            'read                                   12 req/s       1.0\n',
          ],
    );
  }
});

t.test(
  'memory and processor time are those of the process',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const { residentBytes, anonymousBytes, fileBytes } = memoryOf(process.pid);
    t.equal(residentBytes, anonymousBytes + fileBytes);
    const rss = process.memoryUsage.rss();
    t.ok(Math.abs(residentBytes - rss) < rss / 4, `${residentBytes} of ${rss}`);
    const { user, system } = process.cpuUsage();
    t.ok(Math.abs(cpuSecondsOf(process.pid) - (user + system) / 1e6) < 0.2);
    t.ok(machineCpuSeconds() > cpuSecondsOf(process.pid));
  },
);
