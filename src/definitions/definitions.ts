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

/** What is known of a definition before it is parsed: enough to find it, list it and order its versions. */
export interface EntryFacts {
  readonly resourceType: string;
  readonly url: string;
  readonly version?: string;
  readonly id?: string;
  readonly name?: string;
  /** Of a StructureDefinition. */
  readonly type?: string;
  readonly kind?: string;
  readonly derivation?: string;
  readonly baseDefinition?: string;
  readonly isAbstract?: boolean;
  /** Resource types that a SearchParameter applies to. */
  readonly bases?: readonly string[];
  /** Of a CodeSystem: `complete`, `fragment`, `supplement`... */
  readonly content?: string;
  /** Canonical of the code system that a supplement adds to. */
  readonly supplements?: string;
  /** Canonical of the value set of all codes of a code system. */
  readonly valueSet?: string;
}

export interface DefinitionEntry extends EntryFacts {
  readonly source: DefinitionSource;
  /** The resource without narrative, prose of elements and differential. */
  load(): Resource;
  /** The resource as published or written. */
  loadOriginal(): Resource;
}

/**
 * Definitions are parsed on first use and shared: nobody may change them. Those of R4 and of built packages
 * come without narrative, prose of elements and differential; `original` has all that was published.
 */
export interface Definitions {
  /** Increases with every change; compiled artefacts are keyed by it. */
  readonly generation: number;
  /** By canonical, with or without `|version`; without, the newest version. A `#fragment` is ignored. */
  structure(canonical: string): StructureDefinition | undefined;
  /** The base definition of an R4 type, such as `Patient` or `HumanName`. */
  structureOfType(type: string): StructureDefinition | undefined;
  valueSet(canonical: string): ValueSet | undefined;
  codeSystem(canonical: string): CodeSystem | undefined;
  /** Any other conformance resource (or one of the above) by its canonical. */
  resource(canonical: string): Resource | undefined;
  /** The resource as published or written, with narrative and documentation: slower, for people. */
  original(canonical: string): Resource | undefined;
  sourceOf(canonical: string): DefinitionSource | undefined;
  /** What is known without parsing; `type` narrows when a canonical is used by several resource types. */
  entry(canonical: string, type?: string): DefinitionEntry | undefined;
  /** Every entry of a resource type, older versions included, in order of loading. */
  entries(type: string): readonly DefinitionEntry[];
  /** The 146 concrete resource types of R4, in alphabetical order. */
  readonly resourceTypes: readonly string[];
  isResourceType(type: string): boolean;
  /** All parameters whose base is the type, or Resource or DomainResource. */
  searchParameters(type: string): readonly SearchParameter[];
  readonly compartments: readonly CompartmentDefinition[];
  readonly operations: readonly OperationDefinition[];
  /** The packages that the definitions come from, in order of loading, R4 first. */
  readonly packages: readonly DefinitionSource[];
  /** Every definition of a type, such as all `StructureDefinition`s, older versions included. */
  all(type: string): Iterable<Resource>;
}
