/**
 * Search parameters, and the parameters that a CapabilityStatement states: expressions that compile, and
 * agreement with the definition that they come from.
 * https://hl7.org/fhir/R4/searchparameter.html, https://hl7.org/fhir/R4/capabilitystatement.html
 */
import type { Resource } from '../fhir/types.ts';
import type { Collector } from './collector.ts';
import { isObject } from './items.ts';
import type { Segment } from './path.ts';
import { list, show } from './suggestion.ts';

export function checkSearchParameter(parameter: Resource, c: Collector): void {
  checkDerivation(parameter, c);
  const parts = Array.isArray(parameter.component) ? parameter.component.length : 0;
  if (c.strict && parameter.type === 'composite' && parts < 2) {
    const text = `A composite parameter has two components at least, found ${parts}.`;
    c.report('definition-rule', text, { subject: 'component' });
  }
  const { expression, type, code } = parameter;
  if (typeof code === 'string' && /[.:]/.test(code)) {
    const text = `Nobody can search by ${show(code)}: a dot in a name begins a chain, a colon a modifier.`;
    c.report('definition-rule', text, { at: 'code' });
  }
  if (typeof expression === 'string') checkExpression(expression, basesOf(parameter), c);
  else if (type !== 'special' && type !== 'composite' && code !== '_text' && code !== '_content') {
    const text = 'Without an expression the parameter finds nothing.';
    c.report('definition-rule', text, { severity: 'warning', subject: 'expression' });
  }
}

function checkExpression(expression: string, bases: readonly string[], c: Collector): void {
  const type = bases.length === 1 ? (bases[0] as string) : 'Resource';
  const fault = c.env.expressionFault(expression, type);
  if (fault !== undefined) {
    c.report('definition-rule', `The FHIRPath cannot be used: ${fault}.`, { at: 'expression' });
    return;
  }
  reportNotes(expression, type, ['expression'], c, c.strict && bases.length === 1 ? 'error' : 'warning');
}

/** Steps that lead nowhere, such as misspelt elements: the expression is legal, and never finds anything there. */
export function reportNotes(
  expression: string,
  type: string,
  at: readonly Segment[],
  c: Collector,
  severity: 'error' | 'warning' = 'warning',
): void {
  if (c.errorsOnly && severity === 'warning') return;
  for (const note of c.env.expressionNotes(expression, type)) {
    const text = `The FHIRPath has a step that finds nothing: ${note}.`;
    c.report('definition-rule', text, { at, severity, subject: note });
  }
}

/** A parameter derived from another one searches the same, for the same types or fewer. */
function checkDerivation(parameter: Resource, c: Collector): void {
  const origin =
    typeof parameter.derivedFrom === 'string' ? c.env.resource(parameter.derivedFrom) : undefined;
  if (origin?.resourceType !== 'SearchParameter') return;
  if (parameter.type !== origin.type) {
    const text = `The parameter is derived from one of type ${origin.type}, so its type cannot be ${show(parameter.type)}.`;
    c.report('definition-rule', text, { at: 'type', subject: 'derivedFrom' });
  }
  const allowed = basesOf(origin);
  if (allowed.includes('Resource') || allowed.includes('DomainResource')) return;
  basesOf(parameter).forEach((base, i) => {
    if (allowed.includes(base)) return;
    const text = `The parameter is derived from one for ${list(allowed)}, so it cannot be for ${show(base)}.`;
    c.report('definition-rule', text, { at: ['base', i] });
  });
}

function basesOf(parameter: Resource): string[] {
  return Array.isArray(parameter.base) ? parameter.base.filter((one) => typeof one === 'string') : [];
}

/** Where the statement names a definition, it agrees with it; a few of R4's own examples do not. */
export function checkCapabilityStatement(statement: Resource, c: Collector): void {
  // only a warning then, and R4's own statement names fourteen hundred definitions
  if (c.errorsOnly && !c.strict) return;
  arrayOf(statement.rest).forEach((rest, i) => {
    checkStated(rest.searchParam, ['rest', i], c);
    arrayOf(rest.resource).forEach((resource, j) => {
      checkStated(resource.searchParam, ['rest', i, 'resource', j], c);
    });
  });
}

function checkStated(stated: unknown, at: readonly Segment[], c: Collector): void {
  arrayOf(stated).forEach((one, i) => {
    const definition = typeof one.definition === 'string' ? c.env.resource(one.definition) : undefined;
    if (definition?.resourceType !== 'SearchParameter' || definition.type === one.type) return;
    const text = `The definition of ${show(one.name)} says that it is of type ${definition.type}, not ${show(one.type)}.`;
    const severity = c.strict ? 'error' : 'warning';
    c.report('definition-rule', text, { at: [...at, 'searchParam', i, 'type'], severity });
  });
}

function arrayOf(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter((one) => isObject(one)) : [];
}
