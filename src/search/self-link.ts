/**
 * The links of a searchset: what was really asked for, with everything that was ignored left out.
 * https://hl7.org/fhir/R4/search.html#conformance
 */
import type { SearchRequest } from './search-request.ts';

/** `path` is everything before the question mark, such as `https://example.org/fhir/Patient`. */
export function selfLink(path: string, request: SearchRequest, page?: string): string {
  const pairs = page === undefined ? request.used : [...request.used, ['_page', page] as const];
  if (pairs.length === 0) return path;
  return `${path}?${pairs.map(([name, value]) => `${encodeName(name)}=${encodeValue(value)}`).join('&')}`;
}

/** Colons and dots of names stay readable. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll('%3A', ':');
}

/** Only what a query may not carry is escaped: `|`, `,`, `:`, `/` and `$` stay readable where RFC 3986 allows. */
function encodeValue(value: string): string {
  return encodeURIComponent(value).replaceAll(/%(?:3A|2F|2C|24)/g, decodeURIComponent);
}
