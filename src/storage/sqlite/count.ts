/**
 * How many resources match: read from the index alone where the index decides, else by testing candidates.
 * https://hl7.org/fhir/R4/search.html#total
 */
import { allOf, anyOf, type Bound, isEverything, notOf, withoutPart } from './bind.ts';
import { type Collector, collectCandidates } from './collect.ts';
import { countLeaf } from './count-leaf.ts';
import { findFew } from './find-few.ts';
import { SHAPE_LIST, TYPE_LIST } from './index-keys.ts';
import { countTerm, isOfTypes, type ListSet, listsOf, typeLists } from './lists.ts';
import { type Natural, naturalOrder, type Part, type Stretch } from './natural.ts';
import { type Bindings, type Plan, typedWhere } from './plan.ts';
import { isProbed, probeSql } from './probe.ts';
import type { SqlCondition } from './sql-condition.ts';
import { allCandidates, type Segment } from './stream.ts';
import type { View } from './view.ts';

/** The number of matches as of the snapshot. */
export function countMatches(plan: Plan, bindings: Bindings): { value: number; exact: boolean } {
  if (plan.kind === 'nothing') return { value: 0, exact: true };
  const { view, where, types } = bindings;
  if (isEverything(where) && view.isNewest) {
    return { value: countTypes(types, view), exact: true };
  }
  const set = listsOf(where, types, view) ?? typeLists(types, view);
  bindings.meter.spend(set.rows);
  const decided = countDecided(where, bindings) ?? countLeafOf(bindings);
  const collector = decided === undefined ? findFew(where, bindings) : undefined;
  if (collector !== undefined && collector.rows < set.rows) {
    return { value: countCollected(collector, bindings), exact: true };
  }
  const counted = decided ?? countStretches(set, bindings);
  return { value: counted + countLoose(bindings), exact: true };
}

/** What the index tells, when it decides the whole predicate; versions that it does not tell are not counted. */
function countDecided(where: Bound, bindings: Bindings): number | undefined {
  const set = listsOf(where, bindings.types, bindings.view) ?? typeLists(bindings.types, bindings.view);
  const excluded = where.kind === 'not' ? where : parts(where).find(({ kind }) => kind === 'not');
  if (excluded?.kind === 'not' && !isByShape(excluded.of) && set.rows > bindings.view.limits.countedMax) {
    // the others less those that are excluded: two scans rather than a look-up for each row
    const others = withoutPart(where, excluded);
    const all = countDecided(others, bindings);
    const out = all === undefined ? undefined : countDecided(allOf([others, excluded.of]), bindings);
    return all === undefined || out === undefined ? undefined : all - out;
  }
  let sum = 0;
  for (const stretch of naturalOf(where, set, bindings).stretches) {
    const counted = countStretch(stretch, bindings.view);
    if (counted === undefined) return undefined;
    sum += counted;
  }
  return sum;
}

/** Whether the lists of shapes tell it as well as what it excludes. */
function isByShape(where: Bound): boolean {
  return where.kind === 'present';
}

function naturalOf(where: Bound, set: ListSet, bindings: Bindings): Natural {
  return naturalOrder({ ...bindings, where: typedWhere(where, set, bindings), set, descending: true });
}

function parts(where: Bound): readonly Bound[] {
  return where.kind === 'all' ? where.of : [where];
}

function countCollected(collector: Collector, { view, meter, hint, test }: Bindings): number {
  let count = 0;
  for (const candidate of collectCandidates(collector, view, meter, hint)) if (test(candidate)) count++;
  return count;
}

function countLeafOf({ where, types, view }: Bindings): number | undefined {
  if (view.hasLoose || !('k' in where) || !isOfTypes(where.k, types, view)) return undefined;
  return countLeaf(where, view);
}

/** By stretches: those that the index decides are counted, the candidates of the others tested. */
function countStretches(set: ListSet, bindings: Bindings): number {
  const { where, view, test } = bindings;
  const { stretches, segments } = naturalOf(where, set, bindings);
  let count = 0;
  for (const [index, stretch] of stretches.entries()) {
    const counted = countStretch(stretch, view);
    if (counted !== undefined) {
      count += counted;
      continue;
    }
    const segment = segments[index] as Segment;
    for (const candidate of allCandidates([segment], bindings)) if (test(candidate)) count++;
  }
  return count;
}
/** At least what was seen; exact while that is cheap. */
export function estimateMatches(
  plan: Plan,
  bindings: Bindings,
  seen: number,
): { value: number; exact: boolean } {
  const { view, where, types } = bindings;
  const set = listsOf(where, types, view);
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
  const { segments } = naturalOf(where, lists, bindings);
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

/** Matches in a stretch by one statement for each list; undefined when the index does not decide. */
function countStretch(stretch: Stretch, view: View): number | undefined {
  if (!isProbed(stretch.where)) return undefined;
  const whole = allOf([listed(stretch.parts), stretch.where]);
  if (view.hasLoose && !isProbed(whole)) return undefined;
  const counted = countParts(stretch, view);
  return view.hasLoose ? counted - countUnsettled(stretch, whole, view) : counted;
}

/** That a resource is in one of the lists. */
function listed(parts: readonly Part[]): Bound {
  return anyOf(parts.map(({ k, h }): Bound => ({ kind: 'terms', k, hashes: [h] })));
}

const PART = 'SELECT d, rid FROM ix WHERE k = ? AND h = ? AND d >= ? AND d <= ?';
/** More lists are merged rather than looked up in one another. */
const LISTS_MAX = 8;

function countParts({ parts, where }: Stretch, view: View): number {
  const count = (sql: string, lists: readonly Part[], probe: SqlCondition): number => {
    const filter = probe.sql === '' ? '' : `WHERE ${probe.sql}`;
    const args = lists.flatMap(({ k, h, from, to }) => [k, h, from, to - 1]);
    return view.connection.row(
      `SELECT count(*) FROM (${sql}) p ${filter}`,
      ...args,
      ...probe.args,
    )?.[0] as number;
  };
  // a resource is in the list of one type, and of one shape
  const apart = parts.every(({ k }) => k === TYPE_LIST) || parts.every(({ k }) => k === SHAPE_LIST);
  if (!apart && (parts.length > LISTS_MAX || !isProbed(allOf([where, notOf(listed(parts))])))) {
    return count(`${parts.map(() => PART).join(' UNION ')} ORDER BY 1, 2`, parts, probeSql(where, 'p'));
  }
  const longestFirst = [...parts].sort((a, b) => countTerm(view, b.k, b.h) - countTerm(view, a.k, a.h));
  let sum = 0;
  for (const [index, part] of longestFirst.entries()) {
    const before = longestFirst.slice(0, apart ? 0 : index);
    const rest = before.length === 0 ? where : allOf([where, notOf(listed(before))]);
    sum += count(PART, [part], probeSql(rest, 'p'));
  }
  return sum;
}

/** Every place in the index that resources can have whose version is newer than what the index tells. */
const UNSETTLED = `SELECT r.d AS d, r.rid AS rid FROM res r INDEXED BY res_seq WHERE r.seq > ?
  UNION SELECT p.d, p.rid FROM hist p WHERE p.rseq > ?`;

/** How many of those the statements above have counted. */
function countUnsettled({ parts }: Stretch, whole: Bound, { connection, indexed }: View): number {
  const probe = probeSql(whole, 'p');
  const { from, to } = parts[0] as Part;
  const sql = `SELECT count(*) FROM (${UNSETTLED}) p WHERE p.d >= ? AND p.d <= ? AND ${probe.sql}`;
  return connection.row(sql, indexed, indexed, from, to - 1, ...probe.args)?.[0] as number;
}

function countLoose({ view, hint, meter, test }: Bindings): number {
  let count = 0;
  for (const candidate of view.loose(hint)) {
    meter.spend(1);
    if (test(candidate)) count++;
  }
  return count;
}
