/**
 * The natural order of a set of resources that is known: of few all places are put in order, of more the lists that hold
 * them are read for their places alone, which says what a page has to look at. So what a combination of conditions leaves
 * of long lists is found as soon as its set is known, however little that is.
 */
import { firstIndex } from '../first-index.ts';
import { type Bits, countBits, hasBit, ridsBehind, ridsOfBits } from './bits.ts';
import { COUNTED_PER_CANDIDATE } from './list-lengths.ts';
import type { Meter } from './meter.ts';
import type { View } from './view.ts';

export type Place = readonly [d: number, rid: number];

/** A stretch of the natural order, orders in [from, to). */
export interface PlacesOptions {
  readonly from: number;
  readonly to: number;
  readonly descending: boolean;
  /** Whether none of the types has dates, so that rid is the order. */
  readonly isUndated: () => boolean;
  readonly view: View;
  readonly meter: Meter;
  /** Index rows behind a place, in order, each once; and behind which to go on, if there may be more. */
  readonly scan: (start: Place, size: number) => Places;
}

export interface Places {
  readonly places: readonly Place[];
  readonly end: Place | undefined;
}

export interface KnownPlaces {
  /** The next ones behind a place, and behind which to go on, if there may be more. */
  behind(start: Place, size: number): Places;
}

/** The share of what is put in order at most: so many are, sooner than a list is read for them. */
const FEW_SHARE = 8;
/** The same for who goes on from page to page: 96 KiB for each set. */
const FEW_OF_MANY_PAGES = 8_192;

export function knownPlaces(bits: Bits, options: PlacesOptions): KnownPlaces {
  if (options.isUndated()) return { behind: (start, size) => byRid(bits, start, size, options) };
  return {
    behind(start, size) {
      const few = fewPlaces(bits, start, options);
      return few === undefined ? byScan(bits, start, size, options) : byOrder(few, start, size, options);
    },
  };
}

function byRid(bits: Bits, [d, rid]: Place, size: number, { from, descending }: PlacesOptions): Places {
  // nothing has a date: what is behind one is everything when that comes last
  if (from > 0) return { places: [], end: undefined };
  const start = d > 0 ? Number.MAX_SAFE_INTEGER : rid;
  const rids = ridsBehind(bits, start, size, descending);
  const places = rids.map((one): Place => [0, one]);
  return { places, end: rids.length < size ? undefined : places.at(-1) };
}

const PLACES_OF = 'SELECT r.d, r.rid FROM json_each(?) j CROSS JOIN res r ON r.rid = j.value ORDER BY 1, 2';

/** Ascending. */
interface InOrder {
  readonly dates: Float64Array;
  readonly rids: Uint32Array;
}

/** As long as the set is remembered. */
const fewOf = new WeakMap<Bits, { readonly count: number; inOrder?: InOrder }>();

function fewPlaces(bits: Bits, [d]: Place, { view, meter }: PlacesOptions): InOrder | undefined {
  const known = fewOf.get(bits) ?? { count: countBits(bits) };
  fewOf.set(bits, known);
  const isGoingOn = d > 0 && d < Number.MAX_SAFE_INTEGER;
  const most = view.limits.collectedMax / FEW_SHARE;
  const { count } = known;
  if (known.inOrder === undefined && count <= (isGoingOn ? Math.max(most, FEW_OF_MANY_PAGES) : most)) {
    if (count > most && !meter.affords(count)) return undefined;
    meter.spend(count);
    const rows = view.connection.rows(PLACES_OF, `[${[...ridsOfBits(bits)].join()}]`) as [number, number][];
    known.inOrder = {
      dates: Float64Array.from(rows, (row) => row[0]),
      rids: Uint32Array.from(rows, (row) => row[1]),
    };
  }
  return known.inOrder;
}

function byOrder(
  { dates, rids }: InOrder,
  start: Place,
  size: number,
  { from, to, descending }: PlacesOptions,
): Places {
  const placeAt = (at: number): Place => [dates[at] as number, rids[at] as number];
  const indexOf = (holds: (place: Place) => boolean): number =>
    firstIndex(0, rids.length, (at) => holds(placeAt(at)));
  const first = indexOf((one) => one[0] >= from && (descending || comparePlaces(one, start) > 0));
  const end = indexOf((one) => one[0] >= to || (descending && comparePlaces(one, start) >= 0));
  const count = Math.max(0, Math.min(size, end - first));
  const places = Array.from({ length: count }, (_, at) => placeAt(descending ? end - 1 - at : first + at));
  return { places, end: end - first > size ? places.at(-1) : undefined };
}

/** Rows that are read at once. */
const ROWS_MIN = 256;
const ROWS_MAX = 16_384;

/** Pages that were found in a set, as long as it is remembered: matches may lie far apart. */
const scannedOf = new WeakMap<Bits, Map<string, Places>>();
const SCANNED_MAX = 32;

function byScan(bits: Bits, start: Place, size: number, options: PlacesOptions): Places {
  const name = [options.descending, options.from, options.to, ...start, size].join();
  const scanned = scannedOf.get(bits) ?? new Map<string, Places>();
  scannedOf.set(bits, scanned);
  const known = scanned.get(name);
  if (known !== undefined) return known;
  const found = scanFor(bits, start, size, options);
  if (scanned.size >= SCANNED_MAX) scanned.clear();
  scanned.set(name, found);
  return found;
}

function scanFor(bits: Bits, start: Place, size: number, { scan, meter }: PlacesOptions): Places {
  const places: Place[] = [];
  let from: Place | undefined = start;
  for (let rows = ROWS_MIN; from !== undefined; rows = Math.min(rows * 4, ROWS_MAX)) {
    meter.spend(Math.ceil(rows / COUNTED_PER_CANDIDATE));
    const read = scan(from, rows);
    for (const place of read.places) {
      if (!hasBit(bits, place[1])) continue;
      places.push(place);
      if (places.length === size) return { places, end: place };
    }
    from = read.end;
  }
  return { places, end: undefined };
}

export function comparePlaces(a: Place, b: Place): number {
  return a[0] - b[0] || a[1] - b[1];
}
