/**
 * How many resources match: read from the index alone where the index decides, else by testing candidates.
 * https://hl7.org/fhir/R4/search.html#total
 */
import { allOf, type Bound, isEverything, withoutPart } from './bind.ts';
import { TYPE_LIST } from './index-keys.ts';
import { type ListSet, listsOf, typeLists } from './lists.ts';
import { naturalOrder } from './natural.ts';
import type { Bindings, Plan } from './plan.ts';
import { isProbed, probeSql } from './probe.ts';
import { allCandidates } from './stream.ts';
import { CANDIDATE, candidateOf, newestSeq, type View } from './view.ts';

/** The number of matches as of the snapshot. */
export function countMatches(plan: Plan, bindings: Bindings): { value: number; exact: boolean } {
  if (plan.kind === 'nothing') return { value: 0, exact: true };
  const { view, where, types } = bindings;
  if (isEverything(where) && view.indexed === newestSeq(view.connection)) {
    return { value: countTypes(types, view), exact: true };
  }
  const set = listsOf(where, view) ?? typeLists(types, view);
  bindings.meter.spend(set.rows);
  const counted = countProbed(where, set, bindings);
  if (counted !== undefined) return { value: counted + looseDifference(bindings), exact: true };
  const { segments } = naturalOrder(where, set, true, view);
  let count = 0;
  for (const candidate of allCandidates(segments, bindings)) if (bindings.test(candidate)) count++;
  for (const candidate of view.loose()) if (bindings.test(candidate)) count++;
  return { value: count, exact: true };
}

/** At least what was seen; exact while that is cheap. */
export function estimateMatches(
  plan: Plan,
  bindings: Bindings,
  seen: number,
): { value: number; exact: boolean } {
  const { view, where, types } = bindings;
  const set = listsOf(where, view);
  if (
    plan.kind === 'nothing' ||
    isEverything(where) ||
    (set !== undefined && set.rows <= view.limits.countedMax)
  ) {
    return countMatches(plan, bindings);
  }
  const lists = set ?? typeLists(types, view);
  bindings.meter.spend(lists.rows);
  const rows = countLists(lists, view);
  const { segments } = naturalOrder(where, lists, true, view);
  const { sampled } = view.limits;
  const sample = segments[0]?.read(undefined, sampled);
  const matching = sample?.candidates.filter(bindings.test).length ?? 0;
  return { value: Math.max(seen, Math.round((rows * matching) / sampled)), exact: false };
}

function countTypes(types: readonly number[], { connection }: View): number {
  let count = 0;
  for (const t of types) count += connection.row('SELECT live FROM typ WHERE id = ?', t)?.[0] as number;
  return count;
}

function countLists({ lists }: ListSet, { connection }: View): number {
  let rows = 0;
  for (const { k, h } of lists) {
    rows += connection.row('SELECT count(*) FROM ix WHERE k = ? AND h = ?', k, h)?.[0] as number;
  }
  return rows;
}

/** Matches in the index by one statement; undefined when the index does not decide the predicate. */
function countProbed(where: Bound, set: ListSet, { view, types }: Bindings): number | undefined {
  const ofTypes = set.lists.every(({ k }) => k === TYPE_LIST || isOfTypes(k, types, view));
  const typed: Bound = ofTypes ? where : allOf([where, { kind: 'types', types }]);
  const rest = set.exact ? withoutPart(typed, set.of) : typed;
  if (!isProbed(rest)) return undefined;
  const probe = probeSql(rest, 'p');
  const one = 'SELECT d, rid FROM ix WHERE k = ? AND h = ?';
  const from = set.lists.length === 1 ? one : `${set.lists.map(() => one).join(' UNION ')} ORDER BY 1, 2`;
  const filter = probe.sql === '' ? '' : `WHERE ${probe.sql}`;
  const args = set.lists.flatMap(({ k, h }) => [k, h]);
  return view.connection.row(
    `SELECT count(*) FROM (${from}) p ${filter}`,
    ...args,
    ...probe.args,
  )?.[0] as number;
}

function isOfTypes(k: number, types: readonly number[], { connection }: View): boolean {
  return connection.rows('SELECT t FROM keys WHERE k = ?', k).every(([t]) => types.includes(t as number));
}

const NEWER = `SELECT ${CANDIDATE} FROM res r INDEXED BY res_seq WHERE r.seq > ? AND r.op < 2`;

/** What the index counts that came after the snapshot, against what it no longer counts. */
function looseDifference({ view, test, meter }: Bindings): number {
  let difference = 0;
  for (const candidate of view.loose()) if (test(candidate)) difference++;
  if (view.indexed === newestSeq(view.connection)) return difference;
  for (const row of view.connection.rows(NEWER, view.indexed)) {
    meter.spend(1);
    if (test(candidateOf(row))) difference--;
  }
  return difference;
}
