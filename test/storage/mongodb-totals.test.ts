/**
 * Totals on MongoDB: counted in the index where it tells, along the far side of a chain, and once.
 */
import { MongoClient } from 'mongodb';
import t from 'tap';
import type { SearchQuery } from '../../src/search/query.ts';
import type { ExplainedCommand } from '../../src/storage/mongodb/explain.ts';
import { manyKey } from '../../src/storage/mongodb/index-keys.ts';
import { openMongoStore } from '../../src/storage/mongodb/open-mongo-store.ts';
import type { Store, WriteCommand } from '../../src/storage/store.ts';
import { all, chain, has, keyOf, not, present, put, query, remove, term } from './contract/build.ts';
import { freshDatabase, mongoFor } from './mongodb-server.ts';
import { openWorld } from './mongodb-world.ts';

const server = await mongoFor(t);
if (server !== undefined) {
  t.test('a total over a chain walks the far side, and counts once what leads there twice', async (t) => {
    const told: string[] = [];
    const limits = { joinedMax: 10, surveyedMax: 20, sortedMax: 10 };
    const { store, destroy } = await openWorld(server, limits, ({ name }) => told.push(name));
    const isFemale = (at: number): boolean => at % 3 > 0;
    const count = 450;
    const people = Array.from({ length: count }, (_, at) =>
      put('Person', `p${at}`, { values: { codes: { gender: [isFemale(at) ? 'g|female' : 'g|male'] } } }),
    );
    const visits = Array.from({ length: 2 * count }, (_, at) =>
      put('Procedure', `v${at}`, {
        values: {
          terms: { subject: [`Person/p${at % count}`, `Person/p${(at + 1) % count}`] },
          codes: { status: [at % 2 === 0 ? 's|final' : 's|amended'] },
        },
      }),
    );
    await store.transact(people);
    await store.transact(visits);
    const female = term('Person.gender', 'g|female');
    const toWomen = chain('Procedure.subject', 'Person', female);
    const leads = (at: number): boolean => isFemale(at % count) || isFemale((at + 1) % count);
    const all900 = Array.from({ length: 2 * count }, (_, at) => at).filter(leads);
    const final = term('Procedure.status', 's|final');
    for (const [name, asked, value] of [
      ['a chain', query('Procedure', toWomen), all900.length],
      [
        'a chain and a term',
        query('Procedure', all(toWomen, final)),
        all900.filter((at) => at % 2 === 0).length,
      ],
      ['a reverse chain', query('Person', has('Procedure.subject', final)), count],
    ] as const) {
      told.length = 0;
      const page = await store.search(asked, { limit: 0, total: 'accurate' });
      t.same(page.total, { value, exact: true }, `${name} [search.total]`);
      t.ok(told.length <= 14, `${name}: ${told.length} commands: ${told.join(' ')}`);
    }
    await destroy();
  });

  t.test(
    'a total is counted once, and anew when something that it could depend on was written',
    async (t) => {
      const database = freshDatabase(server);
      const told: string[] = [];
      const open = async (): Promise<Store> =>
        await openMongoStore({
          url: server.url,
          database: database.name,
          onCommand: ({ name }) => void told.push(name),
        });
      const store = await open();
      const other = await open();
      const client = new MongoClient(server.url, { useBigInt64: true });
      t.teardown(async () => {
        await client.close();
        await store.close();
        await other.close();
        await database.drop();
      });
      const person = (id: string, gender = 'g|female') =>
        put('Patient', id, { values: { codes: { gender: [gender] } } });
      const result = (id: string, person: string) =>
        put('Observation', id, { values: { terms: { subject: [`Patient/${person}`] } } });
      await store.transact(['a', 'b', 'c', 'd', 'e'].map((id) => person(id)));
      await store.transact(['a', 'b', 'c', 'd'].map((id) => result(id, id)));
      const women = query('Patient', term('Patient.gender', 'g|female'));
      const others = query('Patient', not(term('Patient.gender', 'g|female')));
      const missing = query('Patient', not(present('Patient.gender')));
      const ofWomen = query(
        'Observation',
        chain('Observation.subject', 'Patient', term('Patient.gender', 'g|female')),
      );
      const isCounted = (): boolean => told.some((name) => name === 'count' || name === 'aggregate');
      const totalOf = async (asked: SearchQuery): Promise<string> => {
        await store.search(asked, { limit: 2, total: 'none' });
        told.length = 0;
        const page = await store.search(asked, { limit: 2, total: 'accurate' });
        if (page.total?.exact !== true) throw new Error('not exact');
        return `${page.total.value}${isCounted() ? ' counted' : ''}`;
      };
      t.equal(await totalOf(women), '5 counted');
      t.equal(await totalOf(women), '5');
      t.equal(await totalOf(ofWomen), '4 counted');
      t.equal(await totalOf(ofWomen), '4');

      const first = await store.search(women, { limit: 2, total: 'accurate' });
      told.length = 0;
      const next = await store.search(women, { limit: 2, total: 'accurate', after: first.next as string });
      t.same(next.total, { value: 5, exact: true }, 'a later page shows the total of the first');
      t.notOk(isCounted());

      await other.transact([result('e', 'e')]);
      t.equal(await totalOf(women), '5', 'another type was written');
      t.equal(await totalOf(ofWomen), '5 counted', 'the type itself');
      await other.transact([person('a', 'g|male'), person('f')]);
      t.equal(await totalOf(ofWomen), '4 counted', 'the far side');
      t.equal(await totalOf(women), '5 counted');
      await other.transact([remove('Patient', 'f')]);
      t.equal(await totalOf(women), '4 counted');
      t.equal(await totalOf(women), '4');

      // as by a writer that took its position before the others, and was slower
      const res = client.db(database.name).collection<{ _id: string; c: bigint }>('res');
      const b = await res.findOne({ _id: 'Patient/b' });
      await res.insertOne({ ...b!, _id: 'Patient/late', c: b!.c - 1n });
      t.equal(await totalOf(women), '5 counted', 'what was written late is counted');
      t.equal(await totalOf(women), '5');

      const { versionId = '' } = (await other.read('Patient', 'b')) ?? {};
      const bare = put('Patient', 'b');
      if (bare.kind !== 'put') throw new Error('not a put');
      await other.reindex([{ type: 'Patient', id: 'b', versionId, postings: bare.postings }]);
      t.equal(await totalOf(women), '4 counted', 'the index was replaced without a new version');

      for (const asked of [others, missing]) {
        told.length = 0;
        const { total } = await store.search(asked, { limit: 0, total: 'accurate' });
        const expected = asked === others ? 2 : 1;
        t.same(total, { value: expected, exact: true }, 'by the difference of two lists');
      }
    },
  );

  t.test('a total of pairs is the length of their lists, and what of those with many has one', async (t) => {
    const { store, destroy } = await openWorld(server, { surveyedMax: 1 });
    t.teardown(destroy);
    const k = keyOf('Procedure.pair');
    const paired = (id: string, pairs: readonly number[]): WriteCommand => {
      const command = put('Procedure', id);
      if (command.kind !== 'put') throw new Error('not a put');
      const terms = pairs.map((h) => ({ k, h, role: 'pair' as const }));
      return { ...command, postings: { ...command.postings, terms: [...command.postings.terms, ...terms] } };
    };
    await store.transact([
      ...Array.from({ length: 30 }, (_, at) => paired(`one${at}`, at < 10 ? [1, 2] : [1])),
      ...Array.from({ length: 10 }, (_, at) => paired(`two${at}`, [2])),
      ...Array.from({ length: 7 }, (_, at) => paired(`many${at}`, [at < 3 ? 1 : 2, 3, 4, 5, 6, 7])),
    ]);
    for (const [terms, total] of [
      [[1], 33],
      [[1, 2], 47],
      [[3], 7],
      [[8], 0],
    ] as const) {
      const asked = query('Procedure', { kind: 'term', k, terms: [...terms], isPair: true });
      const { rows } = await store.search(asked, { limit: 100, total: 'none' });
      t.equal(rows.length, total);
      const found = await store.explain(asked, { limit: 0, total: 'accurate' });
      t.same(found.total, { value: total, exact: true }, `${terms} [search.total]`);
      const counts = found.commands as readonly ExplainedCommand[];
      t.equal(counts.length, 2);
      t.same(Object.keys(counts[0]?.filter as object), ['k'], 'lists of pairs are counted as they are');
      t.match(JSON.stringify(counts[1]?.filter), `"k":"${manyKey(k)}"`);
    }
  });
}
