/**
 * What a constraint may not do to the element that it constrains: allow more than its base.
 * https://hl7.org/fhir/R4/profiling.html#limitations
 */
import type { ElementDefinition } from '@medplum/fhirtypes';

/** Whether a type is another one, or derived from it. */
export type IsSubtype = (code: string, ancestor: string) => boolean;

export interface Widening {
  /** In words that follow the id of the element. */
  readonly text: string;
  /** The narrower cardinality of the base can be kept; the other contradictions make a profile useless. */
  readonly isRepaired: boolean;
}

/** What is wrong with the constraint; undefined when it may be so. */
export function findWidening(
  base: ElementDefinition,
  differential: ElementDefinition,
  isSubtype: IsSubtype,
): Widening | undefined {
  const { min = base.min ?? 0, max = base.max ?? '*' } = differential;
  const broken = (text: string): Widening => ({ text, isRepaired: false });
  const repaired = (text: string): Widening => ({ text, isRepaired: true });
  if (!/^(\*|\d{1,9})$/.test(String(max))) return broken(`has the maximum ${max}, neither a number nor *`);
  if (!Number.isInteger(min) || min < 0) return broken(`has the minimum ${min}, which is not a count`);
  const foreign = findForeignType(base, differential, isSubtype);
  if (foreign !== undefined) return broken(foreign);
  if (base.sliceName === undefined && min < (base.min ?? 0)) {
    return repaired(`may be absent, but its base requires it ${base.min} times`);
  }
  if (upper(max) > upper(base.max)) {
    return repaired(`may occur ${max} times, but in its base only ${base.max}`);
  }
  if (min > upper(max)) return broken(`must occur at least ${min} times but at most ${max}`);
  return undefined;
}

/** The differential with the cardinality of its base where it would allow more. */
export function keepNarrower(base: ElementDefinition, differential: ElementDefinition): ElementDefinition {
  const { min, max, ...rest } = differential;
  return {
    ...rest,
    ...(min !== undefined && { min: Math.max(min, base.min ?? 0) }),
    ...(max !== undefined && { max: upper(max) > upper(base.max) ? base.max : max }),
  } as ElementDefinition;
}

function findForeignType(
  base: ElementDefinition,
  differential: ElementDefinition,
  isSubtype: IsSubtype,
): string | undefined {
  const allowed = (base.type ?? []).map((one) => one.code ?? '');
  if (allowed.length === 0 || allowed.some((code) => code.startsWith('http://hl7.org/fhirpath/')))
    return undefined;
  for (const { code = '' } of differential.type ?? []) {
    if (allowed.some((one) => isSubtype(code, one))) continue;
    return `has the type ${code}, but in its base only ${allowed.join(', ')}`;
  }
  return undefined;
}

function upper(max: string | undefined): number {
  return max === undefined || max === '*' ? Number.POSITIVE_INFINITY : Number(max);
}
