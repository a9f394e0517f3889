/**
 * Everything that can be thrown, as an OperationOutcome: ours, the store's, Fastify's own and bugs. Nothing
 * of an error's message, stack or data reaches a client unless it is ours.
 * https://hl7.org/fhir/R4/http.html#Status-Codes
 */
import type { Logger } from 'pino';
import { FhirError, fail, type IssueKey, issue } from '../fhir/issues.ts';
import { fromStoreError } from '../interactions/store-errors.ts';
import type { StoreUnavailableError } from '../storage/store.ts';

/** Seconds that a client should wait before it tries again. */
export const RETRY_AFTER_S = '1';

/** Fastify's codes that are a client's fault. https://fastify.dev/docs/latest/Reference/Errors/ */
const FASTIFY: Readonly<Record<string, readonly [IssueKey, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too-large', 'The body is larger than this server accepts. Split it.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported-media-type', 'This server reads application/fhir+json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['bad-header', 'The body is not as long as Content-Length says.'],
  FST_ERR_BAD_URL: ['unknown-path', 'The address is not percent-encoded as it should be.'],
  FST_ERR_MAX_PARAM_LENGTH: ['unknown-path', 'There is no interaction at this address.'],
  FST_ERR_ROUTE_METHOD_NOT_SUPPORTED: ['method-not-allowed', 'FHIR does not use this method.'],
};

/** Undefined for a fault of ours, which the caller logs and answers with `internalError`. */
export function toFhirError(error: unknown): FhirError | undefined {
  if (error instanceof FhirError) return withRetryAfter(error);
  const ofStore = fromStoreError(error);
  if (ofStore !== undefined) return withRetryAfter(ofStore);
  const code = (error as { code?: unknown } | undefined)?.code;
  const known = typeof code === 'string' ? FASTIFY[code] : undefined;
  if (known !== undefined) return fail(...known);
  if (typeof code === 'string' && /^(?:Z_|ERR__ERROR_|ERR_BROTLI|ERR_ZLIB)/.test(code)) {
    return fail('malformed-encoding', 'The body cannot be unpacked as its Content-Encoding says.', {
      expression: 'http.Content-Encoding',
    });
  }
  if (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'ERR_STREAM_DESTROYED') {
    return fail('bad-header', 'The body ended before it was complete.');
  }
  return undefined;
}

export function internalError(requestId: string): FhirError {
  const text = `The server failed. Tell its operator the request id ${requestId}.`;
  return new FhirError([issue('internal', text)]);
}

/** At once: lines wait for others, and a process that has faults may not live that long. */
export function logFault(log: Logger, error: unknown, requestId?: string): void {
  log.error({ ...(requestId !== undefined && { requestId }), ...describeFault(error) }, 'fault');
  log.flush();
}

/** Why a request was answered 503: an operator sees what is away, and for which of our calls. */
export function logUnavailable(log: Logger, error: StoreUnavailableError, requestId?: string): void {
  const cause = error.cause === undefined ? {} : { cause: describeFault(error.cause) };
  log.warn(
    { ...(requestId !== undefined && { requestId }), ...describeFault(error), ...cause },
    'store unavailable',
  );
}

/** Names and places of a fault without its message, which may hold data; a database's name for it holds none. */
function describeFault(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { fault: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const { code, errstr, codeName } = error as { code?: unknown; errstr?: unknown; codeName?: unknown };
  const reason = errstr ?? codeName;
  // a failure of the table says by its key what an operator has to do
  const issue = error instanceof FhirError ? { issue: error.issues[0]?.key } : {};
  return {
    fault: error.name,
    ...issue,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
    at: frames.slice(0, 12),
  };
}

function withRetryAfter(error: FhirError): FhirError {
  if (error.status !== 503 && error.status !== 429) return error;
  if (error.headers['retry-after'] !== undefined) return error;
  const headers = { 'retry-after': RETRY_AFTER_S, ...error.headers };
  return new FhirError(error.issues, { status: error.status, headers, cause: error });
}
