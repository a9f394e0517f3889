/**
 * A StructureDefinition as something to validate with: its snapshot can be made, its expressions compile, an
 * extension says where it belongs.
 * https://hl7.org/fhir/R4/structuredefinition.html
 */
import type { StructureDefinition } from '@medplum/fhirtypes';
import { isError } from '../fhir/issues.ts';
import type { Resource } from '../fhir/types.ts';
import type { Collector } from './collector.ts';
import { isObject, type Json } from './items.ts';
import type { Segment } from './path.ts';
import { show } from './suggestion.ts';

export function checkStructureDefinition(resource: Resource, c: Collector): void {
  const { type, derivation, baseDefinition } = resource;
  if (derivation === 'constraint' && typeof baseDefinition === 'string') {
    const base = c.env.typeOfProfile(baseDefinition);
    if (base !== undefined && typeof type === 'string' && base !== type) {
      const text = `A profile has the type of its base: ${show(baseDefinition)} is of type ${base}, not ${show(type)}.`;
      c.report('definition-rule', text, { at: 'type' });
    }
  }
  checkContexts(resource, c);
  checkElements(resource, c);
  checkSnapshot(resource, c);
}

/** Only profiles and extensions: R4's own types are not made from differentials here. */
function checkSnapshot(resource: Resource, c: Collector): void {
  const differential = resource.differential;
  if (resource.derivation !== 'constraint' || !isObject(differential) || c.errors > 0) return;
  const { issues, isBaseKnown } = c.env.trySnapshot(resource as unknown as StructureDefinition);
  if (!isBaseKnown) {
    const text = `The base ${show(resource.baseDefinition)} is not loaded, so the profile cannot be applied yet.`;
    c.report('profile-unknown', text, { at: 'baseDefinition' });
    return;
  }
  for (const one of issues.filter(isError).slice(0, 20)) {
    const at = one.expression?.replace(/^StructureDefinition\.?/, '');
    c.report('definition-rule', `No snapshot can be made: ${one.text}`, { subject: `${at} ${one.text}` });
  }
}

function checkContexts(resource: Resource, c: Collector): void {
  const isExtension = resource.type === 'Extension' && resource.derivation === 'constraint';
  if (!isExtension) return;
  const contexts = Array.isArray(resource.context) ? resource.context : [];
  if (contexts.length === 0) {
    c.report('definition-rule', 'An extension says in context where it may be used.', {
      severity: 'warning',
      subject: 'context',
    });
  }
  contexts.forEach((context, i) => {
    if (!isObject(context) || typeof context.expression !== 'string') return;
    if (context.type === 'element') checkElementContext(context.expression, i, c);
    if (context.type !== 'fhirpath') return;
    const fault = c.env.expressionFault(context.expression, 'Element');
    if (fault !== undefined) reportFault(fault, ['context', i, 'expression'], c);
  });
}

function checkElementContext(expression: string, i: number, c: Collector): void {
  const root = expression.split('.', 1)[0] as string;
  if (expression.includes('/') || expression.includes('#') || c.env.isTypeName(root)) return;
  const text = `${show(expression)} is no element of R4.`;
  c.report('definition-rule', text, { at: ['context', i, 'expression'] });
}

function checkElements(resource: Resource, c: Collector): void {
  for (const view of ['differential', 'snapshot'] as const) {
    const holder = resource[view];
    const elements = isObject(holder) && Array.isArray(holder.element) ? holder.element : [];
    const ids = new Set<string>();
    elements.forEach((element, i) => {
      if (!isObject(element)) return;
      const at: Segment[] = [view, 'element', i];
      checkPath(element, resource, at, c);
      if (typeof element.id === 'string' && element.id !== '') {
        if (ids.has(element.id)) {
          c.report('definition-rule', `The element id ${show(element.id)} occurs twice.`, {
            at,
            subject: 'id',
          });
        }
        ids.add(element.id);
      }
      if (view === 'differential' || resource.derivation === 'constraint') checkConstraints(element, at, c);
    });
  }
}

function checkPath(element: Json, resource: Resource, at: readonly Segment[], c: Collector): void {
  const { path } = element;
  if (typeof path !== 'string' || typeof resource.type !== 'string' || resource.kind === 'logical') return;
  const root = resource.type;
  if (path !== root && !path.startsWith(`${root}.`)) {
    c.report('definition-rule', `The path ${show(path)} must begin with ${root}.`, { at, subject: 'path' });
  }
}

function checkConstraints(element: Json, at: readonly Segment[], c: Collector): void {
  if (!Array.isArray(element.constraint)) return;
  element.constraint.forEach((constraint, i) => {
    if (!isObject(constraint) || typeof constraint.expression !== 'string') return;
    if (typeof constraint.source === 'string' && constraint.source.startsWith('http://hl7.org/fhir/Str'))
      return;
    const fault = c.env.expressionFault(constraint.expression, 'Element');
    if (fault !== undefined) reportFault(fault, [...at, 'constraint', i, 'expression'], c);
  });
}

function reportFault(fault: string, at: readonly Segment[], c: Collector): void {
  c.report('definition-rule', `The FHIRPath cannot be used: ${fault}.`, { at });
}
