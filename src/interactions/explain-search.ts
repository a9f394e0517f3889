/**
 * How a search is carried out, for administrators: the query that it was understood as, and every statement or
 * command with its plan, rows and time, as an OperationOutcome among the results. It repeats what was searched for
 * and goes to the client alone, never to a log.
 * https://hl7.org/fhir/R4/operationoutcome.html
 */
import type { SearchQuery } from '../search/query.ts';
import type { SearchRequest } from '../search/search-request.ts';
import { createShowQuery } from '../search/show-query.ts';
import type { ExplainedStep, SearchPageRequest, Store } from '../storage/store.ts';
import type { InteractionContext } from './context.ts';

/** What includes looked for beside the search. */
export type LookUp =
  | { readonly kind: 'search'; readonly query: SearchQuery; readonly page: SearchPageRequest }
  | { readonly kind: 'read'; readonly count: number };

/** Of more no more is told than how many there were. */
const LOOK_UPS_MAX = 20;

/** The same context, whose store notes what is looked for. */
export function watchLookUps(context: InteractionContext): {
  readonly context: InteractionContext;
  readonly lookUps: readonly LookUp[];
} {
  const lookUps: LookUp[] = [];
  const { store } = context;
  const watched: Store = {
    ...store,
    search(query, page) {
      lookUps.push({ kind: 'search', query, page });
      return store.search(query, page);
    },
    readMany(keys) {
      lookUps.push({ kind: 'read', count: keys.length });
      return store.readMany(keys);
    },
  };
  return { context: { ...context, store: watched }, lookUps };
}

/** The entry of the Bundle as JSON text. */
export async function explainEntry(
  asked: SearchRequest,
  page: SearchPageRequest,
  context: InteractionContext,
  lookUps: readonly LookUp[],
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
    ...stepRemarks(steps),
    ...(await includeRemarks(lookUps, show, context)),
  ];
  const resource = { resourceType: 'OperationOutcome', issue };
  return `{"resource":${JSON.stringify(resource)},"search":{"mode":"outcome"}}`;
}

function stepRemarks(steps: readonly ExplainedStep[], of = ''): Record<string, unknown>[] {
  return steps.map((step, at) =>
    remark(`${of}step ${at + 1} of ${steps.length}: ${measures(step)}`, details(step)),
  );
}

async function includeRemarks(
  lookUps: readonly LookUp[],
  show: ReturnType<typeof createShowQuery>,
  { store }: InteractionContext,
): Promise<Record<string, unknown>[]> {
  const remarks: Record<string, unknown>[] = [];
  for (const [at, lookUp] of lookUps.slice(0, LOOK_UPS_MAX).entries()) {
    const name = `include ${at + 1} of ${lookUps.length}`;
    if (lookUp.kind === 'read') {
      remarks.push(remark(`${name}: ${lookUp.count} read by id`, 'what the references name'));
      continue;
    }
    const { examined, returned, steps } = await store.explain(lookUp.query, lookUp.page);
    const rows = examined === undefined ? '' : `, ${examined} rows examined`;
    remarks.push(remark(`${name}: ${returned} found${rows}`, show(lookUp.query)));
    remarks.push(...stepRemarks(steps, `${name}, `));
  }
  return remarks;
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
