/**
 * The order of a coded parameter: code after code, each a search of its own in the order of the other keys, until
 * the page is full. What has several codes stands at the one that counts; what has none comes last.
 * https://hl7.org/fhir/R4/search.html#sort
 */
import { allOf, type Bound, notOf } from './bind.ts';
import type { Bindings } from './bindings.ts';
import { createCodeVisits } from './code-visits.ts';
import type { CodesPlan } from './codes-plan.ts';
import type { Found, Page } from './found.ts';
import type { Search } from './groups.ts';
import type { Hit } from './hits.ts';
import { severalOf } from './several.ts';
import { NO_CONDITION } from './sql-condition.ts';

export function pageByCodes(plan: CodesPlan, bindings: Bindings, page: Page, search: Search): Found {
  const { after, limit } = page;
  const start = after?.values[0];
  const visit = createCodeVisits(plan, bindings, search);
  const isOneEach = hasOneEach(plan, bindings);
  const hits: Hit[] = [];
  let begun = start === undefined;
  for (const [at, { code, hashes }] of [...plan.codes, NONE].entries()) {
    const resumes = !begun && (code === start || code === null);
    begun ||= resumes;
    if (!begun) continue;
    const is = isIn(at, plan, bindings);
    const indexed: Bound | undefined =
      isOneEach && code !== null ? { kind: 'terms', k: plan.key.k, hashes } : undefined;
    const group = { at, hashes, value: code, is, indexed };
    const part = {
      ...page,
      after: resumes && code === start ? after : undefined,
      limit: limit + 1 - hits.length,
    };
    const found = visit(group, part);
    hits.push(...found.hits);
    if (hits.length > limit) return { hits: hits.slice(0, limit), more: hits[limit - 1]?.position };
    // it ended early
    if (found.more !== undefined) return { hits, more: found.more };
  }
  return { hits, more: undefined };
}

/** Rows, in sixteens, that it may take to find out whether anything has several codes. */
const FOUND_OUT_MAX = 8_000;

/** Whether everything in the index stands where its only code does; for who goes on, that is worth finding out. */
function hasOneEach({ key, codes }: CodesPlan, bindings: Bindings): boolean {
  const hashes = codes.flatMap((code) => code.hashes);
  const costMax = bindings.isGoingOn ? FOUND_OUT_MAX : 0;
  return severalOf(key.k, hashes, { ...bindings, costMax })?.isEmpty === true;
}

const NONE = { code: null, hashes: [] } as const;

/** Before the first code nothing has its place, so the index alone decides about it. */
function isIn(at: number, { key, codes }: CodesPlan, { names }: Bindings): Bound {
  const group = codes[at];
  if (group === undefined) {
    const all = codes.flatMap(({ hashes }) => hashes);
    return all.length === 0 ? allOf([]) : notOf({ kind: 'terms', k: key.k, hashes: all });
  }
  const terms: Bound = { kind: 'terms', k: key.k, hashes: group.hashes };
  if (at === 0) return terms;
  return allOf([terms, { kind: 'place', key, value: group.code, names, sql: NO_CONDITION }]);
}
