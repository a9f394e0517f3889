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
  /** @throws BudgetSpent */
  spend(rows: number): void;
}

export function createMeter(budget: number): Meter {
  let examined = 0;
  return {
    get examined() {
      return examined;
    },
    affords: (rows) => examined + rows <= budget,
    spend(rows) {
      examined += rows;
      if (examined > budget) throw new BudgetSpent();
    },
  };
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
    spend(more) {
      spent += more;
      if (spent > rows) throw new TrialOver();
      meter.spend(more);
    },
  };
}
