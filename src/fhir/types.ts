/**
 * The shapes of R4 that every layer speaks. Resources stay plain JSON objects: a typed view from
 * \@medplum/fhirtypes is taken where a stage needs one.
 * https://hl7.org/fhir/R4/resource.html
 */

/** https://hl7.org/fhir/R4/datatypes.html#Coding */
export interface Coding {
  readonly system?: string;
  readonly version?: string;
  readonly code?: string;
  readonly display?: string;
  readonly userSelected?: boolean;
}

/** https://hl7.org/fhir/R4/resource.html#Meta */
export interface Meta {
  versionId?: string;
  lastUpdated?: string;
  source?: string;
  profile?: string[];
  security?: Coding[];
  tag?: Coding[];
  [element: string]: unknown;
}

/** Any R4 resource as JSON. Elements are `unknown` until validated. */
export interface Resource {
  resourceType: string;
  id?: string;
  meta?: Meta;
  [element: string]: unknown;
}

/** Proves at compile time that a switch has a branch for every variant. */
export function assertNever(value: never): never {
  throw new Error(`unreachable variant: ${JSON.stringify(value)}`);
}
