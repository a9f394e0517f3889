/**
 * The change feed in commit order: live, resumed, from the beginning, and after a restart.
 */
import type { Test } from 'tap';
import type { Change, Store } from '../../../src/storage/store.ts';
import { postingsOf, put, remove } from './build.ts';
import type { OpenStore } from './suite.ts';

export async function checkChanges(t: Test, open: OpenStore): Promise<void> {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const { store, destroy } = await open(() => ++time);
  t.teardown(destroy);
  await store.transact([put('Patient', 'a'), put('Group', 'g')]);
  await store.transact([put('Patient', 'a')]);
  await store.transact([remove('Group', 'g'), put('Patient', 'b')]);
  const names = ['a1', 'g1', 'a2', 'g2-', 'b1'];

  const first = await take(store, undefined, 5);
  t.same(first.map(short), names, 'all changes from the beginning [changes.all] [transact.order]');
  for (const [index, change] of first.entries()) {
    const rest = await take(store, change.cursor, names.length - index - 1);
    t.same(rest.map(short), names.slice(index + 1), `resumed after change ${index} [changes.cursor]`);
  }
  const again = await take(store, first[1]?.cursor, 1);
  t.same(again[0]?.version, await store.readVersion('Patient', 'a', '2'), 'a change carries its version');

  const stop = new AbortController();
  const live: string[] = [];
  const reading = (async () => {
    for await (const change of store.changes(first[4]?.cursor, stop.signal)) {
      live.push(short(change));
      if (live.length === 40) stop.abort();
    }
  })();
  const expected: string[] = [];
  for (let round = 0; round < 20; round++) {
    await store.transact([put('Patient', 'c'), put('Patient', `d${round}`)]);
    expected.push(`c${round + 1}`, `d${round}1`);
  }
  await reading;
  t.same(live, expected, 'new commits arrive live, each once, in order [changes.all]');

  const idle = new AbortController();
  const waiting = take(store, (await take(store, undefined, 45))[44]?.cursor, 1, idle);
  idle.abort();
  t.same(await waiting, [], 'an aborted wait ends [changes.end]');
  const aborted = new AbortController();
  aborted.abort();
  t.same(await take(store, undefined, 1, aborted), [], 'an aborted signal yields nothing [changes.end]');

  await checkSilence(t, store);
  await checkTexts(t, store);
  await checkOrder(t, open);
  await checkRestart(t, open);
}

/** Postings and labels that are replaced in place are no commits: nothing in the feed, nothing in a history. */
async function checkSilence(t: Test, store: Store): Promise<void> {
  await store.transact([put('Device', 'quiet', { mark: 'one' })]);
  const key = { type: 'Device', id: 'quiet' };
  const history = () => store.history({ level: 'system' }, { limit: 1_000 });
  const before = await history();
  const start = (await take(store, undefined, before.rows.length)).at(-1)?.cursor;
  const postings = postingsOf('Device', { codes: { type: ['s|quiet'] } });
  await store.reindex([{ ...key, versionId: '1', postings }]);
  t.same(await history(), before, 'indexed again, it is in the histories as before [reindex.silent]');
  const read = await store.read('Device', 'quiet');
  const to = read!.json.replace('one', 'two');
  t.ok(await store.amend({ ...key, versionId: '1', from: read!.json, to, postings }));
  await store.transact([put('Device', 'loud')]);
  t.same(
    (await take(store, start, 1)).map(short),
    ['loud1'],
    'neither is a change [reindex.silent] [amend.silent]',
  );
}

/** A reader that is behind sees what the histories show by then, whether or not a version is still current. */
async function checkTexts(t: Test, store: Store): Promise<void> {
  await store.transact([put('Device', 'mark')]);
  const written = (await store.history({ level: 'system' }, { limit: 1_000 })).rows.length;
  const start = (await take(store, undefined, written)).at(-1)?.cursor;
  const key = { type: 'Device', id: 'e' };
  const postings = postingsOf('Device', {});
  const amend = async (versionId: string): Promise<void> => {
    const from = (await store.readVersion('Device', 'e', versionId))!.json;
    const to = from.replace('"note":"', '"note":"amended ');
    t.ok(await store.amend({ ...key, versionId, from, to, postings }));
  };
  await store.transact([put('Device', 'e', { mark: 'one' })]);
  await amend('1');
  await store.transact([put('Device', 'e', { mark: 'two' })]);
  await store.transact([put('Device', 'e', { mark: 'three' })]);
  await amend('2');
  await amend('3');
  await store.transact([put('Device', 'e', { mark: 'four' }), put('Device', 'f', { mark: 'f' })]);
  const notes = (changes: readonly Change[]) =>
    changes.map(({ version }) => [short({ cursor: '', version }), JSON.parse(version.json).note as string]);
  const expected = [
    ['e1', 'amended one'],
    ['e2', 'amended two'],
    ['e3', 'amended three'],
    ['e4', 'four'],
    ['f1', 'f'],
  ];
  t.same(notes(await take(store, start, 5)), expected, 'each as it is by now [changes.text]');
  t.same(
    notes((await take(store, undefined, written + 5)).slice(written)),
    expected,
    'also from the beginning',
  );
}

interface Done {
  readonly begun: number;
  readonly answered: number;
  readonly names: readonly string[];
  /** Names of what was not there when it was answered: commits that came later. */
  readonly later: readonly string[];
}

/** Writers at once, of whom the first write much and are overtaken; each looks what others have done by then. */
async function checkOrder(t: Test, open: OpenStore): Promise<void> {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const { store, stream, destroy } = await open(() => ++time);
  t.teardown(destroy);
  const live: Change[] = [];
  const waiting = new Map<string, () => void>();
  const stop = new AbortController();
  const reading = (async () => {
    for await (const change of store.changes(undefined, stop.signal)) {
      live.push(change);
      waiting.get(short(change))?.();
    }
  })();
  const told = async (id: string): Promise<void> => {
    const arrived = new Promise<void>((resolve) => waiting.set(`${id}1`, resolve));
    await store.transact([put('Basic', id)]);
    await arrived;
  };
  // what was there when the reader started is told by now
  await told('first');
  await told('start');
  const begin = live.length;
  const done = await writeAtOnce(store, 12, 8);
  await told('last');
  stop.abort();
  await reading;

  const order = live.slice(begin, -1).map(short);
  const names = done.flatMap((one) => one.names);
  t.same([...order].sort(), [...names].sort(), 'each commit once [changes.all]');
  const isOfCommits = stream !== 'operations';
  t.same(disorder(order, done, isOfCommits), [], 'live [changes.order]');
  if (isOfCommits) {
    t.same(
      overtaken(order, done),
      [],
      'what was not there yet comes later, overlapping or not [changes.stream]',
    );
  }
  const resumed = await take(store, live[begin - 1]?.cursor, order.length);
  t.same(resumed.map(short), order, 'and in the same order from a cursor [changes.stream]');
  const past = (await take(store, undefined, live.length)).map(short);
  t.same([...past].sort(), live.map(short).sort(), 'all is there again from the beginning [changes.all]');
  t.same(disorder(past, done, true), [], 'from the beginning [changes.order]');
}

async function writeAtOnce(store: Store, writers: number, rounds: number): Promise<readonly Done[]> {
  let turn = 0;
  const done: Done[] = [];
  const idsOf = (writer: number, round: number): string[] => [
    ...Array.from({ length: writer < 4 ? 30 : 1 }, (_, at) => `own${writer}-${round}-${at}`),
    // some write what others write, too
    ...(writer % 2 === 0 ? [`shared${round % 2}`] : []),
  ];
  const all = Array.from({ length: rounds }, (_, round) =>
    Array.from({ length: writers }, (_, writer) => idsOf(writer, round)[0]!),
  );
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let round = 0; round < rounds; round++) {
        const ids = idsOf(writer, round);
        const begun = turn++;
        const { results } = await store.transact(ids.map((id) => put('Basic', id)));
        const answered = turn++;
        const others = all[round]!.map((id) => ({ type: 'Basic', id }));
        const seen = await store.readEach(others);
        const later = others.filter((_, at) => seen[at] === undefined).map(({ id }) => `${id}1`);
        done.push({ begun, answered, later, names: ids.map((id, at) => `${id}${results[at]?.versionId}`) });
      }
    }),
  );
  return done;
}

/** What is not in the order that `changes.order` asks for. */
function disorder(order: readonly string[], done: readonly Done[], areWhole: boolean): string[] {
  const places = new Map(order.map((name, at) => [name, at]));
  const wrong: string[] = [];
  const spans = done.map(({ names, ...one }) => {
    const at = names.map((name) => places.get(name) ?? Number.NaN);
    const [first, last] = [Math.min(...at), Math.max(...at)];
    if (areWhole && at.some((place, index) => place !== first + index))
      wrong.push(`not as a whole: ${names}`);
    return { ...one, names, first, last };
  });
  for (const one of spans) {
    for (const other of spans) {
      if (one.answered < other.begun && !(one.last < other.first))
        wrong.push(`${other.names} before ${one.names}`);
    }
  }
  for (const id of ['shared0', 'shared1']) {
    const versions = order.filter((name) => name.startsWith(id)).map((name) => Number(name.slice(id.length)));
    if (versions.some((version, at) => version !== at + 1)) wrong.push(`${id}: ${versions}`);
  }
  return wrong;
}

function overtaken(order: readonly string[], done: readonly Done[]): string[] {
  const places = new Map(order.map((name, at) => [name, at]));
  return done.flatMap(({ names, later }) =>
    later
      .filter((name) => !((places.get(names.at(-1)!) ?? Number.NaN) < (places.get(name) ?? Number.NaN)))
      .map((name) => `${name} before ${names[0]}, which was there before it`),
  );
}

/** A cursor is good for another start of the store; what is none is refused. */
async function checkRestart(t: Test, open: OpenStore): Promise<void> {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const { store, reopen, destroy } = await open(() => ++time);
  t.teardown(destroy);
  await store.transact([put('Patient', 'r1'), put('Patient', 'r2')]);
  const [first, second] = await take(store, undefined, 2);
  const following = take(store, second?.cursor, 1);
  await store.transact([put('Patient', 'r3')]);
  const [third] = await following;
  const last = reopen === undefined ? store : await reopen();
  await last.transact([put('Patient', 'r4')]);
  const after = async (change: Change | undefined, count: number) =>
    (await take(last, change?.cursor, count)).map(short);
  t.same(await after(first, 3), ['r21', 'r31', 'r41'], 'from the first [changes.cursor]');
  t.same(await after(second, 2), ['r31', 'r41'], 'from the second [changes.cursor]');
  t.same(await after(third, 1), ['r41'], 'from one that came while following [changes.cursor]');
  for (const none of ['', 'x', '1', '{}', 'p.1', 's.1', `${first?.cursor}\u0000`]) {
    await t.rejects(take(last, none, 1), `no cursor: ${none.slice(0, 9)} [changes.cursor]`);
  }
}

/** The first `count` changes after the cursor. */
async function take(
  store: Store,
  after: string | undefined,
  count: number,
  stop: AbortController = new AbortController(),
): Promise<Change[]> {
  const taken: Change[] = [];
  if (count === 0) return taken;
  for await (const change of store.changes(after, stop.signal)) {
    taken.push(change);
    if (taken.length === count) break;
  }
  return taken;
}

function short(change: Change): string {
  return `${change.version.id}${change.version.versionId}${change.version.deleted ? '-' : ''}`;
}
