/** Where compiled FHIRPath and fhirpath.js differ on purpose, and why. */

export interface KnownDifference {
  /** Key of the invariant or code of the search parameter. */
  readonly key: string;
  /** All expressions of the key when absent. */
  readonly expression?: string;
  readonly reason: string;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [];
