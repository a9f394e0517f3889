/**
 * Fingerprints of what search parameters make of resources: as long as that of a parameter is the same, so are its
 * postings.
 * https://hl7.org/fhir/R4/searchparameter.html
 */
import { createHash } from 'node:crypto';
import type { Definitions } from '../definitions/definitions.ts';
import { WORD_CODES } from '../search/content-words.ts';

/** By code, each `type:hash`. */
export type Prints = ReadonlyMap<string, string>;

/** Raised when the extraction itself changes what it makes of the same parameters. */
const EXTRACTION = 3;

/** Changed when other parts of names are indexed by themselves. */
const NAME_PARTS = 'words of family names';

/** Changed when local times are read in another way: midnights that a change of clocks skips are in the day they begin. */
const SKIPPED_TIMES = 2;

const CORE = 'http://hl7.org/fhir/SearchParameter/';
const HASH_LENGTH = 10;
const DATED: ReadonlySet<string | undefined> = new Set(['date', 'composite']);

export interface PrintOptions {
  /** Zone of dates without one. */
  readonly timeZone: string;
  /** Whether words are indexed for `_content` and `_text`. */
  readonly fullText: boolean;
  /** False for what was indexed before words of family names were. */
  readonly nameParts?: false;
}

/** Of all parameters of a type. */
export function printsOf(
  definitions: Definitions,
  type: string,
  { timeZone, fullText, nameParts }: PrintOptions,
): Prints {
  const made = new Map<string, unknown[]>();
  const isOfCore = new Set<string>();
  for (const parameter of definitions.searchParameters(type)) {
    const { url, code, type: kind, expression, target, component, status } = parameter;
    if (code === undefined || status === 'retired' || (!fullText && WORD_CODES.has(code))) continue;
    // the one that was there first stays
    if (made.has(code) && isOfCore.has(code)) continue;
    if (url?.startsWith(CORE) === true) isOfCore.add(code);
    const parts = component?.map((one) => {
      const part = definitions.resource(one.definition);
      return [one.definition, one.expression, part?.type, part?.target];
    });
    const of = made.get(code) ?? [kind];
    made.set(code, of);
    of.push([url, kind, expression, target, parts]);
    if (DATED.has(kind) && timeZone !== 'UTC') of.push(timeZone, SKIPPED_TIMES);
    if (
      nameParts !== false &&
      kind === 'string' &&
      code !== 'phonetic' &&
      holdsNames(expression ?? '', type, definitions)
    )
      of.push(NAME_PARTS);
  }
  const prints = new Map<string, string>();
  for (const [code, [kind, ...of]] of made) prints.set(code, `${kind}:${hashOf([EXTRACTION, of])}`);
  return prints;
}

/** What earlier versions have noted of a type as a whole. */
export function earlierPrint(definitions: Definitions, type: string): string {
  const hash = createHash('sha256').update(`${EXTRACTION}`);
  for (const { url, code, type: kind, expression, target, component } of definitions.searchParameters(type)) {
    hash.update(JSON.stringify([url, code, kind, expression, target, component]));
  }
  return hash.digest('base64url').slice(0, 22);
}

export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, HASH_LENGTH);
}

const STEPS = /^[A-Z]\w*(\.\w+)+$/;
const FUNCTIONS = /\.\w+\([^()]*\)/g;

/** Whether one of the expression's paths leads to names of people, or to family names. */
function holdsNames(expression: string, type: string, definitions: Definitions): boolean {
  return expression.split('|').some((part) => {
    const path = part.trim().replace(FUNCTIONS, '');
    // what is no path is not looked into
    if (!path.startsWith(`${type}.`) || !STEPS.test(path)) return false;
    return isName(path.replace(/\.family$/, ''), type, definitions);
  });
}

function isName(path: string, type: string, definitions: Definitions): boolean {
  const elements = definitions.structureOfType(type)?.snapshot?.element ?? [];
  return elements.some(
    (one) => one.path === path && one.type?.some(({ code }) => code === 'HumanName') === true,
  );
}
