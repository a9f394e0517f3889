/**
 * The order that a search parameter gives. R4 sorts by any search parameter and leaves it to the server what an order
 * of references or identifiers is; only composites and places have none.
 * https://hl7.org/fhir/R4/search.html#sort
 */
import type { CompiledParameter } from './compiled-parameter.ts';
import { CONTAINED } from './parameters.ts';
import type { PostedContent, SortKey, SortSource } from './query.ts';
import { hasContent } from './sort-values.ts';
import { tokenKindsOf } from './token-kinds.ts';

/**
 * Undefined where no order means anything. A search of several types, or for contained resources too, has the parameter
 * several times; `base` is our own address.
 */
export function parameterKey(
  parameters: readonly CompiledParameter[],
  descending: boolean,
  base: string,
): SortKey | undefined {
  const of = parameters.flatMap((parameter) => sourcesOf(parameter, base));
  const [first] = of;
  if (first === undefined || kindsOf(of).size > 1) return undefined;
  if (of.length > 1 || first.by === 'content') return { by: 'gathered', of, descending };
  const isSingle = first.by === 'number' && parameters[0]?.isSingle === true;
  return { by: first.by, k: first.k, descending, ...(isSingle && { isSingle }) };
}

/** What stands behind the name of a parameter that nothing can be sorted by. */
export function why(parameters: readonly CompiledParameter[]): string {
  const { type, evaluate } = parameters[0] as CompiledParameter;
  if (kindsOf(parameters.flatMap((one) => sourcesOf(one, ''))).size > 1) {
    return 'which holds values of different kinds in them';
  }
  if (type === 'composite') return 'a composite: sort by its parts, one after the other';
  if (evaluate !== undefined) return `a ${type} whose values an expression computes`;
  return type === 'special'
    ? 'which has no values of its own'
    : `a ${type} without values that have an order`;
}

/** Texts, numbers and dates cannot be compared with each other. */
function kindsOf(sources: readonly SortSource[]): ReadonlySet<string> {
  return new Set(sources.map(({ by }) => (by === 'date' || by === 'number' ? by : 'text')));
}

function sourcesOf(parameter: CompiledParameter, base: string): readonly SortSource[] {
  const { answeredBy, k, paths, type } = parameter;
  // several parameters together: each has its own
  if (answeredBy.length > 1) {
    const parts = answeredBy.map((part) => sourcesOf(part, base));
    if (parts.some((part) => part.length === 0)) return [];
    return parts.flat();
  }
  const by = answeredBy[0] === parameter ? postedKind(parameter) : undefined;
  if (by !== undefined) return [{ by, k }];
  if (type === 'composite' || type === 'special' || !paths.some((path) => hasContent(path.type))) return [];
  const isContained = parameter.base.startsWith(CONTAINED);
  const start = isContained ? parameter.base.slice(CONTAINED.length) : parameter.base;
  const posted = isContained ? undefined : postedContent(parameter);
  return [{ by: 'content', k, type: start, isContained, paths, base, ...(posted && { posted }) }];
}

/** Types whose values are hashed as they are sorted by. */
const HASHED: ReadonlySet<string> = new Set(['Reference', 'uri', 'url', 'canonical']);
/** Those that have a term for each value, of whatever text. */
const TERMED: ReadonlySet<string> = new Set([
  ...HASHED,
  'Attachment',
  'Identifier',
  'ContactPoint',
  'string',
]);

function postedContent({ answeredBy, paths, type }: CompiledParameter): PostedContent | undefined {
  const [owner] = answeredBy;
  if (owner === undefined || !paths.every((path) => TERMED.has(path.type))) return undefined;
  if (type !== 'reference') return type === 'token' ? { k: owner.k, inTerms: false } : undefined;
  const inTerms = paths.every((path) => HASHED.has(path.type));
  const isNarrowed = owner.paths.every((path) => path.steps.length < (paths[0]?.steps.length ?? 0));
  const last = isNarrowed ? paths[0]?.steps.at(-1) : undefined;
  return { k: owner.k, inTerms, ...(last?.kind === 'refersTo' && { type: last.type }) };
}

/** What of its postings has an order. */
function postedKind(parameter: CompiledParameter): 'date' | 'number' | 'text' | 'term' | undefined {
  switch (parameter.type) {
    case 'date':
      return 'date';
    case 'number':
    case 'quantity':
      return 'number';
    case 'string':
      return parameter.code === 'phonetic' || parameter.paths.length === 0 ? undefined : 'text';
    case 'uri':
      return 'term';
    case 'reference':
      return parameter.paths.length > 0 && parameter.paths.every(({ type }) => type === 'canonical')
        ? 'term'
        : undefined;
    case 'token': {
      const kinds = tokenKindsOf(parameter);
      return kinds.has('coded') || kinds.has('plain') ? 'term' : undefined;
    }
    default:
      return undefined;
  }
}
