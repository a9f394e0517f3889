/**
 * What people read for a code: the display of its system, a designation in their language, or the name that the
 * runtime knows for countries, currencies and languages.
 * https://hl7.org/fhir/R4/codesystem.html#designations
 */
import type { Concept, Designation } from './code-system.ts';

/** The name in the language asked for, else the usual display; undefined when there is none. */
export function displayOf(
  system: string,
  concept: Pick<Concept, 'code' | 'display' | 'designations'>,
  language?: string,
): string | undefined {
  const designation = language === undefined ? undefined : findDesignation(concept.designations, language);
  return designation?.value ?? concept.display ?? nameOf(system, concept.code, language);
}

/** `es` finds `es-419` and the other way round; the exact language comes first. */
export function findDesignation(
  designations: readonly Designation[],
  language: string,
): Designation | undefined {
  const wanted = language.toLowerCase();
  const primary = wanted.split('-', 1)[0];
  return (
    designations.find((one) => one.language?.toLowerCase() === wanted) ??
    designations.find((one) => one.language?.toLowerCase().split('-', 1)[0] === primary)
  );
}

const NAMES: Readonly<Record<string, Intl.DisplayNamesType>> = {
  'urn:iso:std:iso:3166': 'region',
  'urn:iso:std:iso:4217': 'currency',
  'urn:ietf:bcp:47': 'language',
};

/** Countries by their two letters only: the runtime knows no others. */
export function nameOf(system: string, code: string, language = 'en'): string | undefined {
  const type = NAMES[system];
  if (type === undefined || (type === 'region' && !/^[A-Z]{2}$/.test(code))) return undefined;
  try {
    return new Intl.DisplayNames([language, 'en'], { type, fallback: 'none' }).of(code);
  } catch {
    return undefined;
  }
}
