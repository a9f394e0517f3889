/**
 * kill -9 of our own process while it writes transactions, again and again on the same data.
 */
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
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
    const client = startClient(place, `r${round}`, seed + round, ledger);
    await client.reach(1 + Math.floor(random() * 40));
    await client.kill();
    if ((round + 1) % CHECKED_EVERY !== 0 && round + 1 < rounds) continue;
    const store = await openPlace(place, SERVER_WAIT_MS);
    broken.push(...(await findBroken(store, ledger)));
    await store.close();
    if (broken.length > 0) break;
  }
  return reportOf(ledger, rounds, broken);
}

/**
 * Two processes on one database, one of them killed and started again, over and over, while the other must go on as if
 * nothing had happened. The one that goes on is another after half of the rounds.
 */
export async function killOneOfTwo(place: Place, rounds: number, seed: number): Promise<KillReport> {
  const ledger = createLedger();
  const random = createRandom(seed);
  const broken: string[] = [];
  for (const half of [0, 1]) {
    const other = startClient(place, `other${half}`, seed - 1 - half, ledger);
    await other.reach(1);
    for (let round = half; round < rounds && broken.length === 0; round += 2) {
      const one = startClient(place, `r${round}`, seed + round, ledger);
      await one.reach(1 + Math.floor(random() * 40));
      await one.kill();
      const before = other.acknowledged();
      const goesOn = await Promise.race([
        other.reach(before + GOES_ON_CALLS).then(() => true),
        pause(GOES_ON_MS, false, { ref: false }),
      ]);
      if (!goesOn) broken.push(`after kill ${round + 1} the other process did not go on`);
    }
    await other.kill();
    const store = await openPlace(place, SERVER_WAIT_MS);
    broken.push(...(await findBroken(store, ledger)));
    await store.close();
  }
  return reportOf(ledger, rounds + 2, broken);
}

/** The other process must be answered so often after a kill, in a time that a stopped machine does not exceed. */
const GOES_ON_CALLS = 10;
const GOES_ON_MS = 180_000;

function reportOf(
  ledger: ReturnType<typeof createLedger>,
  kills: number,
  broken: readonly string[],
): KillReport {
  const attempts = [...ledger.attempts.values()];
  const acknowledged = attempts.filter(({ versions }) => versions !== undefined).length;
  return { kills, acknowledged, open: attempts.length - acknowledged, broken };
}

interface ClientProcess {
  /** Calls that were acknowledged so far. */
  acknowledged(): number;
  /** Rejects when the process ends by itself before. */
  reach(count: number): Promise<void>;
  /** SIGKILL; resolves once all that it said is in the ledger. */
  kill(): Promise<void>;
}

function startClient(
  place: Place,
  name: string,
  seed: number,
  ledger: ReturnType<typeof createLedger>,
): ClientProcess {
  const program = join(import.meta.dirname, 'client-process.ts');
  const child = spawn(process.execPath, [program, JSON.stringify(place), name, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let acknowledged = 0;
  const said = new EventEmitter();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { begin, acknowledge, versions = [] } = parse(line) ?? {};
    if (begin !== undefined) ledger.begin(begin);
    if (acknowledge === undefined) return;
    ledger.acknowledge(acknowledge, versions);
    acknowledged++;
    said.emit('more');
  });
  return {
    acknowledged: () => acknowledged,
    async reach(count) {
      let isGone = false;
      void gone.then(() => {
        isGone = true;
        said.emit('more');
      });
      while (acknowledged < count) {
        if (isGone) throw new Error(`the client process ended by itself with ${child.exitCode}`);
        await once(said, 'more');
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
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
