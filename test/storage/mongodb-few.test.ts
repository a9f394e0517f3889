/**
 * Searches on MongoDB that hardly anything matches, in whatever order: pages end, and what matches is found out once.
 */
import { MongoClient } from 'mongodb';
import t from 'tap';
import type { Predicate } from '../../src/search/query.ts';
import {
  all,
  by,
  keyOf,
  not,
  number,
  postingsOf,
  present,
  put,
  query,
  remove,
  term,
} from './contract/build.ts';
import { mongoFor } from './mongodb-server.ts';
import { idsOf, ORDERS, openWorld } from './mongodb-world.ts';

const server = await mongoFor(t);
if (server !== undefined) {
  t.test(
    'a page shows the versions that it was put in order by, and nothing deleted [search.moment]',
    async (t) => {
      const { store, destroy } = await openWorld(server, {});
      const valued = (at: number, value: number) =>
        put('Procedure', `v${at}`, {
          values: { numbers: { value: [['', value, value]] } },
          mark: `${value}`,
        });
      await store.transact(Array.from({ length: 40 }, (_, at) => valued(at, at)));
      const asked = query('Procedure', all(), {
        by: 'number',
        k: keyOf('Procedure.value'),
        descending: false,
      });
      let isOver = false;
      const write = async (): Promise<void> => {
        for (let at = 0; !isOver; at++) {
          const of = at % 40;
          await store.transact([
            at % 3 === 0 ? remove('Procedure', `v${of}`) : valued(of, (at * 37) % 1_000),
          ]);
        }
      };
      const writing = [write(), write()];
      for (let round = 0; round < 150; round++) {
        const { rows } = await store.search(asked, { limit: 30, total: 'none' });
        const shown = rows.map(({ json }) => Number((JSON.parse(json || '{}') as { note?: string }).note));
        const isSorted = shown.every((value, at) => at === 0 || value >= (shown[at - 1] as number));
        if (!isSorted) t.same(shown, [], `round ${round}`);
      }
      isOver = true;
      await Promise.all(writing);
      t.pass('every page was in order');
      await destroy();
    },
  );

  t.test('a page looks at so much of a list and ends, and the next one goes on there', async (t) => {
    const told: string[] = [];
    const { store, destroy } = await openWorld(
      server,
      { triedMs: 0, stepMax: 20, walkedMax: 60 },
      ({ name }) => {
        if (name === 'find') told.push(name);
      },
    );
    const rare = new Set([3, 150, 151, 290]);
    const observed = Array.from({ length: 300 }, (_, at) =>
      put('Procedure', `o${String(at).padStart(3, '0')}`, {
        values: {
          ...(at % 7 > 0 && { date: new Date(Date.UTC(2020, 0, at)).toISOString().slice(0, 10) }),
          codes: { status: [rare.has(at) ? 's|amended' : 's|final'] },
        },
      }),
    );
    await store.transact(observed);
    const asked = not(term('Procedure.status', 's|final'));
    for (const sort of [...ORDERS.primary, ...ORDERS.updated, ...ORDERS.id]) {
      const where = query('Procedure', asked, sort);
      const whole = await idsOf(store, query('Procedure', all(), sort));
      const expected = whole.filter((one) => rare.has(Number(one.slice(1))));
      const seen: string[] = [];
      let pages = 0;
      let most = 0;
      let after: string | undefined;
      do {
        told.length = 0;
        const page = await store.search(where, {
          limit: 50,
          total: 'none',
          ...(after !== undefined && { after }),
        });
        seen.push(...page.rows.map((row) => row.id));
        most = Math.max(most, told.length);
        after = page.next;
        pages++;
      } while (after !== undefined && pages < 50);
      const name = JSON.stringify(sort);
      t.same(seen, expected, `${name}: nothing is left out, nothing comes twice [search.exact]`);
      t.ok(pages >= 5 && pages <= 8, `${name}: ${pages} pages, none of which looks at all [search.bound]`);
      t.ok(most <= 12, `${name}: at most ${most} reads for a page`);
      t.same(await idsOf(store, where), expected, `${name}: whoever writes needs all, whatever it takes`);
    }
    const counted = await store.search(query('Procedure', asked), { limit: 2, total: 'accurate' });
    t.same(counted.total, { value: rare.size, exact: true }, 'a page that ends early knows the total');
    await destroy();
  });

  t.test('what hardly anything has is found out once, for every order and all pages', async (t) => {
    const told: string[] = [];
    const limits = { triedMs: 0, stepMax: 20, sortedMax: 0, surveyedMax: 1 };
    const { store, destroy } = await openWorld(server, limits, ({ name }) => told.push(name));
    const rare = new Set([3, 150, 151, 152, 290]);
    const procedure = (at: number, isFinal = !rare.has(at)) =>
      put('Procedure', `o${String(at).padStart(3, '0')}`, {
        values: {
          ...(at % 7 > 0 && { date: new Date(Date.UTC(2020, 0, at)).toISOString().slice(0, 10) }),
          codes: {
            status: [isFinal ? 's|final' : 's|amended'],
            ...(isFinal && { code: ['c|a', `c|${at}`] }),
          },
          texts: { note: [`n${at % 10}`] },
          numbers: { value: [['', isFinal ? 5 : at, isFinal ? 6 : at + 1]] },
        },
      });
    await store.transact(Array.from({ length: 300 }, (_, at) => procedure(at)));
    const note = by('Procedure.note', 'text');
    const rareOnes: readonly (readonly [string, Predicate])[] = [
      ['without the value', not(term('Procedure.status', 's|final'))],
      ['without any value', not(present('Procedure.code'))],
      ['with another value', number('Procedure.value', 'ne', 5, 6)],
      ['of two lists', all(term('Procedure.status', 's|final'), not(term('Procedure.code', 'c|a')))],
    ];
    const orders = [
      [],
      ...Object.values(ORDERS)
        .flat()
        .map((one) => [one]),
      [note, by('Procedure.value', 'number')],
    ];
    for (const [name, where] of rareOnes) {
      for (const sort of orders) {
        const asked = query('Procedure', where, ...sort);
        const expected = await idsOf(store, asked);
        const seen: (readonly string[])[] = [];
        for (let after: string | undefined; ; ) {
          told.length = 0;
          const page = await store.search(asked, {
            limit: 2,
            total: 'none',
            ...(after !== undefined && { after }),
          });
          seen.push(page.rows.map(({ id }) => id));
          after = page.next;
          if (after === undefined) break;
          if (seen.length > 1) t.ok(told.length <= 8, `${name}: ${told.length} commands for a next page`);
        }
        const pages = Array.from({ length: Math.ceil(expected.length / 2) }, (_, at) =>
          expected.slice(2 * at, 2 * at + 2),
        );
        t.same(
          seen,
          pages.length === 0 ? [[]] : pages,
          `${name} by ${JSON.stringify(sort)}: full pages [search.exact]`,
        );
      }
    }
    const whole = await store.explain(query('Procedure', all()), { limit: 9, total: 'none' });
    t.equal(whole.steps.length, 2, 'of all there is no few are looked for: an edge, and what is before it');
    const known = query('Procedure', rareOnes[0]![1], note);
    const { steps } = await store.explain(known, { limit: 9, total: 'none' });
    t.ok(steps.length <= 4, 'what was found out is used in another order, and by who explains it');
    await destroy();
  });

  t.test('what was found out follows what is written', async (t) => {
    const told: string[] = [];
    const limits = { triedMs: 0, stepMax: 20, sortedMax: 0, surveyedMax: 1, changedMax: 50 };
    const { store, wait, destroy } = await openWorld(server, limits, ({ name }) => told.push(name));
    const write = (at: number, code: string) =>
      put('Procedure', `o${String(at).padStart(3, '0')}`, { values: { codes: { status: [code] } } });
    await store.transact(
      Array.from({ length: 100 }, (_, at) => write(at, at === 7 ? 's|amended' : 's|final')),
    );
    const asked = query('Procedure', not(term('Procedure.status', 's|final')), ORDERS.id[0]!);
    const page = async (after?: string) => {
      const { rows, next } = await store.search(asked, {
        limit: 1,
        total: 'none',
        ...(after !== undefined && { after }),
      });
      return { ids: rows.map(({ id }) => id).join(), next };
    };
    // a write that began a while ago may still come
    wait(200_000);
    t.equal((await page()).ids, 'o007');
    told.length = 0;
    t.equal((await page()).ids, 'o007');
    t.ok(told.length <= 8, `${told.length} commands when it is known`);
    await store.transact([write(5, 's|amended'), write(7, 's|final'), write(9, 's|amended')]);
    const first = await page();
    t.equal(first.ids, 'o005', 'one that matches now, and not the one that no longer does');
    await store.transact([write(9, 's|final'), write(8, 's|amended')]);
    const second = await page(first.next);
    t.equal(second.ids, 'o009', 'the next page is of the same moment');
    t.equal(second.next, undefined);
    t.equal((await page()).ids, 'o005');
    const third = await page((await page()).next);
    t.equal(third.ids, 'o008', 'a new search sees what there is');
    const postings = postingsOf('Procedure', { codes: { status: ['s|amended'] } });
    await store.reindex([{ type: 'Procedure', id: 'o001', versionId: '1', postings }]);
    t.equal((await page()).ids, 'o001', 'so it does when a version is indexed otherwise');
    await store.transact(
      Array.from({ length: 60 }, (_, at) => write(20 + at, at === 40 ? 's|amended' : 's|final')),
    );
    const last = await idsOf(store, asked);
    t.same(last, ['o001', 'o005', 'o008', 'o060']);
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const next = await page(after);
      seen.push(next.ids);
      after = next.next;
      if (after === undefined) break;
    }
    t.same(seen, last, 'also when more was written than is looked through');
    await destroy();
  });

  t.test('a read that takes too long is repeated in steps', async (t) => {
    if (server.process === undefined) return;
    const { store, destroy } = await openWorld(server, { stepMax: 3 });
    const admin = new MongoClient(server.url);
    t.teardown(() => admin.close());
    const asked = query('Observation', not(term('Observation.status', 's|final')));
    const expected = await idsOf(store, asked);
    const data = { failCommands: ['find'], errorCode: 50 };
    await admin.db('admin').command({ configureFailPoint: 'failCommand', mode: { times: 1 }, data });
    const { returned, steps } = await store.explain(asked, { limit: 1_000, total: 'none' });
    t.equal(returned, expected.length);
    t.ok(steps.length > 3, `${steps.length} reads`);
    await destroy();
  });
}
