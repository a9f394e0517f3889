/**
 * batch and transaction: one list of entries, carried out independently or all together.
 * https://hl7.org/fhir/R4/http.html#transaction
 */
import { FhirError, fail, issue } from '../fhir/issues.ts';
import { parseStored, stringifyJson } from '../fhir/json.ts';
import { toOperationOutcome } from '../fhir/outcome.ts';
import { toInstant } from '../fhir/resource-text.ts';
import type { Resource } from '../fhir/types.ts';
import { bodyText } from './body-text.ts';
import { type EntryRequest, isBadEntry, joinErrors, placeError, readEntries } from './bundle-entries.ts';
import type { InteractionContext } from './context.ts';
import { type Dispatcher, execute } from './dispatch.ts';
import { toEtag } from './headers.ts';
import { createPace } from './pace.ts';
import type { InteractionRequest, InteractionResponse } from './request.ts';
import { fromStoreError } from './store-errors.ts';
import { carryOutTransaction } from './transaction.ts';
import { withRetries } from './write.ts';

/** Batch entries that run at once; a store commits them in groups. */
const BATCH_CONCURRENCY = 16;

export async function processBundle(
  request: InteractionRequest,
  context: InteractionContext,
  dispatcher: Dispatcher,
): Promise<InteractionResponse> {
  const { body } = request;
  if (body.kind !== 'resource') throw fail('empty-body', 'The body must be a Bundle.');
  const bundle = body.resource;
  if (bundle.resourceType !== 'Bundle') {
    throw fail(
      'type-mismatch',
      `A Bundle belongs here. Send a ${bundle.resourceType} to the address of its type.`,
    );
  }
  switch (bundle.type) {
    case 'batch':
      return answer('batch-response', await carryOutBatch(bundle, request, context, dispatcher), context);
    case 'transaction':
      return answer('transaction-response', await transact(bundle, request, context, dispatcher), context);
    default:
      throw fail('bundle-type', 'Bundle.type must be batch or transaction here.', {
        expression: 'Bundle.type',
      });
  }
}

/** DELETE first and GET last, as in a transaction, so that a batch gives the same answers. */
const ORDER = ['DELETE', 'POST', 'PUT', 'PATCH', 'GET'] as const;

async function carryOutBatch(
  bundle: Resource,
  request: InteractionRequest,
  context: InteractionContext,
  dispatcher: Dispatcher,
): Promise<readonly InteractionResponse[]> {
  const entries = readEntries(bundle, request, dispatcher, context);
  const responses: InteractionResponse[] = new Array(entries.length);
  for (const entry of entries) if (isBadEntry(entry)) responses[entry.index] = failedEntry(entry.error);
  const good = entries.filter((entry): entry is EntryRequest => !isBadEntry(entry));
  const pace = createPace();
  for (const method of ORDER) {
    const waiting = good.filter((entry) => entry.request.method === method).values();
    const work = async () => {
      for (const entry of waiting) {
        request.signal?.throwIfAborted();
        responses[entry.index] = await attemptEntry(entry, request.requestId, context);
        await pace();
      }
    };
    await Promise.all(Array.from({ length: BATCH_CONCURRENCY }, work));
  }
  return responses;
}

async function attemptEntry(
  entry: EntryRequest,
  requestId: string,
  context: InteractionContext,
): Promise<InteractionResponse> {
  try {
    return await executeEntry(entry, context);
  } catch (error) {
    if (error instanceof FhirError) {
      if (error.status === 500) context.onFault(error, requestId);
      return failedEntry(error);
    }
    const ofStore = fromStoreError(error);
    if (ofStore !== undefined) return failedEntry(ofStore);
    context.onFault(error, requestId);
    const text = `This entry failed inside the server. Tell its operator the request id ${requestId}.`;
    return failedEntry(new FhirError([issue('internal', text)]));
  }
}

async function executeEntry(entry: EntryRequest, context: InteractionContext): Promise<InteractionResponse> {
  const response = await execute(entry.row, entry.request, context);
  return entry.isHead ? { ...response, body: undefined } : response;
}

function failedEntry(error: FhirError): InteractionResponse {
  return { status: error.status, outcome: toOperationOutcome(error.issues) };
}

async function transact(
  bundle: Resource,
  request: InteractionRequest,
  context: InteractionContext,
  dispatcher: Dispatcher,
): Promise<readonly InteractionResponse[]> {
  // An attempt changes the resources it writes, so a further one starts from the text again.
  let fresh: Resource | undefined = bundle;
  const text = request.body.kind === 'resource' ? request.body.text : undefined;
  const again = text ?? stringifyJson(bundle);
  return withRetries(context, async (isFirst) => {
    request.signal?.throwIfAborted();
    const whole = fresh ?? parseStored(again);
    const entries = readEntries(whole, request, dispatcher, context);
    // whoever holds the Bundle until the answer does not hold its resources
    whole.entry = undefined;
    fresh = undefined;
    const bad = entries.filter(isBadEntry);
    if (bad.length > 0) throw joinErrors(bad.map((entry) => entry.error));
    const good = entries as readonly EntryRequest[];
    refuseChangingOperations(good, dispatcher);
    if (isFirst) await checkReads(good, context);
    const { responses, reads } = await carryOutTransaction(good, isFirst, context);
    for (const entry of reads) {
      try {
        responses[entry.index] = await executeEntry(entry, context);
      } catch (error) {
        if (!(error instanceof FhirError)) throw error;
        responses[entry.index] = failedEntry(placeError(error, entry.index));
      }
    }
    return responses;
  });
}

/**
 * A read that fails fails the transaction, so it is tried before anything is written; its answer comes afterwards.
 * What the transaction itself writes cannot be asked for yet.
 * https://hl7.org/fhir/R4/http.html#trules
 */
async function checkReads(entries: readonly EntryRequest[], context: InteractionContext): Promise<void> {
  const written = new Set<string>();
  for (const { row, request } of entries) {
    if (row.kind === 'write' && request.id !== '') written.add(keyOf(request));
  }
  for (const entry of entries) {
    if (entry.row.kind === 'write' || written.has(keyOf(entry.request))) continue;
    try {
      await executeEntry(entry, context);
    } catch (error) {
      throw error instanceof FhirError ? placeError(error, entry.index) : error;
    }
  }
}

const keyOf = ({ type, id }: InteractionRequest): string => `${type}/${id}`;

/** Operations are carried out one by one: what they change could not be taken back with the rest. */
function refuseChangingOperations(entries: readonly EntryRequest[], dispatcher: Dispatcher): void {
  const changing = new Set(dispatcher.operations.filter((one) => one.affectsState).map((one) => one.name));
  const found = entries.find((entry) => changing.has(entry.request.operation));
  if (found === undefined) return;
  const text = 'An operation that changes something cannot be part of a transaction. Use a batch.';
  throw fail('bundle-entry', text, { expression: `Bundle.entry[${found.index}].request` });
}

function answer(
  type: 'batch-response' | 'transaction-response',
  responses: readonly InteractionResponse[],
  context: InteractionContext,
): InteractionResponse {
  const parts = responses.map(entryText);
  const entry = parts.length === 0 ? '' : `,"entry":[${parts.join(',')}]`;
  const json = `{"resourceType":"Bundle","id":"${context.newId()}","type":"${type}"${entry}}`;
  return { status: 200, body: { kind: 'json', json } };
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  304: 'Not Modified',
};

function entryText(response: InteractionResponse): string {
  const { status, location, versionId, lastModified, body } = response;
  const members = [`"status":"${status}${REASONS[status] === undefined ? '' : ` ${REASONS[status]}`}"`];
  if (location !== undefined) members.push(`"location":${JSON.stringify(location)}`);
  if (versionId !== undefined) members.push(`"etag":${JSON.stringify(toEtag(versionId))}`);
  if (lastModified !== undefined) members.push(`"lastModified":"${toInstant(lastModified)}"`);
  const outcome = response.outcome ?? outcomeOf(response);
  if (outcome !== undefined) members.push(`"outcome":${JSON.stringify(outcome)}`);
  const hasBody = body !== undefined && outcome === undefined;
  const resource = hasBody ? `"resource":${bodyText(body)},` : '';
  return `{${resource}"response":{${members.join(',')}}}`;
}

/** An outcome belongs into response.outcome, not into the place of the resource. */
function outcomeOf({ body }: InteractionResponse): Resource | undefined {
  return body?.kind === 'resource' && body.resource.resourceType === 'OperationOutcome'
    ? body.resource
    : undefined;
}
