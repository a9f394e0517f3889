/**
 * Scans of what is live: all of it, once, whatever is written while somebody reads.
 */
import type { Test } from 'tap';
import { put, remove } from './build.ts';
import type { OpenStore } from './suite.ts';

/** More than any engine reads at once. */
const COUNT = 1_200;

export async function checkScans(t: Test, open: OpenStore): Promise<void> {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const { store, destroy } = await open(() => ++time);
  t.teardown(destroy);
  await store.transact([put('Patient', 'a'), put('Patient', 'b'), put('Group', 'g')]);
  await store.transact([put('Patient', 'a'), remove('Group', 'g')]);

  const ids = async (types?: readonly string[]): Promise<string[]> => {
    const found: string[] = [];
    for await (const version of store.scan(types)) found.push(`${version.type}/${version.id}`);
    return found.sort();
  };
  await store.transact(Array.from({ length: COUNT }, (_, index) => put('Device', `s${index}`)));
  const devices = Array.from({ length: COUNT }, (_, index) => `Device/s${index}`).sort();
  t.same(await ids(['Device']), devices, 'of one type [scan.once]');
  t.same(await ids(['Group']), [], 'deleted resources are in none [scan.once]');
  t.same(await ids(['Nonsense']), [], 'an unknown type has none');
  const patients = ['Patient/a', 'Patient/b'];
  t.same(await ids(['Device', 'Patient']), [...devices, ...patients].sort(), 'of two types [scan.once]');
  t.same(await ids(['Patient', 'Group', 'Patient']), patients, 'a type that is named twice [scan.once]');
  t.same(await ids([]), [], 'of no types');
  t.same(await ids(), [...devices, ...patients].sort(), 'of everything [scan.once]');

  const seen = new Map<string, number>();
  const deleted = new Set<string>();
  for await (const version of store.scan(['Device'])) {
    const count = seen.size;
    seen.set(version.id, (seen.get(version.id) ?? 0) + 1);
    if (count % 25 !== 0) continue;
    // one is updated, one comes, one goes, one goes and comes back
    const [updated, gone, back] = [COUNT - 1 - count, COUNT - 2 - count, COUNT - 3 - count].map(
      (at) => `s${at}`,
    );
    await store.transact([put('Device', updated!), put('Device', `late${count}`), remove('Device', gone!)]);
    await store.transact([remove('Device', back!)]);
    await store.transact([put('Device', back!)]);
    deleted.add(gone!).add(back!);
  }
  const missed = devices.map((key) => key.slice('Device/'.length)).filter((id) => !seen.has(id));
  t.same(
    missed.filter((id) => !deleted.has(id)),
    [],
    'nothing is missed that is updated meanwhile [scan.once]',
  );
  const twice = [...seen].filter(([, count]) => count > 1);
  t.same(twice, [], 'nothing is there twice, deleted and brought back or not [scan.once]');
}
