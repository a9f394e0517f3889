/** The browsable guide of the IOM package, which the server offers at /guide. */
import { join } from 'node:path';
import { writeGuide } from '../guide/guide.ts';
import { loadSite } from '../guide/load-site.ts';
import type { Step } from './step.ts';

export const guide: Step = {
  name: 'guide',
  inputs: ['build/iom/iom.mhd.tgz', 'scripts/build/guide.ts', 'scripts/guide', 'src/definitions/tar.ts'],
  outputs: ['index.html', 'guide.css', 'iom.mhd.tgz'],
  async run({ root, out, report }) {
    report('writing the guide');
    const file = join(root, 'build', 'iom', 'iom.mhd.tgz');
    writeGuide(loadSite(file), file, out);
  },
};
