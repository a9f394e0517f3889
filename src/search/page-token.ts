/**
 * Opaque page positions: signed, bound to the query and stateless, so a page link can be neither forged nor
 * moved to another search.
 * https://hl7.org/fhir/R4/http.html#paging
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { fail } from '../fhir/issues.ts';

export interface PageTokens {
  /** `cursor` is `SearchPage.next`; `binding` is all that the token must not be moved away from. */
  encode(cursor: string, binding: string): string;
  /** @throws FhirError 400 when the token is not one of ours for this binding */
  decode(token: string, binding: string): string;
}

const MAC_BYTES = 16;

/** `secret` of at least 32 bytes; tokens live as long as it does. */
export function createPageTokens(secret: Uint8Array): PageTokens {
  const sign = (cursor: Uint8Array, binding: string): Buffer => {
    const mac = createHmac('sha256', secret);
    // the length keeps cursor and binding apart
    mac.update(`${cursor.length}:`).update(cursor).update(binding);
    return mac.digest().subarray(0, MAC_BYTES);
  };
  return {
    encode(cursor, binding) {
      const body = Buffer.from(cursor, 'utf8');
      return Buffer.concat([sign(body, binding), body]).toString('base64url');
    },
    decode(token, binding) {
      const bytes = Buffer.from(token, 'base64url');
      const body = bytes.subarray(MAC_BYTES);
      const ok =
        bytes.length >= MAC_BYTES && timingSafeEqual(bytes.subarray(0, MAC_BYTES), sign(body, binding));
      if (!ok || bytes.toString('base64url') !== token) {
        throw fail(
          'bad-parameter',
          'This page link is not valid for this search; start again from its first page.',
          {
            expression: 'http._page',
          },
        );
      }
      return body.toString('utf8');
    },
  };
}
