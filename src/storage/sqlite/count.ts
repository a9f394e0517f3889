/**
 * How many resources match: read from the index alone where the index decides, else by testing candidates.
 * https://hl7.org/fhir/R4/search.html#total
 */
import { allOf, type Bound, isEverything, withoutPart } from './bind.ts';
import { countLeaf } from './count-leaf.ts';
import { TYPE_LIST } from './index-keys.ts';
import { type ListSet, listsOf, typeLists } from './lists.ts';
import { naturalOrder } from './natural.ts';
import type { Bindings, Plan } from './plan.ts';
import { isProbed, probeSql } from './probe.ts';
import { allCandidates } from './stream.ts';
import type { View } from './view.ts';

/** The number of matches as of the snapshot. */
export function countMatches(plan: Plan, bindings: Bindings): { value: number; exact: boolean } {
  if (plan.kind === 'nothing') return { value: 0, exact: true };
  const { view, where, types } = bindings;
  if (isEverything(where) && view.isNewest) {
    return { value: countTypes(types, view), exact: true };
  }
  const set = listsOf(where, view) ?? typeLists(types, view);
  bindings.meter.spend(set.rows);
  const counted = countProbed(where, set, bindings);
  if (counted !== undefined) return { value: counted + countLoose(bindings), exact: true };
  if (!view.hasLoose && 'k' in where && isOfTypes(where.k, types, view)) {
    const leaf = countLeaf(where, view);
    if (leaf !== undefined) return { value: leaf, exact: true };
  }
  const { segments } = naturalOrder(where, set, true, view);
  let count = 0;
  for (const candidate of allCandidates(segments, bindings)) if (bindings.test(candidate)) count++;
  count += countLoose(bindings);
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

/** Matches among what the index tells, by one or two statements; undefined when it does not decide. */
function countProbed(where: Bound, set: ListSet, { view, types }: Bindings): number | undefined {
  const ofTypes = set.lists.every(({ k }) => isOfTypes(k, types, view));
  const typed: Bound = ofTypes ? where : allOf([where, { kind: 'types', types }]);
  const rest = set.exact ? withoutPart(typed, set.of) : typed;
  const whole = allOf([set.of, typed]);
  if (!isProbed(rest) || (view.hasLoose && !isProbed(whole))) return undefined;
  const probe = probeSql(rest, 'p');
  const one = 'SELECT d, rid FROM ix WHERE k = ? AND h = ?';
  const from = set.lists.length === 1 ? one : `${set.lists.map(() => one).join(' UNION ')} ORDER BY 1, 2`;
  const filter = probe.sql === '' ? '' : `WHERE ${probe.sql}`;
  const args = set.lists.flatMap(({ k, h }) => [k, h]);
  const sql = `SELECT count(*) FROM (${from}) p ${filter}`;
  const counted = view.connection.row(sql, ...args, ...probe.args)?.[0] as number;
  return view.hasLoose ? counted - countUnsettled(whole, view) : counted;
}

/** Every place in the index that resources can have whose version is newer than what the index tells. */
const UNSETTLED = `SELECT r.d AS d, r.rid AS rid FROM res r INDEXED BY res_seq WHERE r.seq > ?
  UNION SELECT p.d, p.rid FROM hist p WHERE p.rseq > ?`;

/** How many of those the statement above has counted. */
function countUnsettled(whole: Bound, { connection, indexed }: View): number {
  const probe = probeSql(whole, 'p');
  const sql = `SELECT count(*) FROM (${UNSETTLED}) p WHERE ${probe.sql}`;
  return connection.row(sql, indexed, indexed, ...probe.args)?.[0] as number;
}

function countLoose({ view, hint, meter, test }: Bindings): number {
  let count = 0;
  for (const candidate of view.loose(hint)) {
    meter.spend(1);
    if (test(candidate)) count++;
  }
  return count;
}

function isOfTypes(k: number, types: readonly number[], { connection }: View): boolean {
  if (k === TYPE_LIST) return true;
  return connection.rows('SELECT t FROM keys WHERE k = ?', k).every(([t]) => types.includes(t as number));
}
