/**
 * A predicate as the index answers it at the least cost: what is said of the presence of parameters, and of types beside
 * it, becomes one choice of shapes, and what holds for everything is left out. Versions that the index does not tell
 * are tested with the predicate as it was.
 */
import { allOf, anyOf, type Bound, EVERYTHING, notOf } from './bind.ts';
import { firstSince } from './commit-times.ts';
import { SHAPE_LIST } from './index-keys.ts';
import { startRange } from './intervals.ts';
import { countUpTo } from './list-lengths.ts';
import { shapeLists } from './presence.ts';
import { shapesOf } from './shapes.ts';
import type { View } from './view.ts';

export type Shapes = Extract<Bound, { kind: 'terms' }>;

/** More shapes in one condition are not looked up in an index. */
const SHAPES_MAX = 256;

export function byShape(where: Bound, types: readonly number[], view: View): Bound {
  switch (where.kind) {
    case 'all':
      return conjunction(
        where.of.map((part) => byShape(part, types, view)),
        view,
      );
    case 'any':
      return anyOf(where.of.map((part) => byShape(part, types, view)));
    case 'not':
      return where.of.kind === 'present'
        ? presence(where, where.of.shapes.lacking, where.of.shapes.mixed)
        : notOf(byShape(where.of, types, view));
    case 'present':
      return presence(where, where.shapes.having, where.shapes.mixed);
    case 'updated':
      return isAlways(where, view) ? EVERYTHING : where;
    default:
      return where;
  }
}

function presence(where: Bound, ids: readonly number[], mixed: readonly number[]): Bound {
  return mixed.length > 0 || ids.length > SHAPES_MAX ? where : shapes(ids);
}

function shapes(ids: readonly number[]): Shapes {
  return { kind: 'terms', k: SHAPE_LIST, hashes: ids };
}

export function isShapes(where: Bound): where is Shapes {
  return where.kind === 'terms' && where.k === SHAPE_LIST;
}

function conjunction(parts: readonly Bound[], view: View): Bound {
  const chosen = parts.filter(isShapes).map(({ hashes }) => new Set(hashes));
  if (chosen.length === 0) return allOf(parts);
  const rest: Bound[] = [];
  for (const part of parts) {
    if (part.kind === 'types')
      chosen.push(new Set(shapesOf(view.connection, part.types).map(({ id }) => id)));
    else if (!isShapes(part)) rest.push(part);
  }
  const ids = [...(chosen[0] as Set<number>)].filter((id) => chosen.every((some) => some.has(id)));
  return allOf([shapes(ids), ...rest]);
}

/** Rows of shapes that are counted to find out which lists are shorter. */
const COMPARED_MAX = 50_000;

/** The other shapes of the types, when these have fewer resources. */
export function fewerShapes({ hashes }: Shapes, types: readonly number[], view: View): Shapes | undefined {
  const asked = new Set(hashes);
  const rest = shapesOf(view.connection, types).flatMap(({ id }) => (asked.has(id) ? [] : [id]));
  const rows = (ids: readonly number[]): number => countUpTo(shapeLists(ids), COMPARED_MAX, view);
  return rows(rest) < rows(hashes) ? shapes(rest) : undefined;
}

/** Whether every version there is was written in that time. */
function isAlways({ prefix, lo, hi }: Extract<Bound, { kind: 'updated' }>, view: View): boolean {
  if (prefix === 'ne') return false;
  const { from, to } = startRange(prefix, lo, hi);
  if (from > Number.NEGATIVE_INFINITY && firstSince(view, from) > 1) return false;
  return to === Number.POSITIVE_INFINITY || firstSince(view, to) > view.snapshot;
}
