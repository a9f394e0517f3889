/**
 * A condition of a WHERE clause with its arguments.
 */
import type { SQLInputValue } from 'node:sqlite';

/** A condition on a row of an index, or on that of a resource: something with `d` and `rid`. */
export interface SqlCondition {
  readonly sql: string;
  readonly args: readonly SQLInputValue[];
}

export const NO_CONDITION: SqlCondition = { sql: '', args: [] };
