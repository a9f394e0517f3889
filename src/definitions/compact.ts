/**
 * Leaves out of a definition what only people read: narrative, prose of elements, mappings, differential.
 * What validation, XML, search and FHIRPath need stays as it is.
 * https://hl7.org/fhir/R4/elementdefinition.html
 */
import type { Resource } from '../fhir/types.ts';

type Json = Record<string, unknown>;

const DROPPED_EVERYWHERE = [
  'text',
  'contact',
  'useContext',
  'jurisdiction',
  'purpose',
  'copyright',
  'publisher',
];
const DROPPED_BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  StructureDefinition: ['differential', 'mapping', 'keyword', 'identifier', 'description'],
  SearchParameter: ['xpath', 'description'],
  ValueSet: ['description', 'identifier'],
  CodeSystem: ['description', 'identifier'],
  CompartmentDefinition: [],
  OperationDefinition: [],
  ConceptMap: ['description', 'identifier'],
};
const DROPPED_OF_ELEMENT = [
  'definition',
  'comment',
  'requirements',
  'alias',
  'mapping',
  'example',
  'code',
  'isModifierReason',
  'label',
];
/** Extensions that change how a definition is applied; the others are editorial. */
const KEPT_EXTENSIONS = new Set([
  'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type',
  'http://hl7.org/fhir/StructureDefinition/regex',
  'http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice',
  'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet',
  'http://hl7.org/fhir/StructureDefinition/elementdefinition-minValueSet',
  'http://hl7.org/fhir/StructureDefinition/elementdefinition-profile-element',
  'http://hl7.org/fhir/StructureDefinition/minLength',
  'http://hl7.org/fhir/StructureDefinition/narrative-language-control',
  'http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.mustHaveValue',
  'http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.valueAlternatives',
  'http://hl7.org/fhir/StructureDefinition/structuredefinition-hierarchy',
  'http://hl7.org/fhir/StructureDefinition/codesystem-subsumes',
  'http://hl7.org/fhir/StructureDefinition/operationdefinition-allowed-type',
]);

/** A new object; the given one is not changed. Parts are shared between the two. */
export function compactDefinition(resource: Resource): Resource {
  const dropped = DROPPED_BY_TYPE[resource.resourceType];
  if (dropped === undefined) return resource;
  const result = without(resource, [...DROPPED_EVERYWHERE, ...dropped, 'extension']) as Resource;
  if (resource.meta !== undefined) delete result.meta;
  const extension = keptExtensions(resource.extension);
  if (extension !== undefined) result.extension = extension;
  switch (resource.resourceType) {
    case 'StructureDefinition':
      compactSnapshot(result);
      break;
    case 'CodeSystem':
      if (Array.isArray(resource.concept)) result.concept = resource.concept.map(compactConcept);
      break;
    case 'ValueSet':
      if (resource.compose !== undefined) delete result.expansion;
      break;
  }
  return result;
}

function compactSnapshot(structure: Resource): void {
  const snapshot = structure.snapshot as { element?: Json[] } | undefined;
  if (snapshot?.element === undefined) return;
  structure.snapshot = { element: snapshot.element.map(compactElement) };
}

function compactElement(element: Json): Json {
  const result = without(element, [...DROPPED_OF_ELEMENT, 'extension']);
  const extension = keptExtensions(element.extension);
  if (extension !== undefined) result.extension = extension;
  if (Array.isArray(element.constraint)) {
    result.constraint = element.constraint.map((one: Json) => withKeptExtensions(without(one, ['xpath'])));
  }
  if (element.binding !== undefined) {
    result.binding = withKeptExtensions(without(element.binding as Json, ['description']));
  }
  return result;
}

function compactConcept(concept: Json): Json {
  const result = without(concept, ['definition', 'extension', 'id']);
  if (Array.isArray(concept.concept)) result.concept = concept.concept.map(compactConcept);
  return result;
}

function withKeptExtensions(part: Json): Json {
  if (part.extension === undefined) return part;
  const extension = keptExtensions(part.extension);
  const result = without(part, ['extension']);
  if (extension !== undefined) result.extension = extension;
  return result;
}

function keptExtensions(extensions: unknown): Json[] | undefined {
  if (!Array.isArray(extensions)) return undefined;
  const kept = extensions.filter((one: Json) => KEPT_EXTENSIONS.has(String(one.url)));
  return kept.length > 0 ? kept : undefined;
}

function without(source: object, names: readonly string[]): Json {
  const result: Json = {};
  for (const [name, value] of Object.entries(source)) {
    const plain = name.startsWith('_') ? name.slice(1) : name;
    if (!names.includes(plain)) result[name] = value;
  }
  return result;
}
