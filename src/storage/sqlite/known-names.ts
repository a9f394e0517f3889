/**
 * Which terms the dictionary has in the clear by now, so that a write does not take their names to the writing
 * thread again: few are new, and copying them cost more than the text of the resource.
 */
/** A term in the clear for the dictionary. */
export type NamedTerm = readonly [k: number, h: number, system: string, code: string];

export interface KnownNames {
  has(k: number, h: number): boolean;
  /** To be called once the terms are on the disk; the dictionary never forgets. */
  add(named: readonly NamedTerm[]): void;
}

/** Starts over when `max` terms are known. */
export function createKnownNames(max: number): KnownNames {
  const byKey = new Map<number, Set<number>>();
  let size = 0;
  return {
    has: (k, h) => byKey.get(k)?.has(h) === true,
    add(named) {
      for (const [k, h] of named) {
        let known = byKey.get(k);
        if (known === undefined) {
          known = new Set();
          byKey.set(k, known);
        }
        if (known.has(h)) continue;
        known.add(h);
        if (++size < max) continue;
        byKey.clear();
        size = 0;
      }
    },
  };
}
