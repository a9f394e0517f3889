/** What a workload costs a running, warm server; the options are told by --help. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { importData, takeSamples } from '../driver/data.ts';
import { applyLoad, type Outcome } from '../driver/load.ts';
import { startPasserelle, type Target } from '../driver/target.ts';
import { type Workload, workloads } from '../driver/workloads.ts';
import { type AllocationProfile, summarizeAllocations } from './allocations.ts';
import { type CpuProfile, summarize } from './cpu.ts';
import { type Pauses, summarizePauses } from './pauses.ts';

const HELP = `npm run profile -- [workload] [options]

What a workload of npm run bench costs a running, warm server on SQLite, by function; "validated create" without one.

  --kind cpu            where the processor's time goes, on each thread (default)
  --kind allocations    who allocates what, on each thread
  --kind pauses         how late the event loop was, and what collecting garbage took
  --kind calls          the system calls of all threads (needs strace; it slows the server down)
  --seconds T           for how long (default 10)
  --patients N          of made-up data (default 100)`;

const KINDS = ['cpu', 'allocations', 'pauses', 'calls'] as const;
type Kind = (typeof KINDS)[number];
const WARM_SECONDS = 3;
const POLL_MS = 100;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      kind: { type: 'string', default: 'cpu' },
      seconds: { type: 'string', default: '10' },
      patients: { type: 'string', default: '100' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const kind = KINDS.find((one) => one === values.kind);
  if (values.help || kind === undefined) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-profile-'));
  const file = join(folder, 'profile.json');
  const target = await startPasserelle({
    name: 'profiled',
    nodeFlags: ['--import', join(import.meta.dirname, 'hook.ts')],
    env: { PROFILE_FILE: file, PROFILE_KIND: kind },
  });
  try {
    await fill(target.base, Number(values.patients));
    const name = positionals[0] ?? 'validated create';
    const known = workloads(await takeSamples(target.base));
    const workload = known.find((one) => one.name === name);
    if (workload === undefined) {
      console.error(`There is no workload "${name}". There are: ${known.map((one) => one.name).join('; ')}.`);
      return 2;
    }
    await profile(target, workload, { kind, seconds: Number(values.seconds), file });
    return 0;
  } finally {
    await target.stop();
    rmSync(folder, { recursive: true });
  }
}

async function fill(base: URL, patients: number): Promise<void> {
  const data = importData(patients, 1);
  const post = async (body: Buffer): Promise<void> => {
    const headers = { 'content-type': 'application/fhir+json' };
    const response = await fetch(base, { method: 'POST', headers, body: body as Uint8Array<ArrayBuffer> });
    await response.arrayBuffer();
  };
  await post(data.directory);
  for (let next = data.next(); next !== undefined; next = data.next()) await post(next.body);
}

interface Plan {
  readonly kind: Kind;
  readonly seconds: number;
  /** Where the server writes what it saw. */
  readonly file: string;
}

async function profile(target: Target, workload: Workload, { kind, seconds, file }: Plan): Promise<void> {
  const { users, type } = workload;
  const load = { base: target.base, users, type, act: workload.act.bind(workload) };
  const pid = target.own?.pid as number;
  await applyLoad({ ...load, seconds: WARM_SECONDS });
  const stop = kind === 'calls' ? traceCalls(pid) : watch(pid, file);
  const outcome = await applyLoad({ ...load, seconds });
  const { requests, perSecond, errors } = outcome;
  console.log(
    `${workload.name}: ${requests} requests, ${Math.round(perSecond)} a second, ${errors} errors\n`,
  );
  console.log(toText(kind, await stop(), outcome));
}

/** The hook in the server starts and stops at a signal. */
function watch(pid: number, file: string): () => Promise<string> {
  process.kill(pid, 'SIGUSR2');
  return async () => {
    process.kill(pid, 'SIGUSR2');
    while (!existsSync(file)) await sleep(POLL_MS);
    return readFileSync(file, 'utf8');
  };
}

function traceCalls(pid: number): () => Promise<string> {
  const tracer = spawn('strace', ['-c', '-f', '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(tracer, 'close').catch(() => {
    throw new Error('strace is not there, or may not look at the server');
  });
  let told = '';
  tracer.stderr?.on('data', (part: Buffer) => {
    told += part.toString();
  });
  return async () => {
    tracer.kill('SIGINT');
    await ended;
    return told.slice(told.indexOf('% time'));
  };
}

function toText(kind: Kind, seen: string, { requests }: Outcome): string {
  switch (kind) {
    case 'cpu':
      return (JSON.parse(seen) as CpuProfile[]).map(summarize).join('\n');
    case 'allocations':
      return (JSON.parse(seen) as AllocationProfile[])
        .map((one) => summarizeAllocations(one, requests))
        .join('\n');
    case 'pauses':
      return summarizePauses(JSON.parse(seen) as Pauses);
    case 'calls':
      return seen;
  }
}
