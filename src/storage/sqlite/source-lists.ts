/**
 * Who refers to whom, packed: for each target the list of its sources, as a number and the gaps after it, seven bits a
 * byte. What is written together has numbers close together, so a source takes one or two bytes instead of four.
 */

export interface SourceLists {
  /** The rid of the target of each list, 0 where nothing here has its hash. */
  readonly targets: Int32Array;
  /** Where each list ends in `packed`. */
  readonly ends: Uint32Array;
  readonly packed: Uint8Array;
  /** Sources of the longest list. */
  readonly longest: number;
}

export interface ListBuilder {
  /** Lists so far. */
  readonly size: number;
  readonly bytes: number;
  /** A list of the first so many; puts them in order where they are. */
  add(target: number, sources: Int32Array, count: number): void;
  done(): SourceLists;
}

export function buildLists(): ListBuilder {
  let targets = new Int32Array(4_096);
  let ends = new Uint32Array(4_096);
  let packed = new Uint8Array(65_536);
  let size = 0;
  let at = 0;
  let longest = 0;
  return {
    get size() {
      return size;
    },
    get bytes() {
      return targets.byteLength + ends.byteLength + packed.byteLength;
    },
    add(target, sources, count) {
      if (size === targets.length) {
        targets = widened(targets, new Int32Array(size * 2));
        ends = widened(ends, new Uint32Array(size * 2));
      }
      while (at + count * BYTES_MAX > packed.length) {
        packed = widened(packed, new Uint8Array(packed.length * 2));
      }
      arrange(sources, count);
      let last = 0;
      for (let index = 0; index < count; index++) {
        const source = sources[index] as number;
        let gap = source - last;
        last = source;
        while (gap > 0x7f) {
          packed[at++] = (gap & 0x7f) | 0x80;
          gap >>>= 7;
        }
        packed[at++] = gap;
      }
      targets[size] = target;
      ends[size++] = at;
      longest = Math.max(longest, count);
    },
    done: () => ({
      targets: targets.slice(0, size),
      ends: ends.slice(0, size),
      packed: packed.slice(0, at),
      longest,
    }),
  };
}

/** A number below 2^31 in seven bits a byte. */
const BYTES_MAX = 5;

function widened<Values extends Int32Array | Uint32Array | Uint8Array>(
  values: Values,
  wider: Values,
): Values {
  wider.set(values);
  return wider;
}

const FEW = 24;

function arrange(sources: Int32Array, count: number): void {
  if (count > FEW) {
    sources.subarray(0, count).sort();
    return;
  }
  for (let index = 1; index < count; index++) {
    const source = sources[index] as number;
    let before = index - 1;
    for (; before >= 0 && (sources[before] as number) > source; before--) {
      sources[before + 1] = sources[before] as number;
    }
    sources[before + 1] = source;
  }
}

/** Writes a list, ascending, into `into`, which has room for the longest; how many there are. */
export function readList({ ends, packed }: SourceLists, list: number, into: Int32Array): number {
  let at = list === 0 ? 0 : (ends[list - 1] as number);
  const end = ends[list] as number;
  let source = 0;
  let count = 0;
  while (at < end) {
    let byte = packed[at++] as number;
    let gap = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      byte = packed[at++] as number;
      gap |= (byte & 0x7f) << shift;
    }
    source += gap;
    into[count++] = source;
  }
  return count;
}

export function bytesOfLists({ targets, ends, packed }: SourceLists): number {
  return targets.byteLength + ends.byteLength + packed.byteLength;
}
