/** `passerelle validate FILE...`: resources in files, checked as the server would. */
import { readFileSync } from 'node:fs';

import type { Definitions } from '../definitions/definitions.ts';

import { FhirError, type Issue, isError } from '../fhir/issues.ts';
import { parseJson } from '../fhir/json.ts';
import type { Resource } from '../fhir/types.ts';
import { createGenerations } from '../interactions/generations.ts';

const DEPTH_MAX = 100;

/** Prints an issue per line; gives the exit code: 0 without errors, 1 with, 2 when nothing was checked. */
export async function validateFiles(
  files: readonly string[],
  definitions: Definitions,
  print: (line: string) => void,
): Promise<number> {
  if (files.length === 0) {
    print('Name the JSON files to check: passerelle validate patient.json');
    return 2;
  }
  const extraction = { base: '', timeZone: 'UTC', fullText: false };
  const { validator } = createGenerations(definitions, extraction).current();
  let errors = 0;
  for (const file of files) {
    const issues = checkFile(file, (resource, text) => validator.validate(resource, { text }));
    const wrong = issues.filter(isError).length;
    errors += wrong;
    print(`${file}: ${wrong === 0 ? 'valid' : `${wrong} errors`}`);
    for (const one of issues) {
      print(`  ${one.severity} ${one.expression ?? ''} ${one.constraint ?? one.key}: ${one.text}`);
    }
  }
  return errors === 0 ? 0 : 1;
}

function checkFile(
  file: string,
  validate: (resource: Resource, text: string) => readonly Issue[],
): readonly Issue[] {
  try {
    const text = readFileSync(file, 'utf8');
    return validate(parseJson(text, { depthMax: DEPTH_MAX }) as Resource, text);
  } catch (error) {
    if (error instanceof FhirError) return error.issues;
    const { code } = error as NodeJS.ErrnoException;
    return [
      { key: 'empty-body', severity: 'error', code: 'not-found', text: `The file cannot be read (${code}).` },
    ];
  }
}
