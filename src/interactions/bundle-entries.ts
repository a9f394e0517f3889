/**
 * The entries of a batch or transaction as requests.
 * https://hl7.org/fhir/R4/bundle.html, https://hl7.org/fhir/R4/http.html#transaction
 */
import { FhirError, fail, type Issue, issue } from '../fhir/issues.ts';
import type { Resource } from '../fhir/types.ts';
import type { InteractionContext } from './context.ts';
import { type Dispatcher, type InteractionRow, splitUrl } from './dispatch.ts';
import {
  type InteractionRequest,
  METHODS,
  type Method,
  NO_BODY,
  type Preferences,
  type RequestBody,
} from './request.ts';

export interface EntryRequest {
  readonly index: number;
  readonly fullUrl?: string;
  readonly row: InteractionRow;
  /** Like GET, without the body. */
  readonly isHead: boolean;
  /** Its body is let go of once it is on its way to the disk. */
  readonly request: InteractionRequest & { body: RequestBody };
}

/** An entry that cannot even be read as a request. */
export interface BadEntry {
  readonly index: number;
  readonly error: FhirError;
}

export type Entry = EntryRequest | BadEntry;

/** Entries of one Bundle are told apart from what they hold by this. */
export function isBadEntry(entry: Entry): entry is BadEntry {
  return 'error' in entry;
}

/** Prefers the wish of the whole Bundle; entries answer without a body unless it says otherwise. */
export function readEntries(
  bundle: Resource,
  request: InteractionRequest,
  dispatcher: Dispatcher,
  context: InteractionContext,
): readonly Entry[] {
  const entries: unknown = bundle.entry ?? [];
  if (!Array.isArray(entries))
    throw fail('bundle-entry', 'Bundle.entry must be an array.', { expression: 'Bundle.entry' });
  const { entriesMax } = context.limits;
  if (entries.length > entriesMax) {
    throw fail(
      'too-many-entries',
      `The Bundle has ${entries.length} entries; the limit is ${entriesMax}. Split it.`,
    );
  }
  const prefer: Preferences = { ...request.prefer, return: request.prefer.return ?? 'minimal' };
  return entries.map((entry, index) => {
    try {
      return readEntry(entry, index, { ...request, prefer }, dispatcher, context);
    } catch (error) {
      if (error instanceof FhirError) return { index, error: placeError(error, index) };
      throw error;
    }
  });
}

function readEntry(
  entry: unknown,
  index: number,
  outer: InteractionRequest,
  dispatcher: Dispatcher,
  context: InteractionContext,
): EntryRequest {
  const { fullUrl, resource, request } = asObject(entry);
  if (request === undefined) throw fail('bundle-entry', 'The entry needs a request with method and url.');
  const fields = asObject(request);
  const method = METHODS.find((one) => one === (fields.method === 'HEAD' ? 'GET' : fields.method));
  if (method === undefined) {
    throw fail('bundle-entry', `request.method must be one of ${METHODS.join(', ')}.`, {
      expression: 'request.method',
    });
  }
  if (typeof fields.url !== 'string') {
    throw fail('bundle-entry', 'The entry needs request.url.', { expression: 'request.url' });
  }
  const { path, query } = splitUrl(relativeUrl(fields.url, outer.baseUrl));
  const { isResourceType } = context.generation().definitions;
  const { row, ...address } = dispatcher.find(method, path, isResourceType);
  if (row.code === 'transaction') throw fail('bundle-entry', 'A Bundle cannot be nested in a Bundle.');
  return {
    index,
    fullUrl: typeof fullUrl === 'string' ? fullUrl : undefined,
    row,
    isHead: fields.method === 'HEAD',
    request: {
      requestId: outer.requestId,
      ...address,
      method,
      query,
      body: readBody(method, resource),
      ifMatch: optionalText(fields, 'ifMatch'),
      ifNoneMatch: optionalText(fields, 'ifNoneMatch'),
      ifModifiedSince: optionalText(fields, 'ifModifiedSince'),
      ifNoneExist: optionalText(fields, 'ifNoneExist'),
      prefer: outer.prefer,
      baseUrl: outer.baseUrl,
    },
  };
}

function readBody(method: Method, resource: unknown): InteractionRequest['body'] {
  if (method === 'GET' || method === 'DELETE' || resource === undefined) return NO_BODY;
  const { resourceType } = asObject(resource);
  if (typeof resourceType !== 'string') {
    throw fail('bundle-entry', 'The resource needs a resourceType.', { expression: 'resource' });
  }
  return { kind: 'resource', resource: resource as Resource };
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fail('bundle-entry', 'An object was expected here.');
  }
  return value as Record<string, unknown>;
}

function optionalText(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string')
    throw fail('bundle-entry', `request.${name} must be a string.`, { expression: `request.${name}` });
  return value;
}

/** Absolute addresses of this server are taken as relative ones. */
function relativeUrl(url: string, baseUrl: string): string {
  if (url.startsWith(`${baseUrl}/`)) return url.slice(baseUrl.length + 1);
  if (/^[a-z][a-z0-9+.-]*:/i.test(url)) {
    throw fail('bundle-entry', 'request.url must be relative to the base of this server.', {
      expression: 'request.url',
    });
  }
  return url;
}

/** The same error, seen from the Bundle. */
export function placeError(error: FhirError, index: number): FhirError {
  return new FhirError(
    error.issues.map((one) => placeIssue(one, index)),
    {
      status: error.status,
      headers: { ...error.headers },
      cause: error,
    },
  );
}

export function placeIssue(one: Issue, index: number): Issue {
  const entry = `Bundle.entry[${index}]`;
  const { expression } = one;
  if (expression === undefined) return { ...one, expression: entry };
  if (expression.startsWith('http.') || expression.startsWith('request')) {
    return { ...one, expression: `${entry}.${expression.replace(/^http\./, 'request.')}` };
  }
  const inside = /^[A-Z][A-Za-z]*(.*)$/.exec(expression)?.[1] ?? `.${expression}`;
  return { ...one, expression: `${entry}.resource${inside}` };
}

/** Several errors of one transaction as one. The first decides the status. */
export function joinErrors(errors: readonly FhirError[]): FhirError {
  const [first] = errors;
  if (first === undefined)
    return new FhirError([issue('internal', 'A transaction failed without a reason.')]);
  return new FhirError(
    errors.flatMap((error) => error.issues),
    { status: first.status },
  );
}
