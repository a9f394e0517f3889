/**
 * What the server does with the commands of a search: stages, index and bounds of each.
 * https://www.mongodb.com/docs/manual/reference/explain-results/
 */
import type { Document } from 'mongodb';
import type { ExplainedStep } from '../store.ts';
import type { Collections } from './connect.ts';
import type { ReadCommand } from './reader.ts';

export interface ExplainedCommand {
  readonly command: 'find' | 'count';
  readonly collection: string;
  readonly filter: unknown;
  readonly sort?: unknown;
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

export async function explainCommands(
  { res, hist }: Collections,
  commands: readonly ReadCommand[],
  useHints: boolean,
): Promise<readonly ExplainedCommand[]> {
  const explained: ExplainedCommand[] = [];
  for (const { command, filter, projection, sort, limit, hint, isHistory } of commands) {
    const collection = isHistory === true ? hist : res;
    const cursor = collection.find(filter as object, {
      ...(projection !== undefined && { projection }),
      ...(limit !== undefined && { limit }),
      ...(useHints && hint !== undefined && { hint }),
    });
    const answer = await (sort === undefined ? cursor : cursor.sort(sort)).explain('executionStats');
    const statistics = answer.executionStats as Document | undefined;
    explained.push({
      command,
      collection: collection.collectionName,
      filter,
      ...(sort !== undefined && { sort }),
      ...(limit !== undefined && { limit }),
      ...(hint !== undefined && { hint }),
      stages: stagesOf(planOf(answer)),
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

/** `find res {...}` and its stages, an index scan with its bounds. */
export function stepOf(explained: ExplainedCommand): ExplainedStep {
  const { command, collection, filter, sort, limit, hint, stages } = explained;
  const { keysExamined, documentsExamined, returned, ms } = explained;
  return {
    statement: `${command} ${collection} ${JSON.stringify({ filter, sort, limit, hint }, asJson)}`,
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
