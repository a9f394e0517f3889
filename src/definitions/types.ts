/**
 * The type model, read from StructureDefinitions: a type is built when it is first asked for.
 * https://hl7.org/fhir/R4/elementdefinition.html, https://hl7.org/fhir/R4/formats.html#choice
 */
import type { ElementDefinition, ElementDefinitionType, StructureDefinition } from '@medplum/fhirtypes';
import type { Definitions } from './definitions.ts';
import type { ElementModel, JsonProperty, TypeModel, TypeNode } from './type-model.ts';

const SYSTEM_TYPE = 'http://hl7.org/fhirpath/';
const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';

/** Of R4 itself: packages add profiles, never types, so one model serves every generation. */
export function createTypeModel(definitions: Definitions): TypeModel {
  const nodes = new Map<string, TypeNode | undefined>();
  const bases = new Map<string, string | undefined>();

  /** `Patient.contact` lives in the structure of `Patient`: all its backbones are built with it. */
  const type = (name: string): TypeNode | undefined => {
    if (!nodes.has(name)) {
      const root = name.split('.', 1)[0] as string;
      const structure = definitions.structureOfType(root);
      if (structure !== undefined && structure.derivation !== 'constraint') {
        for (const node of buildNodes(structure)) nodes.set(node.name, node);
      }
      if (!nodes.has(name)) nodes.set(name, undefined);
    }
    return nodes.get(name);
  };

  const baseOf = (name: string): string | undefined => {
    if (!bases.has(name)) bases.set(name, type(name)?.base);
    return bases.get(name);
  };

  return {
    type,
    isA(name, ancestor) {
      for (let one: string | undefined = name; one !== undefined; one = baseOf(one)) {
        if (one === ancestor) return true;
      }
      return false;
    },
    resourceTypes: definitions.resourceTypes,
  };
}

function buildNodes(structure: StructureDefinition): readonly TypeNode[] {
  const elements = structure.snapshot?.element ?? [];
  const children = new Map<string, ElementDefinition[]>();
  for (const element of elements) {
    const parent = element.path.slice(0, element.path.lastIndexOf('.'));
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [element]);
    else siblings.push(element);
  }
  return elements
    .filter((element) => !element.path.includes('.') || children.has(element.path))
    .map((element) => buildNode(structure, element, children));
}

function buildNode(
  structure: StructureDefinition,
  root: ElementDefinition,
  children: ReadonlyMap<string, readonly ElementDefinition[]>,
): TypeNode {
  const elements = new Map<string, ElementModel>();
  const byProperty = new Map<string, { element: ElementModel; type: string }>();
  for (const child of children.get(root.path) ?? []) {
    const element = buildElement(child, children.has(child.path));
    elements.set(element.name, element);
    for (const { json, type } of element.properties) byProperty.set(json, { element, type });
  }
  const isRoot = root.path === structure.type;
  const common = { name: root.path, elements, byProperty };
  if (!isRoot) return { ...common, kind: 'backbone', base: root.type?.[0]?.code, isAbstract: false };
  return {
    ...common,
    kind: kindOf(structure),
    base: structure.baseDefinition?.slice(structure.baseDefinition.lastIndexOf('/') + 1),
    isAbstract: structure.abstract === true,
  };
}

function kindOf(structure: StructureDefinition): TypeNode['kind'] {
  if (structure.kind === 'primitive-type') return 'primitive';
  return structure.kind === 'resource' ? 'resource' : 'datatype';
}

function buildElement(definition: ElementDefinition, isBackbone: boolean): ElementModel {
  const last = definition.path.slice(definition.path.lastIndexOf('.') + 1);
  const isChoice = last.endsWith('[x]');
  const name = isChoice ? last.slice(0, -3) : last;
  return {
    name,
    path: definition.path,
    properties: propertiesOf(definition, name, isChoice, isBackbone),
    isChoice,
    isArray: !['0', '1'].includes(definition.base?.max ?? definition.max ?? '1'),
    min: definition.min ?? 0,
    max: definition.max === '*' ? Number.POSITIVE_INFINITY : Number(definition.max ?? 1),
    isSummary: definition.isSummary === true,
    isModifier: definition.isModifier === true,
    isXmlAttribute: definition.representation?.includes('xmlAttr') ?? false,
    targets: targetsOf(definition.type ?? []),
  };
}

function propertiesOf(
  definition: ElementDefinition,
  name: string,
  isChoice: boolean,
  isBackbone: boolean,
): readonly JsonProperty[] {
  if (definition.contentReference !== undefined) {
    return [
      { json: name, type: definition.contentReference.slice(definition.contentReference.indexOf('#') + 1) },
    ];
  }
  if (isBackbone) return [{ json: name, type: definition.path }];
  const types = (definition.type ?? []).map((one) => typeNameOf(definition, one));
  if (!isChoice) return types.slice(0, 1).map((type) => ({ json: name, type }));
  return types.map((type) => ({ json: name + type.charAt(0).toUpperCase() + type.slice(1), type }));
}

/** R4 publishes `Resource.id` as a string, though its values are ids. */
function typeNameOf(definition: ElementDefinition, type: ElementDefinitionType): string {
  if (definition.base?.path === 'Resource.id') return 'id';
  if (!type.code?.startsWith(SYSTEM_TYPE)) return type.code ?? '';
  const named = type.extension?.find((one) => one.url === FHIR_TYPE);
  const isValue = definition.path.endsWith('.value') && definition.path.split('.').length === 2;
  if (!isValue) return named?.valueUrl ?? 'string';
  return `System.${type.code.slice(SYSTEM_TYPE.length + 'System.'.length)}`;
}

function targetsOf(types: readonly ElementDefinitionType[]): readonly string[] {
  const targets = new Set<string>();
  for (const { targetProfile } of types) {
    for (const profile of targetProfile ?? []) targets.add(profile.slice(profile.lastIndexOf('/') + 1));
  }
  return targets.has('Resource') ? [] : [...targets];
}
