/**
 * Round trips to MongoDB: no call costs more of them than docs/mongodb.md says.
 */
import { MongoClient } from 'mongodb';
import t from 'tap';
import type { SearchQuery } from '../../src/search/query.ts';
import type { ExplainedCommand } from '../../src/storage/mongodb/explain.ts';
import { openMongoStore } from '../../src/storage/mongodb/open-mongo-store.ts';
import type { Precondition, StoredVersion } from '../../src/storage/store.ts';
import { any, chain, has, present, put, query, remove, term, text, words } from './contract/build.ts';
import { freshDatabase, mongoFor } from './mongodb-server.ts';
import { explained, heartRate, openWorld } from './mongodb-world.ts';

const server = await mongoFor(t);
if (server !== undefined) {
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
