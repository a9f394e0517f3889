/**
 * Pages of the SQLite engine: what they look at does not grow with the data, nor with how far they are.
 */
import t from 'tap';
import type { Predicate, RangePrefix, SearchQuery } from '../../src/search/query.ts';
import { rangeMatches } from '../../src/search/ranges.ts';
import { openConnection } from '../../src/storage/sqlite/connection.ts';
import { PLAN_LIMITS } from '../../src/storage/sqlite/plan-limits.ts';
import { tracedSearch } from '../../src/storage/sqlite/reads.ts';
import {
  all,
  any,
  by,
  byDesc,
  chain,
  code,
  date,
  has,
  not,
  number,
  postingsOf,
  present,
  primary,
  put,
  query,
  remove,
  text,
  type Values,
} from './contract/build.ts';

import { exactly, sqliteFiles, valuesOf, walkPages } from './sqlite-files.ts';

const { newPath, openAt } = await sqliteFiles(t);

/** A code and a value together, as composites ask. */
const paired = (prefix: RangePrefix, value: number): Predicate =>
  ({
    ...number('Basic.pressure', prefix, ...exactly(value), 'mm'),
    implied: code('Basic.code', '1'),
  }) as Predicate;

const pressureAbove = (value: number, unit: string): Predicate =>
  number('Basic.pressure', 'gt', ...exactly(value), unit);

/** Nearly all are final; the few others are the first, and so last in the order of most searches. */
function withStatus(values: Values, index: number): Values {
  const status = index < 30 ? 's|amended' : 's|final';
  const share = index % 10 === 0 ? 's|tenth' : 's|others';
  return {
    ...values,
    codes: { ...values.codes, status: [status], share: [share] },
    texts: { ...values.texts, group: [`group ${index % 5}`] },
    ...(index < 30 && { bare: ['rare'] }),
  };
}

t.test('what a page looks at does not grow with the data', async (t) => {
  const store = await openAt(newPath(), {
    mergeVersions: 1,
    mergeChanges: 100_000,
    plans: { countedMax: 100, collectedMax: 100 },
  });
  t.teardown(() => store.close());
  const asked: readonly SearchQuery[] = [
    query('Basic', all()),
    query('Basic', code('Basic.code', '1')),
    query('Basic', not(code('Basic.code', '1'))),
    query('Basic', all(code('Basic.code', '1'), text('Basic.name', 'contains', 'name'))),
    query('Basic', code('Basic.code', '1'), byDesc('Basic.value', 'number')),
    query('Basic', all(), byDesc('Basic.name', 'text')),
    query('Basic', all(), { by: 'id', descending: false }),
    query('Basic', all(), { by: 'updated', descending: true }),
    query('Basic', all(), byDesc('Basic.code', 'term'), byDesc('Basic.value', 'number')),
    query('Basic', all(), by('Basic.group', 'text'), by('Basic.value', 'number')),
    query('Basic', code('Basic.code', '1'), by('Basic.group', 'text'), byDesc('Basic.value', 'number')),
    query('Basic', all(), by('Basic.code', 'term'), by('Basic.group', 'text'), by('Basic.value', 'number')),
    query('Group', text('Group.name', 'prefix', 'name 3')),
    query('Group', all(code('Group.code', '1'), text('Group.name', 'contains', 'me 3'))),
    query('Group', text('Group.name', 'contains', 'nobody')),
    query('Basic', paired('gt', 150)),
    query('Basic', paired('ge', 178)),
    query('Basic', paired('lt', 93)),
    query('Basic', paired('eq', 121)),
    query('Basic', paired('gt', 200)),
    query('Basic', all(code('Basic.code', '1'), number('Basic.pressure', 'gt', ...exactly(150), 'mm'))),
    query('Basic', all(paired('gt', 120), not(code('Basic.code', '2')))),
    query('Basic', number('Basic.pressure', 'gt', ...exactly(170), 'mm')),
    query('Basic', not(present('Basic.value'))),
    query('Basic', present('Basic.value')),
    query('Basic', not(present('Basic.rare'))),
    query('Basic', present('Basic.rare')),
    query('Basic', not(code('Basic.status', 'final'))),
    query('Basic', not(code('Basic.status', 'final')), byDesc('Basic.value', 'number')),
    query('Basic', all(not(code('Basic.status', 'final')), code('Basic.code', '1'))),
    // of two lists that are long in the end, the longer one first
    query('Basic', all(code('Basic.code', '1'), code('Basic.share', 'tenth'))),
    // a value as it is written and in base units
    query('Basic', all(code('Basic.code', '1'), any(pressureAbove(170, 'mm'), pressureAbove(170_000, 'um')))),
    // such as what is contained is called, where nothing is
    query(
      'Basic',
      all(code('Basic.code', '1'), any(text('Basic.none', 'prefix', 'x'), code('Basic.share', 'tenth'))),
    ),
    query('Basic', any(code('Basic.code', '1'), code('Basic.status', 'amended'))),
    query('Basic', all(code('Basic.code', '1'), code('Basic.status', 'final'), present('Basic.value'))),
    query('Basic', all(code('Basic.status', 'amended'), text('Basic.group', 'prefix', 'group 1'))),
    query('Basic', text('Basic.group', 'exact', 'group 1')),
    query('Basic', any(not(present('Basic.rare')), present('Basic.rare'))),
    query('Basic,Group', all()),
    query('Basic,Group', code('Basic.code', '1'), { by: 'updated', descending: true }),
    query('', all(), { by: 'id', descending: true }),
    query('Basic', all(), by('Basic.value', 'number')),
    query(
      'Basic',
      not(code('Basic.status', 'final')),
      by('Basic.group', 'text'),
      byDesc('Basic.value', 'number'),
    ),
    query('Basic', not(present('Basic.rare')), byDesc('Basic.code', 'term'), byDesc('Basic.value', 'number')),
    query('Basic', { kind: 'id', ids: ['g0-1', 'g0-2', 'none'] }),
    query('Basic', { kind: 'updated', prefix: 'gt', lo: 0, hi: 1 }, { by: 'updated', descending: true }),
  ];
  const examined: number[][] = [];
  for (let size = 0; size < 3; size++) {
    const count = 600 * 4 ** size;
    for (let from = 0; from < count; from += 600) {
      await store.transact(
        Array.from({ length: 600 }, (_, index) =>
          put('Basic', `g${size}-${from + index}`, {
            values: withStatus(valuesOf(from + index), count * size + from + index),
          }),
        ),
      );
      // without a date, and with few names
      await store.transact(
        Array.from({ length: 600 }, (_, index) => {
          const values = { codes: { code: [`s|${index % 3}`] }, texts: { name: [`name ${index % 7}`] } };
          return put('Group', `h${size}-${from + index}`, { values });
        }),
      );
    }
    for (let step = 0; step < 6; step++) await store.transact([]);
    const looked = asked.map((one) => store.explain(one, { limit: 20, total: 'none' }));
    examined.push((await Promise.all(looked)).map((one) => one.examined as number));
  }
  const [small, , large] = examined as [number[], number[], number[]];
  // nor with the pages before it
  for (const [index, one] of asked.slice(0, 13).entries()) {
    let after: string | undefined;
    for (let page = 0; page < 40; page++) {
      const { next } = await store.search(one, { limit: 20, after, total: 'none' });
      if (next === undefined) break;
      after = next;
    }
    const { examined: far } = await store.explain(one, { limit: 20, after, total: 'none' });
    t.ok((far as number) <= 2 * (large[index] ?? 0), JSON.stringify(['page 41', one, large[index], far]));
  }
  for (const [index, one] of asked.entries()) {
    t.ok((large[index] ?? 0) <= 2 * (small[index] ?? 0), JSON.stringify([one, small[index], large[index]]));
  }
});

t.test('a part of a string is read from the lists of the strings that have it', async (t) => {
  const path = newPath();
  const filled = await openAt(path);
  // one in thirty has one of 100 labels
  const labelled = Array.from({ length: 4_000 }, (_, index) => {
    const label = index % 30 === 0 ? `label ${(index / 30) % 100} q` : 'none';
    return put('Group', `g${index}`, { values: { texts: { label: [label] } } });
  });
  await filled.transact(labelled);
  await filled.close();
  const connection = openConnection({ path, role: 'reader', cacheBytes: 1 << 20, busyTimeoutMs: 1_000 });
  t.teardown(() => connection.close());
  const asked = query('Group', text('Group.label', 'contains', 'q'));
  const options = { budget: 10_000, whenSpent: 'refuse', limits: PLAN_LIMITS } as const;
  const look = (): number =>
    tracedSearch(connection, asked, { limit: 5, total: 'none' }, options).trace.examined;
  t.ok(look() > 200, 'the strings are looked through');
  t.equal(look(), 6, 'and known the next time');
  for (const descending of [true, false]) {
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = { limit: 7, total: 'none', ...(after !== undefined && { after }) } as const;
      const sorted = { ...asked, sort: [{ by: 'primary', descending }] } as const;
      const found = tracedSearch(connection, sorted, page, options).page;
      seen.push(...found.rows.map(({ id }) => id));
      after = found.next;
    } while (after !== undefined);
    const expected = Array.from({ length: 134 }, (_, index) => `g${index * 30}`);
    t.same(seen, descending ? expected.toReversed() : expected, 'page by page, from what is known');
  }
});

t.test(
  'right behind an import a page looks at no more of what is not indexed yet than it shows',
  async (t) => {
    // nothing is indexed before the end
    const store = await openAt(newPath(), { mergeVersions: 1e9, mergeIdleMs: Number.POSITIVE_INFINITY });
    t.teardown(() => store.close());
    const count = 1_200;
    const ids = Array.from({ length: count }, (_, index) => `r${index}`);
    const values = (index: number): Values => {
      const { date: day, ...others } = withStatus(valuesOf(index), index);
      return index % 50 === 0 || day === undefined ? others : { ...others, date: day };
    };
    await store.transact(ids.map((id, index) => put('Basic', id, { values: values(index) })));
    // some are replaced, and are in their lists twice
    await store.transact(
      ids.slice(0, 100).map((id, index) => put('Basic', id, { values: values(index + 1) })),
    );
    const valuesNow = (index: number): Values => values(index < 100 ? index + 1 : index);
    for (const descending of [true, false]) {
      for (const [name, where] of [
        ['all', all()],
        ['code', code('Basic.code', '1')],
        ['any', any(code('Basic.code', '1'), code('Basic.code', '2'))],
        ['or a string that nothing has', any(text('Basic.none', 'prefix', 'x'), code('Basic.code', '1'))],
      ] as const) {
        const asked = query('Basic', where, { by: 'primary', descending });
        const expected = ids
          .map((id, index) => ({ id, index, day: valuesNow(index).date }))
          .filter(({ index }) => {
            const [one] = valuesNow(index).codes?.code ?? [];
            return name === 'all' || one === 's|1' || (name === 'any' && one === 's|2');
          })
          .sort((a, b) => {
            if (a.day === b.day) return descending ? b.index - a.index : a.index - b.index;
            if (a.day === undefined || b.day === undefined) return a.day === undefined ? 1 : -1;
            return (a.day < b.day ? -1 : 1) * (descending ? -1 : 1);
          })
          .map(({ id }) => id);
        const { seen, examined } = await walkPages(store, asked, 20);
        t.same(seen, expected, `${name} ${descending}`);
        t.ok(Math.max(...examined) <= 80, `${name} ${descending}: ${Math.max(...examined)}`);
      }
    }
  },
);

/** Many, some and single ones have one name, or none. */
function crowdedValues(index: number): Values {
  const name = index % 2 === 0 ? ['many'] : index % 3 === 0 ? [`some ${index % 5}`, 'zz'] : [`one ${index}`];
  return {
    codes: { code: [`s|${index % 2}`] },
    texts: { name: index % 11 === 0 ? [] : name },
    numbers: { value: index % 7 === 0 ? [] : [['', index % 13, (index % 13) + 1]] },
  };
}

t.test('orders of several keys are exact on pages of any length, however many have one value', async (t) => {
  for (const plans of [
    { collectedMax: -1 },
    { collectedMax: -1, groupMax: 20 },
    { chunkMin: 1, chunkMax: 8 },
  ]) {
    const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000, plans });
    const all200 = Array.from({ length: 200 }, (_, index) => crowdedValues(index));
    await store.transact(all200.map((values, index) => put('Basic', `r${index}`, { values })));
    for (let step = 0; step < 4; step++) await store.transact([]);
    // behind the index
    await store.transact([3, 50, 150].map((at) => put('Basic', `r${at}`, { values: crowdedValues(at + 1) })));
    const valuesAt = (at: number) => ([3, 50, 150].includes(at) ? crowdedValues(at + 1) : crowdedValues(at));
    const name = (at: number, up: boolean) => [...(valuesAt(at).texts?.name ?? [])].sort().at(up ? 0 : -1);
    const value = (at: number) => valuesAt(at).numbers?.value?.[0]?.[1] as number | undefined;
    const order = (x: string | number | undefined, y: string | number | undefined, up: boolean): number => {
      if (x === y) return 0;
      if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
      return x < y === up ? -1 : 1;
    };
    for (const [nameUp, valueUp] of [
      [true, true],
      [true, false],
      [false, true],
      [false, false],
    ] as const) {
      const expected = all200
        .map((_, at) => at)
        .sort((a, b) => {
          const byName = order(name(a, nameUp), name(b, nameUp), nameUp);
          return byName || order(value(a), value(b), valueUp) || (nameUp ? a - b : b - a);
        })
        .map((at) => `r${at}`);
      const asked = query(
        'Basic',
        all(),
        { ...by('Basic.name', 'text'), descending: !nameUp },
        { ...by('Basic.value', 'number'), descending: !valueUp },
      );
      for (const limit of [1, 7, 10, 20, 200]) {
        const seen: string[] = [];
        let after: string | undefined;
        do {
          const page = await store.search(asked, { limit, after, total: 'none' });
          seen.push(...page.rows.map(({ id }) => id));
          after = page.next;
        } while (after !== undefined);
        t.same(seen, expected, JSON.stringify([plans, nameUp, valueUp, limit]));
      }
    }
    await store.close();
  }
});

t.test(
  'pages of an order by several keys look at no more the further they are, nor with the data',
  async (t) => {
    const means: number[][] = [];
    for (const count of [500, 4_000]) {
      const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000 });
      const values = (index: number): Values => ({
        codes: { code: [`s|${index % 2}`] },
        // groups of a tenth, a hundredth and one, in turn
        texts: {
          name: [index % 2 === 0 ? `a${index % 10}` : index % 3 === 0 ? `b${index % 99}` : `c${index}`],
        },
        numbers: { value: [['', (index * 7919) % 1_000, ((index * 7919) % 1_000) + 1]] },
      });
      for (let from = 0; from < count; from += 500) {
        const some = Array.from({ length: 500 }, (_, at) =>
          put('Basic', `r${from + at}`, { values: values(from + at) }),
        );
        await store.transact(some);
      }
      for (let step = 0; step < 4; step++) await store.transact([]);
      means.push(
        await Promise.all(
          [
            query('Basic', all(), by('Basic.name', 'text'), by('Basic.value', 'number')),
            query('Basic', all(), by('Basic.name', 'text'), byDesc('Basic.value', 'number')),
            query(
              'Basic',
              code('Basic.code', '0'),
              byDesc('Basic.name', 'text'),
              by('Basic.value', 'number'),
            ),
            query(
              'Basic',
              all(),
              by('Basic.code', 'term'),
              by('Basic.name', 'text'),
              by('Basic.value', 'number'),
            ),
          ].map(async (asked) => {
            const pages = (await walkPages(store, asked, 20)).examined;
            return pages.reduce((sum, one) => sum + one, 0) / pages.length;
          }),
        ),
      );
      await store.close();
    }
    const [small, large] = means as [number[], number[]];
    for (const [at, mean] of large.entries()) {
      t.ok(mean <= 100 && mean <= 1.5 * (small[at] as number), JSON.stringify([at, small[at], mean]));
    }
  },
);

t.test(
  'an order that is remembered is not used once postings were replaced, and ends with its snapshot',
  async (t) => {
    const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000 });
    t.teardown(() => store.close());
    const values = (value: number): Values => ({
      texts: { name: ['same'] },
      numbers: { value: [['', value, value + 1]] },
    });
    await store.transact(
      Array.from({ length: 100 }, (_, at) => put('Basic', `r${at}`, { values: values(at) })),
    );
    for (let step = 0; step < 4; step++) await store.transact([]);
    const asked = query('Basic', all(), by('Basic.name', 'text'), by('Basic.value', 'number'));
    const pageAfter = (after: string | undefined) =>
      store.search(asked, { limit: 10, total: 'none', ...(after !== undefined && { after }) });
    const idsFrom = async (start: string | undefined): Promise<string[]> => {
      const ids: string[] = [];
      let after = start;
      do {
        const page = await pageAfter(after);
        ids.push(...page.rows.map(({ id }) => id));
        after = page.next;
      } while (after !== undefined);
      return ids;
    };
    const asWritten = Array.from({ length: 100 }, (_, at) => `r${at}`);
    t.same(await idsFrom(undefined), asWritten);
    const { next } = await pageAfter(undefined);
    await store.transact([
      put('Basic', 'r70', { values: values(-1) }),
      remove('Basic', 'r80'),
      put('Basic', 'new', { values: values(50) }),
    ]);
    t.same(await idsFrom(next), asWritten.slice(10), 'pages stand still while others write');
    const moved = ['r70', ...asWritten.filter((id) => id !== 'r70' && id !== 'r80')];
    moved.splice(moved.indexOf('r50') + 1, 0, 'new');
    t.same(await idsFrom(undefined), moved, 'a new search sees what was written');
    for (let step = 0; step < 4; step++) await store.transact([]);
    t.same(await idsFrom(next), asWritten.slice(10), 'so they do when the index has it');
    t.same(await idsFrom(undefined), moved);
    await store.reindex([
      { type: 'Basic', id: 'r50', versionId: '1', postings: postingsOf('Basic', values(-2)) },
    ]);
    t.same(
      await idsFrom(undefined),
      ['r50', ...moved.filter((id) => id !== 'r50')],
      'a new search sees new postings',
    );
  },
);

const dayAt = (day: number): string => new Date(Date.UTC(2000, 0, 1 + day)).toISOString().slice(0, 10);

/** Days, years and several dates far from each other, or none. */
function datedValues(index: number): Values {
  const start = (index * 37) % 900;
  const one = (from: number, days: number) => [dayAt(from), dayAt(from + days)] as const;
  const when =
    index % 17 === 0
      ? []
      : index % 13 === 0
        ? [one(start, 1), one(start + 300, 1)]
        : [one(start, index % 11 === 0 ? 365 : 1)];
  return { codes: { code: [`s|${index % 3}`] }, texts: { name: [`n${index % 40}`] }, dates: { when } };
}

t.test('a range of the date that a type is ordered by bounds what is read, on both sides', async (t) => {
  const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000 });
  t.teardown(() => store.close());
  const values = (at: number): Values => ({
    date: dayAt(at),
    codes: { code: [`s|${at % 2}`] },
    dates: { when: [[dayAt(at), dayAt(at + 1)]] },
  });
  await store.transact(
    Array.from({ length: 2_000 }, (_, at) => put('Encounter', `e${at}`, { values: values(at) })),
  );
  for (let step = 0; step < 4; step++) await store.transact([]);
  for (const filter of [all(), code('Encounter.code', '1')]) {
    for (const [prefix, from, descending] of [
      ['lt', 100, true],
      ['le', 100, true],
      ['eb', 100, true],
      ['eq', 100, true],
      ['gt', 1_900, false],
      ['ge', 1_900, false],
      ['sa', 1_900, false],
      ['eq', 1_900, false],
    ] as const) {
      const asked = query(
        'Encounter',
        all(primary('Encounter.when', prefix, dayAt(from), dayAt(from + 1)), filter),
        {
          by: 'primary',
          descending,
        },
      );
      const { examined, returned } = await store.explain(asked, { limit: 5, total: 'none' });
      const isOne = prefix === 'eq';
      t.ok(
        (returned as number) >= (isOne ? 0 : 5) && (examined as number) <= 150,
        `${JSON.stringify([prefix, descending, filter.kind])}: ${examined} for ${returned} [search.bound]`,
      );
    }
  }
});

t.test('few of a type without dates are put in order by all keys', async (t) => {
  const store = await openAt(newPath(), {
    mergeVersions: 1,
    mergeChanges: 100_000,
    plans: { fewRows: -1, triedFirst: 1 },
  });
  t.teardown(() => store.close());
  const values = (at: number): Values => ({
    texts: { name: [`name ${(at * 7) % 10}`] },
    dates: { period: [[dayAt(at), dayAt(at + 1)]] },
  });
  await store.transact(Array.from({ length: 40 }, (_, at) => put('Group', `g${at}`, { values: values(at) })));
  for (let step = 0; step < 4; step++) await store.transact([]);
  const wheres = [date('Group.period', 'lt', dayAt(5), dayAt(6)), text('Group.name', 'contains', 'ame 3')];
  for (const where of wheres) {
    for (const descending of [false, true]) {
      const found = Array.from({ length: 40 }, (_, at) => at).filter((at) =>
        where === wheres[0] ? at < 5 : (at * 7) % 10 === 3,
      );
      const byName = (at: number): number => ((at * 7) % 10) * 100 + (descending ? -at : at);
      const expected = found.sort((a, b) => byName(a) - byName(b)).map((at) => `g${at}`);
      const asked = query('Group', where, { by: 'primary', descending }, by('Group.name', 'text'));
      for (const limit of [2, 40]) {
        const { seen } = await walkPages(store, asked, limit);
        t.same(seen, expected, JSON.stringify([where.kind, descending, limit]));
      }
    }
  }
});

t.test('a range of the dates of an order bounds what is read, and finds the same', async (t) => {
  for (const plans of [{}, { collectedMax: -1, countedMax: 2, triedFirst: 1, chunkMin: 1, chunkMax: 8 }]) {
    const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000, plans });
    await store.transact(
      Array.from({ length: 400 }, (_, at) => put('Basic', `r${at}`, { values: datedValues(at) })),
    );
    for (let step = 0; step < 4; step++) await store.transact([]);
    // behind the index
    await store.transact([7, 70].map((at) => put('Basic', `r${at}`, { values: datedValues(at + 1) })));
    const valuesAt = (at: number): Values => datedValues(at === 7 || at === 70 ? at + 1 : at);
    const ms = (day: string): number => Date.parse(`${day}T00:00:00Z`);
    for (const prefix of ['eq', 'ge', 'gt', 'le', 'lt', 'sa', 'eb', 'ap'] as const) {
      const [lo, hi] = [dayAt(440), dayAt(460)];
      for (const descending of [false, true]) {
        for (const filter of [all(), code('Basic.code', '1')]) {
          const expected = Array.from({ length: 400 }, (_, at) => at)
            .filter((at) => filter.kind === 'all' || valuesAt(at).codes?.code?.[0] === 's|1')
            .filter((at) =>
              valuesAt(at).dates?.when?.some(([from, to]) =>
                rangeMatches(prefix, ms(from), ms(to), ms(lo), ms(hi)),
              ),
            )
            .map((at) => {
              const starts = (valuesAt(at).dates?.when ?? []).map(([from]) => ms(from));
              return { at, place: descending ? -Math.max(...starts) : Math.min(...starts) };
            })
            .sort((a, b) => a.place - b.place || (descending ? b.at - a.at : a.at - b.at))
            .map(({ at }) => `r${at}`);
          const asked = query('Basic', all(date('Basic.when', prefix, lo, hi), filter), {
            ...by('Basic.when', 'date'),
            descending,
          });
          for (const limit of [7, 200]) {
            const seen: string[] = [];
            let after: string | undefined;
            do {
              const page = await store.search(asked, {
                limit,
                total: 'none',
                ...(after !== undefined && { after }),
              });
              seen.push(...page.rows.map(({ id }) => id));
              after = page.next;
            } while (after !== undefined);
            t.same(seen, expected, JSON.stringify([plans, prefix, descending, filter.kind, limit]));
          }
        }
      }
    }
    await store.close();
  }
});

t.test('where few match, an order is read with a set of them, and to its end', async (t) => {
  const store = await openAt(newPath(), {
    mergeVersions: 1,
    mergeChanges: 100_000,
    plans: { countedMax: 60, collectedMax: 60 },
  });
  t.teardown(() => store.close());
  const values = (at: number): Values => ({
    texts: { name: [`n${at % 25}`], ...(at % 100 !== 0 && { title: [`${(at * 7919) % 3_000}`, 'z'] }) },
  });
  for (let from = 0; from < 3_000; from += 500) {
    const some = Array.from({ length: 500 }, (_, at) =>
      put('Basic', `r${from + at}`, { values: values(from + at) }),
    );
    await store.transact(some);
  }
  for (let step = 0; step < 4; step++) await store.transact([]);
  const asked = query('Basic', text('Basic.name', 'prefix', 'n5'), by('Basic.title', 'text'));
  const title = (at: number): string => values(at).texts?.title?.[0] ?? '~';
  const expected = Array.from({ length: 3_000 }, (_, at) => at)
    .filter((at) => at % 25 === 5)
    .sort((a, b) => (title(a) < title(b) ? -1 : title(a) > title(b) ? 1 : a - b))
    .map((at) => `r${at}`);
  const looked: number[] = [];
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = { limit: 20, total: 'none', ...(after !== undefined && { after }) } as const;
    const found = await store.search(asked, page);
    seen.push(...found.rows.map(({ id }) => id));
    // a twenty-fifth matches: some 500 rows were read for a page
    const { examined } = await store.explain(asked, page);
    t.ok((examined as number) < 300, `${seen.length}: ${examined}`);
    looked.push(examined as number);
    after = found.next;
  } while (after !== undefined);
  t.same(seen, expected);
  // what was read ahead serves the others: they look at what they show, and one more
  t.ok(looked.filter((rows) => rows <= 22).length >= 3, looked.join());
});

t.test('a page goes on behind the last one, wherever what that ended with has moved since', async (t) => {
  // few match: they are found out as a set, and the order is read ahead for it
  const plans = { countedMax: 60, collectedMax: 60, triedFirst: 16 };
  const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000, plans });
  t.teardown(() => store.close());
  const titleOf = (at: number): string => String((at * 7919) % 3_000).padStart(4, '0');
  const named = (at: number, title: string) =>
    put('Basic', `r${at}`, { values: { texts: { name: [`n${at % 25}`], title: [title] } } });
  for (let from = 0; from < 3_000; from += 500) {
    await store.transact(Array.from({ length: 500 }, (_, at) => named(from + at, titleOf(from + at))));
  }
  for (let step = 0; step < 4; step++) await store.transact([]);
  const asked = query('Basic', text('Basic.name', 'prefix', 'n5'), by('Basic.title', 'text'));
  const inOrder = Array.from({ length: 120 }, (_, at) => at * 25 + 5).sort((a, b) =>
    titleOf(a) < titleOf(b) ? -1 : 1,
  );
  const { seen } = await walkPages(store, asked, 5, async (pages) => {
    if (pages !== 1) return;
    // the last ones of pages beyond what is read ahead by now move behind some that follow them
    for (const page of [17, 18, 20]) {
      const moved = inOrder[page * 5 + 4] as number;
      await store.transact([named(moved, `${titleOf(inOrder[page * 5 + 12] as number)}a`)]);
    }
    for (let step = 0; step < 4; step++) await store.transact([]);
  });
  t.same(
    seen,
    inOrder.map((at) => `r${at}`),
  );
});

t.test('what has no value of the first key is found out once for who goes on through it', async (t) => {
  for (const collectedMax of [60, 3_000]) {
    const plans = { countedMax: 60, collectedMax };
    const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000, plans });
    const values = (at: number): Values => ({
      codes: { code: [`s|${at % 2}`] },
      texts: {
        title: [`${(at * 7919) % 3_000}`.padStart(4, '0')],
        ...(at % 20 < 18 && { name: [`n${at}`] }),
      },
    });
    for (let from = 0; from < 3_000; from += 500) {
      const some = Array.from({ length: 500 }, (_, at) =>
        put('Basic', `r${from + at}`, { values: values(from + at) }),
      );
      await store.transact(some);
    }
    for (let step = 0; step < 4; step++) await store.transact([]);
    const title = (at: number): string => values(at).texts?.title?.[0] as string;
    for (const { where, of } of [
      { where: all(), of: () => true },
      { where: code('Basic.code', '1'), of: (at: number) => at % 2 === 1 },
    ]) {
      const unnamed = Array.from({ length: 3_000 }, (_, at) => at).filter((at) => at % 20 >= 18 && of(at));
      const byTitle = unnamed.toSorted((a, b) => (title(a) < title(b) ? -1 : 1));
      for (const { sort, expected } of [
        { sort: [by('Basic.name', 'text')], expected: unnamed },
        { sort: [byDesc('Basic.name', 'text')], expected: unnamed.toReversed() },
        { sort: [by('Basic.name', 'text'), by('Basic.title', 'text')], expected: byTitle },
        { sort: [byDesc('Basic.name', 'text'), by('Basic.title', 'text')], expected: byTitle },
      ]) {
        const asked = query('Basic', where, ...sort);
        const label = JSON.stringify([collectedMax, where, sort]);
        const seen: string[] = [];
        const examined: number[] = [];
        let after: string | undefined;
        do {
          const page = await store.search(asked, { limit: 10, total: 'none', after });
          // asked a second time it has everything at hand, and yet may look at no more than a page needs
          const again = { limit: 10, total: 'none', ...(after !== undefined && { after }) } as const;
          examined.push((await store.explain(asked, again)).examined as number);
          seen.push(...page.rows.map(({ id }) => id));
          after = page.next;
        } while (after !== undefined);
        t.same(
          seen.slice(-expected.length),
          expected.map((at) => `r${at}`),
          label,
        );
        // one in ten has no name, one in twenty has none and matches: to look for them takes 100 to 300 rows a page
        const tail = examined.slice(-expected.length / 10 + 1);
        const mean = tail.reduce((sum, rows) => sum + rows, 0) / tail.length;
        t.ok(mean <= 80, `${label}: ${mean}`);
      }
    }
    await store.close();
  }
});

t.test('a page that begins among equal values does not read again what was read ahead', async (t) => {
  const plans = { countedMax: 60, collectedMax: 60 };
  const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000, plans });
  t.teardown(() => store.close());
  const values = (at: number): Values => ({
    texts: { name: [`n${at % 25}`], title: [`${(at * 7919) % 3_000}`] },
    // groups of three in the mean among what matches: they are not remembered
    numbers: { value: [['', (at * 31) % 41, (at * 31) % 41]] },
  });
  for (let from = 0; from < 3_000; from += 500) {
    const some = Array.from({ length: 500 }, (_, at) =>
      put('Basic', `r${from + at}`, { values: values(from + at) }),
    );
    await store.transact(some);
  }
  for (let step = 0; step < 4; step++) await store.transact([]);
  const asked = query(
    'Basic',
    text('Basic.name', 'prefix', 'n5'),
    byDesc('Basic.value', 'number'),
    by('Basic.title', 'text'),
  );
  const value = (at: number): number => values(at).numbers?.value?.[0]?.[1] as number;
  const title = (at: number): string => values(at).texts?.title?.[0] as string;
  const expected = Array.from({ length: 3_000 }, (_, at) => at)
    .filter((at) => at % 25 === 5)
    .sort((a, b) => value(b) - value(a) || (title(a) < title(b) ? -1 : 1))
    .map((at) => `r${at}`);
  const { seen, examined } = await walkPages(store, asked, 5);
  t.same(seen, expected);
  // each page begins among equals, and to read ahead takes 70 to 130 rows
  const mean = examined.reduce((sum, rows) => sum + rows, 0) / examined.length;
  t.ok(mean < 60, examined.join());
});

t.test('pages of a chain look up once who they are about, as of the first page', async (t) => {
  const plans = { countedMax: 20, collectedMax: 20 };
  const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000, plans });
  t.teardown(() => store.close());
  const person = (at: number, gender: string) =>
    put('Patient', `p${at}`, { values: { codes: { gender: [`s|${gender}`] } } });
  await store.transact(Array.from({ length: 50 }, (_, at) => person(at, at % 2 === 0 ? 'f' : 'm')));
  const about = Array.from({ length: 600 }, (_, at) =>
    put('Observation', `o${at}`, { values: { terms: { subject: [`Patient/p${(at * 7) % 50}`] } } }),
  );
  await store.transact(about);
  const asked = query('Observation', chain('Observation.subject', 'Patient', code('Patient.gender', 'f')), {
    by: 'id',
    descending: false,
  });
  const inOrder = Array.from({ length: 600 }, (_, at) => at).sort((a, b) => (`o${a}` < `o${b}` ? -1 : 1));
  const of = (isFemale: (person: number) => boolean): string[] =>
    inOrder.filter((at) => isFemale((at * 7) % 50)).map((at) => `o${at}`);
  for (const isBehindIndex of [true, false]) {
    if (!isBehindIndex) for (let step = 0; step < 4; step++) await store.transact([]);
    const { seen, examined } = await walkPages(store, asked, 10);
    t.same(
      seen,
      of((person) => person % 2 === 0),
    );
    // two rows for each match are read, and nobody is looked up any more
    if (!isBehindIndex) t.ok(Math.max(...examined.slice(5, -1)) <= 40, examined.join());
  }
  const during = await walkPages(store, asked, 10, async (pages) => {
    if (pages === 10) await store.transact([person(0, 'm'), person(1, 'f')]);
  });
  t.same(
    during.seen,
    of((person) => person % 2 === 0),
    'as of the first page',
  );
  const behind = await walkPages(store, asked, 10);
  t.same(
    behind.seen,
    of((person) => person === 1 || (person % 2 === 0 && person !== 0)),
    'a new search',
  );
});

t.test('the few that a chain or a `_has` is about are found out once for all pages', async (t) => {
  const plans = { countedMax: 20, collectedMax: 120 };
  const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000, plans });
  t.teardown(() => store.close());
  const group = (at: number, name: string) => put('Group', `g${at}`, { values: { texts: { name: [name] } } });
  await store.transact(Array.from({ length: 200 }, (_, at) => group(at, at % 2 === 0 ? 'wide' : 'narrow')));
  const member = (at: number, name: string) =>
    put('Basic', `b${at}`, {
      values: { terms: { subject: [`Group/g${(at * 7) % 200}`] }, texts: { name: [name] } },
    });
  await store.transact(Array.from({ length: 1_000 }, (_, at) => member(at, at < 100 ? 'first' : 'other')));
  for (let step = 0; step < 4; step++) await store.transact([]);
  const chained = query('Basic', chain('Basic.subject', 'Group', text('Group.name', 'prefix', 'wide')), {
    by: 'id',
    descending: false,
  });
  const isAbout = Array.from({ length: 1_000 }, (_, at) => at).filter((at) => ((at * 7) % 200) % 2 === 0);
  const inOrder = isAbout.map((at) => `b${at}`).sort();
  const { seen, examined } = await walkPages(store, chained, 10);
  t.same(seen, inOrder);
  // about two rows for each match, and none for the hundred that they are about
  t.ok(Math.max(...examined.slice(3, -1)) < 100, examined.join());
  const during = await walkPages(store, chained, 10, async (pages) => {
    if (pages === 10) await store.transact([group(0, 'narrow'), group(1, 'wide')]);
  });
  t.same(during.seen, inOrder, 'as of the first page');
  const had = query('Group', has('Basic.subject', text('Basic.name', 'prefix', 'first')));
  const groups = Array.from({ length: 100 }, (_, at) => (at * 7) % 200);
  const others = await walkPages(store, had, 10, async (pages) => {
    if (pages === 3) await store.transact([member(0, 'other'), member(500, 'first')]);
  });
  t.same([...others.seen].sort(), [...new Set(groups.map((at) => `g${at}`))].sort(), 'as of the first page');
  t.ok(Math.max(...others.examined.slice(1)) < 100, others.examined.join());
  const anew = await walkPages(store, had, 10);
  t.equal(anew.seen.includes('g0'), false);
  t.equal(anew.seen.includes(`g${(500 * 7) % 200}`), true);
});

t.test(
  'what comes before equal values is shown once, where these are found in another way than first tried',
  async (t) => {
    const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000 });
    t.teardown(() => store.close());
    // the sixty of the second group come last in the order of the next key
    const groups = ['a', 'b', 'c'].flatMap(
      (group, at) => Array(([5, 60, 400] as const)[at]).fill(group) as string[],
    );
    const values = groups.map((group, at) => (group === 'b' ? 10_000 : 0) + ((at * 7) % 465));
    await store.transact(
      groups.map((group, at) => {
        const numbers = { value: [['', ...exactly(values[at] as number)] as [string, number, number]] };
        return put('Basic', `r${at}`, { values: { texts: { group: [group] }, numbers } });
      }),
    );
    for (let step = 0; step < 4; step++) await store.transact([]);
    const asked = query('Basic', all(), by('Basic.group', 'text'), by('Basic.value', 'number'));
    const { seen } = await walkPages(store, asked, 10);
    const inOrder = groups.map((group, at) => ({ group, value: values[at] as number, id: `r${at}` }));
    inOrder.sort((a, b) => (a.group === b.group ? a.value - b.value : a.group < b.group ? -1 : 1));
    t.same(
      seen,
      inOrder.map(({ id }) => id),
    );
  },
);

t.test(
  'a bound of the date of a type reads what begins a day before only where that reaches into it',
  async (t) => {
    const day = (at: number): string => new Date(Date.UTC(2024, 0, 1 + at)).toISOString().slice(0, 10);
    const ms = (text: string): number => Date.parse(`${text}T00:00:00Z`);
    const count = 400;
    const dayOf = (at: number): number => (at < 300 ? 20 : at % 40);
    const store = await openAt(newPath(), {
      mergeVersions: 1,
      mergeChanges: 100_000,
      plans: { countedMax: 20, collectedMax: 20 },
    });
    t.teardown(() => store.close());
    await store.transact(
      Array.from({ length: count }, (_, at) => {
        const from = day(dayOf(at));
        const values = { date: from, dates: { when: [[from, day(dayOf(at) + 1)]] } } as const;
        return put('Basic', `r${at}`, { values });
      }),
    );
    for (let step = 0; step < 4; step++) await store.transact([]);
    for (const prefix of ['eq', 'ge', 'gt', 'le', 'lt', 'sa', 'eb', 'ap'] as const) {
      for (const [lo, hi] of [
        [ms(day(21)), ms(day(22))],
        [ms(day(20)) + 43_200_000, ms(day(20)) + 43_200_001],
      ] as const) {
        for (const descending of [false, true]) {
          const expected = Array.from({ length: count }, (_, at) => at)
            .filter((at) => rangeMatches(prefix, ms(day(dayOf(at))), ms(day(dayOf(at) + 1)), lo, hi))
            .sort((a, b) => (descending ? -1 : 1) * (dayOf(a) - dayOf(b) || a - b))
            .map((at) => `r${at}`);
          const where = {
            ...primary('Basic.when', prefix, day(0), day(0)),
            lo,
            hi,
            isSingle: true,
          } as Predicate;
          const { seen, examined } = await walkPages(
            store,
            query('Basic', where, { by: 'primary', descending }),
            10,
          );
          const told = JSON.stringify([prefix, lo, descending]);
          t.same(seen, expected, told);
          // what begins on the day before is not looked at
          if (prefix === 'ge' && lo === ms(day(21)))
            t.ok((examined[0] as number) < 60, `${told} ${examined}`);
        }
      }
    }
  },
);
