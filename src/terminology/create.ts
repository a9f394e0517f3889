/** Terminology over one generation of definitions. Everything is compiled on first use. */
import type { Definitions } from '../definitions/definitions.ts';
import type { CodeSystemIndex } from './code-system.ts';
import { syntaxOf } from './syntaxes.ts';
import { findSystem } from './systems.ts';
import type { CompiledValueSet, Terminology } from './terminology.ts';
import { compileImplicit, compileValueSet } from './value-set.ts';

export function createTerminology(definitions: Definitions): Terminology {
  const sets = new Map<string, CompiledValueSet | undefined>();
  const systems = new Map<string, CodeSystemIndex | undefined>();

  const systemIndex = (canonical: string): CodeSystemIndex | undefined => {
    if (!systems.has(canonical)) remember(systems, canonical, findSystem(definitions, canonical));
    return systems.get(canonical);
  };

  return {
    valueSet(canonical) {
      if (!sets.has(canonical)) remember(sets, canonical, findValueSet(definitions, canonical));
      return sets.get(canonical);
    },
    codeExists(system, code) {
      const index = systemIndex(system);
      if (index?.find(code) !== undefined) return 'yes';
      if (index?.isComplete) return 'no';
      return syntaxOf(system)?.(code) ?? 'unknown';
    },
    lookup(system, code) {
      const index = systemIndex(system);
      const concept = index?.find(code);
      if (concept === undefined) return undefined;
      const { display, designations } = concept;
      return { system: index?.url ?? system, code: concept.code, display, designations };
    },
    closure(system, code, direction) {
      const index = systemIndex(system);
      const concept = index?.find(code);
      return concept && index?.closure(concept.code, direction);
    },
    codeSystem: systemIndex,
  };
}

/** Canonicals come from requests too, so what is remembered is bounded. */
const REMEMBERED_MAX = 10_000;

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  if (map.size >= REMEMBERED_MAX) map.clear();
  map.set(key, value);
}

function findValueSet(definitions: Definitions, canonical: string): CompiledValueSet | undefined {
  const entry = definitions.entry(canonical, 'ValueSet');
  if (entry !== undefined) return compileValueSet(definitions, entry);
  const system = implicitSystem(definitions, canonical);
  return system === undefined ? undefined : compileImplicit(definitions, canonical, system);
}

/** https://hl7.org/fhir/R4/codesystem-definitions.html#CodeSystem.valueSet, and the well-known ones. */
const IMPLICIT: Readonly<Record<string, string>> = {
  'http://snomed.info/sct?fhir_vs': 'http://snomed.info/sct',
  'http://loinc.org/vs': 'http://loinc.org',
  'http://unitsofmeasure.org/vs': 'http://unitsofmeasure.org',
};

function implicitSystem(definitions: Definitions, canonical: string): string | undefined {
  const url = canonical.split('|', 1)[0] as string;
  return (
    IMPLICIT[url] ??
    definitions.entries('CodeSystem').find((one) => one.valueSet?.split('|', 1)[0] === url)?.url
  );
}
