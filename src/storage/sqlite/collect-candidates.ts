/**
 * What a collector finds, as resources.
 */
import type { Candidate } from './candidate.ts';
import type { Collector } from './collect.ts';
import { seenCandidates } from './kept-hits.ts';
import type { Meter } from './meter.ts';
import type { Hint, View } from './view.ts';

/** Everything that a collector finds, as of the snapshot, each once; nothing is tested yet. */
export function* collectCandidates(
  collector: Collector,
  view: View,
  meter: Meter,
  hint: Hint,
): Iterable<Candidate> {
  meter.spend(collector.rows);
  const seen = new Set(collector.rids());
  const rids = [...seen];
  for (let at = 0; at < rids.length; at += READ_AT_ONCE) {
    yield* view.byRids(rids.slice(at, at + READ_AT_ONCE));
  }
  yield* looseBeside(seen, view, meter, hint);
}

/** The same with the texts of those that the index tells. */
export function* collectWithTexts(
  collector: Collector,
  view: View,
  meter: Meter,
  hint: Hint,
): Iterable<Candidate> {
  meter.spend(collector.rows);
  const seen = new Set(collector.rids());
  const rids = [...seen];
  for (let at = 0; at < rids.length; at += TEXTS_AT_ONCE) {
    yield* seenCandidates(rids.slice(at, at + TEXTS_AT_ONCE), view);
  }
  yield* looseBeside(seen, view, meter, hint);
}

/** A statement for each costs more than to read it. */
const READ_AT_ONCE = 512;
const TEXTS_AT_ONCE = 256;

/** What the index does not tell, besides those. */
function* looseBeside(seen: ReadonlySet<number>, view: View, meter: Meter, hint: Hint): Iterable<Candidate> {
  for (const one of view.loose(hint)) {
    meter.spend(1);
    if (!seen.has(one.rid)) yield one;
  }
}
