/** The units that values of a parameter have in the index. */
import { recentOfConnection } from './on-connection.ts';
import type { View } from './view.ts';

/** As many ranges as are merged in order. */
const UNITS_MAX = 400;

/** As of one state of the index. */
const knownUnits = recentOfConnection<readonly number[]>({ countMax: 256 });

/** The units that values of a parameter have; undefined when they are many. */
export function unitsOf(k: number, { connection, merged, reindexed }: View): readonly number[] | undefined {
  const name = `${k}|${merged}|${reindexed}`;
  const known = knownUnits(connection).get(name);
  if (known !== undefined) return known;
  const units: number[] = [];
  let last = -1;
  for (;;) {
    const next = connection.row('SELECT min(u) FROM ixq WHERE k = ? AND u > ?', k, last)?.[0] as
      | number
      | null;
    if (next === null) {
      knownUnits(connection).put(name, units);
      return units;
    }
    if (units.length === UNITS_MAX) return undefined;
    units.push(next);
    last = next;
  }
}
