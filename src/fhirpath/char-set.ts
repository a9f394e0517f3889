/** Sets of UTF-16 code units, as character classes of patterns name them. */

/** Sorted, disjoint, inclusive ranges of UTF-16 code units. */
export type CharSet = readonly (readonly [from: number, to: number])[];

export const MAX_UNIT = 0xffff;
export const ALL: CharSet = [[0, MAX_UNIT]];
const DIGIT: CharSet = [[48, 57]];
const WORD: CharSet = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
/** As in Java and XML Schema, whose patterns FHIR publishes: no-break space is no space. */
const SPACE: CharSet = [
  [9, 13],
  [32, 32],
];

export function single(unit: number): CharSet {
  return [[unit, unit]];
}

export function normalize(ranges: readonly (readonly [number, number])[]): CharSet {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

export function complement(set: CharSet): CharSet {
  const result: [number, number][] = [];
  let next = 0;
  for (const [from, to] of set) {
    if (from > next) result.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= MAX_UNIT) result.push([next, MAX_UNIT]);
  return result;
}

export const ESCAPED: Readonly<Record<string, CharSet>> = {
  d: DIGIT,
  D: complement(DIGIT),
  w: WORD,
  W: complement(WORD),
  s: SPACE,
  S: complement(SPACE),
  n: single(10),
  r: single(13),
  t: single(9),
  f: single(12),
  v: single(11),
};

export function includes(set: CharSet, unit: number): boolean {
  for (const [from, to] of set) {
    if (unit < from) return false;
    if (unit <= to) return true;
  }
  return false;
}
