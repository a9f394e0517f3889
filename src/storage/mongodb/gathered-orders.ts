/**
 * Orders that no list is in, such as by references: all that may match is put in order once, and kept. With whatever
 * was written since it is all that a page has to look at, at whatever moment. Putting it in order goes on when whoever
 * asked for it waits no longer.
 * https://hl7.org/fhir/R4/search.html#sort
 */

import { hash } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { fail } from '../../fhir/issues.ts';
import { createRecent } from '../recent.ts';
import { choosePath } from './choose-path.ts';
import { settle } from './conditions.ts';
import type { ResourceDocument } from './documents.ts';
import { filterOf } from './filters.ts';
import { type Order, placeFields } from './order.ts';
import { withOrderTexts } from './order-texts.ts';
import { collectPlaces, type KeyAt, type OrderedPlaces } from './ordered-places.ts';
import { findAlong, streamAlong } from './path-reads.ts';
import { filterAlong } from './paths.ts';
import type { Reader } from './reader.ts';
import {
  type AskedMatches,
  changesInPlace,
  earliest,
  mayStillCome,
  newestPosition,
  type Present,
  timeless,
  writtenSince,
} from './written-since.ts';

export interface GatheredOrders {
  /**
   * What may match in order, and what was written since that has to be looked at besides: as it is kept, or put in
   * order now.
   * @throws FhirError `too-costly` when there is too much, or it takes longer than a page may; it goes on all the same
   */
  places(asked: AskedOrder, now: Present): Promise<KnownPlaces>;
}

export interface AskedOrder extends AskedMatches {
  readonly order: Order;
}

export interface KnownPlaces {
  readonly places: OrderedPlaces;
  /** Where these stand is not known. */
  readonly changed: readonly string[];
}

interface Kept {
  readonly places: OrderedPlaces;
  /** What was written at this position or later may stand elsewhere, or not be among them. */
  readonly from: bigint;
  /** What had been written since then, as it was put in order; undefined when that was too much. */
  readonly seen: ReadonlyMap<string, bigint> | undefined;
  /** The newest of it. */
  readonly newest: bigint;
  /** How often resources had been changed without a new version. */
  readonly inPlace: number;
}

export interface GatheredSettings {
  /** The clock of positions, ms since the epoch. */
  readonly now: () => number;
  /** Memory of all orders together. */
  readonly bytesMax: number;
}

const ORDERS_MAX = 100;
/** Of what is in order so much may be followed, but for a little that always may. */
const FOLLOWED_SHARE = 1 / 8;

export function createGatheredOrders({ now, bytesMax }: GatheredSettings): GatheredOrders {
  const kept = createRecent<Kept>({
    countMax: ORDERS_MAX,
    sizeMax: bytesMax,
    sizeOf: ({ places }) => places.bytes,
  });
  const underway = new Map<string, Promise<Kept>>();
  const known = async (asked: AskedOrder, { present, latest }: Present): Promise<KnownPlaces | undefined> => {
    const before = kept.get(nameOf(asked));
    if (before === undefined || (await changesInPlace(present)) !== before.inPlace) return undefined;
    const changed = await changedSince(asked, present, before, latest);
    if (changed === undefined) return undefined;
    const { followedMin, followedMax } = asked.context.limits;
    if (changed.length > followedMin) {
      const most = Math.max(2 * followedMin, Math.min(followedMax, before.places.count * FOLLOWED_SHARE));
      if (before.places.followed + changed.length > most) return undefined;
      const marks = await marksOf(asked, present, now());
      kept.put(nameOf(asked), { ...marks, places: await follow(asked, present, before.places, changed) });
    }
    return { places: before.places, changed };
  };
  /** Of many who ask for the same at once one puts it in order. */
  const gathered = (asked: AskedOrder, present: Reader): Promise<Kept> => {
    const name = nameOf(asked);
    const gather = async (): Promise<Kept> => {
      const marks = await marksOf(asked, present, now());
      const order = { ...marks, places: await readPlaces(asked, present, bytesMax) };
      kept.put(name, order);
      return order;
    };
    const other = underway.get(name);
    if (other !== undefined) return other;
    const gathering = gather().finally(() => underway.delete(name));
    // also when nobody waits for it any more
    gathering.catch(() => {});
    underway.set(name, gathering);
    return gathering;
  };
  return {
    async places(asked, moment) {
      const before = await known(asked, moment);
      if (before !== undefined) return before;
      const order = await inTime(gathered(asked, moment.present), asked.context.limits.refusedMs);
      const changed = await changedSince(asked, moment.present, order, moment.latest, true);
      if (changed === undefined) throw tooMany();
      return { places: order.places, changed };
    },
  };
}

/** What there is when it is begun to put all in order: whatever is written meanwhile has another position then. */
async function marksOf(asked: AskedOrder, present: Reader, timeMs: number): Promise<Omit<Kept, 'places'>> {
  const from = mayStillCome(timeMs);
  const inPlace = await changesInPlace(present);
  const newest = await newestPosition(asked, present);
  const recent = await writtenSince(asked, present, from);
  const seen = recent && new Map(recent.map(({ key, position }) => [key, position]));
  return { from, inPlace, seen, newest };
}

/**
 * What stands elsewhere at the moment of a page, perhaps, than it was put in order; undefined when it is too much.
 * @param isNew when the moment of a first page may be a little older than the order
 */
async function changedSince(
  asked: AskedOrder,
  present: Reader,
  { from, seen, newest }: Kept,
  latest: bigint | undefined,
  isNew = false,
): Promise<readonly string[] | undefined> {
  const written = await writtenSince(asked, present, earliest(from, latest));
  if (written === undefined) {
    // so much is written that what is late among it is not looked for
    const since = latest === undefined || latest > newest ? newest : latest;
    const few = await writtenSince(asked, present, since + 1n);
    return few?.map(({ key }) => key);
  }
  // at a moment before the order was made it may not have been there
  const isLater =
    (latest === undefined && (!isNew || written.length > asked.context.limits.followedMin)) ||
    latest! > newest;
  const others = isLater ? written.filter(({ key, position }) => seen?.get(key) !== position) : written;
  return others.map(({ key }) => key);
}

/** @throws FhirError `too-costly` when it is not done by then */
async function inTime<Result>(work: Promise<Result>, timeMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(stillUnderway()), timeMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a chain leads to is no part of it: that is looked at for each page. */
function nameOf({ types, condition, order }: AskedOrder): string {
  const name = JSON.stringify([types, settle(timeless(condition)), order.keys]);
  return hash('sha256', name, 'base64');
}

async function readPlaces(
  { types, condition, order, context }: AskedOrder,
  reader: Reader,
  bytesMax: number,
): Promise<OrderedPlaces> {
  const may = settle(timeless(condition));
  const { path } = await choosePath({ ...context, reader }, types, may, false);
  const filter = filterAlong(path, types, may);
  const collector = collectPlaces(order);
  let batch: ResourceDocument[] = [];
  const take = async (): Promise<void> => {
    for (const { key, place } of await placesOf(order, reader, batch)) collector.add(key, place);
    batch = [];
    if (collector.bytes > bytesMax) throw tooMany();
    await othersTurn();
  };
  const fields = placeFields(order.keys);
  for await (const document of streamAlong(reader, path, filter, fields, { isBehind: true })) {
    batch.push(document);
    if (batch.length === context.limits.batchMax) await take();
  }
  await take();
  const places = await collector.inOrder();
  if (places.bytes > bytesMax) throw tooMany();
  return places;
}

/** As they are by now. */
async function follow(
  { types, condition, order, context }: AskedOrder,
  reader: Reader,
  places: OrderedPlaces,
  changed: readonly string[],
): Promise<OrderedPlaces> {
  const filter = filterOf(types, settle(timeless(condition)));
  const placed: KeyAt[] = [];
  for (let start = 0; start < changed.length; start += context.limits.stretchMax) {
    const ids = changed.slice(start, start + context.limits.stretchMax);
    const fields = placeFields(order.keys);
    const found = await findAlong(reader, { kind: 'ids', ids }, filter, fields, ids.length);
    placed.push(...(await placesOf(order, reader, found)));
  }
  return places.follow(changed, placed);
}

async function placesOf(
  order: Order,
  reader: Reader,
  documents: readonly ResourceDocument[],
): Promise<readonly KeyAt[]> {
  const whole = await withOrderTexts(reader, order, documents);
  return whole.map((document) => ({ key: document._id, place: order.placeOf(document) }));
}

function tooMany(): Error {
  return fail(
    'too-costly',
    'This search would have to put too many resources in order: narrow it, or sort it by another key.',
  );
}

function stillUnderway(): Error {
  return fail(
    'too-costly',
    'What this search finds is being put in order, which takes longer than a request may: ask again in a minute.',
  );
}
