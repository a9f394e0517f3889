/**
 * Orders that no list is in, such as by references: all that matches is put in order once, and kept. With whatever was
 * written since it is all that a page has to look at, at whatever moment.
 * https://hl7.org/fhir/R4/search.html#sort
 */
import { hash } from 'node:crypto';
import { fail } from '../../fhir/issues.ts';
import { firstIndex } from '../first-index.ts';
import { createRecent } from '../recent.ts';
import { choosePath } from './choose-path.ts';
import { settle } from './conditions.ts';
import type { ResourceDocument } from './documents.ts';
import { keepMatching, type SearchContext } from './joins.ts';
import { type Order, type Place, placeFields } from './order.ts';
import { withOrderTexts } from './order-texts.ts';
import { streamAlong } from './path-reads.ts';
import { filterAlong } from './paths.ts';
import {
  type AskedMatches,
  changesInPlace,
  earliest,
  mayStillCome,
  type Present,
  timeless,
  type Written,
  writtenSince,
} from './written-since.ts';

export interface GatheredOrders {
  /** What matches in order, and what was written since that has to be looked at besides; undefined when it is not kept. */
  known(asked: AskedOrder, now: Present): Promise<KnownPlaces | undefined>;
  /**
   * Puts in order what matches at the moment of the search, or for a later page now.
   * @throws FhirError `too-costly` when there is too much
   */
  gather(asked: AskedOrder, now: Present): Promise<KnownPlaces>;
}

export interface AskedOrder extends AskedMatches {
  readonly order: Order;
}

/** A match and where it stands. */
interface KeyAt {
  readonly key: string;
  readonly place: Place;
}

export interface KnownPlaces {
  /** In order. */
  readonly places: readonly KeyAt[];
  /** Where these stand is not known. */
  readonly changed: readonly string[];
}

interface Kept {
  readonly places: readonly KeyAt[];
  /** What was written at this position or later may stand elsewhere, or not be among them. */
  readonly from: bigint;
  /** What had been written since then, as it was put in order; undefined when that was too much. */
  readonly seen: ReadonlyMap<string, bigint> | undefined;
  /** The newest of it. */
  readonly newest: bigint;
  /** Whether it is of the moment of a first page. */
  readonly isOfFirst: boolean;
  /** How often resources had been changed without a new version. */
  readonly inPlace: number;
}

const ORDERS_MAX = 100;
/** Resources in all orders together, some 200 bytes each. */
const PLACES_MAX = 120_000;
/** With more changes since, everything is put in order again. */
const RENEWED_MIN = 1_000;

/** `now` is the clock of positions, ms since the epoch. */
export function createGatheredOrders(now: () => number): GatheredOrders {
  const kept = createRecent<Kept>({
    countMax: ORDERS_MAX,
    sizeMax: PLACES_MAX,
    sizeOf: ({ places }) => places.length,
  });
  return {
    async known(asked, { present, latest }) {
      const before = kept.get(nameOf(asked));
      if (before === undefined || (await changesInPlace(present)) !== before.inPlace) return undefined;
      const written = await writtenSince(asked, present, earliest(before.from, latest));
      const changed = written && otherThan(written, before, latest);
      if (changed === undefined || (latest === undefined && changed.length > RENEWED_MIN)) return undefined;
      return { places: before.places, changed };
    },
    async gather(asked, { present, latest }) {
      const from = mayStillCome(now());
      const inPlace = await changesInPlace(present);
      // a later page is of another moment: what was written since then is looked at again anyway
      const reader = latest === undefined ? asked.context.reader : present;
      // what is written while all is read has another position then
      const recent = await writtenSince(asked, reader, from);
      const places = await readPlaces(asked, { ...asked.context, reader });
      const order: Kept = {
        places,
        from,
        inPlace,
        seen: recent && new Map(recent.map(({ key, position }) => [key, position])),
        newest: recent?.[0]?.position ?? from,
        isOfFirst: latest === undefined,
      };
      kept.put(nameOf(asked), order);
      if (latest === undefined) return { places, changed: [] };
      const written = await writtenSince(asked, present, earliest(from, latest));
      if (written === undefined) throw tooMany();
      return { places, changed: otherThan(written, order, latest) };
    },
  };
}

/** What stands elsewhere at the moment of a page, perhaps, than it was put in order. */
function otherThan(
  written: readonly Written[],
  { seen, newest, isOfFirst }: Kept,
  latest: bigint | undefined,
): readonly string[] {
  // at a moment before the order was made it may not have been there
  const isLater = latest === undefined || latest > newest || (latest === newest && isOfFirst);
  const others = isLater ? written.filter(({ key, position }) => seen?.get(key) !== position) : written;
  return others.map(({ key }) => key);
}

function nameOf({ types, condition, order }: AskedOrder): string {
  return hash('sha256', JSON.stringify([types, timeless(condition), order.keys]), 'base64');
}

async function readPlaces(
  { types, condition, order }: AskedOrder,
  context: SearchContext,
): Promise<readonly KeyAt[]> {
  const { reader, limits } = context;
  const { path } = await choosePath(context, types, timeless(condition), false);
  const filter = filterAlong(path, types, settle(timeless(condition)));
  const found: KeyAt[] = [];
  let batch: ResourceDocument[] = [];
  const take = async (): Promise<void> => {
    const matching = await keepMatching(context, types, timeless(condition), batch);
    for (const document of await withOrderTexts(reader, order, matching)) {
      found.push({ key: document._id, place: order.placeOf(document) });
    }
    batch = [];
    if (found.length > limits.gatheredMax) throw tooMany();
  };
  for await (const document of streamAlong(reader, path, filter, placeFields(order.keys))) {
    batch.push(document);
    if (batch.length === limits.batchMax) await take();
  }
  await take();
  return found.sort((a, b) => order.compare(a.place, b.place));
}

/** Where what comes after a place begins. */
export function indexAfter(places: readonly KeyAt[], after: Place | undefined, { compare }: Order): number {
  if (after === undefined) return 0;
  return firstIndex(0, places.length, (at) => compare((places[at] as KeyAt).place, after) > 0);
}

function tooMany(): Error {
  return fail(
    'too-costly',
    'This search would have to look at too many resources: narrow it, or sort it by another key.',
  );
}
