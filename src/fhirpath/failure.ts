/** What evaluation can fail with: a type error of the data, or a bound. */

/** Thrown by compiled expressions: the data does not fit the expression, or it costs too much. */
export class FhirPathError extends Error {
  readonly kind: 'data' | 'too-costly';
  constructor(message: string, kind: 'data' | 'too-costly' = 'data') {
    super(message);
    this.name = 'FhirPathError';
    this.kind = kind;
  }
}

/** Steps of loops whose length the resource alone does not bound, per evaluation. */
export const STEPS_MAX = 1_000_000;

/** Comparisons while one collection is made free of duplicates. */
export const COMPARISONS_MAX = 2_000_000;

/** Nesting of values that are compared. */
export const COMPARED_DEPTH_MAX = 500;

/** Characters of a text that an expression makes. */
export const TEXT_MAX = 1_048_576;

export function tooCostly(): never {
  throw new FhirPathError(`more than ${STEPS_MAX} steps`, 'too-costly');
}

export function notSingle(what = 'an operator or function'): never {
  throw new FhirPathError(`${what} got more than one value where one is allowed`);
}

export function checkCount(count: unknown): void {
  if (typeof count !== 'number' || !Number.isInteger(count)) {
    throw new FhirPathError('a count is not a whole number');
  }
}
