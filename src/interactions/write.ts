/**
 * The path of every write, single or in a transaction: located (which resource, which version is expected),
 * prepared (validated, indexed, serialised), committed together, answered.
 * https://hl7.org/fhir/R4/http.html#create, #update
 */
import { FhirError, fail, type Issue, isError, issue } from '../fhir/issues.ts';
import { parseStored } from '../fhir/json.ts';
import { toOperationOutcome } from '../fhir/outcome.ts';
import { composeText, fillGap, type TextWithGap } from '../fhir/resource-text.ts';
import type { Resource } from '../fhir/types.ts';
import {
  ConflictError,
  type Expected,
  type Precondition,
  type StoredVersion,
  type WriteCommand,
  type WriteResult,
} from '../storage/store.ts';
import type { DefinitionChange, Generation, InteractionContext } from './context.ts';
import { relaxForDefinition } from './definition-policy.ts';
import { nextTurn } from './pace.ts';
import { checkWritable, isDefinitionType } from './package-resources.ts';
import type { InteractionRequest, InteractionResponse } from './request.ts';
import { carryForwardLabels } from './resource-meta.ts';
import { checkRules, rulesFor } from './rules/all.ts';
import { NOTHING, type RuleFinding, type RuleScope } from './rules/rule.ts';
import { createRuleScope } from './rules/scope.ts';

/** A write whose target is known; nothing is validated yet. */
export interface LocatedWrite {
  readonly kind: 'write';
  readonly type: string;
  readonly id: string;
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly expected: Expected;
  /** The client named the expected version (If-Match): a conflict is its answer, not a reason to try again. */
  readonly isExpectedByClient: boolean;
  readonly precondition?: Precondition;
  readonly current?: StoredVersion;
  /** Absent for deletes, and once a transaction is on its way to the disk. */
  resource?: Resource;
  /** Tags, labels and profiles are as they shall be; those of the current version are not carried forward. */
  readonly labelsAreFinal?: boolean;
  /** JSON that the resource was read from, for line numbers. */
  readonly text?: string;
}

/** Nothing to write: a conditional create that found its resource, a delete of nothing. */
export interface SettledWrite {
  readonly kind: 'settled';
  readonly response: InteractionResponse;
  /** Must still hold when the rest of a transaction commits. */
  readonly precondition?: Precondition;
}

export type Located = LocatedWrite | SettledWrite;

/** One interaction may write several resources: a conditional delete of many. */
export type Locate = (
  request: InteractionRequest,
  context: InteractionContext,
) => Promise<readonly Located[]>;

export interface PreparedWrite {
  readonly located: LocatedWrite;
  readonly isDelete: boolean;
  /** Absent once a store has it. */
  command?: WriteCommand;
  /** Of the generation that its postings are of. */
  readonly indexing?: number;
  /** When the answer is to have the resource. */
  readonly text?: TextWithGap;
  /** Warnings, when the client asked for an OperationOutcome. */
  readonly issues: readonly Issue[];
  /** What exchange rules have found in the store and must still hold. */
  readonly preconditions: readonly Precondition[];
}

/** Carries out one write interaction, planning it again after concurrent changes. */
export async function performWrite(
  locate: Locate,
  request: InteractionRequest,
  context: InteractionContext,
): Promise<InteractionResponse> {
  return withRetries(context, async (isFirst) => {
    const located = await locate(request, context);
    const writes = located.filter((one) => one.kind === 'write');
    if (writes.length === 0) return (located[0] as SettledWrite).response;
    const scope = createRuleScope([], { baseUrl: request.baseUrl, isFirst }, context);
    const prepared: PreparedWrite[] = [];
    for (const one of writes) prepared.push(await prepareWrite(one, scope, request, context));
    const results = await commit(prepared, located, context);
    return answerWrite(prepared[0] as PreparedWrite, results[0] as WriteResult, request, prepared.length);
  });
}

/**
 * Runs a plan until it commits without a concurrent change.
 * @throws FhirError `version-conflict` when the limit of attempts is reached
 */
export async function withRetries<T>(
  context: InteractionContext,
  attempt: (isFirst: boolean) => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt(tries === 0);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      if (tries >= context.limits.conflictRetriesMax) {
        throw fail('version-conflict', 'The resource keeps being changed by others. Try again.');
      }
      // Leaves the turn to the writers that won, so that a crowd on one resource drains.
      await nextTurn();
    }
  }
}

/**
 * Validates, indexes and serialises. `scope`: what exchange rules see, with the other writes of the same
 * transaction done. @throws FhirError with every error found
 */
export async function prepareWrite(
  located: LocatedWrite,
  scope: RuleScope,
  request: InteractionRequest,
  context: InteractionContext,
): Promise<PreparedWrite> {
  const { type, id, method, expected, current, resource } = located;
  checkWritable(located, context.generation());
  if (resource === undefined || method === 'DELETE') {
    const command = { kind: 'delete', type, id, expected, current } as const;
    return { located, isDelete: true, command, issues: [], preconditions: [] };
  }
  resource.id = id;
  const generation = context.generation();
  if (located.labelsAreFinal !== true) {
    carryForwardLabels(resource, located.current, (profile) => meetsProfile(resource, profile, generation));
  }
  const found = await checkResource(resource, located, request, context);
  const errorsOnly = areErrorsEnough(request);
  const ruled = await checkExchange(resource, located, scope, errorsOnly);
  const text = composeText(resource, id);
  const postings = generation.extract(resource);
  const { indexing } = generation;
  const command = { kind: 'put', type, id, method, text, postings, expected, current } as const;
  return {
    located,
    isDelete: false,
    command,
    indexing,
    ...(isShown(request) && { text }),
    issues: [...found, ...ruled.issues],
    preconditions: ruled.preconditions,
  };
}

/** Nobody will read warnings. */
export function areErrorsEnough({ prefer }: Pick<InteractionRequest, 'prefer'>): boolean {
  return prefer.return !== 'OperationOutcome';
}

/** Whether the answer has the resource. https://hl7.org/fhir/R4/http.html#ops */
function isShown({ prefer }: Pick<InteractionRequest, 'prefer'>): boolean {
  return prefer.return !== 'minimal' && prefer.return !== 'OperationOutcome';
}

/** True also for a profile that is not loaded. */
function meetsProfile(resource: Resource, profile: string, generation: Generation): boolean {
  const { definitions, validator } = generation;
  if (definitions.structure(profile) === undefined) return true;
  return !validator.validate(resource, { errorsOnly: true, profiles: [profile] }).some(isError);
}

async function checkExchange(
  resource: Resource,
  { current }: LocatedWrite,
  scope: RuleScope,
  errorsOnly: boolean,
): Promise<RuleFinding> {
  const rules = rulesFor(resource, errorsOnly);
  if (rules.length === 0) return NOTHING;
  const previous = current === undefined || current.deleted ? undefined : parseStored(current.json);
  const found = await checkRules(rules, resource, previous, scope);
  if (found.issues.some(isError)) throw new FhirError(found.issues);
  return found;
}

/** A large Bundle gives way to other requests while it is looked at. */
async function checkResource(
  resource: Resource,
  located: LocatedWrite,
  request: InteractionRequest,
  context: InteractionContext,
): Promise<readonly Issue[]> {
  const options = { errorsOnly: areErrorsEnough(request), text: located.text };
  const found = await context.generation().validator.validateYielding(resource, options);
  const relaxed = relaxForDefinition(located.type, found, context.policy.strictDefinitions);
  const issues = [...relaxed, ...requiredProfileIssues(resource, context)];
  if (issues.some(isError)) throw new FhirError(truncateIssues(issues, context.limits.issuesMax));
  return issues;
}

export function truncateIssues(issues: readonly Issue[], max: number): readonly Issue[] {
  if (issues.length <= max) return issues;
  const text = `${issues.length} issues were found; the first ${max} are shown.`;
  return [...issues.slice(0, max), issue('validation-truncated', text)];
}

/** That the resource claims a profile which this server requires for its type. */
export function requiredProfileIssues(resource: Resource, context: InteractionContext): readonly Issue[] {
  const required = context.policy.requiredProfiles.get(resource.resourceType);
  if (required === undefined) return [];
  const { definitions } = context.generation();
  const claimed = Array.isArray(resource.meta?.profile) ? resource.meta.profile : [];
  const holds = claimed.some((profile) => {
    if (typeof profile !== 'string') return false;
    const url = profile.split('|')[0] as string;
    return required.includes(url) || required.includes(definitions.sourceOf(url)?.packageId ?? '');
  });
  if (holds) return [];
  const text = `This server requires ${resource.resourceType} to claim a profile in meta.profile: ${required.join(' or ')}.`;
  return [issue('profile-mandatory', text, { expression: `${resource.resourceType}.meta.profile` })];
}

/**
 * Commits all or nothing and puts written definitions into force.
 * @throws ConflictError when another write came first, FhirError `precondition-failed` when the client had
 *   named the version
 */
export async function commit(
  prepared: readonly PreparedWrite[],
  located: readonly Located[],
  context: InteractionContext,
): Promise<readonly WriteResult[]> {
  const preconditions = [
    ...located.flatMap((one) => one.precondition ?? []),
    ...prepared.flatMap((one) => one.preconditions),
  ];
  let results: readonly WriteResult[];
  try {
    ({ results } = await handOver(prepared, preconditions, context));
  } catch (error) {
    if (error instanceof ConflictError && error.reason === 'expected') {
      const failed = prepared[error.index]?.located;
      if (failed?.isExpectedByClient === true) throw staleVersion(failed.type);
    }
    throw error;
  }
  const changes = prepared.flatMap((one, index) => definitionChange(one, results[index] as WriteResult));
  if (changes.length > 0) await context.onDefinitionChange(changes);
  return results;
}

/**
 * What a store has taken is let go of: many writes wait for the disk at once, and what they keep alive is copied
 * again and again by the garbage collector.
 */
function handOver(
  prepared: readonly PreparedWrite[],
  preconditions: readonly Precondition[],
  context: InteractionContext,
): ReturnType<InteractionContext['store']['transact']> {
  const { indexing } = context.generation();
  // stored resources are being indexed for other parameters by now, and would be past it
  const isStale = prepared.some((one) => one.indexing !== undefined && one.indexing !== indexing);
  if (isStale) throw new ConflictError('precondition', 0);
  const commands = prepared.map((one) => one.command as WriteCommand);
  for (const one of prepared) one.command = undefined;
  return context.store.transact(commands, preconditions);
}

export function staleVersion(type: string): FhirError {
  return fail(
    'precondition-failed',
    `If-Match does not name the current version of this ${type}. Read it again, then repeat the change.`,
    { expression: 'http.If-Match' },
  );
}

function definitionChange(prepared: PreparedWrite, result: WriteResult): DefinitionChange[] {
  const { type, id, resource } = prepared.located;
  if (!isDefinitionType(type) || !result.changed) return [];
  const { versionId } = result;
  return [prepared.isDelete ? { type, id, versionId } : { type, id, versionId, resource }];
}

/** https://hl7.org/fhir/R4/http.html#ops */
export function answerWrite(
  prepared: PreparedWrite,
  result: WriteResult,
  request: Pick<InteractionRequest, 'prefer' | 'baseUrl'>,
  deletes = 1,
): InteractionResponse {
  const { type, id } = prepared.located;
  const key = { type, id };
  if (prepared.isDelete) return { ...answerDelete(deletes), versionId: result.versionId, key };
  const { versionId, lastUpdated: lastModified } = result;
  const status = result.created ? 201 : 200;
  const location = `${request.baseUrl}/${type}/${id}/_history/${versionId}`;
  const response = { status, versionId, lastModified, location, key };
  switch (request.prefer.return) {
    case 'minimal':
      return response;
    case 'OperationOutcome': {
      const done = issue(
        'request-done',
        result.created ? `The ${type} was created.` : `The ${type} was updated.`,
      );
      return {
        ...response,
        body: { kind: 'resource', resource: toOperationOutcome([done, ...prepared.issues]) },
      };
    }
    default:
      return {
        ...response,
        body: { kind: 'json', json: fillGap(prepared.text as TextWithGap, versionId, lastModified) },
      };
  }
}

const DELETED_ONE = JSON.stringify(toOperationOutcome([issue('request-done', 'The resource was deleted.')]));

/** 200 with an outcome: some clients take 204 for a failure. */
export function answerDelete(deletes: number): InteractionResponse {
  if (deletes === 1) return { status: 200, body: { kind: 'json', json: DELETED_ONE } };
  const text = deletes === 0 ? 'Nothing matched, nothing was deleted.' : `${deletes} resources were deleted.`;
  return {
    status: 200,
    body: { kind: 'resource', resource: toOperationOutcome([issue('request-done', text)]) },
  };
}
