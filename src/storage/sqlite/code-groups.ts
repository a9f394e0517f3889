/**
 * The order of a coded parameter: code after code, each a search of its own in the order of the other keys, until
 * the page is full. What has several codes stands at the one that counts; what has none comes last.
 * https://hl7.org/fhir/R4/search.html#sort
 */
import { allOf, type Bound, notOf } from './bind.ts';
import type { CodesPlan } from './codes-plan.ts';
import type { Found, Page } from './found.ts';
import { type Search, searchGroup } from './groups.ts';
import type { Hit } from './hits.ts';
import type { Bindings } from './plan.ts';

export function pageByCodes({ k, codes }: CodesPlan, bindings: Bindings, page: Page, search: Search): Found {
  const { after, limit } = page;
  const start = after?.values[0];
  const hits: Hit[] = [];
  let begun = start === undefined;
  const passed: number[] = [];
  const groups = [...codes, { code: null, hashes: [] }];
  for (const { code, hashes } of groups) {
    const resumes = !begun && (code === start || code === null);
    begun ||= resumes;
    if (begun) {
      const group = { is: groupOf(k, hashes, passed, code === null), value: code };
      const part = {
        ...page,
        after: resumes && code === start ? after : undefined,
        limit: limit + 1 - hits.length,
      };
      const found = searchGroup(group, bindings, part, search);
      hits.push(...found.hits);
      if (hits.length > limit) return { hits: hits.slice(0, limit), more: hits[limit - 1]?.position };
      // it ended early
      if (found.more !== undefined) return { hits, more: found.more };
    }
    passed.push(...hashes);
  }
  return { hits, more: undefined };
}

function groupOf(k: number, hashes: readonly number[], passed: readonly number[], isLast: boolean): Bound {
  const earlier: Bound =
    passed.length === 0 ? { kind: 'any', of: [] } : { kind: 'terms', k, hashes: [...passed] };
  if (isLast) return notOf(earlier);
  return allOf([{ kind: 'terms', k, hashes }, notOf(earlier)]);
}
