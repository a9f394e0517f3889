/**
 * What was asked for last, within a bound: a shortcut that may forget at any time.
 */

export interface Recent<Value> {
  get(name: string): Value | undefined;
  put(name: string, value: Value): void;
  clear(): void;
}

export interface RecentBounds<Value> {
  readonly countMax: number;
  /** Of all values together, in the unit of `sizeOf`. */
  readonly sizeMax?: number;
  readonly sizeOf?: (value: Value) => number;
}

/** The ones that were asked for last stay. */
export function createRecent<Value extends object>({
  countMax,
  sizeMax = Number.POSITIVE_INFINITY,
  sizeOf = () => 0,
}: RecentBounds<Value>): Recent<Value> {
  const kept = new Map<string, Value>();
  let size = 0;
  const take = (name: string): Value | undefined => {
    const value = kept.get(name);
    if (value !== undefined && kept.delete(name)) size -= sizeOf(value);
    return value;
  };
  const add = (name: string, value: Value): void => {
    kept.set(name, value);
    size += sizeOf(value);
  };
  return {
    get(name) {
      const value = take(name);
      if (value !== undefined) add(name, value);
      return value;
    },
    put(name, value) {
      take(name);
      add(name, value);
      while (kept.size > countMax || size > sizeMax) take(kept.keys().next().value as string);
    },
    clear() {
      kept.clear();
      size = 0;
    },
  };
}
