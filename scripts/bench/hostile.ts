/**
 * One ordinary client beside sixteen hostile ones: what it waits for while these send what is refused, what is as
 * much work as one request may ask for, and both; and whether the server fails or grows meanwhile.
 * node scripts/bench/hostile.ts --data FOLDER [--mongodb URL] [--clients 16] [--seconds 15] [--only refused]
 * FOLDER is one that `passerelle seed` has filled; with a URL the database is what was filled.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { type Connection, openConnection } from './driver/connection.ts';
import { takeSamples } from './driver/data.ts';
import { startPasserelle, type Target } from './driver/target.ts';
import { HEAVY_SEARCHES, HOSTILE_SEARCHES } from './hostile-searches.ts';

const TYPE = 'application/fhir+json';
const FORM = 'application/x-www-form-urlencoded';
/** Pause of the ordinary client between two requests, ms. */
const PAUSE_MS = 20;
const P99_MS_MAX = 100;

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    mongodb: { type: 'string' },
    clients: { type: 'string', default: '16' },
    seconds: { type: 'string', default: '15' },
    only: { type: 'string', default: '' },
    base: { type: 'string' },
    mix: { type: 'string', default: '' },
  },
});

const MIXES = ['refused', 'heavy', 'both'] as const;

if (options.base === undefined) await measure();
else await attack(new URL(options.base), options.mix);

async function measure(): Promise<void> {
  if (options.data === undefined) throw new Error('--data FOLDER: one that `passerelle seed` has filled');
  const env: Record<string, string> = options.mongodb === undefined ? {} : { MONGODB_URL: options.mongodb };
  const target = await startPasserelle({ name: 'passerelle', env }, options.data);
  try {
    const paths = await ordinaryPaths(target.base);
    await report(target, paths, 'alone');
    for (const mix of MIXES.filter((one) => one.includes(options.only))) await report(target, paths, mix);
  } finally {
    await target.own?.stop();
  }
}

async function report(target: Target, paths: readonly string[], mix: string): Promise<void> {
  const attackers = mix === 'alone' ? undefined : startAttack(target.base, mix);
  const waits = await work(target.base, paths, Number(options.seconds) * 1000);
  const told = attackers === undefined ? undefined : await endAttack(attackers);
  waits.sort((a, b) => a - b);
  const at = (share: number) =>
    (waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? 0).toFixed(1);
  const memory = Math.round((target.own?.memory().residentBytes ?? 0) / 2 ** 20);
  console.log(
    `${mix.padEnd(8)} ordinary: ${waits.length} requests, p50 ${at(0.5)} p95 ${at(0.95)} p99 ${at(0.99)} longest ${at(1)} ms; ${memory} MiB` +
      (Number(at(0.99)) > P99_MS_MAX ? `: p99 above ${P99_MS_MAX} ms` : ''),
  );
  if (told === undefined) return;
  console.log(
    `         hostile: ${Object.entries(told.statuses)
      .map(([status, count]) => `${count} of ${status}`)
      .join(', ')}`,
  );
  for (const fault of told.faults) console.log(`         FAULT ${fault}`);
}

/** What somebody asks who has a person before them. */
async function ordinaryPaths(base: URL): Promise<readonly string[]> {
  const { patients, families } = await takeSamples(base);
  return patients
    .slice(0, 100)
    .flatMap((id, at) => [
      `Patient/${id}`,
      `Observation?patient=${id}&_sort=-date&_count=20`,
      `Patient?family=${families[at % families.length]}&_count=20`,
      `Condition?subject=Patient/${id}&_include=Condition:subject`,
      `Patient?_id=${id}&_revinclude=Encounter:subject`,
      `Encounter?patient=${id}&status=finished&_summary=count`,
    ]);
}

async function work(base: URL, paths: readonly string[], ms: number): Promise<number[]> {
  const connection = openConnection(base, { type: TYPE });
  const waits: number[] = [];
  const end = performance.now() + ms;
  for (let at = 0; performance.now() < end; at++) {
    const path = `${base.pathname}/${encodeURI(paths[at % paths.length] as string)}`;
    const start = performance.now();
    const { status, body } = await connection.request('GET', path);
    waits.push(performance.now() - start);
    if (status !== 200)
      console.log(`         FAULT ordinary ${path}: ${status} ${body.toString().slice(0, 200)}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  connection.close();
  return waits;
}

interface Told {
  readonly statuses: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

/** In a process of its own, so that reading answers keeps nobody waiting here. */
function startAttack(base: URL, mix: string): ChildProcess {
  return fork(import.meta.filename, ['--base', base.href, '--mix', mix, '--clients', options.clients]);
}

async function endAttack(child: ChildProcess): Promise<Told> {
  const told = once(child, 'message') as Promise<[Told]>;
  child.send('end');
  const [answer] = await told;
  child.kill();
  return answer;
}

interface Shot {
  readonly method: string;
  readonly path: string;
  readonly form?: string | undefined;
  /** As the table says; undefined where several are right. */
  readonly status?: number;
}

async function attack(base: URL, mix: string): Promise<void> {
  const refused = HOSTILE_SEARCHES.map(
    ({ path, form, status }): Shot => ({ method: form === undefined ? 'GET' : 'POST', path, form, status }),
  );
  const heavy = HEAVY_SEARCHES.map((path): Shot => ({ method: 'GET', path }));
  const shots =
    mix === 'refused' ? refused : mix === 'heavy' ? heavy : [...refused, ...heavy, ...heavy, ...heavy];
  const statuses: Record<string, number> = {};
  const faults = new Set<string>();
  let isOver = false;
  process.on('message', () => {
    isOver = true;
    process.send?.({ statuses, faults: [...faults].slice(0, 20) });
  });
  const shoot = async (client: number): Promise<void> => {
    const [plain, formed] = [TYPE, FORM].map((type) => openConnection(base, { type, accepts: TYPE })) as [
      Connection,
      Connection,
    ];
    for (let at = client * 7; !isOver; at++) {
      const { method, path, form, status } = shots[at % shots.length] as Shot;
      const connection = form === undefined ? plain : formed;
      try {
        const body = form === undefined ? undefined : Buffer.from(form);
        const reply = await connection.request(method, `${base.pathname}/${path}`, body);
        statuses[reply.status] = (statuses[reply.status] ?? 0) + 1;
        const isLater = reply.status === 503 && /retry-after/i.test(reply.head);
        if (isLater) await new Promise((resolve) => setTimeout(resolve, 50));
        const isRight = status === undefined ? [200, 400].includes(reply.status) : reply.status === status;
        if (!isRight && !isLater)
          faults.add(`${path.slice(0, 150)}: ${reply.status} ${reply.body.toString().slice(0, 200)}`);
      } catch (error) {
        if (!isOver) faults.add(`${path.slice(0, 100)}: ${String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: Number(options.clients) }, (_, client) => shoot(client)));
}
