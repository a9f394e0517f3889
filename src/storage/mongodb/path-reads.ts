/**
 * Reads along a path: everything it finds that a filter keeps, each resource once, in no order.
 */
import type { ResourceDocument } from './documents.ts';
import { andOf, type Match } from './filters.ts';
import type { Path } from './paths.ts';
import type { CountOptions, FindOptions, Reader } from './reader.ts';
import { scansOf } from './scans.ts';

export async function findAlong(
  reader: Reader,
  path: Path,
  filter: Match,
  fields: Record<string, 1>,
  limit: number,
): Promise<readonly ResourceDocument[]> {
  const found: ResourceDocument[] = [];
  for (const { match, hint } of scansOf(path)) {
    const options = { projection: fields, limit: limit - found.length, hint };
    found.push(...(await reader.find(andOf(match, filter), options)));
    if (found.length >= limit) break;
  }
  return found;
}

export async function* streamAlong(
  reader: Reader,
  path: Path,
  filter: Match,
  fields: Record<string, 1>,
  options: Pick<FindOptions, 'isBehind'> = {},
): AsyncGenerator<ResourceDocument> {
  for (const { match, hint } of scansOf(path)) {
    yield* reader.stream(andOf(match, filter), { projection: fields, hint, ...options });
  }
}

/** Counted no further than `limit`. */
export async function countAlong(
  reader: Reader,
  path: Path,
  filter: Match | undefined,
  { limit, isSurvey }: Pick<CountOptions, 'limit' | 'isSurvey'>,
): Promise<number> {
  let count = 0;
  for (const { match, hint } of scansOf(path)) {
    const both = filter === undefined ? match : andOf(match, filter);
    const rest = limit === undefined ? undefined : limit - count;
    count += await reader.count(both, {
      ...(rest !== undefined && { limit: rest }),
      ...(isSurvey === true && { isSurvey }),
      hint,
    });
    if (limit !== undefined && count >= limit) break;
  }
  return count;
}
