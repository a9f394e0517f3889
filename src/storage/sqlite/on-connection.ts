/**
 * What is remembered for each connection that searches, and goes with it.
 */
import { createRecent, type Recent, type RecentBounds } from '../recent.ts';
import type { Connection } from './connection.ts';

/** The one of a connection, made when it is first asked for. */
export function recentOfConnection<Value extends object>(
  bounds: RecentBounds<Value>,
): (connection: Pick<Connection, 'memory'>) => Recent<Value> {
  const kept = new WeakMap<object, Recent<Value>>();
  return ({ memory }) => {
    let recent = kept.get(memory);
    if (recent === undefined) {
      recent = createRecent(bounds);
      kept.set(memory, recent);
    }
    return recent;
  };
}
