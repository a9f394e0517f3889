/**
 * A code system with its hierarchy, indexed once and shared by every generation of definitions that holds it.
 * https://hl7.org/fhir/R4/codesystem.html
 */
import type { CodeSystem, CodeSystemConcept, CodeSystemConceptProperty } from '@medplum/fhirtypes';
import type { DefinitionEntry, Definitions } from '../definitions/definitions.ts';

export interface Concept {
  readonly code: string;
  readonly display?: string;
  readonly designations: readonly Designation[];
  readonly properties: readonly CodeSystemConceptProperty[];
  readonly parents: ReadonlySet<string>;
  readonly children: ReadonlySet<string>;
  /** `notSelectable`: groups others and is not meant to be used itself. */
  readonly isAbstract: boolean;
  readonly isInactive: boolean;
}

export interface Designation {
  readonly language?: string;
  readonly use?: { readonly system?: string; readonly code?: string; readonly display?: string };
  readonly value: string;
}

export interface CodeSystemIndex {
  readonly url: string;
  readonly version?: string;
  readonly name?: string;
  /** Every code of the system is here; otherwise an absent code may exist all the same. */
  readonly isComplete: boolean;
  readonly isCaseSensitive: boolean;
  /** In order of definition. */
  readonly concepts: ReadonlyMap<string, Concept>;
  readonly codes: ReadonlySet<string>;
  /** The concept, whatever its case in a system that does not tell cases apart. */
  find(code: string): Concept | undefined;
  /** The code itself and everything below (`down`) or above it (`up`). */
  closure(code: string, direction: 'down' | 'up'): ReadonlySet<string>;
}

/**
 * The code system of a canonical, with the fragments of several packages and the supplements put together.
 * Undefined when nothing of it is loaded.
 */
export function findCodeSystem(definitions: Definitions, canonical: string): CodeSystemIndex | undefined {
  let found = FOUND.get(definitions);
  if (found === undefined || found.size >= FOUND_MAX) {
    found = new Map();
    FOUND.set(definitions, found);
  }
  if (!found.has(canonical)) found.set(canonical, loadCodeSystem(definitions, canonical));
  return found.get(canonical);
}

/** Canonicals come from requests too, so what is remembered of a generation is bounded. */
const FOUND = new WeakMap<Definitions, Map<string, CodeSystemIndex | undefined>>();
const FOUND_MAX = 10_000;

function loadCodeSystem(definitions: Definitions, canonical: string): CodeSystemIndex | undefined {
  const entry = definitions.entry(canonical, 'CodeSystem');
  if (entry === undefined || entry.content === 'supplement') return undefined;
  const extras = extrasOf(definitions, entry);
  let known = INDEXES.get(entry);
  if (known === undefined || !sameItems(known.extras, extras)) {
    known = { extras, index: buildIndex(entry, extras) };
    INDEXES.set(entry, known);
  }
  return known.index;
}

interface KnownIndex {
  readonly extras: readonly DefinitionEntry[];
  readonly index: CodeSystemIndex;
}

const INDEXES = new WeakMap<DefinitionEntry, KnownIndex>();

/** Definitions whose concepts or designations are added: supplements, and other fragments of the same system. */
function extrasOf(definitions: Definitions, entry: DefinitionEntry): readonly DefinitionEntry[] {
  return definitions.entries('CodeSystem').filter((one) => {
    if (one === entry) return false;
    if (one.content === 'supplement') return one.supplements?.split('|', 1)[0] === entry.url;
    return one.url === entry.url && entry.content !== 'complete' && one.content === 'fragment';
  });
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface Draft extends Mutable<Omit<Concept, 'designations' | 'parents' | 'children' | 'properties'>> {
  designations: Designation[];
  properties: CodeSystemConceptProperty[];
  parents: Set<string>;
  children: Set<string>;
}

function buildIndex(entry: DefinitionEntry, extras: readonly DefinitionEntry[]): CodeSystemIndex {
  const system = entry.load() as unknown as CodeSystem;
  const drafts = new Map<string, Draft>();
  addConcepts(drafts, system);
  for (const extra of extras) {
    const addition = extra.load() as unknown as CodeSystem;
    if (extra.content === 'supplement') addDesignations(drafts, addition.concept ?? []);
    else addConcepts(drafts, addition);
  }
  const isCaseSensitive = system.caseSensitive !== false;
  const byLowerCase = new Map<string, Draft>();
  if (!isCaseSensitive) {
    for (const draft of drafts.values()) byLowerCase.set(draft.code.toLowerCase(), draft);
  }
  return {
    url: entry.url,
    version: entry.version,
    name: entry.name,
    isComplete: entry.content === 'complete',
    isCaseSensitive,
    concepts: drafts,
    codes: new Set(drafts.keys()),
    find: isCaseSensitive
      ? (code) => drafts.get(code)
      : (code) => drafts.get(code) ?? byLowerCase.get(code.toLowerCase()),
    closure: rememberClosures(drafts),
  };
}

function addConcepts(drafts: Map<string, Draft>, system: CodeSystem): void {
  const roles = rolesOf(system);
  const visit = (concept: CodeSystemConcept, parent: string | undefined): void => {
    if (typeof concept.code !== 'string') return;
    const draft = drafts.get(concept.code) ?? addDraft(drafts, concept);
    for (const designation of concept.designation ?? []) draft.designations.push(designation as Designation);
    if (parent !== undefined) draft.parents.add(parent);
    for (const property of concept.property ?? []) {
      draft.properties.push(property);
      applyProperty(draft, property, roles.get(property.code as string));
    }
    for (const child of concept.concept ?? []) visit(child, concept.code);
  };
  for (const concept of system.concept ?? []) visit(concept, undefined);
  linkBothWays(drafts);
}

function addDraft(drafts: Map<string, Draft>, { code, display }: CodeSystemConcept): Draft {
  const draft: Draft = {
    code: code as string,
    display,
    designations: [],
    properties: [],
    parents: new Set(),
    children: new Set(),
    isAbstract: false,
    isInactive: false,
  };
  drafts.set(draft.code, draft);
  return draft;
}

type Role = 'parent' | 'child' | 'abstract' | 'inactive' | 'status';

/** https://hl7.org/fhir/R4/codesystem.html#status: properties are known by URI, in practice also by code. */
const ROLE_BY_NAME: Readonly<Record<string, Role>> = {
  parent: 'parent',
  subsumedBy: 'parent',
  child: 'child',
  notSelectable: 'abstract',
  abstract: 'abstract',
  inactive: 'inactive',
  status: 'status',
};

function rolesOf(system: CodeSystem): ReadonlyMap<string, Role> {
  const roles = new Map(Object.entries(ROLE_BY_NAME));
  for (const { code, uri } of system.property ?? []) {
    const role = ROLE_BY_NAME[uri?.split('#')[1] ?? ''];
    if (role !== undefined && code !== undefined) roles.set(code, role);
  }
  return roles;
}

const INACTIVE_STATUSES = new Set(['retired', 'inactive', 'withdrawn']);

function applyProperty(draft: Draft, property: CodeSystemConceptProperty, role: Role | undefined): void {
  const code = property.valueCode ?? property.valueCoding?.code ?? property.valueString;
  switch (role) {
    case 'parent':
      if (code !== undefined) draft.parents.add(code);
      break;
    case 'child':
      if (code !== undefined) draft.children.add(code);
      break;
    case 'abstract':
      draft.isAbstract = property.valueBoolean === true || code === 'true';
      break;
    case 'inactive':
      draft.isInactive = property.valueBoolean === true || code === 'true';
      break;
    case 'status':
      if (code !== undefined && INACTIVE_STATUSES.has(code.toLowerCase())) draft.isInactive = true;
      break;
  }
}

function linkBothWays(drafts: ReadonlyMap<string, Draft>): void {
  for (const draft of drafts.values()) {
    for (const parent of draft.parents) drafts.get(parent)?.children.add(draft.code);
    for (const child of draft.children) drafts.get(child)?.parents.add(draft.code);
  }
}

function addDesignations(drafts: ReadonlyMap<string, Draft>, concepts: readonly CodeSystemConcept[]): void {
  for (const concept of concepts) {
    const draft = drafts.get(concept.code as string);
    draft?.designations.push(...((concept.designation ?? []) as Designation[]));
    draft?.properties.push(...(concept.property ?? []));
    addDesignations(drafts, concept.concept ?? []);
  }
}

/** Codes in all remembered closures of a system together. */
const CLOSURE_CODES_MAX = 100_000;

function rememberClosures(drafts: ReadonlyMap<string, Draft>): CodeSystemIndex['closure'] {
  const closures = new Map<string, ReadonlySet<string>>();
  let codes = 0;
  return (code, direction) => {
    const key = `${direction} ${code}`;
    const known = closures.get(key);
    if (known !== undefined) return known;
    const closure = walk(drafts, code, direction === 'down' ? 'children' : 'parents');
    codes += closure.size;
    if (codes > CLOSURE_CODES_MAX) {
      closures.clear();
      codes = closure.size;
    }
    closures.set(key, closure);
    return closure;
  };
}

/** Bounded by the number of concepts, so cycles end. */
function walk(
  drafts: ReadonlyMap<string, Draft>,
  code: string,
  relation: 'children' | 'parents',
): ReadonlySet<string> {
  const seen = new Set([code]);
  for (const one of seen) {
    for (const next of drafts.get(one)?.[relation] ?? []) seen.add(next);
  }
  return seen;
}
