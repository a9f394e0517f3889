/**
 * The parameters that `_filter` has for itself: `characteristic[code eq gender].value eq mixed` asks both of one
 * repetition, as the composite of the two does.
 * https://hl7.org/fhir/R4/search_filter.html#params
 */
import type { FilterComparison, FilterNode } from './filter-parse.ts';
import { badValue, quote } from './search-errors.ts';

interface Pair {
  /** What the names within stand for, in the order of the composite. */
  readonly parts: Readonly<Record<string, string>>;
  readonly composite: string;
}

/** By type and name; what else the page lists are parameters that R4 does not have any more. */
const PAIRS: Readonly<Record<string, Readonly<Record<string, Pair>>>> = {
  Group: {
    characteristic: {
      parts: { code: 'characteristic', value: 'value' },
      composite: 'characteristic-value',
    },
  },
  DocumentReference: {
    relatesTo: { parts: { target: 'relatesto', code: 'relation' }, composite: 'relationship' },
  },
};

type Within = Extract<FilterNode, { kind: 'within' }>;

/** The same by parameters that others have too; undefined when the path is none of these. */
export function pairedFilter(type: string, node: Within): FilterNode | undefined {
  const pair = PAIRS[type]?.[node.path];
  return pair === undefined ? undefined : joinPair(node, node.where, pair);
}

function joinPair(node: Within, where: FilterNode, pair: Pair): FilterNode {
  if (where.kind === 'or') return { kind: 'or', of: where.of.map((one) => joinPair(node, one, pair)) };
  const { further } = node;
  if (!isEqual(where) || further.kind !== 'comparison') throw unfit(node, pair);
  const names = Object.keys(pair.parts);
  if (where.path === further.path || ![where.path, further.path].every((path) => names.includes(path))) {
    throw unfit(node, pair);
  }
  // each repetition has both
  if (further.op === 'pr' && further.value === 'true') {
    return { ...where, path: pair.parts[where.path] as string };
  }
  if (!isEqual(further)) throw unfit(node, pair);
  const text = names.map((name) => (name === where.path ? where : further).value).join('$');
  return { kind: 'comparison', path: pair.composite, op: 'eq', value: text };
}

function isEqual(node: FilterNode): node is FilterComparison {
  return node.kind === 'comparison' && (node.op === 'eq' || node.op === 're');
}

function unfit({ path }: Within, { parts }: Pair): Error {
  const [one, other] = Object.keys(parts);
  return badValue(
    '_filter',
    `${quote(path)} takes ${path}[${one} eq …].${other} eq …, or ${path}[${other} eq …].${one} eq …, eq alone.`,
  );
}
