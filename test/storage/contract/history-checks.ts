/**
 * History at three levels: order, since, at, paging, totals; and pages that stand still while writes go on.
 * https://hl7.org/fhir/R4/http.html#history
 */
import type { Test } from 'tap';
import type { HistoryRequest, HistoryScope, Store } from '../../../src/storage/store.ts';
import { put, remove } from './build.ts';
import type { OpenStore } from './suite.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const HOUR_MS = 3_600_000;
/** The write that happens at each full hour: `Type/id`, deleted when it starts with a dash. */
const WRITES = [
  'Patient/a',
  'Patient/b',
  'Patient/a',
  'Group/g',
  '-Patient/a',
  'Patient/b',
  'Patient/a',
  '-Group/g',
];

const instance = (type: string, id: string): HistoryScope => ({ level: 'instance', type, id });
const ofType = (type: string): HistoryScope => ({ level: 'type', type });
const SYSTEM: HistoryScope = { level: 'system' };
/** `Patient/a` for all versions, `Patient/a/2` for one. */
const listed = (...references: string[]): HistoryScope => ({
  level: 'listed',
  versions: references.map((reference) => {
    const [type, id, versionId] = reference.split('/') as [string, string, string | undefined];
    return { type, id, ...(versionId === undefined ? {} : { versionId }) };
  }),
});
const hour = (count: number): number => START + count * HOUR_MS;

type HistoryCase = readonly [
  name: string,
  scope: HistoryScope,
  request: Omit<HistoryRequest, 'limit'>,
  answer: string,
];

/** Answers are `id version`, newest first. Version n of the list above was written at hour n + 1. */
const CASES: readonly HistoryCase[] = [
  ['an instance', instance('Patient', 'a'), {}, 'a4 a3- a2 a1'],
  ['an instance that was deleted', instance('Group', 'g'), {}, 'g2- g1'],
  ['an unknown instance', instance('Patient', 'zz'), {}, ''],
  ['an instance of an unknown type', instance('Nonsense', 'a'), {}, ''],
  ['a type', ofType('Patient'), {}, 'a4 b2 a3- a2 b1 a1'],
  ['a type without versions', ofType('Device'), {}, ''],
  ['the system', SYSTEM, {}, 'g2- a4 b2 a3- g1 a2 b1 a1'],
  ['oldest first', SYSTEM, { ascending: true }, 'a1 b1 a2 g1 a3- b2 a4 g2-'],
  ['an instance, oldest first', instance('Patient', 'a'), { ascending: true }, 'a1 a2 a3- a4'],
  ['a type, oldest first', ofType('Patient'), { ascending: true }, 'a1 b1 a2 a3- b2 a4'],
  ['since is inclusive', SYSTEM, { since: hour(6) }, 'g2- a4 b2'],
  ['since between two', SYSTEM, { since: hour(6) + 1 }, 'g2- a4'],
  ['since before everything', SYSTEM, { since: 0 }, 'g2- a4 b2 a3- g1 a2 b1 a1'],
  ['since after everything', SYSTEM, { since: hour(99) }, ''],
  ['since, of an instance', instance('Patient', 'a'), { since: hour(3) }, 'a4 a3- a2'],
  ['since, of a type', ofType('Patient'), { since: hour(5) }, 'a4 b2 a3-'],
  ['since, oldest first', ofType('Patient'), { since: hour(5), ascending: true }, 'a3- b2 a4'],
  ['at an instant: what was current', SYSTEM, { at: { lo: hour(3), hi: hour(3) + 1 } }, 'a2 b1'],
  ['at an instant between writes', SYSTEM, { at: { lo: hour(4) + 5, hi: hour(4) + 6 } }, 'g1 a2 b1'],
  ['at, of an instance', instance('Patient', 'a'), { at: { lo: hour(2), hi: hour(2) + 1 } }, 'a1'],
  ['at, over a range', instance('Patient', 'a'), { at: { lo: hour(2), hi: hour(4) } }, 'a2 a1'],
  ['at: the end is exclusive', instance('Patient', 'a'), { at: { lo: hour(2), hi: hour(3) } }, 'a1'],
  ['at: a tombstone is current too', instance('Patient', 'a'), { at: { lo: hour(5), hi: hour(6) } }, 'a3-'],
  ['at before everything', SYSTEM, { at: { lo: 0, hi: 1 } }, ''],
  ['at after everything', ofType('Patient'), { at: { lo: hour(99), hi: hour(100) } }, 'a4 b2'],
  ['at and since', ofType('Patient'), { at: { lo: hour(99), hi: hour(100) }, since: hour(7) }, 'a4'],
  ['at, oldest first', ofType('Patient'), { at: { lo: hour(2), hi: hour(4) }, ascending: true }, 'a1 b1 a2'],
  ['listed resources', listed('Patient/b', 'Group/g', 'Patient/zz', 'Device/a'), {}, 'g2- b2 g1 b1'],
  ['a listed version', listed('Patient/a/2', 'Patient/b'), {}, 'b2 a2 b1'],
  ['a listed current version', listed('Patient/a/4'), {}, 'a4'],
  ['a listed version that never was', listed('Patient/a/9', 'Patient/b/x', 'Group/g/01'), {}, ''],
  ['an empty list', listed(), {}, ''],
  ['listed, oldest first', listed('Patient/b', 'Group/g/2'), { ascending: true }, 'b1 b2 g2-'],
  ['listed, since', listed('Patient/a'), { since: hour(5) }, 'a4 a3-'],
  ['listed, at', listed('Patient/a', 'Patient/b'), { at: { lo: hour(3), hi: hour(3) + 1 } }, 'a2 b1'],
];

export async function checkHistory(t: Test, open: OpenStore): Promise<void> {
  let time = START;
  const { store, destroy } = await open(() => time);
  t.teardown(destroy);
  for (const write of WRITES) {
    time += HOUR_MS;
    const [type, id] = write.replace('-', '').split('/') as [string, string];
    await store.transact([write.startsWith('-') ? remove(type, id) : put(type, id)]);
  }
  for (const [name, scope, request, expected] of CASES) {
    const versions = expected === '' ? [] : expected.split(' ');
    const page = await store.history(scope, { ...request, limit: 100 });
    t.same(page.rows.map(short), versions, `${name} [history.scope] [history.window]`);
    t.equal(page.next, undefined, `no next page: ${name}`);
    t.ok(page.total === undefined || page.total === versions.length, `an honest total: ${name}`);
    t.same(await pageThrough(store, scope, { ...request, limit: 2 }), versions, `in pages: ${name}`);
    t.same(await pageThrough(store, scope, { ...request, limit: 1 }), versions, `one by one: ${name}`);
  }
  time = hour(3);
  const back = await store.transact([put('Patient', 'b')]);
  t.equal(
    back.results[0]?.lastUpdated,
    hour(8),
    'lastUpdated never goes back when the clock does [version.time]',
  );
  const newest = await store.history(SYSTEM, { limit: 1 });
  t.same(newest.rows.map(short), ['b3'], 'and the order stays that of the commits');
  time = hour(9);
  await checkStandstill(t, store);
}

/** What is written while somebody pages backwards does not appear, shift or repeat. */
async function checkStandstill(t: Test, store: Store): Promise<void> {
  for (const scope of [SYSTEM, ofType('Patient'), instance('Patient', 'a')]) {
    const expected = (await store.history(scope, { limit: 100 })).rows.map(short);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await store.history(scope, { limit: 2, ...(after === undefined ? {} : { after }) });
      seen.push(...page.rows.map(short));
      after = page.next;
      await store.transact([put('Patient', 'a'), put('Patient', `new${seen.length}`)]);
    } while (after !== undefined);
    t.same(seen, expected, `${scope.level} history stands still [history.still]`);
  }
}

async function pageThrough(store: Store, scope: HistoryScope, request: HistoryRequest): Promise<string[]> {
  const versions: string[] = [];
  let after: string | undefined;
  do {
    const page = await store.history(scope, { ...request, ...(after === undefined ? {} : { after }) });
    if (page.rows.length > request.limit) throw new Error('a page that is too long');
    versions.push(...page.rows.map(short));
    after = page.next;
  } while (after !== undefined);
  return versions;
}

function short(row: { id: string; versionId: string; deleted: boolean }): string {
  return `${row.id}${row.versionId}${row.deleted ? '-' : ''}`;
}
