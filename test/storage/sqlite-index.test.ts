/**
 * The index of the SQLite engine: what is merged into it when, what it lacks, and how that is told and mended.
 */
import { DatabaseSync } from 'node:sqlite';
import t from 'tap';
import type { Predicate } from '../../src/search/query.ts';
import { packPostings, unpackPostings } from '../../src/storage/packed-postings.ts';
import { checkSqliteIndex } from '../../src/storage/sqlite/check-index.ts';
import { openConnection } from '../../src/storage/sqlite/connection.ts';
import { refuseGroup } from '../../src/storage/sqlite/group-commit.ts';
import { scheduleMerges } from '../../src/storage/sqlite/merge-schedule.ts';
import { SHAPES_MAX } from '../../src/storage/sqlite/shapes.ts';
import { StoreUnavailableError } from '../../src/storage/store.ts';
import { verifyIndex } from '../../src/storage/verify-index.ts';
import { all, code, not, postingsOf, present, put, query, remove, type Values } from './contract/build.ts';

import { shapedValues, sqliteFiles } from './sqlite-files.ts';

const { newPath, openAt } = await sqliteFiles(t);

t.test('more writes than may wait are refused at once, the others are done', async (t) => {
  const store = await openAt(newPath(), { threads: true, writesWaitingMax: 3 });
  t.teardown(() => store.close());
  const outcomes = await Promise.allSettled(
    Array.from({ length: 5 }, (_, index) => store.transact([put('Basic', `q${index}`)])),
  );
  t.same(
    outcomes.map((one) => (one.status === 'fulfilled' ? 'done' : (one.reason as Error).message)),
    ['done', 'done', 'done', ...Array(2).fill('3 requests are waiting for the database: try again later')],
    'those above three [sqlite.waiting]',
  );
});

t.test('the compare command finds what the index lacks, and mends it', async (t) => {
  const store = await openAt(newPath());
  t.teardown(() => store.close());
  const values = { codes: { code: ['s|old'] } };
  await store.transact([put('Basic', 'same', { values }), put('Basic', 'other', { values })]);
  const extract = (resource: { id?: string }) =>
    postingsOf('Basic', resource.id === 'other' ? { codes: { code: ['s|new'] } } : values);
  const found: unknown[] = [];
  const report = await verifyIndex(store, extract, {
    mend: true,
    onDifference: ({ id, missing, extra }) => found.push([id, missing.length, extra.length]),
  });
  t.same([report, found], [{ compared: 2, different: 1, damaged: 0 }, [['other', 1, 1]]]);
  t.same(await verifyIndex(store, extract), { compared: 2, different: 0, damaged: 0 });
  const asked = await store.search(query('Basic', code('Basic.code', 'new')), { limit: 5, total: 'none' });
  t.same(
    asked.rows.map((row) => row.id),
    ['other'],
  );
});

t.test('the compare command names whatever row of the index is lost or too many, and mends it', async (t) => {
  const path = newPath();
  const store = await openAt(path);
  t.teardown(() => store.close());
  const values: Values = {
    date: '2024-01-05',
    codes: { code: ['s|a'] },
    texts: { name: ['name'] },
    dates: { created: [['2020', '2024']] },
    numbers: { value: [['mm', 1, 5]] },
  };
  const extract = () => postingsOf('Basic', values);
  await store.transact([
    put('Basic', 'one', { values }),
    put('Basic', 'two', { values }),
    put('Basic', 'gone', { values }),
  ]);
  await store.transact([remove('Basic', 'gone')]);
  const compare = async (mend: boolean): Promise<string[]> => {
    const told: string[] = [];
    await verifyIndex(store, extract, {
      mend,
      onDifference: ({ type, id, missing, extra }) =>
        told.push(`${type}/${id} ${missing.length > 0 ? '-' : ''}${extra.length > 0 ? '+' : ''}`),
    });
    return told;
  };
  t.same(await compare(false), []);
  const db = new DatabaseSync(path);
  t.teardown(() => db.close());
  const sound = { resources: 2, missing: 0, extra: 0, behind: 0 };
  const check = async (change: string, wanted: string): Promise<void> => {
    t.equal(db.prepare(change).run().changes, 1, change);
    t.same(await compare(false), [wanted], change);
    await compare(true);
    t.same(await compare(false), [], `mended: ${change}`);
    t.same(checkSqliteIndex(path), sound);
  };
  let kinds = 0;
  for (const table of ['ix', 'ixs', 'ixd', 'ixq']) {
    for (const row of db.prepare(`SELECT * FROM ${table} WHERE rid = 2`).all() as Record<string, unknown>[]) {
      kinds++;
      const columns = Object.keys(row);
      const literals = columns.map((column) => literal(row[column]));
      const where = columns.map((column, at) => `${column} = ${literals[at]}`).join(' AND ');
      await check(`DELETE FROM ${table} WHERE ${where}`, 'Basic/two -');
      // the same under another key, and of a resource that is deleted
      const others = (change: Record<string, string>): string =>
        columns.map((column, at) => change[column] ?? literals[at]).join();
      await check(`INSERT INTO ${table} VALUES (${others({ k: '9999' })})`, 'Basic/two +');
      await check(`INSERT INTO ${table} VALUES (${others({ rid: '3' })})`, 'Basic/gone +');
    }
  }
  t.equal(kinds, 11, 'kinds of rows [sqlite.index]');
  await check('DELETE FROM keys WHERE k = (SELECT max(k) FROM keys)', 'Basic/one -');
  // a shape that is another: the row of both is neither where it should be nor in one list only
  db.exec("UPDATE shapes SET keys = x'0000000101'");
  await store.close();
  const again = await openAt(path);
  t.teardown(() => again.close());
  const counts = async (mend: boolean) => (await verifyIndex(again, extract, { mend })).different;
  t.same([await counts(false), await counts(true), await counts(false)], [2, 2, 0]);
});

function literal(value: unknown): string {
  return typeof value === 'string' ? `CAST(x'${Buffer.from(value).toString('hex')}' AS TEXT)` : String(value);
}

t.test('what cannot be a posting is refused before anything is written', async (t) => {
  const store = await openAt(newPath(), { threads: true });
  t.teardown(() => store.close());
  const good = put('Basic', 'good');
  const bad = put('Basic', 'bad');
  if (bad.kind !== 'put') throw new Error('not a put');
  const wrong = [
    { numbers: [{ k: 1, u: 0, lo: Number.NaN, hi: 1 }] },
    { dates: [{ k: 1, lo: 0.5, hi: 1 }] },
    { terms: [{ k: -1, h: 5 }] },
    { terms: [{ k: 1, h: 2 ** 53 }] },
    { date: Number.NaN },
  ];
  for (const part of wrong) {
    const command = { ...bad, postings: { ...bad.postings, ...part } };
    await t.rejects(store.transact([good, command]), RangeError, JSON.stringify(part));
  }
  t.equal((await store.status()).resources, 0);
});

t.test('names of terms are in the dictionary although the first write of them failed', async (t) => {
  for (const threads of [true, false]) {
    const store = await openAt(newPath(), { threads });
    const values: Values = { codes: { code: ['http://example.org/s|c'] } };
    await t.rejects(store.transact([put('Basic', 'a', { values, expected: { versionId: '7' } })]));
    for (const id of ['a', 'b', 'c']) await store.transact([put('Basic', id, { values })]);
    const page = await store.search(query('Basic', code('Basic.code', 'c')), { limit: 9, total: 'none' });
    t.same(page.rows.map((row) => row.id).sort(), ['a', 'b', 'c']);
    const [term] = (await store.readPostings({ type: 'Basic', id: 'c' }))?.terms ?? [];
    t.match(term, { system: 'http://example.org/s', code: 'c' });
    await store.close();
  }
});

t.test('presence and its absence are exact on many resources', async (t) => {
  const store = await openAt(newPath());
  t.teardown(() => store.close());
  await store.transact([put('Basic', 'a', { values: { bare: ['x'] } }), put('Basic', 'b')]);
  for (const [where, id] of [
    [present('Basic.x'), 'a'],
    [all(not(present('Basic.x'))), 'b'],
  ] as const) {
    const page = await store.search(query('Basic', where), { limit: 5, total: 'accurate' });
    t.same([page.rows.map((row) => row.id), page.total], [[id], { value: 1, exact: true }]);
  }
});

t.test('what is missing is found although resources have more shapes than are listed apart', async (t) => {
  const bits = 9;
  for (const plans of [{}, { countedMax: 1, collectedMax: -1 }, { countedMax: 1, shapesMax: 300 }]) {
    const path = newPath();
    const store = await openAt(path, { mergeVersions: 1, mergeChanges: 100_000, plans });
    const values = Array.from({ length: 2 ** bits }, (_, index) => shapedValues(index, bits));
    await store.transact(values.map((one, index) => put('Basic', `r${index}`, { values: one })));
    for (let step = 0; step < 4; step++) await store.transact([]);
    const ids = async (where: Predicate): Promise<readonly [string, number]> => {
      const page = await store.search(query('Basic', where), { limit: 600, total: 'accurate' });
      return [
        page.rows
          .map(({ id }) => id)
          .sort()
          .join(),
        page.total?.value ?? -1,
      ];
    };
    const expect = (is: (index: number) => boolean): readonly [string, number] => {
      const kept = values.map((_, index) => index).filter(is);
      return [
        kept
          .map((index) => `r${index}`)
          .sort()
          .join(),
        kept.length,
      ];
    };
    const bit = (index: number, at: number): boolean => ((index >> at) & 1) === 1;
    for (const at of [0, 1, 7, 8]) {
      const one = present(`Basic.p${at}`);
      t.same(
        await ids(not(one)),
        expect((index) => !bit(index, at)),
        `without p${at}`,
      );
      t.same(
        await ids(one),
        expect((index) => bit(index, at)),
        `with p${at}`,
      );
    }
    t.same(
      await ids(not(code('Basic.p8', '1'))),
      expect((index) => !bit(index, 8) || index % 3 !== 1),
    );
    await store.close();
    const file = new DatabaseSync(path);
    const kept = file.prepare('SELECT count(*) AS count FROM shapes').get() as { count: number };
    file.close();
    t.equal(kept.count, SHAPES_MAX + 1, 'the others share one list');
    t.same(checkSqliteIndex(path), { resources: 2 ** bits, missing: 0, extra: 0, behind: 0 });
  }
});

t.test('the index falls behind no further than its bound', async (t) => {
  const furthest = async (behindMax: number): Promise<number> => {
    const path = newPath();
    const store = await openAt(path, {
      mergeVersions: 1_000_000,
      mergeIdleMs: Number.POSITIVE_INFINITY,
      mergeChanges: 100,
      behindMax,
    });
    let most = 0;
    for (let round = 0; round < 12; round++) {
      await store.transact(Array.from({ length: 10 }, (_, index) => put('Basic', `b${round}-${index}`)));
      most = Math.max(most, checkSqliteIndex(path).behind);
    }
    await store.close();
    return most;
  };
  const bounded = await furthest(30);
  t.ok(bounded >= 30 && bounded < 30 + 10, `${bounded} versions behind, with groups of 10`);
  t.equal(await furthest(1_000_000), 120, 'without the bound it would fall behind by all [sqlite.behind]');
});

t.test('while the index cannot catch up nothing more is written', async (t) => {
  const connection = openConnection({
    path: newPath(),
    role: 'writer',
    cacheBytes: 1_000_000,
    busyTimeoutMs: 100,
  });
  t.teardown(() => connection.close());
  let behind = 10;
  let isFull = true;
  const merger = {
    behind: () => behind,
    run() {
      if (isFull) throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
      behind--;
      return behind > 0;
    },
    reset() {},
  };
  const schedule = scheduleMerges(connection, merger, {
    mergeVersions: 1_000_000,
    mergeChanges: 1,
    mergeIdleMs: Number.POSITIVE_INFINITY,
    behindMax: 5,
  });
  t.notOk(schedule.hasRoom(), 'the disk is full');
  isFull = false;
  schedule.finish();
  t.ok(schedule.hasRoom(), 'and empty again');
  const refused = refuseGroup([{ kind: 'transact', commands: [], preconditions: [] }]);
  t.match(refused, [{ ok: false, error: StoreUnavailableError }], 'refused as unavailable [sqlite.behind]');
});

t.test('postings come out of their bytes as they went in, however many parameters are present', (t) => {
  for (const count of [0, 1, 31, 32, 33, 200]) {
    const present = Array.from({ length: count }, (_, index) => index + 1);
    const odd = present.filter((k) => k % 2 === 1);
    const postings = {
      date: 7,
      terms: odd.flatMap((k) => [
        { k, h: 2 ** 51 + k },
        { k: 1000, h: k, system: 's', code: 'c' },
      ]),
      texts: odd.map((k) => ({ k, text: 'é' })),
      dates: odd.map((k) => ({ k, lo: -1, hi: k })),
      numbers: odd.map((k) => ({ k, u: k, lo: 0.5, hi: 1 })),
      present,
    };
    const names = () => ({ system: 's', code: 'c' });
    t.same(unpackPostings(packPostings(postings), 7, names), postings, `${count} parameters`);
  }
  const nothing = { date: 0, terms: [], texts: [], dates: [], numbers: [], present: [] };
  for (const wrong of [
    { date: 0.5 },
    { present: [-1] },
    { terms: [{ k: 1, h: 2 ** 52 }] },
    { texts: [{ k: 2 ** 31, text: '' }] },
    { dates: [{ k: 1, lo: 0.5, hi: 1 }] },
    { numbers: [{ k: 1, u: 1, lo: Number.NaN, hi: 1 }] },
  ]) {
    t.throws(() => packPostings({ ...nothing, ...wrong }), /not a posting/, JSON.stringify(wrong));
  }
  t.end();
});
