/**
 * Orders of the SQLite engine that no index has: by references and other values that are read from resources.
 */
import t from 'tap';
import type { SortKey } from '../../src/search/query.ts';
import type { Store, WriteCommand } from '../../src/storage/store.ts';
import { all, byLink, code, put, query, remove } from './contract/build.ts';
import { seededBelow, sqliteFiles, walkPages } from './sqlite-files.ts';

const { newPath, openAt } = await sqliteFiles(t);

/** Always by an order of everything, and a value of every third. */
const plans = { countedMax: 10, collectedMax: 10, gatheredMax: -1, sampledEvery: 3 };

/** What refers to several; each has a term, and one that names a version has another one too. */
function linked(id: string, links: readonly string[], status = 'final'): WriteCommand {
  const link = links.flatMap((one) => {
    const at = one.indexOf('/_history/');
    return at < 0 ? [one] : [one.slice(0, at), one];
  });
  const values = { terms: { link }, codes: { status: [`s|${status}`] } };
  const { text, ...command } = put('Basic', id, { values }) as Extract<WriteCommand, { kind: 'put' }>;
  const note = links.length === 1 ? links[0] : links;
  const after = links.length === 0 ? '}}' : `},"note":${JSON.stringify(note)}}`;
  return { ...command, text: { ...text, after } };
}

interface Known {
  /** When it was created. */
  readonly born: number;
  readonly links: readonly string[];
  readonly status: string;
}

/** Ids as they should be found: without a value last, of several the one that counts, equal ones by age. */
function inOrder(known: ReadonlyMap<string, Known>, descending: boolean, target?: string): string[] {
  const valueWithin = ({ links }: Known): string | undefined => {
    const values = links.map((one) => one.split('/_history/')[0] as string);
    const sorted = values.filter((one) => target === undefined || one.startsWith(`${target}/`)).sort();
    return descending ? sorted.at(-1) : sorted[0];
  };
  const sign = descending ? -1 : 1;
  const rows = [...known].map(([id, one]) => ({ id, born: one.born, value: valueWithin(one) }));
  rows.sort((a, b) => {
    if (a.value === b.value) return sign * (a.born - b.born);
    if (a.value === undefined || b.value === undefined) return a.value === undefined ? 1 : -1;
    return a.value < b.value ? -sign : sign;
  });
  return rows.map(({ id }) => id);
}

t.test('a page in the order of references looks at what it shows, however many there are', async (t) => {
  const firsts: number[] = [];
  for (const size of [500, 2_000]) {
    const store = await openAt(newPath(), { mergeVersions: 1, mergeChanges: 100_000, plans });
    const known = new Map<string, Known>();
    await store.transact(Array.from({ length: 50 }, (_, at) => put('Patient', `p${at}`)));
    const commands: WriteCommand[] = [];
    for (let at = known.size; at < size; at++) {
      const links = at % 10 === 0 ? [] : [`Patient/p${(at * 7) % 60}`];
      commands.push(linked(`b${at}`, links, at % 4 === 0 ? 'amended' : 'final'));
      known.set(`b${at}`, { born: at, links, status: at % 4 === 0 ? 'amended' : 'final' });
    }
    await store.transact(commands);
    for (let step = 0; step < 4; step++) await store.transact([]);
    const { seen, examined } = await walkPages(store, query('Basic', all(), byLink(false, 'Basic')), 20);
    t.same(seen, inOrder(known, false));
    firsts.push(examined[0] as number);
    t.ok(Math.max(...examined.slice(1)) <= 21, examined.join());
    const amended = query('Basic', code('Basic.status', 'amended'), byLink(true, 'Basic'));
    const some = await walkPages(store, amended, 20);
    t.same(some.seen, inOrder(new Map([...known].filter(([, one]) => one.status === 'amended')), true));
    t.ok(Math.max(...some.examined.slice(1)) <= 21, some.examined.join());
    // equal ones by status, which is the next key
    const sort = [byLink(false, 'Basic'), { by: 'updated', descending: true }] satisfies SortKey[];
    const both = await walkPages(store, query('Basic', all(), ...sort), 20);
    t.ok(Math.max(...both.examined.slice(2)) <= 200, both.examined.join());
    t.equal(new Set(both.seen).size, size);
    await store.close();
  }
  // a row of the index is a sixteenth of one that is looked at
  t.ok((firsts[1] as number) < 2_000 / 4, firsts.join());
});

t.test('an order of references is exact, whatever is written meanwhile, also after a restart', async (t) => {
  const below = seededBelow(t);
  for (const more of [
    {},
    { mergeVersions: 1, mergeChanges: 5 },
    { plans: { ...plans, followedMax: 4, changedMax: 3 } },
  ]) {
    const path = newPath();
    const options = { mergeVersions: 3, plans, ...more };
    let store: Store = await openAt(path, options);
    const known = new Map<string, Known>();
    const born = new Map<string, number>();
    const targets = ['Patient', 'Group'].flatMap((type) =>
      [...Array(8).keys()].map((at) => `${type}/x${at}`),
    );
    // half of what is referred to is not here
    await store.transact(
      targets.filter((_, at) => at % 2 === 0).map((one) => put(...(one.split('/') as [string, string]))),
    );
    const write = async (count: number): Promise<void> => {
      const commands: WriteCommand[] = [];
      for (let at = 0; at < count; at++) {
        const id = `b${below(90)}`;
        if (below(5) === 0 && known.has(id)) {
          known.delete(id);
          commands.push(remove('Basic', id));
          continue;
        }
        const links = Array.from({ length: below(4) }, () => {
          const one = targets[below(targets.length)] as string;
          return below(6) === 0 ? `${one}/_history/2` : one;
        });
        const status = below(3) === 0 ? 'amended' : 'final';
        if (!born.has(id)) born.set(id, born.size);
        known.set(id, { born: born.get(id) as number, links, status });
        commands.push(linked(id, links, status));
      }
      await store.transact(commands);
      // some of what is referred to comes and goes
      const one = targets[below(targets.length)] as string;
      const [type, id] = one.split('/') as [string, string];
      await store.transact([below(2) === 0 ? put(type, id) : remove(type, id)]);
    };
    await write(120);
    for (let round = 0; round < 16; round++) {
      const descending = below(2) === 0;
      const target = below(2) === 0 ? undefined : 'Patient';
      const isAmended = below(2) === 0;
      const expected = new Map([...known].filter(([, one]) => !isAmended || one.status === 'amended'));
      const where = isAmended ? code('Basic.status', 'amended') : all();
      const asked = query('Basic', where, byLink(descending, 'Basic', target));
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await store.search(asked, {
          limit: 7,
          total: 'none',
          ...(after !== undefined && { after }),
        });
        seen.push(...page.rows.map(({ id }) => id));
        after = page.next;
        if (below(2) === 0) await write(1 + below(4));
        if (below(12) === 0) {
          await store.close();
          store = await openAt(path, options);
        }
      } while (after !== undefined);
      t.same(seen, inOrder(expected, descending, target), `round ${round}`);
    }
    await store.close();
  }
});
