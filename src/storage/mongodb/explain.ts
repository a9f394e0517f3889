/**
 * What the server does with the commands of a search: stages, index and bounds of each.
 * https://www.mongodb.com/docs/manual/reference/explain-results/
 */
import type { Document } from 'mongodb';
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
      }),
    });
  }
  return explained;
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
