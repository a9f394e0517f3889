/**
 * How many resources match: read from the index alone where the index decides, else by testing candidates.
 * https://hl7.org/fhir/R4/search.html#total
 */
import { allOf, anyOf, type Bound, isEverything, notOf, partsOf, withoutPart } from './bind.ts';
import type { Bindings, Plan } from './bindings.ts';
import { byShape, fewerShapes, isShapes } from './by-shape.ts';
import type { Collector } from './collect.ts';
import { collectCandidates } from './collect-candidates.ts';
import { findFew } from './find-few.ts';
import { SHAPE_LIST, TYPE_LIST } from './index-keys.ts';
import { COUNTED_PER_CANDIDATE, costOfCounted, countWhole } from './list-lengths.ts';
import { type ListSet, listsOf, shortestLists, typeLists } from './lists.ts';
import { type Natural, naturalOrder, type Part, type Stretch } from './natural.ts';
import { typedWhere } from './natural-plan.ts';
import { isProbed, probeSql } from './probe.ts';
import { ridSet, sizeOfSet } from './rid-sets.ts';
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
  const decided = countDecided(where, bindings);
  if (decided !== undefined) return { value: decided + countLoose(bindings), exact: true };
  const few = set.rows <= view.limits.countedMax ? undefined : findFew(where, bindings);
  if (few !== undefined && few.rows < set.rows) return { value: countCollected(few, bindings), exact: true };
  const counted = countStretches(set, bindings, view.limits.countedMax);
  if (counted !== undefined) return { value: counted + countLoose(bindings), exact: true };
  const found = ridSet(where, types, bindings);
  if (found !== undefined) return { value: sizeOfSet(found), exact: true };
  const tested = countStretches(set, bindings, Number.POSITIVE_INFINITY) as number;
  return { value: tested + countLoose(bindings), exact: true };
}

/** What the index tells, when it decides the whole predicate; versions that it does not tell are not counted. */
function countDecided(asked: Bound, bindings: Bindings): number | undefined {
  const { types, view } = bindings;
  const where = byShape(asked, types, view);
  if (isEverything(where) && view.isNewest) return countTypes(types, view) - looseOf(types, view);
  const rest = isShapes(where) ? fewerShapes(where, types, view) : undefined;
  if (rest !== undefined && view.isNewest) {
    const out = countDecided(rest, bindings);
    return out === undefined ? undefined : countTypes(types, view) - looseOf(types, view) - out;
  }
  const set = shortestLists(where, types, view) ?? typeLists(types, view);
  const excluded = where.kind === 'not' ? where : partsOf(where).find(({ kind }) => kind === 'not');
  if (excluded?.kind === 'not' && !isByShape(excluded.of) && set.rows > view.limits.countedMax) {
    // the others less those that are excluded: two scans rather than a look-up for each row
    const others = withoutPart(where, excluded);
    const out = countDecided(allOf([others, excluded.of]), bindings);
    const all = out === undefined ? undefined : countDecided(others, bindings);
    return all === undefined || out === undefined ? undefined : all - out;
  }
  const { stretches } = naturalOf(where, set, bindings);
  if (!stretches.every((stretch) => isDecided(stretch, view) && !isBetterJoined(stretch, view)))
    return undefined;
  let sum = 0;
  for (const stretch of stretches) sum += countStretch(stretch, bindings);
  return sum;
}

/** Whether so many rows would be looked up in other lists that their sets are joined sooner. */
function isBetterJoined(stretch: Stretch, view: View): boolean {
  const { parts, where } = stretch;
  if (isEverything(where) && (parts.length === 1 || areApart(parts))) return false;
  return countAtMost(stretch, view.limits.probedMax, view) > view.limits.probedMax;
}

/** Live resources of the types that the index does not tell of. */
function looseOf(types: readonly number[], view: View): number {
  let count = 0;
  for (const { t } of view.loose({ types })) if (types.includes(t)) count++;
  return count;
}

/** Whether the lists of shapes tell it as well as what it excludes. */
function isByShape(where: Bound): boolean {
  return where.kind === 'present';
}

function naturalOf(where: Bound, set: ListSet, bindings: Bindings): Natural {
  return naturalOrder({ ...bindings, where: typedWhere(where, set, bindings), set, descending: true });
}

function countCollected(collector: Collector, { view, meter, hint, test }: Bindings): number {
  let count = 0;
  for (const candidate of collectCandidates(collector, view, meter, hint)) if (test(candidate)) count++;
  return count;
}

/**
 * By stretches: those that the index decides are counted, the candidates of the others tested; undefined when these
 * are more.
 */
function countStretches(set: ListSet, bindings: Bindings, testedMax: number): number | undefined {
  const { where, view, test } = bindings;
  const { stretches, segments } = naturalOf(where, set, bindings);
  const decides = (stretch: Stretch): boolean => isDecided(stretch, view);
  let left = testedMax;
  for (const stretch of stretches) {
    if (!decides(stretch)) left -= countAtMost(stretch, left, view);
    else if (testedMax < Number.POSITIVE_INFINITY && isBetterJoined(stretch, view)) return undefined;
    if (left < 0) return undefined;
  }
  let count = 0;
  for (const [index, stretch] of stretches.entries()) {
    if (decides(stretch)) {
      count += countStretch(stretch, bindings);
      continue;
    }
    const segment = segments[index] as Segment;
    for (const candidate of allCandidates([segment], bindings)) if (test(candidate)) count++;
  }
  return count;
}

/** Rows of a stretch, one more than so many at most. */
function countAtMost({ parts }: Stretch, most: number, { connection }: View): number {
  if (most === Number.POSITIVE_INFINITY) return 0;
  let rows = 0;
  for (const { k, h, from, to } of parts) {
    const sql = `SELECT count(*) FROM (${PART} LIMIT ?)`;
    rows += connection.row(sql, k, h, from, to - 1, most + 1)?.[0] as number;
    if (rows > most) break;
  }
  return rows;
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

function isDecided({ parts, where }: Stretch, view: View): boolean {
  return isProbed(where) && (!view.hasLoose || isProbed(allOf([listed(parts), where])));
}

/** Matches in a stretch that the index decides, by one statement for each list. */
function countStretch(stretch: Stretch, bindings: Bindings): number {
  const { view } = bindings;
  const whole = allOf([listed(stretch.parts), stretch.where]);
  const counted = countParts(stretch, bindings);
  return view.hasLoose ? counted - countUnsettled(stretch, whole, view) : counted;
}

/** That a resource is in one of the lists. */
function listed(parts: readonly Part[]): Bound {
  return anyOf(parts.map(({ k, h }): Bound => ({ kind: 'terms', k, hashes: [h] })));
}

const PART = 'SELECT d, rid FROM ix WHERE k = ? AND h = ? AND d >= ? AND d <= ?';
/** More lists are merged rather than looked up in one another. */
const LISTS_MAX = 8;

function countParts({ parts, where }: Stretch, { view, meter }: Bindings): number {
  const count = (sql: string, lists: readonly Part[], probe: SqlCondition): number => {
    const filter = probe.sql === '' ? '' : `WHERE ${probe.sql}`;
    const args = lists.flatMap(({ k, h, from, to }) => [k, h, from, to - 1]);
    // a look-up costs as much as ten rows
    const rows = filter === '' ? 0 : countWhole(lists, view, meter);
    meter.spend(Math.ceil((rows * 10) / COUNTED_PER_CANDIDATE));
    const counted = view.connection.row(
      `SELECT count(*) FROM (${sql}) p ${filter}`,
      ...args,
      ...probe.args,
    )?.[0] as number;
    if (filter === '') meter.spend(costOfCounted(counted));
    return counted;
  };
  const apart = areApart(parts);
  if (!apart && (parts.length > LISTS_MAX || !isProbed(allOf([where, notOf(listed(parts))])))) {
    return count(`${parts.map(() => PART).join(' UNION ')} ORDER BY 1, 2`, parts, probeSql(where, 'p'));
  }
  // the order of one list, or of lists that share nothing, makes no difference
  const isSized = !apart && parts.length > 1;
  const sized = parts.map((part) => ({ part, rows: isSized ? countWhole([part], view, meter) : 0 }));
  const longestFirst = sized.sort((a, b) => b.rows - a.rows).map(({ part }) => part);
  let sum = 0;
  for (const [index, part] of longestFirst.entries()) {
    const before = longestFirst.slice(0, apart ? 0 : index);
    const rest = before.length === 0 ? where : allOf([where, notOf(listed(before))]);
    sum += count(PART, [part], probeSql(rest, 'p'));
  }
  return sum;
}

/** A resource is in the list of one type, and of one shape. */
function areApart(parts: readonly Part[]): boolean {
  return parts.every(({ k }) => k === TYPE_LIST) || parts.every(({ k }) => k === SHAPE_LIST);
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
