/**
 * Invariants that R4 published wrong, with what they were meant to say. Keyed by the exact text, so that a
 * corrected definition is used as it is.
 * https://hl7.org/fhir/R4/conformance-rules.html#constraints
 */

const ERRATA: ReadonlyMap<string, string> = new Map([
  // bdl-8: as R4B; entries without full URL are allowed
  ["fullUrl.contains('/_history/').not()", "fullUrl.exists() implies fullUrl.contains('/_history/').not()"],
  // que-7: FHIR's boolean is meant, as in R4B
  ["operator = 'exists' implies (answer is Boolean)", "operator = 'exists' implies (answer is boolean)"],
  // que-12: "more than one", as its text says
  [
    'enableWhen.count() > 2 implies enableBehavior.exists()',
    'enableWhen.count() > 1 implies enableBehavior.exists()',
  ],
  // ras-2: no probability is no fault
  [
    'probability is decimal implies (probability as decimal) <= 100',
    'probability.empty() or ((probability is decimal) implies ((probability as decimal) <= 100))',
  ],
  // the names of conformance resources: the whole name is meant, and no name is no fault
  [
    "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')",
    "name.exists() implies name.matches('^[A-Z]([A-Za-z0-9_]){0,254}$')",
  ],
  // eld-19 and eld-20: the whole path is meant
  [
    String.raw`path.matches('[^\\s\\.,:;\\\'"\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\.[^\\s\\.,:;\\\'"\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\[x\\])?(\\:[^\\s\\.]+)?)*')`,
    String.raw`path.matches('^[^\\s\\.,:;\\\'"\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\.[^\\s\\.,:;\\\'"\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\[x\\])?(\\:[^\\s\\.]+)?)*$')`,
  ],
  [
    String.raw`path.matches('[A-Za-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*(\\[x])?)*')`,
    String.raw`path.matches('^[A-Za-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*(\\[x])?)*$')`,
  ],
  // vs-1: about dateTime with a value only, as its text says
  [
    '($this as dateTime).toString().length() >= 8',
    '($this is dateTime and $this.hasValue()) implies $this.toString().length() >= 8',
  ],
]);

export function correctedExpression(expression: string): string {
  return ERRATA.get(expression) ?? expression;
}
