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
  return new SearchMeter(budget, cpuMsMax);
}

/**
 * A class, as the other one is: an object with a getter of its own makes V8 a shape of its own, which lives among the old
 * objects and holds on to all that its getter sees, so that every search would outlive it.
 */
class SearchMeter implements Meter {
  examined = 0;
  readonly whole: Meter = this;
  readonly #budget: number;
  readonly #until: number;
  #looked = 0;

  constructor(budget: number, cpuMsMax: number) {
    this.#budget = budget;
    this.#until = cpuMsMax === Number.POSITIVE_INFINITY ? cpuMsMax : cpuMs() + cpuMsMax;
  }

  affords(rows: number): boolean {
    return this.examined + rows <= this.#budget;
  }

  left(): number {
    return this.#budget - this.examined;
  }

  spend(rows: number): void {
    this.examined += rows;
    if (this.examined > this.#budget) throw new BudgetSpent();
    if (this.examined - this.#looked < CLOCK_ROWS) return;
    this.#looked = this.examined;
    if (this.#until < Number.POSITIVE_INFINITY && cpuMs() > this.#until) throw new BudgetSpent();
  }
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
  return new Trial(meter, rows);
}

class Trial implements Meter {
  readonly whole: Meter;
  readonly #meter: Meter;
  readonly #rows: number;
  #spent = 0;

  constructor(meter: Meter, rows: number) {
    this.whole = meter.whole;
    this.#meter = meter;
    this.#rows = rows;
  }

  get examined(): number {
    return this.#meter.examined;
  }

  affords(rows: number): boolean {
    return this.#meter.affords(rows);
  }

  left(): number {
    return Math.min(this.#rows - this.#spent, this.#meter.left());
  }

  spend(rows: number): void {
    this.#spent += rows;
    if (this.#spent > this.#rows) throw new TrialOver();
    this.#meter.spend(rows);
  }
}
