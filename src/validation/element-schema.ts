/**
 * The base types of R4 as the generator of validators sees them: StructureDefinition snapshots read into
 * types with elements, choices expanded to JSON properties, backbones as types of their own.
 * https://hl7.org/fhir/R4/elementdefinition.html
 */
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import type { Definitions } from '../definitions/definitions.ts';
import { PRIMITIVES } from './primitives.ts';

export interface PropertySchema {
  /** `birthDate`, `valueQuantity`. */
  readonly json: string;
  /** Path segment of issues: `birthDate`, `value.ofType(Quantity)`. */
  readonly segment: string;
  /** `date`, `Quantity`, `Patient.contact`, or `Resource` for any resource. */
  readonly type: string;
  readonly kind: 'primitive' | 'complex' | 'resource';
  /** Types that a reference or canonical may point to; undefined for any. */
  readonly targets: readonly string[] | undefined;
  /** Profile of the datatype, such as SimpleQuantity. */
  readonly profile: string | undefined;
}

export interface BindingSchema {
  readonly strength: 'required' | 'extensible' | 'preferred' | 'example';
  readonly valueSet: string;
}

export interface ConstraintSchema {
  readonly key: string;
  readonly severity: 'error' | 'warning';
  readonly human: string;
  readonly expression: string;
  readonly source: string;
  /** A recommendation: https://hl7.org/fhir/R4/extension-elementdefinition-bestpractice.html */
  readonly isBestPractice?: boolean;
}

export interface ElementSchema {
  /** `value` for `value[x]`. */
  readonly name: string;
  readonly path: string;
  readonly properties: readonly PropertySchema[];
  readonly isChoice: boolean;
  readonly isArray: boolean;
  readonly min: number;
  readonly bindings: readonly BindingSchema[];
  /** Constraints of the element that its type does not carry itself. */
  readonly constraints: readonly ConstraintSchema[];
}

export interface TypeSchema {
  /** `Patient`, `HumanName`, `Patient.contact`. */
  readonly name: string;
  readonly kind: 'resource' | 'datatype' | 'backbone';
  readonly elements: readonly ElementSchema[];
  readonly constraints: readonly ConstraintSchema[];
}

export const FHIR_BASE = 'http://hl7.org/fhir/StructureDefinition/';
const SYSTEM_TYPE = 'http://hl7.org/fhirpath/System.';
const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';
const BEST_PRACTICE = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice';
const MAX_VALUE_SET = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet';

/** Every concrete resource and complex type, and their backbones, by name. */
export function readTypeSchemas(definitions: Definitions): Map<string, TypeSchema> {
  const types = new Map<string, TypeSchema>();
  for (const entry of definitions.entries('StructureDefinition')) {
    if (entry.derivation === 'constraint' || entry.url !== FHIR_BASE + entry.type) continue;
    if (entry.kind !== 'resource' && entry.kind !== 'complex-type') continue;
    if (entry.isAbstract === true && entry.type !== 'Element') continue;
    const structure = definitions.structureOfType(entry.type as string) as StructureDefinition;
    for (const [name, schema] of readStructureSchemas(structure)) types.set(name, schema);
  }
  return types;
}

/** A type and its backbones by name. */
export function readStructureSchemas(structure: StructureDefinition): Map<string, TypeSchema> {
  const types = new Map<string, TypeSchema>();
  const all = structure.snapshot?.element ?? [];
  const byParent = new Map<string, ElementDefinition[]>();
  for (const element of all) {
    const path = element.path as string;
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('.')));
    const siblings = byParent.get(parent);
    if (siblings === undefined) byParent.set(parent, [element]);
    else siblings.push(element);
  }
  for (const element of all) {
    const children = byParent.get(element.path as string);
    if (children === undefined) continue;
    const isRoot = element.path === structure.type;
    types.set(element.path as string, {
      name: element.path as string,
      kind: isRoot ? (structure.kind === 'resource' ? 'resource' : 'datatype') : 'backbone',
      elements: children.map((child) => readElement(child, structure, byParent)),
      constraints: readConstraints(element, structure.url as string),
    });
  }
  return types;
}

function readElement(
  element: ElementDefinition,
  structure: StructureDefinition,
  byParent: ReadonlyMap<string, unknown>,
): ElementSchema {
  const path = element.path as string;
  const isChoice = path.endsWith('[x]');
  const last = path.slice(path.lastIndexOf('.') + 1);
  const name = isChoice ? last.slice(0, -3) : last;
  const isBackbone = byParent.has(path) || element.contentReference !== undefined;
  const constraints = readConstraints(element, structure.url as string);
  return {
    name,
    path,
    properties: readProperties(element, name, isChoice, structure, isBackbone),
    isChoice,
    isArray: (element.base?.max ?? element.max) !== '1',
    min: element.min ?? 0,
    bindings: readBindings(element),
    // a backbone carries its own; a contentReference adds those of its place
    constraints: byParent.has(path) ? [] : constraints.filter((one) => one.key !== 'ext-1'),
  };
}

function readProperties(
  element: ElementDefinition,
  name: string,
  isChoice: boolean,
  structure: StructureDefinition,
  isBackbone: boolean,
): PropertySchema[] {
  const path = element.path as string;
  const plain = { json: name, segment: name, targets: undefined, profile: undefined };
  if (isBackbone) {
    const type = element.contentReference?.slice(element.contentReference.indexOf('#') + 1) ?? path;
    return [{ ...plain, type, kind: 'complex' }];
  }
  const properties = new Map<string, PropertySchema>();
  for (const type of element.type ?? []) {
    const code = typeCode(type, element, structure);
    const isResource = code === 'Resource' || code === 'DomainResource';
    const targets = POINTERS.has(code) ? targetTypes(type.targetProfile) : undefined;
    properties.set(code, {
      json: isChoice ? name + code.charAt(0).toUpperCase() + code.slice(1) : name,
      segment: isChoice ? `${name}.ofType(${code})` : name,
      type: isResource ? 'Resource' : code,
      kind: isResource ? 'resource' : Object.hasOwn(PRIMITIVES, code) ? 'primitive' : 'complex',
      targets,
      profile: type.profile?.[0],
    });
  }
  return [...properties.values()];
}

const POINTERS: ReadonlySet<string> = new Set(['Reference', 'canonical']);

/** `Resource.id` is published as a string but is an id; `Element.id` is a string without spaces. */
function typeCode(
  type: NonNullable<ElementDefinition['type']>[number],
  element: ElementDefinition,
  structure: StructureDefinition,
): string {
  const code = type.code as string;
  if (!code.startsWith(SYSTEM_TYPE)) return code;
  if (element.path?.endsWith('.id') === true) {
    return structure.kind === 'resource' && element.path === `${structure.type}.id` ? 'id' : 'elementId';
  }
  const fhirType = type.extension?.find((one) => one.url === FHIR_TYPE);
  return fhirType?.valueUrl ?? fhirType?.valueUri ?? 'string';
}

function targetTypes(profiles: readonly string[] | undefined): readonly string[] | undefined {
  if (profiles === undefined || profiles.length === 0) return undefined;
  const names = profiles.map((profile) => profile.slice(profile.lastIndexOf('/') + 1));
  return names.includes('Resource') ? undefined : names;
}

/** The binding, and its maximum when it is weaker. */
export function readBindings(element: ElementDefinition): BindingSchema[] {
  const binding = element.binding;
  if (binding === undefined) return [];
  const found: BindingSchema[] = [];
  if (binding.valueSet !== undefined && binding.strength !== undefined) {
    found.push({ strength: binding.strength, valueSet: binding.valueSet });
  }
  const max = binding.extension?.find((one) => one.url === MAX_VALUE_SET);
  const maxSet = max?.valueCanonical ?? max?.valueUri;
  if (maxSet !== undefined && binding.strength !== 'required') {
    found.push({ strength: 'required', valueSet: maxSet });
  }
  return [...found, ...additionalBindings(binding.extension ?? [])];
}

type BindingExtension = NonNullable<NonNullable<ElementDefinition['binding']>['extension']>[number];

/** R5's additional bindings, which R4 profiles may use as extensions; one for certain uses only is not told here. */
function additionalBindings(extensions: readonly BindingExtension[]): BindingSchema[] {
  return extensions.flatMap(({ url, extension: parts = [] }) => {
    if (url === undefined || !ADDITIONAL_BINDINGS.has(url)) return [];
    const part = (name: string): BindingExtension | undefined => parts.find((one) => one.url === name);
    const strength = STRENGTHS.get(part('purpose')?.valueCode ?? '');
    const valueSet = part('valueSet')?.valueCanonical;
    if (strength === undefined || valueSet === undefined || part('usage') !== undefined) return [];
    return [{ strength, valueSet }];
  });
}

const ADDITIONAL_BINDINGS: ReadonlySet<string> = new Set([
  'http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.binding.additional',
  'http://hl7.org/fhir/tools/StructureDefinition/additional-binding',
]);
const STRENGTHS: ReadonlyMap<string, BindingSchema['strength']> = new Map([
  ['required', 'required'],
  ['maximum', 'required'],
  ['current', 'required'],
  ['extensible', 'extensible'],
  ['preferred', 'preferred'],
]);

/** Without ele-1, which is part of the structure. */
export function readConstraints(element: ElementDefinition, source: string): ConstraintSchema[] {
  const found: ConstraintSchema[] = [];
  for (const one of element.constraint ?? []) {
    if (one.key === undefined || one.key === 'ele-1' || one.expression === undefined) continue;
    found.push({
      key: one.key,
      severity: one.severity === 'warning' ? 'warning' : 'error',
      human: one.human ?? one.key,
      expression: one.expression,
      source: one.source ?? source,
      ...(one.extension?.some((e) => e.url === BEST_PRACTICE) === true ? { isBestPractice: true } : {}),
    });
  }
  return found;
}
