/**
 * kill -9 of the whole server while clients send it transaction Bundles over HTTP, again and again on the same data.
 * Every Bundle writes one family and marks each of its resources with a tag, so that one look tells which Bundle each
 * resource is from: the last one that was answered, or one that was under way at the kill, and the same for all.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Resource } from '../../src/fhir/types.ts';
import { populate } from '../../src/seed/population.ts';
import { type OwnServer, runPasserelle, startPasserelle, type Target } from '../bench/driver/target.ts';
import { createRandom } from './ledger.ts';

export interface ServiceOptions {
  readonly folder: string;
  /** Further settings, such as MONGODB_URL. */
  readonly env?: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly seed: number;
  /** In the families that are written; at least 24, so that each client has one. */
  readonly patients?: number;
  /** Rounds between two runs of `passerelle verify`. */
  readonly verifyEvery?: number;
  /**
   * The protection that is taken away, to show that the check sees it: `waiting` counts a Bundle as answered when
   * it is sent, `transactions` sends batches.
   */
  readonly without?: 'nothing' | 'waiting' | 'transactions';
}

export interface ServiceReport {
  readonly kills: number;
  readonly acknowledged: number;
  /** Bundles that were under way at a kill: those found done and those found not begun. */
  readonly open: { readonly done: number; readonly undone: number };
  readonly lost: number;
  readonly partial: number;
  /** Lines of `passerelle verify` that did not agree. */
  readonly indexDifferences: readonly string[];
  readonly broken: readonly string[];
}

const CLIENTS = 8;
const MARK = 'http://example.org/faults';

/** A household, and what was asked for it. */
interface Household {
  readonly resources: readonly Resource[];
  /** Mark of the last Bundle that was answered. */
  acknowledged: string | undefined;
  /** Mark of the Bundle under way. */
  open: string | undefined;
}

/** @throws when the server does not start, or answers what it must not, with what it has logged of it */
export async function killService(options: ServiceOptions): Promise<ServiceReport> {
  const { folder, env = {} } = options;
  const logFile = join(folder, 'server.log');
  let target: Target | undefined;
  const start = async (): Promise<Target> => {
    target = await startPasserelle({ name: 'faults', env, logFile }, folder);
    return target;
  };
  try {
    return await killAgainAndAgain(options, start);
  } catch (error) {
    // its log is complete once it has ended
    await target?.own?.stop();
    const lines = (await readFile(logFile, 'utf8')).split('\n').filter((line) => line.startsWith('{'));
    throw new Error(`${(error as Error).message}\n${lines.slice(-LINES_SHOWN).join('\n')}`, { cause: error });
  }
}

/** Of the log, when something went wrong. */
const LINES_SHOWN = 20;

async function killAgainAndAgain(
  options: ServiceOptions,
  start: () => Promise<Target>,
): Promise<ServiceReport> {
  const { folder, rounds, seed, env = {}, patients = 60, verifyEvery = 10 } = options;
  const random = createRandom(seed);
  const [directory, ...families] = [...populate({ patients, seed })].map((one) => one.resources);
  const households: Household[] = families.map((resources) => ({
    resources,
    acknowledged: undefined,
    open: undefined,
  }));
  const totals = { acknowledged: 0, done: 0, undone: 0, lost: 0, partial: 0 };
  const broken: string[] = [];
  const indexDifferences: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const target = await start();
    if (round === 0) await send(target.base, directory as readonly Resource[], 'directory', 'transaction');
    else await inspect(target.base, households, totals, broken);
    await writeUntilKilled(target, households, `r${round}`, random, options, totals);
    const isLast = round + 1 === rounds;
    // A control is to be seen by what is there; the index is right whatever it is of.
    const isControl = options.without !== undefined && options.without !== 'nothing';
    if (!isControl && ((round + 1) % verifyEvery === 0 || isLast)) {
      const { code, output } = await runPasserelle(['verify'], { ...env, PASSERELLE_DATA: folder });
      if (code !== 0) indexDifferences.push(`after kill ${round + 1}: ${output.trim()}`);
    }
  }
  const last = await start();
  await inspect(last.base, households, totals, broken);
  await last.stop();
  const { acknowledged, done, undone, lost, partial } = totals;
  return { kills: rounds, acknowledged, open: { done, undone }, lost, partial, indexDifferences, broken };
}

async function writeUntilKilled(
  { base, own }: Target,
  households: readonly Household[],
  name: string,
  random: () => number,
  { without = 'nothing' }: ServiceOptions,
  totals: { acknowledged: number },
): Promise<void> {
  let left = 1 + Math.floor(random() * 40);
  let isKilled = false;
  const kill = async (): Promise<void> => {
    isKilled = true;
    // within the next Bundles, not just after an answer
    await pause(random() * 8);
    await (own as OwnServer).kill();
  };
  let killing: Promise<void> | undefined;
  const client = async (number: number): Promise<void> => {
    for (let count = 0; !isKilled; count++) {
      const free = households.filter(({ open }) => open === undefined);
      const household = free[Math.floor(random() * free.length)];
      if (household === undefined) return;
      const mark = `${name}-c${number}-${count}`;
      household.open = mark;
      if (without === 'waiting') household.acknowledged = mark;
      const type = without === 'transactions' ? 'batch' : 'transaction';
      const answer = await send(base, household.resources, mark, type);
      if (answer === 'cut') return;
      // Nobody knows what became of it; the next look at the data tells.
      if (answer === 'unavailable') continue;
      household.acknowledged = mark;
      household.open = undefined;
      totals.acknowledged++;
      if (--left === 0) killing = kill();
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
  await (killing ?? kill());
}

type Answer = 'done' | 'unavailable' | 'cut';

/** @throws when the server refuses it */
async function send(
  base: URL,
  resources: readonly Resource[],
  mark: string,
  type: 'transaction' | 'batch',
): Promise<Answer> {
  const entry = resources.map((resource) => ({
    resource: { ...resource, meta: { ...resource.meta, tag: [{ system: MARK, code: mark }] } },
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  let status: number;
  let text: string;
  try {
    const response = await fetch(base, {
      method: 'POST',
      headers: { 'content-type': 'application/fhir+json' },
      body: JSON.stringify({ resourceType: 'Bundle', type, entry }),
    });
    status = response.status;
    text = await response.text();
  } catch {
    return 'cut';
  }
  if (status === 200) return 'done';
  if (status === 503) return 'unavailable';
  throw new Error(`a Bundle was answered with ${status}: ${text.slice(0, 500)}`);
}

/** Holds what is there against what was answered. */
async function inspect(
  base: URL,
  households: readonly Household[],
  totals: { done: number; undone: number; lost: number; partial: number },
  broken: string[],
): Promise<void> {
  for (const [index, household] of households.entries()) {
    const marks = new Set(await Promise.all(household.resources.map((one) => markOf(base, one))));
    const [found] = marks;
    const { acknowledged, open } = household;
    if (marks.size > 1) {
      totals.partial++;
      broken.push(`family ${index} is there in part: ${[...marks].join(', ')}`);
    } else if (found !== acknowledged && (open === undefined || found !== open)) {
      totals.lost++;
      broken.push(`family ${index}: ${acknowledged} was answered, ${found} is there`);
    } else if (open !== undefined) {
      if (found === open) totals.done++;
      else totals.undone++;
    }
    household.acknowledged = found;
    household.open = undefined;
  }
}

async function markOf(base: URL, { resourceType, id }: Resource): Promise<string | undefined> {
  const response = await fetch(`${base}/${resourceType}/${id}`);
  if (response.status === 404) return void (await response.arrayBuffer());
  if (!response.ok) throw new Error(`${resourceType} was answered with ${response.status}`);
  const { meta } = (await response.json()) as Resource;
  return (meta?.tag as { system?: string; code?: string }[] | undefined)?.find(
    ({ system }) => system === MARK,
  )?.code;
}
