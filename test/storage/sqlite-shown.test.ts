/**
 * Rows that pages show again and again: they are not read again, and what is shown is what is stored.
 */
import { StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { checkedText } from '../../src/storage/sqlite/checked-text.ts';
import { openConnection } from '../../src/storage/sqlite/connection.ts';
import { PLAN_LIMITS } from '../../src/storage/sqlite/plan-limits.ts';
import { createReads, type ReadResult } from '../../src/storage/sqlite/reads.ts';
import { createRowRing } from '../../src/storage/sqlite/row-ring.ts';
import { createShownRows } from '../../src/storage/sqlite/shown-rows.ts';
import { type KeptVersion, unflatten, wireVersion } from '../../src/storage/sqlite/stored.ts';
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
/** One that comes alone: carried out on this thread, which keeps rows of its own. */
const pageHere = async (store: Store, asked: ReturnType<typeof query>, limit: number) => {
  await nextTurn();
  return page(store, asked, limit);
};
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

/** Nothing is written, or merged, at first. */
const BEHIND = `SELECT coalesce((SELECT max(seq) FROM res), 0)
  > coalesce((SELECT value FROM meta WHERE name = 'merged'), 0)`;

/** Until the index tells of everything that was written, however busy the machine is. */
async function indexed(store: Store, path: string): Promise<void> {
  const file = openConnection({ path, role: 'reader', cacheBytes: 1 << 20, busyTimeoutMs: 1_000 });
  try {
    for (let step = 0; step < 10_000; step++) {
      await store.transact([]);
      if (file.row(BEHIND)?.[0] === 0) return;
    }
  } finally {
    file.close();
  }
  throw new Error('the index does not catch up');
}

t.test('what pages show again is answered as the first time, for every question', async (t) => {
  const path = newPath();
  const store = await openAt(path, INDEXED);
  t.teardown(() => store.close());
  for (const command of WORLD) await store.transact([command]);
  for (const [type, id] of GONE) await store.transact([remove(type, id)]);
  await indexed(store, path);
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
  const path = newPath();
  const store = await openAt(path, INDEXED);
  t.teardown(() => store.close());
  const names = { texts: { name: ['Saw'] }, codes: { code: ['s|1'] } };
  await store.transact(Array.from({ length: 30 }, (_, at) => put('Basic', `r${at}`, { values: names })));
  await indexed(store, path);
  let readBefore = 0;
  // what the index answers by itself; with these plans a text is looked for in the rows
  for (const asked of [query('Basic', all()), query('Basic', code('Basic.code', '1'))]) {
    for (let times = 0; times < 3; times++) {
      readBefore += await textsRead(() => pageHere(store, asked, 20));
    }
    let rows: readonly StoredVersion[] = [];
    const read = await textsRead(async () => {
      rows = (await pageHere(store, asked, 20)).rows;
    });
    t.same([read, rows.length], [0, 20]);
    const [shown] = rows as [StoredVersion];
    t.same(told([(await store.read('Basic', shown.id)) as StoredVersion]), told([shown]));
    await store.transact([put('Basic', shown.id, { values: names })]);
    const [next] = (await pageHere(store, asked, 20)).rows.filter(({ id }) => id === shown.id);
    t.equal(next?.versionId, String(Number(shown.versionId) + 1));
    await indexed(store, path);
  }
  t.ok(readBefore > 0, 'rows are read on this thread, and counted');
});

t.test('pages show what was stored when the first one was asked for, whatever is written', async (t) => {
  const random = seededBelow(t);
  for (const shownBytesMax of [0, 16 * 150, 1 << 20]) {
    const store = await openAt(newPath(), { ...INDEXED, shownBytesMax });
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
    t.same(wrong, [], `${shownBytesMax} bytes`);
    await store.close();
  }
});

const rowOf = (rid: number, json = '"active":true}', more: Partial<KeptVersion> = {}): KeptVersion => {
  const facts = { type: 'Basic', id: `r${rid}`, versionId: '1', lastUpdated: 0, op: 1 } as const;
  const start = '{"resourceType":"Basic","id":"r';
  const whole = `${start}${rid}","meta":{"versionId":"1","lastUpdated":"1970-01-01T00:00:00.000Z"},${json}`;
  return { ...facts, body: checkedText(whole, facts), place: { rid, seq: rid }, ...more };
};

t.test('what is shown is kept, whole or not at all', (t) => {
  const shown = createShownRows(1 << 20);
  const sound = rowOf(7, '"language":"ဘာသာ"}');
  const plain = { ...wireVersion(sound) };
  const first = shown.show(sound);
  t.same({ ...wireVersion(first) }, plain);
  t.same(shown.atRow(7), { ...first, place: sound.place });
  t.match(wireVersion(shown.atRow(7) as KeptVersion).json, /"language":"ဘာသာ"}$/);
  t.equal(shown.show(first), first, 'what has its text stays as it is');
  shown.notice(rowOf(6));
  t.equal(shown.atRow(6)?.id, 'r6', 'one that was read to see whether there is more is kept, too');
  const damaged = { ...rowOf(8), body: rowOf(8).body?.replace('true', 'false') as string };
  for (let times = 0; times < 3; times++) {
    const version = wireVersion(shown.show(damaged));
    t.equal(version.damaged, true, 'what is damaged is refused');
    t.throws(() => version.json, /Version 1 of Basic\/r8 is damaged/);
    shown.show(rowOf(9));
  }
  t.equal(shown.atRow(8), undefined, 'and never kept');
  t.equal(shown.atRow(9)?.id, 'r9', 'others are');
  const { place: _, ...elsewhere } = rowOf(10);
  shown.show(elsewhere);
  t.equal(shown.atRow(10), undefined, 'only rows of the table');
  const long = rowOf(11, `"language":"${'x'.repeat(70_000)}"}`);
  t.equal(shown.show(long).wire?.length, wireVersion(long).json.length, 'a long text is made, too');
  t.equal(shown.atRow(11), undefined, 'but not kept');
  const none = createShownRows(0);
  t.same(none.show(sound), first);
  t.equal(none.atRow(7), undefined);
  t.end();
});

t.test('whether kept rows are asked for first depends on how many of late were', (t) => {
  const shown = createShownRows(1 << 20);
  for (let rid = 1_000; rid < 3_000; rid++) shown.show(rowOf(rid));
  t.equal(shown.isWorthAsking(), false, 'few of them were kept');
  shown.spared(1_000);
  t.equal(shown.isWorthAsking(), true, 'a quarter of those of late is enough');
  for (let rid = 1_000; rid < 2_600; rid++) shown.show(rowOf(rid + 20_000));
  t.equal(shown.isWorthAsking(), false);
  for (let times = 0; times < 3_000; times++) shown.show(rowOf(2_999));
  t.equal(shown.isWorthAsking(), true, 'what was read although it is kept counts too');
  t.end();
});

t.test('rows in memory are bounded; what is looked for again outlives what is not', (t) => {
  const random = seededBelow(t);
  const rowWith = (rid: number, seq: number) => ({
    rid,
    seq,
    lastUpdated: 1.5,
    v: 3,
    t: 1,
    op: 1,
    id: `r${rid}`,
  });
  const bytesOf = (rid: number, length: number) => Buffer.alloc(length, rid % 251);
  const kib = 16;
  const ring = createRowRing(kib * 1024);
  t.equal(ring.isEmpty(), true);
  const wrong: unknown[] = [];
  const seqs = new Map<number, number>();
  let found = 0;
  for (let step = 1; step < 40_000; step++) {
    const rid = 1 + random(400);
    const row = ring.find(rid);
    if (row !== undefined) {
      found++;
      const { bytes, from, to, ...facts } = row;
      const isSame = bytes.subarray(from, to).every((byte) => byte === rid % 251);
      if (!isSame || facts.seq !== seqs.get(rid) || facts.id !== `r${rid}`) wrong.push([step, facts]);
    }
    if (random(3) === 0) {
      const bytes = bytesOf(rid, random(300));
      ring.add(rowWith(rid, step), bytes, 0, bytes.length);
      seqs.set(rid, step);
    }
    if (random(50) === 0) {
      ring.drop(rid);
      seqs.delete(rid);
    }
    if (ring.has(rid) && !seqs.has(rid)) wrong.push([step, 'dropped']);
  }
  t.same(wrong, []);
  t.ok(found > 1_000, 'many are found');
  ring.clear();
  t.equal(ring.isEmpty(), true);
  // 40 bytes, the id, the text: 152 in all
  for (let rid = 1; rid <= 1_000; rid++) {
    ring.add(rowWith(rid, rid), bytesOf(rid, 104), 0, 104);
    ring.find(1);
  }
  const there = Array.from({ length: 1_000 }, (_, at) => at + 1).filter((rid) => ring.has(rid));
  t.ok(there.length > 80 && there.length <= (kib * 1024) / 144, `${there.length} rows`);
  t.equal(there[0], 1, 'the one that was looked for again and again');
  t.ok((there[1] as number) > 800, 'the others are new');
  ring.add(rowWith(5, 5), bytesOf(5, 983), 0, 983);
  t.equal(ring.has(5), false, 'one that takes more than a sixteenth is not');
  ring.add(rowWith(5, 5), bytesOf(5, 982), 0, 982);
  t.equal(ring.has(5), true);
  ring.add(rowWith(2 ** 32, 5), bytesOf(5, 8), 0, 8);
  t.equal(ring.has(2 ** 32), false, 'nor one with a number that has no room');
  t.end();
});

t.test('each connection forgets what was written since it read last', async (t) => {
  const random = seededBelow(t);
  const path = newPath();
  const store = await openAt(path, INDEXED);
  t.teardown(() => store.close());
  const connection = openConnection({ path, role: 'reader', cacheBytes: 1 << 20, busyTimeoutMs: 1_000 });
  t.teardown(() => connection.close());
  const limits = { ...PLAN_LIMITS, ...INDEXED.plans };
  const reads = createReads(connection, { budget: 1e6, whenSpent: 'throw', limits }, 1 << 20);
  const questions = [query('Basic', all()), query('Basic', text('Basic.name', 'prefix', 'name'))];
  const values = { texts: { name: ['name 1'] } };
  const wrong: unknown[] = [];
  let amended = 0;
  for (let step = 0; step < 120; step++) {
    const asked = questions[step % 2] as ReturnType<typeof query>;
    const elsewhere = (after?: string) => {
      const request = { limit: 5, total: 'none', ...(after !== undefined && { after }) } as const;
      const { page: found } = reads({ kind: 'search', query: asked, page: request }) as Extract<
        ReadResult,
        { kind: 'search' }
      >;
      return { rows: unflatten(found.rows).map(wireVersion), next: found.next };
    };
    const first = elsewhere();
    const whole = (await page(store, asked)).rows;
    if (told(first.rows).join('\n') !== told(whole.slice(0, 5)).join('\n')) wrong.push([step, 'first']);
    const [one] = whole;
    if (step % 5 === 3 && one !== undefined) {
      const { type, id, versionId, json: from } = one;
      const to = from.replace('}}', '},"language":"en"}').replace('"id"', ' "id"');
      const { postings } = put(type, id, { values }) as Extract<ReturnType<typeof put>, { kind: 'put' }>;
      if (await store.amend({ type, id, versionId, from, to, postings })) amended++;
      if (random(2) === 0) await store.transact([put('Group', 'g')]);
      const [now] = elsewhere().rows;
      if (now?.json !== to) wrong.push([step, 'amended', now?.json, to]);
      await indexed(store, path);
      continue;
    }
    for (let count = random(4); count > 0; count--) {
      const id = `r${random(12)}`;
      await store.transact([random(4) === 0 ? remove('Basic', id) : put('Basic', id, { values })]);
    }
    if (step % 40 === 39) {
      // more than are looked for one by one
      const others = Array.from({ length: 1_200 }, (_, at) => put('Group', `s${at}`));
      await store.transact([...others, put('Basic', one?.id ?? 'r1', { values })]);
    }
    if (first.next !== undefined) {
      const seen = [...first.rows, ...elsewhere(first.next).rows];
      if (told(seen).join('\n') !== told(whole.slice(0, 10)).join('\n')) wrong.push([step, 'pages']);
    }
    await indexed(store, path);
  }
  t.same(wrong, []);
  t.ok(amended > 10, `${amended} were amended`);
});
