/**
 * Fixed values (equal in every part) and patterns (at least these parts).
 * https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_
 */

export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, i) => isEqual(item, b[i]));
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => isEqual((a as Json)[key], (b as Json)[key]));
}

/** Every part of the pattern is in the value; each member of an array is matched by some member. */
export function matchesPattern(value: unknown, pattern: unknown): boolean {
  if (typeof pattern !== 'object' || pattern === null) return value === pattern;
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(pattern)) {
    if (!Array.isArray(value)) return false;
    return pattern.every((part) => value.some((item) => matchesPattern(item, part)));
  }
  if (Array.isArray(value)) return false;
  return Object.keys(pattern).every((key) => matchesPattern((value as Json)[key], (pattern as Json)[key]));
}

type Json = Record<string, unknown>;
