/**
 * Which path a search takes: the one that leads to the fewest resources, by bounded counts that are remembered for
 * a while. A wrong count costs time, never a result.
 */
import { type Condition, hasOpen, isNothing, settle } from './conditions.ts';
import type { ResourceDocument } from './documents.ts';
import { filterOf, type Match } from './filters.ts';
import { BATCH, CANDIDATE_FIELDS, keepMatching, type SearchContext } from './joins.ts';
import { hintOf, type Path, pathMatch, pathsOf, wholePath } from './paths.ts';
import type { Reader } from './reader.ts';

export interface CountedPath {
  readonly path: Path;
  /** Resources it leads to; COUNTED_MAX stands for any more. */
  readonly count: number;
}

/** As far as paths are counted before one is chosen. */
export const COUNTED_MAX = 1_000;
/** A path this short is taken without a look at the others. */
const SHORT = 20;
const REMEMBERED_MS = 60_000;
const REMEMBERED_MAX = 10_000;

export interface CountCache {
  count(reader: Reader, path: Path, limit: number): Promise<number>;
}

/** `now` in ms of any clock that goes on. */
export function createCountCache(now: () => number): CountCache {
  const remembered = new Map<string, { readonly count: number; readonly until: number }>();
  return {
    async count(reader, path, limit) {
      const name = `${limit} ${JSON.stringify(path, (key, value) => (key === 'part' ? undefined : typeof value === 'bigint' ? String(value) : value))}`;
      const before = remembered.get(name);
      if (before !== undefined && before.until > now()) return before.count;
      const count = await reader.count(pathMatch(path), { limit, hint: hintOf(path) });
      if (remembered.size >= REMEMBERED_MAX) remembered.clear();
      if (name.length < 1_000) remembered.set(name, { count, until: now() + REMEMBERED_MS });
      return count;
    },
  };
}

export async function choosePath(
  reader: Reader,
  counts: CountCache,
  types: readonly string[],
  condition: Condition,
): Promise<CountedPath> {
  const paths = pathsOf(condition, types);
  let best: CountedPath = { path: paths[0] ?? wholePath(types), count: COUNTED_MAX };
  for (const path of paths) {
    const count = path.kind === 'ids' ? path.ids.length : await counts.count(reader, path, COUNTED_MAX);
    if (count < best.count) best = { path, count };
    if (count <= SHORT) break;
  }
  return best;
}

/** Everything that matches, in no order, no more than `limit`. */
export async function findAll(
  context: SearchContext,
  counts: CountCache,
  types: readonly string[],
  condition: Condition,
  limit: number,
  fields: Record<string, 1>,
): Promise<readonly ResourceDocument[]> {
  if (isNothing(condition)) return [];
  const { path } = await choosePath(context.reader, counts, types, condition);
  const filter = { $and: [pathMatch(path), filterOf(types, settle(condition))] } as Match;
  const hint = hintOf(path);
  if (!hasOpen(condition)) return await context.reader.find(filter, { projection: fields, limit, hint });
  const found: ResourceDocument[] = [];
  let batch: ResourceDocument[] = [];
  const keep = async (): Promise<void> => {
    found.push(...(await keepMatching(context, types, condition, batch)));
    batch = [];
  };
  for await (const document of context.reader.stream(filter, {
    projection: { ...CANDIDATE_FIELDS, ...fields },
    hint,
  })) {
    batch.push(document);
    if (batch.length === BATCH) await keep();
    if (found.length >= limit) return found.slice(0, limit);
  }
  await keep();
  return found.slice(0, limit);
}
