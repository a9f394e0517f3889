/**
 * Numbers in whatever unit on the SQLite engine: what is above or below a value is found, in every order, without
 * reading what is not, however many units there are.
 */
import t from 'tap';
import type { Predicate, RangePrefix, SearchQuery, SortKey } from '../../src/search/query.ts';
import { rangeMatches } from '../../src/search/ranges.ts';
import type { PlanLimits } from '../../src/storage/sqlite/plan-limits.ts';
import type { Store } from '../../src/storage/store.ts';
import { all, any, by, code, number, put, query, type Values } from './contract/build.ts';
import { exactly, sqliteFiles, walkPages } from './sqlite-files.ts';

const { newPath, openAt } = await sqliteFiles(t);

const PREFIXES: readonly RangePrefix[] = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'sa', 'eb', 'ap'];

type Interval = readonly [lo: number, hi: number];

const dayOf = (at: number): string => new Date(Date.UTC(2020, 0, 1 + (at % 90))).toISOString().slice(0, 10);

/** Of one unit in six, of many others, or of one that nothing else has. */
function unitOf(at: number, units: number): string {
  if (at === 17) return 'odd';
  return at % 6 === 0 ? 'u0' : `u${(at * 31) % units}`;
}

/** One value, sometimes in two units; now and then a range, an open one, or none. */
function intervalsOf(at: number): readonly Interval[] {
  if (at % 13 === 5) return [];
  const value = ((at * 7919) % 401) / 2 - 20;
  if (at % 29 === 3) return [[value, value + 40]];
  if (at % 31 === 4) return [[-1e9, value]];
  return [exactly(value)];
}

function valuesOf(at: number, units: number): Values {
  const [unit, other] = [unitOf(at, units), `u${(at * 17) % units}`];
  const of = (intervals: readonly Interval[], ...names: string[]) =>
    intervals.flatMap(([lo, hi]) => names.map((name) => [name, lo, hi] as const));
  return {
    date: dayOf(at),
    codes: { code: [`s|${at % 3}`] },
    numbers: {
      measure: of(intervalsOf(at), unit, ...(at % 2 === 0 ? [other] : [])),
      several: of([...intervalsOf(at), ...intervalsOf(at + 1)], unit),
    },
  };
}

const severalOf = (at: number): readonly Interval[] => [...intervalsOf(at), ...intervalsOf(at + 1)];

interface Asked {
  readonly param: 'measure' | 'several';
  readonly conditions: readonly (readonly [RangePrefix, number])[];
  readonly isAny: boolean;
  readonly isCoded: boolean;
  readonly order: 'natural' | 'ascending' | 'descending';
}

function queryOf({ param, conditions, isAny, isCoded, order }: Asked): SearchQuery {
  const numbers = conditions.map(([prefix, value]) => ({
    ...number(`Basic.${param}`, prefix, ...asRange(prefix, value)),
    ...(param === 'measure' && { isSingle: true }),
  })) as Predicate[];
  const parts: Predicate[] = [isAny ? any(...numbers) : all(...numbers)];
  if (isCoded) parts.push(code('Basic.code', '1'));
  const key = { ...by(`Basic.${param}`, 'number'), descending: order === 'descending' };
  const sort: SortKey = param === 'measure' ? ({ ...key, isSingle: true } as SortKey) : key;
  return query('Basic', all(...parts), ...(order === 'natural' ? [] : [sort]));
}

function asRange(prefix: RangePrefix, value: number): Interval {
  if (prefix === 'ap') return [value * 0.9, value * 1.1];
  return prefix === 'eq' || prefix === 'ne' ? [value - 0.5, value + 0.5] : exactly(value);
}

/** What is expected, in order. */
function expectedOf({ param, conditions, isAny, isCoded, order }: Asked, count: number): string[] {
  const found: { readonly at: number; readonly place: number; readonly day: string }[] = [];
  for (let at = 0; at < count; at++) {
    if (isCoded && at % 3 !== 1) continue;
    const intervals = param === 'measure' ? intervalsOf(at) : severalOf(at);
    const holds = ([prefix, value]: readonly [RangePrefix, number]): boolean =>
      intervals.some(([lo, hi]) => rangeMatches(prefix, lo, hi, ...asRange(prefix, value)));
    if (!(isAny ? conditions.some(holds) : conditions.every(holds))) continue;
    const starts = intervals.map(([lo]) => lo);
    found.push({
      at,
      place: order === 'descending' ? -Math.max(...starts) : Math.min(...starts),
      day: dayOf(at),
    });
  }
  if (order === 'natural') found.sort((a, b) => (a.day < b.day ? 1 : a.day > b.day ? -1 : b.at - a.at));
  else found.sort((a, b) => a.place - b.place || (order === 'descending' ? b.at - a.at : a.at - b.at));
  return found.map(({ at }) => `r${at}`);
}

async function storeOf(count: number, units: number, plans: Partial<PlanLimits>): Promise<Store> {
  const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000, plans });
  for (let from = 0; from < count; from += 500) {
    const some = Array.from({ length: Math.min(500, count - from) }, (_, at) =>
      put('Basic', `r${from + at}`, { values: valuesOf(from + at, units) }),
    );
    await store.transact(some);
  }
  for (let step = 0; step < 4; step++) await store.transact([]);
  return store;
}

t.test('what is asked of numbers in any unit is found in every order, whatever the plan', async (t) => {
  const tight = {
    countedMax: 2,
    collectedMax: -1,
    fewRows: 1,
    listsMax: 3,
    unitedMax: 1,
    triedFirst: 1,
    chunkMin: 1,
    chunkMax: 8,
  };
  const tables: readonly (readonly [number, Partial<PlanLimits>])[] = [
    [4, {}],
    [150, { countedMax: 20, collectedMax: 10 }],
    [150, tight],
    // more lists than are looked into
    [150, { ...tight, sizesMax: 20 }],
  ];
  for (const [units, plans] of tables) {
    const count = 300;
    const store = await storeOf(count, units, plans);
    const conditions: (readonly (readonly [RangePrefix, number])[])[] = [
      ...PREFIXES.map((prefix) => [[prefix, 100] as const]),
      [
        ['gt', 150],
        ['lt', 10],
      ],
      [
        ['gt', 60],
        ['lt', 70],
      ],
      [
        ['gt', 70],
        ['lt', 60],
      ],
      [['gt', 500]],
    ];
    for (const of of conditions) {
      for (const param of ['measure', 'several'] as const) {
        for (const order of ['natural', 'ascending', 'descending'] as const) {
          for (const isAny of of.length > 1 ? [false, true] : [false]) {
            const asked = {
              param,
              conditions: of,
              isAny,
              isCoded: order !== 'natural' && of[0]?.[0] === 'gt',
              order,
            };
            const expected = expectedOf(asked, count);
            const { seen } = await walkPages(store, queryOf(asked), 17);
            t.same(seen, expected, JSON.stringify([units, plans, asked]));
          }
        }
      }
    }
    await store.close();
  }
});

t.test('what a page of them looks at does not grow, with few units or hundreds', async (t) => {
  const plans = { countedMax: 100, collectedMax: 100 };
  for (const units of [5, 300]) {
    const looked: number[][] = [];
    const questions: SearchQuery[] = [];
    for (const param of ['measure', 'several'] as const) {
      for (const prefix of [...PREFIXES, 'between'] as const) {
        const conditions =
          prefix === 'between'
            ? ([
                ['gt', 150],
                ['lt', 156],
              ] as const)
            : ([[prefix, 150]] as const);
        for (const order of ['natural', 'ascending', 'descending'] as const) {
          // of several values any may be the place: that order is read from its begin
          if (param === 'several' && (order !== 'natural' || prefix === 'between')) continue;
          const one = { param, conditions, isAny: false, order };
          questions.push(queryOf({ ...one, isCoded: false }), queryOf({ ...one, isCoded: true }));
        }
      }
    }
    const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000, plans });
    for (let size = 0; size < 2; size++) {
      const count = 1_500 * 8 ** size;
      for (let from = 0; from < count; from += 500) {
        await store.transact(
          Array.from({ length: 500 }, (_, index) => {
            const at = from + index;
            // seven of eight come later and are small
            const { date, ...values } = valuesOf(at % 29 === 3 || at % 31 === 4 ? at + 1 : at, units);
            const numbers = {
              measure: [['u0', ...exactly(at % 50)]],
              several: [['u0', ...exactly(at % 50)]],
            } as const;
            return put('Basic', `g${size}-${at}`, {
              values: at < 1_500 ? { ...values, date } : { ...values, date: '2024-05-05', numbers },
            });
          }),
        );
      }
      for (let step = 0; step < 6; step++) await store.transact([]);
      const rows: number[] = [];
      for (const one of questions) {
        const page = { limit: 10, total: 'none' } as const;
        const { examined } = await store.explain(one, page);
        const { next } = await store.search(one, page);
        const far = next && (await store.explain(one, { ...page, after: next })).examined;
        rows.push(Math.max(examined as number, (far as number | undefined) ?? 0));
      }
      looked.push(rows);
    }
    await store.close();
    const [small, large] = looked as [number[], number[]];
    for (const [index, one] of questions.entries()) {
      const [before, after] = [small[index] ?? 0, large[index] ?? 0];
      t.ok(after <= Math.max(3 * before, 250), JSON.stringify([units, one, before, after]));
    }
  }
});

t.test('totals read the values from where they begin to hold, where none are ranges', async (t) => {
  const plans = { countedMax: 1, collectedMax: -1, probedMax: -1, listsMax: 1, sizesMax: 1 };
  const asked: readonly Interval[] = [exactly(20), [19.5, 20.5], [18, 22]];
  for (const areRanges of [false, true]) {
    const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000, plans });
    const held = Array.from(
      { length: 120 },
      (_, at): Interval => (areRanges && at % 7 === 0 ? [at - 30, at + 30] : exactly(at / 2 - 10)),
    );
    await store.transact(
      held.map((interval, at) =>
        put('Basic', `r${at}`, { values: { numbers: { measure: [[`u${at % 2}`, ...interval]] } } }),
      ),
    );
    for (let step = 0; step < 4; step++) await store.transact([]);
    for (const prefix of [...PREFIXES, 'co'] as const) {
      for (const range of asked) {
        const wanted = query('Basic', number('Basic.measure', prefix, ...range));
        const { total, steps } = await store.explain(wanted, { limit: 0, total: 'accurate' });
        const holds = ([lo, hi]: Interval): boolean => rangeMatches(prefix, lo, hi, ...range);
        const name = `${prefix} ${range}, ${areRanges ? 'some are ranges' : 'none are'}`;
        t.same(total, { value: held.filter(holds).length, exact: true }, `${name} [search.total]`);
        if (prefix !== 'gt' && prefix !== 'ge') continue;
        const read = steps.filter(({ statement }) => statement.includes('group_concat'));
        const isFromStart = read.every(({ plan }) => plan.join().includes('lo>?'));
        t.same([read.length, isFromStart], [1, !areRanges], `${name}, what is read`);
      }
    }
    await store.close();
  }
});
