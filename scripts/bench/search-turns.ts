/**
 * Asks servers the same search in turns: short slices, one server after the other, many rounds. A machine whose speed
 * changes from minute to minute changes it for all of them alike, so that their ratio holds where one measured after
 * the other would compare minutes.
 */
import { performance } from 'node:perf_hooks';
import { type Connection, openConnection } from './driver/connection.ts';
import { median } from './median.ts';
import { createRandom } from './search-data.ts';
import type { Side } from './search-servers.ts';
import type { Shape } from './search-shapes.ts';

export interface TurnOptions {
  readonly clients: number;
  /** For each search and server, all slices together. */
  readonly seconds: number;
}

/** What one server did with one search. */
export interface Measured {
  /** ms. */
  readonly p50: number;
  readonly p99: number;
  readonly requests: number;
  readonly errors: number;
  readonly error?: string;
  /** Matches on a page, in the mean; undefined where nothing is searched for. */
  readonly rows?: number;
  /** Processor time of the server, all threads, for a request; undefined for servers that were not started here. */
  readonly cpuUs?: number;
}

/** What all of them did. */
export interface Compared {
  readonly sides: readonly Measured[];
  /** p50 of the last server to that of the first, in the median of the rounds. */
  readonly ratio: number;
}

export interface Turns {
  measure(shape: Shape, options?: Partial<TurnOptions>): Promise<Compared>;
  close(): void;
}

const SLICE_MS = 25;
/** Slices of each server before the clock runs: what is compiled and remembered for a search is there then. */
const WARM_SLICES = 4;
const WARM_MS = 1_000;
/** A search that outlasts its slices ends after so many times its seconds. */
const SLOW = 4;

export function createTurns(sides: readonly Side[], preset: TurnOptions): Turns {
  const lines = sides.map(({ base }) =>
    Array.from({ length: preset.clients }, () => openConnection(base, { type: 'application/fhir+json' })),
  );
  return {
    async measure(shape, options = {}) {
      const { seconds } = { ...preset, ...options };
      const tallies = sides.map((side, at) => createTally(side, lines[at] as Connection[], shape));
      const startedAt = performance.now();
      const hasTaken = (ms: number): boolean => performance.now() - startedAt > ms * sides.length;
      for (let slice = 0; slice < WARM_SLICES && !hasTaken(WARM_MS); slice++) {
        for (const tally of tallies) await tally.slice(false);
      }
      for (const tally of tallies) tally.start();
      const rounds = Math.max(1, Math.round((seconds * 1000) / SLICE_MS));
      for (let round = 0; round < rounds && !(round > 1 && hasTaken(SLOW * seconds * 1000)); round++) {
        // each is the first as often as the last
        const order = round % 2 === 0 ? tallies : tallies.toReversed();
        for (const tally of order) await tally.slice(true);
      }
      const [first, last] = [tallies[0] as Tally, tallies.at(-1) as Tally];
      const ratios = first.rounds.map((p50, round) => (last.rounds[round] as number) / p50);
      return { sides: tallies.map((tally) => tally.result()), ratio: median(ratios) };
    },
    close() {
      for (const line of lines.flat()) line.close();
    },
  };
}

interface Tally {
  /** p50 of each slice that counts. */
  readonly rounds: readonly number[];
  /** From here on processor time counts. */
  start(): void;
  slice(isCounted: boolean): Promise<void>;
  result(): Measured;
}

function createTally({ base, samples, own }: Side, lines: readonly Connection[], shape: Shape): Tally {
  const random = createRandom(7);
  const times: number[] = [];
  const rounds: number[] = [];
  let errors = 0;
  let error: string | undefined;
  let asked = 0;
  let cpuBefore = 0;
  const pages = { matches: 0, looked: 0 };
  const ask = async (line: Connection, isLooked: boolean): Promise<number> => {
    const path = encodeURI(`${base.pathname}/${shape.url(random, samples)}`);
    const start = performance.now();
    const { status, body } = await line.request('GET', path);
    const ms = performance.now() - start;
    if (status !== 200) throw new Error(`${path}: ${status} ${body.toString('utf8', 0, ERROR_BYTES)}`);
    if (isLooked) look(body.toString(), pages);
    return ms;
  };
  return {
    rounds,
    start() {
      asked = 0;
      cpuBefore = own?.cpuSeconds() ?? 0;
    },
    async slice(isCounted) {
      const until = performance.now() + SLICE_MS;
      const before = times.length;
      const client = async (line: Connection, number: number): Promise<void> => {
        // one page of each slice is read, and that takes none of the times that count
        let isLooked = number === 0;
        do {
          try {
            const ms = await ask(line, isLooked);
            if (isCounted && !isLooked) times.push(ms);
          } catch (failure) {
            errors++;
            error ??= (failure as Error).message;
          }
          asked++;
          isLooked = false;
        } while (performance.now() < until);
      };
      await Promise.all(lines.map(client));
      if (isCounted) rounds.push(median(times.slice(before)));
    },
    result() {
      times.sort((a, b) => a - b);
      const at = (share: number): number =>
        times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
      return {
        p50: at(0.5),
        p99: at(0.99),
        requests: asked,
        errors,
        ...(error !== undefined && { error }),
        ...(pages.looked > 0 && { rows: pages.matches / pages.looked }),
        ...(own !== undefined && { cpuUs: ((own.cpuSeconds() - cpuBefore) * 1e6) / Math.max(1, asked) }),
      };
    },
  };
}

const ERROR_BYTES = 300;

function look(text: string, pages: { matches: number; looked: number }): void {
  const { resourceType, entry = [] } = JSON.parse(text) as {
    resourceType?: string;
    entry?: readonly { readonly search?: { readonly mode?: string } }[];
  };
  if (resourceType !== 'Bundle') return;
  pages.looked++;
  pages.matches += entry.filter(({ search }) => search?.mode === 'match').length;
}
