/**
 * Checks the IOM package as the server checks any package, and lays it down as an archive that opens at start
 * without unpacking.
 */
import { join } from 'node:path';
import { ARCHIVE_FILES, writeArchive } from '../../src/definitions/archive.ts';
import type { Step } from './step.ts';

export const iomArchive: Step = {
  name: 'iom-archive',
  inputs: [
    'build/iom/iom.mhd.tgz',
    'build/r4-core/definitions.jsonl',
    'scripts/build/iom-archive.ts',
    'src/definitions',
    'src/fhir/issues.ts',
  ],
  outputs: ARCHIVE_FILES,
  /** @throws with every issue of the package: its own build may have no warning either. */
  async run({ root, out, report }) {
    // loaded only when there is something to do: to find that out should cost next to nothing
    const { loadPackage } = await import('../../src/definitions/load-package.ts');
    const { readPackage } = await import('../../src/definitions/package.ts');
    const { loadCoreDefinitions } = await import('../../src/definitions/registry.ts');
    report('checking the package');
    const fhirPackage = await readPackage(join(root, 'build', 'iom', 'iom.mhd.tgz'));
    const core = loadCoreDefinitions(join(root, 'build', 'r4-core'));
    const { definitions, issues } = loadPackage(core, fhirPackage);
    if (issues.length > 0) {
      throw new Error(
        `the IOM package: ${issues.length} faults\n${issues.map((one) => one.text).join('\n')}`,
      );
    }
    const source = { packageId: fhirPackage.id, packageVersion: fhirPackage.version };
    const types = [...new Set(fhirPackage.files.map(({ resource }) => resource.resourceType))];
    const entries = types
      .flatMap((type) => definitions.entries(type))
      .filter((one) => one.source.packageId === fhirPackage.id);
    report(`writing ${entries.length} definitions`);
    writeArchive(
      out,
      source,
      entries.map((one) => one.loadOriginal()),
    );
  },
};
