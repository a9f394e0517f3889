/**
 * Where the processor's time goes: a workload on a running, warm server, as self time of its threads by function and by
 * room of the source.  node scripts/bench/driver/profile.ts [workload] [seconds]
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CpuProfile, summarize } from '../cpu-profile.ts';
import { importData, takeSamples } from './data.ts';
import { applyLoad } from './load.ts';
import { startPasserelle } from './target.ts';
import { workloads } from './workloads.ts';

const [wanted = 'validated create', secondsText = '10'] = process.argv.slice(2);
const PATIENTS = 100;
const WARM_SECONDS = 3;

const folder = mkdtempSync(join(tmpdir(), 'passerelle-profile-'));
const file = join(folder, 'main.cpuprofile');
try {
  await runUnderProfile();
  for (const profile of readProfiles()) console.log(summarize(profile));
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

function readProfiles(): readonly CpuProfile[] {
  return JSON.parse(readFileSync(file, 'utf8')) as readonly CpuProfile[];
}
