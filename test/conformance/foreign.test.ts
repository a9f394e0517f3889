/**
 * The suite on servers that are not ours: each fault that a proxy puts in is found by a case of its own, and what a
 * server does not state is left out, neither passed nor failed.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { ALL_CASES } from '../../conformance/cases/all.ts';
import { readStatement, type Statement } from '../../conformance/needs.ts';
import { scoreboard, toJUnit } from '../../conformance/report.ts';
import { runCase, type Verdict } from '../../conformance/run.ts';
import { startServer } from '../http/start.ts';

interface Passing {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/** Changes an answer on its way to the client. */
type Fault = (passing: Passing, request: IncomingMessage) => void;

async function startProxy(t: Test, fault: Fault): Promise<string> {
  const { app } = await startServer(t);
  const behind = await app.http.listen('127.0.0.1', 0);
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = { ...request.headers } as Record<string, string>;
    for (const name of ['host', 'connection', 'content-length', 'accept-encoding', 'transfer-encoding']) {
      delete headers[name];
    }
    const address = (request.url ?? '').replace(/^\/other\/base/, '/fhir');
    const answer = await fetch(`${behind}${address}`, {
      method: request.method ?? 'GET',
      headers: { ...headers, 'accept-encoding': 'identity' },
      ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
    });
    const passing = {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      text: await answer.text(),
    };
    for (const name of ['connection', 'keep-alive', 'content-length', 'transfer-encoding']) {
      delete passing.headers[name];
    }
    fault(passing, request);
    response.writeHead(passing.status, passing.headers).end(request.method === 'HEAD' ? '' : passing.text);
  };
  const proxy = createServer((request, response) => {
    void handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => proxy.close());
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/other/base`;
}

async function run(server: string, ids: readonly string[], statement?: Statement): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const id of ids) {
    const one = ALL_CASES.find((other) => other.id === id);
    if (one === undefined) throw new Error(`there is no case ${id}`);
    verdicts.push(await runCase(one, { server, headers: {}, timeoutMs: 30_000, statement }));
  }
  return verdicts;
}

const FAULTS: readonly (readonly [name: string, fault: Fault, found: readonly string[]])[] = [
  ['no ETag', ({ headers }) => delete headers.etag, ['read-headers', 'create-headers']],
  ['no Location', ({ headers }) => delete headers.location, ['create-location']],
  [
    'errors as 200',
    (passing) => Object.assign(passing, { status: Math.min(passing.status, 299) }),
    ['read-unknown-id', 'create-malformed'],
  ],
  [
    'no word about errors',
    (passing) => passing.status >= 400 && Object.assign(passing, { text: '{}' }),
    ['read-unknown-id'],
  ],
  [
    'plain JSON',
    ({ headers }) => Object.assign(headers, { 'content-type': 'text/plain' }),
    ['read-content-type'],
  ],
  [
    'gone is not found',
    (passing) => passing.status === 410 && Object.assign(passing, { status: 404 }),
    ['read-deleted'],
  ],
  [
    'versions stay the same',
    (passing) =>
      Object.assign(passing, { text: passing.text.replace(/"versionId":"\d+"/g, '"versionId":"1"') }),
    ['update-new-version'],
  ],
  [
    'histories backwards',
    (passing, { url }) => {
      if (url?.includes('_history') !== true || !passing.text.includes('"entry"')) return;
      const body = JSON.parse(passing.text);
      passing.text = JSON.stringify({ ...body, entry: body.entry.toReversed() });
    },
    ['history-instance'],
  ],
];

t.test('each fault that a server may have is found', async (t) => {
  let fault: Fault = () => undefined;
  const server = await startProxy(t, (passing, request) => fault(passing, request));
  const ids = [...new Set(FAULTS.flatMap(([, , found]) => found))];
  for (const verdict of await run(server, ids))
    t.ok(verdict.passed, `${verdict.case.id} without a fault`, verdict);
  for (const [name, change, found] of FAULTS) {
    fault = change;
    for (const verdict of await run(server, found)) {
      t.equal(verdict.passed, false, `${verdict.case.id} finds: ${name}`);
      t.ok(verdict.why, 'and says what differed');
    }
  }
});

t.test('what a server does not state is left out', async (t) => {
  const server = await startProxy(t, () => undefined);
  const stated = (type: string[], system: string[], members: object = {}) =>
    readStatement({
      resourceType: 'CapabilityStatement',
      format: ['json'],
      rest: [
        {
          mode: 'server',
          interaction: system.map((code) => ({ code })),
          resource: [{ type: 'Patient', interaction: type.map((code) => ({ code })), ...members }],
        },
      ],
    });
  const cases: readonly (readonly [string, Statement | undefined, string | undefined])[] = [
    ['read-found', stated(['create', 'read'], []), undefined],
    ['read-found', stated(['read'], []), 'create of Patient'],
    ['read-unknown-id', stated([], []), undefined],
    ['history-instance', stated(['create', 'update'], []), 'history-instance of Patient'],
    ['history-system', stated(['create'], []), 'history-system of the system'],
    ['update-as-create', stated(['create', 'update', 'read'], []), 'updateCreate of Patient'],
    ['update-as-create', stated(['create', 'update', 'read'], [], { updateCreate: true }), undefined],
    ['history-format', stated(['create', 'history-instance'], []), 'the format xml'],
    ['meta-add-delete', stated(['create', 'read'], []), 'the operation $meta-add'],
    ['read-found', readStatement({ resourceType: 'Patient' }), undefined],
  ];
  for (const [id, statement, skipped] of cases) {
    const [verdict] = await run(server, [id], statement);
    t.equal(verdict?.skipped, skipped, `${id}: ${skipped ?? 'is tried'}`);
    t.equal(verdict?.passed, skipped === undefined, id);
  }
  const verdicts = [
    ...(await run(server, ['read-found', 'history-system'], stated(['create', 'read'], []))),
    ...(await run('http://127.0.0.1:9', ['read-unknown-id'])),
  ];
  t.match(scoreboard(verdicts), /left out/);
  const junit = toJUnit(verdicts);
  t.match(junit, /tests="3" failures="1" skipped="1"/);
  t.match(junit, /<skipped message="history-system of the system"\/>/);
});
