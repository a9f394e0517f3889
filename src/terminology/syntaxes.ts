/**
 * Code systems whose codes follow a grammar, or a list that is no FHIR resource.
 * https://hl7.org/fhir/R4/terminologies-systems.html
 */
import type { Membership } from './terminology.ts';

export type Syntax = (code: string) => Membership;

const SYNTAXES: ReadonlyMap<string, Syntax> = new Map();

/** Undefined when the system has no grammar that is known here. */
export function syntaxOf(system: string): Syntax | undefined {
  return SYNTAXES.get(system);
}
