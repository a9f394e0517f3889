/**
 * What the first exact total of a search costs, for every kind of condition: time and units of work. Reads a folder
 * that `passerelle seed` has filled, and changes nothing in it.
 * node scripts/bench/totals.ts --data FOLDER [--only TEXT] [--passes 3] [--kept]
 * Each is counted with nothing remembered; with `--kept` one after the other, with what those before have read.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Connection, openConnection } from '../../src/storage/sqlite/connection.ts';
import { PLAN_LIMITS } from '../../src/storage/sqlite/plan-limits.ts';
import { tracedSearch } from '../../src/storage/sqlite/reads.ts';
import { settingsOf } from '../../src/storage/sqlite/settings.ts';
import { coreQueries } from './core-search.ts';
import { COUNTED_SEARCHES } from './counted-searches.ts';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    only: { type: 'string', default: '' },
    passes: { type: 'string', default: '3' },
    kept: { type: 'boolean', default: false },
  },
});
if (options.data === undefined) throw new Error('--data FOLDER: one that `passerelle seed` has filled');

const GOAL_MS = 100;
const path = join(options.data, 'passerelle.sqlite');
const { readCacheBytes, examinedMax, busyTimeoutMs } = settingsOf({ path, now: Date.now });
const queryOf = coreQueries();

/** As the thread of long searches has it. */
const opened = openConnection({ path, role: 'reader', cacheBytes: readCacheBytes / 4, busyTimeoutMs });

/** The same connection, which nothing is remembered for. */
function forgetful(): Connection {
  return { ...opened, memory: {} };
}

interface Counted {
  readonly ms: number;
  readonly examined: number;
  readonly total: number;
}

function count(url: string, connection: Connection): Counted {
  const query = queryOf(url);
  const start = performance.now();
  const found = tracedSearch(
    connection,
    query,
    { limit: 0, total: 'accurate' },
    { budget: examinedMax, whenSpent: 'refuse', limits: PLAN_LIMITS },
  );
  const ms = performance.now() - start;
  return { ms, examined: found.trace.examined, total: found.page.total?.value ?? Number.NaN };
}

const asked = COUNTED_SEARCHES.filter((url) => url.includes(options.only));
const quickest = new Map<string, Counted>();
const refused = new Map<string, string>();
for (let pass = 0; pass < Number(options.passes); pass++) {
  const kept = forgetful();
  for (const url of asked) {
    try {
      const counted = count(url, options.kept ? kept : forgetful());
      if (counted.ms < (quickest.get(url)?.ms ?? Number.POSITIVE_INFINITY)) quickest.set(url, counted);
    } catch (error) {
      refused.set(url, (error as Error).message);
    }
  }
}
opened.close();

console.log('| search | total | ms | work |');
console.log('|---|---:|---:|---:|');
for (const url of asked) {
  const counted = quickest.get(url);
  const cells =
    counted === undefined
      ? [refused.get(url)]
      : [counted.total, counted.ms.toFixed(1), counted.examined, counted.ms > GOAL_MS ? 'over' : ''];
  console.log(`| ${[url, ...cells].join(' | ')} |`);
}
const over = [...quickest.values()].filter(({ ms }) => ms > GOAL_MS).length;
const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
const mib = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;
console.log(`${asked.length} searches, above ${GOAL_MS} ms: ${over}, refused: ${refused.size}`);
console.log(`heap ${mib(heapUsed)}, sets ${mib(arrayBuffers)}, resident ${mib(rss)}`);
