/**
 * Builds what the server loads at start: the compact R4 core and the packages made from it. Each step is
 * skipped when its inputs have not changed; `--force` builds all.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { guide } from './guide.ts';
import { iomArchive } from './iom-archive.ts';
import { iomPackage } from './iom-package.ts';
import { iomRules } from './iom-rules.ts';
import { r4Core } from './r4-core.ts';
import { runStep, type Step } from './step.ts';
import { validators } from './validators.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** In order: a step may read the outputs of those before it. */
const STEPS: readonly Step[] = [r4Core, validators, iomPackage, iomArchive, iomRules, guide];

if (process.argv.includes('--force')) rmSync(join(ROOT, 'build'), { recursive: true, force: true });
for (const step of STEPS) {
  const { status, durationMs } = await runStep(step, ROOT, (line) => console.log(line));
  if (status === 'built') console.log(`build ${step.name}: done in ${(durationMs / 1000).toFixed(1)} s`);
}
