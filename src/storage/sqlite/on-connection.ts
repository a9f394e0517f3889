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

/** The state of the index that a connection sees. */
interface IndexState {
  readonly connection: Pick<Connection, 'memory' | 'role'>;
  readonly merged: number;
  readonly reindexed: number;
}

/**
 * What one state of the index tells, found out once. Never remembered on the connection that writes: its transaction may
 * be rolled back, and the next one reaches the same state with other data.
 */
export function recentOfIndex<Value extends object>(
  bounds: RecentBounds<Value>,
): (state: IndexState, name: string, find: () => Value) => Value {
  const recent = recentOfConnection<Value>(bounds);
  return ({ connection, merged, reindexed }, name, find) => {
    if (connection.role === 'writer') return find();
    const key = `${name}|${merged}|${reindexed}`;
    const known = recent(connection).get(key);
    if (known !== undefined) return known;
    const found = find();
    recent(connection).put(key, found);
    return found;
  };
}
