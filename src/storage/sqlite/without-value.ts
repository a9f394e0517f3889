/**
 * Who goes from page to page through what has no value of the first key reads all of it: which these are is found out
 * once, instead of looking for them on each page among all that have a value of the next key.
 */
import { isEverything } from './bind.ts';
import type { Bindings } from './bindings.ts';
import { hasBit, setBit } from './bits.ts';
import type { Collector } from './collect.ts';
import { keepBits, keptBits } from './kept-bits.ts';
import { groupName, keptOrder } from './kept-orders.ts';
import { emptyBits } from './kept-sets.ts';
import { knownCollector } from './known-collector.ts';
import { narrowing } from './narrowing.ts';
import type { OrderKey } from './order.ts';
import { ridsWithout } from './unvalued.ts';

/**
 * All that match and have no value of the key, and perhaps others, where they are few enough to be put in order. More
 * are kept as the set that the search for them narrows itself to.
 */
export function fewWithout(key: OrderKey, bindings: Bindings): Collector | undefined {
  const { view, types, where, meter, isGoingOn } = bindings;
  const { connection, limits } = view;
  const name = groupName(bindings.name, null);
  if (name === undefined) return undefined;
  const order = keptOrder(connection, name);
  if (order !== undefined) return knownCollector(order, order.length);
  if (keptBits(connection, name) !== undefined) return undefined;
  // on a first page they may be most, and the next key fills it at once
  const rids = ridsWithout({ key, types, view, meter: meter.whole, evenMany: isGoingOn });
  if (rids === undefined) return undefined;
  const all = isEverything(where) ? undefined : narrowing(bindings)?.(isGoingOn ? 'many' : 'once');
  const members = all === undefined ? rids : rids.filter((rid) => hasBit(all, rid));
  if (members.length <= limits.collectedMax) return knownCollector(members, members.length);
  const bits = emptyBits(view);
  for (const rid of members) setBit(bits, rid);
  keepBits(connection, name, bits);
  return undefined;
}
