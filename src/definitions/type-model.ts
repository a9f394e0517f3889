/**
 * R4's types as a graph: what the FHIRPath compiler, the XML mapping and the search extractors need to know
 * of an element without walking a StructureDefinition.
 * https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/R4/formats.html#choice
 */

/** One JSON property that an element can appear as: a choice element has one per type. */
export interface JsonProperty {
  /** `birthDate`, `valueQuantity`. */
  readonly json: string;
  /** Type name in the model: `date`, `Quantity`, or a backbone such as `Patient.contact`. */
  readonly type: string;
}

export interface ElementModel {
  /** Name in FHIRPath: `value` for `value[x]`. */
  readonly name: string;
  /** Path in the definition: `Observation.value[x]`. */
  readonly path: string;
  readonly properties: readonly JsonProperty[];
  readonly isChoice: boolean;
  /** From base.max: decides between array and single value in JSON. */
  readonly isArray: boolean;
  readonly min: number;
  /** Number.POSITIVE_INFINITY for `*`. */
  readonly max: number;
  /** Part of the summary. https://hl7.org/fhir/R4/search.html#summary */
  readonly isSummary: boolean;
  readonly isModifier: boolean;
  /** XML attribute (`id`, `url` of an extension) instead of an element. */
  readonly isXmlAttribute: boolean;
  /** Allowed target types of references; empty for any. */
  readonly targets: readonly string[];
}

export interface TypeNode {
  readonly name: string;
  readonly kind: 'primitive' | 'datatype' | 'backbone' | 'resource';
  /** Parent type: `Element`, `BackboneElement`, `DomainResource`, `Quantity` for `Age`. */
  readonly base?: string;
  readonly isAbstract: boolean;
  /** All elements, inherited ones included, in definition order, by FHIRPath name. */
  readonly elements: ReadonlyMap<string, ElementModel>;
  /** The same by JSON property name (without the `_` twins of primitives). */
  readonly byProperty: ReadonlyMap<string, { readonly element: ElementModel; readonly type: string }>;
}

export interface TypeModel {
  type(name: string): TypeNode | undefined;
  /** True when `name` is `ancestor` or derived from it. */
  isA(name: string, ancestor: string): boolean;
  readonly resourceTypes: readonly string[];
}
