/**
 * Resources that were put in order, kept in memory by each connection that searches: the next page reads on where the
 * last one ended instead of putting all of them in order again. Only a shortcut: what is not there, or was left out
 * after a restart, is put in order again from the index.
 */
import type { Connection } from './connection.ts';
import { recentOfConnection } from './on-connection.ts';
import type { SortValue } from './order.ts';

/** Resources in all orders together, four bytes each. */
const RESOURCES_MAX = 256 * 1024;
const ORDERS_MAX = 256;

const ordersOf = recentOfConnection<Uint32Array>({
  countMax: ORDERS_MAX,
  sizeMax: RESOURCES_MAX,
  sizeOf: ({ length }) => length,
});

/** The name of what has one value of the first key in a search. */
export function groupName(name: string | undefined, value: SortValue): string | undefined {
  return name === undefined ? undefined : `${name}|${JSON.stringify(value)}`;
}

/** The rids in order. */
export function keptOrder(connection: Connection, name: string): Uint32Array | undefined {
  return ordersOf(connection).get(name);
}

export function keepOrder(connection: Connection, name: string, rids: ArrayLike<number>): void {
  if (rids.length > RESOURCES_MAX / 2) return;
  ordersOf(connection).put(name, Uint32Array.from(rids));
}
