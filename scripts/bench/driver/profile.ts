/**
 * Where the processor's time goes: a workload on a running, warm server, as self time of the main thread by function
 * and by room of the source.  node scripts/bench/driver/profile.ts [workload] [seconds]
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { importData, takeSamples } from './data.ts';
import { applyLoad } from './load.ts';
import { startPasserelle } from './target.ts';
import { workloads } from './workloads.ts';

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const [wanted = 'validated create', secondsText = '10'] = process.argv.slice(2);
const PATIENTS = 100;
const WARM_SECONDS = 3;
const SHOWN = 30;

const folder = mkdtempSync(join(tmpdir(), 'passerelle-profile-'));
const file = join(folder, 'main.cpuprofile');
try {
  await runUnderProfile();
  show(readProfile());
} finally {
  rmSync(folder, { recursive: true });
}

async function runUnderProfile(): Promise<void> {
  const target = await startPasserelle({
    name: 'profiled',
    nodeFlags: ['--import', join(import.meta.dirname, 'profile-hook.ts')],
    env: { PROFILE_FILE: file },
  });
  const data = importData(PATIENTS, 1);
  const post = (body: Buffer) =>
    fetch(target.base, {
      method: 'POST',
      headers: { 'content-type': 'application/fhir+json' },
      body: body as Uint8Array<ArrayBuffer>,
    }).then((response) => response.arrayBuffer());
  await post(data.directory);
  for (let next = data.next(); next !== undefined; next = data.next()) await post(next.body);
  const workload = workloads(await takeSamples(target.base)).find(({ name }) => name === wanted);
  if (workload === undefined) throw new Error(`there is no workload "${wanted}"`);
  const act = workload.act.bind(workload);
  const options = { base: target.base, users: workload.users, type: workload.type, act };
  const pid = target.own?.pid as number;
  await applyLoad({ ...options, seconds: WARM_SECONDS });
  process.kill(pid, 'SIGUSR2');
  const outcome = await applyLoad({ ...options, seconds: Number(secondsText) });
  process.kill(pid, 'SIGUSR2');
  while (!existsSync(file)) await sleep(100);
  console.log(
    `${wanted}: ${outcome.requests} requests, ${Math.round(outcome.perSecond)} a second, ${outcome.errors} errors`,
  );
  await target.stop();
}

function readProfile(): CpuProfile {
  return JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
}

function show({ nodes, samples, timeDeltas }: CpuProfile): void {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const self = new Map<string, number>();
  const whole = new Map<string, number>();
  const rooms = new Map<string, number>();
  let total = 0;
  let idle = 0;
  for (const [index, sample] of samples.entries()) {
    const time = timeDeltas[index] as number;
    const names = stackOf(sample);
    if (names[0]?.startsWith('(idle)')) idle += time;
    if (/^\((idle|program)\)/.test(names[0] ?? '') || names.some((name) => name.includes('profile-hook')))
      continue;
    total += time;
    add(self, names[0] as string, time);
    for (const name of new Set(names)) add(whole, name, time);
    const room = names.map((name) => /src\/([a-z]+)/.exec(name)?.[1]).find((one) => one !== undefined);
    add(rooms, room ?? (names[0]?.startsWith('(garbage') ? 'garbage collection' : 'Node and packages'), time);
  }
  console.log(`busy for ${(total / 1e6).toFixed(1)} s, idle for ${(idle / 1e6).toFixed(1)} s`);
  for (const [title, times] of [
    ['by room (self time and what it calls outside src)', rooms],
    ['by function, self', self],
    ['by function, with what it calls', whole],
  ] as const) {
    console.log(`\n${title}`);
    const list = [...times].sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
    for (const [name, time] of list)
      console.log(`${((100 * time) / total).toFixed(1).padStart(5)} %  ${name}`);
  }

  function stackOf(sample: number): string[] {
    const names: string[] = [];
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const { functionName, url, lineNumber } = (byId.get(id) as CpuProfile['nodes'][number]).callFrame;
      const place = url.replace(/^.*\/(src|node_modules|build)\//, '$1/');
      names.push(`${functionName || '(anonymous)'} ${place}:${lineNumber + 1}`);
    }
    return names;
  }
}

function add(times: Map<string, number>, name: string, time: number): void {
  times.set(name, (times.get(name) ?? 0) + time);
}
