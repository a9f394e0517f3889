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

/**
 * A test whether every part of the pattern is in a value; each member of an array is matched by some member.
 * The pattern is taken apart once.
 */
export function compilePattern(pattern: unknown): (value: unknown) => boolean {
  if (typeof pattern !== 'object' || pattern === null) return (value) => value === pattern;
  if (Array.isArray(pattern)) {
    const parts = pattern.map(compilePattern);
    return (value) => Array.isArray(value) && hasAll(value, parts);
  }
  const keys = Object.keys(pattern);
  const parts = keys.map((key) => compilePattern((pattern as Json)[key]));
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    for (let i = 0; i < keys.length; i++) {
      if (!parts[i]?.((value as Json)[keys[i] as string])) return false;
    }
    return true;
  };
}

function hasAll(items: readonly unknown[], parts: readonly ((value: unknown) => boolean)[]): boolean {
  for (const part of parts) {
    let isThere = false;
    for (let i = 0; i < items.length && !isThere; i++) isThere = part(items[i]);
    if (!isThere) return false;
  }
  return true;
}

type Json = Record<string, unknown>;
