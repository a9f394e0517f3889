/**
 * Round trips to MongoDB: no call costs more of them than docs/mongodb.md says, and no total is counted twice.
 */
import { MongoClient } from 'mongodb';
import t from 'tap';
import type { SearchQuery } from '../../src/search/query.ts';
import type { ExplainedCommand } from '../../src/storage/mongodb/explain.ts';
import { openMongoStore } from '../../src/storage/mongodb/open-mongo-store.ts';
import type { Precondition, Store, StoredVersion } from '../../src/storage/store.ts';
import {
  all,
  any,
  chain,
  has,
  not,
  present,
  put,
  query,
  remove,
  term,
  text,
  words,
} from './contract/build.ts';
import { freshDatabase, mongoFor } from './mongodb-server.ts';
import { explained, heartRate, openWorld } from './mongodb-world.ts';

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

  t.test('a call costs no more round trips and documents than docs/mongodb.md says', async (t) => {
    const database = freshDatabase(server);
    const told: string[] = [];
    const store = await openMongoStore({
      url: server.url,
      database: database.name,
      onCommand: ({ name }) => {
        if (name !== 'hello' && name !== 'endSessions') told.push(name);
      },
    });
    const client = new MongoClient(server.url);
    t.teardown(async () => {
      await client.close();
      await store.close();
      await database.drop();
    });
    const person = (id: string, identifier = id) =>
      put('Patient', id, {
        method: 'POST',
        expected: 'absent',
        values: {
          terms: { identifier: [identifier] },
          systems: { identifier: ['all|'] },
          codes: { gender: ['g|female'] },
          texts: { name: ['Ann'] },
        },
      });
    const nobody = (id: string): Precondition => ({
      query: query('Patient', term('Patient.identifier', id)),
      ids: [],
    });
    // codes and criteria that were never seen before are written down once
    await store.transact([person('before')], [nobody('before')]);
    const readFor = async (id: string): Promise<StoredVersion | undefined> =>
      (await store.readEach([{ type: 'Patient', id }]))[0];
    const calls: readonly (readonly [string, () => Promise<unknown>, readonly string[], number])[] = [
      ['create', () => store.transact([person('a')]), ['insert'], 1],
      ['read', () => store.read('Patient', 'a'), ['find'], 0],
      ['version', () => store.readVersion('Patient', 'a', '1'), ['find'], 0],
      ['update', () => store.transact([put('Patient', 'a')]), ['find', 'bulkWrite'], 1],
      [
        'update of what was read for it',
        async () => store.transact([put('Patient', 'a', { current: await readFor('a') })]),
        ['find', 'bulkWrite'],
        1,
      ],
      [
        'update of a person whom others have changed since',
        async () => {
          const current = await readFor('a');
          await store.transact([put('Patient', 'a')]);
          told.length = 0;
          await store.transact([put('Patient', 'a', { current })]);
        },
        ['bulkWrite', 'find', 'bulkWrite'],
        2,
      ],
      ['delete', () => store.transact([remove('Patient', 'a')]), ['find', 'bulkWrite'], 1],
      ['past version', () => store.readVersion('Patient', 'a', '1'), ['find', 'find'], 0],
      [
        'transaction of 17',
        () => store.transact(Array.from({ length: 17 }, (_, at) => person(`t${at}`))),
        ['insert', 'commitTransaction'],
        17,
      ],
      [
        'transaction of 17 updates',
        () => store.transact(Array.from({ length: 17 }, (_, at) => put('Patient', `t${at}`))),
        ['find', 'insert', 'bulkWrite', 'commitTransaction'],
        17,
      ],
      [
        'create under ids of the client',
        () => store.transact([put('Patient', 'own', { expected: 'absent' })]),
        ['insert'],
        1,
      ],
      [
        'transaction of 17 creates under ids of the client',
        () =>
          store.transact(
            Array.from({ length: 17 }, (_, at) => put('Patient', `own${at}`, { expected: 'absent' })),
          ),
        ['insert', 'commitTransaction'],
        17,
      ],
      [
        'create where a deleted one was',
        () => store.transact([put('Patient', 'a', { expected: 'absent' })]),
        // and whether an answer of our own was lost
        ['insert', 'find', 'find', 'bulkWrite'],
        1,
      ],
      [
        'create where a deleted one was, which was read for it',
        async () => {
          await store.transact([remove('Patient', 'a')]);
          told.length = 0;
          await store.transact([put('Patient', 'a', { expected: 'absent', current: await readFor('a') })]);
        },
        ['find', 'bulkWrite'],
        2,
      ],
      [
        'conditional create',
        () => store.transact([person('c')], [nobody('c')]),
        ['find', 'bulkWrite', 'commitTransaction'],
        // and the lock, which removes itself
        2,
      ],
      [
        'conditional create of what was there a moment ago',
        async () => {
          await store.transact([remove('Patient', 'c')]);
          told.length = 0;
          await store.transact([person('c2', 'c')], [nobody('c')]);
        },
        ['find', 'bulkWrite', 'commitTransaction'],
        // the history of the one before
        2,
      ],
      [
        'five persons of one system, of whom none may be there',
        () =>
          store.transact(
            ['e1', 'e2', 'e3', 'e4', 'e5'].map((id) => person(id)),
            ['e1', 'e2', 'e3', 'e4', 'e5'].map(nobody),
          ),
        ['find', 'bulkWrite', 'commitTransaction'],
        // and their locks, none of them for the system
        10,
      ],
      ['many', () => store.readMany([0, 1, 2].map((at) => ({ type: 'Patient', id: `t${at}` }))), ['find'], 0],
      ['each', () => store.readEach([0, 1, 2].map((at) => ({ type: 'Patient', id: `t${at}` }))), ['find'], 0],
    ];
    const count = async (): Promise<number> => {
      const counted = ['res', 'hist', 'term', 'lock', 'blob'].map((name) =>
        client.db(database.name).collection(name).countDocuments(),
      );
      return (await Promise.all(counted)).reduce((sum, one) => sum + one, 0);
    };
    for (const [name, call, commands, documents] of calls) {
      const before = await count();
      told.length = 0;
      await call();
      t.same(told, commands, name);
      t.equal((await count()) - before, documents, `${name}: documents more [mongodb.documents]`);
    }
    const anyOf = (length: number) =>
      any(...Array.from({ length }, (_, at) => term('Patient.identifier', String(at))));
    const searches: readonly (readonly [string, SearchQuery, number])[] = [
      ['an identifier', query('Patient', term('Patient.identifier', 'c')), 3],
      ['the start of a string', query('Patient', text('Patient.name', 'prefix', 'an')), 5],
      [
        'a chain',
        query('Observation', chain('Observation.subject', 'Patient', term('Patient.identifier', 'c'))),
        5,
      ],
      ['a reverse chain', query('Patient', has('Observation.subject', heartRate)), 4],
      [
        'a word in the codes of three parameters',
        query(
          'Observation',
          any(...['code', 'status', 'type'].map((name) => words(`Observation.${name}`, 'h'))),
        ),
        3,
      ],
      ['fifty values', query('Patient', anyOf(50)), 3],
      ['a thousand', query('Patient', anyOf(1_000)), 8],
    ];
    for (const [name, asked, most] of searches) {
      told.length = 0;
      await store.search(asked, { limit: 10, total: 'none' });
      t.ok(told.length <= most, `${name}: ${told.join(' ')}`);
    }
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

  t.test('a chain that leads to too many is listed once a minute, to see that', async (t) => {
    const { store, destroy } = await openWorld(server, { joinedMax: 1 });
    t.teardown(destroy);
    for (const asked of [
      query('Patient', has('Observation.subject', heartRate)),
      query('Observation', chain('Observation.subject', 'Patient', present('Patient.name'))),
    ]) {
      const before = await explained(store, asked);
      const after = await explained(store, asked);
      const isListing = ({ command, limit }: ExplainedCommand): boolean => command === 'find' && limit === 2;
      t.equal(before.filter(isListing).length, 1, 'one more than may be');
      t.equal(after.filter(isListing).length, 0);
      const { rows } = await store.search(asked, { limit: 50, total: 'accurate' });
      t.ok(rows.length > 1, `${rows.length} found`);
    }
  });
}
