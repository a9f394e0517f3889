/**
 * Totals while others write: the same questions again and again between random writes, each total against a recount
 * by the oracle. The seed is printed; set STORE_SEED to repeat a run.
 */
import type { Test } from 'tap';
import { answer, createOracle } from './oracle.ts';
import { createRandom, randomQuery, write } from './random-checks.ts';
import type { OpenStore } from './suite.ts';

const QUESTIONS = 40;
const ROUNDS = 25;

export async function checkTotals(t: Test, open: OpenStore): Promise<void> {
  const seed = Number(process.env.STORE_SEED ?? Math.floor(Math.random() * 2 ** 31));
  t.comment(`STORE_SEED=${seed}`);
  const random = createRandom(seed);
  let time = Date.parse('2026-01-01T00:00:00Z');
  const { store, destroy } = await open(() => ++time);
  t.teardown(destroy);
  const oracle = createOracle();
  await write(store, oracle, random, 60);
  const questions = Array.from({ length: QUESTIONS }, () => ({ ...randomQuery(random), sort: [] }));
  let counted = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (let writes = random.below(4); writes > 0; writes--) {
      await write(store, oracle, random, 1 + random.below(6));
    }
    const state = oracle.state();
    // some at once, so that they are counted on every thread there is
    const asked = Array.from({ length: 16 }, () => random.of(questions));
    const totals = await Promise.all(
      asked.map(async (one) => (await store.search(one, { limit: 0, total: 'accurate' })).total),
    );
    for (const [at, one] of asked.entries()) {
      const value = answer(state, one).length;
      counted += value;
      const total = totals[at];
      if (total?.value === value && total.exact) continue;
      const query = JSON.stringify(one);
      t.fail(`seed ${seed} round ${round}: ${JSON.stringify(total)} instead of ${value}`, { query });
      return;
    }
  }
  t.ok(counted > ROUNDS, `${counted} hits were counted`);
}
