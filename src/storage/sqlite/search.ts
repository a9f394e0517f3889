/**
 * Searches: a plan is chosen, carried out until the page is full, and everything is as of the commit that the
 * first page saw.
 */
import { fail } from '../../fhir/issues.ts';
import type { SearchQuery } from '../../search/query.ts';
import type { Precondition, SearchPage, SearchPageRequest } from '../store.ts';
import type { Bindings, Plan } from './bindings.ts';
import { carryOut, firstOf } from './carry-out.ts';
import type { Connection } from './connection.ts';
import { countMatches, estimateMatches } from './count.ts';
import { decodeSearchCursor, encodeSearchCursor, type SearchCursor } from './cursor.ts';
import type { Found, Page } from './found.ts';
import type { Hit } from './hits.ts';
import { keptFrom } from './kept-hits.ts';
import { keepOrder } from './kept-orders.ts';
import type { KeptTotals } from './kept-totals.ts';
import { BudgetSpent, createMeter } from './meter.ts';
import { bind, choosePlan } from './plan.ts';
import type { PlanLimits } from './plan-limits.ts';
import type { ShownRows } from './shown-rows.ts';
import { createSortNames } from './sort-names.ts';
import { type KeptVersion, readByRid } from './stored.ts';
import { openView } from './view.ts';

export interface SearchOptions {
  /** Index rows and candidates that may be looked at. */
  readonly budget: number;
  /** Processor time that it may take, when that is bounded. */
  readonly cpuMsMax?: number;
  /** When they are not enough: tell the caller, end the page early if the order allows, or refuse. */
  readonly whenSpent: 'throw' | 'shorten' | 'refuse';
  readonly limits: PlanLimits;
  /** Whether it is found anew although the page is remembered. */
  readonly isAnew?: boolean;
  /** Where totals are kept, when they are. */
  readonly totals?: KeptTotals;
  /** Rows that the connection need not read. */
  readonly shown?: ShownRows;
}

/** A page whose texts are not yet made whole. */
export interface KeptPage extends Omit<SearchPage, 'rows'> {
  readonly rows: readonly KeptVersion[];
}

/** What a search did. */
export interface SearchAccount {
  examined: number;
  /** The commit that the page shows. */
  snapshot: number;
}

/** The same for explain and for tests of growth: what it cost to tell would cost every page. */
export interface SearchTrace extends SearchAccount {
  plan: Plan['kind'];
  reads: string;
  sql: readonly string[];
}

/**
 * Must be called within one read transaction.
 * @throws BudgetSpent when told to, FhirError `too-costly` when nothing shorter can be answered
 */
export function search(
  connection: Connection,
  query: SearchQuery,
  request: SearchPageRequest,
  options: SearchOptions,
  trace?: SearchAccount | SearchTrace,
): KeptPage {
  const cursor =
    request.after === undefined
      ? undefined
      : decodeSearchCursor(request.after, Math.max(1, query.sort.length));
  const view = openView(connection, options.limits, cursor?.snapshot, options.shown);
  const meter = createMeter(options.budget, options.cpuMsMax);
  try {
    const bindings = bind(query, view, createSortNames(connection), meter, cursor !== undefined);
    const page = { after: cursor?.after, limit: request.limit, ...options };
    const { plan, found } =
      (options.isAnew === true ? undefined : again(bindings, page)) ??
      carryOut(choosePlan(bindings), bindings, page);
    if (plan.kind === 'stream') noteForAgain(found, bindings, page);
    if (trace !== undefined && 'plan' in trace) Object.assign(trace, describe(plan));
    const total =
      knownTotal(found, request, cursor) ?? askedTotal(plan, bindings, found, { query, request, options });
    const exact = total?.exact === true ? total.value : null;
    const { more, beyond } = found;
    if (beyond?.version !== undefined) options.shown?.notice(beyond.version);
    return {
      rows: found.hits.map((hit) => rowOf(hit, connection, options.shown)),
      ...(more && { next: encodeSearchCursor({ snapshot: view.snapshot, after: more, total: exact }) }),
      ...(total && { total }),
    };
  } catch (error) {
    if (!(error instanceof BudgetSpent) || options.whenSpent === 'throw') throw error;
    throw tooCostly();
  } finally {
    if (trace !== undefined) {
      trace.examined = meter.examined;
      trace.snapshot = view.snapshot;
    }
  }
}

function rowOf({ rid, v, version }: Hit, connection: Connection, shown: ShownRows | undefined): KeptVersion {
  if (version !== undefined) return shown?.show(version) ?? version;
  const kept = shown?.atRow(rid);
  if (kept?.versionId === String(v)) return kept;
  const row = readByRid(connection, rid, v);
  return shown?.show(row) ?? row;
}

/** Under which the first page of a natural order is kept; undefined where it is not: in a transaction that may be rolled back. */
function nameOfPage({ sort, replacedName, view }: Bindings, { after, limit }: Page): string | undefined {
  if (after !== undefined || limit === 0 || view.connection.role === 'writer') return undefined;
  if (sort.length > 1 || sort[0]?.by !== 'primary' || replacedName === undefined) return undefined;
  return `page of ${limit}|${replacedName}`;
}

/** The page that the same question was answered by before anything was written since, where that took a while. */
function again(bindings: Bindings, page: Page): ReturnType<typeof carryOut> | undefined {
  const name = nameOfPage(bindings, page);
  const kept = name === undefined ? undefined : keptFrom(name, bindings);
  if (kept === undefined) return undefined;
  const plan = { kind: 'stream', segments: [], reads: 'the page that was found before' } as const;
  return { plan, found: firstOf(kept, page.limit) };
}

function noteForAgain({ hits, more, beyond }: Found, bindings: Bindings, page: Page): void {
  const { view, meter } = bindings;
  const name = nameOfPage(bindings, page);
  // one that ended early says nothing of the next one
  const isWhole = (more === undefined) === (beyond === undefined);
  if (name === undefined || !isWhole || meter.examined < view.limits.triedFirst) return;
  const rids = [...hits, ...(beyond === undefined ? [] : [beyond])].map(({ rid }) => rid);
  keepOrder(view.connection, name, rids);
}

/**
 * Whether the query matches exactly the ids, in the transaction as it stands.
 * @throws FhirError `too-costly`
 */
export function preconditionHolds(
  connection: Connection,
  { query, ids }: Precondition,
  options: SearchOptions,
): boolean {
  const expected = new Set(ids);
  const { types, where } = query;
  if (types?.length === 1 && where.kind === 'term' && where.terms.length === 1) {
    const [type, h] = [types[0] as string, where.terms[0] as number];
    return termIsOnlyOn(expected, { type, k: where.k, h }, connection, options);
  }
  const page = search(connection, query, { limit: expected.size + 1, total: 'none' }, options);
  const found = new Set(page.rows.map((row) => row.id));
  return found.size === expected.size && [...found].every((id) => expected.has(id));
}

/** The same for one term, such as an identifier that nobody may have: straight from its list. */
function termIsOnlyOn(
  expected: ReadonlySet<string>,
  { type, k, h }: { readonly type: string; readonly k: number; readonly h: number },
  connection: Connection,
  { limits, budget }: SearchOptions,
): boolean {
  const view = openView(connection, limits);
  const t = view.typeId(type);
  const found = new Set<string>();
  let examined = 0;
  for (const candidate of view.byTerm(k, h)) {
    if (++examined > budget) throw tooCostly();
    if (candidate.t !== t) continue;
    if (!expected.has(candidate.id)) return false;
    found.add(candidate.id);
  }
  return found.size === expected.size;
}

function tooCostly(): Error {
  return fail(
    'too-costly',
    'This search would have to look at too many resources: narrow it, or sort it by another key.',
  );
}

function knownTotal(
  found: Found,
  { limit }: SearchPageRequest,
  cursor: SearchCursor | undefined,
): SearchPage['total'] {
  const value =
    cursor?.total ??
    found.total ??
    (cursor === undefined && found.more === undefined && limit > 0 ? found.hits.length : undefined);
  return value === undefined ? undefined : { value, exact: true };
}

interface Asked {
  readonly query: SearchQuery;
  readonly request: SearchPageRequest;
  readonly options: SearchOptions;
}

function askedTotal(
  plan: Plan,
  bindings: Bindings,
  found: Found,
  { query, request, options: { totals } }: Asked,
): SearchPage['total'] {
  if (request.total === 'none') return undefined;
  const { view, test, meter } = bindings;
  // a later page counts as of the first one
  const kept = view.isNewest ? totals?.current(query, view, test, meter) : undefined;
  if (kept !== undefined) return { value: kept, exact: true };
  if (request.total === 'estimate') return estimateMatches(plan, bindings, found.hits.length);
  const counted = countMatches(plan, bindings);
  if (view.isNewest) totals?.keep(query, view.snapshot, counted.value);
  return counted;
}

function describe(plan: Plan): Omit<SearchTrace, keyof SearchAccount> {
  switch (plan.kind) {
    case 'nothing':
      return { plan: plan.kind, reads: '', sql: [] };
    case 'collect':
      return { plan: plan.kind, reads: plan.collector.reads, sql: [] };
    case 'scan':
      return {
        plan: plan.kind,
        reads: plan.natural.reads,
        sql: plan.natural.segments.map((segment) => segment.sql()),
      };
    case 'codes':
    case 'gather':
      return { plan: plan.kind, reads: plan.reads, sql: [] };
    default:
      return { plan: plan.kind, reads: plan.reads, sql: plan.segments.map((segment) => segment.sql()) };
  }
}
