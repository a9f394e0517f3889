/**
 * Issues as an OperationOutcome.
 * https://hl7.org/fhir/R4/operationoutcome.html
 */
import { CANONICAL_BASE } from './canonical.ts';
import { type Issue, issue } from './issues.ts';
import type { Resource } from './types.ts';

const KEY_SYSTEM = `${CANONICAL_BASE}/CodeSystem/passerelle-issue`;
const CONSTRAINT_SYSTEM = `${CANONICAL_BASE}/CodeSystem/constraint-key`;
const SOURCE_EXTENSION = `${CANONICAL_BASE}/StructureDefinition/issue-source`;
const LINE_EXTENSION = 'http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line';
const COLUMN_EXTENSION = 'http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col';

export function toOperationOutcome(issues: readonly Issue[]): Resource {
  const shown = issues.length > 0 ? issues : [issue('valid', 'No issues: the resource is valid.')];
  return { resourceType: 'OperationOutcome', issue: shown.map(toIssueElement) };
}

function toIssueElement(one: Issue): Record<string, unknown> {
  const coding: Record<string, string>[] = [{ system: KEY_SYSTEM, code: one.key }];
  if (one.constraint !== undefined) coding.push({ system: CONSTRAINT_SYSTEM, code: one.constraint });
  const element: Record<string, unknown> = {};
  const extension: Record<string, unknown>[] = [];
  if (one.source !== undefined) extension.push({ url: SOURCE_EXTENSION, valueCanonical: one.source });
  if (one.line !== undefined) extension.push({ url: LINE_EXTENSION, valueInteger: one.line });
  if (one.column !== undefined) extension.push({ url: COLUMN_EXTENSION, valueInteger: one.column });
  if (extension.length > 0) element.extension = extension;
  element.severity = one.severity;
  element.code = one.code;
  element.details = { coding, text: one.text };
  if (one.expression !== undefined) element.expression = [one.expression];
  return element;
}
