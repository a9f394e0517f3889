/**
 * Periods to the letter of R4, for `$validate`: a start and an end of different precision that agree as far as
 * both go cannot be compared, so that per-1 of R4 does not hold. R4B mended the rule, and a write follows R4B.
 * https://hl7.org/fhir/R4/datatypes.html#Period
 */
import type { Collector } from './collector.ts';
import { show } from './suggestion.ts';

export function comparable(start: unknown, end: unknown, c: Collector): void {
  if (typeof start !== 'string' || typeof end !== 'string' || start.length === end.length) return;
  const [short, long] = start.length < end.length ? [start, end] : [end, start];
  if (short.length > DAY_CHARS || !long.startsWith(short)) return;
  const text = `The start ${show(start)} and the end ${show(end)} differ in precision, so nobody can tell which comes first: write both alike.`;
  const source = 'http://hl7.org/fhir/StructureDefinition/Period';
  c.report('invariant-failed', text, { constraint: 'per-1', source });
}

const DAY_CHARS = 10;
