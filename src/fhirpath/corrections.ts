/**
 * Invariants that R4 published with faults, and what replaces them. Rows go by the exact text, so that a
 * profile which repeats the key with another text is left alone. Replacements are the texts of R4B
 * and R5 where these mend the fault, otherwise what the invariant's own sentence says.
 * https://hl7.org/fhir/R4B/, https://hl7.org/fhir/R5/
 */

export interface Correction {
  /** Key of the invariant; `*-0` for the names of conformance resources. */
  readonly key: string;
  readonly published: string;
  readonly corrected: string;
  readonly reason: string;
}

const CONDITION_STATUS = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';
const CONDITION_CATEGORY = 'http://terminology.hl7.org/CodeSystem/condition-category';

export const CORRECTIONS: readonly Correction[] = [
  {
    key: '*-0',
    published: "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')",
    corrected: "name.exists() implies name.matches('^[A-Z]([A-Za-z0-9_]){0,254}$')",
    reason: 'R4B: a resource without a name has no bad name; and the whole name is meant',
  },
  {
    key: 'eld-19',
    published:
      "path.matches('[^\\\\s\\\\.,:;\\\\\\'\"\\\\/|?!@#$%&*()\\\\[\\\\]{}]{1,64}(\\\\.[^\\\\s\\\\.,:;\\\\\\'\"\\\\/|?!@#$%&*()\\\\[\\\\]{}]{1,64}(\\\\[x\\\\])?(\\\\:[^\\\\s\\\\.]+)?)*')",
    corrected:
      "path.matches('^[^\\\\s\\\\.,:;\\\\\\'\"\\\\/|?!@#$%&*()\\\\[\\\\]{}]{1,64}(\\\\.[^\\\\s\\\\.,:;\\\\\\'\"\\\\/|?!@#$%&*()\\\\[\\\\]{}]{1,64}(\\\\[x\\\\])?(\\\\:[^\\\\s\\\\.]+)?)*$')",
    reason: 'R4B: the whole path is meant',
  },
  {
    key: 'eld-20',
    published: "path.matches('[A-Za-z][A-Za-z0-9]*(\\\\.[a-z][A-Za-z0-9]*(\\\\[x])?)*')",
    corrected: "path.matches('^[A-Za-z][A-Za-z0-9]*(\\\\.[a-z][A-Za-z0-9]*(\\\\[x])?)*$')",
    reason: 'R4B: the whole path is meant',
  },
  {
    key: 'que-7',
    published: "operator = 'exists' implies (answer is Boolean)",
    corrected: "operator = 'exists' implies (answer is boolean)",
    reason: "R4B: the answer is an element of FHIR's type boolean, not of System.Boolean",
  },
  {
    key: 'que-12',
    published: 'enableWhen.count() > 2 implies enableBehavior.exists()',
    corrected: 'enableWhen.count() > 1 implies enableBehavior.exists()',
    reason: 'R4B: the sentence says "more than one enableWhen"',
  },
  {
    key: 'ras-2',
    published: 'probability is decimal implies (probability as decimal) <= 100',
    corrected: 'probability.empty() or ((probability is decimal) implies ((probability as decimal) <= 100))',
    reason: 'R5: without a probability the result was empty',
  },
  {
    key: 'ref-1',
    published:
      "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))",
    corrected:
      "reference.exists() implies (reference.startsWith('#').not() or (reference.substring(1) in %rootResource.contained.id) or (reference = '#' and %rootResource != %resource))",
    reason: 'R5: a Reference without a reference was neither true nor false, and # is the container',
  },
  {
    key: 'bdl-8',
    published: "fullUrl.contains('/_history/').not()",
    corrected: "fullUrl.exists() implies fullUrl.contains('/_history/').not()",
    reason: 'R4B: without a fullUrl the result was empty',
  },
  {
    key: 'tim-9',
    published: "offset.empty() or (when.exists() and ((when in ('C' | 'CM' | 'CD' | 'CV')).not()))",
    corrected:
      "offset.empty() or (when.exists() and when.select($this in ('C' | 'CM' | 'CD' | 'CV')).allFalse())",
    reason: 'R5: `in` takes one item on its left, and when repeats',
  },
  {
    key: 'app-4',
    published:
      "Appointment.cancelationReason.exists() implies (Appointment.status='no-show' or Appointment.status='cancelled')",
    corrected:
      "Appointment.cancelationReason.exists() implies (Appointment.status='noshow' or Appointment.status='cancelled')",
    reason: 'R5: the code is noshow',
  },
  {
    key: 'con-3',
    published: `clinicalStatus.exists() or verificationStatus.coding.where(system='${CONDITION_STATUS}' and code = 'entered-in-error').exists() or category.select($this='problem-list-item').empty()`,
    corrected: `clinicalStatus.exists() or verificationStatus.coding.where(system='${CONDITION_STATUS}' and code = 'entered-in-error').exists() or category.coding.where(system='${CONDITION_CATEGORY}' and code='problem-list-item').empty()`,
    reason: 'R4B: a CodeableConcept is never equal to a string',
  },
  {
    key: 'per-1',
    published: 'start.hasValue().not() or end.hasValue().not() or (start <= end)',
    corrected: 'start.hasValue().not() or end.hasValue().not() or iif(start > end, false, true)',
    reason:
      'values of different precision compare to nothing, yet 2012 to 2012-05 is a period (R5 says so with boundaries)',
  },
  {
    key: 'rng-2',
    published: 'low.empty() or high.empty() or (low <= high)',
    corrected: 'low.value.empty() or high.value.empty() or low.comparable(high).not() or (low <= high)',
    reason: 'R5: units that do not convert compare to nothing',
  },
  {
    key: 'vs-1',
    published: '($this as dateTime).toString().length() >= 8',
    corrected: '($this is dateTime and $this.hasValue()) implies $this.toString().length() >= 8',
    reason:
      'a Period is allowed; the sentence says "if Observation.effective[x] is dateTime and has a value"',
  },
];

const BY_TEXT: ReadonlyMap<string, string> = new Map(
  CORRECTIONS.map(({ published, corrected }) => [published, corrected]),
);

/** The text to evaluate for an invariant: the corrected one when R4's is at fault. */
export function correctedExpression(expression: string): string {
  return BY_TEXT.get(expression) ?? expression;
}
