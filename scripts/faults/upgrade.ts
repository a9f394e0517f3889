/**
 * kill -9 of a process while it opens a SQLite file of an earlier version and brings it to the newest: however often,
 * and at whatever moment, the next start must end with the same file as one that was never killed.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { nextUp } from '../../src/search/number-range.ts';
import { NO_DATE, NO_POSTINGS, type Postings } from '../../src/search/postings.ts';
import { hashParam, hashTerm } from '../../src/search/term-hash.ts';
import { checkSqliteIndex } from '../../src/storage/sqlite/check-index.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import type { WriteCommand } from '../../src/storage/store.ts';
import { createRandom } from './ledger.ts';

export interface UpgradeOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly resources: number;
  readonly without?: 'nothing' | 'transaction';
}

export interface UpgradeReport {
  readonly kills: number;
  /** Kills before the file was open. */
  readonly within: number;
  readonly broken: readonly string[];
}

/** A file is killed at most so often before it may be opened in peace. */
const KILLS_MAX = 4;
/** Versions that files are taken back to; what is later is in `takeBack`. */
const OLD_VERSIONS = [1, 2, 3] as const;

export async function killUpgrades(options: UpgradeOptions): Promise<UpgradeReport> {
  const { rounds, seed, resources, without = 'nothing' } = options;
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-upgrade-'));
  const random = createRandom(seed);
  const report = { kills: 0, within: 0, broken: [] as string[] };
  try {
    const olds: Old[] = [];
    for (let round = 0; round < rounds; round++) {
      const at = (seed + round) % OLD_VERSIONS.length;
      olds[at] ??= await makeOld(folder, OLD_VERSIONS[at] as number, resources);
      const { version, path: source, wanted, openMs } = olds[at];
      const path = join(folder, `round-${round}.db`);
      await cp(source, path);
      const kills = 1 + Math.floor(random() * KILLS_MAX);
      for (let kill = 0; kill < kills; kill++) {
        const isOpen = await openAndKill(path, without, random() * openMs);
        report.kills++;
        if (!isOpen) report.within++;
      }
      const found = await differenceOf(path, wanted);
      if (found !== undefined)
        report.broken.push(`round ${round}, version ${version}, ${kills} kills: ${found}`);
      for (const end of ['', '-wal', '-shm']) await rm(`${path}${end}`, { force: true });
    }
    return report;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Old {
  readonly version: number;
  readonly path: string;
  /** Of the file once it was opened without a kill. */
  readonly wanted: string;
  /** How long that took. */
  readonly openMs: number;
}

async function makeOld(folder: string, version: number, resources: number): Promise<Old> {
  const path = join(folder, `version-${version}.db`);
  const store = await openSqliteStore({ path, now: () => 0, threads: false });
  for (let from = 0; from < resources; from += 500) {
    const size = Math.min(500, resources - from);
    await store.transact(Array.from({ length: size }, (_, index) => put(from + index)));
  }
  await store.transact([{ kind: 'delete', type: 'Basic', id: 'r1', expected: 'any' }, put(2)]);
  await store.close();
  takeBack(path, version);
  const peaceful = join(folder, `wanted-${version}.db`);
  await cp(path, peaceful);
  const begun = performance.now();
  await openInPeace(peaceful);
  const openMs = performance.now() - begun;
  return { version, path, wanted: contentOf(peaceful), openMs };
}

/** As a server of that version would have left the file. */
function takeBack(path: string, version: number): void {
  const file = new DatabaseSync(path);
  const lists = version < 3 ? `(k = -3 OR k <= ${-0x180000000})` : `k <= ${-0x180000000}`;
  file.exec(`DELETE FROM ix WHERE ${lists}; DELETE FROM keys WHERE ${lists}`);
  if (version < 3) file.exec('DROP TABLE shapes');
  file.exec(`PRAGMA user_version=${version}`);
  file.close();
}

/** A resource of one of 16 shapes. */
function put(index: number): WriteCommand {
  const id = `r${index}`;
  const has = (bit: number): boolean => ((index >> bit) & 1) === 1;
  const keys = [0, 1, 2, 3].filter(has).map((bit) => hashParam('Basic', `p${bit}`));
  const size = hashParam('Basic', 'size');
  const postings: Postings = {
    ...NO_POSTINGS,
    date: index % 5 === 0 ? NO_DATE : Date.UTC(2000, index % 300),
    terms: keys.map((k) => ({ k, h: hashTerm(`s|${index % 7}`) })),
    numbers: [{ k: size, u: hashTerm('kg'), lo: index, hi: nextUp(index) }],
    present: [...keys, size].sort((a, b) => a - b),
  };
  const text = { before: `{"resourceType":"Basic","id":"${id}","meta":{`, after: '}}' };
  return { kind: 'put', type: 'Basic', id, method: 'PUT', text, postings, expected: 'any' };
}

/** What is wrong with the file once it was opened in peace. */
async function differenceOf(path: string, wanted: string): Promise<string | undefined> {
  try {
    await openInPeace(path);
    const { missing, extra, behind } = checkSqliteIndex(path);
    if (missing + Math.abs(extra) + behind > 0)
      return `${missing} index rows missing, ${extra} too many, ${behind} behind`;
    return contentOf(path) === wanted ? undefined : 'the file is another';
  } catch (error) {
    return (error as Error).message;
  }
}

async function openInPeace(path: string): Promise<void> {
  const store = await openSqliteStore({ path, now: Date.now, threads: false });
  await store.close();
}

/** Whether it was open before it was killed. */
async function openAndKill(path: string, without: string, killAfterMs: number): Promise<boolean> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'upgrade-child.ts'), path, without], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise((resolve) => child.once('close', resolve));
  let isOpen = false;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'opened') isOpen = true;
    else void pause(killAfterMs).then(() => child.kill('SIGKILL'));
  }
  await gone;
  return isOpen;
}

/** Every row of every table, but for the notes of the engine about itself. */
function contentOf(path: string): string {
  const file = new DatabaseSync(path, { readOnly: true });
  try {
    const hash = createHash('sha256');
    const tables = "SELECT name, sql FROM sqlite_schema WHERE name <> 'meta' ORDER BY type, name";
    for (const { name, sql } of file.prepare(tables).all() as { name: string; sql: string | null }[]) {
      hash.update(`${name} ${sql}`);
      if (sql?.startsWith('CREATE TABLE') !== true) continue;
      const rows = file.prepare(`SELECT * FROM "${name}"`);
      rows.setReturnArrays(true);
      rows.setReadBigInts(true);
      for (const row of rows.iterate()) hash.update((row as unknown as unknown[]).join('|'));
    }
    hash.update(String(Object.values(file.prepare('PRAGMA user_version').get() as object)));
    return hash.digest('hex');
  } finally {
    file.close();
  }
}
