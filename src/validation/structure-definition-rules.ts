/**
 * A StructureDefinition as something to validate with: its snapshot can be made, its expressions compile, an
 * extension says where it belongs.
 * https://hl7.org/fhir/R4/structuredefinition.html
 */
import type { StructureDefinition } from '@medplum/fhirtypes';
import { isError } from '../fhir/issues.ts';
import type { Resource } from '../fhir/types.ts';
import type { Collector } from './collector.ts';
import { checkHeader, checkKeys, checkLimits, checkSlicingOpened, elementsOf } from './constraint-limits.ts';
import { isObject, type Json } from './items.ts';
import type { Segment } from './path.ts';
import { reportNotes } from './search-rules.ts';
import { list, show } from './suggestion.ts';

export function checkStructureDefinition(resource: Resource, c: Collector): void {
  const { type, derivation, baseDefinition } = resource;
  if (derivation === 'constraint' && typeof baseDefinition === 'string') {
    const base = c.env.typeOfProfile(baseDefinition);
    if (base !== undefined && typeof type === 'string' && base !== type) {
      const text = `A profile has the type of its base: ${show(baseDefinition)} is of type ${base}, not ${show(type)}.`;
      c.report('definition-rule', text, { at: 'type' });
    }
  }
  const base = c.strict && typeof baseDefinition === 'string' ? c.env.resource(baseDefinition) : undefined;
  if (c.strict) {
    checkLogicalType(resource, c);
    checkHeader(resource, base, c);
  }
  checkContexts(resource, c);
  checkElements(resource, elementsOf(base), c);
  checkSnapshot(resource, c);
}

/** A name without namespace is one of FHIR's own; R4's own examples of logical models are careless. */
function checkLogicalType({ kind, derivation, type, url }: Resource, c: Collector): void {
  if (kind !== 'logical' || derivation !== 'specialization' || typeof type !== 'string') return;
  if (type.includes(':') || c.env.isTypeName(type) || url === CORE + type) return;
  const text = `The type of a logical model is an absolute URI; ${show(type)} would be a type of FHIR, and is none.`;
  c.report('definition-rule', text, { at: 'type' });
}

const CORE = 'http://hl7.org/fhir/StructureDefinition/';

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
  // without any snapshot the profile would be stored and never applied
  const key = isObject(resource.snapshot) ? 'definition-rule' : 'definition-broken';
  for (const one of issues.filter(isError).slice(0, 20)) {
    const at = one.expression?.replace(/^StructureDefinition\.?/, '');
    c.report(key, `No snapshot can be made: ${one.text}`, { subject: `${at} ${one.text}` });
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

type BaseElements = ReturnType<typeof elementsOf>;

function checkElements(resource: Resource, base: BaseElements, c: Collector): void {
  for (const view of ['differential', 'snapshot'] as const) {
    const holder = resource[view];
    const elements = isObject(holder) && Array.isArray(holder.element) ? holder.element : [];
    const ids = new Set<string>();
    if (c.strict && view === 'differential') checkSlicingOpened(elements, view, base, c);
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
      if (view === 'differential') checkDifferential(element, base, at, c);
    });
  }
}

function checkPath(element: Json, resource: Resource, at: readonly Segment[], c: Collector): void {
  const { path } = element;
  if (typeof path !== 'string' || typeof resource.type !== 'string') return;
  const isLogical = resource.kind === 'logical';
  if (isLogical && !c.strict) return;
  const root = isLogical ? resource.type.slice(resource.type.lastIndexOf('/') + 1) : resource.type;
  if (path !== root && !path.startsWith(`${root}.`)) {
    c.report('definition-rule', `The path ${show(path)} must begin with ${root}.`, { at, subject: 'path' });
  }
}

/** What only the author can mend: the snapshot repeats it. */
function checkDifferential(element: Json, base: BaseElements, at: readonly Segment[], c: Collector): void {
  const types = typesAt(String(element.path), element, c);
  if (c.strict) {
    checkLimits(element, base.get(String(element.path)), types, at, c);
    checkKeys(element, base, at, c);
  }
  checkTypeProfiles(element, at, c);
  checkDiscriminators(element, types, at, c);
  const type = types?.length === 1 ? (types[0] as string) : 'Element';
  if (type === 'Element' || !Array.isArray(element.constraint)) return;
  element.constraint.forEach((constraint, i) => {
    if (!isObject(constraint) || typeof constraint.expression !== 'string') return;
    reportNotes(constraint.expression, type, [...at, 'constraint', i, 'expression'], c);
  });
}

/** A profile of a type is a profile of that very type. */
function checkTypeProfiles(element: Json, at: readonly Segment[], c: Collector): void {
  const types = Array.isArray(element.type) ? element.type : [];
  types.forEach((type, i) => {
    if (!isObject(type) || typeof type.code !== 'string' || !Array.isArray(type.profile)) return;
    const { code } = type;
    type.profile.forEach((profile, j) => {
      const found = typeof profile === 'string' ? c.env.typeOfProfile(profile) : undefined;
      if (found === undefined || found === code || !c.env.isTypeName(found)) return;
      if (c.env.isResourceType(found) && c.env.isA(found, code)) return;
      const text = `${show(profile)} is a profile of ${found}, not of ${code}.`;
      c.report('definition-rule', text, { at: [...at, 'type', i, 'profile', j] });
    });
  });
}

const PLAIN_STEP = /^([a-z][A-Za-z0-9]*)(?:$|[.[])/;

/** A discriminator looks at an element that the sliced type has. */
function checkDiscriminators(
  element: Json,
  types: readonly string[] | undefined,
  at: readonly Segment[],
  c: Collector,
): void {
  const slicing = isObject(element.slicing) ? element.slicing : undefined;
  if (!Array.isArray(slicing?.discriminator) || types === undefined) return;
  slicing.discriminator.forEach((one, i) => {
    const step = isObject(one) && typeof one.path === 'string' ? PLAIN_STEP.exec(one.path)?.[1] : undefined;
    if (step === undefined || FUNCTIONS.has(step)) return;
    if (types.some((type) => c.env.model.type(type) === undefined || hasElement(type, step, c))) return;
    const text = `${list(types)} has no element ${show(step)} to tell slices apart by.`;
    c.report('definition-rule', text, { at: [...at, 'slicing', 'discriminator', i, 'path'] });
  });
}

const FUNCTIONS: ReadonlySet<string> = new Set(['resolve', 'extension', 'ofType', 'as']);

function hasElement(type: string, name: string, c: Collector): boolean {
  const node = c.env.model.type(type);
  return node?.elements.has(name) === true || node?.byProperty.has(name) === true;
}

/** The types of the element at a path, as the differential or R4 says; undefined where that cannot be told. */
function typesAt(path: string, element: Json, c: Collector): readonly string[] | undefined {
  const [root, ...steps] = path.split('.') as [string, ...string[]];
  if (c.env.model.type(root) === undefined) return undefined;
  let types: readonly string[] = [root];
  for (const step of steps) {
    if (types.length !== 1) return undefined;
    const node = c.env.model.type(types[0] as string);
    const name = step.replace('[x]', '');
    const own = node?.elements.get(name)?.properties.map((property) => property.type);
    const variant = node?.byProperty.get(name)?.type;
    types = own ?? (variant === undefined ? [] : [variant]);
    if (types.length === 0) return undefined;
  }
  const said = Array.isArray(element.type) ? element.type.filter(isObject) : [];
  const codes = said.flatMap(({ code }) => (typeof code === 'string' && types.includes(code) ? [code] : []));
  return codes.length > 0 ? codes : types;
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
