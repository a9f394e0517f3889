/** What one client alone waits for: far pages, and totals that nobody has asked for before. */

import { performance } from 'node:perf_hooks';
import { median } from './median.ts';

/** Pages of a search, up to the thousandth. */
const PAGES_MAX = 1_000;
const PAGE_SIZE = 5;
/** A walk ends where it has come to by then. */
const WALK_MS = 10_000;
/** First and last pages whose median is compared. */
const COMPARED = 15;

export interface PagesFound {
  readonly url: string;
  /** ms, the median of the first pages and of the last ones. */
  readonly first: number;
  readonly last: number;
  readonly pages: number;
}

export interface TotalFound {
  /** Which server. */
  readonly side: string;
  readonly url: string;
  readonly hits: number;
  readonly firstMs: number;
  readonly againMs: number;
}

interface Bundle {
  readonly total?: number;
  readonly link?: readonly { readonly relation: string; readonly url: string }[];
}

/** By its next links, twice, of which the second counts: no further than a walk comes in its time. */
export async function measurePages(base: URL, url: string): Promise<PagesFound> {
  const start = encodeURI(`${base}/${url}${url.includes('?') ? '&' : '?'}_count=${PAGE_SIZE}`);
  await walk(start);
  const times = await walk(start);
  return {
    url,
    first: median(times.slice(0, COMPARED)),
    last: median(times.slice(-COMPARED)),
    pages: times.length,
  };
}

async function walk(start: string): Promise<number[]> {
  const times: number[] = [];
  let next: string | undefined = start;
  const startedAt = performance.now();
  while (next !== undefined && times.length < PAGES_MAX && performance.now() - startedAt < WALK_MS) {
    const before = performance.now();
    const page: Bundle = await ask(next);
    times.push(performance.now() - before);
    next = page.link?.find(({ relation }) => relation === 'next')?.url;
  }
  return times;
}

export async function measureTotal(base: URL, url: string): Promise<Omit<TotalFound, 'side'>> {
  const address = encodeURI(`${base}/${url}&_count=1&_total=accurate`);
  const once = async (): Promise<readonly [number, number]> => {
    const before = performance.now();
    const { total } = await ask(address);
    return [performance.now() - before, total ?? Number.NaN];
  };
  const [firstMs, hits] = await once();
  const [againMs] = await once();
  return { url, hits, firstMs, againMs };
}

async function ask(address: string): Promise<Bundle> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Bundle;
}
