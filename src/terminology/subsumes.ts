/**
 * How two codes of a system stand to one another.
 * https://hl7.org/fhir/R4/codesystem-operation-subsumes.html
 */
import { type Issue, issue } from '../fhir/issues.ts';
import type { Terminology } from './terminology.ts';

export type Subsumption = 'equivalent' | 'subsumes' | 'subsumed-by' | 'not-subsumed';

export type SubsumesResult =
  | { readonly kind: 'outcome'; readonly outcome: Subsumption }
  | { readonly kind: 'failure'; readonly issue: Issue };

/** `subsumes`: the first code stands above the second. */
export function subsumes(terminology: Terminology, system: string, a: string, b: string): SubsumesResult {
  const index = terminology.codeSystem(system);
  if (index === undefined) return failure(`The code system ${system} is not loaded.`);
  const [first, second] = [index.find(a), index.find(b)];
  const absent = [first === undefined ? a : undefined, second === undefined ? b : undefined].find(Boolean);
  if (first === undefined || second === undefined) {
    return failure(`The code system ${system} has no code ${absent}.`);
  }
  if (first === second) return { kind: 'outcome', outcome: 'equivalent' };
  if (index.closure(first.code, 'down').has(second.code)) return { kind: 'outcome', outcome: 'subsumes' };
  if (index.closure(first.code, 'up').has(second.code)) return { kind: 'outcome', outcome: 'subsumed-by' };
  if (!index.isComplete) {
    return failure(
      `Only part of the code system ${system} is loaded: how ${a} and ${b} stand cannot be told.`,
    );
  }
  return { kind: 'outcome', outcome: 'not-subsumed' };
}

function failure(text: string): SubsumesResult {
  return { kind: 'failure', issue: issue('code-unknown', text) };
}
