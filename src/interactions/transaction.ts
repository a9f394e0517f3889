/**
 * A transaction: every entry located, references between them rewritten, everything validated, then one
 * commit. Nothing is written unless all of it is.
 * https://hl7.org/fhir/R4/http.html#trules
 */
import { isId } from '../fhir/ids.ts';
import { FhirError, fail } from '../fhir/issues.ts';
import { parseQuery } from '../fhir/references.ts';
import { matches } from '../search/match.ts';
import type { SearchQuery } from '../search/query.ts';
import type { Precondition, StoredVersion, WriteResult } from '../storage/store.ts';
import { type EntryRequest, joinErrors, placeError } from './bundle-entries.ts';
import type { InteractionContext } from './context.ts';
import { findMatches } from './criteria.ts';
import { type Assigned, type ConditionalSlot, createRewriter, type Links } from './link-rewriting.ts';
import { createPace, type Pace } from './pace.ts';
import { isDefinitionType } from './package-resources.ts';
import { type InteractionResponse, NO_BODY } from './request.ts';
import { lookupsOf } from './rules/all.ts';
import type { Lookup } from './rules/rule.ts';
import { createRuleScope } from './rules/scope.ts';
import {
  answerWrite,
  areErrorsEnough,
  commit,
  type Located,
  type LocatedWrite,
  type PreparedWrite,
  prepareWrite,
  type SettledWrite,
} from './write.ts';

export interface TransactionOutcome {
  /** By index of entry; those of reads are still missing. */
  readonly responses: InteractionResponse[];
  readonly reads: readonly EntryRequest[];
}

interface LocatedEntry {
  readonly entry: EntryRequest;
  readonly located: readonly Located[];
}

/**
 * `isFirst`: exchange rules may assume that the store has nothing that stands in the way, which the commit
 * checks. @throws ConflictError to be planned again, FhirError with every error of every entry
 */
export async function carryOutTransaction(
  entries: readonly EntryRequest[],
  isFirst: boolean,
  context: InteractionContext,
): Promise<TransactionOutcome> {
  const pace = createPace();
  const located = await locateAll(entries, context, pace);
  checkIdentities(located);
  const holding = await rewriteAll(located, context, pace);
  const prepared = await prepareAll(located, isFirst, context, pace);
  const settled = located.flatMap((one) => one.located.filter((target) => target.kind === 'settled'));
  const writes = prepared.map((one) => one.prepared);
  const held = holding.map(
    (precondition): SettledWrite => ({ kind: 'settled', response: { status: 200 }, precondition }),
  );
  const targets: readonly Located[] = [...writes.map((one) => one.located), ...settled, ...held];
  letGo(located);
  const results = await commitOrPlace(prepared, targets, context);
  return { responses: answerAll(located, prepared, results), reads: entries.filter(isRead) };
}

/**
 * Resources are in the commands by now, and a further attempt starts from the text: kept until the disk has them, they
 * would be copied again and again by the garbage collector. Definitions are put into force afterwards.
 */
function letGo(located: readonly LocatedEntry[]): void {
  for (const { entry, located: targets } of located) {
    entry.request.body = NO_BODY;
    for (const target of targets) {
      if (target.kind === 'write' && !isDefinitionType(target.type)) target.resource = undefined;
    }
  }
}

function isRead(entry: EntryRequest): boolean {
  return entry.row.kind !== 'write';
}

/** DELETE, POST, then PUT and PATCH: the order in which R4 has them processed. */
const RANK: Readonly<Record<string, number>> = { DELETE: 0, POST: 1, PUT: 2, PATCH: 2, GET: 3 };

async function locateAll(
  entries: readonly EntryRequest[],
  context: InteractionContext,
  pace: Pace,
): Promise<readonly LocatedEntry[]> {
  const located: LocatedEntry[] = [];
  const errors: FhirError[] = [];
  const ordered = entries.toSorted((a, b) => rankOf(a) - rankOf(b));
  const creates = new Map<string, LocatedWrite>();
  const deleted = new Set<string>();
  const targets = await readTargets(ordered, context, pace);
  for (const entry of ordered) {
    const { row, request, index } = entry;
    if (row.kind !== 'write') continue;
    try {
      const found = await row.locate({ ...request, deleted, targets }, context);
      for (const target of found) {
        if (target.kind === 'write' && target.method === 'DELETE') deleted.add(`${target.type}/${target.id}`);
      }
      located.push({ entry, located: found.map((target) => mergeCreate(target, entry, creates)) });
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      errors.push(placeError(error, index));
    }
    await pace();
  }
  if (errors.length > 0) throw joinErrors(errors);
  return located;
}

/** Entries whose targets are read at once. */
const LOT = 500;

/** What entries name by its id, read together: one by one, each would be a round trip to a distant database. */
async function readTargets(
  entries: readonly EntryRequest[],
  context: InteractionContext,
  pace: Pace,
): Promise<ReadonlyMap<string, StoredVersion | undefined>> {
  const keys = entries.flatMap(({ row, request: { type, id } }) =>
    row.kind === 'write' && isId(id) ? { type, id } : [],
  );
  const targets = new Map<string, StoredVersion | undefined>();
  for (let start = 0; start < keys.length; start += LOT) {
    const lot = keys.slice(start, start + LOT);
    const versions = await context.store.readEach(lot);
    for (const [at, { type, id }] of lot.entries()) targets.set(`${type}/${id}`, versions[at]);
    await pace();
  }
  return targets;
}

function rankOf(entry: EntryRequest): number {
  return RANK[entry.request.method] as number;
}

/** Two conditional creates with the same criteria create one resource: the second finds the first. */
function mergeCreate(target: Located, entry: EntryRequest, creates: Map<string, LocatedWrite>): Located {
  const { ifNoneExist, type, baseUrl } = entry.request;
  if (target.kind !== 'write' || ifNoneExist === undefined) return target;
  const key = `${type}?${ifNoneExist}`;
  const first = creates.get(key);
  if (first === undefined) {
    creates.set(key, target);
    return target;
  }
  const location = `${baseUrl}/${type}/${first.id}`;
  return { kind: 'settled', response: { status: 200, location, key: { type, id: first.id } } };
}

/** @throws FhirError when two entries write the same resource */
function checkIdentities(located: readonly LocatedEntry[]): void {
  const seen = new Map<string, number>();
  for (const { entry, located: targets } of located) {
    for (const target of targets) {
      if (target.kind !== 'write') continue;
      const key = `${target.type}/${target.id}`;
      const other = seen.get(key);
      if (other !== undefined) {
        const text = `Entries ${other} and ${entry.index} write the same ${target.type}. Combine them.`;
        throw fail('bundle-entry', text, { expression: `Bundle.entry[${entry.index}]` });
      }
      seen.set(key, entry.index);
    }
  }
}

/** What the fullUrl of each written entry has become. */
function linksOf(located: readonly LocatedEntry[]): Links {
  const byFullUrl = new Map<string, Assigned>();
  for (const { entry, located: targets } of located) {
    const assigned = assignedTo(targets[0]);
    if (entry.fullUrl === undefined || assigned === undefined) continue;
    if (byFullUrl.has(entry.fullUrl)) {
      const text = 'Another entry has the same fullUrl. Each needs its own.';
      throw fail('bundle-entry', text, { expression: `Bundle.entry[${entry.index}].fullUrl` });
    }
    byFullUrl.set(entry.fullUrl, assigned);
  }
  return byFullUrl;
}

function assignedTo(target: Located | undefined): Assigned | undefined {
  if (target?.kind === 'settled') {
    const { key, versionId = '1' } = target.response;
    return key === undefined ? undefined : { address: `${key.type}/${key.id}`, versionId };
  }
  if (target === undefined || target.method === 'DELETE') return undefined;
  // The commit fails when another version came in between, so the next number is certain.
  const versionId = String(Number(target.current?.versionId ?? 0) + 1);
  return { address: `${target.type}/${target.id}`, versionId };
}

/**
 * Replaces every link. Conditional references are resolved last: they see the state after the writes.
 * @returns what must still hold of them when the transaction commits
 */
async function rewriteAll(
  located: readonly LocatedEntry[],
  context: InteractionContext,
  pace: Pace,
): Promise<readonly Precondition[]> {
  const rewrite = createRewriter(linksOf(located), context.generation().model);
  const writes = located.flatMap((one) => one.located.filter((target) => target.kind === 'write'));
  const waiting: { readonly entry: EntryRequest; readonly slot: ConditionalSlot }[] = [];
  for (const { entry, located: targets } of located) {
    for (const target of targets) {
      if (target.kind !== 'write' || target.resource === undefined) continue;
      const slots = rewrite(target.resource, entry.fullUrl);
      for (const slot of slots) waiting.push({ entry, slot });
    }
    await pace();
  }
  const known = new Map<string, string>();
  const preconditions: Precondition[] = [];
  for (const { entry, slot } of waiting) {
    const key = `${slot.type}?${slot.query}`;
    const reference =
      known.get(key) ?? (await resolveConditional(slot, entry, writes, preconditions, context));
    known.set(key, reference);
    slot.set(reference);
  }
  return preconditions;
}

async function resolveConditional(
  { type, query }: ConditionalSlot,
  entry: EntryRequest,
  writes: readonly LocatedWrite[],
  preconditions: Precondition[],
  context: InteractionContext,
): Promise<string> {
  const { rows, precondition } = await findMatches(type, parseQuery(query), 3, entry.request, context);
  const written = writes.filter((one) => one.type === type);
  const untouched = rows.filter((row) => !written.some((one) => one.id === row.id));
  const made = written.filter((one) => satisfies(one, precondition.query, context));
  const [found, ...others] = [...untouched, ...made];
  if (found === undefined || others.length > 0) throw conditionalReferenceError(entry.index, type, found);
  preconditions.push(precondition);
  return `${type}/${found.id}`;
}

function satisfies(write: LocatedWrite, query: SearchQuery, context: InteractionContext): boolean {
  const { type, id, resource } = write;
  if (resource === undefined) return false;
  const postings = context.generation().extract(resource);
  return matches(query.where, { type, id, lastUpdated: context.now(), postings }, () => []);
}

function conditionalReferenceError(index: number, type: string, found: unknown): FhirError {
  const expression = `Bundle.entry[${index}].resource`;
  return found === undefined
    ? fail('unresolved-reference', `A conditional reference matches no ${type}.`, { expression })
    : fail('multiple-matches', `A conditional reference matches more than one ${type}.`, { expression });
}

interface PreparedEntry {
  readonly entry: EntryRequest;
  readonly prepared: PreparedWrite;
}

async function prepareAll(
  located: readonly LocatedEntry[],
  isFirst: boolean,
  context: InteractionContext,
  pace: Pace,
): Promise<readonly PreparedEntry[]> {
  const prepared: PreparedEntry[] = [];
  const errors: FhirError[] = [];
  const writes = located.flatMap((one) => one.located.filter((target) => target.kind === 'write'));
  const baseUrl = located[0]?.entry.request.baseUrl ?? '';
  const scope = createRuleScope(writes, { baseUrl, isFirst }, context);
  await scope.foresee(located.flatMap(lookupsOfEntry));
  let issues = 0;
  for (const { entry, located: targets } of located) {
    for (const target of targets) {
      if (target.kind !== 'write') continue;
      try {
        prepared.push({ entry, prepared: await prepareWrite(target, scope, entry.request, context) });
      } catch (error) {
        if (!(error instanceof FhirError)) throw error;
        errors.push(placeError(error, entry.index));
        issues += error.issues.length;
        if (issues >= context.limits.issuesMax) throw joinErrors(errors);
      }
    }
    await pace();
  }
  if (errors.length > 0) throw joinErrors(errors);
  return prepared;
}

/** Nothing of it is validated yet. */
function lookupsOfEntry({ entry, located }: LocatedEntry): readonly Lookup[] {
  const errorsOnly = areErrorsEnough(entry.request);
  return located.flatMap((target) =>
    target.kind === 'settled' || target.resource === undefined ? [] : lookupsOf(target.resource, errorsOnly),
  );
}

async function commitOrPlace(
  prepared: readonly PreparedEntry[],
  targets: readonly Located[],
  context: InteractionContext,
): Promise<readonly WriteResult[]> {
  if (prepared.length === 0) return [];
  return commit(
    prepared.map((one) => one.prepared),
    targets,
    context,
  );
}

function answerAll(
  located: readonly LocatedEntry[],
  prepared: readonly PreparedEntry[],
  results: readonly WriteResult[],
): InteractionResponse[] {
  const responses: InteractionResponse[] = [];
  for (const { entry, located: targets } of located) {
    const [first] = targets;
    if (first?.kind === 'settled') responses[entry.index] = first.response;
  }
  for (const [at, { entry, prepared: one }] of prepared.entries()) {
    responses[entry.index] ??= answerWrite(one, results[at] as WriteResult, entry.request);
  }
  return responses;
}
