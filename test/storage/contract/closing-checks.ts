/**
 * A store that is closed: what was answered stays, what waits is done or refused as a whole, and whatever is asked
 * afterwards is refused.
 */
import type { Test } from 'tap';
import { type Store, StoreUnavailableError } from '../../../src/storage/store.ts';
import { all, postingsOf, put, query } from './build.ts';
import type { OpenStore } from './suite.ts';

export async function checkClosing(t: Test, open: OpenStore): Promise<void> {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const { store, reopen, destroy } = await open(() => ++time);
  t.teardown(destroy);
  await store.transact([put('Basic', 'first')]);
  const outcomes = await closeUnderLoad(store);
  const odd = outcomes.filter((one) => one instanceof Error && !(one instanceof StoreUnavailableError));
  t.same(odd, [], 'what waits when the store is closed is done or refused [close.answered]');
  await checkClosed(t, store);
  if (reopen === undefined) return;
  const again = await reopen();
  t.equal((await again.read('Basic', 'first'))?.versionId, '1', 'what was there is there');
  for (const [at, outcome] of outcomes.entries()) {
    const keys = ['x', 'y'].map((name) => ({ type: 'Basic', id: `${name}${at}` }));
    const found = (await again.readMany(keys)).length;
    const whole = outcome instanceof Error ? [0, 2] : [2];
    t.ok(whole.includes(found), `${found} of 2 of transaction ${at}, answered: ${outcome} [close.answered]`);
  }
  t.equal((await again.transact([put('Basic', 'first')])).results[0]?.versionId, '2', 'and work goes on');
  await checkClosed(t, again);
}

/** Transactions before and after the call that closes, in one turn. */
async function closeUnderLoad(store: Store): Promise<readonly unknown[]> {
  const write = (at: number) => store.transact([put('Basic', `x${at}`), put('Basic', `y${at}`)]);
  const before = Array.from({ length: 30 }, (_, at) => write(at));
  await before[3];
  const closed = store.close();
  const after = Array.from({ length: 10 }, (_, at) => write(30 + at));
  const outcomes = await Promise.all(
    [...before, ...after].map((one) => one.then(() => 'done').catch((error: unknown) => error)),
  );
  await closed;
  return outcomes;
}

async function checkClosed(t: Test, store: Store): Promise<void> {
  await store.close();
  await store.close();
  const key = { type: 'Basic', id: 'first' };
  const postings = postingsOf('Basic', {});
  const entry = { ...key, versionId: '1', postings };
  const asked = [query('Basic', all()), { limit: 1, total: 'none' }] as const;
  const first = (rows: AsyncIterable<unknown>) => rows[Symbol.asyncIterator]().next();
  const calls: { readonly [Name in keyof Omit<Store, 'indexLedger'>]: () => Promise<unknown> | undefined } = {
    read: () => store.read('Basic', 'first'),
    readVersion: () => store.readVersion('Basic', 'first', '1'),
    readMany: () => store.readMany([key]),
    readEach: () => store.readEach([key]),
    transact: () => store.transact([put('Basic', 'z')]),
    search: () => store.search(...asked),
    history: () => store.history({ level: 'system' }, { limit: 1 }),
    scan: () => first(store.scan()),
    changes: () => first(store.changes(undefined, new AbortController().signal)),
    reindex: () => store.reindex([entry]),
    amend: () => store.amend({ ...entry, from: '{}', to: '{}' }),
    listTerms: () => store.listTerms([1], 1),
    readPostings: () => store.readPostings(key),
    checkIndex: () => first(store.checkIndex(false)),
    explain: () => store.explain(...asked),
    status: () => store.status(),
    close: () => undefined,
  };
  for (const [name, call] of Object.entries(calls)) {
    const called = call();
    if (called === undefined) continue;
    await t.rejects(called, StoreUnavailableError, `${name} of a closed store [close.refused]`);
  }
}
