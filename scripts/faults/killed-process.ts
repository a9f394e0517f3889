/**
 * kill -9 of our own process while it writes transactions, again and again on the same data.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openPlace, type Place } from './engines.ts';
import { type Attempt, createLedger, createRandom, findBroken } from './ledger.ts';

export interface KillReport {
  readonly kills: number;
  readonly acknowledged: number;
  /** Attempts of which nobody knew at the time of a kill. */
  readonly open: number;
  readonly broken: readonly string[];
}

/** Data is checked after every so many kills, and after the last. */
const CHECKED_EVERY = 20;
/** A MongoDB server on a busy machine may be slow to answer the first time. */
const SERVER_WAIT_MS = 60_000;

export async function killProcesses(place: Place, rounds: number, seed: number): Promise<KillReport> {
  const ledger = createLedger();
  const random = createRandom(seed);
  const broken: string[] = [];
  for (let round = 0; round < rounds; round++) {
    // long enough to be in the middle of something, differently each time
    await killOne(place, `r${round}`, seed + round, 1 + Math.floor(random() * 40), ledger);
    if ((round + 1) % CHECKED_EVERY !== 0 && round + 1 < rounds) continue;
    const store = await openPlace(place, SERVER_WAIT_MS);
    broken.push(...(await findBroken(store, ledger)));
    await store.close();
    if (broken.length > 0) break;
  }
  const attempts = [...ledger.attempts.values()];
  const acknowledged = attempts.filter(({ versions }) => versions !== undefined).length;
  return { kills: rounds, acknowledged, open: attempts.length - acknowledged, broken };
}

/** Runs a client process until it has been acknowledged so many times, and kills it. */
async function killOne(
  place: Place,
  name: string,
  seed: number,
  acknowledgements: number,
  ledger: ReturnType<typeof createLedger>,
): Promise<void> {
  const program = join(import.meta.dirname, 'client-process.ts');
  const child = spawn(process.execPath, [program, JSON.stringify(place), name, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let left = acknowledgements;
  for await (const line of createInterface({ input: child.stdout })) {
    const said = parse(line);
    if (said?.begin !== undefined) ledger.begin(said.begin);
    if (said?.acknowledge === undefined) continue;
    ledger.acknowledge(said.acknowledge, said.versions ?? []);
    if (--left === 0) child.kill('SIGKILL');
  }
  const code = await gone;
  if (left > 0) throw new Error(`the client process ended by itself with ${code}`);
}

interface Said {
  readonly begin?: Attempt;
  readonly acknowledge?: string;
  readonly versions?: readonly string[];
}

/** The last line of a killed process may be half a line: it was not acknowledged to anybody. */
function parse(line: string): Said | undefined {
  try {
    return JSON.parse(line) as Said;
  } catch {
    return undefined;
  }
}
