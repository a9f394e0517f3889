/**
 * How many resources match a condition with chains that lead to too many to be listed. Where one chain stands beside
 * conditions that need no other look, the far side is walked in lots, and those that lead there are counted each once;
 * otherwise candidates are checked in lots. Neither keeps what it counts, but for one number for each.
 * https://hl7.org/fhir/R4/search.html#total
 */

import { hashTerm } from '../../search/term-hash.ts';
import { choosePath } from './choose-path.ts';
import { allOf, type Condition, hasOpen, type Open, partsOf, settle } from './conditions.ts';
import type { ResourceDocument } from './documents.ts';
import { andOf } from './filters.ts';
import { selfKey, termKey } from './index-keys.ts';
import { CANDIDATE_FIELDS, keepMatching, referencesOf, resolveWhere, type SearchContext } from './joins.ts';
import { createdOfOrderKey } from './order-key.ts';
import { streamAlong } from './path-reads.ts';
import { filterAlong, MERGED_KEYS_MAX, type Path } from './paths.ts';
import { listsHint, listsMatch, type Scan } from './scans.ts';

type Far = Extract<Open, { kind: 'chain' | 'has' }>;

/** No further than `limit`. */
export async function countOpen(
  context: SearchContext,
  types: readonly string[],
  condition: Condition,
  limit: number,
): Promise<number> {
  const { path, count } = await choosePath(context, types, condition);
  const single = count < context.limits.surveyedMax ? undefined : singleOf(condition);
  const counted =
    single === undefined ? undefined : await countFromFar(context, types, single.far, single.others, limit);
  return counted ?? (await countCandidates(context, types, condition, path, limit));
}

/** One chain, and what else must hold. */
function singleOf(condition: Condition): { readonly far: Far; readonly others: Condition } | undefined {
  const parts = partsOf(condition);
  const [open, ...more] = parts.filter(hasOpen);
  if (open?.kind !== 'open' || more.length > 0 || open.predicate.kind === 'near') return undefined;
  return { far: open.predicate, others: allOf(parts.filter((part) => part !== open)) };
}

/** Undefined when more have to be told apart than are kept in memory. */
async function countFromFar(
  context: SearchContext,
  types: readonly string[],
  far: Far,
  others: Condition,
  limit: number,
): Promise<number | undefined> {
  const { distinctMax } = context.limits;
  if (far.kind === 'chain') {
    const counted = new Set<bigint>();
    for await (const documents of matchesOf(context, far.target, await resolveWhere(context, far.where), {
      _id: 1,
    })) {
      const keys = documents.map(({ _id }) => termKey(far.k, hashTerm(_id)));
      for await (const { o } of along(context, types, keys, others, { _id: 0, o: 1 })) {
        counted.add(createdOfOrderKey(o));
        if (counted.size >= limit) return limit;
        if (counted.size > distinctMax) return undefined;
      }
    }
    return counted.size;
  }
  const hashes = new Set<number>();
  for await (const documents of matchesOf(context, far.source, await resolveWhere(context, far.where), {
    k: 1,
  })) {
    for (const { k } of documents) for (const hash of referencesOf(k, far.k)) hashes.add(hash);
    if (hashes.size > distinctMax) return undefined;
  }
  return await countSelves(context, types, [...hashes], others, limit);
}

async function countSelves(
  { reader }: SearchContext,
  types: readonly string[],
  hashes: readonly number[],
  others: Condition,
  limit: number,
): Promise<number> {
  let count = 0;
  for (const { match, hint } of lotsOfKeys(types, hashes.map(selfKey), others)) {
    count += await reader.count(match, { hint });
    if (count >= limit) break;
  }
  return Math.min(count, limit);
}

async function* along(
  { reader }: SearchContext,
  types: readonly string[],
  keys: readonly string[],
  others: Condition,
  projection: Record<string, 0 | 1>,
): AsyncGenerator<ResourceDocument> {
  for (const { match, hint } of lotsOfKeys(types, keys, others)) {
    yield* reader.stream(match, { projection, hint });
  }
}

/** What has one of the keys and fits, so many keys at once as the server merges. */
function* lotsOfKeys(types: readonly string[], keys: readonly string[], others: Condition): Generator<Scan> {
  for (let start = 0; start < keys.length; start += MERGED_KEYS_MAX) {
    const some = keys.slice(start, start + MERGED_KEYS_MAX);
    const match = andOf(listsMatch(some), filterAlong({ kind: 'keys', keys: some }, types, others));
    yield { match, hint: listsHint(some) };
  }
}

/** All of a type that match, in lots. */
async function* matchesOf(
  context: SearchContext,
  type: string,
  condition: Condition,
  fields: Record<string, 1>,
): AsyncGenerator<readonly ResourceDocument[]> {
  const { path } = await choosePath(context, [type], condition);
  yield* lotsAlong(context, [type], condition, path, fields);
}

async function countCandidates(
  context: SearchContext,
  types: readonly string[],
  condition: Condition,
  path: Path,
  limit: number,
): Promise<number> {
  let count = 0;
  for await (const found of lotsAlong(context, types, condition, path, { _id: 1 })) {
    count += found.length;
    if (count >= limit) return limit;
  }
  return count;
}

async function* lotsAlong(
  context: SearchContext,
  types: readonly string[],
  condition: Condition,
  path: Path,
  fields: Record<string, 1>,
): AsyncGenerator<readonly ResourceDocument[]> {
  const filter = filterAlong(path, types, settle(condition));
  const read = hasOpen(condition) ? { ...CANDIDATE_FIELDS, ...fields } : fields;
  let lot: ResourceDocument[] = [];
  for await (const document of streamAlong(context.reader, path, filter, read)) {
    lot.push(document);
    if (lot.length < context.limits.batchMax) continue;
    yield await keepMatching(context, types, condition, lot);
    lot = [];
  }
  if (lot.length > 0) yield await keepMatching(context, types, condition, lot);
}
