/**
 * Conformance resources as data: everything the server knows about R4 and the loaded packages. Readers get
 * an immutable generation; loading a package or writing a definition swaps in a new one.
 * https://hl7.org/fhir/R4/conformance-module.html
 */
import type {
  CodeSystem,
  CompartmentDefinition,
  OperationDefinition,
  SearchParameter,
  StructureDefinition,
  ValueSet,
} from '@medplum/fhirtypes';
import type { Resource } from '../fhir/types.ts';

/** Where a definition comes from. */
export interface DefinitionSource {
  /** Package id, such as `hl7.fhir.r4.core` or `iom.mhd`; absent for definitions written through REST. */
  readonly packageId?: string;
  readonly packageVersion?: string;
}

export interface Definitions {
  /** Increases with every change; compiled artefacts are keyed by it. */
  readonly generation: number;
  /** By canonical, with or without `|version`. */
  structure(canonical: string): StructureDefinition | undefined;
  /** The base definition of an R4 type, such as `Patient` or `HumanName`. */
  structureOfType(type: string): StructureDefinition | undefined;
  valueSet(canonical: string): ValueSet | undefined;
  codeSystem(canonical: string): CodeSystem | undefined;
  /** Any other conformance resource (or one of the above) by its canonical. */
  resource(canonical: string): Resource | undefined;
  sourceOf(canonical: string): DefinitionSource | undefined;
  /** The 146 concrete resource types of R4, in alphabetical order. */
  readonly resourceTypes: readonly string[];
  isResourceType(type: string): boolean;
  /** All parameters whose base is the type, or Resource or DomainResource. */
  searchParameters(type: string): readonly SearchParameter[];
  readonly compartments: readonly CompartmentDefinition[];
  readonly operations: readonly OperationDefinition[];
  /** Every definition of a type, such as all `StructureDefinition`s. */
  all(type: string): Iterable<Resource>;
}
