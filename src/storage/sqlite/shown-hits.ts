/**
 * Hits of a list of rids, in its order: of rows that pages show again and again nothing is read, the others are read
 * by one statement.
 */
import type { Row } from './connection.ts';
import { HIT, type Hit, hitAt } from './hits.ts';
import type { PlacedVersion, ShownRows } from './shown-rows.ts';
import type { View } from './view.ts';

/** In the order of the list, which is JSON. */
const BY_RIDS = `SELECT ${HIT} FROM json_each(?) j CROSS JOIN res r ON r.rid = j.value`;

/** `listed` has the columns d and rid. Types that are named leave out the others. */
export function shownHits(
  listed: readonly Row[],
  shown: ShownRows,
  view: View,
  types: readonly number[],
): Hit[] {
  const kept = listed.map((row) => shown.atRow(row[1] as number));
  const missing: number[] = [];
  for (const [at, row] of listed.entries()) if (kept[at] === undefined) missing.push(row[1] as number);
  shown.spared(listed.length - missing.length);
  const read = missing.length === 0 ? NOTHING : view.connection.rows(BY_RIDS, `[${missing.join()}]`);
  const isAsked = (t: number): boolean => types.length === 0 || types.includes(t);
  const hits: Hit[] = [];
  let next = 0;
  for (const [at, [d, rid]] of (listed as unknown as readonly (readonly [number, number])[]).entries()) {
    const one = kept[at];
    if (one !== undefined) {
      const isIndexed = one.place.seq <= view.indexed;
      if (isIndexed && isAsked(view.typeId(one.type) as number)) hits.push(keptHit(d, one));
      continue;
    }
    const row = read[next];
    // a row that is missing from the table is left out, as by a join
    if (row === undefined || row[0] !== rid) continue;
    next++;
    if ((row[1] as number) > view.indexed || (row[6] as number) > 1 || !isAsked(row[2] as number)) continue;
    hits.push(hitAt(d, row, view));
  }
  return hits;
}

const NOTHING: readonly Row[] = [];

function keptHit(d: number, version: PlacedVersion): Hit {
  const { rid } = version.place;
  return { rid, v: Number(version.versionId), position: { values: [d === 0 ? null : d], rid }, version };
}
