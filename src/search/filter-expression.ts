/**
 * `_filter` to a predicate: each comparison is the search parameter it names, with the modifier or prefix that
 * its operator stands for.
 * https://hl7.org/fhir/R4/search_filter.html
 */
import type { CompiledParameter } from './compiled-parameter.ts';
import type { SearchContext } from './context.ts';
import { pairedFilter } from './filter-pairs.ts';
import { type FilterComparison, type FilterNode, parseFilter } from './filter-parse.ts';
import { type NameLink, parseName } from './parse.ts';
import { allOf, anyOf, NOTHING, notOf } from './predicates.ts';
import type { Predicate } from './query.ts';
import { resolveCriterion, resolveThrough } from './resolve-criteria.ts';
import { badValue, quote, UnsupportedError } from './search-errors.ts';

/** @throws UnsupportedError for unknown parameters; FhirError for bad syntax, values, and operators that do not fit */
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
    case 'within': {
      const paired = pairedFilter(type, node);
      if (paired !== undefined) return resolveNode(type, paired, context);
      const links = plainLinks(node.path);
      return resolveThrough(type, '_filter', links, context, (target) =>
        allOf([resolveNode(target, node.where, context), resolveNode(target, node.further, context)]),
      );
    }
  }
}

function resolveComparison(
  type: string,
  { path, op, value }: FilterComparison,
  context: SearchContext,
): Predicate {
  const links = plainLinks(path);
  const last = links.at(-1) as NameLink & { kind: 'plain' };
  if (last.modifier !== undefined) throw notPlain(path);
  const ask = (modifier: string | undefined, text: string): Predicate => {
    const asked: NameLink[] = [...links.slice(0, -1), { ...last, modifier }];
    return resolveCriterion(type, { name: '_filter', links: asked, values: [text] }, context);
  };
  if (op === 'pr') return ask('missing', value === 'true' ? 'false' : value === 'false' ? 'true' : value);
  const kind = lastType(type, links, context);
  const asked = ASKED[kind]?.[op];
  if (asked === undefined) {
    const choice = Object.keys({ ...ASKED[kind], pr: {} }).join(', ');
    throw badValue('_filter', `${quote(op)} cannot be asked of ${quote(path)}, a ${kind}; use ${choice}.`);
  }
  const text = textOf(value, kind);
  const equal = (): Predicate =>
    kind === 'string' ? textAs('whole', ask('exact', text)) : ask(undefined, text);
  if (asked === 'equal') return equal();
  if (asked === 'unequal') return allOf([ask('missing', 'false'), notOf(equal())]);
  if (asked === 'overlap') return rangeAs('ap', ask(undefined, text));
  if (asked === 'within') return rangeAs('co', ask(undefined, text));
  // what the page calls the imprecision of a number is that of a Range: numbers are exact
  if (asked === 'value') return rangeAs('ap', ask(undefined, `ge${text}`));
  if (isFirst(asked)) return firstAs(asked.first, ask('exact', text));
  if (asked === 'start') return textAs('prefix', ask('exact', text));
  if (asked === 'end') return textAs('suffix', ask('exact', text));
  return ask(asked.modifier, `${asked.prefix ?? ''}${text}`);
}

/** Links of a path whose last one is a parameter. */
function plainLinks(path: string): readonly NameLink[] {
  const links = parseName(path);
  if (links?.at(-1)?.kind !== 'plain') throw notPlain(path);
  return links;
}

function notPlain(path: string): Error {
  return badValue('_filter', `${quote(path)} is no search parameter; operators take the place of modifiers.`);
}

/** Comparisons of exact texts as comparisons of folds: values of a filter are never case sensitive. */
function textAs(op: 'whole' | 'prefix' | 'suffix', predicate: Predicate): Predicate {
  switch (predicate.kind) {
    case 'any':
      return anyOf(predicate.of.map((member) => textAs(op, member)));
    case 'chain':
    case 'has':
      return { ...predicate, where: textAs(op, predicate.where) };
    case 'text': {
      const value = predicate.value.slice(0, predicate.value.indexOf('\u0000'));
      // without letters and digits only the text as written tells anything
      return value === '' ? predicate : { ...predicate, op, value };
    }
    default:
      return predicate;
  }
}

/** Dates and numbers that have something in common with the value (`ap`), or all of it (`co`). */
function rangeAs(prefix: 'ap' | 'co', predicate: Predicate): Predicate {
  switch (predicate.kind) {
    case 'any':
      return anyOf(predicate.of.map((member) => rangeAs(prefix, member)));
    case 'chain':
    case 'has':
      return { ...predicate, where: rangeAs(prefix, predicate.where) };
    case 'date':
    case 'number':
      return { ...predicate, prefix };
    case 'updated':
      // a moment contains no more than itself
      return prefix === 'co' && predicate.hi - predicate.lo > 1 ? NOTHING : { ...predicate, prefix: 'eq' };
    default:
      return predicate;
  }
}

type Special = 'equal' | 'unequal' | 'overlap' | 'within' | 'value' | 'start' | 'end';

/** Strings that are compared by their first letters. */
interface First {
  readonly first: 'gt' | 'ge' | 'lt' | 'le';
}

function isFirst(asked: Asked | Special | First): asked is First {
  return typeof asked === 'object' && 'first' in asked;
}

const LAST_CODE_POINT = 0x10ffff;

/** R4 compares strings by the code points of their first letters. */
function firstAs(op: First['first'], predicate: Predicate): Predicate {
  switch (predicate.kind) {
    case 'any':
      return anyOf(predicate.of.map((member) => firstAs(op, member)));
    case 'chain':
    case 'has':
      return { ...predicate, where: firstAs(op, predicate.where) };
    case 'text': {
      const { kind, k, value } = predicate;
      const first = value.codePointAt(0) ?? 0;
      // between the two lie the halves of pairs
      const next = first === 0xd7ff ? 0xe000 : first + 1;
      const isUp = op === 'gt' || op === 'ge';
      const bound = op === 'gt' || op === 'le' ? next : first;
      if (bound > LAST_CODE_POINT) return isUp ? NOTHING : { kind, k, op: 'from', value: '\u0001' };
      return { kind, k, op: isUp ? 'from' : 'below', value: String.fromCodePoint(bound) };
    }
    default:
      return predicate;
  }
}

interface Asked {
  readonly modifier?: string;
  readonly prefix?: string;
}

const ORDERED: Readonly<Record<string, Asked>> = Object.fromEntries(
  ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb'].map((prefix) => [prefix, { prefix }]),
);

/** Operators of each type of parameter; `unequal` is present and not equal. */
const ASKED: Readonly<Record<string, Readonly<Record<string, Asked | Special | First>>>> = {
  string: {
    eq: 'equal',
    ne: 'unequal',
    co: { modifier: 'contains' },
    sw: 'start',
    ew: 'end',
    gt: { first: 'gt' },
    ge: { first: 'ge' },
    lt: { first: 'lt' },
    le: { first: 'le' },
  },
  token: {
    eq: 'equal',
    ne: 'unequal',
    in: { modifier: 'in' },
    ni: { modifier: 'not-in' },
    // the value subsumes the concept: the concept is below it
    ss: { modifier: 'below' },
    sb: { modifier: 'above' },
  },
  uri: {
    eq: 'equal',
    ne: 'unequal',
    ss: { modifier: 'below' },
    sb: { modifier: 'above' },
    sw: { modifier: 'below' },
  },
  reference: { eq: 'equal', re: 'equal', ne: 'unequal' },
  date: { ...ORDERED, po: 'overlap', co: 'within' },
  number: { ...ORDERED, co: 'value' },
  quantity: ORDERED,
  composite: { eq: 'equal' },
};

const SYSTEMS: Readonly<Record<string, string>> = {
  loinc: 'http://loinc.org',
  snomed: 'http://snomed.info/sct',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  ucum: 'http://unitsofmeasure.org',
};

/** `loinc|1234-5`, `5.4|ucum|mg`, and either behind the `$` of a composite. */
const SHORT_SYSTEM = /(^|[|$])(loinc|snomed|rxnorm|ucum)(?=\|)/g;
const CODED: ReadonlySet<string> = new Set(['token', 'quantity', 'composite']);

/**
 * The value as other parameters take it. Quotes only let it hold spaces; a filter has `or` instead of commas, and
 * backslashes that escape nothing are themselves.
 */
function textOf(text: string, kind: string): string {
  const escaped = text.replace(/\\[|$,\\]|[\\,]/g, (found) => (found.length === 2 ? found : `\\${found}`));
  if (!CODED.has(kind)) return escaped;
  return escaped.replace(SHORT_SYSTEM, (_, before, name) => `${before}${SYSTEMS[name]}`);
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
