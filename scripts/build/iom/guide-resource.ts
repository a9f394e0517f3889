/**
 * The ImplementationGuide resource: what the package holds, made from what was compiled, so that it cannot
 * leave anything out.
 * https://hl7.org/fhir/R4/implementationguide.html
 */
import { CANONICAL_BASE, PACKAGE_DATE, PACKAGE_ID, PACKAGE_VERSION } from '../../../src/fhir/canonical.ts';
import type { Examples } from './examples.ts';
import type { FhirJson } from './sushi.ts';

/** Groups of the guide, in the order in which a reader meets them. */
const GROUPS: readonly { readonly id: string; readonly name: string; readonly types: readonly string[] }[] = [
  { id: 'profiles', name: 'Profiles', types: ['StructureDefinition'] },
  { id: 'extensions', name: 'Extensions', types: [] },
  { id: 'codes', name: 'Code systems', types: ['CodeSystem'] },
  { id: 'values', name: 'Value sets', types: ['ValueSet'] },
  { id: 'maps', name: 'Concept maps', types: ['ConceptMap'] },
  { id: 'systems', name: 'Identifier systems', types: ['NamingSystem'] },
  { id: 'behaviour', name: 'Search, operations, capabilities', types: [] },
  { id: 'examples', name: 'Examples', types: [] },
];

export function makeImplementationGuide(definitions: readonly FhirJson[], examples: Examples): FhirJson {
  const listed = [
    ...definitions.map(describeDefinition),
    ...[...examples.good].map(([name, resource]) => describeExample(name, resource)),
    ...[...examples.scenarios].map(([name, resource]) => describeExample(name, resource)),
  ];
  const used = new Set(listed.map((one) => one.groupingId));
  return {
    resourceType: 'ImplementationGuide',
    id: PACKAGE_ID,
    url: `${CANONICAL_BASE}/ImplementationGuide/${PACKAGE_ID}`,
    version: PACKAGE_VERSION,
    name: 'IomMigrationHealth',
    title: 'IOM Migration Health',
    status: 'draft',
    date: PACKAGE_DATE,
    description:
      'Profiles, codes and rules for the health records of migrants: assessment before departure, tuberculosis, HIV, malaria, immunization, fitness to travel, referral, medical evacuation, consent.',
    packageId: PACKAGE_ID,
    license: 'Apache-2.0',
    fhirVersion: ['4.0.1'],
    definition: {
      grouping: GROUPS.filter((group) => used.has(group.id)).map(({ id, name }) => ({ id, name })),
      resource: listed,
    },
  };
}

interface ListedResource {
  readonly reference: { readonly reference: string };
  readonly name: string;
  readonly description?: string;
  readonly exampleBoolean?: boolean;
  readonly exampleCanonical?: string;
  readonly groupingId: string;
}

function describeDefinition(definition: FhirJson): ListedResource {
  const { resourceType, id, name, title, description, type } = definition;
  return {
    reference: { reference: `${resourceType}/${id}` },
    name: String(title ?? name),
    description: String(description),
    exampleBoolean: false,
    groupingId:
      type === 'Extension'
        ? 'extensions'
        : (GROUPS.find((group) => group.types.includes(resourceType))?.id ?? 'behaviour'),
  };
}

function describeExample(name: string, resource: FhirJson): ListedResource {
  const [profile] = (resource.meta as { profile?: string[] } | undefined)?.profile ?? [];
  return {
    reference: { reference: `${resource.resourceType}/${resource.id}` },
    name,
    ...(profile === undefined ? { exampleBoolean: true } : { exampleCanonical: profile }),
    groupingId: 'examples',
  };
}
