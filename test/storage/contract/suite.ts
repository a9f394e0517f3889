/**
 * The contract of src/storage/store.ts as one suite that every engine runs. A case that an engine cannot keep
 * is a bug of the engine or of the contract: there are no skips.
 */
import type { Test } from 'tap';
import { ConflictError, type Store, type StoredVersion } from '../../../src/storage/store.ts';
import { checkAmendments } from './amend-checks.ts';
import { all, query, remove } from './build.ts';
import { checkChanges } from './changes-checks.ts';
import { checkClosing } from './closing-checks.ts';
import { GONE, WORLD } from './dataset.ts';
import { checkHistory } from './history-checks.ts';
import { checkInspection } from './inspection-checks.ts';
import { answer, createOracle } from './oracle.ts';
import { checkPaging } from './paging-checks.ts';
import { checkRandom } from './random-checks.ts';
import { checkReads } from './read-checks.ts';
import { checkScans } from './scan-checks.ts';
import { SEARCH_CASES } from './search-cases.ts';
import { checkTotals } from './totals-checks.ts';
import { WRITE_CASES, type WriteCase, type WriteStep } from './write-cases.ts';

export interface OpenedStore {
  readonly store: Store;
  /** Closes and opens the same data again; only engines that keep data across a restart have it. */
  readonly reopen?: () => Promise<Store>;
  /**
   * `current`: on later pages chains look at their targets as they are now, instead of as they were when the
   * first page was read.
   */
  readonly chains?: 'current';
  /**
   * `operations`: the server's stream is in the order of the operations within transactions instead of that of the
   * commits, as on MongoDB's stand-in. See docs/mongodb.md.
   */
  readonly stream?: 'operations';
  /** Closes whatever is open and removes the data. */
  readonly destroy: () => Promise<void>;
}

/** Opens an empty store. `now` is the clock in ms that the store must use. */
export type OpenStore = (now: () => number) => Promise<OpenedStore>;

const PARTS = {
  searches: checkSearches,
  writes: checkAllWrites,
  reads: checkReads,
  amendments: checkAmendments,
  history: checkHistory,
  changes: checkChanges,
  scans: checkScans,
  paging: checkPaging,
  random: checkRandom,
  totals: checkTotals,
  inspection: checkInspection,
  closing: checkClosing,
} as const;

export type ContractPart = keyof typeof PARTS;

export const CONTRACT_PARTS = Object.keys(PARTS) as readonly ContractPart[];

/** Runs contract checks as subtests of `t`: all of them, or some for another way to open the same engine. */
export async function runStoreContract(
  t: Test,
  name: string,
  open: OpenStore,
  parts: readonly ContractPart[] = CONTRACT_PARTS,
): Promise<void> {
  for (const part of parts) await t.test(`${name}: ${part}`, (one) => PARTS[part](one, open));
}

async function checkAllWrites(t: Test, open: OpenStore): Promise<void> {
  for (const writeCase of WRITE_CASES) {
    await t.test(writeCase.name, (one) => checkWrites(one, open, writeCase, async () => []));
    await t.test(`${writeCase.name}, with what was read [transact.current]`, async (one) => {
      // what a step replaces was read right before it, and in every other step before the one before it
      const read: (readonly (StoredVersion | undefined)[])[] = [];
      await checkWrites(one, open, writeCase, async (store, { commands }, index) => {
        const next = writeCase.steps[index + 1]?.commands ?? [];
        const fresh = await store.readEach(commands);
        read[index + 1] = await store.readEach(next);
        return index % 2 === 0 ? fresh : read[index]!;
      });
    });
  }
}

async function checkSearches(t: Test, open: OpenStore): Promise<void> {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const { store, destroy } = await open(() => ++time);
  t.teardown(destroy);
  const oracle = createOracle();
  for (const command of [...WORLD, ...GONE.map(([type, id]) => remove(type, id))]) {
    oracle.apply([command], (await store.transact([command])).results);
  }
  const state = oracle.state();
  for (const [name, asked, expected] of SEARCH_CASES) {
    const ids = expected === '' ? [] : expected.split(' ');
    t.same(
      answer(state, asked).map((one) => one.id),
      ids,
      `the oracle agrees: ${name}`,
    );
    const page = await store.search(asked, { limit: 1000, total: 'accurate' });
    t.same(idsOf(page.rows), ids, `${name} [search.exact]`);
    t.same(page.total, { value: ids.length, exact: true }, `total of: ${name} [search.total]`);
    // a parameter belongs to one type, so no search that is resolved asks for this; lists are counted for what they are
    if (name !== 'a parameter of another type') {
      const counted = await store.search(asked, { limit: 0, total: 'accurate' });
      t.same(counted.total, { value: ids.length, exact: true }, `counted alone: ${name} [search.total]`);
    }
    const written = await store.search(asked, { limit: 2, total: 'none', forWrite: true });
    t.same(idsOf(written.rows), ids.slice(0, 2), `for a write: ${name} [search.exact]`);
    t.equal(page.next, undefined, `no next page of: ${name}`);
    t.same(await pageThrough(store, asked, 2), ids, `in pages: ${name} [search.exact]`);
  }
}

/** Ids of all pages. */
async function pageThrough(store: Store, asked: Parameters<Store['search']>[0], limit: number) {
  const ids: string[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < 1000; pages++) {
    const page = await store.search(asked, {
      limit,
      total: 'none',
      ...(after === undefined ? {} : { after }),
    });
    if (page.rows.length > limit) throw new Error(`${page.rows.length} rows in a page of ${limit}`);
    ids.push(...idsOf(page.rows));
    after = page.next;
    if (after === undefined) break;
  }
  return ids;
}

function idsOf(rows: readonly StoredVersion[]): string[] {
  return rows.map((row) => row.id);
}

async function checkWrites(
  t: Test,
  open: OpenStore,
  writeCase: WriteCase,
  currents: (store: Store, step: WriteStep, index: number) => Promise<readonly (StoredVersion | undefined)[]>,
): Promise<void> {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const { store, destroy } = await open(() => ++time);
  t.teardown(destroy);
  for (const [index, step] of writeCase.steps.entries()) {
    const known = await currents(store, step, index);
    const commands = step.commands.map((command, at) => ({ ...command, current: known[at] }));
    t.same(await outcomeOf(store, { ...step, commands }), step.outcome, `step ${index}`);
  }
  const live: string[] = [];
  for await (const version of store.scan()) live.push(`${version.type}/${version.id} ${version.versionId}`);
  t.same(live.sort(), writeCase.live, 'what is live');
  const found = await store.search(query('', all()), { limit: 1000, total: 'accurate' });
  t.same(
    found.rows.map((row) => `${row.type}/${row.id} ${row.versionId}`).sort(),
    writeCase.live,
    'what is found',
  );
  t.equal((await store.status()).resources, writeCase.live.length, 'the counted resources [status.count]');
}

async function outcomeOf(store: Store, step: WriteStep): Promise<WriteStep['outcome']> {
  try {
    const { results } = await store.transact(step.commands, step.preconditions);
    return results.map((result, index) => {
      const deleted = step.commands[index]?.kind === 'delete';
      const done = !result.changed
        ? 'unchanged'
        : deleted
          ? 'deleted'
          : result.created
            ? 'created'
            : 'updated';
      return `${result.versionId} ${done}`;
    });
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return { conflict: error.reason, index: error.index };
  }
}
