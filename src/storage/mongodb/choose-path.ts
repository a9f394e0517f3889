/**
 * Which path a search takes: the one that leads to the fewest resources, by bounded counts that are remembered for
 * a while. A wrong count costs time, never a result.
 */
import { type Condition, hasOpen, isNothing, settle } from './conditions.ts';
import type { ResourceDocument } from './documents.ts';
import { isSelfKey } from './index-keys.ts';
import { CANDIDATE_FIELDS, keepMatching, type SearchContext } from './joins.ts';
import { findAlong, streamAlong } from './path-reads.ts';
import { filterAlong, type Path, pathsOf, searchedBy, wholePath } from './paths.ts';

export interface CountedPath {
  readonly path: Path;
  /** Resources it leads to; `surveyedMax` stands for any more. */
  readonly count: number;
}

/** A path this short is taken without a look at the others. */
const SHORT = 20;
/** @param isOrdered when lists of the index are read in their order, so that their length hardly matters */
export async function choosePath(
  { reader, counts, limits, allTypes }: SearchContext,
  types: readonly string[],
  condition: Condition,
  isOrdered = false,
): Promise<CountedPath> {
  const paths = pathsOf(condition, searchedBy(types, allTypes));
  const [only] = paths;
  if (paths.length === 1 && isOrdered && only?.kind === 'keys')
    return { path: only, count: limits.surveyedMax };
  let best: CountedPath = { path: paths[0] ?? wholePath(types, allTypes), count: limits.surveyedMax };
  for (const path of paths) {
    const count = atMost(path) ?? (await counts.count(reader, path, limits.surveyedMax));
    if (count < best.count) best = { path, count };
    if (count <= SHORT) break;
  }
  return best;
}

/** The length of a path that names its resources one by one. */
function atMost(path: Path): number | undefined {
  if (path.kind === 'ids') return path.ids.length;
  return path.kind === 'keys' && path.keys.every(isSelfKey) ? path.keys.length : undefined;
}

/** Everything that matches, in no order, no more than `limit`. */
export async function findAll(
  context: SearchContext,
  types: readonly string[],
  condition: Condition,
  limit: number,
  fields: Record<string, 1>,
): Promise<readonly ResourceDocument[]> {
  if (isNothing(condition)) return [];
  const { path } = await choosePath(context, types, condition);
  const filter = filterAlong(path, types, settle(condition));
  if (!hasOpen(condition)) return await findAlong(context.reader, path, filter, fields, limit);
  const found: ResourceDocument[] = [];
  let batch: ResourceDocument[] = [];
  const keep = async (): Promise<void> => {
    found.push(...(await keepMatching(context, types, condition, batch)));
    batch = [];
  };
  for await (const document of streamAlong(context.reader, path, filter, {
    ...CANDIDATE_FIELDS,
    ...fields,
  })) {
    batch.push(document);
    if (batch.length === context.limits.batchMax) await keep();
    if (found.length >= limit) return found.slice(0, limit);
  }
  await keep();
  return found.slice(0, limit);
}
