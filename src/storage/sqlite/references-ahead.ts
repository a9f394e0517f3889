/**
 * Reads the references of parameters that have many, before anybody asks: the first total of a chain or a `_has` would
 * read them all. Then the sets of sets-ahead.ts. In steps of some ten milliseconds, each on the state of the database at its time, so that a search
 * that comes meanwhile does not wait.
 * https://hl7.org/fhir/R4/search.html#chaining
 */
import { type Connection, readTransaction } from './connection.ts';
import { followedAhead, keptAhead } from './kept-sets.ts';
import { createMeter } from './meter.ts';
import type { PlanLimits } from './plan-limits.ts';
import { type Columns, readReferences } from './read-references.ts';
import { columnsKind } from './reference-columns.ts';
import { type AheadSets, findSets, readSets } from './sets-ahead.ts';
import { openView, type View } from './view.ts';

/** After a step: there is more to do, or to bring up to date once the index has what was written. */
export type Ahead = 'more' | 'later' | 'done';

/** Each call is a step. After the last one, the next begins to bring up to date what was read. */
export function createReferencesAhead(connection: Connection, limits: PlanLimits): () => Ahead {
  const known: Known = { parameters: [], sets: { coded: [], lists: [] }, seq: 0, tooLarge: new Set() };
  let round: Generator<number, void> | undefined;
  let view: View | undefined;
  const viewOf = (): View => {
    view ??= openView(connection, limits);
    return view;
  };
  return () =>
    readTransaction(connection, () => {
      view = undefined;
      round ??= readAll(viewOf, known);
      for (let rows = 0; rows < limits.referencesAtOnce / 2; ) {
        const part = round.next();
        if (part.done === true) {
          round = undefined;
          return viewOf().merged < viewOf().snapshot ? 'later' : 'done';
        }
        rows += part.value;
      }
      return 'more';
    });
}

interface Known {
  /** Keys of parameters with many references, those with most first. */
  parameters: readonly number[];
  sets: AheadSets;
  /** The commit as of which they were looked for. */
  seq: number;
  /** Those that take too much. */
  readonly tooLarge: Set<number>;
}

/** Whoever writes so many times more may have made a parameter one of those with many. */
const GROWTH = 1.25;

/** Yields how many rows it has looked at since. */
function* readAll(viewOf: () => View, known: Known): Generator<number, void> {
  const { limits, snapshot } = viewOf();
  if (known.seq === 0 || snapshot > known.seq * GROWTH) {
    const { references, others } = yield* largeParameters(viewOf);
    known.parameters = references;
    known.sets = yield* findSets(others, viewOf);
    known.seq = snapshot;
    known.tooLarge.clear();
  }
  let bytes = 0;
  for (const k of known.parameters) {
    if (known.tooLarge.has(k)) continue;
    const left = limits.aheadBytesMax - bytes;
    const taken = followedNow(k, viewOf()) ?? (yield* readNow(k, viewOf, left));
    if (taken === undefined) known.tooLarge.add(k);
    bytes += taken ?? 0;
  }
  yield* readSets(known.sets, viewOf);
}

function followedNow(k: number, view: View): number | undefined {
  const meter = createMeter(Number.POSITIVE_INFINITY);
  return followedAhead(columnsKind(k, view, meter), view, meter);
}

/** What it takes; undefined when that is too much. */
function* readNow(k: number, viewOf: () => View, bytesMax: number): Generator<number, number | undefined> {
  const { merged, reindexed } = viewOf();
  const reading = readReferences(k, viewOf);
  let columns: Columns | undefined;
  let rows = 0;
  while (columns === undefined) {
    const part = reading.next();
    if (part.done === true) columns = part.value;
    else if (part.value.bytes > bytesMax * GROWING) return undefined;
    else {
      yield part.value.rows - rows;
      rows = part.value.rows;
    }
    // postings are other ones now: the next round reads them
    if (viewOf().reindexed !== reindexed) return 0;
  }
  const view = viewOf();
  const kind = columnsKind(k, view, createMeter(Number.POSITIVE_INFINITY));
  if ((kind.bytesOf(columns) ?? 0) > bytesMax) return undefined;
  return keptAhead(kind, { value: columns, merged }, view);
}

/** Room of what is being read, at most, for what it comes to. */
const GROWING = 2;

const PARAMETERS = 'SELECT DISTINCT k FROM keys WHERE k > ? ORDER BY k LIMIT 1';
const COUNTED = 'SELECT count(*) FROM (SELECT 1 FROM ix WHERE k = ? LIMIT ?)';
const SHARE = 64;
const HASHES = 2 ** 52;
const IN_A_SHARE = `SELECT count(*) FROM ix WHERE k = ? AND h < ${HASHES / SHARE}`;

/** Keys of the parameters that have many references to what is here, those with most of them first, and the other keys. */
function* largeParameters(
  viewOf: () => View,
): Generator<number, { readonly references: readonly number[]; readonly others: readonly number[] }> {
  const found: { readonly k: number; readonly rows: number }[] = [];
  const others: number[] = [];
  let k = 0;
  for (;;) {
    const { connection, limits } = viewOf();
    const next = connection.row(PARAMETERS, k)?.[0] as number | undefined;
    if (next === undefined) break;
    k = next;
    let rows = SAMPLES;
    if (refersToResources(k, connection)) {
      const counted = connection.row(COUNTED, k, limits.aheadRowsMin)?.[0] as number;
      rows += counted;
      if (counted >= limits.aheadRowsMin) {
        found.push({ k, rows: connection.row(IN_A_SHARE, k)?.[0] as number });
      }
    } else others.push(k);
    yield rows;
  }
  return { references: found.sort((a, b) => b.rows - a.rows).map((one) => one.k), others };
}

const SAMPLES = 16;
const NEXT_HASH = 'SELECT h FROM ix WHERE k = ? AND h >= ? ORDER BY h LIMIT 1';
const IS_RESOURCE = 'SELECT 1 FROM res INDEXED BY res_h WHERE h = ? LIMIT 1';

/** By a few of its values: hashes of resources are not those of codes. */
function refersToResources(k: number, connection: Connection): boolean {
  for (let sample = 0; sample < SAMPLES; sample++) {
    const h = connection.row(NEXT_HASH, k, Math.floor((HASHES / SAMPLES) * sample))?.[0] as
      | number
      | undefined;
    if (h !== undefined && connection.row(IS_RESOURCE, h) !== undefined) return true;
  }
  return false;
}
