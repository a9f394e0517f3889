/**
 * Tests any FHIR R4 server from outside: `npm run conformance -- --server URL`. Prints a scoreboard by area;
 * exits 1 when a SHALL does not hold, 2 when the server cannot be reached or the arguments make no sense.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Case } from './case.ts';
import { ALL_CASES } from './cases/all.ts';
import { readStatement } from './needs.ts';
import { differences, omissions, scoreboard, toJUnit } from './report.ts';
import { type RunOptions, runCase, type Verdict } from './run.ts';

const HELP = `Usage: npm run conformance -- --server URL [options]

Tests a FHIR R4 server against the sentences of the specification, from outside.

  --server URL     base of the server, such as http://127.0.0.1:8080/fhir
  --area A,B       only these areas
  --only TEXT      only cases whose id contains the text
  --header 'N: V'  sent with every request (an Authorization header, say); may be repeated
  --jobs N         cases at once (default 4)
  --timeout MS     of one request (default 20000)
  --all            also cases for what the server does not state in its CapabilityStatement
  --json FILE      writes all verdicts
  --junit FILE     the same as JUnit XML, for CI
  --list           prints the cases and what they say, and stops

Exit: 0 every SHALL holds, 1 some SHALL does not, 2 nothing could be tested.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      server: { type: 'string' },
      area: { type: 'string' },
      only: { type: 'string' },
      header: { type: 'string', multiple: true },
      jobs: { type: 'string', default: '4' },
      timeout: { type: 'string', default: '20000' },
      all: { type: 'boolean' },
      json: { type: 'string' },
      junit: { type: 'string' },
      list: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return say(HELP, 0);
  const areas = values.area?.split(',');
  const cases = ALL_CASES.filter(
    (one) =>
      (areas?.includes(one.area) ?? true) && (values.only === undefined || one.id.includes(values.only)),
  );
  if (values.list === true)
    return say(cases.map((one) => `${one.id}  ${one.strength}  ${one.says}  (${one.cite})`).join('\n'), 0);
  if (values.server === undefined) return say(HELP, 2);
  if (cases.length === 0) return say('No case has this area or id; --list prints them all.', 2);
  const server = values.server.replace(/\/+$/, '');
  const headers = Object.fromEntries((values.header ?? []).map(splitHeader));
  const metadata = await readMetadata(server, headers);
  if (metadata === undefined) return say(`${server} does not answer GET metadata.`, 2);
  const statement = values.all === true ? undefined : readStatement(metadata);
  const verdicts = await runAll(
    cases,
    { server, headers, timeoutMs: Number(values.timeout), statement },
    Number(values.jobs),
  );
  if (values.json !== undefined)
    writeFileSync(values.json, JSON.stringify({ server, verdicts }, undefined, 1));
  if (values.junit !== undefined) writeFileSync(values.junit, toJUnit(verdicts));
  const parts = [differences(verdicts), omissions(verdicts), scoreboard(verdicts)];
  say(parts.filter((part) => part !== '').join('\n\n'), 0);
  if (verdicts.every((one) => one.skipped !== undefined)) return 2;
  return verdicts.some((one) => !one.passed && one.skipped === undefined && one.case.strength === 'SHALL')
    ? 1
    : 0;
}

async function runAll(cases: readonly Case[], options: RunOptions, jobs: number): Promise<Verdict[]> {
  const verdicts: Verdict[] = new Array(cases.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < cases.length) {
      const index = next++;
      verdicts[index] = await runCase(cases[index] as Case, options);
      if (process.stderr.isTTY) process.stderr.write(`\r${next} of ${cases.length}`);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, worker));
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  return verdicts;
}

/** Undefined when nobody answers; what is no JSON states nothing. */
async function readMetadata(server: string, headers: Record<string, string>): Promise<unknown> {
  try {
    const response = await fetch(`${server}/metadata`, {
      headers: { accept: 'application/fhir+json', ...headers },
      signal: AbortSignal.timeout(20_000),
    });
    const text = await response.text();
    return response.ok ? parse(text) : undefined;
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function splitHeader(text: string): [string, string] {
  const colon = text.indexOf(':');
  return [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
}

function say(text: string, code: number): number {
  process.stdout.write(`${text}\n`);
  return code;
}

process.exitCode = await main();
