/**
 * What the compare command finds of damage on MongoDB.
 */
import { type Collection, MongoClient } from 'mongodb';
import t from 'tap';
import type { Postings } from '../../src/search/postings.ts';
import { dateRange } from '../../src/storage/mongodb/index-keys.ts';
import { openMongoStore } from '../../src/storage/mongodb/open-mongo-store.ts';
import { verifyIndex } from '../../src/storage/verify-index.ts';
import { keyOf, postingsOf, put, remove, type Values } from './contract/build.ts';
import { freshDatabase, mongoFor } from './mongodb-server.ts';

const server = await mongoFor(t);
if (server !== undefined) {
  t.test('the compare command names whatever is lost or too many [mongodb.index]', async (t) => {
    const database = freshDatabase(server);
    const store = await openMongoStore({ url: server.url, database: database.name });
    const client = new MongoClient(server.url, { useBigInt64: true });
    t.teardown(async () => {
      await client.close();
      await store.close();
      await database.drop();
    });
    const values: Values = {
      date: '2024-01-05',
      codes: { code: ['s|a'] },
      texts: { name: ['name'] },
      dates: { date: [['2024-01-05', '2024-01-06']], created: [['2020', '2024']] },
      numbers: { value: [['mm', 1, 5]] },
    };
    const day = Date.parse('2024-01-05');
    const extract = (): Postings => postingsOf('Basic', values);
    const basic = (id: string, mark = '') => put('Basic', id, { values, mark });
    await store.transact([basic('one'), basic('two'), basic('gone')]);
    await store.transact([basic('one'), remove('Basic', 'gone')]);
    const compare = async (mend: boolean): Promise<string[]> => {
      const told: string[] = [];
      const report = await verifyIndex(store, extract, {
        mend,
        onDifference: ({ type, id, missing, extra }) =>
          told.push(`${type}/${id}${missing.length > 0 ? ' -' : ''}${extra.length > 0 ? ' +' : ''}`),
      });
      return report.damaged > 0 ? [...told, `${report.damaged} damaged`] : told;
    };
    t.same(await compare(false), []);
    type Stored = { _id: string; k: string[]; [member: string]: unknown };
    const db = client.db(database.name);
    const [res, hist, blob, dictionary] = ['res', 'hist', 'blob', 'term'].map((name) =>
      db.collection<Stored>(name),
    ) as [Collection<Stored>, Collection<Stored>, Collection<Stored>, Collection<Stored>];
    const set = async (_id: string, members: Partial<Stored>): Promise<unknown> =>
      await res.updateOne({ _id }, { $set: members });
    const sound = (await res.findOne({ _id: 'Basic/one' }))!;
    const mended: (readonly [string, () => Promise<unknown>, string])[] = [
      ...sound.k.map(
        (key) =>
          [`without ${key}`, () => set(sound._id, { k: sound.k.filter((one) => one !== key) }), '-'] as const,
      ),
      [
        'a key for what its place tells',
        () => set(sound._id, { k: [...sound.k, dateRange(keyOf('Basic.date'), day, day + 1).gte] }),
        '+',
      ],
      ['a key of an earlier layout', () => set(sound._id, { k: [...sound.k, '!tBasic'] }), '+'],
      ['a key that is none', () => set(sound._id, { k: [...sound.k, 'what?'] }), '+'],
      ...['h', 'l', 's', 'dt', 'q', 'pr'].map(
        (member) =>
          [
            `without ${member}`,
            () => res.updateOne({ _id: sound._id }, { $unset: { [member]: '' } }),
            '-',
          ] as const,
      ),
      ['another place', () => set(sound._id, { o: Buffer.alloc(15) }), '-'],
    ];
    for (const [name, damage, sign] of mended) {
      await damage();
      const [first = ''] = await compare(false);
      t.match(first, `Basic/one ${sign}`, name);
      await compare(true);
      t.same(await compare(false), [], `mended: ${name}`);
    }
    await set('Basic/gone', { k: [] });
    t.same(await compare(false), ['Basic/gone -'], 'a deleted one that is not listed as such');
    await set('Basic/gone', { k: ['!d'], l: 'Basic' });
    t.same(await compare(false), ['Basic/gone +'], 'a deleted one in the list of its type');
    await compare(true);
    t.same(await compare(false), []);
    await set('Basic/gone', { k: ['!d', sound.k[0]!] });
    t.same(await compare(false), ['Basic/gone +'], 'a deleted one in a list');
    await compare(true);
    t.same(await compare(false), []);
    const words = (await dictionary.findOne({ code: 'a' }))!;
    await dictionary.deleteOne({ _id: words._id });
    t.same(await compare(false), ['Basic/one - +', 'Basic/two - +'], 'a term that is in no dictionary');
    await dictionary.insertOne({ ...words, k: -1 } as unknown as Stored);
    t.same((await compare(false)).at(-1), '/ +', 'a term under another parameter');
    await dictionary.replaceOne({ _id: words._id }, words);
    t.same(await compare(false), []);

    await store.transact([basic('large', 'é'.repeat(2_200_000))]);
    const damages: readonly (readonly [string, Collection<Stored>, string, readonly string[]])[] = [
      ['an older version', hist, 'Basic/one/0000000001', ['Basic/one -', '1 damaged']],
      ['the current version', res, 'Basic/one', ['Basic/one +', '1 damaged']],
      ['a part of a text', blob, String((await blob.findOne())?._id), ['Basic/large -', '2 damaged']],
    ];
    for (const [name, collection, _id, expected] of damages) {
      const before = (await collection.findOne({ _id }))!;
      await collection.deleteOne({ _id });
      t.same(await compare(true), expected, name);
      await collection.insertOne(before);
      t.same(await compare(false), [], `${name}: back from a backup`);
    }
    const late = (await hist.findOne({ _id: 'Basic/one/0000000001' }))!;
    await hist.insertOne({ ...late, _id: 'Basic/one/0000000003', v: 3 });
    t.same(await compare(false), ['Basic/one +', '1 damaged'], 'a version after the current one');
  });
}
