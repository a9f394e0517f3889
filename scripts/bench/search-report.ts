/** The table of scripts/bench/search.ts, and what of the goals it shows. */
import type { PagesFound, TotalFound } from './search-alone.ts';
import type { Compared, Measured } from './search-turns.ts';

/** One search at each size, the smallest first. */
export interface Found extends Compared {
  readonly name: string;
  /** The same with one row a page, where larger data has more rows to show. */
  readonly oneRow?: Compared;
}

export const GOALS = { ratio: 1.35, p99Ms: 100, totalMs: 100, totalHits: 200_000, farPage: 1.5 } as const;

const NAME = 62;
const SIDE = 15;
export const HEADINGS = [
  'search'.padEnd(NAME),
  'p50/p99 in ms at each size; ratio of p50, last to first; the same with one row a page;',
  'rows a page and processor time of the server a request in us, first and last',
].join(' ');

export function rowOf({ name, sides, ratio, oneRow }: Found): string {
  const [first, last] = [sides[0], sides.at(-1)] as [Measured, Measured];
  const pair = (one: number | undefined, other: number | undefined, digits: number): string =>
    one === undefined || other === undefined ? '' : `${one.toFixed(digits)}-${other.toFixed(digits)}`;
  const errors = sides.reduce((sum, side) => sum + side.errors, 0);
  return [
    name.slice(0, NAME).padEnd(NAME),
    ...sides.map(({ p50, p99 }) => `${p50.toFixed(2)}/${p99.toFixed(1)}`.padStart(SIDE)),
    ratio.toFixed(2).padStart(6),
    (oneRow?.ratio.toFixed(2) ?? '').padStart(6),
    pair(first.rows, last.rows, 1).padStart(10),
    pair(first.cpuUs, last.cpuUs, 0).padStart(11),
    errors === 0 ? '' : `${errors} ERRORS: ${sides.find(({ error }) => error !== undefined)?.error}`,
  ].join(' ');
}

/** A line for each goal: how many meet it, and which do not. */
export function claims(
  found: readonly Found[],
  pages: readonly PagesFound[],
  totals: readonly TotalFound[],
): string[] {
  const { ratio, p99Ms, totalMs, totalHits, farPage } = GOALS;
  const errors = found.flatMap(({ sides }) => sides).reduce((sum, side) => sum + side.errors, 0);
  const worst = ({ sides }: Found): number => Math.max(...sides.map(({ p99 }) => p99));
  const lines = [
    `${errors} errors`,
    claim(`shapes at most ${ratio} (p50, largest / smallest size)`, found, (one) => one.ratio, ratio),
    claim(
      `shapes at most ${ratio} where both pages have as many rows, or one`,
      found,
      (one) => (one.oneRow ?? one).ratio,
      ratio,
    ),
    claim(`shapes with p99 of at most ${p99Ms} ms at every size`, found, worst, p99Ms),
  ];
  if (pages.length > 0) {
    const named = pages.map((one) => ({ ...one, name: one.url }));
    lines.push(
      claim(
        `far pages at most ${farPage} times the first`,
        named,
        ({ first, last }) => last / first,
        farPage,
      ),
    );
  }
  if (totals.length > 0) {
    const large = totals.map((one) => ({ ...one, name: `${one.url}, ${one.hits} hits` }));
    const over = large.filter(({ hits }) => hits >= totalHits);
    lines.push(
      claim(`first totals at most ${totalMs} ms`, large, ({ firstMs }) => firstMs, totalMs),
      claim(
        `first totals over ${totalHits} hits at most ${totalMs} ms`,
        over,
        ({ firstMs }) => firstMs,
        totalMs,
      ),
    );
  }
  return lines;
}

function claim<One extends { readonly name: string }>(
  what: string,
  all: readonly One[],
  measureOf: (one: One) => number,
  most: number,
): string {
  const over = all.filter((one) => !(measureOf(one) <= most));
  const told = over.map((one) => `${one.name} ${measureOf(one).toFixed(2)}`).join('; ');
  return `${all.length - over.length} of ${all.length} ${what}${over.length === 0 ? '' : `; above: ${told}`}`;
}
