/** What `npm run build` has laid down: R4 and the IOM package, opened without unpacking. */
import { join } from 'node:path';
import { openArchive } from './archive.ts';
import type { Definitions } from './definitions.ts';
import { createDefinitions } from './registry.ts';

const BUILD_FOLDER = join(import.meta.dirname, '..', '..', 'build');

/** @throws when the archives have not been built */
export function loadBuiltDefinitions(folder: string = BUILD_FOLDER): Definitions {
  return createDefinitions([
    ...openArchive(join(folder, 'r4-core')),
    ...openArchive(join(folder, 'iom-archive')),
  ]);
}
