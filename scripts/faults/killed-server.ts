/**
 * kill -9 and restart of the MongoDB server under load, and a bad network in front of it.
 */
import type { Store } from '../../src/storage/store.ts';
import { createLedger, createRandom, findBroken, type Ledger, type LoadReport, runClient } from './ledger.ts';
import type { TcpProxy } from './tcp-proxy.ts';

export interface FaultReport {
  readonly faults: number;
  readonly acknowledged: number;
  readonly unavailable: number;
  readonly slowestMs: number;
  readonly broken: readonly string[];
}

const CLIENTS = 8;

/**
 * Runs clients, does `fault` so many times, each after some more acknowledgements (at most `callsMax`), and checks
 * everything.
 */
export async function underLoad(
  store: Store,
  rounds: number,
  seed: number,
  callsMax: number,
  fault: (round: number, random: () => number) => Promise<void>,
): Promise<FaultReport> {
  const ledger = createLedger();
  const random = createRandom(seed);
  const stop = new AbortController();
  const clients = Promise.all(
    Array.from({ length: CLIENTS }, (_, index) =>
      runClient(store, ledger, `s${index}`, createRandom(seed + index), stop.signal),
    ),
  );
  for (let round = 0; round < rounds; round++) {
    await acknowledgedMore(ledger, 20 + Math.floor(random() * (callsMax - 20)));
    await fault(round, random);
  }
  await acknowledgedMore(ledger, 20);
  stop.abort();
  const reports: readonly LoadReport[] = await clients;
  const sum = (of: (report: LoadReport) => number): number => reports.reduce((all, one) => all + of(one), 0);
  return {
    faults: rounds,
    acknowledged: sum(({ acknowledged }) => acknowledged),
    unavailable: sum(({ unavailable }) => unavailable),
    slowestMs: Math.round(Math.max(...reports.map(({ slowestMs }) => slowestMs))),
    broken: await findBroken(store, ledger),
  };
}

/** One of the ways a network fails, for a while. */
export async function disturb(proxy: TcpProxy, random: () => number): Promise<void> {
  const kind = Math.floor(random() * 4);
  const forMs = 50 + random() * 1_500;
  if (kind === 0) proxy.cut();
  else if (kind === 1) proxy.blackHole();
  else if (kind === 2) proxy.delay(Math.floor(random() * 200));
  else {
    const command = random() < 0.5 ? 'commitTransaction' : 'bulkWrite';
    await Promise.race([proxy.loseAnswer(command), pause(forMs)]);
  }
  await pause(forMs);
  proxy.heal();
}

async function acknowledgedMore(ledger: Ledger, count: number): Promise<void> {
  const goal = acknowledgedIn(ledger) + count;
  while (acknowledgedIn(ledger) < goal) await pause(5);
}

function acknowledgedIn(ledger: Ledger): number {
  let count = 0;
  for (const { versions } of ledger.attempts.values()) if (versions !== undefined) count++;
  return count;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
