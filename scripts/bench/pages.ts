/**
 * What pages 1, 10, 100, 300 and 1,000 of a search cost, for every kind of filter and order: time and index rows, and
 * how they compare with the first eleven pages, which are asked in turns with them. Reads a folder that
 * `passerelle seed` has filled, and changes nothing in it.
 * node scripts/bench/pages.ts --data FOLDER [--only TEXT] [--pages 1000] [--count 20] [--show ROWS]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openConnection } from '../../src/storage/sqlite/connection.ts';
import { PLAN_LIMITS } from '../../src/storage/sqlite/plan-limits.ts';
import { type Searched, tracedSearch } from '../../src/storage/sqlite/reads.ts';
import { coreQueries } from './core-search.ts';
import { median } from './median.ts';
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

/** Pages that are compared with the first ones, each with those around it; the last one instead of those behind it. */
const STOPS = [10, 100, 300, Number(options.pages)].filter(
  (page, at, all) => page <= Number(options.pages) && all.indexOf(page) === at,
);
const AROUND = 5;
/** Times that page 1 is asked first, so that it finds as much in memory as those behind it. */
const WARM = 5;
const RATIO_MAX = 1.5;
const limit = Number(options.count);

interface Looked {
  readonly us: number;
  readonly examined: number;
}

interface Walker {
  readonly next: () => Looked | undefined;
  readonly close: () => void;
}

/** From page to page on a connection of its own, with nothing remembered but what page 1 left. */
function walkerOf(url: string): Walker {
  const path = join(options.data as string, 'passerelle.sqlite');
  const connection = openConnection({
    path,
    role: 'reader',
    cacheBytes: 32 * 1024 * 1024,
    busyTimeoutMs: 5_000,
  });
  const query = queryOf(url);
  const look = (after: string | undefined): Looked & { readonly next: string | undefined } => {
    const start = performance.now();
    const found: Searched = tracedSearch(
      connection,
      query,
      { limit, total: 'none', ...(after !== undefined && { after }) },
      { budget: 300_000, whenSpent: 'refuse', limits: PLAN_LIMITS },
    );
    const us = (performance.now() - start) * 1000;
    return { us, examined: found.trace.examined, next: found.page.next };
  };
  for (let at = 0; at < WARM; at++) look(undefined);
  let after: string | undefined;
  let isOver = false;
  return {
    next() {
      if (isOver) return undefined;
      const { next, ...looked } = look(after);
      after = next;
      isOver = next === undefined;
      return looked;
    },
    close: () => connection.close(),
  };
}

interface Stop {
  readonly page: number;
  readonly ratio: number;
}

interface Walk {
  readonly pages: readonly Looked[];
  readonly first: number;
  readonly stops: readonly Stop[];
}

/** Twice; of each page the quicker time counts, so that it is not another's. */
function walk(url: string): Walk {
  const pagesMax = lengthOf(url);
  const stops = [...new Set(STOPS.map((page) => Math.min(page, pagesMax)))].filter(
    // what is around another stop already tells as much
    (page, at, all) => page > 1 && (at === 0 || page - (all[at - 1] as number) > 2 * AROUND),
  );
  const [one, other] = [walkOnce(url, stops), walkOnce(url, stops)];
  const quicker = (a: readonly Looked[], b: readonly Looked[]): readonly Looked[] =>
    a.map(({ us, examined }, at) => ({
      us: Math.min(us, b[at]?.us ?? us),
      examined: Math.max(examined, b[at]?.examined ?? examined),
    }));
  const pages = quicker(one.far, other.far);
  const firsts = stops.map((_, at) => medianUs(quicker(one.near[at] ?? [], other.near[at] ?? [])));
  return {
    pages,
    first: median(firsts),
    stops: stops.map((page, at) => ({
      page,
      ratio: medianUs(pages.slice(Math.max(1, page - 1 - AROUND), page + AROUND)) / (firsts[at] as number),
    })),
  };
}

/** Pages around a stop are asked in turn with the first pages of another walk. */
function walkOnce(url: string, stops: readonly number[]): { far: Looked[]; near: Looked[][] } {
  const walker = walkerOf(url);
  const far: Looked[] = [];
  const near = stops.map((page) => {
    const other = walkerOf(url);
    const pages: Looked[] = [];
    for (let looked = walker.next(); looked !== undefined; looked = walker.next()) {
      far.push(looked);
      const first = far.length >= page - AROUND ? other.next() : undefined;
      if (first !== undefined) pages.push(first);
      if (far.length === page + AROUND) break;
    }
    other.close();
    return pages.slice(0, 2 * AROUND + 1);
  });
  walker.close();
  return { far, near };
}

/** How many pages there are, as far as they are walked. */
function lengthOf(url: string): number {
  const walker = walkerOf(url);
  let pages = 0;
  while (pages < (STOPS.at(-1) as number) && walker.next() !== undefined) pages++;
  walker.close();
  return pages;
}

function medianUs(pages: readonly Looked[]): number {
  return median(pages.map(({ us }) => us));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

console.log(
  '| search | page 1: us, rows | others: page, ratio | mean | worst | rows of all: mean, most |\n|---|---:|---:|---:|---:|---:|',
);
const walks = new Map<string, Walk>();
const refused: string[] = [];
for (const url of pagedSearches()) {
  if (!url.includes(options.only)) continue;
  try {
    const walked = walk(url);
    walks.set(url, walked);
    show(url, walked);
  } catch (error) {
    console.log(`| ${url} | ${(error as Error).message} |`);
    refused.push(url);
  }
}
for (const page of STOPS.slice(2)) sumUp(page);
if (refused.length > 0) console.log(`refused: ${refused.join(', ')}`);

function show(url: string, { pages, first, stops }: Walk): void {
  if (options.show !== undefined) {
    for (const [at, { us, examined }] of pages.entries()) {
      if (examined > Number(options.show))
        console.log(`page ${at + 1}: ${examined} rows, ${Math.round(us)} us`);
    }
  }
  const us = pages.map((one) => one.us);
  const rows = pages.map(({ examined }) => examined);
  console.log(
    `| ${[
      url,
      `${Math.round(first)}, ${rows[0]}`,
      stops.map(({ page, ratio }) => `${page}, ${ratio.toFixed(2)}`).join('; '),
      (mean(us) / first).toFixed(2),
      (Math.max(...us.slice(1)) / first).toFixed(2),
      `${Math.round(mean(rows))}, ${Math.max(...rows)}`,
    ].join(' | ')} |`,
  );
}

/** How many keep to the bound at a page, or at their last one, and how many have so many pages. */
function sumUp(page: number): void {
  const above: string[] = [];
  let reaching = 0;
  for (const [url, { stops }] of walks) {
    const stop = stops.findLast((one) => one.page <= page);
    if (stop === undefined) continue;
    if (stop.page === page) reaching++;
    if (stop.ratio > RATIO_MAX) above.push(`${url} (page ${stop.page}: ${stop.ratio.toFixed(2)})`);
  }
  console.log(
    `page ${page}, or the last one: ${walks.size - above.length} of ${walks.size} combinations at most ${RATIO_MAX}` +
      ` (${reaching} have page ${page})${above.map((one) => `\n  above: ${one}`).join('')}`,
  );
}
