/**
 * Chains in two steps: first the resources that a chain leads to, as long as they are few; otherwise the condition
 * stays open and each batch of candidates is checked against the far side. `near` is settled the same way, by
 * measuring.
 * https://hl7.org/fhir/R4/search.html#chaining
 */

import { assertNever } from '../../fhir/types.ts';
import { distanceM } from '../../search/near.ts';
import type { Predicate } from '../../search/query.ts';
import { hashTerm } from '../../search/term-hash.ts';
import { type Condition, hasOpen, keysOf, type Open, openOf, resolve, settle } from './conditions.ts';
import { INDEX_ID } from './connect.ts';
import type { CountCache } from './count-cache.ts';
import { keyOf, type ResourceDocument } from './documents.ts';
import { andOf, filterOf } from './filters.ts';
import { hashInKey, paramText, selfKey, termKey } from './index-keys.ts';
import type { MongoLimits } from './limits.ts';
import { filterAlong, MERGED_KEYS_MAX } from './paths.ts';
import type { Reader } from './reader.ts';
import { listsHint, listsMatch } from './scans.ts';

/** One search: its reads and what it has looked up already. */
export interface SearchContext {
  readonly reader: Reader;
  readonly counts: CountCache;
  readonly limits: MongoLimits;
  /** All of a type that a condition matches, in no order, no more than `limit`. */
  readonly findAll: FindAll;
  readonly resolved: Map<Predicate, Condition>;
  /** Types of which something has been written; only looked up for a search that names none. */
  readonly allTypes: readonly string[];
}

/** Members of candidates that open conditions are settled with. */
export const CANDIDATE_FIELDS = { _id: 1, t: 1, k: 1, q: 1, c: 1, n: 1, o: 1 } as const;

export type FindAll = (
  context: SearchContext,
  types: readonly string[],
  condition: Condition,
  limit: number,
  fields: Record<string, 1>,
) => Promise<readonly ResourceDocument[]>;

/** Looks up everything that `where` needs, once. */
export async function resolveWhere(context: SearchContext, where: Predicate): Promise<Condition> {
  const before = context.resolved.get(where);
  if (before !== undefined) return before;
  const condition = await resolve(where, context.reader.dictionary, (predicate) =>
    listJoin(context, predicate),
  );
  context.resolved.set(where, condition);
  return condition;
}

/** Keys of what a chain leads to, or undefined when there are too many to list. */
async function listJoin(context: SearchContext, open: Open): Promise<readonly string[] | undefined> {
  if (open.kind === 'near') return undefined;
  const { findAll, counts } = context;
  const { joinedMax } = context.limits;
  const far = open.kind === 'chain' ? open.target : open.source;
  const name = JSON.stringify([far, open.where]);
  // what was too long a moment ago is not listed to see it again
  if (counts.isLong(name)) return undefined;
  const condition = await resolveWhere(context, open.where);
  const fields: Record<string, 1> = open.kind === 'chain' ? { _id: 1 } : { k: 1 };
  const found = await findAll(context, [far], condition, joinedMax + 1, fields);
  if (found.length > joinedMax) {
    counts.tellLong(name);
    return undefined;
  }
  if (open.kind === 'chain') return found.map(({ _id }) => termKey(open.k, hashTerm(_id)));
  return found.flatMap(({ k }) => referencesOf(k, open.k)).map(selfKey);
}

/** The candidates, in their order, that satisfy the condition; it may have open parts. */
export async function keepMatching(
  context: SearchContext,
  types: readonly string[],
  condition: Condition,
  candidates: readonly ResourceDocument[],
  isHistory = false,
): Promise<readonly ResourceDocument[]> {
  if (candidates.length === 0 || !hasOpen(condition)) return candidates;
  const known = new Map<Open, Condition>();
  for (const open of openOf(condition)) {
    known.set(open, await settleFor(context, open, candidates));
  }
  const settled = settle(condition, known);
  const ids = candidates.map(({ _id }) => _id);
  const found = await context.reader.find(andOf({ _id: { $in: ids } }, filterOf(types, settled, isHistory)), {
    projection: { _id: 1 },
    hint: INDEX_ID,
    isHistory,
  });
  const kept = new Set(found.map(({ _id }) => _id));
  return candidates.filter(({ _id }) => kept.has(_id));
}

/** What an open predicate comes to among some candidates. */
async function settleFor(
  context: SearchContext,
  open: Open,
  candidates: readonly ResourceDocument[],
): Promise<Condition> {
  switch (open.kind) {
    case 'near':
      return keysOf(candidates.filter((one) => isNear(one, open)).map(selfKeyOf));
    case 'chain': {
      const hashes = new Set(candidates.flatMap(({ k }) => referencesOf(k, open.k)));
      const keys: string[] = [];
      for await (const batch of farSide(context, open.target, open.where, [...hashes].map(selfKey))) {
        keys.push(...batch.map(({ _id }) => termKey(open.k, hashTerm(_id))));
      }
      return keysOf(keys);
    }
    case 'has': {
      const wanted = new Set(candidates.map(hashOf));
      const found = new Set<number>();
      const keys = [...wanted].map((hash) => termKey(open.k, hash));
      for await (const batch of farSide(context, open.source, open.where, keys)) {
        for (const { k } of batch) for (const hash of referencesOf(k, open.k)) found.add(hash);
        // one source is enough for each
        if ([...wanted].every((hash) => found.has(hash))) break;
      }
      return keysOf([...found].map(selfKey));
    }
    default:
      return assertNever(open);
  }
}

/** Resources of a type that have one of the keys and satisfy `where`, in batches. */
async function* farSide(
  context: SearchContext,
  type: string,
  where: Predicate,
  keys: readonly string[],
): AsyncGenerator<readonly ResourceDocument[]> {
  const condition = await resolveWhere(context, where);
  for (let start = 0; start < keys.length; start += MERGED_KEYS_MAX) {
    const some = keys.slice(start, start + MERGED_KEYS_MAX);
    const filter = andOf(
      listsMatch(some),
      filterAlong({ kind: 'keys', keys: some }, [type], settle(condition)),
    );
    let batch: ResourceDocument[] = [];
    const options = { projection: CANDIDATE_FIELDS, hint: listsHint(some) };
    for await (const document of context.reader.stream(filter, options)) {
      batch.push(document);
      if (batch.length < context.limits.batchMax) continue;
      yield await keepMatching(context, [type], condition, batch);
      batch = [];
    }
    yield await keepMatching(context, [type], condition, batch);
  }
}

function selfKeyOf(document: ResourceDocument): string {
  return selfKey(hashOf(document));
}

/** Of the resource itself, also when the document is one of its past versions. */
function hashOf(document: ResourceDocument): number {
  return hashTerm(keyOf(document));
}

export function referencesOf(keys: readonly string[], k: number): number[] {
  const prefix = `${paramText(k)}t`;
  return keys.flatMap((key) => hashInKey(key, prefix) ?? []);
}

function isNear({ q }: ResourceDocument, open: Open & { kind: 'near' }): boolean {
  return (q ?? []).some(
    ({ p, l, h }) => p === open.k && distanceM(open.latitude, open.longitude, l, h) <= open.radiusM,
  );
}
