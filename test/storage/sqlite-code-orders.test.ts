/**
 * The order of codes on SQLite: exact for what has several codes or none, for searches by the same codes, behind the
 * index, and by whichever way it is read.
 */
import t from 'tap';
import type { Predicate, SortKey } from '../../src/search/query.ts';
import { hashTerm } from '../../src/search/term-hash.ts';
import { countBits } from '../../src/storage/sqlite/bits.ts';
import { openConnection, readTransaction } from '../../src/storage/sqlite/connection.ts';
import { valuedBits } from '../../src/storage/sqlite/known-order.ts';
import { createMeter } from '../../src/storage/sqlite/meter.ts';
import { PLAN_LIMITS } from '../../src/storage/sqlite/plan-limits.ts';
import { tracedSearch } from '../../src/storage/sqlite/reads.ts';
import { createReferencesAhead } from '../../src/storage/sqlite/references-ahead.ts';
import { openView } from '../../src/storage/sqlite/view.ts';
import {
  all,
  any,
  by,
  byDesc,
  code,
  keyOf,
  not,
  number,
  postingsOf,
  put,
  query,
  type Values,
} from './contract/build.ts';
import { exactly, sqliteFiles, walkPages } from './sqlite-files.ts';

const { newPath, openAt } = await sqliteFiles(t);

/** One code, several, codes without a system, or none. */
function codedValues(at: number): Values {
  const codes = Array.from({ length: [1, 1, 1, 2, 3, 0][at % 6] as number }, (_, of) => {
    return `${(at + of) % 4 === 0 ? 't' : 's'}|c${(at * 7 + of * 3) % 12}`;
  });
  return {
    codes: { code: [...new Set(codes)], status: [`s|${at % 9 === 0 ? 'b' : 'a'}`] },
    numbers: at % 3 === 0 ? {} : { value: [['', at % 23, (at % 23) + 1]] },
    date: at % 5 === 0 ? '' : `2024-${String(1 + (at % 12)).padStart(2, '0')}-11`,
  };
}

t.test('an order of codes is exact, whatever few have of what is asked for and of the codes', async (t) => {
  const low = { triedFirst: 1, chunkMin: 1, chunkMax: 8, keptRowsMin: 1 };
  for (const plans of [{}, { collectedMax: 10, countedMax: 2, ...low }, { collectedMax: -1, ...low }]) {
    const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000, plans });
    const values = new Map(Array.from({ length: 300 }, (_, at) => [at, codedValues(at)]));
    await store.transact([...values].map(([at, one]) => put('Basic', `r${at}`, { values: one })));
    for (let step = 0; step < 4; step++) await store.transact([]);
    for (const isBehindIndex of [false, true]) {
      if (isBehindIndex) {
        for (const at of [5, 60, 123]) values.set(at, codedValues(at + 2));
        await store.transact(
          [5, 60, 123].map((at) => put('Basic', `r${at}`, { values: codedValues(at + 2) })),
        );
      }
      for (const filter of CODE_FILTERS) {
        for (const sort of CODE_SORTS) {
          const expected = [...values]
            .filter(([, one]) => filter.test(one))
            .sort(([a, one], [b, other]) => {
              const order = sort.map(({ of, key }) =>
                compareLast(of(one, key.descending), of(other, key.descending), key.descending),
              );
              return order.find((less) => less !== 0) ?? (sort[0]?.key.descending === true ? b - a : a - b);
            })
            .map(([at]) => `r${at}`);
          const asked = query('Basic', filter.where, ...sort.map(({ key }) => key));
          const seen: string[] = [];
          let after: string | undefined;
          do {
            const page = await store.search(asked, {
              limit: 9,
              total: 'none',
              ...(after !== undefined && { after }),
            });
            seen.push(...page.rows.map(({ id }) => id));
            after = page.next;
          } while (after !== undefined);
          t.same(
            seen,
            expected,
            JSON.stringify([plans, isBehindIndex, filter.where, sort.map(({ key }) => key)]),
          );
        }
      }
    }
    await store.close();
  }
});

const codesIn = ({ codes }: Values): string[] => (codes?.code ?? []).map((one) => one.slice(2));
const numbersIn = ({ numbers }: Values): number[] => (numbers?.value ?? []).map(([, lo]) => lo);

const CODE_FILTERS: readonly { readonly where: Predicate; test(values: Values): boolean }[] = [
  { where: all(), test: () => true },
  { where: code('Basic.code', 'c5'), test: (one) => codesIn(one).includes('c5') },
  {
    where: { kind: 'any', of: [code('Basic.code', 'c5'), code('Basic.code', 'c11')] },
    test: (one) => codesIn(one).some((is) => is === 'c5' || is === 'c11'),
  },
  { where: code('Basic.status', 'b'), test: ({ codes }) => codes?.status?.[0] === 's|b' },
  {
    where: number('Basic.value', 'ge', ...exactly(19)),
    test: (one) => numbersIn(one).some((value) => value >= 19),
  },
  { where: not(code('Basic.code', 'c5')), test: (one) => !codesIn(one).includes('c5') },
];

type Place = number | string | undefined;
type Placing = { readonly key: SortKey; of(values: Values, descending: boolean): Place };

/** The least ascending, the greatest descending. */
const extremeOf = <Value extends number | string>(list: Value[], descending: boolean): Value | undefined =>
  list.sort((a, b) => (a < b ? -1 : 1)).at(descending ? -1 : 0);
const byCode = (key: SortKey): Placing => ({
  key,
  of: (one, descending) => extremeOf(codesIn(one), descending),
});
const byValue = (key: SortKey): Placing => ({
  key,
  of: (one, descending) => extremeOf(numbersIn(one), descending),
});
const byDay = (key: SortKey): Placing => ({ key, of: ({ date }) => date || undefined });
const byStatus = (key: SortKey): Placing => ({ key, of: ({ codes }) => codes?.status?.[0] });

const CODE_SORTS: readonly (readonly Placing[])[] = [
  [byCode(by('Basic.code', 'term'))],
  [byCode(byDesc('Basic.code', 'term'))],
  [byCode(by('Basic.code', 'term')), byValue(by('Basic.value', 'number'))],
  [byCode(byDesc('Basic.code', 'term')), byValue(by('Basic.value', 'number'))],
  [byCode(by('Basic.code', 'term')), byDay({ by: 'primary', descending: true })],
  [
    byStatus(by('Basic.status', 'term')),
    byCode(by('Basic.code', 'term')),
    byValue(byDesc('Basic.value', 'number')),
  ],
];

/** What has none comes last in either direction. */
function compareLast(a: Place, b: Place, descending: boolean): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a < b === descending ? 1 : -1;
}

t.test(
  'where nothing has several codes, a page reads what it shows, and it is told when something has',
  async (t) => {
    const store = await openAt(newPath(), {
      mergeVersions: 1,
      mergeChanges: 100_000,
      plans: { collectedMax: 20 },
    });
    t.teardown(() => store.close());
    const values = new Map(
      Array.from({ length: 600 }, (_, at) => [
        at,
        {
          codes: { code: [`s|c${at % 3}`] },
          date: `2024-${String(1 + (at % 12)).padStart(2, '0')}-11`,
        } as Values,
      ]),
    );
    const write = (ats: readonly number[]) =>
      store.transact(ats.map((at) => put('Basic', `r${at}`, { values: values.get(at) as Values })));
    await write([...values.keys()]);
    for (let step = 0; step < 4; step++) await store.transact([]);
    const asked = query('Basic', all(), by('Basic.code', 'term'), { by: 'primary', descending: false });
    const walk = async (): Promise<number[]> => {
      const place = (at: number): string =>
        `${codesIn(values.get(at) as Values).sort()[0]} ${values.get(at)?.date} ${String(at).padStart(4, '0')}`;
      const expected = [...values.keys()]
        .sort((a, b) => (place(a) < place(b) ? -1 : 1))
        .map((at) => `r${at}`);
      const { seen, examined } = await walkPages(store, asked, 10);
      t.same(seen, expected);
      return examined;
    };
    const before = await walk();
    // but where two codes meet, and once to find it out
    t.ok(before.filter((rows) => rows > 12).length < 8, before.join());
    const twice = [7, 100, 302, 599];
    for (const at of twice) values.set(at, { ...values.get(at), codes: { code: ['s|c2', `s|c${at % 2}`] } });
    await write(twice);
    t.ok((await walk()).length === 60, 'behind the index');
    for (let step = 0; step < 4; step++) await store.transact([]);
    t.ok((await walk()).length === 60, 'in the index');
    for (const at of twice) values.set(at, { ...values.get(at), codes: { code: ['s|c1'] } });
    await write(twice);
    for (let step = 0; step < 4; step++) await store.transact([]);
    const again = await walk();
    t.ok(again.filter((rows) => rows > 12).length < 8, again.join());
  },
);

t.test('what has several codes is found out ahead, whatever is written between two steps', async (t) => {
  const path = newPath();
  const store = await openAt(path, { mergeVersions: 1, mergeChanges: 100_000 });
  t.teardown(() => store.close());
  const opened = openConnection({ path, role: 'reader', cacheBytes: 100_000, busyTimeoutMs: 1_000 });
  t.teardown(() => opened.close());
  let lists = 0;
  const connection = {
    ...opened,
    row: (...[sql, ...args]: Parameters<typeof opened.row>) => {
      if (sql.includes('group_concat(rid) FROM ix ')) lists++;
      return opened.row(sql, ...args);
    },
  };
  const values = new Map<number, Values>();
  const write = async (at: number, ...codes: string[]): Promise<void> => {
    const numbers: Values['numbers'] = at % 5 === 0 ? {} : { value: [['', at % 7, (at % 7) + 1]] };
    values.set(at, { codes: { code: codes.map((one) => `s|c${one}`), status: ['s|final'] }, numbers });
    await store.transact([put('Basic', `r${at}`, { values: values.get(at) as Values })]);
  };
  for (let at = 0; at < 400; at++) await write(at, String(at % 6));
  const limits = {
    ...PLAN_LIMITS,
    collectedMax: 20,
    countedMax: 20,
    keptRowsMin: 1,
    aheadRowsMin: 100,
    referencesAtOnce: 40,
  };
  const step = createReferencesAhead(connection, limits);
  let steps = 0;
  const readAll = async (): Promise<void> => {
    while (step() === 'more') {
      // from a code that is read already to one that is not, back, and to both
      await write(steps, String((steps + 1) % 6));
      await write(399 - steps, '0');
      await write(100 + steps, '0', '5');
      steps++;
      if (steps === 3) {
        const again = postingsOf('Basic', { codes: { code: ['s|c1', 's|c4'], status: ['s|final'] } });
        await store.reindex([{ type: 'Basic', id: 'r200', versionId: '1', postings: again }]);
        values.set(200, { codes: { code: ['s|c1', 's|c4'], status: ['s|final'] } });
      }
    }
  };
  await readAll();
  await readAll();
  t.ok(steps > 8, `${steps} steps`);
  for (let merge = 0; merge < 4; merge++) await store.transact([]);
  lists = 0;
  for (const [asked, other] of [
    ['3', ''],
    ['3', '5'],
    ['1', ''],
  ] as const) {
    const isAsked = (at: number): boolean => {
      const codes = codesIn(values.get(at) as Values);
      return codes.includes(`c${asked}`) || codes.includes(`c${other}`);
    };
    const place = (at: number): string => `${codesIn(values.get(at) as Values).sort()[0]}${1_000 + at}`;
    const expected = [...values.keys()].filter(isAsked).sort((a, b) => (place(a) < place(b) ? -1 : 1));
    const where = all(
      code('Basic.status', 'final'),
      other === ''
        ? code('Basic.code', `c${asked}`)
        : any(code('Basic.code', `c${asked}`), code('Basic.code', `c${other}`)),
    );
    const options = { budget: 100_000, whenSpent: 'throw', limits } as const;
    const { page } = tracedSearch(
      connection,
      query('Basic', where, by('Basic.code', 'term')),
      { limit: 400, total: 'none' },
      options,
    );
    t.same(
      page.rows.map(({ id }) => id),
      expected.map((at) => `r${at}`),
    );
  }
  const valued = readTransaction(connection, () => {
    const view = openView(connection, limits);
    const types = [view.typeId('Basic') as number];
    return valuedBits({ key: by('Basic.value', 'number'), types, view, meter: createMeter(100_000) });
  });
  const numbered = [...values.values()].filter(({ numbers }) => numbers?.value !== undefined);
  t.equal(valued && countBits(valued), numbered.length, 'what has a number');
  t.equal(lists, 0, 'nobody who asks reads long lists');
});

t.test('what most resources have is not read to put them in order by another code', async (t) => {
  const path = newPath();
  const store = await openAt(path, { mergeVersions: 1, mergeChanges: 100_000 });
  t.teardown(() => store.close());
  // few have another status; those with the first code have no number, those with the others one
  const statusOf = (at: number): string => (at % 40 === 9 ? 'open' : 'final');
  const codeOf = (at: number): string => `c${at % 4 === 0 ? 1 : 2 + (at % 3)}`;
  const numberOf = (at: number): number | undefined => (at % 4 === 0 ? undefined : (at * 7) % 50);
  // more than a page may read to find out what matches
  const count = 17_000;
  for (let from = 0; from < count; from += 1_000) {
    await store.transact(
      Array.from({ length: 1_000 }, (_, index) => {
        const at = from + index;
        const value = numberOf(at);
        const numbers: Values['numbers'] = value === undefined ? {} : { value: [['', ...exactly(value)]] };
        const codes = { status: [`s|${statusOf(at)}`], code: [`s|${codeOf(at)}`] };
        return put('Basic', `r${at}`, { values: { codes, numbers, date: '2024-03-01' } });
      }),
    );
  }
  for (let step = 0; step < 8; step++) await store.transact([]);
  const opened = openConnection({ path, role: 'reader', cacheBytes: 100_000, busyTimeoutMs: 1_000 });
  t.teardown(() => opened.close());
  const [status, final] = [keyOf('Basic.status'), hashTerm('s|final')];
  let isRead = false;
  const row = (...[sql, ...args]: Parameters<typeof opened.row>) => {
    isRead ||= sql.includes('group_concat') && args[0] === status && args[1] === final;
    return opened.row(sql, ...args);
  };
  const place = (at: number): string =>
    `${statusOf(at)} ${codeOf(at)} ${1_000 + (numberOf(at) ?? 500)} ${100_000 + at}`;
  const everything = Array.from({ length: count }, (_, at) => at).sort((a, b) =>
    place(a) < place(b) ? -1 : 1,
  );
  const limits = { ...PLAN_LIMITS, collectedMax: 20, countedMax: 20, keptRowsMin: 1 };
  const keys = [by('Basic.status', 'term'), by('Basic.code', 'term'), by('Basic.value', 'number')];
  for (const [sort, isIn] of [
    [keys, () => true],
    [keys.slice(1), (at: number) => statusOf(at) === 'final'],
  ] as const) {
    const asked =
      sort === keys ? query('Basic', all(), ...sort) : query('Basic', code('Basic.status', 'final'), ...sort);
    const expected = everything.filter(isIn).map((at) => `r${at}`);
    const seen: string[] = [];
    const connection = { ...opened, memory: {}, row };
    let after: string | undefined;
    for (let pages = 0; pages < 60; pages++) {
      const page = { limit: 12, total: 'none', ...(after !== undefined && { after }) } as const;
      const options = { budget: 100_000, whenSpent: 'throw', limits } as const;
      const found = tracedSearch(connection, asked, page, options).page;
      if (pages === 0) t.equal(isRead, false, 'the list of a status that nearly all have');
      seen.push(...found.rows.map(({ id }) => id));
      after = found.next;
    }
    t.same(seen, expected.slice(0, seen.length));
    isRead = false;
  }
});

t.test('what has no value of the first key is in the order of dates once, for who goes on', async (t) => {
  const path = newPath();
  const store = await openAt(path, { mergeVersions: 1, mergeChanges: 100_000 });
  t.teardown(() => store.close());
  const valueAt = (at: number): number | undefined => (at % 3 === 0 ? at % 20 : undefined);
  // many have the same day, some none
  const dayOf = (at: number): string => (at % 11 === 4 ? '' : `2024-03-${10 + ((at * 7) % 17)}`);
  const count = 1_500;
  await store.transact(
    Array.from({ length: count }, (_, at) => {
      const value = valueAt(at);
      const numbers: Values['numbers'] = value === undefined ? {} : { value: [['', ...exactly(value)]] };
      return put('Basic', `r${at}`, {
        values: { codes: { code: [`s|${at % 2}`] }, numbers, date: dayOf(at) },
      });
    }),
  );
  for (let step = 0; step < 8; step++) await store.transact([]);
  const opened = openConnection({ path, role: 'reader', cacheBytes: 100_000, busyTimeoutMs: 1_000 });
  t.teardown(() => opened.close());
  let inOrder = 0;
  const rows = (...[sql, ...args]: Parameters<typeof opened.rows>) => {
    if (sql.startsWith('SELECT r.d, r.rid FROM json_each(?) j')) inOrder++;
    return opened.rows(sql, ...args);
  };
  const limits = { ...PLAN_LIMITS, collectedMax: 20, countedMax: 20, groupMax: 30 };
  for (const isDown of [false, true]) {
    for (const isBack of [false, true]) {
      const keys = [
        isDown ? byDesc('Basic.value', 'number') : by('Basic.value', 'number'),
        { by: 'primary', descending: isBack } as const,
      ];
      const asked = query('Basic', code('Basic.code', '1'), ...keys);
      const seen: string[] = [];
      const connection = { ...opened, memory: {}, rows };
      inOrder = 0;
      let after: string | undefined;
      do {
        const page = { limit: 9, total: 'none', ...(after !== undefined && { after }) } as const;
        const options = { budget: 100_000, whenSpent: 'throw', limits } as const;
        const found = tracedSearch(connection, asked, page, options).page;
        seen.push(...found.rows.map(({ id }) => id));
        after = found.next;
      } while (after !== undefined);
      const compare = (a: number, b: number): number => {
        const [one, other] = [valueAt(a), valueAt(b)];
        if (one !== other) {
          if (one === undefined || other === undefined) return one === undefined ? 1 : -1;
          return isDown ? other - one : one - other;
        }
        const [day, otherDay] = [dayOf(a), dayOf(b)];
        if (day !== otherDay) {
          if (day === '' || otherDay === '') return day === '' ? 1 : -1;
          return day < otherDay === isBack ? 1 : -1;
        }
        return isDown ? b - a : a - b;
      };
      const expected = Array.from({ length: count }, (_, at) => at)
        .filter((at) => at % 2 === 1)
        .sort(compare);
      const name = `value ${isDown ? 'down' : 'up'}, date ${isBack ? 'down' : 'up'}`;
      t.same(
        seen,
        expected.map((at) => `r${at}`),
        name,
      );
      t.equal(inOrder, 1, `${name}: put in order once`);
    }
  }
});
