/** Where compiled FHIRPath and fhirpath.js differ on purpose, and why. */

export interface KnownDifference {
  /** Key of the invariant or code of the search parameter. */
  readonly key: string;
  /** Example that it was met in; any when absent. */
  readonly file?: string;
  readonly reason: string;
}

const NEAR_ZERO = 'fhirpath.js takes 1e-22 and 1e-245 for the same number when it removes duplicates';

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  { key: 'combo-code-value-concept', file: 'Observation-decimal.json', reason: NEAR_ZERO },
  { key: 'combo-code-value-quantity', file: 'Observation-decimal.json', reason: NEAR_ZERO },
  { key: 'combo-value-quantity', file: 'Observation-decimal.json', reason: NEAR_ZERO },
  { key: 'component-value-quantity', file: 'Observation-decimal.json', reason: NEAR_ZERO },
];
