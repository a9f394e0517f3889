/**
 * What validation and search ask of terminology. Answers are three-valued: a code system that is not loaded
 * gives no verdict instead of a wrong one.
 * https://hl7.org/fhir/R4/terminology-module.html
 */
import type { CodeSystemIndex } from './code-system.ts';

export type Membership = 'yes' | 'no' | 'unknown';

/** A compiled value set: enumerated, a syntax (UCUM, BCP-47, BCP-13, ISO 4217), or partly undecidable. */
export interface CompiledValueSet {
  readonly url: string;
  readonly name: string;
  /** `system` absent: a bare `code` element, any system of the set counts. */
  contains(system: string | undefined, code: string): Membership;
  /** All codes when they can be enumerated, as `system -> codes`. */
  readonly codes: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  /** Canonicals of code systems and value sets that would be needed to decide or enumerate all of it. */
  readonly missing: readonly string[];
}

export interface ConceptInfo {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
  readonly designations: readonly { readonly language?: string; readonly value: string }[];
}

export interface Terminology {
  /** By canonical, with or without version; undefined when the value set is not loaded. */
  valueSet(canonical: string): CompiledValueSet | undefined;
  /** Whether the code exists in its code system; `unknown` when the system is not loaded or a fragment. */
  codeExists(system: string, code: string): Membership;
  lookup(system: string, code: string): ConceptInfo | undefined;
  /** The code and its descendants (`:below`); ancestors with `direction` `up` (`:above`). */
  closure(system: string, code: string, direction: 'down' | 'up'): ReadonlySet<string> | undefined;
  /** The whole code system; undefined when nothing of it is loaded. */
  codeSystem(canonical: string): CodeSystemIndex | undefined;
}
