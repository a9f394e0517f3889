/**
 * Resources with several codes of one parameter, as a set that is kept and follows what is written: the others stand in
 * the order of the codes where their only one does, so that a search for a code need not be looked for among the others.
 */
import { termsOf } from '../packed-match.ts';
import { type Bits, clearBit, collide, countBits, setBit } from './bits.ts';
import { emptyBits, keptOrMade } from './kept-sets.ts';
import { eachList } from './list-bits.ts';
import { costOfCounted } from './lists.ts';
import type { Meter } from './meter.ts';
import { liveOf, type View } from './view.ts';

export interface SeveralContext {
  readonly types: readonly number[];
  readonly view: View;
  readonly meter: Meter;
  /** What finding out may cost, if not all that is left. */
  readonly costMax?: number;
}

export interface Several {
  readonly bits: Bits;
  readonly isEmpty: boolean;
}

/** Those and perhaps others. Nobody may change it; undefined where finding out would cost more than is left. */
export function severalOf(
  k: number,
  hashes: readonly number[],
  { types, view, meter, costMax = Number.POSITIVE_INFINITY }: SeveralContext,
): Several | undefined {
  const make = (): Several | undefined => {
    if (costMax === 0) return undefined;
    const cost = costOfCounted(liveOf(types, view));
    if (cost > costMax || !meter.affords(cost)) return undefined;
    const [seen, bits] = [emptyBits(view), emptyBits(view)];
    for (const h of hashes) {
      const list = { table: 'ix', order: 'd', where: 'k = ? AND h = ?', args: [k, h] };
      eachList(list, (text) => collide(seen, bits, text), { view, meter: meter.whole });
    }
    return { bits, isEmpty: countBits(bits) === 0 };
  };
  return keptOrMade<Several>(
    {
      key: `several ${k}`,
      make,
      bytesOf: ({ bits }) => bits.byteLength,
      follow: ({ bits: before }, versions) => {
        const bits = emptyBits(view);
        bits.set(before);
        for (const { rid, now } of versions) {
          if (now !== undefined && termsOf(now.sections, k).length > 1) setBit(bits, rid);
          else clearBit(bits, rid);
        }
        return { bits, isEmpty: countBits(bits) === 0 };
      },
    },
    view,
    meter.whole,
  );
}
