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

const HASH_LENGTH = 10;
const DATED: ReadonlySet<string | undefined> = new Set(['date', 'composite']);

export interface PrintOptions {
  /** Zone of dates without one. */
  readonly timeZone: string;
  /** Whether words are indexed for `_content` and `_text`. */
  readonly fullText: boolean;
}

/** Of all parameters of a type. */
export function printsOf(
  definitions: Definitions,
  type: string,
  { timeZone, fullText }: PrintOptions,
): Prints {
  const made = new Map<string, unknown[]>();
  for (const parameter of definitions.searchParameters(type)) {
    const { url, code, type: kind, expression, target, component, status } = parameter;
    if (code === undefined || status === 'retired' || (!fullText && WORD_CODES.has(code))) continue;
    const parts = component?.map((one) => {
      const part = definitions.resource(one.definition);
      return [one.definition, one.expression, part?.type, part?.target];
    });
    const of = made.get(code) ?? [kind];
    made.set(code, of);
    of.push([url, kind, expression, target, parts]);
    if (DATED.has(kind) && timeZone !== 'UTC') of.push(timeZone);
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
