/**
 * Resources that were put in order, kept in memory by each connection that searches: the next page reads on where the
 * last one ended instead of putting all of them in order again. Only a shortcut: what is not there, or was left out
 * after a restart, is put in order again from the index.
 */
import type { Connection } from './connection.ts';
import type { SortValue } from './order.ts';

/** Resources in all orders together, four bytes each. */
const RESOURCES_MAX = 256 * 1024;
const ORDERS_MAX = 256;

interface Kept {
  readonly orders: Map<string, Uint32Array>;
  resources: number;
}

const kept = new WeakMap<object, Kept>();

/** The name of what has one value of the first key in a search. */
export function groupName(name: string | undefined, value: SortValue): string | undefined {
  return name === undefined ? undefined : `${name}|${JSON.stringify(value)}`;
}

/** The rids in order. */
export function keptOrder({ memory }: Connection, name: string): Uint32Array | undefined {
  const orders = kept.get(memory)?.orders;
  const order = orders?.get(name);
  if (order === undefined) return undefined;
  // the ones that were asked for last stay
  orders?.delete(name);
  orders?.set(name, order);
  return order;
}

export function keepOrder({ memory }: Connection, name: string, rids: readonly number[]): void {
  if (rids.length > RESOURCES_MAX / 2) return;
  let known = kept.get(memory);
  if (known === undefined) {
    known = { orders: new Map(), resources: 0 };
    kept.set(memory, known);
  }
  forget(known, name);
  known.orders.set(name, Uint32Array.from(rids));
  known.resources += rids.length;
  while (known.resources > RESOURCES_MAX || known.orders.size > ORDERS_MAX) {
    forget(known, known.orders.keys().next().value as string);
  }
}

function forget(known: Kept, name: string): void {
  known.resources -= known.orders.get(name)?.length ?? 0;
  known.orders.delete(name);
}
