/**
 * The same filter for a server that chooses its indexes itself: keys are tested as plain members instead of by
 * `$expr`, and negations stand at the members they negate, because such a server reads a whole collection for
 * `$expr` and `$nor`. MongoDB itself is told which index to use and must not be led to another.
 */
import { andOf, type Match } from './filters.ts';

type Members = Readonly<Record<string, unknown>>;

export function plainFilter(match: Match): Match {
  return plain(match as Members) as Match;
}

function plain(match: Members): Members {
  const parts = Object.entries(match).map(([name, value]): Members => {
    if (name === '$expr') return keysOf(value as Members) ?? { $expr: value };
    if (name === '$and' || name === '$or') return { [name]: listOf(value).map(plain) };
    if (name === '$nor') return allOf(listOf(value).map((one) => negated(plain(one))));
    return { [name]: value };
  });
  return allOf(parts);
}

/** What does not satisfy the match. */
function negated(match: Members): Members {
  const parts = Object.entries(match).map(([name, value]): Members => {
    if (name === '$and') return { $or: listOf(value).map(negated) };
    if (name === '$or') return allOf(listOf(value).map(negated));
    if (name.startsWith('$')) return { $nor: [{ [name]: value }] };
    return { [name]: isOperators(value) ? { $not: value } : { $ne: value } };
  });
  return parts.length === 1 ? parts[0]! : { $or: parts };
}

/** The test of one key or of several, as filters.ts writes it. */
function keysOf(expression: Members): Members | undefined {
  const { $in, $ne } = expression as { $in?: readonly unknown[]; $ne?: readonly Members[] };
  if ($in?.[1] === '$k') return { k: $in[0] };
  const [, keys] = ($ne?.[0]?.$setIntersection ?? []) as readonly unknown[];
  return keys === undefined ? undefined : { k: { $in: keys } };
}

function allOf(parts: readonly Members[]): Members {
  return andOf(...(parts as readonly Match[])) as Members;
}

function listOf(value: unknown): readonly Members[] {
  return value as readonly Members[];
}

function isOperators(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value)[0]?.startsWith('$') === true;
}
