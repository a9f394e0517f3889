/**
 * Searches of public comparisons over growing data, as users get them: a server for each size, all of them filled or
 * found first, then each search asked of all in turns. Then page 1,000 against page 1, and totals that nobody has asked
 * for before. `--help` tells what can be set. SQLite unless MONGODB_URL names a deployment, where databases of their own
 * are made and dropped, or MONGODB_SERVER a program to start.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { describeMachine } from './driver/machine.ts';
import { measurePages, measureTotal, type PagesFound, type TotalFound } from './search-alone.ts';
import { claims, type Found, HEADINGS, rowOf } from './search-report.ts';
import {
  alikeSamples,
  type Side,
  sideOfData,
  sideOfServer,
  sideOfSize,
  sideOnMongo,
} from './search-servers.ts';
import { COUNTED, FAMILIES, PAGED, SEEDED_FAMILIES, SHAPES, type Shape } from './search-shapes.ts';
import { createTurns, type Measured, type Turns } from './search-turns.ts';

const HELP = `node scripts/bench/search.ts [options]

  --patients LIST   sizes, 17 resources a patient (default 1000,8000; the goals are for 1000,8000,64000, which take
                    5 minutes to fill and 2 GB)
  --keep FOLDER     where the filled files are kept, and found the next time
  --data A,B        data folders instead, such as \`passerelle seed\` fills
  --servers A,B     addresses of servers that run already, the smallest first
  --clients N       at once (default 16)
  --seconds T       for each search and size, in slices of 25 ms (default 1.5)
  --only TEXT       searches whose name contains it, and no pages and totals
  --all-values      asks for all people and places of each size, not for as many as the smallest has
  --json FILE       everything that was found, for programs`;

const { values: options } = parseArgs({
  options: {
    patients: { type: 'string', default: '1000,8000' },
    keep: { type: 'string' },
    data: { type: 'string' },
    servers: { type: 'string' },
    clients: { type: 'string', default: '16' },
    seconds: { type: 'string', default: '1.5' },
    only: { type: 'string' },
    'all-values': { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
/** Behind a fill each search is asked for so long. */
const BEHIND_SECONDS = 0.1;
/** Until a server that was started has read ahead what totals need. */
const READ_AHEAD_MS = 5_000;
const BEHIND_SEARCHES = ['Observation?_count=10', 'Observation?_count=1&_total=accurate'];

/** Pages that are so much longer are measured with one row, too. */
const ROWS_ALIKE = 1.1;

if (options.help) console.log(HELP);
else process.exitCode = await run();

async function run(): Promise<number> {
  const sides: Side[] = [];
  try {
    for (const open of openers()) {
      const side = await open();
      sides.push(side);
      if (side.isFilledNow && side.isIndexedBehind) await askBehindFill(side);
    }
    return await measure(options['all-values'] ? sides : alikeSamples(sides));
  } finally {
    for (const side of sides) await side.stop();
  }
}

function openers(): (() => Promise<Side>)[] {
  const { MONGODB_URL, MONGODB_SERVER } = process.env;
  if (options.servers !== undefined) {
    return options.servers.split(',').map((address) => () => sideOfServer(address));
  }
  if (options.data !== undefined) return options.data.split(',').map((folder) => () => sideOfData(folder));
  const sizes = options.patients.split(',').map(Number);
  return sizes.map((size) =>
    MONGODB_URL || MONGODB_SERVER ? () => sideOnMongo(size) : () => sideOfSize(size, options.keep),
  );
}

function wanted(sides: readonly Side[]): readonly Shape[] {
  const families = sides.every(({ isInvented }) => isInvented) ? FAMILIES : SEEDED_FAMILIES;
  return [...SHAPES, ...families].filter(({ name }) => name.includes(options.only ?? ''));
}

function turnsOf(sides: readonly Side[]): Turns {
  return createTurns(sides, { clients: Number(options.clients), seconds: Number(options.seconds) });
}

/** A server that has just taken an import must answer at once, while its index catches up and after it. */
async function askBehindFill(side: Side): Promise<void> {
  const turns = turnsOf([side]);
  const watched = SHAPES.filter(({ name }) => BEHIND_SEARCHES.includes(name));
  const since = performance.now();
  console.log(`${side.name}, filled now; p50/p99 in ms right behind the fill:`);
  for (let at = 0; at < 2; at++) {
    for (const shape of watched) {
      const seconds = BEHIND_SECONDS;
      const { sides: found } = await turns.measure(shape, { seconds });
      const { p50, p99, errors } = found[0] as Measured;
      const passed = ((performance.now() - since) / 1000).toFixed(1);
      console.log(`  ${passed} s  ${shape.name}  ${p50.toFixed(2)}/${p99.toFixed(1)}, ${errors} errors`);
    }
  }
  turns.close();
}

async function measure(sides: readonly Side[]): Promise<number> {
  const names = sides.map(({ name }) => name);
  console.log(`${options.clients} clients, in turns: ${names.join(', ')}\n${HEADINGS}`);
  // one that has just started is busy with that for a while, the longer the more there is
  await sleep(READ_AHEAD_MS);
  const turns = turnsOf(sides);
  const found: Found[] = [];
  for (const shape of wanted(sides)) {
    const one: Found = { name: shape.name, ...(await turns.measure(shape)) };
    const [first, last] = [one.sides[0]?.rows ?? 0, one.sides.at(-1)?.rows ?? 0];
    const oneRow = {
      name: shape.name,
      url: (...args: Parameters<Shape['url']>) => ofOneRow(shape.url(...args)),
    };
    const isLonger = last > first * ROWS_ALIKE;
    found.push(isLonger ? { ...one, oneRow: await turns.measure(oneRow) } : one);
    console.log(rowOf(found.at(-1) as Found));
  }
  turns.close();
  const pages = await pagesOf(sides.at(-1) as Side);
  const totals = await totalsOf(sides);
  console.log(`\n${claims(found, pages, totals).join('\n')}`);
  if (options.json !== undefined) {
    const all = {
      when: new Date().toISOString(),
      machine: describeMachine(),
      sides: names,
      found,
      pages,
      totals,
    };
    writeFileSync(options.json, `${JSON.stringify(all, undefined, 1)}\n`);
  }
  return found.some((one) => one.sides.some(({ errors }) => errors > 0)) ? 1 : 0;
}

function ofOneRow(url: string): string {
  return `${url.replace(/&?_count=\d+/, '')}&_count=1`.replace('?&', '?');
}

async function pagesOf(side: Side): Promise<PagesFound[]> {
  if (options.only !== undefined || !side.isInvented) return [];
  console.log(`\n${side.name}, one client: pages of five`);
  const found: PagesFound[] = [];
  for (const url of PAGED) {
    const one = await measurePages(side.base, url);
    const { first, last, pages } = one;
    console.log(
      `${url.padEnd(70)} ${first.toFixed(2)} ms, page ${pages} ${last.toFixed(2)} ms, ${(last / first).toFixed(2)}`,
    );
    found.push(one);
  }
  return found;
}

/** Of servers that have just been started, each total the first time. */
async function totalsOf(sides: readonly Side[]): Promise<TotalFound[]> {
  const found: TotalFound[] = [];
  if (options.only !== undefined) return found;
  for (const side of sides) {
    if (side.own === undefined || !side.isInvented) continue;
    console.log(`\n${side.name}, one client: totals, the first time and again`);
    const { base, own } = await side.own.restart();
    await sleep(READ_AHEAD_MS);
    for (const url of COUNTED) {
      const one = { side: side.name, ...(await measureTotal(base, url)) };
      console.log(
        `${url.padEnd(70)} ${one.hits} in ${one.firstMs.toFixed(1)} ms, again ${one.againMs.toFixed(2)} ms`,
      );
      found.push(one);
    }
    await own?.stop();
  }
  return found;
}
