/**
 * Invariants: what is said when one does not hold, and when one cannot be evaluated. An empty result counts
 * as not holding: rules that mean "absent is fine" have to say so.
 * https://hl7.org/fhir/R4/conformance-rules.html#constraints
 */
import { FhirPathError } from '../fhirpath/failure.ts';
import type { Collector } from './collector.ts';
import type { ConstraintSchema } from './element-schema.ts';
import type { ConstraintRow } from './emitter.ts';
import type { Segment } from './path.ts';

export type Predicate = (node: unknown, c: Collector, twin?: unknown) => boolean | undefined;

/** For the table of constraints that generated code addresses by number. */
export function createConstraintRules(rows: readonly ConstraintRow[]) {
  const row = (id: number): ConstraintRow => rows[id] as ConstraintRow;

  function failed(id: number, c: Collector): void {
    reportFailed(row(id), [], c);
  }

  /** One of these threw: each is tried on its own, so that the others still count. */
  function unevaluated(constraints: readonly [number, Predicate][], node: unknown, c: Collector): void {
    for (const [id, predicate] of constraints) holdTo(row(id), predicate, node, undefined, [], c);
  }

  /** A constraint of an element rather than of its type. */
  function invariantAt(id: number, predicate: Predicate, at: Segment, value: unknown, c: Collector): void {
    const values = Array.isArray(value) ? value : [value];
    for (let i = 0; i < values.length; i++) {
      const place = Array.isArray(value) ? [at, i] : [at];
      holdTo(row(id), predicate, values[i], undefined, place, c);
    }
  }

  return { failed, unevaluated, invariantAt };
}

/** What comes of data that an expression does not fit, or of expressions that go too deep. */
export function isEvaluationFault(error: unknown): error is Error {
  return error instanceof FhirPathError || error instanceof RangeError || error instanceof TypeError;
}

/** Evaluates one constraint and reports what comes of it. */
export function holdTo(
  constraint: ConstraintSchema,
  predicate: Predicate,
  node: unknown,
  twin: unknown,
  at: readonly Segment[],
  c: Collector,
): void {
  if (node === null || (c.errorsOnly && constraint.severity === 'warning')) return;
  try {
    if (predicate(node, c, twin) !== true) reportFailed(constraint, at, c);
  } catch (error) {
    if (!isEvaluationFault(error)) throw error;
    // compiled expressions rely on the shape of the data: where that is wrong, it has been said already
    if (error instanceof TypeError && c.errors > 0) return;
    const text = `The rule ${constraint.key} could not be evaluated: ${error.message.slice(0, 200)}.`;
    const { key, source } = constraint;
    c.report('invariant-unevaluated', text, { at, constraint: key, source, subject: key });
  }
}

function reportFailed(constraint: ConstraintSchema, at: readonly Segment[], c: Collector): void {
  const { key, severity, source, human } = constraint;
  c.report('invariant-failed', `${human.replace(/[.\s]+$/, '')}. (${key})`, {
    at,
    constraint: key,
    severity: severity === 'error' ? 'error' : constraint.isBestPractice === true ? 'information' : 'warning',
    source,
    subject: key,
  });
}
