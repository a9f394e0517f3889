/**
 * How a search is carried out, for administrators: the query that it was understood as, and every statement or
 * command with its plan, rows and time, as an OperationOutcome among the results. It repeats what was searched for
 * and goes to the client alone, never to a log.
 * https://hl7.org/fhir/R4/operationoutcome.html
 */
import type { SearchRequest } from '../search/search-request.ts';
import { createShowQuery } from '../search/show-query.ts';
import type { ExplainedStep, SearchPageRequest } from '../storage/store.ts';
import type { InteractionContext } from './context.ts';

/** The entry of the Bundle as JSON text. */
export async function explainEntry(
  asked: SearchRequest,
  page: SearchPageRequest,
  context: InteractionContext,
): Promise<string> {
  const { engine, how, examined, returned, total, steps } = await context.store.explain(asked.query, page);
  const show = createShowQuery(context.generation().parameters);
  const found = [
    `${returned} on this page`,
    ...(total === undefined ? [] : [`${total.exact ? '' : 'about '}${total.value} in all`]),
    ...(examined === undefined ? [] : [`${examined} rows examined`]),
  ];
  const issue = [
    remark('query', show(asked.query)),
    remark(`${engine}: ${found.join(', ')}`, how),
    ...steps.map((step, at) => remark(`step ${at + 1} of ${steps.length}: ${measures(step)}`, details(step))),
  ];
  const resource = { resourceType: 'OperationOutcome', issue };
  return `{"resource":${JSON.stringify(resource)},"search":{"mode":"outcome"}}`;
}

function remark(text: string, diagnostics: string): Record<string, unknown> {
  return { severity: 'information', code: 'informational', details: { text }, diagnostics };
}

/** `3 calls, 20 rows, 41 examined, 0.27 ms`. */
function measures({ calls, rows, examined, ms }: ExplainedStep): string {
  const parts = [`${calls} ${calls === 1 ? 'call' : 'calls'}`];
  if (rows !== undefined) parts.push(`${rows} rows`);
  if (examined !== undefined) parts.push(`${examined} examined`);
  if (ms !== undefined) parts.push(`${Math.round(ms * 1000) / 1000} ms`);
  return parts.join(', ');
}

function details({ statement, plan }: ExplainedStep): string {
  return [statement.replace(/\s+/g, ' ').trim(), ...plan.map((line) => `  ${line}`)].join('\n');
}
