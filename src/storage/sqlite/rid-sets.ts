import { termsOf } from '../packed-match.ts';
import { allOf, type Bound, hintOf, notOf } from './bind.ts';
import { type Bits, countBits, intersect, ridsOfBits, setBit, subtract, unite } from './bits.ts';
import { byShape, fewerShapes, isShapes } from './by-shape.ts';
import type { Candidate } from './candidate.ts';
import { type ConditionContext, conditionBits } from './condition-bits.ts';
import { emptyBits } from './kept-sets.ts';
import { addRow, type ScanContext } from './list-bits.ts';
import { isOfTypes } from './lists.ts';
import { compileTest } from './predicate.ts';
import { referenceColumns } from './reference-columns.ts';
import type { View } from './view.ts';

export interface RidSet {
  /** Resources whose version the index tells. */
  readonly bits: Bits;
  /** The other ones. */
  readonly loose: readonly Candidate[];
}

const NEWER = 'SELECT group_concat(rid) FROM res INDEXED BY res_seq WHERE seq > ?';

/** Undefined when a condition needs a look at the resources. */
export function ridSet(where: Bound, types: readonly number[], context: ScanContext): RidSet | undefined {
  const { view, meter } = context;
  const indexed = byShape(where, types, view);
  const isTyped = impliesTypes(indexed, types, view);
  const bits = bitsOf(isTyped ? indexed : allOf([indexed, { kind: 'types', types }]), { ...context, types });
  if (bits === undefined) return undefined;
  // what the index has of these is not what is seen
  if (view.hasLoose) {
    const newer = emptyBits(view);
    addRow(newer, view.connection.row(NEWER, view.indexed));
    subtract(bits, newer);
  }
  const loose: Candidate[] = [];
  const test = compileTest(allOf([{ kind: 'types', types }, where]), context);
  for (const candidate of view.loose(hintOf(where, types))) {
    meter.spend(1);
    if (test(candidate)) loose.push(candidate);
  }
  return { bits, loose };
}

export function sizeOfSet({ bits, loose }: RidSet): number {
  return countBits(bits) + loose.length;
}

/** Keys of strings, dates and numbers are those of one type. */
function impliesTypes(where: Bound, types: readonly number[], view: View): boolean {
  switch (where.kind) {
    case 'all':
      return where.of.some((part) => impliesTypes(part, types, view));
    case 'any':
      return where.of.every((part) => impliesTypes(part, types, view));
    case 'terms':
    case 'chain':
      return isOfTypes(where.k, types, view);
    case 'types':
    case 'present':
      return true;
    case 'text':
    case 'date':
    case 'number':
      return types.length === 1;
    default:
      return false;
  }
}

/** The caller may change it. */
function bitsOf(where: Bound, context: ConditionContext): Bits | undefined {
  switch (where.kind) {
    case 'all':
      return allBits(where.of, context);
    case 'any': {
      const bits = emptyBits(context.view);
      for (const part of where.of) {
        const more = bitsOf(part, context);
        if (more === undefined) return undefined;
        unite(bits, more);
      }
      return bits;
    }
    case 'not':
      return allBits([where], context);
    case 'chain':
      return chainBits(where, context);
    case 'has':
      return hasBits(where, context);
    case 'near':
    case 'place':
      return undefined;
    default:
      return conditionBits(where, context)?.slice();
  }
}

/** Exclusions take away from what the others leave. */
function allBits(asked: readonly Bound[], context: ConditionContext): Bits | undefined {
  const parts = asked.map((part) => sooner(part, asked, context));
  const others = parts.filter(({ kind }) => kind !== 'not');
  const sure: readonly Bound[] = others.length > 0 ? others : [{ kind: 'types', types: context.types }];
  let bits: Bits | undefined;
  for (const part of sure) {
    const more = bitsOf(part, context);
    if (more === undefined) return undefined;
    if (bits === undefined) bits = more;
    else intersect(bits, more);
  }
  for (const part of parts) {
    if (part.kind !== 'not') continue;
    const out = bitsOf(part.of, context);
    if (out === undefined) return undefined;
    subtract(bits as Bits, out);
  }
  return bits;
}

/** Shapes that most resources have are read from those that few have. */
function sooner(part: Bound, all: readonly Bound[], { view, types }: ConditionContext): Bound {
  const isTypedByOthers = all.some(
    (one) => one !== part && one.kind !== 'not' && impliesTypes(one, types, view),
  );
  const rest = isShapes(part) && isTypedByOthers ? fewerShapes(part, types, view) : undefined;
  return rest === undefined ? part : notOf(rest);
}

const REFERRING_TO_RIDS = `SELECT group_concat(p.rid) FROM json_each(?) j CROSS JOIN res r ON r.rid = j.value
  CROSS JOIN ix p ON p.k = ? AND p.h = r.h`;

/** Everything with a reference to one of the targets. */
function chainBits(
  { k, t, where }: Extract<Bound, { kind: 'chain' }>,
  context: ConditionContext,
): Bits | undefined {
  const { view, meter } = context;
  const found = ridSet(where, [t], context);
  if (found === undefined) return undefined;
  const targets = withLoose(found);
  const count = countBits(targets);
  if (count > view.limits.targetsMax) {
    const columns = referenceColumns(k, view, meter);
    columns.resolve(found.loose);
    return columns.sourcesOf(targets);
  }
  const bits = emptyBits(view);
  if (count > 0) {
    meter.spend(count);
    addRow(bits, view.connection.row(REFERRING_TO_RIDS, JSON.stringify([...ridsOfBits(targets)]), k));
  }
  return bits;
}

function withLoose({ bits, loose }: RidSet): Bits {
  for (const { rid } of loose) setBit(bits, rid);
  return bits;
}

const RID_OF = 'SELECT rid FROM res INDEXED BY res_h WHERE h = ?';

/** Everything that one of the sources refers to. */
function hasBits(
  { k, t, where }: Extract<Bound, { kind: 'has' }>,
  context: ConditionContext,
): Bits | undefined {
  const { view, meter } = context;
  const sources = ridSet(where, [t], context);
  if (sources === undefined) return undefined;
  const bits = referenceColumns(k, view, meter).targetsOf(sources.bits);
  // what these refer to is not in the index
  for (const { sections } of sources.loose) {
    for (const h of termsOf(sections, k)) {
      for (const [rid] of view.connection.rows(RID_OF, h)) setBit(bits, rid as number);
    }
  }
  return bits;
}
