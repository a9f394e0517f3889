/**
 * The resources on the far side of a chain or a `_has`, where they are few enough to be found first. What they are is
 * remembered for the next pages, which ask for the same ones.
 * https://hl7.org/fhir/R4/search.html#chaining
 */
import { termsOf } from '../packed-match.ts';
import { type BindContext, type Bound, hintOf, isNothing } from './bind.ts';
import type { Candidate } from './candidate.ts';
import { collectCandidates } from './collect-candidates.ts';
import { findFew } from './find-few.ts';
import type { Meter } from './meter.ts';
import { recentOfConnection } from './on-connection.ts';
import { compileTest } from './predicate.ts';
import type { View } from './view.ts';

type HashesOf = (one: Candidate) => readonly number[];

export function farSide(view: View, meter: Meter): Pick<BindContext, 'targets' | 'referred'> {
  const { connection, snapshot, reindexed } = view;
  const remembered = (name: string, t: number, where: Bound, hashesOf: HashesOf) => {
    const condition = JSON.stringify([name, t, where]);
    const key = `${condition}|${snapshot}|${reindexed}`;
    // what a transaction found that is rolled back would be kept for another commit of the same number
    const isKept = connection.role === 'reader' && condition.length <= NAME_MAX;
    const known = isKept ? hashes(connection).get(key) : undefined;
    if (known !== undefined) return known;
    const found = findHashes(t, where, hashesOf, { view, meter });
    if (found !== undefined && isKept) hashes(connection).put(key, found);
    return found;
  };
  return {
    targets: (t, where) => remembered('', t, where, ({ h }) => [h]),
    referred: (t, where, k) => remembered(String(k), t, where, ({ sections }) => termsOf(sections, k)),
  };
}

/** Eight bytes each. */
const HASHES_MAX = 64 * 1024;
const CONDITIONS_MAX = 1024;
const NAME_MAX = 1_000;

const hashes = recentOfConnection<readonly number[]>({
  countMax: CONDITIONS_MAX,
  sizeMax: HASHES_MAX,
  sizeOf: ({ length }) => length,
});

interface Look {
  readonly view: View;
  readonly meter: Meter;
}

/** Undefined when the resources are many. */
function findHashes(
  t: number,
  where: Bound,
  hashesOf: HashesOf,
  { view, meter }: Look,
): readonly number[] | undefined {
  if (isNothing(where)) return [];
  const collector = findFew(where, { view, types: [t], meter });
  if (collector === undefined) return undefined;
  const test = compileTest(where, { view, meter });
  const found = new Set<number>();
  for (const one of collectCandidates(collector, view, meter, hintOf(where, [t]))) {
    if (one.t === t && test(one)) for (const h of hashesOf(one)) found.add(h);
  }
  return [...found];
}
