/**
 * What the server does with the commands of a search: stages, index and bounds of each.
 * https://www.mongodb.com/docs/manual/reference/explain-results/
 */
import { type Document, type FindCursor, MongoOperationTimeoutError } from 'mongodb';
import type { ExplainedStep } from '../store.ts';
import type { Collections } from './connect.ts';
import { isTimeLimit } from './failures.ts';
import type { ReadCommand } from './reader.ts';

export interface ExplainedCommand {
  readonly command: 'find' | 'count';
  readonly collection: string;
  readonly filter: unknown;
  readonly sort?: unknown;
  readonly skip?: number;
  readonly limit?: number;
  readonly hint?: string;
  /** Stages from the outermost in, an index scan with its index and bounds. */
  readonly stages: readonly ExplainedStage[];
  /** As the server counts them; absent when it does not say. */
  readonly keysExamined?: number;
  readonly documentsExamined?: number;
  readonly returned?: number;
  readonly ms?: number;
}

export interface ExplainedStage {
  readonly stage: string;
  readonly index?: string;
  readonly bounds?: Readonly<Record<string, readonly string[]>>;
}

export interface ExplainSettings {
  readonly useHints: boolean;
  /** Time for one command, ms. After one that takes longer no further one is explained. */
  readonly timeMsMax: number;
}

const NOT_EXPLAINED: ExplainedStage = { stage: 'not explained: that takes too long now' };

export async function explainCommands(
  { res, hist }: Collections,
  commands: readonly ReadCommand[],
  { useHints, timeMsMax }: ExplainSettings,
): Promise<readonly ExplainedCommand[]> {
  const explained: ExplainedCommand[] = [];
  let isLate = false;
  for (const { command, filter, projection, sort, skip, limit, hint, isHistory } of commands) {
    const collection = isHistory === true ? hist : res;
    const cursor = collection.find(filter as object, {
      ...(projection !== undefined && { projection }),
      ...(skip !== undefined && { skip }),
      ...(limit !== undefined && { limit }),
      ...(useHints && hint !== undefined && { hint }),
    });
    const asked = sort === undefined ? cursor : cursor.sort(sort);
    const answer = isLate ? undefined : await explainInTime(asked, timeMsMax);
    if (answer === undefined) isLate = true;
    const statistics = answer?.executionStats as Document | undefined;
    explained.push({
      command,
      collection: collection.collectionName,
      filter,
      ...(sort !== undefined && { sort }),
      ...(skip !== undefined && { skip }),
      ...(limit !== undefined && { limit }),
      ...(useHints && hint !== undefined && { hint }),
      stages: answer === undefined ? [NOT_EXPLAINED] : stagesOf(planOf(answer)),
      ...(statistics !== undefined && {
        keysExamined: Number(statistics.totalKeysExamined),
        documentsExamined: Number(statistics.totalDocsExamined),
        returned: Number(statistics.nReturned),
        ...(typeof statistics.executionTimeMillis === 'number' && { ms: statistics.executionTimeMillis }),
      }),
    });
  }
  return explained;
}

/** Undefined when it takes too long: a search that was answered is not refused because of that. */
async function explainInTime(cursor: FindCursor, timeMsMax: number): Promise<Document | undefined> {
  try {
    return await cursor.explain('executionStats', { timeoutMS: timeMsMax });
  } catch (error) {
    if (error instanceof MongoOperationTimeoutError || isTimeLimit(error)) return undefined;
    throw error;
  }
}

/** `find res {...}` and its stages, an index scan with its bounds. */
export function stepOf(explained: ExplainedCommand): ExplainedStep {
  const { command, collection, filter, sort, skip, limit, hint, stages } = explained;
  const { keysExamined, documentsExamined, returned, ms } = explained;
  return {
    statement: `${command} ${collection} ${JSON.stringify({ filter, sort, skip, limit, hint }, asJson)}`,
    plan: stages.map(({ stage, index, bounds }) => {
      const limits = Object.entries(bounds ?? {}).map(([member, ranges]) => `${member} ${ranges.join(' ')}`);
      return [stage, index, ...limits].filter((part) => part !== undefined).join(' ');
    }),
    calls: 1,
    ...(returned !== undefined && { rows: returned }),
    ...(keysExamined !== undefined && { examined: keysExamined + (documentsExamined ?? 0) }),
    ...(ms !== undefined && { ms }),
  };
}

/** Positions in time are 64-bit integers, which JSON does not know. */
function asJson(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value;
}

/** The plan that won, also of the newer engine, which nests it once more. */
function planOf(answer: Document): Document {
  const winning = answer.queryPlanner?.winningPlan as Document | undefined;
  return (winning?.queryPlan as Document | undefined) ?? winning ?? {};
}

function stagesOf(plan: Document): ExplainedStage[] {
  const own: ExplainedStage = {
    stage: String(plan.stage),
    ...(plan.indexName !== undefined && { index: String(plan.indexName) }),
    ...(plan.indexBounds !== undefined && { bounds: plan.indexBounds as ExplainedStage['bounds'] }),
  };
  const inner = [...(plan.inputStages ?? []), ...(plan.inputStage === undefined ? [] : [plan.inputStage])];
  return [own, ...inner.flatMap((stage) => stagesOf(stage as Document))];
}
