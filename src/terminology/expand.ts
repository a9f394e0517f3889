/**
 * Value sets as lists of codes with their displays, filtered and in pages.
 * https://hl7.org/fhir/R4/valueset-operation-expand.html
 */
import type { ValueSet } from '@medplum/fhirtypes';
import type { DefinitionEntry, Definitions } from '../definitions/definitions.ts';
import { type Issue, issue } from '../fhir/issues.ts';
import type { Concept, Designation } from './code-system.ts';
import { displayOf, nameOf } from './display.ts';
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
  const found: Candidate[] = [];
  const isWanted = matcherOf(options);
  for (const [system, list] of codes) {
    const index = findSystem(definitions, system);
    if (index?.version !== undefined) versions.push(`${system}|${index.version}`);
    for (const code of list) {
      const candidate = { system, code, known: index?.find(code), own: own.get(`${system} ${code}`) };
      if (isWanted(candidate)) found.push(candidate);
    }
  }
  const { offset = 0, count, codesMax = EXPANSION_CODES_MAX } = options;
  const size = Math.min(count ?? found.length, Math.max(0, found.length - offset));
  if (size > codesMax) return { kind: 'failure', issue: tooMany(name, found.length, codesMax) };
  const concepts = found.slice(offset, offset + size).map((one) => expandConcept(one, options));
  return { kind: 'expansion', expansion: { total: found.length, offset, concepts, versions } };
}

/** A code of the value set with what its system and the value set itself say of it. */
interface Candidate {
  readonly system: string;
  readonly code: string;
  readonly known: Concept | undefined;
  readonly own: OwnConcept | undefined;
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
  { system, code, known, own }: Candidate,
  { displayLanguage }: ExpandOptions,
): ExpandedConcept {
  const designations = [...(own?.designations ?? []), ...(known?.designations ?? [])];
  const names = { code, display: own?.display ?? known?.display, designations };
  return {
    system,
    code,
    display: displayOf(system, names, displayLanguage),
    isAbstract: known?.isAbstract ?? false,
    isInactive: known?.isInactive ?? false,
    designations,
  };
}

function matcherOf({ filter = '', activeOnly }: ExpandOptions): (candidate: Candidate) => boolean {
  const words = foldText(filter)
    .split(/\s+/)
    .filter((word) => word !== '');
  return (candidate) => {
    if (activeOnly && candidate.known?.isInactive) return false;
    if (words.length === 0) return true;
    const text = searchText(candidate);
    return words.every((word) => text.includes(` ${word}`));
  };
}

/** Made once per concept: filters are typed letter by letter. */
const SEARCH_TEXTS = new WeakMap<Concept, string>();

function searchText({ system, code, known, own }: Candidate): string {
  if (own !== undefined || known === undefined) {
    const display = own?.display ?? known?.display ?? nameOf(system, code);
    return textOf(code, display, [...(own?.designations ?? []), ...(known?.designations ?? [])]);
  }
  let text = SEARCH_TEXTS.get(known);
  if (text === undefined) {
    text = textOf(code, known.display ?? nameOf(system, code), known.designations);
    SEARCH_TEXTS.set(known, text);
  }
  return text;
}

/** Words with a space before each. */
function textOf(code: string, display = '', designations: readonly Designation[] = []): string {
  const names = designations.map((one) => one.value).join(' ');
  return foldText(` ${code} ${display} ${names}`).replace(/[^\p{L}\p{N}]+/gu, ' ');
}

/** Without case and accents. */
function foldText(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
