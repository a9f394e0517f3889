/** npm run guide: writes the browsable guide of the IOM package to build/guide, or to the folder given. */
import { join, resolve } from 'node:path';
import { writeGuide } from './guide.ts';
import { loadSite } from './load-site.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const HELP = `Usage: npm run guide [-- FOLDER]

Writes the guide of the IOM package (profiles, codes, rules, examples) as plain files, to build/guide unless a
folder is given. Open index.html, or start the server and go to /guide.`;

if (process.argv.includes('--help')) {
  process.stdout.write(`${HELP}\n`);
} else {
  const out = resolve(process.argv[2] ?? join(ROOT, 'build', 'guide'));
  const file = join(ROOT, 'build', 'iom', 'iom.mhd.tgz');
  const pages = writeGuide(loadSite(file), file, out);
  process.stdout.write(`${pages} pages: ${join(out, 'index.html')}\n`);
}
