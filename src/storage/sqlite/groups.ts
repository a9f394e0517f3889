/**
 * Resources that have one value of the first key of an order are a search of their own, in the order of the others.
 * https://hl7.org/fhir/R4/search.html#sort
 */
import { allOf, type Bound, hintOf } from './bind.ts';
import type { Bindings } from './bindings.ts';
import type { Collector } from './collect.ts';
import type { Found, Page } from './found.ts';
import { groupName } from './kept-orders.ts';
import type { OrderKey, Position, SortValue } from './order.ts';
import { compileTest, type Test } from './predicate.ts';

export type Search = (bindings: Bindings, page: Page) => Found;

export interface Group {
  /** What all in it satisfy. */
  readonly is: Bound;
  /** The same for what the index tells, where less decides. */
  readonly indexed?: Bound | undefined;
  /** Their value of the first key. */
  readonly value: SortValue;
  /** Where all that may be in it are found, when they are few. */
  readonly few?: Collector | undefined;
}

/** The page within the group; `page.after` lies in the group if it is given, as all positions of what is found. */
export function searchGroup(
  { is, indexed = is, value, few }: Group,
  bindings: Bindings,
  page: Page,
  search: Search,
): Found {
  const { types, view, meter } = bindings;
  const [first, ...others] = bindings.sort as [OrderKey, ...OrderKey[]];
  const sort = innerSort(first, others);
  const where = allOf([indexed, bindings.where]);
  const isIn = compileTest(is, { view, meter });
  const test: Test = (candidate) => isIn(candidate) && bindings.test(candidate);
  const name = groupName(bindings.name, value);
  const replacedName = groupName(bindings.replacedName, value);
  const inner = { ...bindings, where, sort, test, name, replacedName, few, hint: hintOf(where, types) };
  const { after } = page;
  const from = after && {
    values: [...after.values.slice(1), after.rid].slice(0, sort.length),
    rid: after.rid,
  };
  const outer = ({ values, rid }: Position): Position => {
    return { values: [value, ...values.slice(0, others.length)], rid };
  };
  const found = search(inner, { ...page, after: from });
  return {
    hits: found.hits.map((hit) => ({ ...hit, position: outer(hit.position) })),
    more: found.more && outer(found.more),
  };
}

/** Equals come in the direction of the first key: where that of the next is another one, the age is a key, too. */
function innerSort({ descending }: OrderKey, others: readonly OrderKey[]): readonly OrderKey[] {
  return others[0]?.descending === descending ? others : [...others, { by: 'birth', descending }];
}
