/**
 * The ways in which a search fails: every message names the parameter and says how to mend it.
 * https://hl7.org/fhir/R4/search.html#errors
 */
import { type FhirError, fail } from '../fhir/issues.ts';
import { showText } from '../fhir/shown-value.ts';

/** A parameter that is not known here. Strict handling refuses it, lenient handling ignores it with a remark. */
export class UnsupportedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnsupportedError';
  }
}

/** A parameter without a value, which is no error: R4 has it ignored. https://hl7.org/fhir/R4/search.html#errors */
export class EmptyError extends UnsupportedError {
  constructor(message: string) {
    super(message);
    this.name = 'EmptyError';
  }
}

export function badValue(name: string, text: string): FhirError {
  return fail('bad-parameter', `Parameter ${quote(name)}: ${text}`, { expression: `http.${name}` });
}

/** R4 wants these refused whatever the handling. https://hl7.org/fhir/R4/search.html#modifiers */
export function badModifier(name: string, modifier: string, allowed: readonly string[]): FhirError {
  const choice =
    allowed.length === 0 ? 'it takes no modifier' : `use ${allowed.map((one) => `:${one}`).join(', ')}`;
  return fail(
    'unsupported-modifier',
    `Parameter ${quote(name)}: modifier ${quote(`:${modifier}`)} does not apply; ${choice}.`,
    {
      expression: `http.${name}`,
    },
  );
}

export function tooCostly(name: string, text: string): FhirError {
  return fail('too-costly', `Parameter ${quote(name)}: ${text}`, { expression: `http.${name}` });
}

const QUOTED_MAX = 64;

/** Names and values in messages are cut, so that an answer cannot be blown up by a request. */
export function quote(text: string): string {
  return showText(text, QUOTED_MAX);
}
