/**
 * Kills a writing process without warning, over and over, and looks each time whether anything that was
 * acknowledged is lost, whether a transaction is there in part, and whether the index is what the resources say.
 * `node scripts/faults/kill.ts [rounds]`
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { checkSqliteIndex } from '../../src/storage/sqlite/check-index.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { RESOURCES, WRITERS } from './kill-child.ts';

export interface KillReport {
  rounds: number;
  acknowledged: number;
  /** Acknowledged transactions that are not there. */
  lost: number;
  /** Transactions that are there in part. */
  partial: number;
  /** Index rows that are missing or too many. */
  indexDifferences: number;
}

export interface KillOptions {
  readonly rounds: number;
  /** What the killed process leaves out; see kill-child.ts. */
  readonly without?: 'nothing' | 'waiting' | 'transactions';
  /** When to kill, in acknowledged transactions of a round. */
  readonly killAfter: (round: number) => number;
}

export async function killRounds({
  rounds,
  without = 'nothing',
  killAfter,
}: KillOptions): Promise<KillReport> {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-kill-'));
  const path = join(folder, 'store.db');
  const report: KillReport = { rounds, acknowledged: 0, lost: 0, partial: 0, indexDifferences: 0 };
  const acknowledged = new Map<number, number>();
  try {
    for (let round = 0; round < rounds; round++) {
      report.acknowledged += await writeUntilKilled(path, without, killAfter(round), acknowledged);
      const store = await openSqliteStore({ path, now: Date.now });
      for (let writer = 0; writer < WRITERS; writer++) await inspect(store, writer, acknowledged, report);
      await store.close();
      const { missing, extra, behind } = checkSqliteIndex(path);
      report.indexDifferences += missing + Math.abs(extra) + behind;
    }
    return report;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Returns how many transactions were acknowledged; the last of each writer goes into the map. */
async function writeUntilKilled(
  path: string,
  without: string,
  killAfter: number,
  last: Map<number, number>,
): Promise<number> {
  const script = join(import.meta.dirname, 'kill-child.ts');
  const child = spawn(process.execPath, [script, path, without], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [writer, tx] = line.split(' ').map(Number) as [number, number];
    last.set(writer, tx);
    if (++count === killAfter) child.kill('SIGKILL');
  }
  await ended;
  return count;
}

async function inspect(
  store: Store,
  writer: number,
  acknowledged: ReadonlyMap<number, number>,
  report: KillReport,
): Promise<void> {
  const current = await store.read('Basic', `w${writer}`);
  const reached = current === undefined ? 0 : (JSON.parse(current.json) as { tx: number }).tx;
  report.lost += Math.max(0, (acknowledged.get(writer) ?? 0) - reached);
  // the last ones that can be there, and the first ones that must not be
  for (let tx = Math.max(1, reached - 8); tx <= reached + 8; tx++) {
    const there: boolean[] = [];
    for (let index = 0; index < RESOURCES; index++) {
      const one = await store.read('Basic', `w${writer}-${tx}-${index}`);
      const alive = one !== undefined && !one.deleted;
      // the first one ends with the next transaction
      const wanted = tx <= reached && !(index === 0 && tx < reached);
      there.push(alive === wanted);
    }
    if (there.includes(false)) report.partial++;
  }
}

if (import.meta.main) {
  const rounds = Number(process.argv[2] ?? 200);
  const report = await killRounds({ rounds, killAfter: () => 1 + Math.floor(Math.random() * 400) });
  console.log(report);
  process.exitCode = report.lost + report.partial + report.indexDifferences === 0 ? 0 : 1;
}
