/**
 * When what totals will need is read before anybody asks: after the start and after writes, once nobody writes much, in
 * steps with pauses between them.
 */
import type { Ahead } from './references-ahead.ts';

export interface AheadOptions {
  readonly idleMs: number;
  /** The newest commit. */
  seq(): number;
  /** Whether the threads have time for it. */
  isIdle(): boolean;
  step(): Promise<Ahead>;
}

export interface AheadSchedule {
  afterCommit(): void;
  close(): void;
}

/** Versions written in `idleMs` up to which it goes on. */
const WRITTEN_MAX = 1_000;
/** Between two steps: a processor is busy with them for half of the time. */
const PAUSE_MS = 20;

/** Share of its time that the thread that serves may be busy meanwhile: beyond it requests wait for a processor. */
const BUSY_MAX = 0.5;

/**
 * Whether the thread of the caller had time to spare since this was asked before.
 * https://nodejs.org/api/perf_hooks.html#performanceeventlooputilizationutilization1-utilization2
 */
export function createSpareTime(
  read: () => { readonly idle: number; readonly active: number } = performance.eventLoopUtilization,
): () => boolean {
  let before = read();
  return () => {
    const now = read();
    const active = now.active - before.active;
    const all = active + now.idle - before.idle;
    before = now;
    return active <= BUSY_MAX * all;
  };
}

export function scheduleAhead({ idleMs, seq, isIdle, step }: AheadOptions): AheadSchedule {
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let isStepping = false;
  let seen = seq();
  const wait = (ms: number): void => {
    if (timer !== undefined || isClosed || isStepping || ms === Number.POSITIVE_INFINITY) return;
    timer = setTimeout(() => {
      timer = undefined;
      look();
    }, ms);
    timer.unref();
  };
  const look = (): void => {
    const newest = seq();
    const written = newest - seen;
    seen = newest;
    if (written > WRITTEN_MAX || !isIdle()) {
      wait(idleMs);
      return;
    }
    isStepping = true;
    const done = (left: Ahead): void => {
      isStepping = false;
      if (left === 'more') wait(PAUSE_MS);
      else if (left === 'later' || seq() !== newest) wait(idleMs);
    };
    // it is only a shortcut: what fails here fails again where somebody asks
    step().then(done, () => done('done'));
  };
  wait(idleMs);
  return {
    afterCommit: () => wait(idleMs),
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
