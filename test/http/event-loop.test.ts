/**
 * Hostile requests on a server in a process of its own: none keeps its event loop for more than 200 ms, which is
 * counted in CPU time of that thread, and none makes it fail.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import t from 'tap';

const BLOCKED_MS_MAX = 200;
/** A collection of garbage or a busy neighbour in the cache may hit one attempt, not all. */
const ATTEMPTS = 4;
const MIB = 1 << 20;
/** Just below what the server reads. */
const FULL = 15.9 * MIB;

const JSON_TYPE = 'application/fhir+json';
const XML_TYPE = 'application/fhir+xml';
const FORM = 'application/x-www-form-urlencoded';
const XML_HEAD = '<Patient xmlns="http://hl7.org/fhir">';
const DIV = '<div xmlns="http://www.w3.org/1999/xhtml">';

interface Attack {
  readonly name: string;
  /** `POST Patient`, relative to the base. */
  readonly request: string;
  readonly type?: string;
  readonly body?: () => string | Buffer;
  readonly encoding?: string;
  readonly status: number;
}

/** As many items as there is room for. */
function fill(head: string, item: string, tail: string, bytes = FULL): string {
  const count = Math.floor((bytes - head.length - tail.length) / (item.length + 1));
  return `${head}${`${item},`.repeat(count - 1)}${item}${tail}`;
}

const list = (count: number, item: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => item(i)).join();
const bundle = (type: string, count: number, entry: (index: number) => string) =>
  `{"resourceType":"Bundle","type":"${type}","entry":[${list(count, entry)}]}`;
const uuid = (index: number) => `urn:uuid:00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
const post = (index: number) =>
  `{"fullUrl":"${uuid(index)}","resource":{"resourceType":"Patient","name":[{"family":"f${index}"}],"birthDate":"1990"},"request":{"method":"POST","url":"Patient"}}`;
const patches = (count: number, path: string) =>
  `{"resourceType":"Parameters","parameter":[${list(
    count,
    () =>
      `{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"${path}"},{"name":"value","valueString":"z"}]}`,
  )}]}`;

const json = (name: string, status: number, body: () => string, request = 'POST Patient'): Attack => ({
  name,
  request,
  type: JSON_TYPE,
  status,
  body,
});
const xml = (name: string, status: number, body: () => string): Attack => ({
  name,
  request: 'POST Patient',
  type: XML_TYPE,
  status,
  body: () => `${XML_HEAD}${body()}`,
});
const patch = (name: string, count: number, operation: string): Attack => ({
  name,
  request: 'PATCH Patient/a',
  type: 'application/json-patch+json',
  status: 400,
  body: () => `[${list(count, () => operation)}]`,
});

const ATTACKS: readonly Attack[] = [
  json('objects', 413, () => fill('{"resourceType":"Patient","identifier":[', '{"value":"1"}', ']}')),
  json('numbers', 413, () => fill('{"resourceType":"Patient","x":[', '1', ']}')),
  json('decimals', 413, () => fill('{"resourceType":"Patient","x":[', '1.50', ']}')),
  json('a resource of decimals', 413, () => `{"resourceType":"Patient","x":[${'1.50,'.repeat(499_000)}1]}`),
  json('as many decimals as are read', 400, () =>
    `{"resourceType":"Bundle","type":"batch","entry":[${'1.50,'.repeat(4999)}1,{"x":[${'1.50,'.repeat(94_000)}1]}]}`.replace(
      '1.50,',
      '',
    ),
  ),
  json('as many values as are read', 400, () => bundle('batch', 5000, () => `[${'0,'.repeat(95)}0]`)),
  json('one decimal', 413, () => `{"resourceType":"Patient","y":1.50,"x":[${'{},'.repeat(249_000)}1]}`),
  json('properties', 413, () => `{"resourceType":"Patient",${list(1_000_000, (i) => `"k${i}":1`)}}`),
  json('other properties everywhere', 413, () =>
    bundle('batch', 300, (i) => `{${list(1600, (k) => `"k${i}x${k}":1`)}}`),
  ),
  json('as many values as one resource may have', 422, () =>
    fill('{"resourceType":"Patient","x":[', '1', ']}', 199_000),
  ),
  json('a string', 422, () => `{"resourceType":"Patient","x":"${'\\u0041'.repeat(2.6 * MIB)}"}`),
  json('backslashes', 422, () => `{"resourceType":"Patient","x":"${'\\\\'.repeat(7 * MIB)}"}`),
  json('depth', 400, () => '['.repeat(15 * MIB)),
  json('just not too deep', 413, () =>
    fill('{"resourceType":"Patient","x":[', `${'['.repeat(60)}${']'.repeat(60)}`, ']}'),
  ),
  json('a narrative', 201, () => {
    const div = `${DIV}${'<p>&amp;</p>'.repeat(0.6 * MIB)}</div>`.replaceAll('"', '\\"');
    return `{"resourceType":"Patient","text":{"status":"generated","div":"${div}"}}`;
  }),
  json(
    'a Binary',
    201,
    () => `{"resourceType":"Binary","contentType":"a/b","data":"${'AAAA'.repeat(3.9 * MIB)}"}`,
    'POST Binary',
  ),
  {
    name: 'a body beyond the limit',
    request: 'POST Patient',
    type: JSON_TYPE,
    status: 413,
    body: () => 'x'.repeat(40 * MIB),
  },
  xml('XML elements', 413, () => '<identifier><value value="1"/></identifier>'.repeat(370_000)),
  xml('XML text', 400, () => 'x'.repeat(15 * MIB)),
  xml('an XML attribute', 422, () => `<birthDate value="${'&amp;'.repeat(3 * MIB)}"/></Patient>`),
  xml('XML comments', 201, () => `${'<!-- -->'.repeat(1.8 * MIB)}</Patient>`),
  xml(
    'XML narrative',
    413,
    () => `<text><status value="generated"/>${DIV}${'<p>x</p>'.repeat(1.8 * MIB)}</div></text></Patient>`,
  ),
  xml('XML attributes', 400, () => `<name ${list(500_000, (i) => `a${i}="1"`).replaceAll(',', ' ')}/>`),
  xml('XML depth', 422, () => '<x>'.repeat(5 * MIB)),
  patch('JSON Patch: many operations', 100_000, '{"op":"replace","path":"/name/0/family","value":"z"}'),
  patch('JSON Patch: many tests', 100_000, '{"op":"test","path":"/name/0/family","value":"x"}'),
  json(
    'FHIRPath Patch: many operations',
    400,
    () => patches(5000, 'Patient.name[0].family'),
    'PATCH Patient/a',
  ),
  json(
    'FHIRPath Patch: descendants of descendants',
    422,
    () => patches(50, `Patient${'.descendants()'.repeat(5)}.first()`),
    'PATCH Patient/a',
  ),
  json(
    'FHIRPath Patch: a long path',
    400,
    () => patches(1, `Patient.name${'.where(true)'.repeat(100_000)}`),
    'PATCH Patient/a',
  ),
  json('a transaction of 5,000', 200, () => bundle('transaction', 5000, post), 'POST '),
  json('a batch of 5,000', 200, () => bundle('batch', 5000, post), 'POST '),
  json(
    'a batch of 5,000 searches',
    200,
    () => bundle('batch', 5000, (i) => `{"request":{"method":"GET","url":"Patient?family=f${i}"}}`),
    'POST ',
  ),
  json(
    'a transaction of 5,000 faults',
    422,
    () =>
      bundle(
        'transaction',
        5000,
        () =>
          '{"resource":{"resourceType":"Patient","gender":"x"},"request":{"method":"POST","url":"Patient"}}',
      ),
    'POST ',
  ),
  json(
    'links of all entries to many others',
    200,
    () =>
      bundle(
        'transaction',
        1000,
        (i) =>
          `{"fullUrl":"${uuid(i)}","resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"hasMember":[${list(100, (k) => `{"reference":"${uuid((i + k + 1) % 1000)}"}`)}]},"request":{"method":"POST","url":"Observation"}}`,
      ),
    'POST ',
  ),
  {
    name: 'what unpacks to much',
    request: 'POST Patient',
    type: JSON_TYPE,
    encoding: 'gzip',
    status: 413,
    body: () => gzipSync(Buffer.alloc(200 * MIB, 32)),
  },
  {
    name: 'the same with Brotli',
    request: 'POST Patient',
    type: JSON_TYPE,
    encoding: 'br',
    status: 413,
    body: () => brotliCompressSync(Buffer.alloc(100 * MIB, 32)),
  },
  {
    name: 'a form',
    request: 'POST Patient/_search',
    type: FORM,
    status: 413,
    body: () => 'name=a&'.repeat(2 * MIB),
  },
  {
    name: 'as long a form as is read',
    request: 'POST Patient/_search',
    type: FORM,
    status: 400,
    body: () => `name=${'a,'.repeat(0.49 * MIB)}`,
  },
  {
    name: 'a filter',
    request: 'POST Patient/_search',
    type: FORM,
    status: 400,
    body: () => `_filter=${'('.repeat(0.9 * MIB)}`,
  },
  { name: 'a long address', request: `GET Patient?${'name=a&'.repeat(1000)}`, status: 400 },
  { name: 'a longer address', request: `GET Patient?${'name=a&'.repeat(2000)}`, status: 413 },
  {
    name: 'a page of 1,000 in XML',
    request: 'GET Patient?_count=1000&_format=xml&_pretty=true',
    status: 200,
  },
  { name: 'a history of 1,000 in XML', request: 'GET _history?_count=1000&_format=xml', status: 200 },
  {
    name: 'what 1,000 refer to',
    request: 'GET Observation?_count=1000&_include=*&_include:iterate=*',
    status: 200,
  },
];

interface Victim {
  readonly base: string;
  /** The longest turn since the last call. */
  longestMs(): Promise<number>;
  end(): void;
}

async function startVictim(): Promise<Victim> {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-'));
  const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
  const child: ChildProcess = fork(main, ['serve'], {
    execArgv: ['--import', join(import.meta.dirname, 'loop-probe.ts')],
    env: {
      PATH: process.env.PATH,
      PASSERELLE_DATA: folder,
      PASSERELLE_PORT: '0',
      PASSERELLE_LOG_LEVEL: 'error',
    },
    silent: true,
  });
  const base = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (text) => {
      output += text;
      const address = /at (http:\S+)/.exec(output)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.on('exit', () => reject(new Error(`the server ended: ${output}`)));
  });
  return {
    base,
    longestMs: () =>
      new Promise((resolve) => {
        child.once('message', (ms) => resolve(ms as number));
        child.send('longest');
      }),
    end() {
      child.removeAllListeners('exit');
      child.on('exit', () => rmSync(folder, { recursive: true, force: true }));
      child.kill();
    },
  };
}

t.test('no request keeps the event loop', async (t) => {
  const victim = await startVictim();
  t.teardown(() => victim.end());
  const send = async ({ request, type, body, encoding }: Attack): Promise<number> => {
    const [method = '', path = ''] = request.split(/ (.*)/s);
    const headers = {
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    };
    try {
      const response = await fetch(path === '' ? victim.base : `${victim.base}/${path}`, {
        method,
        headers,
        body: body?.() as string | undefined,
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      // the server closes the connection on a body that it does not want
      return 413;
    }
  };
  await send(
    json('', 201, () => '{"resourceType":"Patient","id":"a","name":[{"family":"x"}]}', 'PUT Patient/a'),
  );
  await victim.longestMs();
  for (const attack of ATTACKS) {
    let leastMs = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < ATTEMPTS && leastMs > BLOCKED_MS_MAX; attempt++) {
      const status = await send(attack);
      if (attempt === 0) t.equal(status, attack.status, attack.name);
      leastMs = Math.min(leastMs, await victim.longestMs());
    }
    t.ok(leastMs <= BLOCKED_MS_MAX, `${attack.name}: ${Math.round(leastMs)} ms`);
  }
  t.equal((await fetch(`${victim.base}/metadata`)).status, 200, 'and it still serves');
});
