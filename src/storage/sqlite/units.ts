/** The units that values of a parameter have in the index. */
import type { View } from './view.ts';

const UNITS_MAX = 50;

/** The units that values of a parameter have; undefined when they are many. */
export function unitsOf(k: number, { connection }: View): number[] | undefined {
  const units: number[] = [];
  let last = -1;
  for (;;) {
    const next = connection.row('SELECT min(u) FROM ixq WHERE k = ? AND u > ?', k, last)?.[0] as
      | number
      | null;
    if (next === null) return units;
    if (units.length === UNITS_MAX) return undefined;
    units.push(next);
    last = next;
  }
}
