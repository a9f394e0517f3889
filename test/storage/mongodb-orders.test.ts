/**
 * Orders that no index of MongoDB has, such as by references: put together once, kept and followed.
 */
import fc from 'fast-check';
import t from 'tap';
import type { SortKey } from '../../src/search/query.ts';
import type { ExplainedCommand } from '../../src/storage/mongodb/explain.ts';
import { createOrder, type Place, type SortValue } from '../../src/storage/mongodb/order.ts';
import { collectPlaces, type KeyAt } from '../../src/storage/mongodb/ordered-places.ts';
import { packTexts } from '../../src/storage/mongodb/packed-texts.ts';
import { decodePosition } from '../../src/storage/mongodb/page-position.ts';
import { sortInTurns } from '../../src/storage/mongodb/sort-in-turns.ts';
import type { Store, WriteCommand } from '../../src/storage/store.ts';
import { all, byMark, chain, not, put, query, remove, term } from './contract/build.ts';
import { mongoFor } from './mongodb-server.ts';
import { idsOf, ORDERS, openWorld } from './mongodb-world.ts';
import { seededBelow } from './sqlite-files.ts';

const uuid = fc.uuid();
const anyText = fc.oneof(uuid, fc.string({ unit: 'grapheme' }), fc.string({ maxLength: 3 }));

t.test('packed texts come back as they were, and are compared by code points', (t) => {
  fc.assert(
    fc.property(fc.array(anyText, { minLength: 2 }), fc.boolean(), (texts, shortens) => {
      const packed = packTexts(shortens);
      for (const text of texts) packed.add(text);
      t.same(
        texts.map((_, at) => packed.at(at)),
        texts.map((text) => text.toWellFormed()),
      );
      if (shortens) return;
      const [a, b] = texts.map((text) => Buffer.from(text)) as [Buffer, Buffer];
      t.equal(packed.compare(0, 1), Buffer.compare(a, b));
    }),
  );
  t.end();
});

t.test('what is sorted in turns is in order, whatever its size', async (t) => {
  for (const size of [0, 1, 2_047, 2_048, 2_049, 50_000]) {
    const values = Array.from({ length: size }, (_, at) => (at * 7_919) % 1_009);
    const found = await sortInTurns(size, (a, b) => (values[a] as number) - (values[b] as number) || a - b);
    const expected = values.map((_, at) => at).sort((a, b) => values[a]! - values[b]! || a - b);
    t.same([...found], expected, `${size}`);
  }
});

const GATHERED = byMark(false, 'Basic');
const KEYS: readonly (readonly [SortKey, fc.Arbitrary<SortValue>])[] = [
  [GATHERED, fc.option(fc.constantFrom('a', 'b', 'é', '\u{1f600}', '\uffff', 'Patient/p1'))],
  [
    { by: 'number', k: 1, descending: true },
    fc.option(fc.constantFrom(0, -1, 2.5, Number.POSITIVE_INFINITY)),
  ],
  [{ by: 'primary', descending: false }, fc.option(fc.integer())],
  [{ by: 'updated', descending: true }, fc.bigInt({ min: 0n, max: 3n })],
  [{ by: 'id', descending: false }, fc.string({ maxLength: 2 })],
];

t.test('packed places are in the order of places, also where they follow what is written', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([...KEYS], { minLength: 1 }),
      fc.boolean(),
      fc.infiniteStream(fc.nat()),
      async (keys, descending, numbers) => {
        const next = (): number => numbers.next().value as number;
        const order = createOrder(
          keys.map(([key], at) => (at === 0 ? { ...key, descending } : key)),
          () => new Map(),
        );
        const placed = (index: number): KeyAt => ({
          key: `${index % 3 === 0 ? 'Patient' : 'Group'}/${index}`,
          place: {
            values: keys.map(([, values]) => fc.sample(values, { numRuns: 1, seed: next() })[0] as SortValue),
            created: BigInt(index),
          },
        });
        const known = new Map(Array.from({ length: 20 }, (_, at) => [`${at}`, placed(at)]));
        const collector = collectPlaces(order);
        for (const { key, place } of known.values()) collector.add(key, place);
        let places = await collector.inOrder();
        for (let round = 0; round < 3; round++) {
          const inOrder = [...known.values()].sort((a, b) => order.compare(a.place, b.place));
          t.same(
            [...places.keysAfter(undefined)],
            inOrder.map(({ key }) => key),
          );
          const after = inOrder[next() % Math.max(1, inOrder.length)]?.place as Place;
          t.same(
            [...places.keysAfter(after)],
            inOrder.filter(({ place }) => order.compare(place, after) > 0).map(({ key }) => key),
          );
          const moved = [next() % 25, next() % 25];
          for (const index of moved) {
            if (next() % 2 === 0) known.delete(`${index}`);
            else known.set(`${index}`, placed(index));
          }
          const keysOf = moved.map((index) => placed(index).key);
          const again = [...new Set(moved)].flatMap((index) => known.get(`${index}`) ?? []);
          places = places.follow(keysOf, again);
        }
      },
    ),
    { numRuns: 30 },
  );
});

t.test('a place takes some 40 bytes', async (t) => {
  const order = createOrder([GATHERED], () => new Map());
  const collector = collectPlaces(order);
  const count = 10_000;
  for (let at = 0; at < count; at++) {
    const key = `Patient/${String(at).padStart(8, '0')}-0000-4000-8000-000000000000`;
    collector.add(key, { values: [`Group/${at % 100}`], created: BigInt(at) });
  }
  const { bytes } = await collector.inOrder();
  t.ok(bytes / count < 60, `${bytes / count} bytes`);
});

const server = await mongoFor(t);
if (server !== undefined) {
  const always = { surveyedMax: 1, sortedMax: 1 };
  const marked = (id: string, mark: string, status = 's|final'): WriteCommand =>
    put('Basic', id, { values: { codes: { status: [status] } }, mark });

  t.test('an order that no index has is refused when more match than there is memory for', async (t) => {
    const rows = Array.from({ length: 3_000 }, (_, at) => marked(`b${at}`, `m${(at * 7) % 1_000}`));
    const page = { limit: 5, total: 'none' } as const;
    for (const [bytes, isEnough] of [
      [3_000 * 100, true],
      [3_000 * 10, false],
    ] as const) {
      const { store, destroy } = await openWorld(server, always, undefined, { ordersBytesMax: bytes });
      await store.transact(rows.slice(0, 1_500));
      await store.transact(rows.slice(1_500));
      const asked = store.search(query('Basic', all(), GATHERED), page);
      if (isEnough) t.equal((await asked).rows.length, 5);
      else {
        const refused = { name: 'FhirError', issues: [{ key: 'too-costly' }] };
        await t.rejects(asked, refused, 'refused [search.bound]');
      }
      await destroy();
    }
    const late = await openWorld(server, { ...always, triedMs: 0, fewMax: 0, refusedMs: 0 });
    const notFinal = not(term('Observation.status', '|final'));
    await t.rejects(
      late.store.search(query('Observation', notFinal, ORDERS.text[0]!), page),
      { name: 'FhirError', issues: [{ key: 'too-costly' }] },
      'so is a walk that takes too long in all [search.bound]',
    );
    await late.destroy();
  });

  t.test('it is put in order to the end, also when nobody waits any more', async (t) => {
    const told: string[] = [];
    const limits = { ...always, refusedMs: 1 };
    const { store, destroy } = await openWorld(server, limits, ({ name }) => told.push(name));
    await store.transact(Array.from({ length: 2_500 }, (_, at) => marked(`b${at}`, `m${at % 9}`)));
    const reads = (): number => told.filter((name) => name === 'getMore').length;
    told.length = 0;
    const asked = query('Basic', all(), GATHERED);
    const ask = (): Promise<unknown> => store.search(asked, { limit: 5, total: 'none' });
    const refused = { name: 'FhirError', issues: [{ key: 'too-costly' }] };
    await t.rejects(ask(), refused, 'what takes longer than a page may is refused [search.bound]');
    for (let wait = 0; wait < 5_000 && reads() < 2; wait++) await store.read('Basic', 'b0');
    t.equal(reads(), 2, '2,500 resources, a thousand at a time');
    await destroy();
  });

  t.test('an order that no list is in is put together once, and follows what is written', async (t) => {
    const { store, destroy } = await openWorld(server, always);
    const asked = query('Observation', all(), byMark(true));
    const page = { limit: 2, total: 'none' } as const;
    const readsAll = async (after?: string): Promise<boolean> => {
      const { steps } = await store.explain(asked, { ...page, ...(after !== undefined && { after }) });
      return steps.some(({ statement }) => /^find res \{"filter":\{"l":"Observation"\}/.test(statement));
    };
    t.equal(await readsAll(), true);
    const first = await store.search(asked, page);
    t.equal(await readsAll(first.next), false, 'the next page reads what it shows');
    t.equal(await readsAll(), false, 'and so does a new first one');
    await store.transact([put('Observation', 'last', { mark: '\u{10ffff}' })]);
    t.equal((await store.search(asked, page)).rows[0]?.id, 'last', 'what is written since is at its place');
    t.equal(await readsAll(), false);
    const { rows } = await store.search(asked, { ...page, limit: 100, after: first.next as string });
    t.equal(
      rows.some(({ id }) => id === 'last'),
      false,
      'not on pages of before',
    );
    await destroy();
  });

  t.test('of many who ask at once one puts it in order', async (t) => {
    const told: string[] = [];
    const { store, destroy } = await openWorld(server, always, ({ name }) => told.push(name));
    await store.transact(Array.from({ length: 2_500 }, (_, at) => marked(`b${at}`, `m${at % 9}`)));
    told.length = 0;
    const asked = query('Basic', all(), GATHERED);
    const pages = await Promise.all(
      Array.from({ length: 20 }, () => store.search(asked, { limit: 3, total: 'none' })),
    );
    t.equal(new Set(pages.map(({ rows }) => rows.map(({ id }) => id).join())).size, 1);
    const more = told.filter((name) => name === 'getMore').length;
    t.equal(more, 2, '2,500 resources are read once, a thousand at a time');
    await destroy();
  });

  t.test('behind a chain to many the order is read along, not made for it', async (t) => {
    const { store, destroy } = await openWorld(server, { ...always, joinedMax: 1, batchMax: 5 });
    const people = Array.from({ length: 30 }, (_, at) =>
      put('Person', `p${at}`, { values: { codes: { gender: [at % 3 > 0 ? 'g|female' : 'g|male'] } } }),
    );
    const visits = Array.from({ length: 60 }, (_, at) =>
      put('Procedure', `v${at}`, {
        values: { terms: { subject: [`Person/p${at % 30}`] } },
        mark: `m${(at * 7) % 60}`,
      }),
    );
    await store.transact(people);
    await store.transact(visits);
    const women = chain('Procedure.subject', 'Person', term('Person.gender', 'g|female'));
    const asked = query('Procedure', women, byMark(false, 'Procedure'));
    const expected = await idsOf(store, asked);
    t.equal(expected.length, 40);
    t.same(await walk([store], asked, 7), expected);
    await store.transact([put('Person', 'p1', { values: { codes: { gender: ['g|male'] } } })]);
    t.same(await walk([store], asked, 7), await idsOf(store, asked), 'what a chain leads to may change');
    await destroy();
  });

  t.test('two servers of a database page through one order, whatever is written meanwhile', async (t) => {
    const below = seededBelow(t);
    for (const more of [{}, { followedMin: 3, followedMax: 12 }, { followedMin: 1, changedMax: 30 }]) {
      const { store, openAnother, wait, destroy } = await openWorld(server, { ...always, ...more });
      let stores: readonly Store[] = [store, await openAnother()];
      const write = async (count: number): Promise<void> => {
        const commands = new Map<string, WriteCommand>();
        for (let at = 0; at < count; at++) {
          const id = `b${below(90)}`;
          const mark = below(5) === 0 ? '' : `m${below(20)}`;
          const status = below(3) === 0 ? 's|amended' : 's|final';
          commands.set(id, below(5) === 0 ? remove('Basic', id) : marked(id, mark, status));
        }
        await stores[below(2)]!.transact([...commands.values()]);
      };
      await write(120);
      for (let round = 0; round < 12; round++) {
        const where = below(2) === 0 ? all() : term('Basic.status', 's|amended');
        const asked = query('Basic', where, byMark(below(2) === 0, 'Basic'));
        const expected = await idsOf(stores[below(2)]!, asked);
        const seen: string[] = [];
        let after: string | undefined;
        let written = 0;
        do {
          const page = await stores[below(2)]!.search(asked, {
            limit: 1 + below(12),
            total: 'none',
            ...(after !== undefined && { after }),
          });
          seen.push(...page.rows.map(({ id }) => id));
          after = page.next;
          // past so many changes pages show the present
          const count = 1 + below(4);
          if (below(2) === 0 && written + count < 20) {
            await write(count);
            written += count;
          }
          if (below(6) === 0) wait(below(2) === 0 ? 1_000 : 200_000);
          if (below(15) === 0) stores = [stores[0]!, await openAnother()];
        } while (after !== undefined);
        t.same(seen, expected, `${JSON.stringify(more)}, round ${round}, ${written} written meanwhile`);
      }
      await destroy();
    }
  });

  t.test('a page of before looks at all that was written since then', async (t) => {
    const { store, openAnother, wait, destroy } = await openWorld(server, always);
    await store.transact(Array.from({ length: 20 }, (_, at) => marked(`b${at}`, `m${at}`)));
    const asked = query('Basic', all(), GATHERED);
    const page = { limit: 3, total: 'none' } as const;
    const { next: after = '' } = await store.search(asked, page);
    await store.transact([marked('b15', '')]);
    wait(200_000);
    const later = await openAnother();
    await later.search(asked, page);
    // a server that reads at that moment finds the old version at its new place
    const { commands } = await later.explain(asked, { ...page, after });
    const since = (commands as readonly ExplainedCommand[]).flatMap(
      ({ filter }) => (filter as { c?: { $gte?: bigint } }).c?.$gte ?? [],
    );
    t.ok(since.length > 0);
    const { latest } = decodePosition(after);
    t.ok(
      since.every((position) => position <= latest),
      'from the moment of the page on, not from when the order was made',
    );
    await destroy();
  });

  t.test('after a restart a walk goes on where it was', async (t) => {
    const { store, openAnother, destroy } = await openWorld(server, always);
    await store.transact(Array.from({ length: 300 }, (_, at) => marked(`b${at}`, `m${(at * 7) % 300}`)));
    const asked = query('Basic', all(), GATHERED);
    const first = await store.search(asked, { limit: 100, total: 'none' });
    await store.close();
    const again = await openAnother();
    const rest = await again.search(asked, { limit: 300, total: 'none', after: first.next as string });
    const seen = [...first.rows, ...rest.rows].map(({ id }) => id);
    t.same(seen, await idsOf(again, asked));
    await destroy();
  });
}

/** Its pages, each of one of the stores. */
async function walk(
  stores: readonly Store[],
  asked: Parameters<Store['search']>[0],
  limit: number,
): Promise<string[]> {
  const seen: string[] = [];
  let after: string | undefined;
  for (let at = 0; ; at++) {
    const store = stores[at % stores.length] as Store;
    const page = await store.search(asked, { limit, total: 'none', ...(after !== undefined && { after }) });
    seen.push(...page.rows.map(({ id }) => id));
    after = page.next;
    if (after === undefined) return seen;
  }
}
