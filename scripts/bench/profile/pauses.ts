/** How long the serving thread was busy with one thing, and what collecting garbage took of it. */
import {
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
  performance,
} from 'node:perf_hooks';

export interface Pauses {
  readonly seconds: number;
  /** Share of the time in which the event loop had something to do. */
  readonly utilization: number;
  /** Milliseconds that a timer of one millisecond was late. */
  readonly delay: { readonly p50: number; readonly p99: number; readonly max: number };
  /** By kind of collection. */
  readonly collections: Readonly<
    Record<string, { readonly count: number; readonly ms: number; readonly maxMs: number }>
  >;
}

interface Collection extends PerformanceEntry {
  readonly detail: { readonly kind: number };
}

const NANOSECONDS_PER_MS = 1e6;
const RESOLUTION_MS = 1;
/** https://nodejs.org/api/perf_hooks.html#performancenodegc */
const KINDS: Readonly<Record<number, string>> = {
  1: 'scavenge',
  2: 'minor mark-compact',
  4: 'mark-compact',
  8: 'incremental',
  16: 'weak callbacks',
};

export function watchPauses(): () => Pauses {
  const startedAt = performance.now();
  const before = performance.eventLoopUtilization();
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  const collections: Record<string, { count: number; ms: number; maxMs: number }> = {};
  const observer = new PerformanceObserver((list) => {
    for (const { duration, detail } of list.getEntries() as Collection[]) {
      const kind = KINDS[detail.kind] ?? 'other';
      const { count, ms, maxMs } = collections[kind] ?? { count: 0, ms: 0, maxMs: 0 };
      collections[kind] = { count: count + 1, ms: ms + duration, maxMs: Math.max(maxMs, duration) };
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => {
    histogram.disable();
    observer.disconnect();
    // the timer itself is no delay
    const late = (nanoseconds: number): number =>
      Math.max(0, nanoseconds / NANOSECONDS_PER_MS - RESOLUTION_MS);
    return {
      seconds: (performance.now() - startedAt) / 1000,
      utilization: performance.eventLoopUtilization(before).utilization,
      delay: {
        p50: late(histogram.percentile(50)),
        p99: late(histogram.percentile(99)),
        max: late(histogram.max),
      },
      collections,
    };
  };
}

export function summarizePauses({ seconds, utilization, delay, collections }: Pauses): string {
  const { p50, p99, max } = delay;
  return [
    `busy for ${(100 * utilization).toFixed(0)} % of ${seconds.toFixed(1)} s`,
    `the event loop was late by ${p50.toFixed(1)} ms (median), ${p99.toFixed(1)} ms (p99), ${max.toFixed(1)} ms at most`,
    ...Object.entries(collections).map(
      ([kind, { count, ms, maxMs }]) =>
        `${kind}: ${count} collections, ${((100 * ms) / 1000 / seconds).toFixed(1)} % of the time, ${maxMs.toFixed(1)} ms at most`,
    ),
    '',
  ].join('\n');
}
