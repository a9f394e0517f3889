/**
 * What a store tells of itself: its status, its terms in the clear, how it searches, and whether its index agrees.
 */
import type { Test } from 'tap';
import type { Predicate } from '../../../src/search/query.ts';
import type { IndexFault, Store } from '../../../src/storage/store.ts';
import { all, code, keyOf, not, put, query, remove, term, text, type Values } from './build.ts';
import type { OpenStore } from './suite.ts';

const COUNT = 25;

export async function checkInspection(t: Test, open: OpenStore): Promise<void> {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const { store, destroy } = await open(() => ++time);
  t.teardown(destroy);
  for (let at = 0; at < COUNT; at++) await store.transact([put('Group', `g${at}`, { values: valuesOf(at) })]);
  await store.transact([remove('Group', 'g0'), put('Group', 'g1', { values: valuesOf(40) })]);
  const status = await store.status();
  t.equal(status.resources, COUNT - 1, 'live resources [status.count]');
  t.match(status.engine, /^(sqlite|mongodb)$/);
  t.ok(status.location.length > 0);
  await checkLedger(t, store);
  await checkTerms(t, store);
  await checkExplained(t, store);
  await checkIndex(t, store);
}

async function checkLedger(t: Test, { indexLedger }: Store): Promise<void> {
  t.equal(await indexLedger.read(), undefined, 'nothing is noted at first [indexLedger.noted]');
  await indexLedger.note({ Patient: '{"a":"b"}', Group: 'x', '#pass': '' });
  await indexLedger.note({ Group: "it's", '#pass': '{}' });
  t.same(
    await indexLedger.read(),
    { Patient: '{"a":"b"}', Group: "it's", '#pass': '{}' },
    'what is noted stays until it is noted anew [indexLedger.noted]',
  );
}

/** The second parameter repeats what the first has. */
function valuesOf(at: number): Values {
  return {
    date: at % 5 === 0 ? '' : '2024-02-01',
    codes: { code: [`s|c${at % 4}`], kind: [`s|c${at % 4}`, `t|own${at}`] },
    texts: { name: [`Name ${at}`] },
    dates: { date: [['2024-02-01', at % 2 === 0 ? '' : '2024-02-02']] },
    numbers: { value: [['kg', at, at + 1]] },
  };
}

async function checkTerms(t: Test, store: Store): Promise<void> {
  const list = async (names: readonly string[], limit: number): Promise<string[]> => {
    const keys = names.map((name) => keyOf(`Group.${name}`));
    return (await store.listTerms(keys, limit)).map(({ system, code }) => `${system}|${code}`).sort();
  };
  const codes = ['s|c0', 's|c1', 's|c2', 's|c3'];
  const own = [...Array.from({ length: COUNT }, (_, at) => `t|own${at}`), 't|own40'];
  t.same(await list(['code'], 100), codes, 'those of one parameter [listTerms.clear]');
  t.same(
    await list(['code', 'kind', 'code'], 100),
    [...codes, ...own].sort(),
    'of several [listTerms.clear]',
  );
  for (const limit of [0, 1, 4, 5, codes.length + own.length]) {
    const some = await list(['code', 'kind'], limit);
    t.same([some.length, new Set(some).size], [limit, limit], `${limit} at most [listTerms.clear]`);
  }
}

async function checkExplained(t: Test, store: Store): Promise<void> {
  const asked: readonly Predicate[] = [
    all(),
    code('Group.code', 'c1'),
    term('Group.code', 's|c2', 's|c3'),
    not(text('Group.name', 'prefix', 'name 1')),
    text('Group.name', 'prefix', 'nobody'),
  ];
  for (const where of asked) {
    for (const total of ['none', 'accurate'] as const) {
      const request = { limit: 4, total };
      const page = await store.search(query('Group', where), request);
      const explained = await store.explain(query('Group', where), request);
      const name = `${total} ${JSON.stringify(where)} [explain.search]`;
      t.equal(explained.returned, page.rows.length, `rows of ${name}`);
      if (page.next !== undefined) t.same(explained.total, page.total, `total of ${name}`);
      t.ok(explained.steps.length > 0 || page.rows.length === 0, `steps of ${name}`);
      t.ok(explained.steps.every(({ statement, calls }) => statement !== '' && calls > 0));
    }
  }
}

async function checkIndex(t: Test, store: Store): Promise<void> {
  const key = { type: 'Group', id: 'g1' };
  const before = await store.readPostings(key);
  for (const mend of [false, true]) {
    const faults: IndexFault[] = [];
    for await (const fault of store.checkIndex(mend)) faults.push(fault);
    t.same(faults, [], `an index that agrees, ${mend ? 'to be mended' : 'looked at'} [checkIndex.sound]`);
  }
  t.same(await store.readPostings(key), before, 'nothing was changed [checkIndex.sound]');
}
