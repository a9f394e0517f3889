/**
 * The write path without HTTP: transactions of made-up people as text, parsed, validated, held against the exchange
 * rules, indexed and on the disk. Making the data is not counted. Read ratios, not figures.
 *   node scripts/bench/ingest.ts [--patients 1000] [--clients 8] [--profile]
 *   node scripts/bench/ingest.ts --ladder 64      up to so many thousand people, the rate at each doubling
 * `--profile` tells where the processor's time goes, on the thread that serves and on the one that writes.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { type App, createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { parseJson } from '../../src/fhir/json.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { processBundle } from '../../src/interactions/bundle.ts';
import { createInteractions } from '../../src/interactions/interactions.ts';
import { OPERATIONS } from '../../src/operations/operations.ts';
import { type PersonTransaction, personTransactions } from './person-transactions.ts';
import { profileThreads, summarize } from './profile/cpu.ts';

const { values } = parseArgs({
  options: {
    patients: { type: 'string', default: '1000' },
    clients: { type: 'string', default: '8' },
    ladder: { type: 'string' },
    profile: { type: 'boolean', default: false },
  },
});
/** People whose data is made at once. */
const CHUNK = 1_000;
const FIRST_RUNG = 1_000;

interface Sum {
  transactions: number;
  resources: number;
  ms: number;
  /** Of the processor, all threads. */
  cpuMs: number;
  /** Of that the thread that serves. */
  servingMs: number;
}

const nothing = (): Sum => ({ transactions: 0, resources: 0, ms: 0, cpuMs: 0, servingMs: 0 });

const folder = mkdtempSync(join(tmpdir(), 'passerelle-ingest-'));
const config = readConfig({ PASSERELLE_DATA: folder, PASSERELLE_LOG_LEVEL: 'silent' });
const app = await createApp(config, { version: '0', startedAt: Date.now() }, pino({ level: 'silent' }));
const send = createSender(app);
// what is asked of the profiler keeps nothing alive
const alive = setInterval(() => {}, 1000);
try {
  await climb(values.ladder === undefined ? Number(values.patients) : Number(values.ladder) * FIRST_RUNG);
} finally {
  clearInterval(alive);
  rmSync(folder, { recursive: true });
}

async function climb(people: number): Promise<void> {
  const source = personTransactions(people, 1);
  await send(source.directory);
  const rates: number[] = [];
  const all = { resources: 0, jsonBytes: 0 };
  let sum = nothing();
  let rung = values.ladder === undefined ? people : FIRST_RUNG;
  for (let sent = 0; sent < people; ) {
    const chunk = source.next(Math.min(CHUNK, people - sent));
    const stop = values.profile ? await profileThreads() : undefined;
    await measure(chunk, sum);
    for (const profile of (await stop?.()) ?? []) console.log(summarize(profile));
    for (const one of chunk) {
      all.resources += one.resources;
      all.jsonBytes += one.jsonBytes;
    }
    sent += chunk.length;
    if (sent < rung) continue;
    rates.push(report(sum, all.resources));
    sum = nothing();
    rung *= 2;
  }
  if (rates.length > 1) console.log(`last / first ${((rates.at(-1) ?? 0) / (rates[0] ?? 1)).toFixed(2)}`);
  await app.close();
  const stored = readdirSync(folder).reduce((bytes, name) => bytes + statSync(join(folder, name)).size, 0);
  const [each, json] = [stored, all.jsonBytes].map((bytes) => Math.round(bytes / all.resources));
  console.log(`${each} bytes on disk per resource, whose JSON has ${json} bytes in the mean`);
}

async function measure(chunk: readonly PersonTransaction[], sum: Sum): Promise<void> {
  const waiting = chunk.values();
  const [cpu, serving] = [process.cpuUsage(), process.threadCpuUsage()];
  const started = performance.now();
  const client = async (): Promise<void> => {
    for (const { text, resources } of waiting) {
      await send(text);
      sum.resources += resources;
      sum.transactions++;
    }
  };
  await Promise.all(Array.from({ length: Number(values.clients) }, client));
  sum.ms += performance.now() - started;
  sum.cpuMs += milliseconds(process.cpuUsage(cpu));
  sum.servingMs += milliseconds(process.threadCpuUsage(serving));
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

function report({ transactions, resources, ms, cpuMs, servingMs }: Sum, total: number): number {
  const rate = (resources * 1000) / ms;
  const each = (time: number) => Math.round((time * 1000) / resources);
  console.log(
    `${total} resources: ${Math.round(rate)} resources/s in transactions of ${(resources / transactions).toFixed(1)}, ` +
      `${each(cpuMs)} us of processor each (${each(servingMs)} on the thread that serves), ` +
      `${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB resident`,
  );
  return rate;
}

function createSender({ context }: App): (text: string) => Promise<void> {
  const dispatcher = createInteractions(OPERATIONS);
  const { limits } = context;
  const address = { type: '', id: '', versionId: '', compartmentType: '', operation: '' };
  return async (text) => {
    const resource = parseJson(text, limits) as Resource;
    const body = { kind: 'resource', resource, text } as const;
    const request = {
      requestId: 'bench',
      ...address,
      method: 'POST',
      query: [],
      body,
      prefer: {},
      baseUrl: 'http://localhost/fhir',
    } as const;
    await processBundle(request, context, dispatcher);
  };
}
