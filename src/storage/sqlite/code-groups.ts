/**
 * The order of a coded parameter: code after code, each a search of its own in the order of the other keys, until
 * the page is full. What has several codes stands at the one that counts; what has none comes last.
 * https://hl7.org/fhir/R4/search.html#sort
 */
import { allOf, type Bound, hintOf, notOf } from './bind.ts';
import type { CodesPlan } from './codes-plan.ts';
import type { Found, Page } from './found.ts';
import type { OrderKey, Position } from './order.ts';
import type { Bindings } from './plan.ts';
import { compileTest } from './predicate.ts';
import type { Hit } from './stream.ts';

type Search = (bindings: Bindings, page: Page) => Found;

export function pageByCodes(
  { k, descending, codes }: CodesPlan,
  bindings: Bindings,
  page: Page,
  search: Search,
): Found {
  const { after, limit } = page;
  const others = bindings.sort.slice(1);
  const sort: readonly OrderKey[] = [...others, { by: 'birth', descending }];
  const start = after?.values[0];
  const hits: Hit[] = [];
  let begun = start === undefined;
  const passed: number[] = [];
  const groups = [...codes, { code: null, hashes: [] }];
  for (const { code, hashes } of groups) {
    const resumes = !begun && (code === start || code === null);
    begun ||= resumes;
    if (begun) {
      const inner = narrowed(bindings, groupOf(k, hashes, passed, code === null), sort);
      const from = resumes && code === start ? innerPosition(after as Position) : undefined;
      const found = search(inner, { ...page, after: from, limit: limit + 1 - hits.length });
      const outer = ({ values, rid }: Position): Position => {
        return { values: [code, ...values.slice(0, others.length)], rid };
      };
      for (const hit of found.hits) hits.push({ ...hit, position: outer(hit.position) });
      if (hits.length > limit) return { hits: hits.slice(0, limit), more: hits[limit - 1]?.position };
      // it ended early
      if (found.more !== undefined) return { hits, more: outer(found.more) };
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

function narrowed(bindings: Bindings, group: Bound, sort: readonly OrderKey[]): Bindings {
  const { types, view, meter } = bindings;
  const where = allOf([bindings.where, group]);
  const test = compileTest(allOf([{ kind: 'types', types }, where]), { view, meter });
  return { ...bindings, where, sort, test, hint: hintOf(where, types) };
}

/** Inside of a group the age is a key like the others. */
function innerPosition({ values, rid }: Position): Position {
  return { values: [...values.slice(1), rid], rid };
}
