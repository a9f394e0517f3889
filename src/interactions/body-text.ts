/**
 * The body of a response as JSON text, however it is held.
 */
import { stringifyJson } from '../fhir/json.ts';
import { assertNever } from '../fhir/types.ts';
import { fromWireText } from '../fhir/wire-text.ts';
import type { ResponseBody } from './request.ts';

export function bodyText(body: ResponseBody): string {
  switch (body.kind) {
    case 'json':
      return body.json;
    case 'wire':
      return fromWireText(body.wire);
    case 'resource':
      return stringifyJson(body.resource);
    default:
      return assertNever(body);
  }
}
