/**
 * Random numbers that are the same on every machine for the same seed: sfc32, one independent stream for each
 * family, so that families can be made in any order.
 */
export interface Random {
  /** An integer of 0 to n - 1. */
  below(n: number): number;
  /** An integer of lo to hi, both included. */
  between(lo: number, hi: number): number;
  /** True with probability p. */
  chance(p: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** One of the list by its weight. */
  weigh<T extends { readonly weight: number }>(list: readonly T[]): T;
  /** A UUID of version 8 whose first 48 bits are `order`, so that ids made later sort later. */
  id(order: number): string;
}

const UINT32 = 2 ** 32;

export function createRandom(seed: number, stream: number): Random {
  const next = createSfc32(seed, stream);
  const below = (n: number): number => Math.floor((next() / UINT32) * n);
  return {
    below,
    between: (lo, hi) => lo + below(hi - lo + 1),
    chance: (p) => next() < p * UINT32,
    pick: (list) => list[below(list.length)] as never,
    weigh: (list) => {
      const total = list.reduce((sum, one) => sum + one.weight, 0);
      let left = (next() / UINT32) * total;
      for (const one of list) {
        left -= one.weight;
        if (left < 0) return one;
      }
      return list.at(-1) as never;
    },
    id: (order) => {
      const time = order.toString(16).padStart(12, '0');
      const [a, b, c] = [hex8(next()), hex8(next()), hex8(next())];
      const variant = ((Number.parseInt(a[3] as string, 16) & 0x3) | 0x8).toString(16);
      return `${time.slice(0, 8)}-${time.slice(8)}-8${a.slice(0, 3)}-${variant}${a.slice(4, 7)}-${b}${c.slice(0, 4)}`;
    },
  };
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0');
}

/** Chris Doty-Humphrey's small fast counting generator; passes PractRand. */
function createSfc32(seed: number, stream: number): () => number {
  let a = seed >>> 0;
  let b = stream >>> 0;
  let c = Math.floor(stream / UINT32) ^ 0x9e3779b9;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 15; round++) next();
  return next;
}
