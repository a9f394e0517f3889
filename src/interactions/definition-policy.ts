/**
 * What keeps a definition out. A profile that somebody works on often lacks its name or an element id, and can
 * be put into force all the same; refusing it would leave resources unchecked. So what makes a definition
 * unreadable is an error, what it lacks as a publication is a warning. $validate says both in full.
 * https://hl7.org/fhir/R4/structuredefinition.html
 */
import type { Issue, IssueKey } from '../fhir/issues.ts';

/** Definitions and what is made with them: forms, libraries, measures. */
const TYPES: ReadonlySet<string> = new Set([
  'CodeSystem',
  'ConceptMap',
  'Library',
  'Measure',
  'OperationDefinition',
  'Questionnaire',
  'SearchParameter',
  'StructureDefinition',
  'ValueSet',
]);

/** Elements without which a definition cannot be used at all. */
const NEEDED: ReadonlySet<string> = new Set([
  'StructureDefinition.url',
  'StructureDefinition.type',
  'StructureDefinition.kind',
  'SearchParameter.url',
  'SearchParameter.code',
  'SearchParameter.base',
  'SearchParameter.type',
  'CodeSystem.content',
]);

const ELEMENT_PATH = /(element(\[\d+\])?|ElementDefinition)\.path$/;

const NEEDED_TO_SEARCH: ReadonlySet<string | undefined> = new Set([
  'SearchParameter.expression',
  'SearchParameter.code',
]);

const SHORTCOMINGS: ReadonlySet<IssueKey> = new Set<IssueKey>([
  'definition-rule',
  'extension-context',
  'extension-unknown',
  'invalid-primitive',
  'invariant-failed',
  'min-cardinality',
  'questionnaire-rule',
]);

export function relaxForDefinition(
  type: string,
  issues: readonly Issue[],
  isStrict: boolean,
): readonly Issue[] {
  if (isStrict || !TYPES.has(type)) return issues;
  return issues.map((one) => (isShortcoming(type, one) ? { ...one, severity: 'warning' } : one));
}

function isShortcoming(type: string, { key, severity, text, expression }: Issue): boolean {
  if (severity !== 'error' || !SHORTCOMINGS.has(key)) return false;
  // a search parameter that cannot be evaluated or named would be stored, and find nothing
  if (type === 'SearchParameter' && key === 'definition-rule' && NEEDED_TO_SEARCH.has(expression))
    return false;
  // the expression of a missing element is its parent; the sentence begins with its own path
  const missing = text.split(' ', 1)[0] as string;
  return key !== 'min-cardinality' || !(NEEDED.has(missing) || ELEMENT_PATH.test(missing));
}
