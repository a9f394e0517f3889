/**
 * Everything that is known of a code.
 * https://hl7.org/fhir/R4/codesystem-operation-lookup.html
 */
import type { CodeSystem, CodeSystemConcept } from '@medplum/fhirtypes';
import type { Definitions } from '../definitions/definitions.ts';
import type { Concept } from './code-system.ts';
import { displayOf } from './display.ts';
import { findSystem } from './systems.ts';

export interface ConceptDescription {
  readonly system: string;
  readonly version?: string;
  /** Of the code system. */
  readonly name?: string;
  readonly concept: Concept;
  readonly display?: string;
  readonly definition?: string;
}

/** Undefined when the code, or its system, is not loaded. */
export function describeConcept(
  definitions: Definitions,
  system: string,
  code: string,
  displayLanguage?: string,
): ConceptDescription | undefined {
  const index = findSystem(definitions, system);
  const concept = index?.find(code);
  if (index === undefined || concept === undefined) return undefined;
  const original = definitions.entry(system, 'CodeSystem')?.loadOriginal() as unknown as
    | CodeSystem
    | undefined;
  return {
    system: index.url,
    version: index.version,
    name: index.name,
    concept,
    display: displayOf(index.url, concept, displayLanguage),
    definition: findConcept(original?.concept ?? [], concept.code)?.definition,
  };
}

function findConcept(concepts: readonly CodeSystemConcept[], code: string): CodeSystemConcept | undefined {
  for (const concept of concepts) {
    const found = concept.code === code ? concept : findConcept(concept.concept ?? [], code);
    if (found !== undefined) return found;
  }
  return undefined;
}
