/**
 * The links of a searchset: what was really asked for, with everything that was ignored left out.
 * https://hl7.org/fhir/R4/search.html#conformance
 */
import type { SearchRequest } from './search-request.ts';

/** `path` is everything before the question mark, such as `https://example.org/fhir/Patient`. */
export function selfLink(path: string, request: SearchRequest, page?: string): string {
  let link = path;
  for (const [name, value] of request.used) {
    link += `${link === path ? '?' : '&'}${encodeName(name)}=${encodeValue(value)}`;
  }
  return page === undefined ? link : pageLink(link, page);
}

/** The link of a page, from the self link without one; a token needs no escapes. */
export function pageLink(link: string, page: string): string {
  return `${link}${link.includes('?') ? '&' : '?'}_page=${page}`;
}

const AS_IT_IS = /^[\w.~:/,$-]*$/;
const READABLE: Readonly<Record<string, string>> = { '%3A': ':', '%2F': '/', '%2C': ',', '%24': '$' };

/** Colons and dots of names stay readable. */
function encodeName(name: string): string {
  return AS_IT_IS.test(name) && !/[/,$]/.test(name) ? name : encodeURIComponent(name).replaceAll('%3A', ':');
}

/** Only what a query may not carry is escaped: `|`, `,`, `:`, `/` and `$` stay readable where RFC 3986 allows. */
function encodeValue(value: string): string {
  if (AS_IT_IS.test(value)) return value;
  return encodeURIComponent(value).replaceAll(/%(?:3A|2F|2C|24)/g, (escaped) => READABLE[escaped] as string);
}
