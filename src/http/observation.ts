/**
 * What an operator sees of requests: one log line each and Prometheus metrics. Never an address, an id, a
 * parameter or a body.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export interface RequestRecord {
  /** Code of the interaction, or `other`. */
  readonly interaction: string;
  readonly type: string;
  readonly method: string;
  readonly status: number;
  readonly durationMs: number;
}

const BUCKETS_MS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000] as const;

interface Series {
  count: number;
  sumMs: number;
  readonly buckets: number[];
}

export interface Metrics {
  record(record: RequestRecord): void;
  /** Requests being worked on. */
  inFlight: number;
  /** Requests that were answered. */
  readonly answered: number;
  /** Requests refused by load shedding or rate limits. */
  refused: number;
  /** How late the event loop has been lately: the worst, fading within a second. */
  readonly loopDelayMs: number;
  text(): string;
  close(): void;
}

/** How far indexing again is, while it goes on. */
export type Indexing = () => { readonly done: number; readonly total: number } | undefined;

/** `worker` becomes a label of every series: each answer tells of the process that gave it. */
export function createMetrics(worker?: number, indexing: Indexing = () => undefined): Metrics {
  const series = new Map<string, Series>();
  const lag = watchLag();
  let answered = 0;
  const metrics: Metrics = {
    get loopDelayMs() {
      return lag.currentMs();
    },
    get answered() {
      return answered;
    },
    inFlight: 0,
    refused: 0,
    record({ interaction, method, status, durationMs }) {
      answered++;
      const key = `interaction="${interaction}",method="${method}",status="${status}"`;
      let one = series.get(key);
      if (one === undefined) {
        one = { count: 0, sumMs: 0, buckets: new Array(BUCKETS_MS.length).fill(0) };
        series.set(key, one);
      }
      one.count++;
      one.sumMs += durationMs;
      const at = BUCKETS_MS.findIndex((bound) => durationMs <= bound);
      if (at >= 0) one.buckets[at] = (one.buckets[at] as number) + 1;
    },
    text() {
      const lines = [...requestLines(series), ...processLines(metrics, indexing())].join('\n');
      return worker === undefined ? lines : withLabel(lines, `worker="${worker}"`);
    },
    close: () => lag.stop(),
  };
  return metrics;
}

function withLabel(text: string, label: string): string {
  return text.replace(/^(\w+)(?:\{(.*)\})? /gm, (_, name: string, labels?: string) => {
    return `${name}{${label}${labels === undefined ? '' : `,${labels}`}} `;
  });
}

const LAG_INTERVAL_MS = 100;
/** What is left of a delay after each interval. */
const LAG_FADE = 0.7;

function watchLag(): { currentMs(): number; stop(): void } {
  let last = performance.now();
  let worst = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    worst = Math.max(now - last - LAG_INTERVAL_MS, worst * LAG_FADE);
    last = now;
  }, LAG_INTERVAL_MS);
  timer.unref();
  return { currentMs: () => Math.max(0, worst), stop: () => clearInterval(timer) };
}

function* requestLines(series: ReadonlyMap<string, Series>): Iterable<string> {
  const name = 'passerelle_request_duration_seconds';
  yield `# HELP ${name} Time from the first byte of a request to the last of its answer.`;
  yield `# TYPE ${name} histogram`;
  for (const [labels, one] of series) {
    let below = 0;
    for (const [at, bound] of BUCKETS_MS.entries()) {
      below += one.buckets[at] as number;
      yield `${name}_bucket{${labels},le="${bound / 1000}"} ${below}`;
    }
    yield `${name}_bucket{${labels},le="+Inf"} ${one.count}`;
    yield `${name}_sum{${labels}} ${one.sumMs / 1000}`;
    yield `${name}_count{${labels}} ${one.count}`;
  }
}

function* processLines(metrics: Metrics, indexing: ReturnType<Indexing>): Iterable<string> {
  const gauge = (name: string, help: string, value: number, type = 'gauge') =>
    `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}`;
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  yield gauge('passerelle_requests_in_flight', 'Requests being worked on.', metrics.inFlight);
  yield gauge(
    'passerelle_requests_refused_total',
    'Requests refused under load.',
    metrics.refused,
    'counter',
  );
  yield gauge(
    'passerelle_event_loop_delay_seconds',
    'How late the event loop has been lately.',
    metrics.loopDelayMs / 1000,
  );
  yield gauge(
    'passerelle_indexing_resources',
    'Resources that are being indexed for changed search parameters; 0 when none are.',
    indexing?.total ?? 0,
  );
  yield gauge('passerelle_indexing_resources_done', 'Those of them that are indexed.', indexing?.done ?? 0);
  yield gauge('process_resident_memory_bytes', 'Resident memory.', rss);
  yield gauge('process_heap_bytes', 'JavaScript heap in use.', heapUsed);
  yield gauge('process_cpu_seconds_total', 'CPU time used.', (user + system) / 1e6, 'counter');
  yield gauge('process_uptime_seconds', 'Time since start.', process.uptime());
  yield '';
}
