/**
 * What the rest of the server sees of FHIRPath: expressions compiled once to functions over plain JSON.
 * https://hl7.org/fhirpath/N1/, https://hl7.org/fhir/R4/fhirpath.html
 */
import type { TypeModel } from '../definitions/type-model.ts';
import type { Resource } from '../fhir/types.ts';

/** Everything outside the node that an expression may look at. */
export interface EvaluationContext {
  /** Compiled expressions fill in their own; code that is generated ahead of time needs it given. */
  readonly model?: TypeModel;
  /** `%resource`: the resource that directly holds the node. */
  readonly resource: Resource;
  /** `%rootResource`: the container when `resource` is contained. */
  readonly rootResource: Resource;
  /** `resolve()`: contained, same Bundle, or a stub of the type in the reference. */
  resolve?(reference: string): Resource | undefined;
  /** `memberOf()`; undefined when the value set cannot be decided. */
  memberOf?(valueSet: string, system: string | undefined, code: string): boolean | undefined;
  /** `conformsTo()`. */
  conformsTo?(node: unknown, profile: string): boolean | undefined;
  /** `subsumes()`: whether `code` is an ancestor of `other` in the system; undefined when unknown. */
  subsumes?(system: string, code: string, other: string): boolean | undefined;
  /** `htmlChecks()` on the XHTML of a narrative. */
  checkHtml?(xhtml: string): boolean | undefined;
  /** `now()` and `today()`, ms since the epoch. */
  readonly now: number;
  /** Minutes east of UTC of the place whose today `today()` is; 0 when absent. */
  readonly offsetMinutes?: number;
}

/** What the runtime gets. */
export type RuntimeContext = EvaluationContext & { readonly model: TypeModel };

/** A node with its FHIR type: what extraction for search needs to know of each hit. */
export interface TypedNode {
  readonly value: unknown;
  /** `Quantity`, `dateTime`, `CodeableConcept`; a backbone or `unknown` when it cannot be told. */
  readonly type: string;
  /** The `_x` twin of a primitive. */
  readonly extra?: unknown;
}

/** Receives each result of an expression. */
export type Visit = (value: unknown, type: string, extra: unknown) => void;

export interface CompiledExpression {
  readonly expression: string;
  /**
   * All results, in order, with types. `extra` is the twin when the node itself is a primitive.
   * @throws FhirPathError when the data does not fit (more than one value where one is allowed) or a bound
   * is reached
   */
  evaluate(node: unknown, context: EvaluationContext, extra?: unknown): readonly TypedNode[];
  /** The same without making objects; members of a union that are equal may come more than once. */
  each(node: unknown, context: EvaluationContext, visit: Visit, extra?: unknown): void;
  /** As an invariant: true, false, or undefined for an empty result. @throws as `evaluate` */
  test(node: unknown, context: EvaluationContext, extra?: unknown): boolean | undefined;
  /** Steps that no type has, such as a misspelt element: they give nothing, which the author should know. */
  readonly notes: readonly string[];
}
