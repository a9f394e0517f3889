/**
 * Random writes and random queries against the oracle: answers, order, pages under writes and history. The
 * seed is printed; set STORE_SEED to repeat a run.
 */
import type { Test } from 'tap';
import type { Predicate, RangePrefix, SearchQuery, SortKey } from '../../../src/search/query.ts';
import { hashTerm } from '../../../src/search/term-hash.ts';
import type { Store, WriteCommand } from '../../../src/storage/store.ts';
import {
  all,
  any,
  byAll,
  byLink,
  byMark,
  chain,
  has,
  keyOf,
  nextUp,
  not,
  put,
  query,
  remove,
  textOf,
  unitOf,
  type Values,
} from './build.ts';
import { answer, createOracle, type Oracle, type OracleVersion } from './oracle.ts';
import type { OpenStore } from './suite.ts';

const ROUNDS = 60;
/** The first two have a primary date, the last has none. */
const TYPES = ['Patient', 'Observation', 'Group'] as const;

export async function checkRandom(t: Test, open: OpenStore): Promise<void> {
  const seed = Number(process.env.STORE_SEED ?? Math.floor(Math.random() * 2 ** 31));
  t.comment(`STORE_SEED=${seed}`);
  const random = createRandom(seed);
  let time = Date.parse('2026-01-01T00:00:00Z');
  const { store, chains, destroy } = await open(() => ++time);
  t.teardown(destroy);
  const oracle = createOracle();
  for (let round = 0; round < ROUNDS; round++) {
    await write(store, oracle, random, 1 + random.below(12));
    for (let count = 0; count < 8; count++) {
      const asked = randomQuery(random);
      const moves = chains === 'current' && isChained(asked);
      const problem = await compare(store, oracle, random, asked, !moves);
      if (problem !== undefined) {
        t.fail(`seed ${seed} round ${round}: ${problem}`, { query: JSON.stringify(asked) });
        return;
      }
    }
  }
  const history = await store.history({ level: 'system' }, { limit: 100_000, ascending: true });
  t.same(
    history.rows.map((row) => `${row.type}/${row.id} ${row.versionId} ${row.lastUpdated} ${row.method}`),
    oracle.log.map((one) => `${one.type}/${one.id} ${one.version} ${one.lastUpdated} ${one.method}`),
    'the history is the log [transact.order] [history.scope]',
  );
}

export async function write(store: Store, oracle: Oracle, random: Random, count: number): Promise<void> {
  const commands: WriteCommand[] = [];
  for (let index = 0; index < count; index++) {
    const type = random.of(TYPES);
    const id = `${type.slice(0, 1)}${random.below(40)}`;
    commands.push(random.below(6) === 0 ? remove(type, id) : randomPut(random, type, id));
  }
  oracle.apply(commands, (await store.transact(commands)).results);
}

/** What is marked is found by a term, as a reference is; some of what is referred to is there. */
function randomPut(random: Random, type: string, id: string): WriteCommand {
  const target = `${random.of(TYPES)}/${random.of(['P', 'O', 'G'])}${random.below(6)}`;
  const mark = random.below(3) === 0 ? target : random.of(NAMES);
  const values = randomValues(random, type);
  const link = mark === '' ? [] : [mark];
  return put(type, id, { values: { ...values, terms: { ...values.terms, link } }, mark });
}

/** Pages with writes in between must show the state of the first page. */
async function compare(
  store: Store,
  oracle: Oracle,
  random: Random,
  asked: SearchQuery,
  writeBetween: boolean,
): Promise<string | undefined> {
  const expected = answer(oracle.state(), asked).map(keyOfVersion);
  const limit = 1 + random.below(12);
  const seen: string[] = [];
  let after: string | undefined;
  let pages = 0;
  do {
    const total = pages === 0 ? 'accurate' : 'none';
    const page = await store.search(asked, { limit, total, ...(after === undefined ? {} : { after }) });
    if (pages === 0 && page.total?.value !== expected.length) {
      return `total ${page.total?.value} instead of ${expected.length}`;
    }
    if (page.rows.length > limit) return `a page of ${page.rows.length} with a limit of ${limit}`;
    seen.push(...page.rows.map((row) => `${row.type}/${row.id} ${row.versionId}`));
    after = page.next;
    if (writeBetween && random.below(3) === 0) await write(store, oracle, random, 3);
    if (++pages > 200) return 'pages without end';
  } while (after !== undefined);
  if (seen.join() === expected.join()) return undefined;
  return `found ${seen.join(', ')}\nwanted ${expected.join(', ')}`;
}

function isChained(asked: SearchQuery): boolean {
  return /"kind":"(chain|has)"/.test(JSON.stringify(asked));
}

function keyOfVersion(one: OracleVersion): string {
  return `${one.type}/${one.id} ${one.version}`;
}

const CODES = ['s|a', 's|b', 't|a', 't|c', '|d'];
const NAMES = ['Ana', 'ANA', 'Anna', 'Müller', 'Mu', '李', '😀', '\uff21', ''];
const UNITS = ['', 'kg', 'mg'];

function randomValues(random: Random, type: string): Values {
  const some = <Item>(most: number, item: () => Item): Item[] =>
    Array.from({ length: random.below(most + 1) }, item);
  const interval = (): readonly [string, string] => {
    const lo = random.below(40);
    const days = random.below(6) === 0 ? 20 + random.below(200) : 1 + random.below(9);
    return [random.below(12) === 0 ? '' : day(lo), random.below(8) === 0 ? '' : day(lo + days)];
  };
  // the parameter that orders the type: its least start is the primary date
  const when = some(type === 'Group' ? 0 : 2, interval);
  const date = when.some(([lo]) => lo === '') ? '' : (when.map(([lo]) => lo).sort(compareDays)[0] ?? '');
  return {
    date,
    codes: { code: some(2, () => random.of(CODES)), status: [random.of(CODES)] },
    terms: { subject: some(2, () => `${random.of(TYPES)}/${random.of(['P', 'O', 'G'])}${random.below(40)}`) },
    texts: { name: some(3, () => random.of(NAMES)) },
    dates: { date: some(2, interval), when },
    numbers: {
      value: some(2, () => {
        const lo = random.below(20) - 5;
        return [random.of(UNITS), lo, random.below(2) === 0 ? nextUp(lo) : lo + 1 + random.below(4)];
      }),
    },
  };
}

function compareDays(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b);
}

function day(index: number): string {
  return new Date(Date.parse('1969-12-15T00:00:00Z') + index * 86_400_000).toISOString().slice(0, 10);
}

const PREFIXES: readonly RangePrefix[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];

export function randomQuery(random: Random): SearchQuery {
  const types = random.below(8) === 0 ? (random.below(2) === 0 ? '' : TYPES.join()) : random.of(TYPES);
  const sort = Array.from({ length: random.below(3) }, () => randomSort(random, types));
  return query(types, randomPredicate(random, types.split(',')[0] || 'Patient', 3), ...sort);
}

function randomPredicate(random: Random, type: string, depth: number): Predicate {
  const deeper = (): Predicate => randomPredicate(random, type, depth - 1);
  const kind = depth === 0 ? 6 + random.below(9) : random.below(17);
  switch (kind) {
    case 0:
    case 1:
    case 2:
      return all(...Array.from({ length: 1 + random.below(3) }, deeper));
    case 3:
    case 4:
      return any(...Array.from({ length: random.below(4) }, deeper));
    case 5:
      return not(deeper());
    case 15: {
      const target = random.of(TYPES);
      return chain(`${type}.subject`, target, randomPredicate(random, target, depth - 1));
    }
    case 16: {
      const source = random.of(TYPES);
      return has(`${source}.subject`, randomPredicate(random, source, depth - 1));
    }
    default:
      return randomLeaf(random, type, kind);
  }
}

function randomLeaf(random: Random, type: string, kind: number): Predicate {
  const k = (name: string): number => keyOf(`${type}.${name}`);
  const prefix = random.of(PREFIXES);
  switch (kind) {
    case 6: {
      const terms = Array.from({ length: random.below(4) }, () => hashTerm(random.of(CODES)));
      return { kind: 'term', k: k(random.of(['code', 'status'])), terms };
    }
    case 7:
      return { kind: 'code', k: k('code'), code: random.of(['a', 'b', 'c', 'd', 'e']) };
    case 8:
      return { kind: 'system', k: k('code'), system: random.of(['s', 't', '', 'u']) };
    case 9:
      return {
        kind: 'text',
        k: k('name'),
        op: random.of(['prefix', 'contains', 'suffix', 'whole']),
        value: random.of(['a', 'an', '', 'mu', '李', 'll']),
      };
    case 10:
      return { kind: 'text', k: k('name'), op: 'exact', value: textOf(random.of(NAMES)) };
    case 11: {
      const lo = Date.parse(`${day(random.below(40))}T00:00:00Z`);
      const hi = lo + (1 + random.below(9)) * 86_400_000;
      if (random.below(2) === 0) return { kind: 'date', k: k('date'), prefix, lo, hi };
      return { kind: 'date', k: k('when'), primary: true, prefix, lo, hi };
    }
    case 12: {
      const lo = random.below(20) - 5;
      const units = Array.from({ length: random.below(3) }, () => unitOf(random.of(UNITS)));
      return {
        kind: 'number',
        k: k('value'),
        units,
        prefix,
        lo,
        hi: random.below(2) === 0 ? nextUp(lo) : lo + 2,
      };
    }
    case 13:
      return { kind: 'present', k: k(random.of(['code', 'name', 'date', 'value', 'none'])) };
    default: {
      const ids = Array.from({ length: random.below(5) }, () => `${type.slice(0, 1)}${random.below(45)}`);
      return { kind: 'id', ids };
    }
  }
}

function randomSort(random: Random, types: string): SortKey {
  const descending = random.below(2) === 0;
  const type = types.split(',')[0] || 'Patient';
  switch (random.below(11)) {
    case 0:
      return { by: 'id', descending };
    case 1:
      return { by: 'updated', descending };
    case 2:
      return { by: 'primary', descending };
    case 3:
      return { by: 'date', k: keyOf(`${type}.date`), descending };
    case 4:
      return { by: 'number', k: keyOf(`${type}.value`), descending };
    case 5:
      return { by: 'text', k: keyOf(`${type}.name`), descending };
    case 6:
      return byMark(descending, type);
    case 7:
      return byLink(descending, type, random.below(2) === 0 ? 'Patient' : undefined);
    case 8:
      return byAll('text', descending, ...TYPES.map((one) => `${one}.name`));
    case 9:
      return random.below(2) === 0
        ? byAll('term', descending, `${type}.code`, `${type}.tag`)
        : byAll('number', descending, `${type}.value`, `${type}.none`);
    default:
      return { by: 'term', k: keyOf(`${type}.code`), descending };
  }
}

export interface Random {
  below(limit: number): number;
  of<Item>(list: readonly Item[]): Item;
}

/** A small generator with a seed. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const below = (limit: number): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % limit;
  };
  return { below, of: (list) => list[below(list.length)] as (typeof list)[number] };
}
