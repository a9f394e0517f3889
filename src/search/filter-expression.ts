/**
 * `_filter` to a predicate: each comparison is the search parameter it names, with the modifier or prefix that
 * its operator stands for.
 * https://hl7.org/fhir/R4/search_filter.html
 */
import type { CompiledParameter } from './compiled-parameter.ts';
import type { SearchContext } from './context.ts';
import { type FilterNode, type FilterValue, parseFilter } from './filter-parse.ts';
import { type NameLink, parseName } from './parse.ts';
import { allOf, anyOf, notOf } from './predicates.ts';
import type { Predicate } from './query.ts';
import { resolveCriterion } from './resolve-criteria.ts';
import { badValue, quote, UnsupportedError } from './search-errors.ts';

/** @throws UnsupportedError for unknown parameters and operators that do not fit them; FhirError for bad syntax and values */
export function resolveFilter(type: string, text: string, context: SearchContext): Predicate {
  return resolveNode(type, parseFilter(text, context.limits), context);
}

function resolveNode(type: string, node: FilterNode, context: SearchContext): Predicate {
  switch (node.kind) {
    case 'and':
      return allOf(node.of.map((member) => resolveNode(type, member, context)));
    case 'or':
      return anyOf(node.of.map((member) => resolveNode(type, member, context)));
    case 'not':
      return notOf(resolveNode(type, node.of, context));
    case 'comparison':
      return resolveComparison(type, node, context);
  }
}

function resolveComparison(
  type: string,
  { path, op, value }: FilterNode & { kind: 'comparison' },
  context: SearchContext,
): Predicate {
  const links = parseName(path);
  const last = links?.at(-1);
  if (links === undefined || last?.kind !== 'plain' || last.modifier !== undefined) {
    throw badValue(
      '_filter',
      `${quote(path)} is no search parameter; operators take the place of modifiers.`,
    );
  }
  const ask = (modifier: string | undefined, text: string): Predicate => {
    const asked: NameLink[] = [...links.slice(0, -1), { ...last, modifier }];
    return resolveCriterion(type, { name: '_filter', links: asked, values: [text] }, context);
  };
  if (op === 'pr')
    return ask('missing', value.text === 'true' ? 'false' : value.text === 'false' ? 'true' : value.text);
  const kind = lastType(type, links, context);
  const asked = ASKED[kind]?.[op];
  if (asked === undefined) {
    throw new UnsupportedError(
      `Parameter '_filter': ${quote(op)} cannot be asked of ${quote(path)}, a ${kind}.`,
    );
  }
  if (asked === 'unequal') {
    return allOf([ask('missing', 'false'), notOf(ask(EQUAL[kind], textOf(value)))]);
  }
  if (asked === 'overlap') return overlapping(ask(undefined, textOf(value)));
  return ask(asked.modifier, `${asked.prefix ?? ''}${textOf(value)}`);
}

/** Dates that have any moment in common with the value. */
function overlapping(predicate: Predicate): Predicate {
  if (predicate.kind === 'any') return anyOf(predicate.of.map(overlapping));
  if (predicate.kind === 'chain' || predicate.kind === 'has') {
    return { ...predicate, where: overlapping(predicate.where) };
  }
  return predicate.kind === 'date' ? { ...predicate, prefix: 'ap' } : predicate;
}

interface Asked {
  readonly modifier?: string;
  readonly prefix?: string;
}

const ORDERED: Readonly<Record<string, Asked>> = Object.fromEntries(
  ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb'].map((prefix) => [prefix, { prefix }]),
);

/** Operators of each type of parameter; `unequal` is present and not equal. */
const ASKED: Readonly<Record<string, Readonly<Record<string, Asked | 'unequal' | 'overlap'>>>> = {
  string: { eq: { modifier: 'exact' }, ne: 'unequal', co: { modifier: 'contains' }, sw: {} },
  token: {
    eq: {},
    ne: 'unequal',
    in: { modifier: 'in' },
    ni: { modifier: 'not-in' },
    ss: { modifier: 'above' },
    sb: { modifier: 'below' },
  },
  uri: {
    eq: {},
    ne: 'unequal',
    ss: { modifier: 'above' },
    sb: { modifier: 'below' },
    sw: { modifier: 'below' },
  },
  reference: { eq: {}, re: {}, ne: 'unequal' },
  date: { ...ORDERED, po: 'overlap' },
  number: ORDERED,
  quantity: ORDERED,
};

const EQUAL: Readonly<Record<string, string>> = { string: 'exact' };

/** Strings in quotes are literal; elsewhere `|` divides. */
function textOf({ text, isString }: FilterValue): string {
  return isString ? text.replace(/[\\,|$]/g, '\\$&') : text.replace(/[\\,$]/g, '\\$&');
}

/** The type of the parameter at the end of a chain, in whichever target has it. */
function lastType(
  type: string,
  links: readonly NameLink[],
  context: SearchContext,
): CompiledParameter['type'] {
  const { parameters } = context;
  let types: readonly string[] = [type];
  for (const link of links.slice(0, -1)) {
    if (link.kind === 'has') {
      types = [link.source];
      continue;
    }
    const targets = types.flatMap((one) => parameters.find(one, link.code)?.targets ?? []);
    types = link.modifier === undefined ? [...new Set(targets)] : [link.modifier];
  }
  const code = links.at(-1)?.code ?? '';
  if (code === '_list' || code === '_content' || code === '_text') return 'token';
  const found = types.map((one) => parameters.find(one, code)).find((parameter) => parameter !== undefined);
  if (found === undefined)
    throw new UnsupportedError(`Parameter '_filter': ${type} has no search parameter ${quote(code)}.`);
  return found.type;
}
