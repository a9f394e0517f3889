/**
 * Page links of searches by POST. Who posts a search keeps what is searched for out of addresses, which proxies and
 * browsers remember; so its links carry the whole search sealed in the page token and nothing else.
 * https://hl7.org/fhir/R4/http.html#search, https://hl7.org/fhir/R4/security.html#http
 */
import { FhirError } from '../fhir/issues.ts';
import type { PageTokens } from '../search/page-token.ts';
import type { QueryPair } from './request.ts';

export interface SealedSearch {
  readonly pairs: readonly QueryPair[];
  readonly cursor: string | undefined;
}

/** `path` is the address without its query; `cursor` undefined is the first page. */
export function sealSearch(
  path: string,
  pairs: readonly QueryPair[],
  cursor: string | undefined,
  tokens: PageTokens,
): string {
  const sealed = pairs.filter(([name]) => !FORMATTING.has(name));
  const text = JSON.stringify(cursor === undefined ? [sealed] : [sealed, cursor]);
  const shown = pairs.filter(([name]) => FORMATTING.has(name));
  const page = [...shown, ['_page', tokens.encode(text, bindingOf(path))] as const];
  return `${path}?${page.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
}

/** Undefined when the address holds more than a page, or a page of another kind. */
export function openSearch(
  path: string,
  query: readonly QueryPair[],
  tokens: PageTokens,
): SealedSearch | undefined {
  const formatting = query.filter(([name]) => FORMATTING.has(name));
  const [page, ...others] = query.filter(([name]) => !FORMATTING.has(name));
  if (page?.[0] !== '_page' || others.length > 0) return undefined;
  try {
    const [pairs, cursor] = JSON.parse(tokens.decode(page[1], bindingOf(path))) as [QueryPair[], string?];
    return { pairs: [...pairs, ...formatting], cursor };
  } catch (error) {
    if (error instanceof FhirError) return undefined;
    throw error;
  }
}

const FORMATTING: ReadonlySet<string> = new Set(['_format', '_pretty']);

function bindingOf(path: string): string {
  return `posted ${path}`;
}
