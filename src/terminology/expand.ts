/**
 * Value sets as lists of codes with their displays, filtered and in pages.
 * https://hl7.org/fhir/R4/valueset-operation-expand.html
 */
import type { ValueSet } from '@medplum/fhirtypes';
import type { DefinitionEntry, Definitions } from '../definitions/definitions.ts';
import { type Issue, issue } from '../fhir/issues.ts';
import type { Concept, Designation } from './code-system.ts';
import { displayOf } from './display.ts';
import { findSystem } from './systems.ts';
import { compileValueSet } from './value-set.ts';

export interface ExpandOptions {
  /** Words that a code or display must contain, each from the start of a word. */
  readonly filter?: string;
  readonly offset?: number;
  /** Codes of the page; all when absent, if they are not more than `codesMax`. */
  readonly count?: number;
  readonly activeOnly?: boolean;
  readonly includeDesignations?: boolean;
  readonly displayLanguage?: string;
  readonly codesMax?: number;
}

export interface ExpandedConcept {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
  readonly isAbstract: boolean;
  readonly isInactive: boolean;
  readonly designations: readonly Designation[];
}

export interface Expansion {
  /** Codes in all pages. */
  readonly total: number;
  readonly offset: number;
  readonly concepts: readonly ExpandedConcept[];
  /** Versions of the code systems that were used, as canonicals. */
  readonly versions: readonly string[];
}

export type ExpandResult =
  | { readonly kind: 'expansion'; readonly expansion: Expansion }
  | { readonly kind: 'failure'; readonly issue: Issue };

export const EXPANSION_CODES_MAX = 10_000;

/** The entry may be one that is not loaded, made with `entryOf` from a resource in a request. */
export function expandValueSet(
  definitions: Definitions,
  entry: DefinitionEntry,
  options: ExpandOptions = {},
): ExpandResult {
  const { codes, missing, name, url } = compileValueSet(definitions, entry);
  if (codes === undefined) return { kind: 'failure', issue: cannotList(name, url, missing) };
  const own = ownConcepts(entry.load() as unknown as ValueSet);
  const versions: string[] = [];
  const all: ExpandedConcept[] = [];
  for (const [system, list] of codes) {
    const index = findSystem(definitions, system);
    if (index?.version !== undefined) versions.push(`${system}|${index.version}`);
    for (const code of list) {
      all.push(expandConcept(system, code, index?.find(code), own.get(`${system} ${code}`), options));
    }
  }
  const found = all.filter(matcherOf(options));
  const { offset = 0, count, codesMax = EXPANSION_CODES_MAX } = options;
  const size = Math.min(count ?? found.length, Math.max(0, found.length - offset));
  if (size > codesMax) return { kind: 'failure', issue: tooMany(name, found.length, codesMax) };
  const concepts = found.slice(offset, offset + size);
  return { kind: 'expansion', expansion: { total: found.length, offset, concepts, versions } };
}

function cannotList(name: string, url: string, missing: readonly string[]): Issue {
  const text =
    missing.length === 0
      ? `The codes of the value set ${name} follow a grammar and cannot be listed.`
      : `The value set ${name} cannot be expanded: ${missing.slice(0, 5).join(', ')} would be needed and is not loaded as a whole.`;
  return issue('expansion-impossible', text, { source: url });
}

function tooMany(name: string, total: number, codesMax: number): Issue {
  return issue(
    'too-costly',
    `The value set ${name} has ${total} codes, more than ${codesMax} at once: ask for pages with count and offset, or with a filter.`,
  );
}

interface OwnConcept {
  readonly display?: string;
  readonly designations: readonly Designation[];
}

/** A value set may give its codes displays of its own. */
function ownConcepts(valueSet: ValueSet): ReadonlyMap<string, OwnConcept> {
  const own = new Map<string, OwnConcept>();
  for (const { system, concept = [] } of valueSet.compose?.include ?? []) {
    for (const { code, display, designation = [] } of concept) {
      own.set(`${system} ${code}`, { display, designations: designation as Designation[] });
    }
  }
  return own;
}

function expandConcept(
  system: string,
  code: string,
  known: Concept | undefined,
  own: OwnConcept | undefined,
  { displayLanguage }: ExpandOptions,
): ExpandedConcept {
  const designations = [...(own?.designations ?? []), ...(known?.designations ?? [])];
  const concept: Concept = {
    code,
    display: own?.display ?? known?.display,
    designations,
    properties: [],
    parents: new Set(),
    children: new Set(),
    isAbstract: known?.isAbstract ?? false,
    isInactive: known?.isInactive ?? false,
  };
  return {
    system,
    code,
    display: displayOf(system, concept, displayLanguage),
    isAbstract: concept.isAbstract,
    isInactive: concept.isInactive,
    designations,
  };
}

function matcherOf({ filter = '', activeOnly }: ExpandOptions): (concept: ExpandedConcept) => boolean {
  const words = foldText(filter)
    .split(/\s+/)
    .filter((word) => word !== '');
  return ({ code, display = '', designations, isInactive }) => {
    if (activeOnly && isInactive) return false;
    if (words.length === 0) return true;
    const text = foldText(` ${code} ${display} ${designations.map((one) => one.value).join(' ')}`).replace(
      /[^\p{L}\p{N}]+/gu,
      ' ',
    );
    return words.every((word) => text.includes(` ${word}`));
  };
}

/** Without case and accents. */
function foldText(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
