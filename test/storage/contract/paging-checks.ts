/**
 * Pages stand still: whatever is written while somebody pages, the pages show the state of the first one, each
 * resource once, in its version of that moment.
 */
import type { Test } from 'tap';
import type { SortKey } from '../../../src/search/query.ts';
import type { SearchPage, Store } from '../../../src/storage/store.ts';
import {
  all,
  by,
  byAll,
  byDesc,
  byMark,
  code,
  not,
  present,
  put,
  query,
  remove,
  text,
  type Values,
} from './build.ts';
import type { OpenStore } from './suite.ts';

const COUNT = 60;

function valuesOf(index: number): Values {
  const day = String((index % 28) + 1).padStart(2, '0');
  const date = index % 7 === 0 ? '' : `2024-01-${day}`;
  return {
    date,
    codes: { code: [`s|c${index % 3}`] },
    texts: { name: [`name${index % 11}`] },
    dates: date === '' ? {} : { date: [[date, `2024-02-${day}`]] },
    numbers: index % 5 === 0 ? {} : { value: [['', index % 13, (index % 13) + 1]] },
  };
}

function markOf(index: number): string {
  return index % 5 === 0 ? '' : `mark ${index % 9}`;
}

const SORTS: readonly (readonly SortKey[])[] = [
  [],
  [{ by: 'primary', descending: false }],
  [{ by: 'id', descending: false }],
  [{ by: 'updated', descending: true }],
  [{ by: 'updated', descending: false }],
  [by('Observation.date', 'date')],
  [byDesc('Observation.date', 'date')],
  [byDesc('Observation.value', 'number')],
  [by('Observation.value', 'number')],
  [by('Observation.name', 'text')],
  [byDesc('Observation.code', 'term'), by('Observation.value', 'number')],
  [by('Observation.name', 'text'), byDesc('Observation.value', 'number')],
  [byDesc('Observation.value', 'number'), byDesc('Observation.name', 'text')],
  [byMark(false)],
  [byMark(true), by('Observation.value', 'number')],
  [{ by: 'primary', descending: true }, byMark(false)],
  [by('Observation.code', 'term'), byMark(true)],
  [byAll('text', true, 'Observation.name', 'Observation.none')],
];
const FILTERS = [
  all(),
  code('Observation.code', 'c1'),
  not(code('Observation.code', 'c1')),
  text('Observation.name', 'contains', 'me1'),
  present('Observation.value'),
];

export async function checkPaging(t: Test, open: OpenStore): Promise<void> {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const { store, destroy } = await open(() => ++time);
  t.teardown(destroy);
  for (let index = 0; index < COUNT; index++) {
    await store.transact([put('Observation', `o${index}`, { values: valuesOf(index), mark: markOf(index) })]);
  }
  let disturbance = 0;
  for (const sort of SORTS) {
    for (const where of FILTERS) {
      const asked = query('Observation', where, ...sort);
      const expected = keysOf(await store.search(asked, { limit: 10_000, total: 'none' }));
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await store.search(asked, {
          limit: 7,
          total: 'none',
          ...(after === undefined ? {} : { after }),
        });
        seen.push(...keysOf(page));
        after = page.next;
        await disturb(store, disturbance++);
      } while (after !== undefined);
      t.same(seen, expected, `pages stand still: ${JSON.stringify(sort)} ${where.kind} [search.moment]`);
    }
  }
  await checkCursors(t, store);
}

/** Something of everything: changes of values, deletes, revivals, new ones. */
async function disturb(store: Store, round: number): Promise<void> {
  const at = (round * 17) % COUNT;
  await store.transact([
    put('Observation', `o${at}`, { values: valuesOf(round * 5), mark: markOf(round) }),
    remove('Observation', `o${(at + 29) % COUNT}`),
    put('Observation', `o${(at + 31) % COUNT}`, { values: valuesOf(at), mark: markOf(at + 1) }),
    put('Observation', `n${round % 40}`, { values: valuesOf(round), mark: markOf(round) }),
  ]);
}

async function checkCursors(t: Test, store: Store): Promise<void> {
  const asked = query('Observation', all());
  const one = await store.search(asked, { limit: 3, total: 'none' });
  const same = { limit: 3, total: 'none', after: one.next as string } as const;
  t.same(
    await store.search(asked, same),
    await store.search(asked, same),
    'a cursor can be used again [search.cursor]',
  );
  const page = await store.search(asked, { limit: 3, total: 'accurate', after: one.next as string });
  const whole = await store.search(asked, { limit: 3, total: 'accurate' });
  t.same(page.total, whole.total, 'a later page knows the total too [search.total]');
  for (const after of ['', 'x', '!!', `${one.next}x`, (one.next as string).slice(1), 'a'.repeat(5000)]) {
    await t.rejects(
      store.search(asked, { limit: 3, total: 'none', after }),
      { name: 'FhirError' },
      `a broken cursor is refused: ${after.slice(0, 20)} [search.cursor]`,
    );
  }
  const estimate = await store.search(asked, { limit: 3, total: 'estimate' });
  t.ok(
    (estimate.total?.value ?? -1) >= 3,
    'an estimate is there and never below what is seen [search.total]',
  );
}

function keysOf(page: SearchPage): string[] {
  return page.rows.map((row) => `${row.id} ${row.versionId}`);
}
