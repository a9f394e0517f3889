/**
 * The codes with which the server explains a failure in OperationOutcome.issue.details, made from the table of
 * issues and from the rules of the profiles, so that an integrator can look each of them up.
 * https://hl7.org/fhir/R4/operationoutcome-definitions.html#OperationOutcome.issue.details
 */
import { CANONICAL_BASE } from '../../../src/fhir/canonical.ts';
import { ISSUES } from '../../../src/fhir/issues.ts';
import type { FhirJson } from './sushi.ts';

/** Rules that one resource cannot decide: the server looks at others too. */
const SERVER_RULES: Readonly<Record<string, string>> = {
  'S-1': 'An MHD number is unique; a case number is unique among the cases of a site.',
  'S-2': 'The case number of a patient stands on a case of which the patient is a member.',
  'S-3': 'An evacuation rests on a fitness decision of the same patient, not older than 72 hours.',
  'S-4': 'A TB classification rests on observations of the same patient and agrees with them.',
  'S-5': 'HIV assays, DNA samples and referrals across a border have an active consent of the patient.',
  'S-6': 'No live vaccine within 28 days before departure, no test of TB infection within 28 days after one.',
  'S-7': 'No fitness decision "fit" while a movement hold is active.',
  'S-8':
    'Somebody else consents for a child or for a person without capacity; consent is asked again at majority.',
  'S-9': 'The phases of an evacuation follow the allowed graph, each with its Provenance.',
  'S-10': 'References stay within a site unless a referral or consent links two sites.',
  'S-11': 'What is under a legal hold, or entered in error, is not deleted for good.',
  'S-12': 'The same dose of the same vaccine on the same day is recorded once.',
};

interface Constraint {
  readonly key: string;
  readonly human: string;
}

/** Code systems of issue keys and of rule keys. */
export function makeServerCodes(definitions: readonly FhirJson[]): readonly FhirJson[] {
  return [
    codeSystem(
      'passerelle-issue',
      'PasserelleIssue',
      'Issue key',
      'What the server found wrong with a request or a resource. Each key goes with one HTTP status.',
      'complete',
      Object.entries(ISSUES).map(([code, { meaning }]) => ({ code, display: code, definition: meaning })),
    ),
    codeSystem(
      'constraint-key',
      'ConstraintKey',
      'Rule key',
      "Keys of the rules of this guide, and of the rules that the server checks across resources. R4's own keys, such as dom-3, appear under this system too: hence a fragment.",
      'fragment',
      [...rulesOf(definitions), ...Object.entries(SERVER_RULES)].map(([code, definition]) => ({
        code,
        display: code,
        definition,
      })),
    ),
  ];
}

function rulesOf(definitions: readonly FhirJson[]): readonly (readonly [string, string])[] {
  const rules = new Map<string, string>();
  for (const { resourceType, differential } of definitions) {
    if (resourceType !== 'StructureDefinition') continue;
    const { element } = differential as { element: { constraint?: Constraint[] }[] };
    for (const { constraint = [] } of element) for (const { key, human } of constraint) rules.set(key, human);
  }
  return [...rules].sort(([a], [b]) => (a < b ? -1 : 1));
}

function codeSystem(
  id: string,
  name: string,
  title: string,
  description: string,
  content: 'complete' | 'fragment',
  concept: readonly { code: string; display: string; definition: string }[],
): FhirJson {
  return {
    resourceType: 'CodeSystem',
    id,
    language: 'en',
    url: `${CANONICAL_BASE}/CodeSystem/${id}`,
    name,
    title,
    description,
    caseSensitive: true,
    content,
    count: concept.length,
    concept,
  };
}
