/**
 * The ranges of index tables that are in the order of a key: together they have every place of it.
 */
import type { SQLInputValue } from 'node:sqlite';
import { assertNever } from '../../fhir/types.ts';
import type { SortSource } from '../../search/query.ts';
import { type Bound, partsOf } from './bind.ts';
import { firstSince } from './commit-times.ts';
import { BIRTH_LIST, idList } from './index-keys.ts';
import { startRange } from './intervals.ts';
import type { OrderKey } from './order.ts';
import { unitsOf } from './units.ts';
import type { View } from './view.ts';

export interface Branching {
  readonly where: Bound;
  readonly key: OrderKey;
  readonly types: readonly number[];
  readonly view: View;
}

/** One range of a table that is in order of `value`, then of rid. */
export interface Branch {
  readonly table: string;
  readonly value: string;
  readonly where: string;
  readonly args: readonly SQLInputValue[];
  /** Bounds of the value, [from, to). */
  readonly from?: number;
  readonly to?: number;
}

/** Undefined where no table is in this order. */
export function branchesOf({ where, key, types, view }: Branching): Branch[] | undefined {
  switch (key.by) {
    case 'id':
      return types.map((t) => ({ table: 'ixs', value: 's', where: 'k = ?', args: [idList(t)] }));
    case 'birth':
      return types.map((t) => ({
        table: 'ix',
        value: 'rid',
        where: `k = ${BIRTH_LIST} AND h = ? AND d = 0`,
        args: [t],
      }));
    case 'updated': {
      const [from, to] = commitRange(where, view);
      return types.map((t) => ({
        table: 'res INDEXED BY res_t',
        value: 'seq',
        where: 't = ?',
        args: [t],
        from,
        to,
      }));
    }
    case 'text':
    case 'date':
    case 'number':
      return valueBranches(key, view);
    case 'gathered': {
      const branches: Branch[] = [];
      for (const source of key.of) {
        const of = valueBranches(source, view);
        if (of === undefined) return undefined;
        branches.push(...of);
      }
      return branches;
    }
    case 'primary':
    case 'term':
      return undefined;
    default:
      return assertNever(key);
  }
}

function valueBranches({ by, k }: SortSource, view: View): Branch[] | undefined {
  switch (by) {
    case 'text':
      return [{ table: 'ixs', value: 's', where: 'k = ?', args: [k] }];
    case 'date':
      return [{ table: 'ixd', value: 'lo', where: 'k = ?', args: [k] }];
    case 'number':
      return unitsOf(k, view)?.map((u) => ({
        table: 'ixq',
        value: 'lo',
        where: 'k = ? AND u = ?',
        args: [k, u],
      }));
    case 'term':
    case 'content':
      return undefined;
    default:
      return assertNever(by);
  }
}

/** The commits that conditions on the time of the last update leave. */
function commitRange(where: Bound, view: View): [from: number, to: number] {
  let first = 1;
  let end = view.snapshot + 1;
  for (const part of partsOf(where)) {
    if (part.kind !== 'updated') continue;
    const { from, to } = startRange(part.prefix, part.lo, part.hi);
    if (from > Number.NEGATIVE_INFINITY) first = Math.max(first, firstSince(view, from));
    if (to < Number.POSITIVE_INFINITY) end = Math.min(end, firstSince(view, to));
  }
  return [first, end];
}
