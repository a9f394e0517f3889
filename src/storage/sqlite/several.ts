/**
 * Resources with several codes of one parameter, as a set that is kept and follows what is written: the others stand in
 * the order of the codes where their only one does, so that a search for a code need not be looked for among the others.
 */
import { termsOf } from '../packed-match.ts';
import { type Bits, clearBit, collide, setBit } from './bits.ts';
import { emptyBits, type KeptKind, keptOrMade } from './kept-sets.ts';
import { eachList, type ScanContext } from './list-bits.ts';
import { costOfCounted } from './list-lengths.ts';
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
    const reading = collideLists(k, hashes, () => ({ view, meter: meter.whole }));
    for (;;) {
      const part = reading.next();
      if (part.done === true) return part.value;
    }
  };
  return keptOrMade(severalKind(k, make, view), view, meter.whole);
}

export function severalKind(k: number, make: () => Several | undefined, view: View): KeptKind<Several> {
  return {
    key: `several ${k}`,
    make,
    bytesOf: ({ bits }) => bits.byteLength + NAME_BYTES,
    follow: ({ bits: before }, versions) => {
      const bits = emptyBits(view);
      bits.set(before);
      for (const { rid, now } of versions) {
        if (now !== undefined && termsOf(now.sections, k).length > 1) setBit(bits, rid);
        else clearBit(bits, rid);
      }
      return severalIn(bits);
    },
  };
}

const NAME_BYTES = 100;

/** Of each list in turn, as the index has it then; yields after each how many rows it had. */
export function* collideLists(
  k: number,
  hashes: readonly number[],
  contextOf: () => ScanContext,
): Generator<number, Several> {
  const { view } = contextOf();
  const [seen, bits] = [emptyBits(view), emptyBits(view)];
  for (const h of hashes) {
    const list = { table: 'ix', order: 'd', where: 'k = ? AND h = ?', args: [k, h] };
    yield eachList(list, (text) => collide(seen, bits, text), contextOf());
  }
  return severalIn(bits);
}

/** Most data has none. */
const NONE: Several = { bits: new Uint32Array(), isEmpty: true };

function severalIn(bits: Bits): Several {
  return bits.every((word) => word === 0) ? NONE : { bits, isEmpty: false };
}
