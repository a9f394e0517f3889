/**
 * Builds the compact R4 core from HL7's own package of R4 resources, which holds every conformance resource
 * of the specification beside the examples.
 * https://hl7.org/fhir/R4/downloads.html
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARCHIVE_FILES, writeArchive } from '../../src/definitions/archive.ts';
import type { Resource } from '../../src/fhir/types.ts';
import type { Step } from './step.ts';

const PACKAGE = 'node_modules/hl7.fhir.r4.examples';
const SOURCE = { packageId: 'hl7.fhir.r4.core', packageVersion: '4.0.1' };

const TYPES = [
  'StructureDefinition',
  'CodeSystem',
  'ValueSet',
  'SearchParameter',
  'OperationDefinition',
  'CompartmentDefinition',
  'ConceptMap',
];
/** Conformance resources of the package that illustrate the specification without being part of it. */
const EXAMPLES =
  /^(CompartmentDefinition-example|OperationDefinition-example|StructureDefinition-example-.*|SearchParameter-(example.*|filter|.*-extensions-.*|(observation|diagnosticreport)-genetic-.*))$/;

const NOTICE = `The definitions in this folder are HL7 FHIR R4 (4.0.1), (c) HL7 International, published under the
Creative Commons "No Rights Reserved" licence (CC0 1.0). FHIR is a registered trademark of HL7.
Code systems of other owners keep their own terms: see "copyright" in the resources of originals.bin.
`;

export const r4Core: Step = {
  name: 'r4-core',
  inputs: [
    `${PACKAGE}/package.json`,
    'scripts/build/r4-core.ts',
    'src/definitions/archive.ts',
    'src/definitions/compact.ts',
    'src/definitions/entry.ts',
  ],
  outputs: [...ARCHIVE_FILES, 'NOTICE'],
  async run({ root, out, report }) {
    const folder = join(root, PACKAGE);
    report('reading R4 definitions');
    const resources = readCore(folder);
    report(`writing ${resources.length} definitions`);
    writeArchive(out, SOURCE, resources);
    writeFileSync(join(out, 'NOTICE'), NOTICE);
  },
};

/** In a fixed order: by type as above, then by canonical. @throws on two resources with one canonical. */
function readCore(folder: string): readonly Resource[] {
  const files = readdirSync(folder).filter(
    (file) => TYPES.includes(file.split('-', 1)[0] as string) && !EXAMPLES.test(file.replace(/\.json$/, '')),
  );
  const byCanonical = new Map<string, Resource>();
  for (const file of files) {
    const resource = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Resource;
    const key = `${TYPES.indexOf(resource.resourceType)} ${resource.url}`;
    if (byCanonical.has(key)) throw new Error(`${file}: ${resource.url} is defined twice`);
    byCanonical.set(key, resource);
  }
  return [...byCanonical].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => resource);
}
