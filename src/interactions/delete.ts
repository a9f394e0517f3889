/**
 * delete and conditional delete. Deleting what is not there succeeds.
 * https://hl7.org/fhir/R4/http.html#delete, #3.1.0.7.1
 */
import { fail } from '../fhir/issues.ts';
import type { Precondition, StoredVersion } from '../storage/store.ts';
import type { InteractionContext } from './context.ts';
import { findMatches } from './criteria.ts';
import { readTarget } from './live-version.ts';
import { checkWritable } from './package-resources.ts';
import type { InteractionRequest } from './request.ts';
import { expectVersion } from './update.ts';
import { answerDelete, type Located } from './write.ts';

export async function locateDelete(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<readonly Located[]> {
  return [locateOne(request.id, await readTarget(request, context), request, context)];
}

/** DELETE [type]?criteria */
export async function locateConditionalDelete(
  request: InteractionRequest,
  context: InteractionContext,
): Promise<readonly Located[]> {
  const { type } = request;
  const isMultiple = context.policy.conditionalDelete === 'multiple';
  const limit = isMultiple ? context.limits.conditionalDeletesMax : 1;
  const matches = await findMatches(type, request.query, limit + 1, request, context);
  const { rows, precondition } = matches;
  if (rows.length > limit) {
    const text = isMultiple
      ? `The criteria match more than ${limit} resources. Narrow them.`
      : `The criteria match more than one ${type}, and this server deletes one at a time.`;
    throw fail('multiple-matches', text);
  }
  if (rows.length === 0) return [{ kind: 'settled', response: answerDelete(0), precondition }];
  return rows.map((row, index) =>
    locateOne(row.id, row, request, context, index === 0 ? precondition : undefined),
  );
}

function locateOne(
  id: string,
  current: StoredVersion | undefined,
  request: InteractionRequest,
  context: InteractionContext,
  precondition?: Precondition,
): Located {
  const { type } = request;
  const { expected, isExpectedByClient } = expectVersion(current, request, context);
  if (expected === 'absent') {
    checkWritable({ type, id }, context.generation());
    return { kind: 'settled', response: { ...answerDelete(1), key: { type, id } }, precondition };
  }
  return { kind: 'write', type, id, method: 'DELETE', expected, isExpectedByClient, precondition, current };
}
