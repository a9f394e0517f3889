/**
 * Names of own codes in further languages, from a table that a translator can edit without knowing FSH:
 * `system code en fr es ar`, separated by tabs; `en` repeats the display so that a drift is noticed.
 * https://hl7.org/fhir/R4/codesystem-definitions.html#CodeSystem.concept.designation
 */
import { readFileSync } from 'node:fs';
import type { FhirJson } from './sushi.ts';

interface Concept {
  readonly code: string;
  readonly display?: string;
  designation?: { language: string; value: string }[];
}

/** Adds the designations to complete code systems. @throws when a name is missing, or names no concept. */
export function translate(definitions: readonly FhirJson[], path: string): void {
  const [head = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const languages = head.split('\t').slice(3);
  const rows = new Map(lines.map((line) => [line.split('\t').slice(0, 2).join(' '), line.split('\t')]));
  for (const { resourceType, id, content, concept } of definitions) {
    if (resourceType !== 'CodeSystem' || content !== 'complete') continue;
    for (const one of concept as Concept[]) {
      const [, , display, ...names] = rows.get(`${id} ${one.code}`) ?? [];
      if (display !== one.display || names.length !== languages.length || names.includes('')) {
        throw new Error(`${path}: ${id} ${one.code} (${one.display}) has no full row`);
      }
      one.designation = languages.map((language, at) => ({ language, value: names[at] ?? '' }));
      rows.delete(`${id} ${one.code}`);
    }
  }
  if (rows.size > 0) throw new Error(`${path}: no such code: ${[...rows.keys()].join(', ')}`);
}
