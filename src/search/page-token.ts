/**
 * Opaque page positions: sealed, bound to the query and stateless, so a page link can be neither read, forged nor
 * moved to another search. A position holds values of the last resource of a page, a name when sorting by name:
 * links end up in logs of proxies and in histories of browsers, where nobody may read them.
 * https://hl7.org/fhir/R4/http.html#paging
 */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hash } from 'node:crypto';
import { fail } from '../fhir/issues.ts';

export interface PageTokens {
  /** `cursor` is `SearchPage.next`; `binding` is all that the token must not be moved away from. */
  encode(cursor: string, binding: string): string;
  /** @throws FhirError 400 when the token is not one of ours for this binding */
  decode(token: string, binding: string): string;
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Tokens that are remembered, and the length of what they were made from: half a megabyte at most. */
const MADE_MAX = 512;
const NAME_CHARS_MAX = 500;

/** `secret` of at least 32 bytes; tokens live as long as it does. */
export function createPageTokens(secret: Uint8Array): PageTokens {
  const keyOf = (use: string): Buffer => createHmac('sha256', secret).update(`page ${use}`).digest();
  // as a key object: from bytes each use would make one of its own, which costs more than to seal
  const key = createSecretKey(keyOf('seal'));
  const nonceKey = keyOf('nonce').toString('hex');
  const seal = (cursor: string, binding: string): string => {
    const body = Buffer.from(cursor, 'utf8');
    // made from what it seals: no two texts share a nonce, and the same page has the same link
    const digest = hash('sha256', `${nonceKey}${cursor.length}:${cursor}${binding}`, 'buffer');
    // the rest of the digest stays here, so that nobody can go on from it: without that it need not be an HMAC
    const nonce = digest.subarray(0, NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(binding, 'utf8'));
    return Buffer.concat([nonce, cipher.update(body), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
  };
  const made = new Map<string, string>();
  return {
    // pages that are asked for again and again have the same links until something is written
    encode(cursor, binding) {
      const name = `${cursor.length}:${cursor}${binding}`;
      const known = made.get(name);
      if (known !== undefined) return known;
      const token = seal(cursor, binding);
      if (name.length > NAME_CHARS_MAX) return token;
      if (made.size >= MADE_MAX) made.clear();
      made.set(name, token);
      return token;
    },
    decode(token, binding) {
      const bytes = Buffer.from(token, 'base64url');
      if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== token) throw notOurs();
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(binding, 'utf8'));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        const body = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
        return Buffer.concat([body, decipher.final()]).toString('utf8');
      } catch {
        throw notOurs();
      }
    },
  };
}

function notOurs(): Error {
  return fail(
    'bad-parameter',
    'This page link is not valid for this search; start again from its first page.',
    { expression: 'http._page' },
  );
}
