/**
 * What the rest of the server sees of FHIRPath: expressions compiled once to functions over plain JSON.
 * https://hl7.org/fhirpath/N1/, https://hl7.org/fhir/R4/fhirpath.html
 */
import type { Resource } from '../fhir/types.ts';

/** Everything outside the node that an expression may look at. */
export interface EvaluationContext {
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
  /** `now()` and `today()`, ms since the epoch. */
  readonly now: number;
}

/** A node with its FHIR type: what extraction for search needs to know of each hit. */
export interface TypedNode {
  readonly value: unknown;
  /** `Quantity`, `dateTime`, `CodeableConcept`; a backbone or `unknown` when it cannot be told. */
  readonly type: string;
  /** The `_x` twin of a primitive. */
  readonly extra?: unknown;
}

export interface CompiledExpression {
  readonly expression: string;
  /** All results, in order, with types. @throws on a type error in the data (singleton expected). */
  evaluate(node: unknown, context: EvaluationContext): readonly TypedNode[];
  /** As an invariant: true, false, or undefined for an empty result. */
  test(node: unknown, context: EvaluationContext): boolean | undefined;
  /** True when the compiler did not know something and the general engine is used instead. */
  readonly interpreted: boolean;
}
