/**
 * What pages 1, 10, 100 and 1,000 of a search cost, for every kind of filter and order: time and index rows, and
 * how they compare with page 1. Reads a folder that `passerelle seed` has filled, and changes nothing in it.
 * node scripts/bench/pages.ts --data FOLDER [--only TEXT] [--pages 1000] [--count 20] [--show ROWS]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Connection, openConnection } from '../../src/storage/sqlite/connection.ts';
import { PLAN_LIMITS } from '../../src/storage/sqlite/plan-limits.ts';
import { type Searched, tracedSearch } from '../../src/storage/sqlite/reads.ts';
import { coreQueries } from './core-search.ts';
import { pagedSearches } from './search-shapes.ts';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    only: { type: 'string', default: '' },
    pages: { type: 'string', default: '1000' },
    count: { type: 'string', default: '20' },
    show: { type: 'string' },
  },
});
if (options.data === undefined) throw new Error('--data FOLDER: one that `passerelle seed` has filled');

const queryOf = coreQueries();

/** Pages that are compared with the first one, each with those around it. */
const STOPS = [10, 100, Number(options.pages)];
const AROUND = 5;
/** Times that page 1 is asked first, so that it finds as much in memory as those behind it. */
const WARM = 5;
const limit = Number(options.count);

interface Looked {
  readonly us: number;
  readonly examined: number;
}

function look(connection: Connection, url: string, after: string | undefined): Looked & { next?: string } {
  const query = queryOf(url);
  const start = performance.now();
  const found: Searched = tracedSearch(
    connection,
    query,
    { limit, total: 'none', ...(after !== undefined && { after }) },
    { budget: 300_000, whenSpent: 'refuse', limits: PLAN_LIMITS },
  );
  const us = (performance.now() - start) * 1000;
  return { us, examined: found.trace.examined, ...(found.page.next && { next: found.page.next }) };
}

function open(): Connection {
  const path = join(options.data as string, 'passerelle.sqlite');
  return openConnection({ path, role: 'reader', cacheBytes: 32 * 1024 * 1024, busyTimeoutMs: 5_000 });
}

/** Every page up to the last stop, twice, each time with nothing remembered; the quicker time of each. */
function walk(url: string): Looked[] {
  const passes = [0, 1].map(() => {
    const connection = open();
    for (let at = 0; at < WARM; at++) look(connection, url, undefined);
    const pages: Looked[] = [];
    let after: string | undefined;
    do {
      const { next, ...looked } = look(connection, url, after);
      pages.push(looked);
      after = next;
    } while (after !== undefined && pages.length < (STOPS.at(-1) as number));
    connection.close();
    return pages;
  });
  const [one, other] = passes as [Looked[], Looked[]];
  return one.map(({ us, examined }, at) => ({
    us: Math.min(us, other[at]?.us ?? us),
    examined: Math.max(examined, other[at]?.examined ?? 0),
  }));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

console.log(
  '| search | page 1: us, rows | page 10 | page 100 | last: page, ratio | mean | worst | rows of all: mean, most |',
);
console.log('|---|---:|---:|---:|---:|---:|---:|---:|');
const ratios: number[] = [];
let refused = 0;
for (const url of pagedSearches()) {
  if (!url.includes(options.only)) continue;
  let pages: Looked[];
  try {
    pages = walk(url);
  } catch (error) {
    console.log(`| ${url} | ${(error as Error).message} |`);
    refused++;
    continue;
  }
  const first = median(pages.slice(0, 2 * AROUND + 1).map(({ us }) => us));
  const around = (page: number): readonly number[] =>
    pages.slice(Math.max(1, page - 1 - AROUND), page + AROUND).map(({ us }) => us);
  const ratio = (us: number): string => (us / first).toFixed(2);
  const all = pages.map(({ us }) => us);
  if (options.show !== undefined) {
    for (const [at, { us, examined }] of pages.entries()) {
      if (examined > Number(options.show))
        console.log(`page ${at + 1}: ${examined} rows, ${Math.round(us)} us`);
    }
  }
  const rows = pages.map(({ examined }) => examined);
  const last = Math.min(pages.length, STOPS.at(-1) as number);
  ratios.push(median(around(last)) / first);
  const stops = STOPS.slice(0, -1).map((page) => (page > pages.length ? '' : ratio(median(around(page)))));
  console.log(
    `| ${[
      url,
      `${Math.round(first)}, ${rows[0]}`,
      ...stops,
      `${last}, ${ratio(median(around(last)))}`,
      ratio(mean(all)),
      ratio(Math.max(...all.slice(1))),
      `${Math.round(mean(rows))}, ${Math.max(...rows)}`,
    ].join(' | ')} |`,
  );
}
console.log(
  `above 1.5: ${ratios.filter((one) => one > 1.5).length} of ${ratios.length}, refused: ${refused}`,
);
