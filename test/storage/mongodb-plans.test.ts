/**
 * What MongoDB does for each shape of query: which index, between which bounds, without looking at a whole
 * collection and without sorting. On a small collection, so that it holds whatever the server makes of statistics.
 */
import t from 'tap';
import type { Predicate, SortKey } from '../../src/search/query.ts';
import type { ExplainedCommand } from '../../src/storage/mongodb/explain.ts';
import { all, query } from './contract/build.ts';
import { SEARCH_CASES } from './contract/search-cases.ts';
import { mongoFor } from './mongodb-server.ts';
import { CONDITIONS, EXACT, LARGE_SHAPES, legible, SHAPES } from './mongodb-shapes.ts';
import { explained, faultsOf, heartRate, ORDERS, openWorld, TIGHT } from './mongodb-world.ts';

const server = await mongoFor(t);
if (server !== undefined) {
  t.test('every case of the suite uses an index and its bounds, and sorts nothing', async (t) => {
    for (const [name, limits] of [
      ['as it comes', {}],
      ['tight limits', TIGHT],
    ] as const) {
      const { store, destroy } = await openWorld(server, limits);
      for (const [title, asked] of SEARCH_CASES) {
        const faults = (await explained(store, asked)).flatMap(faultsOf);
        t.same(faults, [], `${name}: ${title}`);
      }
      await destroy();
    }
  });

  t.test('so does every kind of condition in every order, on the first page and on the next', async (t) => {
    const orders = [undefined, ...Object.values(ORDERS).flat()];
    for (const [name, limits, sorts] of [
      ['as it comes', {}, orders.slice(0, 2)],
      ['tight limits', TIGHT, orders],
    ] as const) {
      const { store, destroy } = await openWorld(server, limits);
      const faultsIn = async (where: Predicate, sort: SortKey | undefined): Promise<string[]> => {
        const asked = query('Observation', where, ...(sort === undefined ? [] : [sort]));
        const { next } = await store.search(asked, { limit: 1, total: 'none' });
        const faults: string[] = [];
        for (const after of next === undefined ? [undefined] : [undefined, next]) {
          const page = { limit: 1, total: 'none', ...(after !== undefined && { after }) } as const;
          const { commands } = await store.explain(asked, page);
          faults.push(...(commands as readonly ExplainedCommand[]).flatMap(faultsOf));
        }
        return faults.map((fault) => `${fault}: ${JSON.stringify([where, sort])}`);
      };
      for (const [kind, conditions] of Object.entries(CONDITIONS)) {
        const faults: string[] = [];
        // hundreds at once would wait for connections for longer than a call may
        for (const where of conditions) {
          const found = await Promise.all(sorts.map((sort) => faultsIn(where, sort)));
          faults.push(...found.flat());
        }
        t.same(faults, [], `${name}: ${kind}, ${conditions.length * sorts.length} searches`);
      }
      await destroy();
    }
  });

  t.test('one list is read, other keys are tested in a way that no planner takes for it', async (t) => {
    const everything = [...Object.values(CONDITIONS).flat(), all(heartRate, all(...CONDITIONS.not))];
    const filtersOf = async (useHints: boolean): Promise<readonly unknown[]> => {
      const { store, destroy } = await openWorld(server, {}, undefined, { useHints });
      const filters: unknown[] = [];
      for (const where of everything) {
        const commands = await explained(store, query('Observation', all(heartRate, where)));
        filters.push(...commands.map(({ filter }) => filter));
      }
      await destroy();
      return filters;
    };
    const told = await filtersOf(true);
    const many = told.filter((filter) => listsIn(filter) > 1);
    t.same(many, [], `told which index to use: ${told.length} commands`);
    t.ok(told.filter((filter) => JSON.stringify(filter, withoutBigints).includes('"$k"')).length > 5);
    const free = await filtersOf(false);
    const tested = free.filter((filter) => JSON.stringify(filter, withoutBigints).includes('"$k"'));
    t.same(tested, [], `where the server chooses, keys are members: ${free.length} commands`);
    t.ok(free.some((filter) => listsIn(filter) > 1));
  });

  t.test('the index and the bounds of each shape', async (t) => {
    const { store, destroy } = await openWorld(server, {});
    for (const [name, asked, expected] of SHAPES) {
      const commands = await explained(store, asked);
      t.same(commands.map(legible), expected, name);
      // the stand-in counts the whole range where a limit would end it
      if (server.isStandIn || !EXACT.has(name)) continue;
      for (const { documentsExamined, returned } of commands) t.equal(documentsExamined, returned, name);
    }
    await destroy();
  });

  t.test('the same with the ways of large databases', async (t) => {
    const { store, destroy } = await openWorld(server, {
      joinedMax: 0,
      surveyedMax: 1,
      sortedMax: 0,
      stretchMax: 3,
    });
    for (const [name, asked, expected] of LARGE_SHAPES) {
      t.same((await explained(store, asked)).map(legible), expected, name);
    }
    await destroy();
  });
}

/** How many plain conditions on keys a filter has; of alternatives, or of what was read before, none counts. */
function listsIn(filter: unknown): number {
  const { k, $and = [] } = filter as { readonly k?: unknown; readonly $and?: readonly unknown[] };
  return $and.reduce((sum: number, part) => sum + listsIn(part), k === undefined ? 0 : 1);
}

function withoutBigints(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
