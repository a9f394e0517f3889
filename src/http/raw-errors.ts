/**
 * Requests that are not HTTP, or too slow or too long to be read: answered on the bare socket, since there
 * is no request to reply to.
 * https://nodejs.org/api/http.html#event-clienterror
 */
import type { Socket } from 'node:net';
import { type IssueKey, issue } from '../fhir/issues.ts';
import { toOperationOutcome } from '../fhir/outcome.ts';

const ANSWERS: Readonly<Record<string, readonly [string, IssueKey, string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'bad-header', 'The headers are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'request-timeout', 'The request did not arrive in time.'],
};
const MALFORMED = ['400 Bad Request', 'bad-header', 'The request is not HTTP/1.1.'] as const;

export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, key, text] = ANSWERS[error.code ?? ''] ?? MALFORMED;
  const body = JSON.stringify(toOperationOutcome([issue(key, text)]));
  const head = [
    `HTTP/1.1 ${status}`,
    'Content-Type: application/fhir+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
