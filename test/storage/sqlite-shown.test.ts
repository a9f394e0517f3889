/**
 * Rows that pages show again and again: they are not read again, and what is shown is what is stored.
 */
import { StatementSync } from 'node:sqlite';
import t from 'tap';
import { checkedText } from '../../src/storage/sqlite/checked-text.ts';
import { createKeptVersions } from '../../src/storage/sqlite/kept-versions.ts';
import { createShownRows } from '../../src/storage/sqlite/shown-rows.ts';
import { type KeptVersion, wireVersion } from '../../src/storage/sqlite/stored.ts';
import type { Store, StoredVersion } from '../../src/storage/store.ts';
import { all, code, put, query, remove, text } from './contract/build.ts';
import { GONE, WORLD } from './contract/dataset.ts';
import { SEARCH_CASES } from './contract/search-cases.ts';
import { seededBelow, sqliteFiles } from './sqlite-files.ts';

const { newPath, openAt } = await sqliteFiles(t);

/** The index follows each write, and lists are read in order. */
const INDEXED = {
  threads: true,
  mergeVersions: 1,
  mergeChanges: 100_000,
  mergeIdleMs: 0,
  plans: { countedMax: 2, collectedMax: -1 },
};

const page = async (store: Store, asked: ReturnType<typeof query>, limit = 100, after?: string) =>
  store.search(asked, { limit, total: 'none', ...(after !== undefined && { after }) });
const told = (rows: readonly StoredVersion[]): string[] =>
  rows.map(({ type, id, versionId, lastUpdated, method, json }) =>
    [type, id, versionId, lastUpdated, method, json].join(' '),
  );

/** Statements that read texts while `work` goes on. */
async function textsRead(work: () => Promise<unknown>): Promise<number> {
  const { all: plain } = StatementSync.prototype;
  let times = 0;
  StatementSync.prototype.all = function (this: StatementSync, ...args: Parameters<typeof plain>) {
    if (this.sourceSQL.includes('r.body')) times++;
    return plain.apply(this, args);
  } as typeof plain;
  try {
    await work();
  } finally {
    StatementSync.prototype.all = plain;
  }
  return times;
}

/** Until the index tells of everything that was written. */
async function indexed(store: Store): Promise<void> {
  for (let step = 0; step < 6; step++) await store.transact([]);
}

t.test('what pages show again is answered as the first time, for every question', async (t) => {
  const store = await openAt(newPath(), INDEXED);
  t.teardown(() => store.close());
  for (const command of WORLD) await store.transact([command]);
  for (const [type, id] of GONE) await store.transact([remove(type, id)]);
  await indexed(store);
  const first = new Map<string, string[]>();
  for (let round = 0; round < 4; round++) {
    for (const [name, asked, answer] of SEARCH_CASES) {
      const { rows } = await page(store, asked);
      t.equal(rows.map(({ id }) => id).join(' '), answer, name);
      if (round === 0) first.set(name, told(rows));
      else t.same(told(rows), first.get(name), name);
      const pages: StoredVersion[] = [];
      let after: string | undefined;
      do {
        const part = await page(store, asked, 2, after);
        pages.push(...part.rows);
        after = part.next;
      } while (after !== undefined);
      t.same(told(pages), first.get(name), `${name}, in pages`);
    }
  }
});

t.test('a row that is shown again and again is not read; a written one is read again', async (t) => {
  const store = await openAt(newPath(), INDEXED);
  t.teardown(() => store.close());
  const names = { texts: { name: ['Saw'] }, codes: { code: ['s|1'] } };
  await store.transact(Array.from({ length: 30 }, (_, at) => put('Basic', `r${at}`, { values: names })));
  await indexed(store);
  for (const asked of [
    query('Basic', all()),
    query('Basic', code('Basic.code', '1')),
    query('Basic', text('Basic.name', 'prefix', 'saw')),
  ]) {
    for (let times = 0; times < 3; times++) await page(store, asked, 20);
    let rows: readonly StoredVersion[] = [];
    const read = await textsRead(async () => {
      rows = (await page(store, asked, 20)).rows;
    });
    t.same([read, rows.length], [0, 20]);
    // a read sends what is kept, and an older one is not kept
    const [shown] = rows as [StoredVersion];
    t.same(told([(await store.read('Basic', shown.id)) as StoredVersion]), told([shown]));
    await store.transact([put('Basic', shown.id, { values: names })]);
    const [next] = (await page(store, asked, 20)).rows.filter(({ id }) => id === shown.id);
    t.equal(next?.versionId, String(Number(shown.versionId) + 1));
    await indexed(store);
  }
});

t.test('pages show what was stored when the first one was asked for, whatever is written', async (t) => {
  const random = seededBelow(t);
  for (const keptCharsMax of [0, 16 * 300, 1 << 20]) {
    const store = await openAt(newPath(), { ...INDEXED, keptCharsMax });
    const stored = new Map<string, string>();
    const write = async (): Promise<void> => {
      const id = `r${random(12)}`;
      if (random(4) === 0) {
        await store.transact([remove('Basic', id)]);
        stored.delete(id);
        return;
      }
      const values = { texts: { name: [`name ${random(2)}`] }, codes: { code: [`s|${random(2)}`] } };
      const { results } = await store.transact([put('Basic', id, { values })]);
      stored.set(id, results[0]?.versionId as string);
    };
    const wrong: unknown[] = [];
    for (let step = 0; step < 60; step++) {
      const asked =
        random(2) === 0 ? query('Basic', all()) : query('Basic', text('Basic.name', 'prefix', 'name'));
      const whole = (await page(store, asked)).rows;
      const versions = new Map(whole.map(({ id, versionId }) => [id, versionId]));
      const isSound = whole.every(
        ({ id, versionId, json }) =>
          json.includes(`"id":"${id}"`) && json.includes(`"versionId":"${versionId}"`),
      );
      if (!isSound || versions.size !== stored.size) wrong.push([step, 'texts', [...versions]]);
      for (const [id, v] of stored) if (versions.get(id) !== v) wrong.push([step, id, v, versions.get(id)]);
      const { rows, next } = await page(store, asked, 4);
      for (let count = random(3); count > 0; count--) await write();
      const rest = next === undefined ? [] : (await page(store, asked, 100, next)).rows;
      if (told([...rows, ...rest]).join('\n') !== told(whole).join('\n')) wrong.push([step, 'pages']);
    }
    t.same(wrong, [], `${keptCharsMax} characters`);
    await store.close();
  }
});

const rowOf = (rid: number, json = '"active":true}', more: Partial<KeptVersion> = {}): KeptVersion => {
  const facts = { type: 'Basic', id: `r${rid}`, versionId: '1', lastUpdated: 0, op: 1 } as const;
  const start = '{"resourceType":"Basic","id":"r';
  const whole = `${start}${rid}","meta":{"versionId":"1","lastUpdated":"1970-01-01T00:00:00.000Z"},${json}`;
  return { ...facts, body: checkedText(whole, facts), place: { rid, seq: rid }, ...more };
};

t.test('only what is shown twice is kept, whole or not at all', async (t) => {
  const versions = createKeptVersions(1 << 20);
  const shown = createShownRows(versions);
  const sound = rowOf(7, '"language":"ဘာသာ"}');
  const first = shown.show(sound);
  t.equal(versions.atRow(7), undefined, 'not at first');
  t.same(shown.show(sound), first);
  t.same(versions.atRow(7), { rid: 7, seq: 7, version: first }, 'then it is');
  t.match(versions.get('Basic', 'r7')?.json, /"language":"ဘာသာ"}$/);
  await versions.during([{ type: 'Basic', id: 'r7' }], async () => {
    t.equal(versions.atRow(7), undefined, 'not while it is written');
  });
  const damaged = { ...rowOf(8), body: rowOf(8).body?.replace('true', 'false') as string };
  for (let times = 0; times < 3; times++) {
    t.equal(shown.show(damaged).damaged, true, 'what is damaged is refused');
    t.throws(() => shown.show(damaged).json, /Version 1 of Basic\/r8 is damaged/);
    shown.show(rowOf(9));
  }
  t.equal(versions.atRow(8), undefined, 'and never kept');
  t.equal(versions.atRow(9)?.version.id, 'r9', 'others are');
  const { place: _, ...elsewhere } = rowOf(10);
  for (let times = 0; times < 3; times++) shown.show(elsewhere);
  t.equal(versions.get('Basic', 'r10'), undefined, 'only rows of the table');
});

t.test('rows that are shown once drive out none, and are soon not asked for', (t) => {
  const charsMax = 64 * 1024;
  const versions = createKeptVersions(charsMax);
  const shown = createShownRows(versions);
  for (let times = 0; times < 2; times++) for (let rid = 1; rid <= 20; rid++) shown.show(rowOf(rid));
  for (let rid = 1_000; rid < 16_000; rid++) shown.show(rowOf(rid));
  const kept = Array.from({ length: 16_000 }, (_, rid) => rid).filter((rid) => versions.atRow(rid));
  t.same(
    kept,
    Array.from({ length: 20 }, (_, at) => at + 1),
  );
  t.equal(shown.isWorthAsking(), false, 'few of them were kept');
  shown.spared(1_000);
  t.equal(shown.isWorthAsking(), true, 'a quarter of those of late is enough');
  for (let rid = 1_000; rid < 2_000; rid++) shown.show({ ...rowOf(rid + 20_000) });
  t.equal(shown.isWorthAsking(), false);
  for (let times = 0; times < 60; times++) for (let rid = 1; rid <= 20; rid++) shown.show(rowOf(rid));
  t.equal(shown.isWorthAsking(), true, 'what was read although it is kept counts too');
  // all that fits: as it leaves, a character takes a byte, and counts half
  const each = Math.ceil((wireVersion(rowOf(100)).wire as string).length / 2) + 200;
  for (let times = 0; times < 2; times++) for (let rid = 100; rid < 999; rid++) shown.show(rowOf(rid));
  const there = Array.from({ length: 999 }, (_, rid) => rid).filter((rid) => versions.atRow(rid));
  t.same([there.length, there.at(-1)], [Math.floor(charsMax / each), 998]);
  t.end();
});
