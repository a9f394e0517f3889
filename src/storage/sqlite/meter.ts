/**
 * What a search has looked at, and how much it may: rows of indexes and candidates. The count is exact and the
 * same on every machine, so tests can hold it against the size of the data.
 */

/** Thrown where a search may not go on; whoever allowed so little decides what happens instead. */
export class BudgetSpent extends Error {
  constructor() {
    super('the search looked at as much as it may');
    this.name = 'BudgetSpent';
  }
}

export interface Meter {
  readonly examined: number;
  /** Whether `spend` of so much more would throw. */
  affords(rows: number): boolean;
  /** What may be spent before it throws. */
  left(): number;
  /** @throws BudgetSpent */
  spend(rows: number): void;
  /** Of all that the search may: for what is kept, and so not lost when an attempt ends. */
  readonly whole: Meter;
}

/** Rows between two looks at the clock. */
const CLOCK_ROWS = 1_000;

/** `cpuMsMax`: processor time of this thread, which neither a busy machine nor a pause of it uses up. */
export function createMeter(budget: number, cpuMsMax = Number.POSITIVE_INFINITY): Meter {
  let examined = 0;
  const until = cpuMsMax === Number.POSITIVE_INFINITY ? cpuMsMax : cpuMs() + cpuMsMax;
  let looked = 0;
  const meter: Meter = {
    get examined() {
      return examined;
    },
    affords: (rows) => examined + rows <= budget,
    left: () => budget - examined,
    spend(rows) {
      examined += rows;
      if (examined > budget) throw new BudgetSpent();
      if (examined - looked < CLOCK_ROWS) return;
      looked = examined;
      if (until < Number.POSITIVE_INFINITY && cpuMs() > until) throw new BudgetSpent();
    },
    get whole() {
      return meter;
    },
  };
  return meter;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Thrown where a first attempt has looked at enough. */
export class TrialOver extends Error {
  constructor() {
    super('the first attempt looked at as much as it may');
    this.name = 'TrialOver';
  }
}

/** Spends from the meter, so many rows at most. */
export function createTrial(meter: Meter, rows: number): Meter {
  let spent = 0;
  return {
    get examined() {
      return meter.examined;
    },
    affords: (more) => meter.affords(more),
    left: () => Math.min(rows - spent, meter.left()),
    spend(more) {
      spent += more;
      if (spent > rows) throw new TrialOver();
      meter.spend(more);
    },
    whole: meter.whole,
  };
}
